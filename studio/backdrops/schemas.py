"""What the backdrops' API takes and gives."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema

ViewpointName = Literal["level", "above"]


class SetupIn(Schema):
    """Lines and points are shares of the picture: 0 its top or left, 1 its bottom or right."""

    viewpoint: ViewpointName = Field("level", description="From in front, or straight down.")
    eye_level: float = Field(0.3, description="The row of the horizon; may lie outside.")
    ground_line: float = Field(0.55, description="The row where the ground ends.")
    stand_x: float = Field(0.5, description="The column where the product stands.")
    stand_y: float = Field(0.8, description="The row where it stands, below the ground line.")
    width_cm: float = Field(80, description="What the picture's width shows there.")
    light_from_deg: float = Field(
        -60, description="0 the camera's side, -90 the left, 90 the right, 180 behind."
    )
    light_height_deg: float = 50
    light_softness: float = Field(0.5, description="0 a bare sun, 1 an overcast sky.")
    focal: float = Field(0.85, description="Focal length over the picture's diagonal.")


class SetupOut(SetupIn):
    """Every value of it."""


class BackdropIn(Schema):
    """What is left out stays as it is."""

    name: str | None = Field(None, max_length=200)
    setup: SetupIn | None = None


class BackdropOut(Schema):
    id: UUID
    name: str
    width: int
    height: int
    picture_url: str
    setup: SetupOut
    unsure: list[str] = Field(description="Guessed, and looked at by nobody yet.")
    created_at: datetime
