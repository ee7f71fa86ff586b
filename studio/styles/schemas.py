"""What the styles' API takes and gives."""

from typing import Any
from uuid import UUID

from ninja import Field, Schema


class StyleOut(Schema):
    slug: str
    kind: str
    title: str
    description: str
    # A JSON Schema document: any JSON.
    params_schema: dict[str, Any]


class LookIn(Schema):
    name: str = Field(max_length=200)
    style: str
    params: dict[str, str | float | bool] = Field(default_factory=dict)


class LookOut(Schema):
    id: UUID = Field(alias="public_id")
    name: str
    style: str = Field(alias="style.slug")
    params: dict[str, str | float | bool]
