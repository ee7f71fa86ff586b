"""Bake one view of a scene into a plate."""

import logging
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.pixels.arrays import RgbaF32, RgbF32
from inference.plates.authoring.lights import Lighting
from inference.plates.authoring.probe import (
    as_vectors,
    cube_rays,
    direction_samples,
    irradiance_harmonics,
)
from inference.plates.authoring.renderer import SceneRenderer
from inference.plates.authoring.scene import Scene, Stage, View
from inference.plates.camera import Camera
from inference.plates.files import write_plate
from inference.plates.format import (
    Bake,
    Front,
    Ground,
    Kind,
    LightGroup,
    LightSample,
    PlateInfo,
    StandSlot,
    Support,
    Surface,
    Tags,
)
from inference.plates.plate import NOTHING_DEPTH_CM, Geometry, Plate, geometry_size

log = logging.getLogger(__name__)

_AREA_SAMPLES = 28
_SKY_SAMPLES = 64
_BOUNCE_SAMPLES = 32
# Just above the ground, so that the probe sees over its own patch of it.
_PROBE_HEIGHT_CM = 2.0
# A ground pixel this near to the plane is taken to lie in it; relief is not geometry.
_FLAT_CM = 0.08
_GROUND_REACH_CM = 4.0
# Rising coarseness of the pictures' compression, tried until a plate is small enough.
_DWA_LEVELS = (45.0, 80.0, 140.0, 240.0, 400.0, 650.0)
PLATE_BYTES = 900_000


def bake(mitsuba: ModuleType, scene: Scene, view: View, *, side_px: int, samples: int) -> Plate:
    """Path-trace one view of a scene.

    Args:
        mitsuba: from `renderer.load`.
        scene: what to bake.
        view: one of its views.
        side_px: of the square pictures.
        samples: per pixel and light group.
    """
    renderer = SceneRenderer(mitsuba, samples=samples, seed=scene.seed)
    camera = view.camera(side_px)
    stage = scene.build(view)
    geometry = _geometry(renderer, scene, stage, camera)
    pictures: dict[str, RgbF32] = {}
    front: dict[str, RgbaF32] = {}
    groups = []
    for lighting in stage.lighting:
        started = time.perf_counter()
        lit = renderer.scene(stage.pieces, lighting)
        pictures[lighting.name] = renderer.picture(lit, camera)
        if stage.front:
            front[lighting.name] = renderer.cut_out(renderer.scene(stage.front, lighting), camera)
        groups.append(_light_group(renderer, lit, lighting, scene))
        log.info("%s %s: %.1f s", scene.slug, lighting.name, time.perf_counter() - started)
    exposure = _exposure(scene, camera, pictures)
    return Plate(
        info=_info(scene, view, stage, camera, tuple(groups), exposure, pictures, mitsuba, samples),
        pictures={name: picture * np.float32(exposure) for name, picture in pictures.items()},
        geometry=geometry,
        front=_exposed_front(front, exposure),
    )


def write_small(folder: Path, plate: Plate, *, most_bytes: int = PLATE_BYTES) -> int:
    """Write a plate as finely as fits into `most_bytes`; the size in bytes."""
    size = 0
    for level in _DWA_LEVELS:
        size = write_plate(folder, plate, dwa_level=level)
        if size <= most_bytes:
            break
    return size


def _geometry(renderer: SceneRenderer, scene: Scene, stage: Stage, camera: Camera) -> Geometry:
    height_px, width_px = geometry_size(camera.height_px, camera.width_px)
    coarse = camera.scaled(width_px, height_px)
    rays = coarse.rays(coarse.pixel_centres()).reshape(-1, 3)
    origins = np.broadcast_to(np.array(camera.position_cm), rays.shape)
    bare = renderer.scene(stage.pieces, stage.lighting[0].without_lamps())
    depth, normal, names = renderer.hits(bare, origins, rays)
    is_hit = np.isfinite(depth)
    depth = np.where(is_hit, depth, NOTHING_DEPTH_CM)
    normal = normal * np.where((normal * rays).sum(axis=1, keepdims=True) > 0, -1, 1)
    normal = np.where(is_hit[:, None], normal, (0.0, 0.0, 1.0))
    kinds = {f"piece{i:02d}": piece.surface for i, piece in enumerate(stage.pieces)}
    surface = np.array([kinds.get(name, Surface.NOTHING) for name in names], np.uint8)
    position = origins + depth[:, None] * rays
    above_ground = position[:, 1] - scene.point_cm[1]
    is_level = (normal[:, 1] > 0.85) & (np.abs(above_ground) < _GROUND_REACH_CM)
    surface[(surface == Surface.GROUND) & ~is_level] = Surface.WALL
    is_flat = (surface == Surface.GROUND) & (np.abs(above_ground) < _FLAT_CM)
    to_plane = (scene.point_cm[1] - camera.position_cm[1]) / np.where(is_flat, rays[:, 1], -1)
    depth = np.where(is_flat, to_plane, depth)
    normal = np.where(is_flat[:, None], (0.0, 1.0, 0.0), normal)
    position = origins + depth[:, None] * rays
    shape = (height_px, width_px)
    return Geometry(
        position=position.reshape(*shape, 3).astype(np.float32),
        normal=normal.reshape(*shape, 3).astype(np.float32),
        surface=surface.reshape(shape),
        depth=depth.reshape(shape).astype(np.float32),
    )


