"""Which of a device's facts had to wait is asked for with every roll that a device fetches."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ("journal", "0005_device_clocks"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(fields=["device", "number"], name="journal_fact_waited",
                               condition=Q(outcome=1)),
        ),
    ]
