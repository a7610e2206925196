"""The journal's tables. Facts are recorded once and never changed (law 4)."""

from django.db import models
from django.db.models import F, Func, Q

from pratique.kit.sql import Int8MultiRangeField, TransactionIdField


class Subject(models.Model):
    """Everything that a fact can be about has one row here: the lock that serialises its facts.

    wrapped_key: the data key under which the subject's personal parts are sealed, itself wrapped
    by the county's key. Erasing a person sets it to NULL.
    """

    id = models.UUIDField(primary_key=True)
    wrapped_key = models.BinaryField(null=True)


class Batch(models.Model):
    """One call of `record`: facts in = applied + duplicate + parked + disputed + quarantined."""

    id = models.UUIDField(primary_key=True)
    recorded_at = models.DateTimeField()
    source = models.TextField()
    device = models.UUIDField(null=True)
    staff = models.UUIDField(null=True)
    facts_in = models.BigIntegerField()
    applied = models.BigIntegerField()
    duplicate = models.BigIntegerField()
    parked = models.BigIntegerField()
    disputed = models.BigIntegerField()
    quarantined = models.BigIntegerField()
    first_number = models.BigIntegerField(null=True)
    last_number = models.BigIntegerField(null=True)
    txid = TransactionIdField(db_default=Func(function="pg_current_xact_id"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="journal_batch_adds_up",
                condition=Q(
                    facts_in=F("applied") + F("duplicate") + F("parked") + F("disputed")
                    + F("quarantined")
                ),
            )
        ]
        indexes = [models.Index(fields=["txid"], name="journal_batch_txid")]


class Fact(models.Model):
    """What was heard. outcome: 0 applied, 1 parked, 2 disputed, as it stood when first heard.

    subject: whose story it belongs to. box: the personal part, sealed. leaf: its hash in the log.
    at: as it was said. counted_at: the moment that counts instead, where the device's clock was not
    believed; part of the leaf.
    """

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)
    kind = models.TextField()
    subject = models.UUIDField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.UUIDField(null=True)
    place = models.TextField(null=True)
    device = models.UUIDField(null=True)
    seq = models.BigIntegerField(null=True)
    body = models.JSONField()
    digest = models.BinaryField()
    leaf = models.BinaryField()
    box = models.BinaryField(null=True)
    outcome = models.SmallIntegerField()
    counted_at = models.DateTimeField(null=True)
    batch = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "number"], name="journal_fact_story"),
            # Which of a device's facts had to wait: few, and asked for with every roll.
            models.Index(fields=["device", "number"], name="journal_fact_waited",
                         condition=Q(outcome=1)),
        ]
        constraints = [
            models.CheckConstraint(
                name="journal_fact_outcome", condition=Q(outcome__in=(0, 1, 2))
            ),
            models.CheckConstraint(
                name="journal_fact_counted_by_now",
                condition=Q(counted_at__isnull=True) | Q(counted_at__lte=F("recorded_at")),
            ),
        ]


class Parked(models.Model):
    """Facts that wait for another one. A row goes when its fact is applied at last."""

    fact = models.UUIDField(primary_key=True)
    waits_for = models.UUIDField(db_index=True)
    code = models.TextField()
    rule = models.TextField()
    place = models.TextField(null=True)
    since = models.DateTimeField()


class Later(models.Model):
    """A parked fact's turn came: its number in the order of application, and its outcome.

    outcome: 0 applied, 2 disputed, 3 quarantined.
    """

    number = models.BigIntegerField(primary_key=True)
    fact = models.UUIDField(unique=True)
    outcome = models.SmallIntegerField()
    batch = models.UUIDField()


class Quarantine(models.Model):
    """What was malformed or not allowed: kept whole (sealed), without effect, and once.

    digest: keyed, of the content; the same content under the same id is a duplicate.
    """

    id = models.UUIDField(primary_key=True)
    fact = models.UUIDField(null=True)
    digest = models.BinaryField()
    kind = models.TextField()
    batch = models.UUIDField()
    code = models.TextField()
    rule = models.TextField()
    params = models.JSONField()
    place = models.TextField(null=True)
    device = models.UUIDField(null=True)
    recorded_at = models.DateTimeField(db_index=True)
    box = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fact", "digest"], name="journal_quarantine_once"),
        ]


class Finding(models.Model):
    """Something that a person has to look into: a dispute, a missing thing, a bad sign."""

    id = models.UUIDField(primary_key=True)
    fact = models.UUIDField(db_index=True)
    code = models.TextField()
    rule = models.TextField()
    params = models.JSONField()
    subject = models.UUIDField(null=True, db_index=True)
    owner = models.TextField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    outcome = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["owner", "opened_at"], name="journal_finding_open",
                condition=Q(closed_at__isnull=True),
            )
        ]


class Device(models.Model):
    """Which running numbers of a device were heard; a hole is a missing fact.

    sealed: those of them that wait for no place in the log any more, as the sealer last saw it.
    made_through, made_at: how many facts it had made when it said so, so facts above that number
    happened after `made_at`. after_number, after_at: the same of its word before, when all that it
    had made by then was here.
    """

    device = models.UUIDField(primary_key=True)
    received = Int8MultiRangeField()
    sealed = Int8MultiRangeField(db_default="{}")
    heard_at = models.DateTimeField()
    made_through = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(null=True)
    after_number = models.BigIntegerField(null=True)
    after_at = models.DateTimeField(null=True)


class Seal(models.Model):
    """The log's head after a batch of facts got their places (RFC 9162 tree head).

    frontier: roots of the perfect subtrees, largest first, 32 bytes each.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    frontier = models.BinaryField()
    sealed_at = models.DateTimeField()
    through = TransactionIdField()


class Sealed(models.Model):
    """A batch's place in the log: its facts take places from `first_position`, by number."""

    batch = models.UUIDField(primary_key=True)
    first_position = models.BigIntegerField(unique=True)
    facts = models.BigIntegerField()


class Drill(models.Model):
    """One row in a database that is a drill; only there can the clock be driven.

    It comes and goes only while nothing is recorded (trigger journal_drill_begins_empty).
    """

    marker = models.SmallIntegerField(primary_key=True, default=1)
    title = models.TextField()
    now = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="journal_drill_one", condition=Q(marker=1))
        ]


APPEND_ONLY = (
    "journal_batch", "journal_fact", "journal_later", "journal_quarantine", "journal_seal",
    "journal_sealed",
)
DERIVED = ("journal_parked", "journal_later", "journal_finding")
