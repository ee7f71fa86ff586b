"""A plate made from a flat photo: ground and wall as planes, the light as a lamp and a room.

Nothing is known of the place but its picture and its setup, so the geometry is the simplest that
has both: a level ground up to the ground line, an upright wall from there on.

Source: Criminisi, Reid and Zisserman, "Single View Metrology", IJCV 2000 (camera from the horizon).
"""

import hashlib
import json
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.backdrops.setup import BackdropSetup, Viewpoint
from inference.pixels.arrays import RgbF32, RgbU8
from inference.plates.camera import Camera
from inference.plates.format import (
    Bake,
    Ground,
    GroupKind,
    Kind,
    LightGroup,
    LightSample,
    PlateInfo,
    Room,
    StandSlot,
    Support,
    Surface,
    Tags,
    Tone,
    Vec3,
)
from inference.plates.light import harmonics
from inference.plates.plate import NOTHING_DEPTH_CM, Geometry, Plate, geometry_size

SCENE = "own-backdrop"
# Coefficients of a clamped cosine by order (Ramamoorthi and Hanrahan 2001).
_COSINE = np.array([math.pi, *[2 * math.pi / 3] * 3, *[math.pi / 4] * 5])
_LAMP_SAMPLES, _ROOM_SAMPLES = 28, 48
# Half angles of the lamp, in degrees, from a bare sun to an overcast sky.
_HARDEST_DEG, _SOFTEST_DEG = 1.2, 32.0
# The size at which colours of ground and room are read.
_WORKING_PX = 96
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
# Where the ground is this much darker than its bright parts, the lamp does not reach it.
_SHADED = 0.45
# A photo is finished: nothing is left to tone but what a seller's own gains lift over white.
_TONE = Tone(exposure=1.0, knee=0.98)


@dataclass(frozen=True, slots=True)
class _Light:
    """What is read from a picture.

    `ground` and `room` are mean colours, linear light; `side` says which is brighter, -1 the left.
    """

    ground: Vec3
    room: Vec3
    side: float


def backdrop_slug(sha256: str, setup: BackdropSetup) -> str:
    """Names the plate of a file under a setup: another setup is another plate."""
    said = json.dumps(setup.to_json(), sort_keys=True)
    return f"{SCENE}-{hashlib.sha256(f'{sha256}|{said}'.encode()).hexdigest()[:24]}"


def backdrop_plate(rgb: RgbU8, setup: BackdropSetup, *, slug: str) -> Plate:
    """A plate of the photo's own size.

    Args:
        rgb: (H, W, 3) uint8 sRGB, upright.
        setup: where ground and light are.
        slug: the plate's name.
    """
    height_px, width_px = rgb.shape[:2]
    linear = linear_of(rgb)
    info = backdrop_info(rgb, setup, slug=slug, width_px=width_px, height_px=height_px)
    share = _lamp_share(linear, setup)[..., None]
    geometry = _geometry(info.camera, setup)
    return Plate(info, {"key": linear * share, "room": linear * (1 - share)}, geometry)


