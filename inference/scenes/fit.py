"""Whether a scene suits a product, as far as its measurements can tell. Loads no torch."""

from inference.plates.format import PlateInfo, Support
from inference.plates.library import PlateLibrary
from inference.requests import Measurements
from inference.stages.measure import TYPICAL_PITCH_DEG
from inference.styles.catalogue import installed_plates
from inference.styles.scene import FAMILY
from inference.styles.style import Style

# A photo from above shows a product's top; standing views end here …
_STEEPEST_STANDING_DEG = 48.0
# … and a base this clearly seen from the side is no flat lay.
_STEEPEST_UPRIGHT_DEG = 35.0
# A product that fills less of its photo's longer side than this has few pixels to show.
_FEWEST_PX = 300


def suits(
    style: Style,
    measurements: Measurements,
    *,
    height_cm: float = 0.0,
    library: PlateLibrary | None = None,
) -> str | None:
    """One sentence that says why the style does not suit the photo, or None when it may.

    Only what an outline shows reliably is judged: where the photo cuts the product off, a base
    seen from far above or plainly from the side, too few pixels; and the height, once somebody
    gave it. Whether something is furniture or glass an outline does not tell.

    Args:
        style: any style; those without a plate suit every photo.
        measurements: of the cutout.
        height_cm: the product's real height, 0 when nobody said.
        library: whose scenes are asked; the installed ones by default.
    """
    if style.family != FAMILY:
        return None
    views = [view for view in (library or installed_plates()).plates if view.scene == style.slug]
    if not views:
        return f"The scene “{style.title}” is not installed."
    info = views[0]
    reasons = (_cut_off(info, measurements), _seen(info, measurements), _size(info, height_cm))
    return next((reason for reason in (*reasons, _pixels(measurements)) if reason), None)


def _cut_off(info: PlateInfo, measurements: Measurements) -> str | None:
    touches = measurements.touches
    if "bottom" in touches and info.slot.support is not Support.NONE:
        return "The photo has the product’s foot cut off, so it cannot stand or lie in a scene."
    if touches:
        sides = " and ".join(touches)
        return f"The product is cut off at the photo’s {sides} edge, which a scene would show."
    return None


def _seen(info: PlateInfo, measurements: Measurements) -> str | None:
    pitch = measurements.pitch_deg
    if info.slot.support is Support.FLAT_LAY:
        # The usual pitch also stands for “not known”; then the seller decides.
        is_known = abs(pitch - TYPICAL_PITCH_DEG) > 1e-6 and pitch > 0
        is_round = measurements.base_width_px > 0.3 * measurements.subject.width
        if is_known and is_round and 2.0 < pitch < _STEEPEST_UPRIGHT_DEG:
            return "This scene is seen from above; the photo shows a product that stands."
        return None
    if info.slot.ground is not None and pitch > _STEEPEST_STANDING_DEG:
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
    return None


def _pixels(measurements: Measurements) -> str | None:
    box = measurements.subject
    if max(box.width, box.height) < _FEWEST_PX:
        return (
            f"The product is only {max(box.width, box.height)} pixels large in its photo and"
            " would look soft in a scene."
        )
    return None
