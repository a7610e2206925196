"""Laws that PostgreSQL holds: functions written for one county's schema when it is migrated.

A trigger must find its tables where no search path reaches: in another county's session, on a
worker of a sharded county (scale.md, rule 3). Naming the schema when the function is made does
that, and lets the server keep the plans; building each statement anew from TG_TABLE_SCHEMA had it
planned at every call, a third of a small batch's time (docs/adr/0013).
"""

from django.db import migrations

COUNTY = "COUNTY."  # stands for the county's schema in the text of a function


class CountySQL(migrations.RunSQL):
    """RunSQL in whose statements `COUNTY.` names the schema that is being migrated."""

    def _run_sql(self, schema_editor, sqls) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT quote_ident(current_schema())")
            (county,) = cursor.fetchone()
        super()._run_sql(schema_editor, [sql.replace(COUNTY, f"{county}.") for sql in sqls])
