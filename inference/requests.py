"""What a caller asks of the engine: frozen, picklable, free of any framework.

A request names files by path (the studio brings remote files to a local path first) and content by
sha256, so that caches can be keyed by content alone.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path

from inference.backdrops.setup import BackdropSetup

ParameterValue = str | float | bool

# Our own: it lies in the package, and its licence is as clear as the project's.
DEFAULT_NETWORK = "softbox-matte"


class Tier(IntEnum):
    """Rising quality levels of one plan. The numbers are on the wire; never renumber."""

    THUMB = 0
    PREVIEW = 1
    FINAL = 2


# Longest side of each transient tier. 160 px fills a style tile on a phone; a 512 px photograph
# stays under 32 KB as JPEG, so four previews a second cost about 1 Mbit/s.
THUMB_SIDE_PX = 160
PREVIEW_SIDE_PX = 512
MIN_OUTPUT_SIDE_PX = 64
MAX_OUTPUT_SIDE_PX = 4096


class StyleKind(StrEnum):
    """The three style families."""

    BACKGROUND = "background"
    MOCKUP = "mockup"
    MODEL = "model"


class Aspect(StrEnum):
    """Shapes of the output frame; `photo` keeps the upright photo's own."""

    SQUARE = "1:1"
    PORTRAIT_4_5 = "4:5"
    PORTRAIT_3_4 = "3:4"
    LANDSCAPE_4_3 = "4:3"
    LANDSCAPE_16_9 = "16:9"
    PHOTO = "photo"


class Priority(StrEnum):
    """How urgent the caller is; respected by the queue and inside the engine's batcher."""

    INTERACTIVE = "interactive"
    CAMPAIGN = "campaign"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class PhotoSource:
    """An original photo on this machine's disk.

    `sha256` is of the file's bytes (hex) and is trusted as the cache key.
    """

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in upright photo pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Measurements:
    """What is known of the product in a photo, in upright photo pixels.

    `subject` is the tight box of alpha > 0.5; `touches` names the frame's edges that the product
    crosses ("left", "top", "right", "bottom"); `pitch_deg` is the camera's pitch estimated from the
    sag of the base (0 = level); `base_width_px` is the width on which it stands; `coverage` is the
    share of the frame that the product fills, 0..1; `has_own_alpha` is true when the file brought
    its own transparency.
    """

    width: int
    height: int
    subject: Box
    touches: tuple[str, ...] = ()
    pitch_deg: float = 0.0
    base_width_px: float = 0.0
    coverage: float = 0.0
    has_own_alpha: bool = False

    def to_json(self) -> dict[str, object]:
        """Plain data for storage; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Measurements":
        """Rebuild from `to_json`'s data.

        Raises:
            TypeError, KeyError: the data is not `to_json`'s.
        """
        fields = dict(data)
        fields["subject"] = Box(**fields["subject"])  # type: ignore[arg-type]
        fields["touches"] = tuple(fields["touches"])  # type: ignore[arg-type]
        return cls(**fields)  # type: ignore[arg-type]


class Posture(StrEnum):
    """How a person says a product is shown in its photo."""

    STANDING = "standing"  # on its base, seen from a little above
    LYING = "lying"  # flat, seen from above
    SIDE = "side"  # on its base, seen from its own height


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What a person has said of a product that its outline does not show.

    `posture` is None, `height_cm` 0 and `is_furniture` None while nobody said.
    """

    posture: Posture | None = None
    height_cm: float = 0.0
    is_furniture: bool | None = None


@dataclass(frozen=True, slots=True)
class CutoutSource:
    """A stored cutout: its alpha (8-bit grey PNG, the upright photo's native size) on disk.

    `sha256` is of the alpha file's bytes and, with the photo's, keys every later stage.
    `shadow_path` is the product's own shadow as `CutoutFinished.shadow_png` gave it, where the
    seller keeps it; `shadow_sha256` is of that file's bytes.
    """

    alpha_path: Path
    sha256: str
    measurements: Measurements
    shadow_path: Path | None = None
    shadow_sha256: str = ""


