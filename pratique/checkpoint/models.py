"""The checkpoint's tables: arrivals of vehicles, episodes of persons, counts of lanes.

Nothing here opens anybody's identity: the registry keeps who a person is, the ledger where.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class Arrival(models.Model):
    """A vehicle stood at a post. `fact` is also the entry by which the post held it.

    finding: the open finding about its occupants, if any. explained: why others are registered
    than were counted, said of as many as explained_registered.
    """

    fact = models.UUIDField(primary_key=True)
    vehicle = models.UUIDField()
    post = models.TextField()
    lane = models.TextField()
    at = models.DateTimeField()
    plate = models.TextField()
    trailer_plate = models.TextField(null=True)
    seats = models.BigIntegerField(null=True)
    occupants = models.BigIntegerField()
    boot_checked = models.BooleanField()
    conveyance = models.TextField()
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.UUIDField(null=True)
    cleared_as = models.TextField(default="")
    finding = models.UUIDField(null=True)
    explained = models.TextField(default="")
    explained_registered = models.BigIntegerField(null=True)
    explained_at = models.DateTimeField(null=True)
    explained_by = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["vehicle", "at"], name="checkpoint_arrival_vehicle"),
            models.Index(fields=["post", "lane", "at"], name="checkpoint_arrival_lane"),
            models.Index(fields=["plate"], name="checkpoint_arrival_plate",
                         condition=Q(cleared_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["vehicle"], name="checkpoint_arrival_one_open",
                                    condition=Q(cleared_at__isnull=True)),
            models.CheckConstraint(
                name="checkpoint_arrival_cleared",
                condition=Q(cleared_at__isnull=True, cleared_by__isnull=True, cleared_as="")
                | Q(cleared_at__isnull=False, cleared_by__isnull=False) & ~Q(cleared_as=""),
            ),
            models.CheckConstraint(name="checkpoint_arrival_occupants",
                                   condition=Q(occupants__gte=0)),
        ]


class PlatePair(models.Model):
    """Two vehicles with one plate, the second arriving while the first was still held.

    Kept with its finding, so that a clearance heard late can still settle it, or an explanation.
    """

    finding = models.UUIDField(primary_key=True)
    plate = models.TextField()
    first = models.UUIDField()
    first_at = models.DateTimeField()
    second = models.UUIDField()
    second_at = models.DateTimeField()
    explained = models.TextField(default="")
    explained_at = models.DateTimeField(null=True)
    explained_by = models.UUIDField(null=True)

    class Meta:
        db_table = "checkpoint_plate_pair"
        indexes = [models.Index(fields=["first"], name="checkpoint_plate_pair_first")]


class Episode(models.Model):
    """One arrival of one person, from the first landing point to the end of all measures.

    id: the fact of the arrival. places: what a new risk list can touch the stays by. stays_by: the
    fact that told these stays. outside_by: the correction that told from_outside_province, at
    outside_at; None: the arrival did. outcome: "" while open (rules.EPISODE_STATES).
    """

    id = models.UUIDField(primary_key=True)
    person = models.UUIDField()
    post = models.TextField()
    vehicle = models.UUIDField(null=True)
    arrived_at = models.DateTimeField()
    conveyance = models.TextField()
    resident = models.BooleanField()
    from_outside_province = models.BooleanField()
    outside_at = models.DateTimeField(null=True)
    outside_by = models.UUIDField(null=True)
    destination = models.TextField(null=True)
    stays = models.JSONField()
    stays_at = models.DateTimeField()
    stays_by = models.UUIDField()
    places = ArrayField(models.TextField())
    special = ArrayField(models.TextField())
    phone_verified = models.BooleanField()
    papers = ArrayField(models.TextField())
    expected = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    outcome = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["person", "arrived_at"], name="checkpoint_episode_person"),
            models.Index(fields=["vehicle"], name="checkpoint_episode_vehicle",
                         condition=Q(vehicle__isnull=False)),
            models.Index(fields=["post", "arrived_at"], name="checkpoint_episode_post"),
            models.Index(fields=["expected"], name="checkpoint_episode_expected",
                         condition=Q(expected__isnull=False)),
            GinIndex(fields=["places"], name="checkpoint_episode_places",
                     condition=Q(ended_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="checkpoint_episode_outside_told",
                condition=Q(outside_at__isnull=True, outside_by__isnull=True)
                | Q(outside_at__isnull=False, outside_by__isnull=False),
            ),
            models.UniqueConstraint(fields=["person"], name="checkpoint_episode_one_open",
                                    condition=Q(ended_at__isnull=True)),
            models.CheckConstraint(
                name="checkpoint_episode_ended",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, outcome="")
                | Q(ended_at__isnull=False, ended_by__isnull=False)
                & Q(outcome__in=("passed", "turned_back", "released", "superseded")),
            ),
        ]


class LaneCount(models.Model):
    """The count of a lane's hour that stands: the latest by (at, fact), whenever it was heard.

    explained_at: when the explanation was given; it speaks of counts made until then.
    """

    pk = models.CompositePrimaryKey("post", "lane", "hour")
    post = models.TextField()
    lane = models.TextField()
    hour = models.DateTimeField()
    counted = models.BigIntegerField()
    source = models.TextField()
    at = models.DateTimeField()
    fact = models.UUIDField()
    explained = models.TextField(default="")
    explained_at = models.DateTimeField(null=True)
    explained_by = models.UUIDField(null=True)
    finding = models.UUIDField(null=True)

    class Meta:
        db_table = "checkpoint_lane_count"
        indexes = [models.Index(fields=["hour"], name="checkpoint_lane_count_hour")]
        constraints = [
            models.CheckConstraint(name="checkpoint_lane_count_counted",
                                   condition=Q(counted__gte=0)),
        ]


class Expected(models.Model):
    """Somebody announced an arrival. `id` is the fact; the person is in nobody's account yet."""

    id = models.UUIDField(primary_key=True)
    person = models.UUIDField()
    post = models.TextField(null=True)
    eta = models.DateTimeField(null=True)
    plate = models.TextField(null=True)
    destination = models.TextField(null=True)
    resident = models.BooleanField(null=True)
    stays = models.JSONField()
    source = models.TextField()
    said_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["post", "eta"], name="checkpoint_expected_post"),
            models.Index(fields=["person"], name="checkpoint_expected_person"),
            models.Index(fields=["plate"], name="checkpoint_expected_plate",
                         condition=Q(plate__isnull=False)),
        ]


DERIVED = (
    "checkpoint_arrival", "checkpoint_plate_pair", "checkpoint_episode", "checkpoint_lane_count",
    "checkpoint_expected",
)
