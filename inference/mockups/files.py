"""Read and write a print plate: a folder with `plate.json`, three AVIF pictures and PNG masks.

A plate's pictures are smooth but for edges, so 12-bit AVIF holds them in a tenth of OpenEXR's
bytes; a power curve spends its levels as the eye does and leaves room above white. Flat
coordinates of cloth are 16-bit whole numbers, stored as what their neighbours do not foretell.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyvips
from numpy.typing import NDArray

from inference.errors import InferenceError, PlateInvalid, PlateMissing
from inference.mockups.format import PrintInfo
from inference.mockups.plate import FlatMap, PrintPlate
from inference.pixels.arrays import BoolMask, RgbF32
from inference.plates.json_codec import dump_record, parse_record

INFO_NAME = "plate.json"
_WHITE, _BLACK, _FOIL = "white.avif", "black.avif", "foil.avif"
_COVER, _GROUND = "cover.png", "ground.png"
# Above this a tone curve shows no difference; codes run to it.
_BRIGHTEST = 2.5
_CURVE = 2.4
_LEVELS = 4095
# 12-bit samples are carried in the upper bits of 16.
_CARRIED = 16
_MAP_LEVELS = 65535
# Smooth grounds band below it; a plate of 1536 px still takes less than 300 KB.
QUALITY = 90
_FOIL_QUALITY = 80


def read_info(folder: Path) -> PrintInfo:
    """Read and validate only the description.

    Raises:
        PlateMissing: the folder holds no `plate.json`.
        PlateInvalid: it breaks the schema.
    """
    path = folder / INFO_NAME
    if not path.is_file():
        raise PlateMissing(f"{folder} holds no {INFO_NAME}.")
    return parse_record(PrintInfo, path.read_text(encoding="utf-8"), source=str(path))


def read_plate(folder: Path) -> PrintPlate:
    """Read and validate a whole plate.

    Raises:
        PlateMissing: one of its files is absent.
        PlateInvalid: a file breaks the format; the message says where.
    """
    info = read_info(folder)
    slot = info.slot
    try:
        white = _read_picture(folder / _WHITE)
        black = _read_picture(folder / _BLACK)
        left, top, right, bottom = slot.window_px
        inside = white[top:bottom, left:right]
        if black.shape == inside.shape:
            # Two lossy files may cross by a level; ink never takes light away.
            black = np.minimum(black, inside)
        return PrintPlate(
            info=info,
            white=white,
            black=black,
            cover=_read_shares(folder / _COVER),
            foil=_read_picture(folder / _FOIL) if slot.has_foil else None,
            ground=_read_shares(folder / _GROUND)[..., 0] if slot.can_tint else None,
            maps={face.name: _read_map(folder, face.name) for face in slot.faces if face.is_mapped},
        )
    except PlateMissing:
        raise
    except InferenceError as error:
        raise PlateInvalid(f"{folder}: {error}") from error


def write_plate(folder: Path, plate: PrintPlate, *, quality: int = QUALITY) -> int:
    """Write all files and return their size in bytes.

    Args:
        folder: created when absent; files in it are replaced.
        plate: what to write.
        quality: of the AVIF pictures, 1..100.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INFO_NAME).write_text(dump_record(plate.info), encoding="utf-8")
    files = {
        _WHITE: _avif(plate.white, quality),
        _BLACK: _avif(plate.black, quality),
        _COVER: _png(np.round(plate.cover * 255).astype(np.uint8)),
    }
    if plate.foil is not None:
        files[_FOIL] = _avif(plate.foil, min(quality, _FOIL_QUALITY))
    if plate.info.slot.can_tint and plate.ground is not None:
        files[_GROUND] = _png(np.round(plate.ground[..., None] * 255).astype(np.uint8))
    for name, flat in plate.maps.items():
        files[f"map.{name}.png"] = _png(_residuals(flat))
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def _avif(picture: RgbF32, quality: int) -> bytes:
    share = np.clip(picture / np.float32(_BRIGHTEST), 0, 1) ** np.float32(1 / _CURVE)
    codes = (np.round(share * _LEVELS) * _CARRIED).astype(np.uint16)
    image = _image(codes, "ushort").copy(interpretation="rgb16")
    return bytes(
        image.heifsave_buffer(
            compression="av1", bitdepth=12, Q=quality, effort=4, subsample_mode="off"
        )
    )


