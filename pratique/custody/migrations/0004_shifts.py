"""Posts handed over to the next shift; one fact may count persons, vehicles and specimens."""

from django.db import migrations, models
from django.db.models import F, Q

COUNT = migrations.CreateModel(
    name="Count",
    fields=[
        ("pk", models.CompositePrimaryKey("fact", "kind", blank=True, editable=False,
                                          primary_key=True, serialize=False)),
        ("fact", models.UUIDField()),
        ("account", models.TextField()),
        ("kind", models.CharField(max_length=8)),
        ("counted", models.BigIntegerField()),
        ("held", models.BigIntegerField()),
        ("source", models.TextField()),
        ("at", models.DateTimeField()),
        ("explained", models.TextField(default="")),
        ("explained_by", models.UUIDField(null=True)),
    ],
    options={"indexes": [models.Index(fields=["account", "at"], name="custody_count_account")]},
)


class Migration(migrations.Migration):
    dependencies = [("custody", "0003_read_by_day")]
    operations = [
        # A key of two columns is not something that Django alters a table to.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(
                ["ALTER TABLE custody_count DROP CONSTRAINT custody_count_pkey",
                 "ALTER TABLE custody_count ADD CONSTRAINT custody_count_pkey "
                 "PRIMARY KEY (fact, kind)"],
                migrations.RunSQL.noop)],
            state_operations=[migrations.DeleteModel("Count"), COUNT]),
        migrations.CreateModel(
            name="Shift",
            fields=[
                ("fact", models.UUIDField(primary_key=True, serialize=False)),
                ("account", models.TextField()),
                ("left_by", models.UUIDField()),
                ("taken_by", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("unsent", models.BigIntegerField()),
                ("note", models.TextField()),
            ],
            options={
                "indexes": [models.Index(fields=["account", "at"], name="custody_shift_account")],
                "constraints": [models.CheckConstraint(
                    name="custody_shift_of_two",
                    condition=~Q(left_by=F("taken_by")) & Q(unsent__gte=0))],
            },
        ),
    ]
