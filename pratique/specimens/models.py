"""The specimen chain's tables. Rows are only ever added: a tube has one person, for good.

Who holds a tube is custody's; `received` is where custody says that a laboratory took it over.
The laws that join tables are in migrations/0002_laws.py.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from pratique.specimens.rules import RESULTS


class Specimen(models.Model):
    """One tube, one specimen, one person, from the moment of collection.

    fact: the collection. collected_by: the member of staff who said so.
    """

    specimen = models.UUIDField(primary_key=True)
    tube = models.TextField()
    person = models.UUIDField()
    place = models.TextField()
    purpose = models.TextField()
    urgent = models.BooleanField()
    swab = models.TextField()
    collected_at = models.DateTimeField()
    collected_by = models.UUIDField(null=True)
    fact = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tube"], name="specimens_specimen_tube")]
        indexes = [
            models.Index(fields=["person"], name="specimens_specimen_person"),
            models.Index(fields=["collected_at"], name="specimens_specimen_collected"),
        ]


class Bagging(models.Model):
    """A tube went into a bag; the latest one says in which it is."""

    pk = models.CompositePrimaryKey("specimen", "fact")
    specimen = models.UUIDField()
    fact = models.UUIDField()
    bag = models.TextField()
    seal = models.TextField()
    place = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["bag"], name="specimens_bagging_bag")]


class Ending(models.Model):
    """A tube left the loop: voided, lost or discarded."""

    pk = models.CompositePrimaryKey("specimen", "fact")
    specimen = models.UUIDField()
    fact = models.UUIDField()
    how = models.TextField()
    place = models.TextField()
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="specimens_ending_how", condition=Q(how__in=("voided", "lost", "discarded"))
            )
        ]


class Run(models.Model):
    """One instrument run. controls: passed or failed; a failed run yields no result, ever."""

    run = models.UUIDField(primary_key=True)
    laboratory = models.TextField()
    plate = models.TextField()
    instrument = models.TextField()
    assay = models.TextField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField()
    imported_at = models.DateTimeField()
    imported_by = models.UUIDField()
    controls = models.TextField()
    failed_controls = ArrayField(models.TextField())
    file_sha256 = models.TextField()
    fact = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "imported_by", "controls"], name="specimens_run_reader"
            ),
            models.UniqueConstraint(
                fields=["file_sha256"], name="specimens_run_file", condition=~Q(file_sha256="")
            ),
            models.CheckConstraint(
                name="specimens_run_controls", condition=Q(controls__in=("passed", "failed"))
            ),
        ]
        indexes = [models.Index(fields=["laboratory", "imported_at"], name="specimens_run_lab")]


class Well(models.Model):
    """One well of a run and what it says by the assay's cut-offs; a control's says nothing.

    Kept by the tube's label: a tube that nobody has told us of yet finds its wells when it comes.
    """

    pk = models.CompositePrimaryKey("run", "well")
    run = models.UUIDField()
    well = models.TextField()
    tube = models.TextField()
    control = models.TextField()
    targets = models.JSONField()
    reading = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tube", "run"], name="specimens_well_tube", condition=~Q(tube="")
            ),
            models.CheckConstraint(
                name="specimens_well_content",
                condition=Q(tube="", reading="") & ~Q(control="")
                | ~Q(tube="") & Q(control="", reading__in=RESULTS),
            ),
        ]


class Confirmation(models.Model):
    """The second reader's word on a run whose controls passed: once, and by another person."""

    run = models.UUIDField(primary_key=True)
    imported_by = models.UUIDField()
    controls = models.TextField()
    confirmed_by = models.UUIDField()
    withheld = ArrayField(models.TextField())
    at = models.DateTimeField()
    fact = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="specimens_confirmation_reader", condition=~Q(confirmed_by=F("imported_by"))
            ),
            models.CheckConstraint(
                name="specimens_confirmation_controls", condition=Q(controls="passed")
            ),
        ]


class Result(models.Model):
    """A final result: of one tube from one run. Of several the gravest stands.

    resulted_…: the import; reported_…: the confirmation.
    """

    pk = models.CompositePrimaryKey("tube", "run")
    tube = models.TextField()
    run = models.UUIDField()
    well = models.TextField()
    result = models.TextField()
    resulted_at = models.DateTimeField()
    resulted_fact = models.UUIDField()
    reported_at = models.DateTimeField()
    reported_fact = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="specimens_result_word", condition=Q(result__in=RESULTS)
            )
        ]
        indexes = [models.Index(fields=["reported_at"], name="specimens_result_reported")]


APPEND_ONLY = (
    "specimens_specimen", "specimens_bagging", "specimens_ending", "specimens_run",
    "specimens_well", "specimens_confirmation", "specimens_result",
)
DERIVED = APPEND_ONLY
