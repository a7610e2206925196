"""The feeds' laws that PostgreSQL can hold (docs/reference/laws.md tells each in words)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("feeds", "0001_initial")]
    operations = [
        migrations.RunSQL(
            ["ALTER TABLE feeds_importpart ADD CONSTRAINT feeds_importpart_part_of_known "
             "FOREIGN KEY (part_of) REFERENCES feeds_import (id) NOT DEFERRABLE"],
            ["ALTER TABLE feeds_importpart DROP CONSTRAINT feeds_importpart_part_of_known"],
        ),
    ]
