"""What the pathway keeps: packs adopted, orders, decisions, objections, admissions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class AdoptedPack(models.Model):
    """From `in_force_from` on, arrivals are decided by this version of this pack."""

    fact = models.UUIDField(primary_key=True)
    pack = models.TextField()
    version = models.TextField()
    in_force_from = models.DateTimeField()


class Order(models.Model):
    """A legal order; without one in force no measure restricts anybody."""

    order = models.UUIDField(primary_key=True)
    fact = models.UUIDField()
    pack = models.TextField()
    area = models.TextField()
    authority = models.TextField()
    legal_basis = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="pathway_order_ends", condition=Q(until__gte=F("since")))
        ]


class Decision(models.Model):
    """What was decided for an episode, each time it changed; never edited (law 4).

    turn counts from 1 in each episode; the highest is the decision in force. because: what made
    us look again (arrival, result, risk list, …). facts: the evidence.
    """

    pk = models.CompositePrimaryKey("episode", "turn")
    episode = models.UUIDField()
    turn = models.BigIntegerField()
    person = models.UUIDField(db_index=True)
    decided_at = models.DateTimeField()
    batch = models.UUIDField()
    pack = models.TextField()
    version = models.TextField()
    risk_list = models.DateTimeField(null=True)
    measure = models.TextField()
    row = models.TextField()
    tier = models.TextField()
    landing_test = models.BooleanField()
    transfer = models.TextField()
    counted_from = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    tests_on = ArrayField(models.DateTimeField())
    facts = ArrayField(models.UUIDField())
    unknown_inputs = ArrayField(models.TextField())
    digest = models.BinaryField()


class Objection(models.Model):
    """A person's objection to a measure, with its clock."""

    objection = models.UUIDField(primary_key=True)
    person = models.UUIDField(db_index=True)
    episode = models.UUIDField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)
    reason = models.TextField(default="")


class Admission(models.Model):
    """A hospital took the person in; recorded afterwards (law 8)."""

    fact = models.UUIDField(primary_key=True)
    person = models.UUIDField(db_index=True)
    hospital = models.TextField()
    at = models.DateTimeField()


APPEND_ONLY = ("pathway_decision",)
DERIVED = (
    "pathway_adoptedpack", "pathway_order", "pathway_decision", "pathway_objection",
    "pathway_admission",
)
