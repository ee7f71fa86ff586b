"""Every decision made so far stands; the first reasons learn their one-click fixes."""

from django.db import migrations, models

FIXES = {
    "edge-cut": "brush",
    "halo": "recut",
    "hole-filled": "brush",
    "too-small": "crop",
    "blurred": "size",
    "cropped": "crop",
    "shadow": "shadow",
    "placement": "crop",
}


def carry_over(apps, schema_editor):
    decisions = apps.get_model("review", "Decision").objects
    decisions.filter(standing_for=None).update(standing_for_id=models.F("render_id"))
    reasons = apps.get_model("review", "DefectReason").objects
    for code, fix in FIXES.items():
        reasons.filter(code=code, fix="").update(fix=fix)


class Migration(migrations.Migration):
    dependencies = [("review", "0003_queue_rules_record")]
    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
