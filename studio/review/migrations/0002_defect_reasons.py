"""The reasons a picture is returned for, to begin with; admins add and change them."""

from django.db import migrations

REASONS = (
    ("product-altered", "Product looks altered (logo, text, parts)", "critical"),
    ("wrong-product", "Wrong product or variant", "critical"),
    ("colour-wrong", "Colour is not the product's", "critical"),
    ("edge-cut", "Part of the product is cut off or erased", "major"),
    ("halo", "Halo or rest of the old background", "major"),
    ("hole-filled", "A hole or handle is filled in", "major"),
    ("not-white", "Background is not pure white", "major"),
    ("too-small", "Product fills too little of the frame", "major"),
    ("blurred", "Blurred or too low in resolution", "major"),
    ("cropped", "Product is cropped", "major"),
    ("shadow", "Shadow missing or from the wrong side", "minor"),
    ("placement", "Off centre, floating or tilted", "minor"),
    ("noise", "Noise or small marks", "minor"),
)


def add_reasons(apps, schema_editor):
    reason = apps.get_model("review", "DefectReason")
    for position, (code, label, severity) in enumerate(REASONS):
        reason.objects.get_or_create(
            code=code, defaults={"label": label, "severity": severity, "position": position}
        )


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]
    operations = [migrations.RunPython(add_reasons, migrations.RunPython.noop)]