def _light_group(
    renderer: SceneRenderer,
    lit: Any,  # noqa: ANN401  # Mitsuba's scene
    lighting: Lighting,
    scene: Scene,
) -> LightGroup:
    probe_cm = (scene.point_cm[0], scene.point_cm[1] + _PROBE_HEIGHT_CM, scene.point_cm[2])
    faces = renderer.probe(lit, probe_cm, hide_lamps=bool(lighting.lamps))
    rays, solid = cube_rays(faces[0].shape[0])
    arriving = (np.stack(faces) * solid[..., None]).reshape(-1, 3)
    irradiance = irradiance_harmonics(rays.reshape(-1, 3), arriving)
    points: list[LightSample] = []
    stand = np.array(scene.point_cm)
    for lamp in lighting.lamps:
        centres, radius = lamp.patches(_AREA_SAMPLES)
        away = centres - stand
        distance = np.linalg.norm(away, axis=1)
        ways = away / distance[:, None]
        cosine = np.maximum(-(ways @ lamp.axes()[2]), 0)
        patch = lamp.width * lamp.height / len(centres)
        power = (cosine * patch)[:, None] * lamp.radiance()
        points += [
            (float(x), float(y), float(z), radius, float(red), float(green), float(blue))
            for (x, y, z), (red, green, blue) in zip(centres, power, strict=True)
        ]
        seen = _visibility(renderer, lit, centres, scene)
        irradiance += irradiance_harmonics(ways, power * (seen / distance**2)[:, None])
    count = _BOUNCE_SAMPLES if lighting.lamps else _SKY_SAMPLES
    return LightGroup(
        name=lighting.name,
        title=lighting.title,
        kind=lighting.kind,
        kelvin=lighting.kelvin,
        points=tuple(points),
        directions=tuple(direction_samples(faces, count)),
        irradiance=as_vectors(irradiance),
    )


def _visibility(
    renderer: SceneRenderer,
    lit: Any,  # noqa: ANN401  # Mitsuba's scene
    centres: NDArray[np.float64],
    scene: Scene,
) -> NDArray[np.float64]:
    """(n,) share of the product's volume that each lamp patch reaches past gobos and props."""
    half = min(scene.room.max_width_cm, scene.room.max_height_cm) / 4
    across = np.array([-half, 0.0, half])
    up = np.array([0.15, 0.5, 0.85]) * scene.room.max_height_cm * 0.6
    grid = np.stack(np.meshgrid(across, up, across, indexing="ij"), axis=-1).reshape(-1, 3)
    starts = np.repeat(grid + np.array(scene.point_cm), len(centres), axis=0)
    ends = np.tile(centres, (len(grid), 1))
    # A ray reaches its lamp at 1; stopping just short leaves the lamp itself out.
    distance, _, _ = renderer.hits(lit, starts, ends - starts)
    is_free = distance > 0.995
    seen: NDArray[np.float64] = is_free.reshape(len(grid), len(centres)).mean(axis=0)
    return seen


