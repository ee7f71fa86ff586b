"""What the engine tells its caller while it works.

Order within one request: `seq` rises by one from 1; `elapsed_ms` never falls; previews come in
rising tiers; exactly one lasting event (of `LastingEvent`) ends a request that
succeeds and is also the return value. A request that fails or is cancelled raises instead.
Events are plain frozen dataclasses, so they cross a process boundary by pickle.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from inference.enhance.request import Condition, Note
from inference.requests import Box, GarmentRead, Measurements, ParameterValue, Tier


class MediaType(StrEnum):
    """Encodings of pictures that leave the engine."""

    JPEG = "image/jpeg"
    WEBP = "image/webp"
    PNG = "image/png"
    AVIF = "image/avif"


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An encoded picture and its size in pixels."""

    data: bytes
    media_type: MediaType
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins: stage `index` (from 1) of `total` planned stages of `tier`.

    `share_done` is the part of the whole request's *measured* usual cost that lies behind it, 0..1.
    """

    seq: int
    tier: Tier
    elapsed_ms: float
    stage: str
    label: str
    index: int
    total: int
    share_done: float


@dataclass(frozen=True, slots=True)
class PreviewReady:
    """A picture good enough to look at; a later tier replaces it."""

    seq: int
    tier: Tier
    elapsed_ms: float
    image: EncodedImage


@dataclass(frozen=True, slots=True)
class CutoutFinished:
    """The photo's cutout, once per photo and network version.

    `alpha_png` is an 8-bit grey PNG of the upright photo's native size. `confidence` is 0..1;
    below `LOW_CONFIDENCE` the studio asks the seller instead of trusting the matte, and `notice`
    says why in one sentence. `preview` is the cut-out on transparency (WebP with alpha).
    `subjects` are the boxes of the separate products found, largest first. `shadow_png` is the
    product's own shadow, an 8-bit grey PNG (255 = no shadow) to multiply a ground with; empty where
    the photo's ground does not show one. `translucent_share` is the part of the product's area,
    0..1, through which the background shows.
    """

    seq: int
    elapsed_ms: float
    alpha_png: bytes
    width: int
    height: int
    preview: EncodedImage
    measurements: Measurements
    confidence: float
    notice: str
    network: str
    network_version: str
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    subjects: tuple[Box, ...] = ()
    shadow_png: bytes = b""
    translucent_share: float = 0.0


@dataclass(frozen=True, slots=True)
class PhotoPlacement:
    """Where upright photo pixels lie in a picture: `picture = photo * scale + offset`.

    `width` and `height` are the picture's, so that the map can be taken to another size of it.
    """

    width: int
    height: int
    scale: float
    offset_x: float
    offset_y: float

    @classmethod
    def from_json(cls, data: Mapping[str, float]) -> "PhotoPlacement":
        """Rebuild from plain data with the fields' names.

        Raises:
            KeyError: a field is missing.
        """
        return cls(
            width=int(data["width"]),
            height=int(data["height"]),
            scale=data["scale"],
            offset_x=data["offset_x"],
            offset_y=data["offset_y"],
        )

    def box(self, photo_box: Box) -> tuple[float, float, float, float]:
        """Left, top, right and bottom in picture pixels of a box in the photo; may leave it."""
        return (
            photo_box.left * self.scale + self.offset_x,
            photo_box.top * self.scale + self.offset_y,
            photo_box.right * self.scale + self.offset_x,
            photo_box.bottom * self.scale + self.offset_y,
        )


@dataclass(frozen=True, slots=True)
class RenderFinished:
    """The picture of the highest tier asked for.

    `image` is lossless (PNG or WebP) for the final tier, so that every published variant is
    encoded once from exactly what was reviewed; for lower tiers it is that tier's preview.
    `display` is a small encode of the same pixels for pages; for lower tiers it equals `image`.
    `placement` says where in `image` the product was put; `garment` what a model style read.
    """

    seq: int
    tier: Tier
    elapsed_ms: float
    image: EncodedImage
    display: EncodedImage
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    device: str = "cpu"
    placement: PhotoPlacement | None = None
    garment: GarmentRead | None = None


@dataclass(frozen=True, slots=True)
class EnhanceFinished:
    """A photo enhanced by a recipe, or a preview of it.

    `image` is the whole enhanced photo, lossless, with the photo's own alpha where it has one; None
    for a preview. `whole` is it small; `window_before` and `window_after` are the same place of the
    photo in its own pixels, in one size (an enlarged photo's is plainly enlarged before). `notes`
    say what came of each step that was asked for; `taken` is the recipe without what was refused,
    and with the exposure that the highlights bore: exactly what was done.
    """

    seq: int
    elapsed_ms: float
    tier: Tier
    image: EncodedImage | None
    whole: EncodedImage
    window_before: EncodedImage
    window_after: EncodedImage
    condition: Condition
    taken: Mapping[str, ParameterValue]
    notes: tuple[Note, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    device: str = "cpu"


LastingEvent = CutoutFinished | RenderFinished | EnhanceFinished
Event = StageStarted | PreviewReady | LastingEvent
OnEvent = Callable[[Event], None]
IsCancelled = Callable[[], bool]

# Below this the studio shows the matte with a plain question instead of trusting it.
LOW_CONFIDENCE = 0.5
