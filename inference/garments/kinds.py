"""The garments that can be put on a mannequin. Loads nothing: the web side lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of garment that are cut, sewn and draped."""

    TEE = "t-shirt"
    LONG_SLEEVE = "long-sleeve"
    TANK = "tank-top"
    DRESS = "dress"
    SKIRT = "skirt"
    TROUSERS = "trousers"
    SHORTS = "shorts"


class Build(StrEnum):
    """How a kind is built: which landmarks its outline has."""

    SLEEVED = "sleeved"
    SLEEVELESS = "sleeveless"
    SKIRT = "skirt"
    TROUSERS = "trousers"


@dataclass(frozen=True, slots=True)
class KindInfo:
    """What a seller sees of a kind: `label`, its `build`, and whether it hangs from the waist."""

    label: str
    build: Build

    @property
    def hangs_from_waist(self) -> bool:
        return self.build in (Build.SKIRT, Build.TROUSERS)


KINDS: Mapping[Kind, KindInfo] = {
    Kind.TEE: KindInfo("T-shirt", Build.SLEEVED),
    Kind.LONG_SLEEVE: KindInfo("Long sleeve or sweatshirt", Build.SLEEVED),
    Kind.TANK: KindInfo("Tank top", Build.SLEEVELESS),
    Kind.DRESS: KindInfo("Sleeveless dress", Build.SLEEVELESS),
    Kind.SKIRT: KindInfo("Skirt", Build.SKIRT),
    Kind.TROUSERS: KindInfo("Trousers", Build.TROUSERS),
    Kind.SHORTS: KindInfo("Shorts", Build.TROUSERS),
}

# The corners of an outline, from the centre of the top down its right half; each has a mirror
# image. `front` and `back` are the lowest points of the two necklines, on the axis.
CORNERS: Mapping[Build, tuple[str, ...]] = {
    Build.SLEEVED: ("neck", "cuff_top", "cuff_bottom", "armpit", "hem"),
    Build.SLEEVELESS: ("neck", "strap", "armpit", "hem"),
    Build.SKIRT: ("waist", "hem"),
    Build.TROUSERS: ("waist", "hem_outer", "hem_inner"),
}
# What lies on the axis: its name and how a seller would call it.
AXIS: Mapping[Build, tuple[str, ...]] = {
    Build.SLEEVED: ("back", "front"),
    Build.SLEEVELESS: ("back", "front"),
    Build.SKIRT: (),
    Build.TROUSERS: ("crotch",),
}
POINT_LABELS: Mapping[str, str] = {
    "neck": "Neck, where the shoulder begins",
    "cuff_top": "Cuff, upper corner",
    "cuff_bottom": "Cuff, lower corner",
    "armpit": "Armpit",
    "strap": "Shoulder, outer end",
    "hem": "Hem corner",
    "waist": "Waist corner",
    "hem_outer": "Hem, outer corner",
    "hem_inner": "Hem, inner corner",
    "back": "Back neckline, lowest point",
    "front": "Front neckline, lowest point",
    "crotch": "Crotch",
}


def point_names(build: Build) -> tuple[str, ...]:
    """The names of every landmark of a build, as they are stored."""
    sided = tuple(f"{name}_{side}" for name in CORNERS[build] for side in ("left", "right"))
    return (*sided, *AXIS[build])
