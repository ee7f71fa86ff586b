"""IPTC's words for where a picture comes from, and which of them is true of our pictures."""

from collections.abc import Mapping
from enum import StrEnum

from inference.requests import ParameterValue
from inference.styles.background import BackgroundFamily
from inference.styles.mockup import FAMILY as MOCKUP_FAMILY
from inference.styles.model import FAMILY as MODEL_FAMILY
from inference.styles.own_backdrop import FAMILY as OWN_BACKDROP_FAMILY
from inference.styles.scene import FAMILY as SCENE_FAMILY

IPTC_BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class DigitalSourceType(StrEnum):
    """The IPTC terms that can be true of a product picture.

    Source: IPTC NewsCodes, scheme `digitalsourcetype`; the values are the terms' own spelling.
    """

    DIGITAL_CAPTURE = "digitalCapture"
    ALGORITHMICALLY_ENHANCED = "algorithmicallyEnhanced"
    COMPOSITE_CAPTURE = "compositeCapture"
    COMPOSITE_SYNTHETIC = "compositeSynthetic"
    COMPOSITE_WITH_TRAINED = "compositeWithTrainedAlgorithmicMedia"
    TRAINED = "trainedAlgorithmicMedia"

    @property
    def uri(self) -> str:
        """The term as XMP and C2PA write it."""
        return f"{IPTC_BASE}{self.value}"

    @property
    def schema_org(self) -> str:
        """The member of schema.org's IPTCDigitalSourceEnumeration that means the same."""
        return f"https://schema.org/{self.value[0].upper()}{self.value[1:]}DigitalSource"


def source_type_of(family: str, params: Mapping[str, ParameterValue]) -> DigitalSourceType:
    """The term that is true of a picture which a style made from a seller's own photo.

    A cutout on plain white adds nothing: the photo was only enhanced. A shadow, a mirror image, a
    backdrop, a path-traced scene or object, a mannequin is computed, so the picture is a composite
    with a synthetic element. A product in the seller's own photo of a place is made of captures
    alone only while nothing computed is laid over them. No style that is installed lets a trained
    network invent pixels; one that did would be `COMPOSITE_WITH_TRAINED`, which is why an unknown
    family is not guessed at.

    Args:
        family: `Style.family`.
        params: the style's cleaned parameters.

    Raises:
        ValueError: nobody has said yet how this family makes its pictures.
    """
    if family in (SCENE_FAMILY, MOCKUP_FAMILY, MODEL_FAMILY):
        return DigitalSourceType.COMPOSITE_SYNTHETIC
    if family == OWN_BACKDROP_FAMILY:
        return _source_type_of_place(params)
    if family not in set(BackgroundFamily):
        raise ValueError(f"No digital source type is known for the style family “{family}”.")
    adds_something = any(float(params.get(name, 0.0)) > 0 for name in ("shadow", "reflection"))
    if family == BackgroundFamily.PURE_WHITE and not adds_something:
        return DigitalSourceType.ALGORITHMICALLY_ENHANCED
    return DigitalSourceType.COMPOSITE_SYNTHETIC


def _source_type_of_place(params: Mapping[str, ParameterValue]) -> DigitalSourceType:
    computed = ("shadow", "reflection", "light_match")
    if any(float(params.get(name, 0.0)) > 0 for name in computed):
        return DigitalSourceType.COMPOSITE_SYNTHETIC
    return DigitalSourceType.COMPOSITE_CAPTURE
