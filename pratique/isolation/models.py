"""Isolation's tables: who sleeps in which bed, what rounds measured, who stood at which door."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Stay(models.Model):
    """A person in a bed of a site from `since` until `until` (None: still).

    fact: the room's giving. ended_by: the next room's giving, or the entry by which the person
    left. No bed has two people at once and nobody two beds: exclusion constraints in
    migrations/0002_laws.py.
    """

    fact = models.UUIDField(primary_key=True)
    person = models.UUIDField()
    site = models.TextField()
    room = models.TextField()
    bed = models.BigIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "since"], name="isolation_stay_person"),
            models.Index(fields=["site", "room", "bed"], name="isolation_stay_current",
                         condition=Q(until__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person"], name="isolation_stay_one_current",
                                    condition=Q(until__isnull=True)),
            models.CheckConstraint(name="isolation_stay_bed", condition=Q(bed__gte=1)),
            models.CheckConstraint(
                name="isolation_stay_ended",
                condition=Q(until__isnull=True, ended_by__isnull=True)
                | Q(until__gte=F("since"), ended_by__isnull=False)),
        ]


class Reading(models.Model):
    """A person's temperature and symptoms in one round. Of several facts the latest id counts."""

    pk = models.CompositePrimaryKey("person", "day", "slot")
    person = models.UUIDField()
    day = models.DateField()
    slot = models.TextField()
    account = models.TextField()
    temperature_c = models.FloatField(null=True)
    symptoms = ArrayField(models.TextField())
    note = models.TextField()
    at = models.DateTimeField()
    fact = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["account", "day", "slot"], name="isolation_reading_round")]
        constraints = [
            models.CheckConstraint(name="isolation_reading_slot",
                                   condition=Q(slot__in=("morning", "evening"))),
            models.CheckConstraint(
                name="isolation_reading_body",
                condition=Q(temperature_c__isnull=True)
                | Q(temperature_c__gte=30.0, temperature_c__lte=45.0)),
        ]


class Visit(models.Model):
    """Somebody stood at a person's door."""

    fact = models.UUIDField(primary_key=True)
    person = models.UUIDField()
    account = models.TextField()
    at = models.DateTimeField()
    found = models.BooleanField()
    needs = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["person", "at"], name="isolation_visit_person"),
            models.Index(fields=["account", "at"], name="isolation_visit_account"),
        ]


APPEND_ONLY = ("isolation_visit",)
DERIVED = ("isolation_stay", "isolation_reading", "isolation_visit")
