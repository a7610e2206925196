"""A member of staff can be locked: the sign-in is closed, the duties stay on the roll."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_divisions")]
    operations = [
        migrations.AddField("enrolment", "locked_at", models.DateTimeField(null=True)),
        migrations.AddField("enrolment", "locked_reason", models.TextField(default="")),
    ]