def backdrop_info(
    rgb: RgbU8, setup: BackdropSetup, *, slug: str, width_px: int, height_px: int
) -> PlateInfo:
    """The plate's description at a size, read from the photo at any size.

    Args:
        rgb: (h, w, 3) uint8 sRGB, upright.
        setup: where ground and light are.
        slug: the plate's name.
        width_px: of the pictures described.
        height_px: of the pictures described.
    """
    camera = backdrop_camera(setup, width_px=width_px, height_px=height_px)
    step = max(1, max(rgb.shape[:2]) // _WORKING_PX)
    light = _light(linear_of(rgb[::step, ::step]), setup)
    is_above = setup.viewpoint is Viewpoint.ABOVE
    return PlateInfo(
        slug=slug,
        scene=SCENE,
        title="This backdrop",
        description="A photo of your own place.",
        kind=Kind.STAND,
        tags=Tags(),
        camera=camera,
        groups=(_key(setup, light), _room_light(setup, light)),
        slot=StandSlot(
            support=Support.FLAT_LAY if is_above else Support.TABLE,
            point_cm=(0.0, 0.0, 0.0),
            point_px=(setup.stand_x * width_px, setup.stand_y * height_px),
            px_per_cm=width_px / setup.width_cm,
            ground=Ground(0.0, light.ground, roughness=0.45, reflectance=0.04, mirrors=False),
            room=_room(setup, camera),
            front=None,
        ),
        tone=_TONE,
        bake=Bake(renderer="photo", variant="none", samples=0, seed=0),
    )


def backdrop_camera(setup: BackdropSetup, *, width_px: int, height_px: int) -> Camera:
    """The camera that took the photo, as far as its setup says; the stand point is the origin."""
    focal = setup.focal * math.hypot(width_px, height_px)
    pitch = math.pi / 2
    if setup.viewpoint is Viewpoint.LEVEL:
        pitch = math.atan((0.5 - setup.eye_level) * height_px / focal)
    axis = np.array([0.0, -math.sin(pitch), -math.cos(pitch)])
    right = np.array([1.0, 0.0, 0.0])
    below = np.cross(axis, right)
    across = (setup.stand_x - 0.5) * width_px / focal
    down = (setup.stand_y - 0.5) * height_px / focal
    distance = focal * setup.width_cm / width_px
    position = -distance * (axis + across * right + down * below)
    intrinsics = np.array([[focal, 0, width_px / 2], [0, focal, height_px / 2], [0, 0, 1.0]])
    rotation = np.stack([right, below, axis])
    matrix = intrinsics @ np.concatenate([rotation, -(rotation @ position)[:, None]], axis=1)
    first, second, third = ((float(a), float(b), float(c), float(d)) for a, b, c, d in matrix)
    x, y, z = map(float, position)
    return Camera(
        width_px=width_px,
        height_px=height_px,
        matrix=(first, second, third),
        position_cm=(x, y, z),
        focal_px=focal,
        pitch_deg=math.degrees(pitch),
    )


def linear_of(rgb: RgbU8) -> RgbF32:
    """(H, W, 3) uint8 sRGB as float32 linear light, 0..1."""
    levels = np.arange(256) / 255
    table = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    linear: RgbF32 = table.astype(np.float32)[rgb]
    return linear


def _wall_z_cm(setup: BackdropSetup, camera: Camera) -> float:
    row = setup.ground_line * camera.height_px
    foot = camera.on_plane(np.array([camera.width_px / 2, row]), 0.0)
    return float(foot[2])


def _room(setup: BackdropSetup, camera: Camera) -> Room:
    px_per_cm = camera.width_px / setup.width_cm
    deep = setup.width_cm
    if setup.viewpoint is Viewpoint.LEVEL:
        front = camera.on_plane(np.array([camera.width_px / 2, camera.height_px - 1.0]), 0.0)
        deep = 2 * max(1.0, min(-0.92 * _wall_z_cm(setup, camera), 0.92 * float(front[2])))
    high = setup.stand_y * camera.height_px / px_per_cm
    if setup.viewpoint is Viewpoint.ABOVE:
        high = camera.height_px / px_per_cm
    return Room(
        min_height_cm=0.2,
        max_height_cm=max(1.0, 0.96 * high),
        max_width_cm=0.96 * setup.width_cm,
        max_depth_cm=deep,
        # How large the place is, the seller said; a guess may be off by this much.
        scale=(0.5, 2.0),
    )


def _geometry(camera: Camera, setup: BackdropSetup) -> Geometry:
    coarse_h, coarse_w = geometry_size(camera.height_px, camera.width_px)
    coarse = camera.scaled(coarse_w, coarse_h)
    centres = coarse.pixel_centres()
    rays = coarse.rays(centres)
    origin = np.array(camera.position_cm)
    depth = -origin[1] / np.where(rays[..., 1] < 0, rays[..., 1], np.nan)
    normal = np.broadcast_to((0.0, 1.0, 0.0), rays.shape).astype(np.float32)
    surface = np.full((coarse_h, coarse_w), Surface.GROUND, np.uint8)
    if setup.viewpoint is Viewpoint.LEVEL:
        is_wall = centres[..., 1] < setup.ground_line * coarse_h
        to_wall = (_wall_z_cm(setup, camera) - origin[2]) / rays[..., 2]
        depth = np.where(is_wall, to_wall, depth)
        normal[is_wall] = (0.0, 0.0, 1.0)
        surface[is_wall] = Surface.WALL
    depth = np.clip(np.nan_to_num(depth, nan=NOTHING_DEPTH_CM), 1e-3, NOTHING_DEPTH_CM)
    return Geometry(
        position=(origin + depth[..., None] * rays).astype(np.float32),
        normal=normal,
        surface=surface,
        depth=depth.astype(np.float32),
    )


def _lamp_share(linear: RgbF32, setup: BackdropSetup) -> NDArray[np.float32]:
    """(H, W) the lamp's share of what each pixel shows: less where the photo has shadow already."""
    height, width = linear.shape[:2]
    step = max(1, max(height, width) // _WORKING_PX)
    rows, columns = -(-height // step), -(-width // step)
    padded = np.pad(
        linear, ((0, rows * step - height), (0, columns * step - width), (0, 0)), mode="edge"
    )
    blocks = padded.reshape(rows, step, columns, step, 3).mean(axis=(1, 3)) @ _LUMINANCE
    bright = max(float(np.percentile(blocks, 85)), 1e-4)
    lit = np.clip(blocks / bright / _SHADED, 0, 1) ** 0.5
    share = np.repeat(np.repeat(_smooth(lit), step, axis=0), step, axis=1)[:height, :width]
    return (setup.light_share * share).astype(np.float32)


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    for _ in range(2):
        for axis in (0, 1):
            before = np.roll(values, 1, axis)
            after = np.roll(values, -1, axis)
            values = (before + values + after) / 3
    return values


def _light(linear: RgbF32, setup: BackdropSetup) -> _Light:
    height, width = linear.shape[:2]
    ground = linear
    above = linear
    if setup.viewpoint is Viewpoint.LEVEL:
        edge = int(np.clip(setup.ground_line * height, 1, height - 1))
        ground, above = linear[edge:], linear[:edge]
    luminance = above @ _LUMINANCE
    left, right = float(luminance[:, : width // 2].mean()), float(luminance[:, width // 2 :].mean())
    return _Light(
        ground=_mean(ground),
        room=_mean(linear),
        side=(right - left) / max(right + left, 1e-4),
    )


def _mean(linear: RgbF32) -> Vec3:
    red, green, blue = (float(value) for value in linear.reshape(-1, 3).mean(axis=0))
    return max(red, 0.01), max(green, 0.01), max(blue, 0.01)


def _key(setup: BackdropSetup, light: _Light) -> LightGroup:
    turn, high = math.radians(setup.light_from_deg), math.radians(setup.light_height_deg)
    towards = np.array(
        [
            math.sin(turn) * math.cos(high),
            math.sin(high),
            math.cos(turn) * math.cos(high),
        ]
    )
    half = math.radians(_HARDEST_DEG * (_SOFTEST_DEG / _HARDEST_DEG) ** float(setup.light_softness))
    directions = _cone(towards, half)
    power = setup.light_share * _brightness(light) / max(math.sin(high), 0.2) / len(directions)
    tint = _tint(light)
    patch = math.degrees(half) / math.sqrt(len(directions))
    red, green, blue = (float(power * channel) for channel in tint)
    rows = tuple((float(x), float(y), float(z), patch, red, green, blue) for x, y, z in directions)
    return _group("key", "Main light", GroupKind.KEY, rows)


def _room_light(setup: BackdropSetup, light: _Light) -> LightGroup:
    index = np.arange(_ROOM_SAMPLES) + 0.5
    up = _radical_inverse(_ROOM_SAMPLES)
    turn = math.pi * (1 + 5**0.5) * index
    across = np.sqrt(1 - up * up)
    x, z = across * np.cos(turn), across * np.sin(turn)
    weight = np.clip(1 + 1.2 * light.side * x, 0.2, 2)
    power = 2 * (1 - setup.light_share) * _brightness(light) * weight / _ROOM_SAMPLES
    red, green, blue = map(float, _tint(light))
    rows = tuple(
        (float(a), float(b), float(c), 12.0, float(p) * red, float(p) * green, float(p) * blue)
        for a, b, c, p in zip(x, up, z, power, strict=True)
    )
    return _group("room", "Room light", GroupKind.ENVIRONMENT, rows)


def _group(
    name: str,
    title: str,
    kind: GroupKind,
    rows: tuple[LightSample, ...],
) -> LightGroup:
    table = np.array(rows)
    terms = harmonics(table[:, :3])
    irradiance = _COSINE[:, None] * (terms.T @ table[:, 4:])
    coefficients = tuple((float(r), float(g), float(b)) for r, g, b in irradiance)
    return LightGroup(name, title, kind, 5500.0, (), rows, coefficients)


def _brightness(light: _Light) -> float:
    """Irradiance of the ground: what it shows over an albedo that most surfaces come near to."""
    return math.pi * float(np.dot(light.ground, _LUMINANCE)) / 0.45


def _tint(light: _Light) -> NDArray[np.float64]:
    """The light's colour: a third of the picture's own cast, since most of that is paint."""
    cast = np.array(light.room) / max(float(np.dot(light.room, _LUMINANCE)), 1e-4)
    tint: NDArray[np.float64] = np.clip(cast, 0.4, 2.5) ** (1 / 3)
    return tint / float(tint @ _LUMINANCE)


def _cone(axis: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    """(N, 3) directions that fill a cone evenly, any prefix of them too; none below the ground."""
    helper = np.array([0.0, 1.0, 0.0]) if abs(axis[1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    right = np.cross(axis, helper)
    right /= np.linalg.norm(right)
    above = np.cross(right, axis)
    reach = np.tan(half) * np.sqrt(_radical_inverse(_LAMP_SAMPLES))
    turn = 2 * math.pi * ((np.arange(_LAMP_SAMPLES) * 0.6180339887) % 1)
    offsets = (reach * np.cos(turn))[:, None] * right + (reach * np.sin(turn))[:, None] * above
    directions = axis + offsets
    directions[:, 1] = np.maximum(directions[:, 1], 0.03)
    unit: NDArray[np.float64] = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return unit


def _radical_inverse(count: int) -> NDArray[np.float64]:
    """(count,) the van der Corput sequence in base 2, from the first; 0..1."""
    values = np.zeros(count)
    for index in range(count):
        number, part = index + 1, 0.5
        while number:
            values[index] += part * (number & 1)
            number, part = number >> 1, part / 2
    return values
