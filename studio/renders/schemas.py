"""What the renders' API takes and gives."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime

from inference.requests import MAX_OUTPUT_SIDE_PX, MIN_OUTPUT_SIDE_PX, Aspect
from studio.catalog.schemas import Progress, Waiting, WorkError, WorkState
from studio.core.channels import CHANNELS

Params = dict[str, bool | float | str]
TierName = Literal["thumb", "preview", "final"]
PriorityName = Literal["interactive", "campaign", "bulk"]


class OutputIn(Schema):
    size: int = Field(default=2048, description=f"{MIN_OUTPUT_SIDE_PX} to {MAX_OUTPUT_SIDE_PX} px.")
    aspect: str = Field(default="1:1", description=", ".join(aspect.value for aspect in Aspect))


class RenderIn(Schema):
    photo: UUID
    style: str
    params: Params = Field(default_factory=dict)
    output: OutputIn = OutputIn()
    priority: PriorityName = "interactive"
    tier: TierName = "final"
    supersedes: UUID | None = Field(default=None, description="An earlier preview to cancel.")


class SubmissionIn(Schema):
    due_at: AwareDatetime | None = Field(
        default=None, description="When an answer is wanted; with its offset from UTC."
    )
    channels: list[str] = Field(
        default_factory=list, description="What it is for: " + ", ".join(CHANNELS)
    )


class TilesIn(Schema):
    photo: UUID


class FitOut(Schema):
    style: str
    backdrop: UUID | None = Field(description="Which of your own, in the style own-backdrop.")
    reason: str = Field(description="One sentence why it does not suit; empty when it may.")


class BatchIn(Schema):
    photos: list[UUID]
    style: str
    params: Params = Field(default_factory=dict)
    output: OutputIn = OutputIn()
    priority: PriorityName = "campaign"


class OutputOut(Schema):
    size: int
    aspect: str


class ResultOut(Schema):
    url: str
    display_url: str
    width: int
    height: int
    sha256: str
    media_type: str
    bytes: int
    was_cached: bool


class ReviewOut(Schema):
    state: Literal["draft", "submitted", "approved", "returned", "rejected"]
    reasons: list[str]
    reason_labels: list[str]
    note: str
    region: list[float] | None
    fixes: list[str]
    due_at: datetime | None
    channels: list[str]


class RenderOut(Schema):
    type: Literal["render"]
    id: UUID
    photo: UUID
    style: str
    tier: TierName
    state: WorkState
    seq: int
    progress: Progress | None
    waiting: Waiting | None
    error: WorkError | None
    timings_ms: dict[str, float]
    params: Params
    output: OutputOut
    created_at: datetime
    result: ResultOut | None
    review: ReviewOut


class RenderList(Schema):
    renders: list[RenderOut]


class BatchOut(Schema):
    id: UUID
    renders: list[RenderOut]
