"""Fill the division table from the shipped files: reference data, read only for the application."""

from django.db import migrations

from pratique.registry.divisions import division_rows


def fill(apps, schema_editor) -> None:
    rows = division_rows()
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_division (code, name, parent, level) "
            "SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])",
            [list(column) for column in zip(*rows, strict=True)],
        )


def empty(apps, schema_editor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_division")


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_laws")]
    operations = [migrations.RunPython(fill, empty)]
