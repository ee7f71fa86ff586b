"""What the catalogue's API takes and gives."""

from datetime import datetime
from typing import Literal
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


class UploadOut(Schema):
    product: ProductOut
    photo: PhotoOut
