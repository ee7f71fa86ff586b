"""Read and write a plate: `plate.json` and `plate.exr` in a folder of its own.

The OpenEXR file has the sum of all groups' pictures at full size and, at half size, each group's
share of it: texture is in the sum alone, shares are as smooth as light, and the groups add up
exactly. A plate may also hold every group's picture whole. One lossless part is the geometry:
inverse depth and an octahedral normal in whole numbers. A plane's inverse depth is an affine
function of the pixel, so ZIP's predictor stores it in next to nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray
from PIL import Image

from inference.errors import InferenceError, PlateInvalid, PlateMissing
from inference.pixels.arrays import RgbaF32, RgbF32
from inference.plates.camera import Camera
from inference.plates.format import FRONT_PREFIX, PICTURE_PREFIX, PlateInfo, Surface
from inference.plates.json_codec import dump_info, parse_info
from inference.plates.plate import NOTHING_DEPTH_CM, Geometry, Plate, geometry_size

INFO_NAME = "plate.json"
PICTURES_NAME = "plate.exr"
_GEOMETRY = "geometry"
_SUM = "light"
_SHARE_PREFIX = "share."
# Below this the sum is black and nobody's share can be told.
_DARK = 1e-6
_FRONT_ALPHA = "front.alpha"
# 45 is OpenEXR's own default; higher is smaller and coarser.
DEFAULT_DWA_LEVEL = 45.0
# Inverse depth: 0 is nothing, 1 … 2^24-1 runs to the nearest depth, which the header names.
_DISPARITY_STEPS = 2**24 - 1
_NEAREST = "softbox.nearest_cm"
# An even number of steps, so that straight up and straight ahead are exact.
_NORMAL_STEPS = 254


def read_info(folder: Path) -> PlateInfo:
    """Read and validate only the description.

    Raises:
        PlateMissing: the folder holds no `plate.json`.
        PlateInvalid: it breaks the schema.
    """
    path = folder / INFO_NAME
    if not path.is_file():
        raise PlateMissing(f"{folder} holds no {INFO_NAME}.")
    return parse_info(path.read_text(encoding="utf-8"), source=str(path))


def read_plate(folder: Path) -> Plate:
    """Read and validate a whole plate.

    Raises:
        PlateMissing: one of its two files is absent.
        PlateInvalid: a file breaks the format; the message says where.
    """
    info = read_info(folder)
    path = folder / PICTURES_NAME
    if not path.is_file():
        raise PlateMissing(f"{folder} holds no {PICTURES_NAME}.")
    try:
        with OpenEXR.File(str(path)) as file:
            parts = {part.name(): part for part in file.parts}
            return _assemble(info, parts)
    except InferenceError as error:
        raise PlateInvalid(f"{path}: {error}") from error
    except (RuntimeError, ValueError, KeyError) as error:
        raise PlateInvalid(f"{path} cannot be read: {error}.") from error


def write_plate(folder: Path, plate: Plate, *, dwa_level: float = DEFAULT_DWA_LEVEL) -> int:
    """Write both files and return their size in bytes.

    Args:
        folder: created when absent; files in it are replaced.
        plate: what to write; pictures become half floats.
        dwa_level: how coarsely the pictures are compressed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    camera = plate.info.camera
    window = _window(camera.width_px, camera.height_px)
    lossy = {
        "compression": OpenEXR.DWAA_COMPRESSION,
        "dwaCompressionLevel": float(dwa_level),
        "type": OpenEXR.scanlineimage,
        "dataWindow": window,
        "displayWindow": window,
    }
    total = np.sum(list(plate.pictures.values()), axis=0)
    parts = [OpenEXR.Part(dict(lossy), {"RGB": _half(total)}, _SUM)]
    half_size = _half_size(camera.width_px, camera.height_px)
    halved = {**lossy, "dataWindow": _window(*half_size)}
    # The last group's share is what the others leave.
    for group in plate.info.groups[:-1]:
        share = _share(plate.pictures[group.name], total, half_size)
        parts.append(OpenEXR.Part(dict(halved), {"RGB": _half(share)}, _SHARE_PREFIX + group.name))
    if plate.front:
        for name, front in plate.front.items():
            colour = {"RGB": _half(front[..., :3])}
            parts.append(OpenEXR.Part(dict(lossy), colour, FRONT_PREFIX + name))
        alpha = next(iter(plate.front.values()))[..., 3]
        parts.append(OpenEXR.Part(dict(lossy), {"A": _half(alpha)}, _FRONT_ALPHA))
    parts.append(_geometry_part(plate.geometry, window))
    OpenEXR.File(parts).write(str(folder / PICTURES_NAME))
    (folder / INFO_NAME).write_text(dump_info(plate.info), encoding="utf-8")
    return sum((folder / name).stat().st_size for name in (PICTURES_NAME, INFO_NAME))


