"""Transfer's tables: places confirmed beforehand, trips, who is on them, vehicles made clean.

Who is aboard is the ledger's to say (a crew's account); here stands who should be.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Place(models.Model):
    """What an account said about a place for a person. Every saying is a row.

    home_fit False: the home is not fit, so this is no place. current: the one that stands
    (rules.standing_place); one a person, by a partial unique index.
    """

    fact = models.UUIDField(primary_key=True)
    person = models.UUIDField()
    account = models.TextField()
    room = models.TextField(null=True)
    home_fit = models.BooleanField(null=True)
    at = models.DateTimeField()
    current = models.BooleanField()
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.UUIDField(null=True)
    cancel_reason = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["person", "at"], name="transfer_place_person"),
            models.Index(fields=["account", "at"], name="transfer_place_account",
                         condition=Q(current=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person"], name="transfer_place_one_current",
                                    condition=Q(current=True)),
            models.CheckConstraint(
                name="transfer_place_fit",
                condition=Q(current=False) | Q(home_fit__isnull=True) | Q(home_fit=True)),
            models.CheckConstraint(
                name="transfer_place_not_cancelled",
                condition=Q(cancelled_by__isnull=True, cancelled_at__isnull=True)
                | Q(cancelled_by__isnull=False, cancelled_at__isnull=False, current=False)),
        ]


class Trip(models.Model):
    """A trip and where it stands (rules.TRIP_STATES). The first of the crew drives.

    planner: the unit whose people planned it. A vehicle and a driver are on one trip at a time:
    exclusion constraints in migrations/0002_laws.py.
    """

    trip = models.UUIDField(primary_key=True)
    planned_by = models.UUIDField()
    planner = models.TextField(null=True)
    vehicle = models.TextField()
    driver = models.UUIDField()
    crew = ArrayField(models.UUIDField())
    origin = models.TextField()
    destination = models.TextField()
    depart_at = models.DateTimeField()
    arrive_at = models.DateTimeField()
    driving_minutes_before = models.BigIntegerField()
    state = models.TextField()
    departed_at = models.DateTimeField(null=True)
    departed_by = models.UUIDField(null=True)
    arrived_at = models.DateTimeField(null=True)
    arrived_by = models.UUIDField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.UUIDField(null=True)
    cancel_reason = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["vehicle", "depart_at"], name="transfer_trip_vehicle"),
            models.Index(fields=["driver", "depart_at"], name="transfer_trip_driver"),
            models.Index(fields=["depart_at"], name="transfer_trip_depart"),
            models.Index(fields=["depart_at"], name="transfer_trip_open",
                         condition=Q(state__in=("planned", "departed"))),
        ]
        constraints = [
            models.CheckConstraint(name="transfer_trip_times",
                                   condition=Q(arrive_at__gt=F("depart_at"))),
            models.CheckConstraint(
                name="transfer_trip_one_way", condition=~Q(origin=F("destination"))),
            models.CheckConstraint(
                name="transfer_trip_state",
                condition=Q(state="planned", departed_by__isnull=True, arrived_by__isnull=True,
                            cancelled_by__isnull=True)
                | Q(state="departed", departed_by__isnull=False, arrived_by__isnull=True,
                    cancelled_by__isnull=True)
                | Q(state="arrived", departed_by__isnull=False, arrived_by__isnull=False,
                    cancelled_by__isnull=True)
                | Q(state="cancelled", departed_by__isnull=True, arrived_by__isnull=True,
                    cancelled_by__isnull=False)),
        ]


class Passenger(models.Model):
    """A person of a trip. listed: on the plan's list; otherwise found aboard.

    open: the trip is not over for this person; one open trip a person. boarded_by: the ledger's
    entry by which the crew held the person at departure or arrival. finding: that somebody is
    aboard who is not on the list.
    """

    pk = models.CompositePrimaryKey("trip", "person")
    trip = models.UUIDField()
    person = models.UUIDField()
    listed = models.BooleanField()
    open = models.BooleanField()
    boarded_by = models.UUIDField(null=True)
    finding = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person"], name="transfer_passenger_person")]
        constraints = [
            models.UniqueConstraint(fields=["person"], name="transfer_passenger_one_open",
                                    condition=Q(open=True)),
            models.CheckConstraint(
                name="transfer_passenger_found",
                condition=Q(listed=True, finding__isnull=True)
                | Q(listed=False, finding__isnull=False, open=False,
                    boarded_by__isnull=False)),
        ]


class Disinfection(models.Model):
    """A vehicle was made clean; it stays so until its next trip with people."""

    fact = models.UUIDField(primary_key=True)
    vehicle = models.TextField()
    at = models.DateTimeField()
    method = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["vehicle", "-at"], name="transfer_disinfection_vehicle")]


APPEND_ONLY = ("transfer_disinfection",)
DERIVED = ("transfer_place", "transfer_trip", "transfer_passenger", "transfer_disinfection")
