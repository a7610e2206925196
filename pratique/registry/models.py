"""The registry's tables: units, rooms, staff, devices, vehicles, persons, risk areas, divisions.

Nothing here opens anybody's identity: a person's row has keyed indexes and the ids of the facts
whose sealed parts hold the record (`queries.identities` opens them).
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q


class Division(models.Model):
    """An administrative division; reference table, filled by migration, read only."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    parent = models.TextField(null=True)
    level = models.CharField(max_length=8)

    class Meta:
        indexes = [models.Index(fields=["parent"], name="registry_division_parent")]
        constraints = [
            models.CheckConstraint(
                name="registry_division_level",
                condition=Q(level__in=("province", "city", "county", "township", "village")),
            )
        ]


class Unit(models.Model):
    """A unit that may hold custody: post, site, crew, township, laboratory …"""

    code = models.TextField(primary_key=True)
    kind = models.TextField()
    name_zh = models.TextField()
    name_en = models.TextField()
    parent = models.TextField(null=True)
    division = models.TextField(null=True)
    capacity = models.BigIntegerField(null=True)
    plate = models.TextField(null=True)
    invented = models.BooleanField()
    attributes = models.JSONField()
    opened_by = models.UUIDField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_reason = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["kind", "code"], name="registry_unit_kind")]
        constraints = [
            models.CheckConstraint(
                name="registry_unit_capacity",
                condition=Q(capacity__isnull=True) | Q(capacity__gte=0),
            ),
        ]


class Room(models.Model):
    """A room of an isolation site."""

    pk = models.CompositePrimaryKey("site", "room")
    site = models.TextField()
    room = models.TextField()
    beds = models.BigIntegerField()
    floor = models.TextField(default="")
    features = ArrayField(models.TextField())
    opened_by = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="registry_room_beds", condition=Q(beds__gte=1))
        ]


class StaffManager(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(username=username)


class Staff(AbstractBaseUser):
    """A sign-in account. Not derived: its password is nobody's fact. Its duties are (`Duty`)."""

    id = models.UUIDField(primary_key=True)
    username = models.TextField(unique=True)
    is_active = models.BooleanField(default=True)

    objects = StaffManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []


class Enrolment(models.Model):
    """A member of staff as the facts say; the name rides sealed in `fact`.

    locked_at: since when nobody signs in as this person; the duties stay on the roll.
    """

    staff = models.UUIDField(primary_key=True)
    username = models.TextField(unique=True)
    office = models.TextField()
    fact = models.UUIDField()
    enrolled_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True)
    locked_reason = models.TextField(default="")


class Duty(models.Model):
    """A role held at a unit; unit "" = for the whole county."""

    pk = models.CompositePrimaryKey("staff", "role", "unit")
    staff = models.UUIDField()
    role = models.TextField()
    unit = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["unit", "role"], name="registry_duty_unit")]


class Device(models.Model):
    """A device that speaks for a unit, known by its token (only the hash is kept) or by its key.

    entries_off_s, clock_off_s: by how many seconds the moments that it writes, and its own clock,
    were ahead of the server's when they were last compared; NULL: they never were. clock_finding:
    the open finding about it.
    """

    device = models.UUIDField(primary_key=True)
    unit = models.TextField()
    roles = ArrayField(models.TextField())
    label = models.TextField()
    token_sha256 = models.TextField(unique=True, null=True)
    public_key = models.TextField(unique=True, null=True)
    enrolled_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.TextField(default="")
    entries_off_s = models.BigIntegerField(null=True)
    clock_off_s = models.BigIntegerField(null=True)
    clock_finding = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["unit"], name="registry_device_unit")]
        constraints = [
            models.CheckConstraint(
                name="registry_device_known_by",
                condition=Q(token_sha256__isnull=True, public_key__isnull=False)
                | Q(token_sha256__isnull=False, public_key__isnull=True),
            )
        ]


class Vehicle(models.Model):
    """A vehicle that was met; the plate is normalised (plates.py)."""

    vehicle = models.UUIDField(primary_key=True)
    plate = models.TextField()
    plate_kind = models.TextField()
    trailer_plate = models.TextField(null=True)
    fact = models.UUIDField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["plate", "-seen_at"], name="registry_vehicle_plate")]


class Person(models.Model):
    """A person, without identity. root: the person under whom this one goes on (itself).

    facts: those whose sealed parts make up the record, in order. document_index: keyed hash of
    kind and number, NULL while no number is known.
    """

    person = models.UUIDField(primary_key=True)
    root = models.UUIDField()
    first_fact = models.UUIDField()
    facts = ArrayField(models.UUIDField())
    document_kind = models.TextField(null=True)
    document_index = models.BinaryField(null=True)
    document_right = models.BooleanField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["document_index"], name="registry_person_document",
                         condition=Q(document_index__isnull=False)),
            models.Index(fields=["root"], name="registry_person_merged",
                         condition=~Q(root=F("person"))),
            # Everybody is looked up here whenever anything is read of them, and hardly anybody is
            # in it.
            models.Index(fields=["person"], include=["root"], name="registry_person_merged_away",
                         condition=~Q(root=F("person"))),
        ]


