from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("renders", "0003_placement"),
    ]

    operations = [
        migrations.AddField(
            model_name="render",
            name="channels",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="render",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
