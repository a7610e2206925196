"""The ledger of who holds whom: accounts, holdings, entries, hand-overs.

The application may only add rows to the append-only tables; holdings and the accounts' counters
are kept by triggers that run as the owner (migrations/0002_laws.py, docs/reference/laws.md).
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q


class Account(models.Model):
    """A custodian's account. `outside` is one too, so that every subject sums to zero.

    capacity: most persons at once (seats, beds), None = no limit; only limited accounts are
    counted here, so that no busy account becomes a place where all writers queue.
    """

    code = models.TextField(primary_key=True)
    kind = models.TextField()
    capacity = models.BigIntegerField(null=True)
    on_hand = models.BigIntegerField(default=0, db_default=0)
    offered_in = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="custody_account_limit",
                condition=Q(capacity__isnull=True)
                | Q(capacity__gte=F("on_hand") + F("offered_in")),
            ),
            models.CheckConstraint(
                name="custody_account_counts", condition=Q(on_hand__gte=0, offered_in__gte=0)
            ),
        ]


class Holding(models.Model):
    """Where a subject is now: the subject is the key, so it is in exactly one account (law 1).

    entry: the fact that put it there. pending: the hand-over that awaits an answer, if any; one
    column, so at most one (law 2).
    """

    subject = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=8)
    account = models.TextField()
    entry = models.UUIDField()
    since = models.DateTimeField()
    pending = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "kind"], name="custody_holding_on_hand",
                condition=~Q(account="outside"),
            ),
            models.Index(fields=["pending"], name="custody_holding_pending",
                         condition=Q(pending__isnull=False)),
        ]


class Entry(models.Model):
    """A move: `giver` gives and `taker` takes, in one row, so each subject always sums to zero.

    previous: the entry's predecessor in the subject's chain; nil UUID for the first. The primary
    key (subject, previous) is why a chain cannot fork and nobody is born twice.
    """

    pk = models.CompositePrimaryKey("subject", "previous")
    subject = models.UUIDField()
    previous = models.UUIDField()
    fact = models.UUIDField()
    kind = models.CharField(max_length=8)
    giver = models.TextField()
    taker = models.TextField()
    why = models.TextField()
    handover = models.UUIDField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="custody_entry_moves", condition=~Q(giver=F("taker")))
        ]
        indexes = [
            models.Index(fields=["giver", "at"], name="custody_entry_giver",
                         condition=~Q(giver="outside")),
            models.Index(fields=["taker", "at"], name="custody_entry_taker",
                         condition=~Q(taker="outside")),
            BrinIndex(fields=["at"], name="custody_entry_day", autosummarize=True,
                      pages_per_range=16),
        ]


class Handover(models.Model):
    """Phase one. The id is the offer's fact id."""

    id = models.UUIDField(primary_key=True)
    giver = models.TextField()
    taker = models.TextField()
    trip = models.UUIDField(null=True)
    bag = models.TextField(null=True)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["taker", "expires_at"], name="custody_handover_taker")]


class Line(models.Model):
    """One subject of a hand-over, and the entry by which the giver held it."""

    pk = models.CompositePrimaryKey("handover", "subject")
    handover = models.UUIDField()
    subject = models.UUIDField()
    holds_by = models.UUIDField()
    giver = models.TextField()
    taker = models.TextField()


class Resolution(models.Model):
    """Phase two, once for each line: a new row that names the first."""

    pk = models.CompositePrimaryKey("handover", "subject")
    handover = models.UUIDField()
    subject = models.UUIDField()
    outcome = models.CharField(max_length=9)
    reason = models.TextField(default="")
    fact = models.UUIDField()
    by = models.UUIDField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="custody_resolution_outcome",
                condition=Q(outcome__in=("accepted", "refused", "expired", "withdrawn")),
            )
        ]


class Count(models.Model):
    """An independent count of persons, vehicles or specimens, beside what the ledger had then."""

    pk = models.CompositePrimaryKey("fact", "kind")
    fact = models.UUIDField()
    account = models.TextField()
    kind = models.CharField(max_length=8)
    counted = models.BigIntegerField()
    held = models.BigIntegerField()
    source = models.TextField()
    at = models.DateTimeField()
    explained = models.TextField(default="")
    explained_by = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "at"], name="custody_count_account")]


class Shift(models.Model):
    """A post handed over to the next shift; its counts are in Count, by the same fact.

    unsent: how many facts the device kept that had not gone up.
    """

    fact = models.UUIDField(primary_key=True)
    account = models.TextField()
    left_by = models.UUIDField()
    taken_by = models.UUIDField()
    at = models.DateTimeField()
    unsent = models.BigIntegerField()
    note = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["account", "at"], name="custody_shift_account")]
        constraints = [models.CheckConstraint(
            name="custody_shift_of_two",
            condition=~Q(left_by=F("taken_by")) & Q(unsent__gte=0))]


# custody_account: rows are added; its counters move only by the triggers.
APPEND_ONLY = (
    "custody_entry", "custody_handover", "custody_line", "custody_resolution", "custody_account",
)
BOOKED = ("custody_holding",)
DERIVED = (
    "custody_account", "custody_holding", "custody_entry", "custody_handover", "custody_line",
    "custody_resolution", "custody_count", "custody_shift",
)
