"""Take a part out of a multi-part OpenEXR file without touching the others' bytes.

The pictures of a plate are compressed with loss: decoding and encoding them anew would cost them a
second time. Source: "OpenEXR File Layout" of the Academy Software Foundation (scanline parts).
"""

import struct
from dataclasses import dataclass

from inference.errors import PlateInvalid

_MAGIC = 20000630
_MULTI_PART = 0x1000
# Part number, first row and size of a chunk of a scanline part.
_CHUNK = struct.Struct("<iii")


@dataclass(frozen=True, slots=True)
class _Header:
    raw: bytes
    name: str
    chunks: int


def without_part(data: bytes, name: str) -> bytes:
    """The file without the part of that name; every other part's bytes as they are.

    Raises:
        PlateInvalid: not a multi-part file of scanlines, or it has no such part.
    """
    try:
        magic, version = struct.unpack_from("<ii", data)
        if magic != _MAGIC or not version & _MULTI_PART:
            raise PlateInvalid("the pictures are no multi-part OpenEXR file.")
        headers, place = _headers(data, 8)
        chunks = []
        for header in headers:
            offsets = struct.unpack_from(f"<{header.chunks}Q", data, place)
            place += 8 * header.chunks
            chunks.append([_chunk(data, offset) for offset in offsets])
    except (struct.error, ValueError, KeyError, UnicodeDecodeError) as error:
        raise PlateInvalid("the pictures’ file is damaged.") from error
    kept = [index for index, header in enumerate(headers) if header.name != name]
    if len(kept) == len(headers):
        raise PlateInvalid(f"there is no part “{name}” to take out.")
    return _written(version, [headers[i] for i in kept], [chunks[i] for i in kept])


def _headers(data: bytes, place: int) -> tuple[list[_Header], int]:
    headers = []
    while data[place] != 0:
        start, facts = place, {}
        while data[place] != 0:
            name_end = data.index(b"\0", place)
            type_end = data.index(b"\0", name_end + 1)
            (size,) = struct.unpack_from("<i", data, type_end + 1)
            value = type_end + 5
            facts[data[place:name_end].decode()] = data[value : value + size]
            place = value + size
        place += 1
        (chunks,) = struct.unpack("<i", facts["chunkCount"])
        headers.append(_Header(data[start:place], facts["name"].decode(), chunks))
    return headers, place + 1


def _chunk(data: bytes, offset: int) -> bytes:
    """First row, size and content; the part's number in front is left out."""
    _, _, size = _CHUNK.unpack_from(data, offset)
    end = offset + _CHUNK.size + size
    if size < 0 or end > len(data):
        raise ValueError("a chunk ends after the file")
    return data[offset + 4 : end]


def _written(version: int, headers: list[_Header], chunks: list[list[bytes]]) -> bytes:
    head = struct.pack("<ii", _MAGIC, version) + b"".join(h.raw for h in headers) + b"\0"
    place = len(head) + 8 * sum(len(part) for part in chunks)
    table, body = b"", []
    for number, part in enumerate(chunks):
        for chunk in part:
            table += struct.pack("<Q", place)
            body.append(struct.pack("<i", number) + chunk)
            place += 4 + len(chunk)
    return head + table + b"".join(body)
