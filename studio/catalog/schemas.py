"""What the catalogue's API takes and gives."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema

WorkState = Literal["queued", "running", "finished", "failed", "cancelled"]


class ProductIn(Schema):
    title: str = Field(max_length=400)
    sku: str = Field("", max_length=200)


class ProductOut(Schema):
    id: UUID = Field(alias="public_id")
    title: str
    sku: str
    created_at: datetime


class ProductPage(Schema):
    items: list[ProductOut]
    next_cursor: str


class Progress(Schema):
    stage: str
    label: str
    index: int
    total: int
    share: float
    tier: str


class Waiting(Schema):
    ahead: int
    eta_s: float


class WorkError(Schema):
    code: str
    message: str


class Subject(Schema):
    left: int
    top: int
    right: int
    bottom: int


class CutoutResult(Schema):
    preview_url: str
    alpha_url: str
    confidence: float
    is_low_confidence: bool
    notice: str
    width: int
    height: int
    subject: Subject
    touches: list[str]
    pitch_deg: float
    subjects: list[Subject]
    has_shadow: bool
    translucent_share: float
    is_corrected: bool


class CutoutOut(Schema):
    state: WorkState
    seq: int
    progress: Progress | None
    waiting: Waiting | None
    error: WorkError | None
    timings_ms: dict[str, float]
    result: CutoutResult | None


PostureName = Literal["standing", "lying", "side"]


class FactsIn(Schema):
    """Answers about a product; null takes one back, what is left out stays as it is."""

    posture: PostureName | None = None
    height_cm: float | None = Field(None, description="The product's real height.")
    is_furniture: bool | None = None


class FactsOut(Schema):
    posture: PostureName | None
    height_cm: float | None
    is_furniture: bool | None
    is_posture_clear: bool = Field(description="The outline shows how it stands; no need to ask.")


class PhotoOut(Schema):
    type: Literal["photo"]
    id: UUID
    product: UUID
    file_name: str
    width: int
    height: int
    format: str
    sha256: str
    size_bytes: int
    thumb_url: str
    original_url: str
    version_of: str = Field(description="The photo that this is an enhanced version of, or empty.")
    enhancements: list[str] = Field(description="What was done to it, in words.")
    is_taken_out: bool
    facts: FactsOut
    cutout: CutoutOut | None


Coordinate = Annotated[float, Field(ge=-100_000, le=200_000, allow_inf_nan=False)]


class StrokeIn(Schema):
    """One stroke; points are (x, y) in upright photo pixels."""

    kind: Literal["keep", "erase"]
    radius_px: float = Field(gt=0, le=100_000, allow_inf_nan=False)
    points: list[tuple[Coordinate, Coordinate]] = Field(min_length=1, max_length=5000)
    is_exact: bool = Field(False, description="Paint plainly, without following the edges.")


class StrokesIn(Schema):
    strokes: list[StrokeIn] = Field(min_length=1, max_length=100)


class SubjectsIn(Schema):
    kept: list[int] = Field(description="Numbers of `result.subjects`, from 0.", max_length=100)


class CutoutChoicesIn(Schema):
    translucency: Literal["opaque", "glass"] | None = None
    keeps_shadow: bool | None = None


class CorrectionsOut(Schema):
    version: int
    can_undo: bool
    can_redo: bool
    strokes: int
    box: Subject | None
    kept: list[int]
    has_mask: bool
    keeps_shadow: bool
    translucency: Literal["opaque", "glass"]
    cutout: CutoutOut | None


class WindowIn(Schema):
    x: float = Field(0.5, ge=0, le=1, allow_inf_nan=False)
    y: float = Field(0.5, ge=0, le=1, allow_inf_nan=False)


class EnhancementIn(Schema):
    """What to try; `recipe`'s parameters are those of `GET /enhancing`."""

    recipe: dict[str, str | float | bool] = Field(default_factory=dict)
    tier: Literal["preview", "final"] = "final"
    window: WindowIn = Field(
        WindowIn(x=0.5, y=0.5), description="Middle of the part that is shown, 0..1."
    )
    supersedes: UUID | None = Field(None, description="An earlier preview, which is cancelled.")


class EnhancingNote(Schema):
    step: Literal["denoise", "deblur", "white", "exposure", "enlarge", "text"]
    outcome: Literal["done", "limited", "refused"]
    sentence: str


class PhotoCondition(Schema):
    noise_level: float
    blur_px: float | None
    white_confidence: float
    cast: str
    white_problem: str


class EnhancementResult(Schema):
    url: str
    display_url: str
    before_url: str
    after_url: str
    width: int
    height: int
    sha256: str
    condition: PhotoCondition
    notes: list[EnhancingNote]


class EnhancementOut(Schema):
    type: Literal["enhancement"]
    id: UUID
    photo: UUID
    tier: Literal["preview", "final"]
    recipe: dict[str, str | float | bool]
    window: WindowIn
    state: WorkState
    seq: int
    progress: Progress | None
    waiting: Waiting | None
    error: WorkError | None
    timings_ms: dict[str, float]
    is_dropped: bool
    kept_as: str
    result: EnhancementResult | None


class EnlargingOut(Schema):
    network: Literal["fast", "best"]
    is_installed: bool
    licence: str
    notice: str


class EnhancingOut(Schema):
    recipe_schema: dict[str, object]
    enlarging: list[EnlargingOut]


class UploadOut(Schema):
    product: ProductOut
    photo: PhotoOut


class GarmentIn(Schema):
    """A garment's kind and its landmarks, [x, y] in upright photo pixels by name."""

    kind: str
    points: dict[str, tuple[float, float]]


class GarmentOut(Schema):
    kind: str
    label: str
    points: dict[str, tuple[float, float]]
    confidence: float
    notice: str
    is_placed: bool
