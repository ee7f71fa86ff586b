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
