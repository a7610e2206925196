"""The checkpoint's laws beside its unique indexes: what has ended stays ended, nothing is deleted.

The triggers look at nothing but the row itself, so they cost nothing where they do not refuse.
"""

from django.db import migrations

KEPT = ["checkpoint_episode", "checkpoint_arrival"]

REFUSE = """
CREATE FUNCTION checkpoint_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'checkpoint_ends_once: an arrival is never deleted, and ends once'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'checkpoint_ends_once';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("checkpoint", "0001_initial"), ("journal", "0002_laws")]
    operations = [
        migrations.RunSQL([REFUSE], ["DROP FUNCTION checkpoint_refuse_change()"]),
        *[
            migrations.RunSQL(
                [f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} "
                 "FOR EACH ROW EXECUTE FUNCTION checkpoint_refuse_change()"],
                [f"DROP TRIGGER {table}_kept ON {table}"],
            )
            for table in KEPT
        ],
        migrations.RunSQL(
            ["CREATE TRIGGER checkpoint_episode_ends_once BEFORE UPDATE ON checkpoint_episode "
             "FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL OR NEW.id <> OLD.id "
             "OR NEW.person <> OLD.person OR NEW.arrived_at <> OLD.arrived_at "
             "OR NEW.post <> OLD.post) EXECUTE FUNCTION checkpoint_refuse_change()"],
            ["DROP TRIGGER checkpoint_episode_ends_once ON checkpoint_episode"],
        ),
        # Its finding may come and go after it was cleared: a person registered late settles it.
        migrations.RunSQL(
            ["CREATE TRIGGER checkpoint_arrival_ends_once BEFORE UPDATE ON checkpoint_arrival "
             "FOR EACH ROW WHEN (NEW.fact <> OLD.fact OR NEW.vehicle <> OLD.vehicle "
             "OR NEW.at <> OLD.at OR NEW.post <> OLD.post OR NEW.occupants <> OLD.occupants "
             "OR OLD.cleared_at IS NOT NULL AND (NEW.cleared_at IS DISTINCT FROM OLD.cleared_at "
             "OR NEW.cleared_by IS DISTINCT FROM OLD.cleared_by)) "
             "EXECUTE FUNCTION checkpoint_refuse_change()"],
            ["DROP TRIGGER checkpoint_arrival_ends_once ON checkpoint_arrival"],
        ),
    ]
