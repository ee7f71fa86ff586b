"""Pack planes of whole numbers: differences of neighbours, byte by byte, in LZMA.

Along a row of a flat surface disparity rises by the same step again and again, so differences of
first or second order are nearly nothing. OpenEXR's own ZIP takes differences of bytes only and
needs two to four times the room.
"""

import itertools
import json
import lzma
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.errors import PlateInvalid

_MAGIC = b"SBGEO\1"
_LENGTH = struct.Struct("<I")
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0}]
# How often differences are taken along rows and along columns.
_ORDERS = tuple(o for o in itertools.product(range(3), range(3)) if sum(o) <= 2)
# Deeper than this, differences are not read: nobody writes them.
_DEEPEST = 2


def pack_planes(planes: Mapping[str, NDArray[np.uint32]], facts: Mapping[str, float]) -> bytes:
    """Pack planes of one size without loss; the same planes always give the same bytes.

    Args:
        planes: name → (h, w) uint32.
        facts: numbers that belong to them.
    """
    records, body = [], []
    for name, plane in planes.items():
        order, wide, packed = _smallest(plane)
        records.append({"name": name, "order": list(order), "bytes": wide})
        body.append(packed)
    height, width = next(iter(planes.values())).shape
    record = {"height": height, "width": width, "planes": records, "facts": dict(facts)}
    header = json.dumps(record, separators=(",", ":")).encode()
    content = lzma.compress(b"".join(body), format=lzma.FORMAT_XZ, filters=_FILTERS)
    return _MAGIC + _LENGTH.pack(len(header)) + header + content


def unpack_planes(
    data: bytes, *, height: int, width: int
) -> tuple[dict[str, NDArray[np.uint32]], dict[str, float]]:
    """What `pack_planes` packed: planes by name, each (height, width) uint32, and the facts.

    Raises:
        PlateInvalid: damaged, of another kind, or of another size.
    """
    start = len(_MAGIC) + _LENGTH.size
    if not data.startswith(_MAGIC) or len(data) < start:
        raise PlateInvalid("this is no packed geometry.")
    (length,) = _LENGTH.unpack_from(data, len(_MAGIC))
    try:
        record = json.loads(data[start : start + length])
        shape = (int(record["height"]), int(record["width"]))
        facts = {str(name): float(value) for name, value in record["facts"].items()}
        layout = [_layout(entry) for entry in record["planes"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PlateInvalid("the geometry’s header cannot be read.") from error
    if shape != (height, width):
        raise PlateInvalid(f"geometry is {shape}; it must be {(height, width)}.")
    if any(
        not (0 <= a <= _DEEPEST and 0 <= b <= _DEEPEST and 1 <= n <= 4) for _, a, b, n in layout
    ):
        raise PlateInvalid("the geometry’s header asks for what no plate has.")
    content = _content(data[start + length :], sum(n for *_, n in layout) * height * width)
    return _taken_apart(content, layout, height, width), facts


def _layout(entry: dict[str, Any]) -> tuple[str, int, int, int]:
    """A plane's name, its orders of differences along and down, and bytes a number."""
    along, down = (int(order) for order in entry["order"])
    return str(entry["name"]), along, down, int(entry["bytes"])


def _content(packed: bytes, size: int) -> bytes:
    reader = lzma.LZMADecompressor(format=lzma.FORMAT_XZ)
    try:
        content = reader.decompress(packed, max_length=size + 1)
    except lzma.LZMAError as error:
        raise PlateInvalid("the geometry is damaged.") from error
    if len(content) != size or not reader.eof:
        raise PlateInvalid("the geometry is cut short or too long.")
    return content


def _taken_apart(
    content: bytes, layout: list[tuple[str, int, int, int]], height: int, width: int
) -> dict[str, NDArray[np.uint32]]:
    planes, place = {}, 0
    cells = height * width
    for name, along, down, wide in layout:
        total = np.zeros(cells, np.uint32)
        for index in range(wide):
            part = np.frombuffer(content, np.uint8, cells, place)
            total |= part.astype(np.uint32) << np.uint32(8 * index)
            place += cells
        planes[name] = _summed(_signed(total).reshape(height, width), along, down)
    return planes


def _smallest(plane: NDArray[np.uint32]) -> tuple[tuple[int, int], int, bytes]:
    """The order of differences that packs best, bytes a number, and the bytes."""
    tried = []
    for order in _ORDERS:
        unsigned = _unsigned(_differences(plane, *order))
        wide = max(1, -(-int(unsigned.max(initial=0)).bit_length() // 8))
        raw = b"".join(
            (unsigned >> np.uint32(8 * index)).astype(np.uint8).tobytes() for index in range(wide)
        )
        # A quick packer ranks them as the slow one does, near enough.
        tried.append((len(zlib.compress(raw, 1)), order, wide, raw))
    _, order, wide, raw = min(tried, key=lambda entry: entry[:2])
    return order, wide, raw


def _differences(plane: NDArray[np.uint32], along: int, down: int) -> NDArray[np.uint32]:
    """Differences modulo 2³² along rows and columns."""
    result = plane.astype(np.uint32)
    for axis, times in ((1, along), (0, down)):
        for _ in range(times):
            result = np.diff(result, axis=axis, prepend=np.uint32(0))
    return result


def _summed(differences: NDArray[np.uint32], along: int, down: int) -> NDArray[np.uint32]:
    result = differences
    for axis, times in ((0, down), (1, along)):
        for _ in range(times):
            result = np.cumsum(result, axis=axis, dtype=np.uint32)
    return result


def _unsigned(differences: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Small differences either way become small numbers: 0, -1, 1, -2 are 0, 1, 2, 3."""
    signed: NDArray[Any] = differences.view(np.int32)
    folded: NDArray[np.uint32] = ((signed << 1) ^ (signed >> 31)).view(np.uint32)
    return folded


def _signed(folded: NDArray[np.uint32]) -> NDArray[np.uint32]:
    back: NDArray[np.uint32] = (folded >> np.uint32(1)) ^ (np.uint32(0) - (folded & np.uint32(1)))
    return back
