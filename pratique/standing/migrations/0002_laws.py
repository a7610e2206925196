"""Standings are never edited (law 4)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("standing", "0001_initial"), ("journal", "0002_laws")]
    operations = [
        migrations.RunSQL(
            ["CREATE TRIGGER standing_standing_append_only BEFORE UPDATE OR DELETE "
             "ON standing_standing FOR EACH ROW EXECUTE FUNCTION refuse_change()"],
            ["DROP TRIGGER standing_standing_append_only ON standing_standing"],
        )
    ]
