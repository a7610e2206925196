"""The registry's laws that PostgreSQL can hold (docs/reference/laws.md tells each in words)."""

from django.db import migrations

APPEND_ONLY = [
    "registry_risklist", "registry_riskarea", "registry_riskmembership", "registry_distinct",
]

# (table, column, table referred to, its column). Checked at once: a deferred one that is broken at
# COMMIT comes back without its name from a distributed county (scale.md).
REFERENCES = [
    ("registry_unit", "division", "registry_division", "code"),
    ("registry_unit", "parent", "registry_unit", "code"),
    ("registry_room", "site", "registry_unit", "code"),
    ("registry_device", "unit", "registry_unit", "code"),
    ("registry_duty", "staff", "registry_enrolment", "staff"),
    ("registry_riskmembership", "area", "registry_riskarea", "area"),
    ("registry_riskmembership", "stamp", "registry_risklist", "stamp"),
    ("registry_riskvalidity", "area", "registry_riskarea", "area"),
    ("registry_zone", "division", "registry_division", "code"),
    ("registry_merge", "kept", "registry_person", "person"),
    ("registry_merge", "merged", "registry_person", "person"),
]


def reference(table: str, column: str, other: str, key: str) -> migrations.RunSQL:
    name = f"{table}_{column}_known"
    return migrations.RunSQL(
        [f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) "
         f"REFERENCES {other} ({key}) NOT DEFERRABLE"],
        [f"ALTER TABLE {table} DROP CONSTRAINT {name}"],
    )


def append_only(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
         "FOR EACH ROW EXECUTE FUNCTION refuse_change()"],
        [f"DROP TRIGGER {table}_append_only ON {table}"],
    )


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("journal", "0002_laws")]
    operations = [
        # A place is in one tier at a time, whatever order the lists were heard in.
        migrations.RunSQL(
            ["ALTER TABLE registry_riskvalidity ADD CONSTRAINT registry_riskvalidity_one_tier "
             "EXCLUDE USING gist (key WITH =, tstzrange(valid_from, valid_until) WITH &&)"],
            ["ALTER TABLE registry_riskvalidity DROP CONSTRAINT registry_riskvalidity_one_tier"],
        ),
        *[reference(*one) for one in REFERENCES],
        *[append_only(table) for table in APPEND_ONLY],
    ]
