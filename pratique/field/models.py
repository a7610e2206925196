"""What the field room keeps for itself. None of it is a fact about the loop."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Epoch(models.Model):
    """One row: which life of this county's database this is. Another after each restore."""

    marker = models.SmallIntegerField(primary_key=True, default=1)
    epoch = models.UUIDField()
    since = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="field_epoch_one", condition=Q(marker=1))]


class Invitation(models.Model):
    """A leader lets one device in. Only the hash of the code is kept.

    post: where the leader stood (None: for the county). fact: the id that the enrolment has.
    device, public_key, used_at: who used it; the same device may ask again when an answer was lost.
    """

    id = models.UUIDField(primary_key=True)
    code_sha256 = models.TextField(unique=True)
    unit = models.TextField()
    roles = ArrayField(models.TextField())
    label = models.TextField()
    fact = models.UUIDField()
    made_by = models.UUIDField()
    post = models.TextField(null=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    device = models.UUIDField(null=True)
    public_key = models.TextField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="field_invitation_ends",
                                   condition=Q(expires_at__gt=F("made_at"))),
            models.CheckConstraint(
                name="field_invitation_used",
                condition=Q(used_at__isnull=True, device__isnull=True, public_key__isnull=True)
                | Q(used_at__isnull=False, device__isnull=False, public_key__isnull=False)),
        ]


class Token(models.Model):
    """A device's short-lived token, as its hash. challenge: the one that was signed for it, so that
    none is answered twice."""

    token_sha256 = models.TextField(primary_key=True)
    challenge = models.BinaryField(unique=True)
    device = models.UUIDField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["device", "expires_at"], name="field_token_device")]
        constraints = [models.CheckConstraint(name="field_token_ends",
                                              condition=Q(expires_at__gt=F("issued_at")))]


class Bundle(models.Model):
    """The last bundle that a device was given. content: a keyed digest of what was in it."""

    device = models.UUIDField(primary_key=True)
    version = models.BigIntegerField()
    content = models.BinaryField()
    made_at = models.DateTimeField()


class Heard(models.Model):
    """When a device was heard last, facts or none; and since when facts of it are missing.

    gap_first: the lowest running number that is missing, as the last tick saw it.
    """

    device = models.UUIDField(primary_key=True)
    heard_at = models.DateTimeField(null=True)
    gap_first = models.BigIntegerField(null=True)
    gap_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(
            name="field_heard_gap",
            condition=Q(gap_first__isnull=True, gap_since__isnull=True)
            | Q(gap_first__isnull=False, gap_since__isnull=False))]
