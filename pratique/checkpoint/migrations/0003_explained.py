"""What people say of differences: of the people aboard, of a plate seen twice."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('checkpoint', '0002_laws'),
    ]

    operations = [
        migrations.AddField(
            model_name='arrival',
            name='explained',
            field=models.TextField(default=''),
        ),
        migrations.AddField(
            model_name='arrival',
            name='explained_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='arrival',
            name='explained_by',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='arrival',
            name='explained_registered',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='platepair',
            name='explained',
            field=models.TextField(default=''),
        ),
        migrations.AddField(
            model_name='platepair',
            name='explained_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='platepair',
            name='explained_by',
            field=models.UUIDField(null=True),
        ),
    ]
