"""What a style's parameters become for one product, and for a catalogue of many."""

from collections.abc import Iterable, Mapping
from statistics import median

from inference.stages.measure import TYPICAL_PITCH_DEG
from inference.styles.catalogue import installed_plates
from inference.styles.scene import camera_choice
from studio.catalog.models import Photo, Product
from studio.catalog.selectors import current_cutout
from studio.core.work import State
from studio.styles.models import Style

HEIGHT, CAMERA, AUTOMATIC = "height_cm", "camera", "auto"


def for_product(
    style: Style, params: Mapping[str, object], product: Product
) -> Mapping[str, object]:
    """The parameters with the product's own height where nobody named another.

    A height that the style cannot show is left out: the tile says why it does not suit.
    """
    height_cm = _fitting_height_cm(style, product)
    if HEIGHT in params or height_cm is None:
        return params
    return {**params, HEIGHT: height_cm}


def schema_for(style: Style, product: Product) -> Mapping[str, object]:
    """The style's schema with the defaults that `for_product` gives."""
    schema: dict[str, object] = style.params_schema
    height_cm = _fitting_height_cm(style, product)
    if height_cm is None:
        return schema
    properties = _properties(style)
    own = {**properties, HEIGHT: {**properties[HEIGHT], "default": height_cm}}
    return {**schema, "properties": own}


def _fitting_height_cm(style: Style, product: Product) -> float | None:
    property_ = _properties(style).get(HEIGHT)
    height_cm = product.height_cm
    if property_ is None or height_cm is None:
        return None
    return height_cm if property_["minimum"] <= height_cm <= property_["maximum"] else None


def of_look(params: Mapping[str, object]) -> dict[str, object]:
    """A saved look's parameters; a height of 0 is left out, so that each product's own counts."""
    return {name: value for name, value in params.items() if name != HEIGHT or value}


def for_catalogue(
    style: Style, params: Mapping[str, object], photos: Iterable[Photo]
) -> dict[str, object]:
    """The parameters under which many products look as if taken on one set.

    A scene's automatic camera follows each photo; a catalogue gets one view for all of them, the
    one nearest to the photos' middle pitch. A height of 0 becomes each product's own.
    """
    held = of_look(params)
    properties = _properties(style)
    if CAMERA in properties and held.get(CAMERA, AUTOMATIC) == AUTOMATIC:
        held[CAMERA] = camera_choice(installed_plates(), style.slug, _middle_pitch(photos))
    return held


def _middle_pitch(photos: Iterable[Photo]) -> float:
    pitches = []
    for photo in photos:
        cutout = current_cutout(photo)
        if cutout is not None and cutout.state == State.FINISHED:
            pitches.append(photo.measured_as_told(cutout).pitch_deg)
    return median(pitches) if pitches else TYPICAL_PITCH_DEG


def _properties(style: Style) -> dict[str, dict[str, float]]:
    properties: dict[str, dict[str, float]] = style.params_schema.get("properties", {})
    return properties
