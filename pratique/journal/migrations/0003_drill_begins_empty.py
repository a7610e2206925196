"""A county is a drill from its first fact on or never: the marker comes and goes while it is empty.

With it a live county would show the drill's banner and let its clock be driven; without it a drill's
invented people would pass for real ones.
"""

from django.db import migrations

from pratique.kit.laws import CountySQL

# A batch that is being recorded at this moment is waited for, in the order in which it writes; the
# locks need the owner's rights.
# Every fact, whatever became of it, came in a batch; both are looked at all the same.
BEGINS_EMPTY = """
CREATE FUNCTION journal_drill_is_empty() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE COUNTY.journal_fact, COUNTY.journal_batch IN SHARE MODE;
    IF EXISTS (SELECT FROM COUNTY.journal_batch) OR EXISTS (SELECT FROM COUNTY.journal_fact) THEN
        RAISE EXCEPTION 'journal_drill_begins_empty: something is recorded here; a county becomes '
            'a drill, or stops being one, only before that'
            USING ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'journal_drill_begins_empty';
    END IF;
    RETURN NULL;
END $$
"""
TRIGGER = (
    "CREATE TRIGGER journal_drill_begins_empty BEFORE INSERT OR DELETE ON journal_drill "
    "FOR EACH STATEMENT EXECUTE FUNCTION journal_drill_is_empty()"
)


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_laws")]
    operations = [
        CountySQL([BEGINS_EMPTY], ["DROP FUNCTION journal_drill_is_empty()"]),
        migrations.RunSQL([TRIGGER], ["DROP TRIGGER journal_drill_begins_empty ON journal_drill"]),
    ]