def _assemble(info: PlateInfo, parts: Mapping[str, Any]) -> Plate:
    names = [group.name for group in info.groups]
    if _SUM in parts:
        pictures = _shared_out(names, parts)
    else:
        pictures = {name: _rgb(parts, PICTURE_PREFIX + name) for name in names}
    front: dict[str, RgbaF32] = {}
    if info.slot.front is not None:
        alpha = np.clip(_channel(parts, _FRONT_ALPHA, "A").astype(np.float32), 0, 1)
        for name in names:
            rgb = _rgb(parts, FRONT_PREFIX + name)
            front[name] = np.concatenate([rgb, alpha[..., None]], axis=-1)
    return Plate(info, pictures, _read_geometry(info.camera, parts), front)


def _share(
    picture: RgbF32, total: NDArray[np.float32], size: tuple[int, int]
) -> NDArray[np.float32]:
    own, whole = (resized_planes(array, size, Image.Resampling.BOX) for array in (picture, total))
    share: NDArray[np.float32] = np.clip(own / np.maximum(whole, _DARK), 0, 1)
    return share


def _shared_out(names: list[str], parts: Mapping[str, Any]) -> dict[str, RgbF32]:
    total = _rgb(parts, _SUM)
    size = (total.shape[1], total.shape[0])
    shares = [
        np.clip(
            resized_planes(_rgb(parts, _SHARE_PREFIX + n), size, Image.Resampling.BILINEAR), 0, 1
        )
        for n in names[:-1]
    ]
    taken = np.sum(shares, axis=0, dtype=np.float32) if shares else np.zeros_like(total)
    # Compression may let shares add up to a little over the whole.
    excess = np.maximum(taken, np.float32(1))
    pictures: dict[str, RgbF32] = {}
    for name, share in zip(names[:-1], shares, strict=True):
        pictures[name] = (total * share / excess).astype(np.float32)
    pictures[names[-1]] = (total * np.maximum(1 - taken, 0)).astype(np.float32)
    return pictures


def resized_planes(
    picture: NDArray[np.float32], size: tuple[int, int], kernel: Image.Resampling
) -> NDArray[np.float32]:
    """(H, W, C) float32 at another size (width, height), channel by channel."""
    planes = [Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(picture, -1, 0)]
    return np.stack([np.asarray(p.resize(size, kernel), np.float32) for p in planes], axis=-1)


