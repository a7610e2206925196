"""Whether somebody came from outside the province can be corrected; by which fact it was."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('checkpoint', '0003_explained'),
    ]

    operations = [
        migrations.AddField(
            model_name='episode',
            name='outside_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='episode',
            name='outside_by',
            field=models.UUIDField(null=True),
        ),
        migrations.AddConstraint(
            model_name='episode',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outside_at__isnull', True), ('outside_by__isnull', True)), models.Q(('outside_at__isnull', False), ('outside_by__isnull', False)), _connector='OR'), name='checkpoint_episode_outside_told'),
        ),
    ]