@dataclass(frozen=True, slots=True)
class BackdropSource:
    """A seller's own photo of a place on disk, with where its ground and its light are.

    `sha256` is of the file's bytes and is trusted as the cache key.
    """

    path: Path
    sha256: str
    setup: BackdropSetup


class Translucency(StrEnum):
    """Whether the product lets the background shine through."""

    OPAQUE = "opaque"
    GLASS = "glass"


@dataclass(frozen=True, slots=True)
class CutoutRequest:
    """Find the product in one photo with a named network.

    `box` is where the seller says the product is: nothing outside it is product. `matte_path` is
    a mask that the seller brings (grey, any size); no network runs then.
    """

    photo: PhotoSource
    network: str = DEFAULT_NETWORK
    priority: Priority = Priority.INTERACTIVE
    box: Box | None = None
    translucency: Translucency = Translucency.OPAQUE
    matte_path: Path | None = None


class StrokeKind(StrEnum):
    """What a stroke of the correcting brush does."""

    KEEP = "keep"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke over a cutout: a round brush drawn along `points`, (x, y) in upright photo pixels.

    The rim of a stroke follows the photo's own edges unless `is_exact` asks for the plain brush.
    """

    kind: StrokeKind
    radius_px: float
    points: tuple[tuple[float, float], ...]
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class CorrectionRequest:
    """What a person changes in the machine's alpha: products left out, then strokes, in order.

    `alpha_path` is the machine's alpha as `CutoutFinished.alpha_png` gave it and `alpha_sha256` is
    of that file's bytes. Of the boxes in `CutoutFinished.subjects`, `kept` are those that stay;
    what lies in the boxes of `dropped` alone goes.
    """

    photo: PhotoSource
    alpha_path: Path
    alpha_sha256: str
    strokes: tuple[Stroke, ...] = ()
    kept: tuple[Box, ...] = ()
    dropped: tuple[Box, ...] = ()
    has_own_alpha: bool = False
    priority: Priority = Priority.INTERACTIVE


@dataclass(frozen=True, slots=True)
class StyleSpec:
    """A style of the catalogue with its parameters; absent parameters take their defaults."""

    slug: str
    params: Mapping[str, ParameterValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GarmentPoints:
    """Where a person has placed a garment's landmarks: its kind, and (x, y) by name.

    Names and kinds are those of `inference.garments.kinds`; pixels of the upright photo.
    """

    kind: str
    points: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class GarmentRead:
    """What was read in a flat-lay photo: a kind and its landmarks, as in `GarmentPoints`.

    `confidence` is 0..1 and `notice` says in one sentence what is doubtful, or nothing.
    `is_placed` is true where a person placed the landmarks.
    """

    kind: str
    points: Mapping[str, tuple[float, float]]
    confidence: float
    notice: str
    is_placed: bool


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """Size and shape of the result. `longest_side_px` is 64..4096."""

    longest_side_px: int = 2048
    aspect: Aspect = Aspect.SQUARE


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One picture: this photo, cut out like that, in this style, up to this tier.

    Every tier up to and including `tier` is delivered in turn (a `final` request shows a thumb and
    a preview first) unless `only_tier` asks for the last alone. `seed` feeds every random number.
    `garment` are landmarks placed by hand; the model styles read the photo where there are none.
    `place` is the photo that the style `own-backdrop` shows; other styles ignore it.
    """

    photo: PhotoSource
    cutout: CutoutSource
    style: StyleSpec
    output: OutputSpec = OutputSpec()
    tier: Tier = Tier.FINAL
    only_tier: bool = False
    priority: Priority = Priority.INTERACTIVE
    seed: int = 0
    garment: GarmentPoints | None = None
    place: BackdropSource | None = None
