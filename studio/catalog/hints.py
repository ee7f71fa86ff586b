"""What a person has said about a photo's cutout: the steps that count, folded into one value."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from inference.requests import Box, Stroke, StrokeKind, Translucency
from studio.catalog.models import Correction, Photo

# Rises when the same network's cutouts change, so that nothing made of the old ones is reused.
CUTOUT_VERSION = 2
# Two boxes that overlap by this share of their union are the same product, found anew.
_SAME_PRODUCT = 0.5


@dataclass(frozen=True, slots=True)
class Hints:
    """The corrections of one photo. `kept` is empty while every product stays."""

    strokes: tuple[Stroke, ...] = ()
    kept: tuple[Box, ...] = ()
    box: Box | None = None
    mask_key: str = ""
    mask_sha256: str = ""
    keeps_shadow: bool = False
    translucency: Translucency = Translucency.OPAQUE

    def machine_key(self, photo: Photo, network: str) -> str:
        """Names what the network makes of the photo under these hints."""
        parts = [f"{photo.sha256}|{network}|{CUTOUT_VERSION}"]
        if self.box is not None:
            parts.append(json.dumps(asdict(self.box)))
        if self.mask_sha256:
            parts.append(self.mask_sha256)
        if self.translucency is not Translucency.OPAQUE:
            parts.append(self.translucency.value)
        return hashlib.sha256("|".join(parts).encode()).hexdigest()

    def content_key(self, photo: Photo, network: str) -> str:
        """Names the corrected cutout; the machine's own key while nothing lies over it."""
        machine_key = self.machine_key(photo, network)
        if not (self.strokes or self.kept or self.keeps_shadow):
            return machine_key
        over = repr((self.strokes, self.kept, self.keeps_shadow))
        return hashlib.sha256(f"{machine_key}|{over}".encode()).hexdigest()

    def dropped(self, subjects: Iterable[Box]) -> tuple[Box, ...]:
        """Those of the products found that the person left out."""
        if not self.kept:
            return ()
        found = tuple(subjects)
        staying = {
            box for box in found if any(_overlap(box, kept) >= _SAME_PRODUCT for kept in self.kept)
        }
        # None of the chosen products was found again: leaving all of them out helps nobody.
        return tuple(box for box in found if box not in staying) if staying else ()


def hints_of(photo: Photo) -> Hints:
    """Fold the steps that count."""
    return folded(photo.corrections.filter(standing=Correction.Standing.DONE).order_by("number"))


def folded(corrections: Iterable[Correction]) -> Hints:
    """The steps in their order, as one value; of the same kind the last wins, strokes add up."""
    values: dict[str, Any] = {}  # the fields of `Hints`
    strokes: list[Stroke] = []
    for correction in corrections:
        data = correction.data
        match correction.kind:
            case Correction.Kind.STROKES:
                strokes.extend(stroke_of(each) for each in data["strokes"])
            case Correction.Kind.BOX:
                values["box"] = Box(**data["box"]) if data["box"] else None
            case Correction.Kind.SUBJECTS:
                values["kept"] = tuple(Box(**each) for each in data["kept"])
            case Correction.Kind.MASK:
                values["mask_key"], values["mask_sha256"] = data["key"], data["sha256"]
            case Correction.Kind.SHADOW:
                values["keeps_shadow"] = data["keeps"]
            case Correction.Kind.TRANSLUCENCY:
                values["translucency"] = Translucency(data["value"])
            case Correction.Kind.START_OVER:
                values.clear()
                strokes.clear()
    return Hints(strokes=tuple(strokes), **values)


def stroke_of(data: Mapping[str, Any]) -> Stroke:
    """A stroke as `Correction.data` stores it."""
    points = tuple((float(x), float(y)) for x, y in data["points"])
    return Stroke(StrokeKind(data["kind"]), float(data["radius_px"]), points, data["is_exact"])


def _overlap(one: Box, other: Box) -> float:
    """The shared area over the area of both together, 0..1."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(0, width) * max(0, height)
    both = one.width * one.height + other.width * other.height - shared
    return shared / both if both else 0.0
