"""What a plate is: the contents of `plate.json`, version 1, as dataclasses.

`docs/scenes.md` describes every field with its unit. A plate of any kind has `PlateInfo`; what is
particular to its kind is `PlateInfo.slot`, one dataclass per kind in `SLOTS`.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from inference.plates.camera import Camera

SCHEMA = 1
PICTURE_PREFIX = "light."
FRONT_PREFIX = "front."
# Geometry is stored at a quarter of the pictures' size: shadows are smooth.
GEOMETRY_DIVISOR = 4

Vec3 = tuple[float, float, float]
# x, y, z; size; red, green, blue. See `LightGroup`.
LightSample = tuple[float, float, float, float, float, float, float]


class Kind(StrEnum):
    """What a plate takes up: a product that stands or lies, a print, a garment."""

    STAND = "stand"
    PRINT = "print"
    GARMENT = "garment"


class Support(StrEnum):
    """What carries the product; `studio` is a seamless ground without scale, for any size."""

    STUDIO = "studio"
    TABLE = "table"
    FLOOR = "floor"
    FLAT_LAY = "flat-lay"
    NONE = "none"


class Surface(IntEnum):
    """What a geometry pixel shows."""

    NOTHING = 0
    GROUND = 1
    WALL = 2
    PROP = 3


class GroupKind(StrEnum):
    """What a light group does in the picture."""

    KEY = "key"
    FILL = "fill"
    RIM = "rim"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class LightGroup:
    """Lamps that are dimmed and coloured together; their light is one picture of the plate.

    Attributes:
        name: also names the picture: part `light.<name>`.
        title: what a seller reads.
        kind: what it does.
        kelvin: the colour temperature its light comes near to.
        points: samples of area lamps: position in cm; radius of the patch in cm; power (r, g, b).
            Irradiance at p on a surface with normal n: sum of power · max(0, n·l) / d², with l the
            unit vector to the sample and d the distance in cm.
        directions: samples of far light: unit vector *towards* the light; half angle of the patch
            in degrees; power (r, g, b). Irradiance: sum of power · max(0, n·l).
        irradiance: nine (r, g, b) coefficients: irradiance at the stand point over the normal, in
            real spherical harmonics up to order 2, bounced light included.
        range_of_gain: how far a seller may dim and raise it (1 is as baked).
    """

    name: str
    title: str
    kind: GroupKind
    kelvin: float
    points: tuple[LightSample, ...]
    directions: tuple[LightSample, ...]
    irradiance: tuple[Vec3, ...]
    range_of_gain: tuple[float, float] = (0.0, 2.0)

    def __post_init__(self) -> None:
        if len(self.irradiance) != 9:
            raise ValueError(f"irradiance has {len(self.irradiance)} coefficients; it takes 9")
        if not self.points and not self.directions:
            raise ValueError("a light group needs at least one light sample")
        low, high = self.range_of_gain
        if not 0 <= low <= 1 <= high:
            raise ValueError(f"range_of_gain {low:g} to {high:g} does not hold 1")


@dataclass(frozen=True, slots=True)
class Ground:
    """The plane that the product stands on.

    Attributes:
        height_cm: its y.
        albedo: mean diffuse colour (r, g, b), linear, 0..1: for bounced light.
        roughness: 0 a mirror, 1 chalk (GGX alpha is its square).
        reflectance: F0, the share of light that it mirrors when looked at from straight above.
        mirrors: whether a reflection of the product is wanted.
    """

    height_cm: float
    albedo: Vec3
    roughness: float
    reflectance: float
    mirrors: bool

    def __post_init__(self) -> None:
        for name in ("roughness", "reflectance"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name):g}; it goes from 0 to 1")


@dataclass(frozen=True, slots=True)
class Room:
    """The space around the stand point, and how far the scene's size may be stretched.

    Attributes:
        min_height_cm: a product lower than this is lost in the picture.
        max_height_cm: a product higher than this leaves the picture.
        max_width_cm: clear width, centred on the stand point.
        max_depth_cm: clear depth, centred on the stand point.
        scale: (least, most) factor by which the whole scene may be taken as smaller or larger
            than it was built without its textures and props giving it away.
    """

    min_height_cm: float
    max_height_cm: float
    max_width_cm: float
    max_depth_cm: float
    scale: tuple[float, float]

    def __post_init__(self) -> None:
        if not 0 < self.min_height_cm <= self.max_height_cm:
            raise ValueError("min_height_cm must lie above 0 and not above max_height_cm")
        if self.max_width_cm <= 0 or self.max_depth_cm <= 0:
            raise ValueError("max_width_cm and max_depth_cm must lie above 0")
        if not 0 < self.scale[0] <= 1 <= self.scale[1]:
            raise ValueError(f"scale {self.scale[0]:g} to {self.scale[1]:g} does not hold 1")


@dataclass(frozen=True, slots=True)
class Front:
    """Things before the product, as parts `front.<group>` (premultiplied) and `front.alpha`.

    Attributes:
        nearest_cm: depth of the nearest of them.
        farthest_cm: depth of the farthest; a product stays behind it.
    """

    nearest_cm: float
    farthest_cm: float


@dataclass(frozen=True, slots=True)
class StandSlot:
    """Where a product stands, lies or (without ground) hangs.

    Attributes:
        support: what carries it.
        point_cm: where its base's middle goes; with support `none`, its own middle.
        point_px: the same point in the full picture.
        px_per_cm: horizontal pixels per centimetre there.
        ground: the plane, or null with support `none`.
        room: what fits.
        front: foreground occluders, or null.
    """

    support: Support
    point_cm: Vec3
    point_px: tuple[float, float]
    px_per_cm: float
    ground: Ground | None
    room: Room
    front: Front | None

    def __post_init__(self) -> None:
        if (self.ground is None) != (self.support is Support.NONE):
            raise ValueError(f"support “{self.support}” and ground do not agree")
        if self.px_per_cm <= 0:
            raise ValueError(f"px_per_cm is {self.px_per_cm:g}; it must be positive")


# One dataclass per kind; a new kind adds its own here and its parts in `files`.
SLOTS: dict[Kind, type[Any]] = {Kind.STAND: StandSlot}


@dataclass(frozen=True, slots=True)
class Tags:
    """What to search by and what it goes with."""

    moods: tuple[str, ...] = ()
    seasons: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    suits: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tone:
    """The recommended tone curve: linear up to the knee, then a shoulder that never clips.

    Attributes:
        exposure: factor on the linear picture.
        knee: where the shoulder begins, 0..1.
    """

    exposure: float = 1.0
    knee: float = 0.75

    def __post_init__(self) -> None:
        if self.exposure <= 0 or not 0 < self.knee < 1:
            raise ValueError("exposure must lie above 0 and the knee between 0 and 1")


@dataclass(frozen=True, slots=True)
class Bake:
    """How the plate was made."""

    renderer: str
    variant: str
    samples: int
    seed: int


@dataclass(frozen=True, slots=True)
class PlateInfo:
    """All of `plate.json`.

    Attributes:
        slug: the plate's name: its scene and, where there are several, its view (`oak-window-18`).
        scene: the scene it is a view of; a style offers the scene, the compositor picks the view.
        title: the scene's name for sellers.
        description: one sentence for sellers.
        kind: which slot it has.
        tags: to search by.
        camera: at the pictures' full size.
        groups: its light groups, key first.
        slot: what is particular to its kind.
        tone: the recommended tone curve.
        bake: how it was made.
    """

    slug: str
    scene: str
    title: str
    description: str
    kind: Kind
    tags: Tags
    camera: Camera
    groups: tuple[LightGroup, ...]
    slot: StandSlot
    tone: Tone
    bake: Bake

    def __post_init__(self) -> None:
        names = [group.name for group in self.groups]
        if not names:
            raise ValueError("a plate needs at least one light group")
        if len(set(names)) < len(names):
            raise ValueError("two light groups have the same name")
