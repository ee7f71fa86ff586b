"""What a scene is made of, before it is baked."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from inference.plates.authoring.lights import Lighting
from inference.plates.authoring.materials import Material
from inference.plates.authoring.shapes import Mesh
from inference.plates.camera import Camera, look_at
from inference.plates.format import Room, Support, Surface, Tags, Tone, Vec3


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing in the scene."""

    mesh: Mesh
    material: Material
    surface: Surface


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera stands: it looks down by `pitch_deg` at a point above the stand point."""

    pitch_deg: float
    distance_cm: float
    target_height_cm: float
    field_of_view_deg: float = 20.0
    aperture_radius_cm: float = 0.0

    def camera(self, side_px: int) -> Camera:
        """The camera of a square picture."""
        angle = np.radians(self.pitch_deg)
        height, back = self.distance_cm * np.sin(angle), self.distance_cm * np.cos(angle)
        return look_at(
            position_cm=(0.0, self.target_height_cm + float(height), float(back)),
            target_cm=(0.0, self.target_height_cm, 0.0),
            field_of_view_deg=self.field_of_view_deg,
            width_px=side_px,
            height_px=side_px,
            aperture_radius_cm=self.aperture_radius_cm,
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """A scene as built for one view."""

    pieces: tuple[Piece, ...]
    lighting: tuple[Lighting, ...]
    front: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """A place to photograph products in.

    Attributes:
        slug: its name.
        title: what a seller reads.
        description: one sentence for sellers.
        tags: to search by; colours are measured from the baked picture.
        support: what carries the product.
        room: what fits.
        views: one plate each.
        build: pieces and light for a view.
        ground: what the product stands on, or none where it floats.
        level: mean linear brightness wanted around the stand point.
        point_cm: the stand point.
        mirrors: whether the ground should reflect the product.
        tone: the recommended tone curve.
        seed: of the sampler.
    """

    slug: str
    title: str
    description: str
    tags: Tags
    support: Support
    room: Room
    views: tuple[View, ...]
    build: Callable[[View], Stage]
    ground: Material | None
    level: float
    point_cm: Vec3 = (0.0, 0.0, 0.0)
    mirrors: bool = False
    tone: Tone = field(default_factory=Tone)
    seed: int = 1

    def plate_slug(self, view: View) -> str:
        """The name of the plate that shows that view."""
        return f"{self.slug}-{round(view.pitch_deg)}"


def backdrop_cm(view: View, *, near: float = 28.0, far: float = 160.0) -> float:
    """How far behind the stand point a wall goes so that its foot does not cut a product in half.

    Seen from low it stands near, so that its foot shows at a product's own; seen from high it
    leaves the picture.
    """
    return near if view.pitch_deg < 24 else far


def level_views(
    distance_cm: float,
    target_height_cm: float,
    *,
    field_of_view_deg: float = 20.0,
    aperture_radius_cm: float = 0.0,
    pitches: tuple[float, ...] = (8.0, 18.0, 30.0),
) -> tuple[View, ...]:
    """Views of a level scene at rising pitch; the steeper, the nearer the aim is to the ground."""
    return tuple(
        View(
            pitch,
            distance_cm,
            target_height_cm * (1.0 if pitch < 12 else 0.9 if pitch < 25 else 0.7),
            field_of_view_deg,
            aperture_radius_cm,
        )
        for pitch in pitches
    )


def top_view(distance_cm: float, *, field_of_view_deg: float = 24.0) -> tuple[View, ...]:
    """Straight down, for flat lays."""
    return (View(90.0, distance_cm, 0.0, field_of_view_deg, 0.0),)
