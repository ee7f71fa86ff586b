"""What a print plate is: the contents of its `plate.json`, version 1.

A plate of kind `print` shows one object from one side, once dyed white and once black. What a
picture of it looks like with ink of reflectance c on it is `black + c · (white - black)`: the
gloss is in both, so it lies on top of any ink and dark ink stays dark.

Print plates have no light groups and no place to stand, so their record is their own and not
`PlateInfo`; camera, tone and bake mean the same. `docs/mockups.md` describes every field.
"""

from dataclasses import dataclass
from enum import StrEnum

from inference.plates.camera import Camera
from inference.plates.format import Bake, Kind, Tone, Vec3

Rect = tuple[float, float, float, float]


class Finish(StrEnum):
    """How ink and body shine."""

    BAKED = "baked"  # as the object was made: ceramic gloss, coated board, cotton
    MATTE = "matte"  # uncoated: most of the gloss is gone
    FOIL = "foil"  # the artwork is stamped in metal; needs the plate's foil picture


@dataclass(frozen=True, slots=True)
class Plane:
    """A flat face: a point at (s, t) lies at `corner_cm + s · across_cm + t · down_cm`.

    Attributes:
        corner_cm: upper left corner, as seen by who reads the print.
        across_cm: from there to the upper right corner.
        down_cm: from there to the lower left corner.
    """

    corner_cm: Vec3
    across_cm: Vec3
    down_cm: Vec3


@dataclass(frozen=True, slots=True)
class Cylinder:
    """A round face: s runs around it from left to right, t from its upper rim down.

    Attributes:
        centre_cm: on the axis, at the upper rim.
        down_cm: along the axis to the lower rim.
        front: unit vector from the axis to s = 0.5.
        radius_cm: of the surface.
        span_deg: how far around it reaches, at most 360.
    """

    centre_cm: Vec3
    down_cm: Vec3
    front: Vec3
    radius_cm: float
    span_deg: float

    def __post_init__(self) -> None:
        if not 0 < self.span_deg <= 360:
            raise ValueError(f"span_deg is {self.span_deg:g}; it goes from 0 to 360")
        if self.radius_cm <= 0:
            raise ValueError(f"radius_cm is {self.radius_cm:g}; it must be positive")


@dataclass(frozen=True, slots=True)
class Face:
    """A side of the object that takes ink, with its own flat coordinates (s, t), 0..1.

    Where the face is neither flat nor round (cloth), (s, t) are stored as a map.

    Attributes:
        name: also the value sellers' choices store.
        title: what a seller reads.
        width_cm: what s from 0 to 1 measures on the object.
        height_cm: what t from 0 to 1 measures.
        area: left, top, right, bottom in (s, t): where ink may lie.
        focus: left, top, right, bottom: where artwork that is fitted goes, within the area.
        bleed_cm: artwork that fills the area reaches so far past its edge, for cutting.
        safe_cm: keep what matters so far inside the area.
        plane: its geometry, when flat.
        cylinder: its geometry, when round.
        grid: of cloth, where evenly spaced (s, t) lie as shares of the picture, rows over t.
    """

    name: str
    title: str
    width_cm: float
    height_cm: float
    area: Rect
    focus: Rect
    bleed_cm: float = 0.0
    safe_cm: float = 0.0
    plane: Plane | None = None
    cylinder: Cylinder | None = None
    grid: tuple[tuple[tuple[float, float], ...], ...] = ()

    def __post_init__(self) -> None:
        if self.width_cm <= 0 or self.height_cm <= 0:
            raise ValueError(f"face {self.name} measures {self.width_cm:g}×{self.height_cm:g} cm")
        if self.plane is not None and self.cylinder is not None:
            raise ValueError(f"face {self.name} is both flat and round")
        if self.is_mapped and len(self.grid) < 2:
            raise ValueError(f"face {self.name} is neither flat nor round, and has no grid")
        for name in ("area", "focus"):
            left, top, right, bottom = getattr(self, name)
            width, height = (right - left) * self.width_cm, (bottom - top) * self.height_cm
            if min(width, height) <= 2 * self.safe_cm:
                raise ValueError(f"{name} of face {self.name} has no room within its margins")

    @property
    def is_mapped(self) -> bool:
        """Whether its (s, t) are stored rather than computed."""
        return self.plane is None and self.cylinder is None


@dataclass(frozen=True, slots=True)
class PrintSlot:
    """What takes ink.

    Attributes:
        faces: at most three; mask channel i is the coverage of face i.
        has_colour: whether the seller may dye the object itself.
        colour: what it is dyed without being asked, #rrggbb.
        finishes: what a seller may choose; the first is the default.
        finish_title: what `baked` is called for this object ("Gloss", "Cotton").
        threads_per_cm: of a woven ground; 0 is none.
        window_px: left, top, right, bottom of what is stored of the dyed object.
        has_foil: whether there is a foil picture.
        can_tint: whether the surroundings may be coloured (a plain studio ground).
        focus_px: the middle of the object: frames of another shape are cut around it.
    """

    faces: tuple[Face, ...]
    has_colour: bool
    colour: str
    finishes: tuple[Finish, ...]
    finish_title: str
    threads_per_cm: float
    window_px: tuple[int, int, int, int]
    has_foil: bool
    can_tint: bool
    focus_px: tuple[float, float]

    def __post_init__(self) -> None:
        if not 1 <= len(self.faces) <= 3:
            raise ValueError(f"{len(self.faces)} faces; a plate takes one to three")
        if not self.finishes:
            raise ValueError("a plate needs at least one finish")
        left, top, right, bottom = self.window_px
        if not (0 <= left < right and 0 <= top < bottom):
            raise ValueError("window_px is empty")


@dataclass(frozen=True, slots=True)
class PrintInfo:
    """All of a print plate's `plate.json`.

    Attributes:
        slug: the plate's name: its mockup's and, where there are several, its view's.
        mockup: the mockup it is a view of; one style each.
        view: which view ("left"), or empty where there is one.
        view_title: what a seller reads of it.
        title: the mockup's name for sellers.
        description: one sentence for sellers.
        kind: `print`.
        order: mockups are shown by it, then by name.
        camera: at the pictures' full size.
        slot: what takes ink.
        tone: the recommended tone curve.
        bake: how it was made.
    """

    slug: str
    mockup: str
    view: str
    view_title: str
    title: str
    description: str
    kind: Kind
    order: int
    camera: Camera
    slot: PrintSlot
    tone: Tone
    bake: Bake

    def __post_init__(self) -> None:
        if self.kind is not Kind.PRINT:
            raise ValueError(f"kind is {self.kind.value}; a print plate is of kind print")
