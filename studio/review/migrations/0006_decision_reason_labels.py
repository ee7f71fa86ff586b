"""Decisions keep their reasons as they were worded; earlier ones get today's words."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def word_earlier_reasons(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    labels = dict(apps.get_model("review", "DefectReason").objects.values_list("code", "label"))
    for decision in apps.get_model("review", "Decision").objects.exclude(reasons=[]).iterator():
        decision.reason_labels = [
            labels.get(code, code.replace("-", " ").capitalize()) for code in decision.reasons
        ]
        decision.save(update_fields=["reason_labels"])


class Migration(migrations.Migration):
    dependencies = [("review", "0005_inspection_summary")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="reason_labels",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.RunPython(word_earlier_reasons, migrations.RunPython.noop),
    ]
