"""Epoch, invitations, tokens, bundles."""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Epoch",
            fields=[
                ("marker", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("epoch", models.UUIDField()),
                ("since", models.DateTimeField()),
            ],
            options={"constraints": [
                models.CheckConstraint(name="field_epoch_one", condition=Q(marker=1))]},
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code_sha256", models.TextField(unique=True)),
                ("unit", models.TextField()),
                ("roles", django.contrib.postgres.fields.ArrayField(
                    base_field=models.TextField(), size=None)),
                ("label", models.TextField()),
                ("fact", models.UUIDField()),
                ("made_by", models.UUIDField()),
                ("post", models.TextField(null=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("device", models.UUIDField(null=True)),
                ("public_key", models.TextField(null=True)),
            ],
            options={"constraints": [
                models.CheckConstraint(name="field_invitation_ends",
                                       condition=Q(expires_at__gt=F("made_at"))),
                models.CheckConstraint(
                    name="field_invitation_used",
                    condition=Q(used_at__isnull=True, device__isnull=True,
                                public_key__isnull=True)
                    | Q(used_at__isnull=False, device__isnull=False, public_key__isnull=False)),
            ]},
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("token_sha256", models.TextField(primary_key=True, serialize=False)),
                ("challenge", models.BinaryField(unique=True)),
                ("device", models.UUIDField()),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["device", "expires_at"],
                                         name="field_token_device")],
                "constraints": [models.CheckConstraint(name="field_token_ends",
                                                       condition=Q(expires_at__gt=F("issued_at")))],
            },
        ),
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("device", models.UUIDField(primary_key=True, serialize=False)),
                ("version", models.BigIntegerField()),
                ("content", models.BinaryField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            ["INSERT INTO field_epoch (marker, epoch, since) VALUES (1, gen_random_uuid(), now())"],
            ["DELETE FROM field_epoch"]),
    ]
