"""A device is known by its token or by its own public key."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_merged_away")]
    operations = [
        migrations.AlterField(
            "device", "token_sha256", models.TextField(unique=True, null=True)),
        migrations.AddField("device", "public_key", models.TextField(unique=True, null=True)),
        migrations.AddIndex(
            "device", models.Index(fields=["unit"], name="registry_device_unit")),
        migrations.AddConstraint("device", models.CheckConstraint(
            name="registry_device_known_by",
            condition=Q(token_sha256__isnull=True, public_key__isnull=False)
            | Q(token_sha256__isnull=False, public_key__isnull=True))),
    ]