class Merge(models.Model):
    """Two records declared one; undone by a later fact. `merged` goes on under `kept`.

    moved_from: the account that held `merged`; kept_taken: whether `kept` took its place there.
    """

    fact = models.UUIDField(primary_key=True)
    kept = models.UUIDField()
    merged = models.UUIDField()
    reason = models.TextField()
    by = models.UUIDField(null=True)
    at = models.DateTimeField()
    moved_from = models.TextField(null=True)
    kept_taken = models.BooleanField()
    undone_by = models.UUIDField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="registry_merge_two", condition=~Q(kept=F("merged"))),
            models.UniqueConstraint(fields=["merged"], name="registry_merge_once",
                                    condition=Q(undone_by__isnull=True)),
        ]
        indexes = [models.Index(fields=["kept"], name="registry_merge_kept")]


class Distinct(models.Model):
    """A pair that a person has looked at: two people. first < second."""

    pk = models.CompositePrimaryKey("first", "second")
    first = models.UUIDField()
    second = models.UUIDField()
    fact = models.UUIDField()
    reason = models.TextField()
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="registry_distinct_order",
                                   condition=Q(first__lt=F("second")))
        ]


class Candidate(models.Model):
    """A pair that screening proposes to a person. first < second. Settled pairs stay here."""

    pk = models.CompositePrimaryKey("first", "second")
    first = models.UUIDField()
    second = models.UUIDField()
    score = models.FloatField()
    strong = models.BooleanField()
    reasons = ArrayField(models.TextField())
    fact = models.UUIDField()
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="registry_candidate_order",
                                   condition=Q(first__lt=F("second")))
        ]
        indexes = [
            models.Index(fields=["second"], name="registry_candidate_second"),
            models.Index(fields=["-score"], name="registry_candidate_score"),
        ]


class Unscreened(models.Model):
    """Records that are new or changed since screening looked: the screener's queue.

    Keyed by the fact, so that a door that writes never meets the screener that deletes.
    """

    pk = models.CompositePrimaryKey("fact", "person")
    fact = models.UUIDField()
    person = models.UUIDField()


class Trace(models.Model):
    """Keyed hashes by which screening and the desks find a record (likeness.py). Not derived."""

    person = models.UUIDField(primary_key=True)
    keys = ArrayField(models.BigIntegerField())

    class Meta:
        # Without the pending list, which every look-up would read from end to end (measured: 30 x).
        indexes = [GinIndex(fields=["keys"], name="registry_trace_keys", fastupdate=False)]


class RiskList(models.Model):
    """A list as published: its stamp, totals as published and as counted, findings."""

    stamp = models.DateTimeField(primary_key=True)
    fact = models.UUIDField(unique=True)
    source = models.TextField()
    published = models.JSONField()
    counted = models.JSONField()
    places_digest = models.TextField()


class RiskArea(models.Model):
    """A place in a tier, whatever lists name it. key: its identity from list to list."""

    area = models.UUIDField(primary_key=True)
    key = models.TextField()
    tier = models.CharField(max_length=6)
    unit = models.TextField()
    division = models.TextField(null=True)
    province = models.TextField()
    city = models.TextField()
    county = models.TextField()
    text = models.TextField()
    rest = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "tier"], name="registry_risk_area_key"),
            models.CheckConstraint(name="registry_risk_area_tier",
                                   condition=Q(tier__in=("high", "medium", "low"))),
        ]
        indexes = [models.Index(fields=["unit"], name="registry_risk_area_unit")]


class RiskMembership(models.Model):
    """An area was on the list of that stamp."""

    pk = models.CompositePrimaryKey("stamp", "area")
    stamp = models.DateTimeField()
    area = models.UUIDField()


class RiskValidity(models.Model):
    """From one list's stamp until the stamp of the first later list without the area.

    A key is in one tier at a time: an exclusion constraint says so (migrations/0002_laws.py).
    """

    pk = models.CompositePrimaryKey("area", "valid_from")
    area = models.UUIDField()
    key = models.TextField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="registry_risk_validity_order",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            )
        ]


class Zone(models.Model):
    """A published name that is no official division: the work list.

    division: what a person has said it belongs to; decided_by: that fact, NULL while open.
    """

    unit = models.TextField(primary_key=True)
    province = models.TextField()
    city = models.TextField()
    county = models.TextField()
    first_stamp = models.DateTimeField()
    last_stamp = models.DateTimeField()
    rows = models.BigIntegerField()
    areas = models.BigIntegerField()
    division = models.TextField(null=True)
    decided_by = models.UUIDField(null=True)
    reason = models.TextField(default="")


APPEND_ONLY = (
    "registry_risklist", "registry_riskarea", "registry_riskmembership", "registry_distinct",
)
# Reference data: the application only reads it.
BOOKED = ("registry_division",)
DERIVED = (
    "registry_unit", "registry_room", "registry_enrolment", "registry_duty", "registry_device",
    "registry_vehicle", "registry_person", "registry_merge", "registry_distinct",
    "registry_candidate", "registry_risklist", "registry_riskarea", "registry_riskmembership",
    "registry_riskvalidity", "registry_zone",
)
# Not derived: registry_staff (passwords), registry_trace and registry_unscreened (a cache of the
# sealed records and its queue; `reduce_screening` makes them again).