def _read_picture(path: Path) -> RgbF32:
    codes = _read_levels(path, np.uint16)[..., :3].astype(np.float32)
    share = codes / np.float32(_LEVELS * _CARRIED)
    picture: RgbF32 = np.float32(_BRIGHTEST) * share ** np.float32(_CURVE)
    return picture


def _read_shares(path: Path) -> NDArray[np.float32]:
    shares: NDArray[np.float32] = _read_levels(path, np.uint8).astype(np.float32) / np.float32(255)
    return shares


def _png(levels: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    is_byte = levels.dtype == np.uint8
    image = _image(levels, "uchar" if is_byte else "ushort")
    kinds = {1: ("b-w", "grey16"), 2: ("b-w", "grey16"), 4: ("srgb", "rgb16")}
    image = image.copy(interpretation=kinds[image.bands][0 if is_byte else 1])
    return bytes(image.write_to_buffer(".png", compression=9, filter="all" if is_byte else "none"))


def _image(levels: NDArray[np.uint8] | NDArray[np.uint16], kind: str) -> pyvips.Image:
    height, width, bands = levels.shape
    return pyvips.Image.new_from_memory(
        np.ascontiguousarray(levels).tobytes(), width, height, bands, kind
    )


def _read_levels(path: Path, dtype: type[np.uint8] | type[np.uint16]) -> NDArray[np.uint16]:
    """(H, W, bands) whole numbers."""
    if not path.is_file():
        raise PlateMissing(f"{path.parent} holds no {path.name}.")
    try:
        image = pyvips.Image.new_from_buffer(path.read_bytes(), "")
        data = image.write_to_memory()
    except pyvips.Error as error:
        raise PlateInvalid(f"{path} cannot be read: {error}.") from error
    wanted = "uchar" if dtype is np.uint8 else "ushort"
    if image.format != wanted:
        raise PlateInvalid(f"{path.name} holds {image.format} samples; it must hold {wanted}.")
    return np.ndarray(buffer=data, dtype=dtype, shape=(image.height, image.width, image.bands))


def _residuals(flat: FlatMap) -> NDArray[np.uint16]:
    """(H, W, 2) what a row's two neighbours to the left do not foretell; 65535 where not seen.

    A level is a 65534th; an unseen run starts afresh with the level itself.
    """
    coordinates, seen = flat
    levels = np.round(np.clip(coordinates, 0, 1) * (_MAP_LEVELS - 1)).astype(np.int64)
    out = np.full(levels.shape, _MAP_LEVELS, np.uint16)
    foretold = _foretold(levels, seen)
    residual = (levels - foretold) % _MAP_LEVELS
    out[seen] = residual[seen].astype(np.uint16)
    return out


def _foretold(levels: NDArray[np.int64], seen: BoolMask) -> NDArray[np.int64]:
    guess = np.zeros_like(levels)
    one = np.zeros_like(seen)
    one[:, 1:] = seen[:, :-1]
    two = np.zeros_like(seen)
    two[:, 2:] = seen[:, 1:-1] & seen[:, :-2]
    guess[:, 1:] = np.where(one[:, 1:, None], levels[:, :-1], 0)
    straight = np.zeros_like(levels)
    straight[:, 2:] = 2 * levels[:, 1:-1] - levels[:, :-2]
    return np.where(two[..., None], straight, guess)


def _read_map(folder: Path, name: str) -> FlatMap:
    residual = _read_levels(folder / f"map.{name}.png", np.uint16)[..., :2].astype(np.int64)
    seen = residual[..., 0] != _MAP_LEVELS
    levels = np.zeros_like(residual)
    before = np.zeros_like(residual[:, 0])
    two_before = np.zeros_like(before)
    run = np.zeros(len(residual), np.int64)
    for column in range(residual.shape[1]):
        guess = np.where((run >= 2)[:, None], 2 * before - two_before, before)
        guess = np.where((run >= 1)[:, None], guess, 0)
        here = (guess + residual[:, column]) % _MAP_LEVELS
        levels[:, column] = here
        run = np.where(seen[:, column], run + 1, 0)
        two_before, before = before, here
    coordinates = (levels / (_MAP_LEVELS - 1)).astype(np.float32)
    coordinates[~seen] = 0
    return coordinates, seen


def files_of(folder: Path) -> Mapping[str, int]:
    """Every file of a plate, its preview included, with its bytes."""
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
