"""Secrets that were shown once, by whom; and the device through which somebody looked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desks", "0001_initial")]
    operations = [
        migrations.AddField("look", "device", models.UUIDField(null=True)),
        migrations.CreateModel(
            name="SecretShown",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("about", models.UUIDField()),
                ("what", models.TextField()),
                ("staff", models.UUIDField(null=True)),
                ("unit", models.TextField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["about", "at"], name="desks_secret_about")],
                "constraints": [models.CheckConstraint(
                    name="desks_secret_what",
                    condition=models.Q(what__in=("password", "token")))],
            },
        ),
    ]
