"""Duties: who owes what by when. A pure function of the facts; lateness is read off the clock."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Duty(models.Model):
    """One owed thing of one episode. Open: closed_at is NULL; overdue: due_at is past then.

    unit: the account whose people owe it. chain: whom it climbs to, named by the pack.
    """

    id = models.UUIDField(primary_key=True)
    episode = models.UUIDField()
    person = models.UUIDField()
    pack = models.TextField()
    key = models.TextField()
    kind = models.TextField()
    unit = models.TextField()
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    chain = models.TextField()
    row = models.TextField()
    evidence = ArrayField(models.UUIDField())

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="duties_duty_open",
                         condition=Q(closed_at__isnull=True)),
            models.Index(fields=["unit", "due_at", "id"], name="duties_duty_of_unit",
                         condition=Q(closed_at__isnull=True)),
            models.Index(fields=["episode"], name="duties_duty_episode"),
        ]


class Owner(models.Model):
    """A named person took a duty on."""

    duty = models.UUIDField(primary_key=True)
    staff = models.UUIDField()
    fact = models.UUIDField()
    at = models.DateTimeField()


class Cause(models.Model):
    """Why something was late, said by one who answers for it."""

    duty = models.UUIDField(primary_key=True)
    cause = models.TextField()
    fact = models.UUIDField()
    at = models.DateTimeField()


DERIVED = ("duties_duty", "duties_owner", "duties_cause")
