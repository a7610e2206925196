"""What a page reads of the ledger: the entries since a moment, and the offers that wait.

A BRIN index keeps one span of `at` for many pages of entries, which are written nearly in order of
time, so that writing a batch pays nothing for it.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("custody", "0002_laws")]
    operations = [
        migrations.AddIndex(
            "entry", BrinIndex(fields=["at"], name="custody_entry_day", autosummarize=True,
                               pages_per_range=16)),
        migrations.AddIndex(
            "holding", models.Index(fields=["pending"], name="custody_holding_pending",
                                    condition=models.Q(pending__isnull=False))),
    ]
