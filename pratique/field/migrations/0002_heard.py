"""When a device was heard last, and since when facts of it are missing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("field", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Heard",
            fields=[
                ("device", models.UUIDField(primary_key=True, serialize=False)),
                ("heard_at", models.DateTimeField(null=True)),
                ("gap_first", models.BigIntegerField(null=True)),
                ("gap_since", models.DateTimeField(null=True)),
            ],
            options={"constraints": [models.CheckConstraint(
                name="field_heard_gap",
                condition=models.Q(gap_first__isnull=True, gap_since__isnull=True)
                | models.Q(gap_first__isnull=False, gap_since__isnull=False))]},
        ),
    ]
