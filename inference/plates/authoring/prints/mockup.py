"""What a mockup is made of, before it is baked."""

from collections.abc import Callable
from dataclasses import dataclass, field

from inference.mockups.format import Face, Finish
from inference.plates.authoring.lights import Sky, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.scene import Piece
from inference.plates.authoring.shapes import Array, Mesh
from inference.plates.camera import Camera, look_at
from inference.plates.format import Tone, Vec3


@dataclass(frozen=True, slots=True)
class FaceMesh:
    """A face and the patch that shows where it is.

    Attributes:
        face: its flat coordinates.
        patch: lies on the object or a hair above; of a mapped face `uv` is (s, t), else unused.
        control: of a mapped face, (rows, columns, 3) world cm at evenly spaced (s, t), rows over t.
    """

    face: Face
    patch: Mesh
    control: Array | None = None


@dataclass(frozen=True, slots=True)
class Printable:
    """An object: what is dyed, what is not, and its faces.

    Attributes:
        dyed: pieces whose colour is the seller's: baked white and baked black. Only the shine of
            their material counts.
        fixed: pieces that keep their colour.
        faces: one to three.
    """

    dyed: tuple[Piece, ...]
    fixed: tuple[Piece, ...]
    faces: tuple[FaceMesh, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an object is photographed.

    Attributes:
        ground: pieces that a seller may tint when `can_tint`.
        props: the rest.
        lamps: all on at once; a mockup has one light.
        sky: light from everywhere.
        gobos: things out of frame that shape the lamps' light.
        can_tint: the ground is one plain colour.
        level: linear brightness wanted of the white object's faces.
    """

    ground: tuple[Piece, ...]
    props: tuple[Piece, ...]
    lamps: tuple[Softbox, ...]
    sky: Sky | None
    gobos: tuple[Mesh, ...] = ()
    can_tint: bool = False
    level: float = 0.66


@dataclass(frozen=True, slots=True)
class Shot:
    """Where the camera stands."""

    position: Vec3
    target: Vec3
    field_of_view_deg: float = 20.0
    aperture_radius_cm: float = 0.0

    def camera(self, side_px: int) -> Camera:
        """The camera of a square picture; the target is in focus."""
        return look_at(
            position_cm=self.position,
            target_cm=self.target,
            field_of_view_deg=self.field_of_view_deg,
            width_px=side_px,
            height_px=side_px,
            aperture_radius_cm=self.aperture_radius_cm,
        )


@dataclass(frozen=True, slots=True)
class Mockup:
    """One object in one setting, from one or more sides.

    Attributes:
        slug: also its style's name.
        title: what a seller reads.
        description: one sentence for sellers.
        order: place in the list.
        views: name and title of each; one nameless view where there is one.
        build: the object for a view.
        setting: its surroundings for a view.
        shot: the camera for a view.
        has_colour: whether the seller may dye the object.
        colour: what it is dyed by default, #rrggbb.
        finishes: what a seller may choose, default first.
        finish_title: what the object's own finish is called.
        threads_per_cm: of a woven ground; 0 is none.
        foil: the material of the stamped metal, when `finishes` names it.
        tone: the recommended tone curve.
        seed: of the sampler.
    """

    slug: str
    title: str
    description: str
    order: int
    build: Callable[[str], Printable]
    setting: Callable[[str], Setting]
    shot: Callable[[str], Shot]
    views: tuple[tuple[str, str], ...] = (("", ""),)
    has_colour: bool = True
    colour: str = "#ffffff"
    finishes: tuple[Finish, ...] = (Finish.BAKED,)
    finish_title: str = "Paper"
    threads_per_cm: float = 0.0
    foil: Material = field(
        default_factory=lambda: Material((0.93, 0.93, 0.93), roughness=0.24, metallic=1.0)
    )
    tone: Tone = field(default_factory=Tone)
    seed: int = 1

    def plate_slug(self, view: str) -> str:
        """The name of the plate that shows that view."""
        return f"{self.slug}-{view}" if view else self.slug
