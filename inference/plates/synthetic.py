"""A small plate made of plain arrays, for tests and for trying the compositor without data."""

import numpy as np

from inference.plates.camera import look_at
from inference.plates.format import (
    Bake,
    Front,
    Ground,
    GroupKind,
    Kind,
    LightGroup,
    PlateInfo,
    Room,
    StandSlot,
    Support,
    Surface,
    Tags,
    Tone,
)
from inference.plates.plate import NOTHING_DEPTH_CM, Geometry, Plate, geometry_size

_WALL_Z_CM = -60.0


def synthetic_plate(
    *,
    slug: str = "synthetic-18",
    width_px: int = 64,
    height_px: int = 64,
    pitch_deg: float = 18.0,
    has_front: bool = False,
) -> Plate:
    """A grey table before a grey wall under a square lamp and an even sky.

    Args:
        slug: its name; the scene is the part before the last dash.
        width_px: of the pictures.
        height_px: of the pictures.
        pitch_deg: how far the camera looks down.
        has_front: whether an occluder covers the picture's left eighth.
    """
    distance = 120.0
    angle = np.radians(pitch_deg)
    camera = look_at(
        position_cm=(0.0, 8 + distance * float(np.sin(angle)), distance * float(np.cos(angle))),
        target_cm=(0.0, 8.0, 0.0),
        field_of_view_deg=25,
        width_px=width_px,
        height_px=height_px,
    )
    coarse_h, coarse_w = geometry_size(height_px, width_px)
    coarse = camera.scaled(coarse_w, coarse_h)
    centres = coarse.pixel_centres()
    rays = coarse.rays(centres)
    origin = np.array(camera.position_cm)
    to_ground = np.nan_to_num(coarse.project(coarse.on_plane(centres, 0.0))[..., 2], nan=np.inf)
    to_wall = (_WALL_Z_CM - origin[2]) / np.where(rays[..., 2] == 0, np.nan, rays[..., 2])
    to_wall = np.where(to_wall > 0, to_wall, np.inf)
    is_ground = to_ground <= to_wall
    depth = np.minimum(np.minimum(to_ground, to_wall), NOTHING_DEPTH_CM)
    normal = np.where(is_ground[..., None], (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    surface = np.where(is_ground, Surface.GROUND, Surface.WALL).astype(np.uint8)
    geometry = Geometry(
        position=(origin + depth[..., None] * rays).astype(np.float32),
        normal=normal.astype(np.float32),
        surface=surface,
        depth=depth.astype(np.float32),
    )
    shade = np.where(is_ground, 0.5, 0.35).repeat(4, 0).repeat(4, 1)[:height_px, :width_px]
    whole = np.repeat(shade[..., None], 3, axis=2).astype(np.float32)
    pictures = {"key": whole * 0.7, "sky": whole * 0.3}
    front = {}
    if has_front:
        cover = np.zeros((height_px, width_px, 4), np.float32)
        cover[:, : width_px // 8] = (0.05, 0.1, 0.04, 1.0)
        front = {name: cover.copy() for name in pictures}
    point = camera.project(np.zeros(3))
    info = PlateInfo(
        slug=slug,
        scene=slug.rpartition("-")[0],
        title="Synthetic",
        description="A grey table before a grey wall.",
        kind=Kind.STAND,
        tags=Tags(moods=("neutral",)),
        camera=camera,
        groups=(_lamp(), _sky()),
        slot=StandSlot(
            support=Support.TABLE,
            point_cm=(0.0, 0.0, 0.0),
            point_px=(float(point[0]), float(point[1])),
            px_per_cm=camera.focal_px / float(point[2]),
            ground=Ground(0.0, (0.5, 0.5, 0.5), roughness=0.4, reflectance=0.04, mirrors=True),
            room=Room(4.0, 32.0, 40.0, 30.0, (0.5, 2.0)),
            front=Front(60.0, 70.0) if has_front else None,
        ),
        tone=Tone(),
        bake=Bake(renderer="none", variant="none", samples=0, seed=0),
    )
    return Plate(info, pictures, geometry, front)


def _lamp() -> LightGroup:
    steps = np.linspace(-1, 1, 5) * 20
    points = tuple(
        (-60.0 + float(x), 80.0, 50.0 + float(z), 5.6, 240.0, 235.0, 225.0)
        for x in steps
        for z in steps
    )
    irradiance = ((1.2, 1.2, 1.1), *[(0.3, 0.3, 0.3)] * 3, *[(0.0, 0.0, 0.0)] * 5)
    return LightGroup("key", "Lamp", GroupKind.KEY, 5200.0, points, (), irradiance)


def _sky() -> LightGroup:
    count = 32
    index = np.arange(count) + 0.5
    y = index / count
    angle = np.pi * (1 + 5**0.5) * index
    across = np.sqrt(1 - y * y)
    power = 0.9 / count
    directions = tuple(
        (float(c), float(h), float(s), 10.0, power, power, power * 1.05)
        for c, h, s in zip(across * np.cos(angle), y, across * np.sin(angle), strict=True)
    )
    irradiance = ((0.8, 0.8, 0.84), *[(0.1, 0.1, 0.1)] * 3, *[(0.0, 0.0, 0.0)] * 5)
    kind = GroupKind.ENVIRONMENT
    return LightGroup("sky", "Room light", kind, 6500.0, (), directions, irradiance)
