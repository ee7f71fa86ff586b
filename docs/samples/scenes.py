"""The rooms the sample products stand in: real windows, tables and walls, so that light behaves."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mitsuba as mi
import numpy as np
import products
from products import Parts
from shapes import grid, plane, sweep, to_mitsuba, wall
from surfaces import (
    Colour,
    Image,
    coat,
    concrete,
    embossed,
    finish,
    linear,
    paper,
    picture,
    planks,
    plaster,
    tiles,
    weave,
)


@dataclass(frozen=True, slots=True)
class Camera:
    """A phone held level with the horizon.

    Lengths in centimetres, angles in degrees. `aim` is the point in the middle of the frame;
    `lens_radius` sets how fast things blur away from `focus`.
    """

    aim: tuple[float, float, float]
    distance: float
    pitch: float
    fov: float = 36.0
    yaw: float = 0.0
    roll: float = 0.5
    lens_radius: float = 0.35
    size_px: tuple[int, int] = (2000, 1500)


@dataclass(frozen=True, slots=True)
class Shot:
    """One sample photo: what it is called, how it is seen, and how to build it."""

    file: str
    title: str
    sku: str
    alt: str
    credit: str
    camera: Camera
    build: Callable[[], Parts]
    exposure: float = 0.35
    warmth: float = 0.1
    seed: int = 1


def room(
    colour: Colour,
    *,
    side: int = -1,
    window_z: float = 25,
    window_y: float = 62,
    strength: float = 11,
    size: tuple[float, float] = (84, 104),
    distance: float = 120,
    front: float = 230,
) -> Parts:
    """Close the space with painted walls, and let daylight in by one window with glazing bars."""
    paint = finish(
        {
            "type": "diffuse",
            "reflectance": {"type": "rgb", "value": (0.6 * linear(colour)).tolist()},
        }
    )
    white = finish({"type": "diffuse", "reflectance": {"type": "rgb", "value": 0.6}})
    boards = finish(
        {
            "type": "diffuse",
            "reflectance": {"type": "rgb", "value": linear((128, 100, 76)).tolist()},
        }
    )
    parts: Parts = {}
    near, far = side * distance, -side * 210
    back, base, top = -190, -75, 175
    for name, x in (("near", near), ("far", far)):
        p = np.array(
            [[[x, base, back], [x, base, front]], [[x, top, back], [x, top, front]]], float
        )
        parts[f"room_{name}"] = to_mitsuba(grid(p), paint, f"room_{name}", is_smooth=False)
    for name, z in (("back", back), ("front", front)):
        p = np.array([[[near, base, z], [far, base, z]], [[near, top, z], [far, top, z]]], float)
        parts[f"room_{name}"] = to_mitsuba(grid(p), paint, f"room_{name}", is_smooth=False)
    for name, y, skin in (("floor", base, boards), ("ceiling", top, white)):
        p = np.array(
            [[[near, y, back], [far, y, back]], [[near, y, front], [far, y, front]]], float
        )
        parts[f"room_{name}"] = to_mitsuba(grid(p), skin, f"room_{name}", is_smooth=False)
    frame = mi.ScalarTransform4f().look_at(
        origin=[near - side * 1.0, window_y, window_z], target=[0, window_y, window_z], up=[0, 1, 0]
    )
    width, height = size
    sky = np.linspace(0.75, 1.15, 32)[:, None, None] * np.array([0.98, 1.0, 1.03]) * strength
    glow = picture(np.repeat(sky[::-1], 32, 1))
    parts["window"] = mi.load_dict(
        {
            "type": "rectangle",
            "to_world": frame.scale([width / 2, height / 2, 1]),
            "emitter": {"type": "area", "radiance": glow},
        }
    )
    bars = [(0, 0, 2.0, height), (0, height / 6, width, 2.0)]
    bars += [(s * width / 2, 0, 6, height + 12) for s in (-1, 1)] + [
        (0, s * height / 2, width + 12, 6) for s in (-1, 1)
    ]
    for k, (x, y, w, h) in enumerate(bars):
        block = frame.translate([x, y, 2.0]).scale([w / 2, h / 2, 1.5])
        parts[f"bar{k}"] = mi.load_dict(
            {"type": "cube", "to_world": block, "bsdf": {"type": "diffuse"}}
        )
    return parts


def table(
    stuff: tuple[Image, Image],
    tile: float,
    roughness: float,
    depth: float,
    *,
    width: float = 180,
    back: float = 45,
    front: float = 75,
    specular: float = 0.4,
) -> Parts:
    """Set a table top at y = 0; `depth` is the relief in centimetres per unit."""
    colour, relief = stuff
    skin = finish(embossed(coat(picture(colour), roughness, specular=specular), relief, depth))
    top = plane(width, back + front, tile).moved((0, 0, (front - back) / 2))
    edge = wall(width, 4, tile, -back, -4)
    return {
        "table": to_mitsuba(top, skin, "table", is_smooth=False),
        "edge": to_mitsuba(edge, skin, "edge", is_smooth=False),
    }


def backdrop(
    stuff: tuple[Image, Image],
    tile: float,
    roughness: float,
    depth: float,
    z: float,
    *,
    base: float = -75,
    specular: float = 0.3,
) -> Parts:
    """Face the back wall with a texture."""
    colour, relief = stuff
    skin = finish(embossed(coat(picture(colour), roughness, specular=specular), relief, depth))
    return {
        "backdrop": to_mitsuba(wall(420, 260, tile, z, base), skin, "backdrop", is_smooth=False)
    }


def block(
    name: str,
    centre: tuple[float, float, float],
    size: tuple[float, float, float],
    colour: Colour,
    roughness: float = 0.6,
) -> Parts:
    """Put a plain box somewhere out of focus."""
    place = mi.ScalarTransform4f().translate(list(centre)).scale([s / 2 for s in size])
    return {
        name: mi.load_dict({"type": "cube", "to_world": place, "bsdf": coat(colour, roughness)})
    }


OAK = ((108, 78, 52), (162, 126, 90), (200, 168, 128))
WALNUT = ((58, 36, 24), (98, 66, 44), (140, 100, 70))
PINE = ((170, 130, 88), (208, 170, 124), (230, 200, 160))


def mug_on_oak() -> Parts:
    return (
        products.mug()
        | room((214, 206, 192), side=-1)
        | table(planks(OAK, 4, 11), 46, 0.42, 0.006)
        | backdrop(plaster((150, 162, 158), 12), 90, 0.8, 0.05, -105)
        | block("frame", (34, 30, -103), (44, 60, 3), (70, 54, 42))
        | block("mount", (34, 30, -101.4), (40, 56, 1), (226, 220, 208))
        | block("print", (34, 30, -100.8), (24, 36, 0.6), (188, 140, 110))
    )


def soap_by_tiles() -> Parts:
    return (
        products.pump_bottle()
        | room((222, 218, 208), side=1, window_z=30)
        | table(concrete((176, 174, 168), 21), 60, 0.35, 0.02, back=34)
        | backdrop(tiles((212, 220, 214), 4, 22), 60, 0.12, 0.05, -34.2, base=0, specular=0.5)
    )


def tea_on_paper() -> Parts:
    sheet = finish(
        embossed(
            coat(picture(paper((222, 178, 128), 31)[0]), 0.75, specular=0.25),
            paper((222, 178, 128), 31)[1],
            0.002,
        )
    )
    roll = sweep(130, 70, 42, 95, 26, 30)
    return (
        products.tea_box()
        | room((224, 220, 212), side=-1, window_z=35)
        | {"sweep": to_mitsuba(roll, sheet, "sweep")}
    )


def flask_on_walnut() -> Parts:
    return (
        products.steel_bottle()
        | room((206, 200, 190), side=-1, window_z=20)
        | table(planks(WALNUT, 4, 41), 52, 0.38, 0.006)
        | backdrop(plaster((198, 176, 152), 42), 90, 0.8, 0.05, -120)
        | block("shelf", (30, 40, -112), (90, 3, 18), (150, 112, 76))
        | block("book1", (12, 52, -112), (4, 22, 15), (120, 56, 44))
        | block("book2", (17, 51, -112), (5, 20, 15), (196, 186, 164))
        | block("book3", (22.5, 53, -112), (5, 24, 15), (60, 76, 88))
    )


def vase_on_linen() -> Parts:
    cloth, relief = weave((206, 198, 184), 110, 51)
    skin = finish(embossed(coat(picture(cloth), 0.9, specular=0.15, sheen=0.3), relief, 0.012))
    return (
        products.vase()
        | room((216, 210, 200), side=1, window_z=55)
        | {
            "cloth": to_mitsuba(
                plane(200, 130, 12).moved((0, 0, 15)), skin, "cloth", is_smooth=False
            )
        }
        | backdrop(plaster((196, 160, 134), 52), 90, 0.8, 0.06, -85)
    )


def pail_on_pine() -> Parts:
    return (
        products.enamel_pail()
        | room((214, 210, 200), side=-1, window_z=10)
        | table(planks(PINE, 4, 61), 60, 0.5, 0.008)
        | backdrop(plaster((118, 136, 126), 62), 90, 0.8, 0.05, -95)
    )


def trainer_on_cloth(model: Path) -> Parts:
    cloth, relief = weave((142, 142, 144), 150, 71)
    skin = finish(embossed(coat(picture(cloth), 0.95, specular=0.1, sheen=0.4), relief, 0.010))
    return (
        products.trainer(model)
        | room((214, 212, 208), side=-1, window_z=30)
        | {"sweep": to_mitsuba(sweep(170, 80, 48, 110, 30, 14), skin, "sweep")}
    )


def chair_in_room(model: Path) -> Parts:
    return (
        products.velvet_chair(model)
        | room(
            (214, 208, 196),
            side=-1,
            window_z=60,
            window_y=100,
            size=(120, 140),
            distance=190,
            front=420,
        )
        | table(planks(OAK, 9, 81), 110, 0.45, 0.010, width=500, back=95, front=420)
        | backdrop(plaster((190, 184, 174), 82), 140, 0.8, 0.08, -94.8, base=0)
        | block("skirting", (0, 4.5, -94), (500, 9, 1.6), (228, 224, 216), 0.4)
    )


OWN = "Softbox project, own work, CC0-1.0"
SHOPIFY = "3-D model: Materials Variants Shoe, © 2021 Shopify, CC BY 4.0; photo: Softbox project"
WAYFAIR = (
    "3-D model: Sheen Chair, © Wayfair LLC, by Eric Chadwick, CC BY 4.0; photo: Softbox project"
)
PORTRAIT = (1500, 2000)
SHOE, CHAIR = "khr_ShoeMidnight.glb", "khr_SheenChair.glb"


def shots(models: Path) -> list[Shot]:
    """List the sample photos in the order a new seller sees them."""
    return [
        Shot(
            file="stoneware-mug.jpg",
            title="Speckled stoneware mug",
            sku="MUG-OAT-350",
            alt="Oat-coloured stoneware mug with a bare clay foot on an oak table",
            credit=OWN,
            camera=Camera((0.9, 4.4, 0), 38, 17, fov=32, lens_radius=0.28),
            build=mug_on_oak,
            exposure=0.4,
        ),
        Shot(
            file="hand-soap.jpg",
            title="Hand soap, wild mint and cedar",
            sku="SOAP-MINT-300",
            alt="Sage pump bottle of hand soap on a stone counter before pale tiles",
            credit=OWN,
            camera=Camera((0, 9.6, 0), 56, 12, fov=30, size_px=PORTRAIT),
            build=soap_by_tiles,
            exposure=0.6,
            warmth=0.3,
        ),
        Shot(
            file="trainer-blue.jpg",
            title="Knit trainer, blue",
            sku="SHOE-BLU-42",
            alt="Blue knit trainer with a white sole on grey cloth",
            credit=SHOPIFY,
            camera=Camera((0, 6.2, 0), 74, 18, fov=34, lens_radius=0.4),
            build=lambda: trainer_on_cloth(models / SHOE),
        ),
        Shot(
            file="green-tea.jpg",
            title="Loose leaf green tea, 80 g",
            sku="TEA-GRN-80",
            alt="Green printed tea carton on sand-coloured paper",
            credit=OWN,
            camera=Camera((0, 7.0, 0), 58, 20, fov=34, lens_radius=0.25),
            build=tea_on_paper,
        ),
        Shot(
            file="cobalt-vase.jpg",
            title="Cobalt glazed vase",
            sku="VASE-COB-22",
            alt="Round vase with a glossy cobalt glaze on a linen cloth",
            credit=OWN,
            camera=Camera((0, 10.6, 0), 78, 15, fov=34, lens_radius=0.4),
            build=vase_on_linen,
        ),
        Shot(
            file="steel-flask.jpg",
            title="Insulated flask, teal",
            sku="FLASK-TEAL-500",
            alt="Teal insulated flask with a bamboo lid on a walnut table",
            credit=OWN,
            camera=Camera((0, 12.2, 0), 66, 11, fov=30, lens_radius=0.4, size_px=PORTRAIT),
            build=flask_on_walnut,
        ),
        Shot(
            file="enamel-pail.jpg",
            title="Enamel pail with wire handle",
            sku="PAIL-CRM-2L",
            alt="Cream enamel pail with a navy rim, a wire handle and a beech grip",
            credit=OWN,
            camera=Camera((0, 10.2, 0), 80, 28, fov=32, lens_radius=0.4),
            build=pail_on_pine,
            exposure=0.5,
        ),
        Shot(
            file="velvet-chair.jpg",
            title="Velvet lounge chair, olive",
            sku="CHAIR-VEL-OLV",
            alt="Olive velvet lounge chair with wooden legs on an oak floor",
            credit=WAYFAIR,
            camera=Camera((0, 33, 0), 290, 16, fov=32, lens_radius=1.2),
            build=lambda: chair_in_room(models / CHAIR),
        ),
    ]
