"""What the feeds keep for themselves: lists on their way in. None of it is a fact about the loop.

A list is personal data. All of it is sealed under a key of the import's own, which stands wrapped
in its row; when the import's end has come, the key goes and nothing opens any more.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Import(models.Model):
    """A list of arrivals that somebody handed in.

    id: made when the form was opened, so that a form sent twice is one import. staff, unit,
    roles: who speaks, as they were when it was handed in. key: the wrapped data key; card: the
    sealed file name, heading and digest. Both are gone after expires_at. The figures stay.
    """

    id = models.UUIDField(primary_key=True)
    staff = models.UUIDField()
    unit = models.TextField(null=True)
    roles = ArrayField(models.TextField())
    handed_in_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField()
    accepted = models.BigIntegerField()
    duplicate = models.BigIntegerField()
    rejected = models.BigIntegerField()
    key = models.BinaryField(null=True)
    card = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["handed_in_at", "id"], name="feeds_import_waiting",
                         condition=Q(finished_at__isnull=True)),
            models.Index(fields=["expires_at"], name="feeds_import_expires",
                         condition=Q(key__isnull=False)),
            models.Index(fields=["-handed_in_at", "-id"], name="feeds_import_latest"),
        ]
        constraints = [
            models.CheckConstraint(
                name="feeds_import_adds_up",
                condition=Q(finished_at__isnull=True,
                            rows__gte=F("accepted") + F("duplicate") + F("rejected"))
                | Q(rows=F("accepted") + F("duplicate") + F("rejected"))),
            models.CheckConstraint(
                name="feeds_import_counts",
                condition=Q(accepted__gte=0, duplicate__gte=0, rejected__gte=0)),
            models.CheckConstraint(
                name="feeds_import_ends",
                condition=Q(finished_at__isnull=True, expires_at__isnull=True)
                | Q(finished_at__isnull=False, expires_at__isnull=False,
                    expires_at__gte=F("finished_at"))),
            models.CheckConstraint(
                name="feeds_import_opens",
                condition=Q(key__isnull=False, card__isnull=False)
                | Q(key__isnull=True, card__isnull=True, finished_at__isnull=False)),
        ]


class ImportPart(models.Model):
    """Some rows of a list, recorded together.

    lines: the rows, sealed, until they have been recorded. rejected: those of them that were not
    taken, sealed, with their reasons. documents: keyed digests of the documents in them, until
    the import is finished. attempts: how often a fault of ours stopped them.
    """

    id = models.UUIDField(primary_key=True)
    part_of = models.UUIDField()
    number = models.BigIntegerField()
    rows = models.BigIntegerField()
    attempts = models.BigIntegerField()
    lines = models.BinaryField(null=True)
    rejected = models.BinaryField(null=True)
    documents = ArrayField(models.BinaryField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["part_of", "number"], name="feeds_importpart_number"),
            models.CheckConstraint(
                name="feeds_importpart_once",
                condition=Q(lines__isnull=True) | Q(rejected__isnull=True)),
        ]
