"""Decisions are never edited (law 4)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("pathway", "0001_initial"), ("journal", "0002_laws")]
    operations = [
        migrations.RunSQL(
            ["CREATE TRIGGER pathway_decision_append_only BEFORE UPDATE OR DELETE "
             "ON pathway_decision FOR EACH ROW EXECUTE FUNCTION refuse_change()"],
            ["DROP TRIGGER pathway_decision_append_only ON pathway_decision"],
        )
    ]
