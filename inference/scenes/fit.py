"""Whether a scene suits a product, as far as anybody can tell. Loads no torch."""

from dataclasses import replace

from inference.backdrops.setup import BackdropSetup, Viewpoint
from inference.plates.format import PlateInfo, Support
from inference.plates.library import PlateLibrary
from inference.requests import Measurements, Posture, ProductFacts
from inference.stages.measure import TYPICAL_PITCH_DEG
from inference.styles.catalogue import installed_plates
from inference.styles.scene import FAMILY
from inference.styles.style import Style

# A photo from above shows a product's top; standing views end here …
_STEEPEST_STANDING_DEG = 48.0
# … and this is no flat lay: upright (width over height), on a base this wide, seen from no higher.
_CLEAR_SHAPE, _CLEAR_BASE, _CLEAR_PITCH_DEG = 0.8, 0.85, 15.0
# A product looked at from so much steeper or flatter than its ground seems to lean.
_MOST_PITCH_APART_DEG = 16.0
# A product that fills less of its photo's longer side than this has few pixels to show.
_FEWEST_PX = 300


NOTHING_SAID = ProductFacts()


def as_told(measurements: Measurements, posture: Posture | None) -> Measurements:
    """The measurements with the camera's pitch where a person said how the product is shown."""
    if posture is Posture.SIDE:
        return replace(measurements, pitch_deg=0.0)
    if posture is Posture.LYING:
        return replace(measurements, pitch_deg=90.0)
    if posture is Posture.STANDING and not _is_pitch_plausible(measurements):
        return replace(measurements, pitch_deg=TYPICAL_PITCH_DEG)
    return measurements


def is_posture_clear(measurements: Measurements) -> bool:
    """Whether the outline alone shows that the product stands, so that nobody need be asked.

    Only that of a bottle or a box does: hats that lie and pairs of shoes taken from above are round
    below, too, and read like a base seen from 8° to 28° (20 development photos).
    """
    box = measurements.subject
    is_upright = box.width < _CLEAR_SHAPE * box.height
    has_base = measurements.base_width_px > _CLEAR_BASE * box.width
    return is_upright and has_base and 2.0 < measurements.pitch_deg < _CLEAR_PITCH_DEG


def suits(
    style: Style,
    measurements: Measurements,
    *,
    facts: ProductFacts = NOTHING_SAID,
    library: PlateLibrary | None = None,
) -> str | None:
    """One sentence that says why the style does not suit the photo, or None when it may.

    Of an outline only what it shows reliably is judged: where the photo cuts the product off, a
    base seen from far above or plainly from the side, too few pixels. What a person said of the
    product goes before that. Whether something is glass makes no scene unsuitable.

    Args:
        style: any style; those without a plate suit every photo.
        measurements: of the cutout.
        facts: what a person said.
        library: whose scenes are asked; the installed ones by default.
    """
    if style.family != FAMILY:
        return None
    views = [view for view in (library or installed_plates()).plates if view.scene == style.slug]
    if not views:
        return f"The scene “{style.title}” is not installed."
    info = views[0]
    reasons = (
        _cut_off(info, measurements),
        _furniture(info, facts),
        _told(info, facts) if facts.posture else _seen(info, measurements),
        _size(info, facts.height_cm),
        _pixels(measurements),
    )
    return next((reason for reason in reasons if reason), None)


def place_suits(
    setup: BackdropSetup,
    measurements: Measurements,
    *,
    facts: ProductFacts = NOTHING_SAID,
    pitch_deg: float | None,
) -> str | None:
    """One sentence that says why a seller's own place does not suit a photo, or None when it may.

    Args:
        setup: of the place.
        measurements: of the cutout.
        facts: what a person said.
        pitch_deg: of the place's camera, None while that is only a guess.
    """
    if "bottom" in measurements.touches:
        return "The photo has the product’s foot cut off, so it cannot stand or lie in a place."
    is_from_above = setup.viewpoint is Viewpoint.ABOVE
    if is_from_above and facts.posture in (Posture.STANDING, Posture.SIDE):
        return "This backdrop is seen from above; the product stands in its photo."
    if not is_from_above and facts.posture is Posture.LYING:
        return "The product lies flat in its photo; choose a backdrop seen from above."
    if pitch_deg is None or is_from_above:
        return None
    higher = as_told(measurements, facts.posture).pitch_deg - pitch_deg
    is_told = facts.posture is Posture.SIDE or is_posture_clear(measurements)
    if is_told and abs(higher) > _MOST_PITCH_APART_DEG:
        where = "higher up" if higher > 0 else "further down"
        return f"The product was photographed from {where} than this place: it may seem to lean."
    return None


def _is_pitch_plausible(measurements: Measurements) -> bool:
    return 2.0 < measurements.pitch_deg < _STEEPEST_STANDING_DEG


def _furniture(info: PlateInfo, facts: ProductFacts) -> str | None:
    is_for_it = info.slot.support in (Support.FLOOR, Support.STUDIO)
    if facts.is_furniture and not (is_for_it and "furniture" not in info.tags.avoid):
        return "Furniture belongs on a floor or in a studio; this scene is a small one."
    return None


def _told(info: PlateInfo, facts: ProductFacts) -> str | None:
    is_from_above = info.slot.support is Support.FLAT_LAY
    if facts.posture is Posture.LYING and info.slot.ground is not None and not is_from_above:
        return "The product lies flat in its photo; choose a scene that is seen from above."
    if facts.posture is not Posture.LYING and is_from_above:
        return "This scene is seen from above; the product stands in its photo."
    return None


def _cut_off(info: PlateInfo, measurements: Measurements) -> str | None:
    touches = measurements.touches
    if "bottom" in touches and info.slot.support is not Support.NONE:
        return "The photo has the product’s foot cut off, so it cannot stand or lie in a scene."
    if touches:
        sides = " and ".join(touches)
        return f"The product is cut off at the photo’s {sides} edge, which a scene would show."
    return None


def _seen(info: PlateInfo, measurements: Measurements) -> str | None:
    if info.slot.support is Support.FLAT_LAY:
        if is_posture_clear(measurements):
            return "This scene is seen from above; the photo shows a product that stands."
        return None
    if info.slot.ground is not None and measurements.pitch_deg > _STEEPEST_STANDING_DEG:
        return "The photo was taken from above; choose a scene in which products lie."
    return None


def _size(info: PlateInfo, height_cm: float) -> str | None:
    room = info.slot.room
    most = room.max_height_cm * room.scale[1]
    if height_cm > most and info.slot.support in (Support.TABLE, Support.FLAT_LAY):
        return (
            f"{info.title} takes products up to {most:.0f} cm; choose a scene on the floor"
            " or a studio."
        )
    least = room.min_height_cm * room.scale[0]
    if 0 < height_cm < least:
        return f"{info.title} is made for things from {least:.0f} cm up; this one would be lost."
    return None


def _pixels(measurements: Measurements) -> str | None:
    box = measurements.subject
    if max(box.width, box.height) < _FEWEST_PX:
        return (
            f"The product is only {max(box.width, box.height)} pixels large in its photo and"
            " would look soft in a scene."
        )
    return None
