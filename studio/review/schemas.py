"""What the review API takes and gives."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema

from studio.renders.schemas import RenderOut


class QueueItem(Schema):
    render: RenderOut
    product: UUID
    title: str
    sku: str
    source_url: str
    submitted_at: datetime


class QueueOut(Schema):
    waiting: int
    items: list[QueueItem]


class DecisionIn(Schema):
    verdict: Literal["approve", "return", "reject"]
    reasons: list[str] = Field(default_factory=list)
    checklist: dict[str, bool] = Field(default_factory=dict)
    note: str = ""
    seen_sha256: str
    region: list[float] | None = Field(
        default=None, description="[left, top, right, bottom] in the result's pixels."
    )
    looked_ms: int | None = Field(default=None, ge=0, description="Time on screen.")


class DecisionOut(Schema):
    id: UUID = Field(alias="public_id")
    verdict: str
    reasons: list[str]
    checklist: dict[str, bool]
    note: str
    seen_sha256: str
    created_at: datetime