def _exposure(scene: Scene, camera: Camera, pictures: dict[str, RgbF32]) -> float:
    """The factor that brings the surroundings of the stand point to `scene.level`."""
    whole = np.sum(list(pictures.values()), axis=0)
    u, v, _ = camera.project(np.array(scene.point_cm))
    reach = camera.height_px * 0.16
    low, high = (int(np.clip(c, 0, camera.height_px)) for c in (v - reach, v + reach))
    left, right = (int(np.clip(c, 0, camera.width_px)) for c in (u - reach, u + reach))
    window = whole[low:high, left:right].reshape(-1, 3)
    brightness = window @ np.array([0.2126, 0.7152, 0.0722])
    return scene.level / max(float(np.mean(brightness)), 1e-6)


def _exposed_front(front: dict[str, RgbaF32], exposure: float) -> dict[str, RgbaF32]:
    factor = np.array([exposure, exposure, exposure, 1.0], np.float32)
    if not front:
        return {}
    # One alpha for all groups: their own differ only by noise.
    alpha = np.mean([picture[..., 3] for picture in front.values()], axis=0)
    return {
        name: np.concatenate([(picture * factor)[..., :3], alpha[..., None]], axis=-1)
        for name, picture in front.items()
    }


def _info(
    scene: Scene,
    view: View,
    stage: Stage,
    camera: Camera,
    groups: tuple[LightGroup, ...],
    exposure: float,
    pictures: dict[str, RgbF32],
    mitsuba: ModuleType,
    samples: int,
) -> PlateInfo:
    u, v, depth = (float(value) for value in camera.project(np.array(scene.point_cm)))
    ground = None
    if scene.support is not Support.NONE:
        assert scene.ground is not None
        ground = Ground(
            height_cm=scene.point_cm[1],
            albedo=scene.ground.mean_colour,
            roughness=scene.ground.mean_roughness,
            reflectance=scene.ground.reflectance,
            mirrors=scene.mirrors,
        )
    whole = np.sum(list(pictures.values()), axis=0) * exposure
    return PlateInfo(
        slug=scene.plate_slug(view),
        scene=scene.slug,
        title=scene.title,
        description=scene.description,
        kind=Kind.STAND,
        tags=Tags(
            scene.tags.moods,
            scene.tags.seasons,
            _dominant_colours(whole),
            scene.tags.suits,
            scene.tags.avoid,
        ),
        camera=camera,
        groups=tuple(_exposed_group(group, exposure) for group in groups),
        slot=StandSlot(
            support=scene.support,
            point_cm=scene.point_cm,
            point_px=(u, v),
            px_per_cm=camera.focal_px / depth,
            ground=ground,
            room=scene.room,
            front=_front_depths(stage, camera),
        ),
        tone=scene.tone,
        bake=Bake(f"mitsuba {mitsuba.__version__}", mitsuba.variant(), samples, scene.seed),
    )


def _exposed_group(group: LightGroup, exposure: float) -> LightGroup:
    def brighter(sample: LightSample) -> LightSample:
        x, y, z, size, red, green, blue = sample
        return (x, y, z, size, red * exposure, green * exposure, blue * exposure)

    return LightGroup(
        name=group.name,
        title=group.title,
        kind=group.kind,
        kelvin=group.kelvin,
        points=tuple(map(brighter, group.points)),
        directions=tuple(map(brighter, group.directions)),
        irradiance=as_vectors(np.array(group.irradiance) * exposure),
        range_of_gain=group.range_of_gain,
    )


def _front_depths(stage: Stage, camera: Camera) -> Front | None:
    if not stage.front:
        return None
    points = np.concatenate([piece.mesh.vertices for piece in stage.front])
    depths = camera.project(points)[:, 2]
    return Front(float(depths.min()), float(depths.max()))


def _dominant_colours(linear: RgbF32, count: int = 4) -> tuple[str, ...]:
    """The commonest colours as #rrggbb, commonest first, told apart at 32 levels a channel."""
    step = max(1, linear.shape[0] // 128)
    small = np.clip(linear[::step, ::step], 0, 1).reshape(-1, 3)
    encoded = np.where(
        small <= 0.0031308, 12.92 * small, 1.055 * np.maximum(small, 1e-8) ** (1 / 2.4) - 0.055
    )
    bins = (encoded * 7.999).astype(int)
    codes, inverse, sizes = np.unique(bins @ (64, 8, 1), return_inverse=True, return_counts=True)
    commonest = np.argsort(-sizes)[: min(count, len(codes))]
    means = [encoded[inverse == index].mean(axis=0) for index in commonest]
    return tuple("#" + "".join(f"{round(value * 255):02x}" for value in mean) for mean in means)
