"""The specimen chain's laws, held by the database itself.

What is between tables: a result belongs to a known tube, to a well of a run, to a second reader's
word; it says what the well says; and law 6 of the house. The function names its tables in
its own county's schema (kit.laws) and works once a statement on all its rows, as custody's do.
"""

from django.db import migrations

from pratique.kit.laws import CountySQL

APPEND_ONLY = [
    "specimens_specimen", "specimens_bagging", "specimens_ending", "specimens_run",
    "specimens_well", "specimens_confirmation", "specimens_result",
]

# Checked at once: a deferred one that is broken at COMMIT comes back without its name from a
# distributed county (docs/adr/0001).
REFERENCES = [
    ("specimens_bagging", "specimen", "specimens_specimen", "specimen"),
    ("specimens_ending", "specimen", "specimens_specimen", "specimen"),
    ("specimens_well", "run", "specimens_run", "run"),
    ("specimens_confirmation", "run, imported_by, controls", "specimens_run",
     "run, imported_by, controls"),
    ("specimens_result", "tube", "specimens_specimen", "tube"),
    ("specimens_result", "run", "specimens_confirmation", "run"),
    ("specimens_result", "run, well", "specimens_well", "run, well"),
]

# Law 6: who adds results of a specimen at the same time waits for the other, then sees its result.
CHECK_RESULTS = """
CREATE FUNCTION specimens_check_results() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    broken bigint;
BEGIN
    PERFORM FROM COUNTY.specimens_specimen s WHERE s.tube IN (SELECT tube FROM fresh)
    ORDER BY s.specimen FOR NO KEY UPDATE;
    SELECT count(*) FROM fresh f WHERE NOT EXISTS (
        SELECT FROM COUNTY.specimens_well w JOIN COUNTY.specimens_confirmation c ON c.run = w.run
        WHERE w.run = f.run AND w.well = f.well AND w.tube = f.tube AND w.reading = f.result
          AND NOT w.well = ANY(c.withheld))
    INTO broken;
    IF broken > 0 THEN
        RAISE EXCEPTION 'specimens_result_of_well: % results are not what a confirmed well says',
            broken USING ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'specimens_result_of_well';
    END IF;
    SELECT count(*) FROM fresh f JOIN COUNTY.specimens_result r ON r.tube = f.tube
    WHERE f.result = 'negative' AND r.result IN ('positive', 'inconclusive')
    INTO broken;
    IF broken > 0 THEN
        RAISE EXCEPTION 'specimens_law_6: a negative after a positive or inconclusive needs a new '
            'specimen' USING ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'specimens_law_6';
    END IF;
    RETURN NULL;
END $$
"""


def reference(table: str, columns: str, other: str, keys: str) -> migrations.RunSQL:
    name = f"{table}_{columns.replace(', ', '_')}_known"
    return migrations.RunSQL(
        [f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) "
         f"REFERENCES {other} ({keys}) NOT DEFERRABLE"],
        [f"ALTER TABLE {table} DROP CONSTRAINT {name}"],
    )


class Migration(migrations.Migration):
    dependencies = [("specimens", "0001_initial"), ("journal", "0002_laws")]
    operations = [
        *[reference(*one) for one in REFERENCES],
        CountySQL([CHECK_RESULTS], ["DROP FUNCTION specimens_check_results()"]),
        migrations.RunSQL(
            ["CREATE TRIGGER specimens_result_checked AFTER INSERT ON specimens_result "
             "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT "
             "EXECUTE FUNCTION specimens_check_results()"],
            ["DROP TRIGGER specimens_result_checked ON specimens_result"],
        ),
        *[
            migrations.RunSQL(
                [f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                 "FOR EACH ROW EXECUTE FUNCTION refuse_change()"],
                [f"DROP TRIGGER {table}_append_only ON {table}"],
            )
            for table in APPEND_ONLY
        ],
    ]