def _half_size(width_px: int, height_px: int) -> tuple[int, int]:
    return -(-width_px // 2), -(-height_px // 2)


def _channel(parts: Mapping[str, Any], part: str, channel: str) -> NDArray[Any]:
    if part not in parts:
        raise PlateInvalid(f"the part “{part}” is missing.")
    channels = parts[part].channels
    if channel not in channels:
        raise PlateInvalid(f"the part “{part}” has no channel “{channel}”.")
    pixels: NDArray[Any] = channels[channel].pixels
    return pixels


def _rgb(parts: Mapping[str, Any], part: str) -> RgbF32:
    # DWAA rings a little below zero beside bright edges.
    picture = np.maximum(_channel(parts, part, "RGB").astype(np.float32), 0)
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise PlateInvalid(f"the part “{part}” is not an RGB picture.")
    if not np.isfinite(picture).all():
        raise PlateInvalid(f"the part “{part}” holds numbers that are not finite.")
    return picture


def _half(pixels: NDArray[np.float32]) -> NDArray[np.float16]:
    return np.ascontiguousarray(np.clip(pixels, 0, 65000).astype(np.float16))


def _window(width_px: int, height_px: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return np.array([0, 0], np.int32), np.array([width_px - 1, height_px - 1], np.int32)


def _geometry_part(geometry: Geometry, display: object) -> OpenEXR.Part:
    height_px, width_px = geometry.surface.shape
    something = geometry.surface != Surface.NOTHING
    nearest = float(geometry.depth[something].min()) if something.any() else 1.0
    disparity = np.round(_DISPARITY_STEPS * nearest / np.maximum(geometry.depth, nearest))
    disparity = np.where(something, np.maximum(disparity, 1), 0)
    octahedral = _to_octahedral(geometry.normal)
    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "dataWindow": _window(width_px, height_px),
        "displayWindow": display,
        _NEAREST: nearest,
    }
    channels = {
        "disparity": disparity.astype(np.uint32),
        "normal.u": octahedral[..., 0],
        "normal.v": octahedral[..., 1],
        "surface": geometry.surface.astype(np.uint32),
    }
    ready = {name: np.ascontiguousarray(pixels) for name, pixels in channels.items()}
    return OpenEXR.Part(header, ready, _GEOMETRY)


def _read_geometry(camera: Camera, parts: Mapping[str, Any]) -> Geometry:
    steps = _channel(parts, _GEOMETRY, "disparity").astype(np.float64)
    surface = _channel(parts, _GEOMETRY, "surface")
    if surface.max(initial=0) > max(Surface):
        raise PlateInvalid(f"surface {surface.max()} is unknown; the last one is {max(Surface)}.")
    u, v = (_channel(parts, _GEOMETRY, f"normal.{axis}") for axis in "uv")
    nearest = float(parts[_GEOMETRY].header[_NEAREST])
    depth = nearest * _DISPARITY_STEPS / np.maximum(steps, 1)
    depth = np.where(steps > 0, depth, NOTHING_DEPTH_CM)
    height_px, width_px = geometry_size(camera.height_px, camera.width_px)
    if depth.shape != (height_px, width_px):
        raise PlateInvalid(f"geometry is {depth.shape}; it must be {(height_px, width_px)}.")
    coarse = camera.scaled(width_px, height_px)
    rays = coarse.rays(coarse.pixel_centres())
    position = np.array(camera.position_cm) + depth[..., None] * rays
    return Geometry(
        position=position.astype(np.float32),
        normal=_from_octahedral(np.stack([u, v], axis=-1)),
        surface=surface.astype(np.uint8),
        depth=depth.astype(np.float32),
    )


def _to_octahedral(normal: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Unit vectors to two whole numbers, 0..255.

    Source: Cigolle et al., "A Survey of Efficient Representations for Independent Unit Vectors",
    JCGT 2014.
    """
    flat = normal / np.maximum(np.abs(normal).sum(-1, keepdims=True), 1e-9)
    # y is the pole: most of a scene looks up or towards the viewer, far from the fold below.
    x, y, z = flat[..., 0], flat[..., 1], flat[..., 2]
    folded_x = (1 - np.abs(z)) * np.where(x >= 0, 1, -1)
    folded_z = (1 - np.abs(x)) * np.where(z >= 0, 1, -1)
    plane = np.stack([np.where(y >= 0, x, folded_x), np.where(y >= 0, z, folded_z)], axis=-1)
    steps = np.round((plane * 0.5 + 0.5) * _NORMAL_STEPS)
    return np.clip(steps, 0, _NORMAL_STEPS).astype(np.uint32)


def _from_octahedral(steps: NDArray[Any]) -> NDArray[np.float32]:
    plane = steps.astype(np.float32) / _NORMAL_STEPS * 2 - 1
    x, z = plane[..., 0], plane[..., 1]
    y = 1 - np.abs(x) - np.abs(z)
    fold = np.maximum(-y, 0)
    x = x - np.where(x >= 0, fold, -fold)
    z = z - np.where(z >= 0, fold, -fold)
    normal = np.stack([x, y, z], axis=-1)
    unit: NDArray[np.float32] = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    return unit.astype(np.float32)
