"""The wire format against golden bytes; `static/js/lib/wire.js` reads the same files."""

import json
from pathlib import Path

import pytest

from studio.core.live import Frame
from studio.renders.wire import MEDIA_CODES, pack_frame

GOLDEN = Path(__file__).parent.parent / "fixtures" / "wire"
FRAMES = json.loads((GOLDEN / "golden.json").read_text())


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_a_frame_is_packed_as_the_golden_bytes_say(name: str) -> None:
    want = FRAMES[name]
    frame = Frame(
        seq=want["seq"],
        tier=want["tier"],
        width=want["width"],
        height=want["height"],
        media_type=want["media_type"],
        data=bytes.fromhex(want["data_hex"]),
    )
    assert pack_frame(frame, index=want["index"]) == (GOLDEN / f"{name}.bin").read_bytes()


def test_the_golden_frames_cover_every_encoding_and_tier() -> None:
    assert {frame["media_type"] for frame in FRAMES.values()} == set(MEDIA_CODES)
    assert {frame["tier"] for frame in FRAMES.values()} == {0, 1, 2}


def test_a_frame_survives_the_store() -> None:
    frame = Frame(4_000_000_000, 2, 4096, 3072, "image/avif", b"\x00picture\xff")
    assert Frame.from_bytes(frame.to_bytes()) == frame
