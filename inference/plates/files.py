"""Read and write a plate: `plate.json`, `plate.exr` and `plate.geometry` in a folder of its own.

The OpenEXR file has the sum of all groups' pictures at full size and, at half size, each group's
share of it: texture is in the sum alone, shares are as smooth as light, and the groups add up
exactly. A plate may also hold every group's picture whole. Geometry lies beside it without loss
(`geometry_file`); in older plates it is one more part of the OpenEXR file, which is read as well.
"""

import shutil
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
from inference.plates.exr_parts import without_part
from inference.plates.format import FRONT_PREFIX, PICTURE_PREFIX, PlateInfo
from inference.plates.geometry_file import (
    DISPARITY_STEPS_IN_EXR,
    NEAREST,
    STEPS,
    Planes,
    geometry_of,
    geometry_planes,
)
from inference.plates.json_codec import dump_info, parse_info
from inference.plates.packing import pack_planes, unpack_planes
from inference.plates.plate import Plate, geometry_size

INFO_NAME = "plate.json"
PICTURES_NAME = "plate.exr"
GEOMETRY_NAME = "plate.geometry"
# The part that older plates have for it, and its header's word for the nearest depth.
_GEOMETRY = "geometry"
_NEAREST_IN_EXR = "softbox.nearest_cm"
_SUM = "light"
_SHARE_PREFIX = "share."
# Below this the sum is black and nobody's share can be told.
_DARK = 1e-6
_FRONT_ALPHA = "front.alpha"
# 45 is OpenEXR's own default; higher is smaller and coarser.
DEFAULT_DWA_LEVEL = 45.0


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
            pictures, front = _pictures(info, parts)
            geometry = geometry_of(*_stored_geometry(folder, info.camera, parts), info.camera)
    except InferenceError as error:
        raise PlateInvalid(f"{path}: {error}") from error
    except (RuntimeError, ValueError, KeyError) as error:
        raise PlateInvalid(f"{path} cannot be read: {error}.") from error
    return Plate(info, pictures, geometry, front)


def write_plate(folder: Path, plate: Plate, *, dwa_level: float = DEFAULT_DWA_LEVEL) -> int:
    """Write a plate's files and return their size in bytes.

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
    OpenEXR.File(parts).write(str(folder / PICTURES_NAME))
    (folder / GEOMETRY_NAME).write_bytes(pack_planes(*geometry_planes(plate.geometry)))
    (folder / INFO_NAME).write_text(dump_info(plate.info), encoding="utf-8")
    return plate_size_bytes(folder)


def plate_size_bytes(folder: Path) -> int:
    """Size of a plate's files, without its preview."""
    names = (INFO_NAME, PICTURES_NAME, GEOMETRY_NAME)
    return sum((folder / name).stat().st_size for name in names if (folder / name).is_file())


def repack_geometry(folder: Path) -> bool:
    """Take an older plate's geometry out of its OpenEXR file; pictures keep their very bytes.

    What was written is read again and compared before the old file is replaced.

    Returns:
        Whether there was anything to do.

    Raises:
        PlateMissing, PlateInvalid: the plate cannot be read.
    """
    if (folder / GEOMETRY_NAME).is_file():
        return False
    before = read_plate(folder)
    with OpenEXR.File(str(folder / PICTURES_NAME)) as file:
        parts = {part.name(): part for part in file.parts}
        planes, facts = _stored_geometry(folder, before.info.camera, parts)
    pictures = without_part((folder / PICTURES_NAME).read_bytes(), _GEOMETRY)
    beside = folder / ".repacked"
    beside.mkdir(exist_ok=True)
    try:
        (beside / INFO_NAME).write_bytes((folder / INFO_NAME).read_bytes())
        (beside / PICTURES_NAME).write_bytes(pictures)
        (beside / GEOMETRY_NAME).write_bytes(pack_planes(planes, facts))
        if not _is_same(before, read_plate(beside)):
            raise PlateInvalid(f"{folder} would change when packed anew.")
        # In this order: a plate with both is read by its own file, so no moment leaves none.
        (beside / GEOMETRY_NAME).replace(folder / GEOMETRY_NAME)
        (beside / PICTURES_NAME).replace(folder / PICTURES_NAME)
    finally:
        shutil.rmtree(beside)
    return True


def _is_same(one: Plate, other: Plate) -> bool:
    """Whether two plates have equal descriptions and the very same numbers."""
    a, b = one.geometry, other.geometry
    pairs = [(getattr(a, name), getattr(b, name)) for name in ("position", "normal", "surface")]
    pairs += [(a.depth, b.depth)]
    pairs += [(one.pictures[name], other.pictures[name]) for name in one.pictures]
    pairs += [(one.front[name], other.front[name]) for name in one.front]
    return one.info == other.info and all(np.array_equal(x, y) for x, y in pairs)


def _stored_geometry(
    folder: Path, camera: Camera, parts: Mapping[str, Any]
) -> tuple[Planes, dict[str, float]]:
    """The geometry's whole numbers, from its own file or from the OpenEXR part of older plates."""
    path = folder / GEOMETRY_NAME
    if path.is_file():
        height, width = geometry_size(camera.height_px, camera.width_px)
        return unpack_planes(path.read_bytes(), height=height, width=width)
    if _GEOMETRY not in parts:
        raise PlateInvalid(f"{GEOMETRY_NAME} is missing.")
    part = parts[_GEOMETRY]
    planes = {name: channel.pixels.astype(np.uint32) for name, channel in part.channels.items()}
    nearest = float(part.header[_NEAREST_IN_EXR])
    return planes, {NEAREST: nearest, STEPS: DISPARITY_STEPS_IN_EXR}


def _pictures(
    info: PlateInfo, parts: Mapping[str, Any]
) -> tuple[dict[str, RgbF32], dict[str, RgbaF32]]:
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
    return pictures, front


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
