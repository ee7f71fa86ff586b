"""What the publishing API takes and gives."""

from datetime import datetime
from uuid import UUID

from ninja import Schema


class PublishIn(Schema):
    channels: list[str] = ["web"]


class VariantOut(Schema):
    channel: str
    format: str
    width: int
    height: int
    bytes: int
    sha256: str
    url: str


class PublicationOut(Schema):
    id: UUID
    render: UUID
    channels: list[str]
    source_sha256: str
    created_at: datetime
    withdrawn_at: datetime | None
    variants: list[VariantOut]
