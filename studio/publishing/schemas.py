"""What the publishing API takes and gives."""

from datetime import datetime
from uuid import UUID

from ninja import Schema


class PublishIn(Schema):
    channels: list[str] = ["web"]
    replaces: UUID | None = None


class RuleOut(Schema):
    name: str
    value: str
    evidence: str
    source: str
    read: str


class VerdictOut(Schema):
    channel: str
    label: str
    preset_version: str
    suits: str
    sentence: str
    width: int
    height: int
    rules: list[RuleOut]


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
    replaced_by: UUID | None
    presets: dict[str, str]
    digital_source_type: str
    photo_enhancements: list[str]
    variants: list[VariantOut]
