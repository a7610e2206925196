"""The health code, derived; each change is a row, and none is ever edited (law 4)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Standing(models.Model):
    """What a person may do from `since` on, with reason, rule, evidence, order and end (law 5).

    turn counts from 1 for each person; the highest holds. word, reason and label are keys into
    the pack's words. A lapsed one (`until` past) is shown as "none", never green.
    """

    pk = models.CompositePrimaryKey("person", "turn")
    person = models.UUIDField()
    turn = models.BigIntegerField()
    episode = models.UUIDField()
    batch = models.UUIDField()
    recorded_at = models.DateTimeField()
    pack = models.TextField()
    version = models.TextField()
    colour = models.TextField()
    word = models.TextField()
    shape = models.TextField()
    label = models.TextField(null=True)
    label_from = models.DateTimeField(null=True)
    reason = models.TextField()
    params = models.JSONField()
    row = models.TextField()
    evidence = ArrayField(models.UUIDField())
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    order = models.UUIDField(null=True)
    restrictive = models.BooleanField()
    digest = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="standing_law_5",
                condition=Q(restrictive=False)
                | (
                    Q(until__isnull=False, order__isnull=False, evidence__len__gt=0)
                    & ~Q(reason="")
                ),
            ),
            models.CheckConstraint(
                name="standing_unknown_never_green",
                condition=~Q(colour="green") | ~Q(word__in=("unknown", "none")),
            ),
        ]


class Link(models.Model):
    """The unguessable link to a person's own page. Not derived: drawn at random, replaceable."""

    token_sha256 = models.TextField(primary_key=True)
    person = models.UUIDField(db_index=True)
    box = models.BinaryField()
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


APPEND_ONLY = ("standing_standing",)
DERIVED = ("standing_standing",)
