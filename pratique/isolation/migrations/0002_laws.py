"""Isolation's laws that PostgreSQL can hold (README.md tells each in words)."""

from django.db import migrations

from pratique.kit.laws import CountySQL

# A bed that the room does not have would be a second bed in a single room.
BED_EXISTS = """
CREATE FUNCTION isolation_bed_exists() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    missing bigint;
BEGIN
    SELECT count(*) FROM fresh f LEFT JOIN COUNTY.registry_room r
      ON r.site = f.site AND r.room = f.room
    WHERE f.bed > coalesce(r.beds, 0)
    INTO missing;
    IF missing > 0 THEN
        RAISE EXCEPTION 'isolation_stay_bed_exists: % stays in a bed that no room has', missing
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'isolation_stay_bed_exists';
    END IF;
    RETURN NULL;
END $$
"""


def after(event: str) -> migrations.RunSQL:
    name = f"isolation_stay_bed_{event.lower()}"
    return migrations.RunSQL(
        [f"CREATE TRIGGER {name} AFTER {event} ON isolation_stay REFERENCING NEW TABLE AS fresh "
         "FOR EACH STATEMENT EXECUTE FUNCTION isolation_bed_exists()"],
        [f"DROP TRIGGER {name} ON isolation_stay"],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("isolation", "0001_initial"), ("journal", "0002_laws"), ("registry", "0002_laws"),
    ]
    operations = [
        migrations.RunSQL(
            ["ALTER TABLE isolation_stay ADD CONSTRAINT isolation_stay_one_bed EXCLUDE USING gist "
             "(site WITH =, room WITH =, bed WITH =, tstzrange(since, until) WITH &&)"],
            ["ALTER TABLE isolation_stay DROP CONSTRAINT isolation_stay_one_bed"],
        ),
        migrations.RunSQL(
            ["ALTER TABLE isolation_stay ADD CONSTRAINT isolation_stay_one_room EXCLUDE USING gist "
             "(person WITH =, tstzrange(since, until) WITH &&)"],
            ["ALTER TABLE isolation_stay DROP CONSTRAINT isolation_stay_one_room"],
        ),
        migrations.RunSQL(
            ["ALTER TABLE isolation_stay ADD CONSTRAINT isolation_stay_room_known FOREIGN KEY "
             "(site, room) REFERENCES registry_room (site, room) NOT DEFERRABLE"],
            ["ALTER TABLE isolation_stay DROP CONSTRAINT isolation_stay_room_known"],
        ),
        CountySQL([BED_EXISTS], ["DROP FUNCTION isolation_bed_exists()"]),
        after("INSERT"),
        after("UPDATE"),
        migrations.RunSQL(
            ["CREATE TRIGGER isolation_visit_append_only BEFORE UPDATE OR DELETE "
             "ON isolation_visit FOR EACH ROW EXECUTE FUNCTION refuse_change()"],
            ["DROP TRIGGER isolation_visit_append_only ON isolation_visit"],
        ),
    ]
