"""Transfer's laws that PostgreSQL can hold (README.md tells each in words)."""

from django.db import migrations

# A trip that is over frees its vehicle and driver, early arrivals too, so only open ones exclude.
OPEN = "WHERE (state IN ('planned', 'departed'))"


def exclusive(column: str) -> migrations.RunSQL:
    name = f"transfer_trip_one_{column}"
    return migrations.RunSQL(
        [f"ALTER TABLE transfer_trip ADD CONSTRAINT {name} EXCLUDE USING gist "
         f"({column} WITH =, tstzrange(depart_at, arrive_at) WITH &&) {OPEN}"],
        [f"ALTER TABLE transfer_trip DROP CONSTRAINT {name}"],
    )


class Migration(migrations.Migration):
    dependencies = [("transfer", "0001_initial"), ("journal", "0002_laws")]
    operations = [
        exclusive("vehicle"),
        exclusive("driver"),
        # Four hours at the wheel: rules.DRIVING_MINUTES_MAX.
        migrations.RunSQL(
            ["ALTER TABLE transfer_trip ADD CONSTRAINT transfer_trip_driving CHECK ("
             "arrive_at - depart_at <= interval '240 minutes' AND driving_minutes_before >= 0)"],
            ["ALTER TABLE transfer_trip DROP CONSTRAINT transfer_trip_driving"],
        ),
        migrations.RunSQL(
            ["ALTER TABLE transfer_trip ADD CONSTRAINT transfer_trip_driver_in_crew CHECK ("
             "driver = crew[1])"],
            ["ALTER TABLE transfer_trip DROP CONSTRAINT transfer_trip_driver_in_crew"],
        ),
        migrations.RunSQL(
            ["ALTER TABLE transfer_passenger ADD CONSTRAINT transfer_passenger_trip_known "
             "FOREIGN KEY (trip) REFERENCES transfer_trip (trip) NOT DEFERRABLE"],
            ["ALTER TABLE transfer_passenger DROP CONSTRAINT transfer_passenger_trip_known"],
        ),
        migrations.RunSQL(
            ["CREATE TRIGGER transfer_disinfection_append_only BEFORE UPDATE OR DELETE "
             "ON transfer_disinfection FOR EACH ROW EXECUTE FUNCTION refuse_change()"],
            ["DROP TRIGGER transfer_disinfection_append_only ON transfer_disinfection"],
        ),
    ]
