"""Geometry is packed without loss, and repacking an older plate changes nothing that it says."""

import json
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from inference.__main__ import main
from inference.errors import PlateInvalid
from inference.plates.exr_parts import without_part
from inference.plates.files import (
    GEOMETRY_NAME,
    PICTURES_NAME,
    read_plate,
    repack_geometry,
    write_plate,
)
from inference.plates.geometry_file import DISPARITY_STEPS, DISPARITY_STEPS_IN_EXR
from inference.plates.packing import pack_planes, unpack_planes
from inference.plates.synthetic import synthetic_plate

_SHAPE = (40, 56)


def _planes() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(4)
    rows, columns = np.mgrid[: _SHAPE[0], : _SHAPE[1]]
    return {
        "plane": (70_000 + 312 * rows + 45 * columns).astype(np.uint32),
        "noise": generator.integers(0, 2**32, _SHAPE, dtype=np.uint32),
        "steps": (rows // 9).astype(np.uint32),
        "empty": np.zeros(_SHAPE, np.uint32),
    }


def test_packed_planes_come_back_to_the_last_bit() -> None:
    planes = _planes()
    packed = pack_planes(planes, {"nearest_cm": 91.5})
    again, facts = unpack_planes(packed, height=_SHAPE[0], width=_SHAPE[1])
    assert facts == {"nearest_cm": 91.5}
    assert list(again) == list(planes)
    assert all(np.array_equal(again[name], planes[name]) for name in planes)
    assert pack_planes(planes, {"nearest_cm": 91.5}) == packed


def test_a_flat_surface_takes_next_to_no_room() -> None:
    flat = pack_planes({"plane": _planes()["plane"]}, {})
    assert len(flat) < 400 < _SHAPE[0] * _SHAPE[1]


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda data: b"", "no packed geometry"),
        (lambda data: b"PK" + data[2:], "no packed geometry"),
        (lambda data: data[:10] + b"?" + data[11:], "header"),
        (lambda data: data[:-40], "damaged|cut short"),
        (lambda data: data[:-60] + bytes(30) + data[-30:], "damaged"),
        (lambda data: data.replace(b'"order":[', b'"order":[9', 1), "header"),
    ],
)
def test_spoilt_geometry_is_refused(spoil: object, complaint: str) -> None:
    packed = pack_planes({"noise": _planes()["noise"]}, {})
    assert callable(spoil)
    with pytest.raises(PlateInvalid, match=complaint):
        unpack_planes(spoil(packed), height=_SHAPE[0], width=_SHAPE[1])


def test_geometry_of_another_size_is_refused() -> None:
    with pytest.raises(PlateInvalid, match=r"\(40, 56\)"):
        unpack_planes(pack_planes(_planes(), {}), height=40, width=57)


def _as_older(folder: Path) -> None:
    """Put a written plate's geometry into its OpenEXR file, as older plates have it."""
    height, width = read_plate(folder).geometry.surface.shape
    data = (folder / GEOMETRY_NAME).read_bytes()
    planes, facts = unpack_planes(data, height=height, width=width)
    disparity = planes["disparity"].astype(np.float64) * (DISPARITY_STEPS_IN_EXR / DISPARITY_STEPS)
    planes["disparity"] = np.round(disparity).astype(np.uint32)
    window = np.array([0, 0], np.int32), np.array([width - 1, height - 1], np.int32)
    with OpenEXR.File(str(folder / PICTURES_NAME)) as file:
        header = {
            "compression": OpenEXR.ZIP_COMPRESSION,
            "type": OpenEXR.scanlineimage,
            "dataWindow": window,
            "displayWindow": file.parts[0].header["displayWindow"],
            "softbox.nearest_cm": facts["nearest_cm"],
        }
        parts = [*file.parts, OpenEXR.Part(header, planes, "geometry")]
        OpenEXR.File(parts).write(str(folder / "older.exr"))
    (folder / "older.exr").replace(folder / PICTURES_NAME)
    (folder / GEOMETRY_NAME).unlink()


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A library of one plate with its geometry in the OpenEXR file."""
    write_plate(tmp_path / "synthetic-18", synthetic_plate(has_front=True))
    _as_older(tmp_path / "synthetic-18")
    return tmp_path


def test_an_older_plate_says_the_same_after_repacking(
    older: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = older / "synthetic-18"
    before = read_plate(folder)
    assert main(["plates", "repack", "--folder", str(older)]) == 0
    assert "MB saved" in capsys.readouterr().out
    after = read_plate(folder)
    assert (folder / GEOMETRY_NAME).is_file()
    assert np.array_equal(before.geometry.position, after.geometry.position)
    assert np.array_equal(before.geometry.normal, after.geometry.normal)
    assert np.array_equal(before.pictures["key"], after.pictures["key"])
    assert np.array_equal(before.front["sky"], after.front["sky"])
    assert sorted(p.name for p in folder.iterdir()) == [PICTURES_NAME, GEOMETRY_NAME, "plate.json"]
    assert main(["plates", "repack", "--folder", str(older)]) == 0
    assert "already packed" in capsys.readouterr().out


def test_repacking_keeps_the_pictures_very_bytes(older: Path) -> None:
    folder = older / "synthetic-18"
    whole = (folder / PICTURES_NAME).read_bytes()
    assert repack_geometry(folder)
    kept = (folder / PICTURES_NAME).read_bytes()
    # A chunk is its size and its bytes: the last picture's ends the file, as it was before.
    assert len(kept) < len(whole)
    assert kept[-200:] in whole


def test_only_a_part_that_is_there_can_be_taken_out(older: Path) -> None:
    data = (older / "synthetic-18" / PICTURES_NAME).read_bytes()
    with pytest.raises(PlateInvalid, match="no part “moon”"):
        without_part(data, "moon")
    with pytest.raises(PlateInvalid, match="damaged"):
        without_part(data[:-90], "geometry")
    with pytest.raises(PlateInvalid, match="no multi-part"):
        without_part(b"\0" * 64, "geometry")


def test_a_plate_without_any_geometry_is_refused(older: Path) -> None:
    folder = older / "synthetic-18"
    repack_geometry(folder)
    (folder / GEOMETRY_NAME).unlink()
    with pytest.raises(PlateInvalid, match=GEOMETRY_NAME):
        read_plate(folder)


def test_geometry_that_lacks_its_scale_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    write_plate(folder, synthetic_plate())
    planes, facts = unpack_planes((folder / GEOMETRY_NAME).read_bytes(), height=16, width=16)
    (folder / GEOMETRY_NAME).write_bytes(pack_planes(planes, {**facts, "steps": 0.0}))
    with pytest.raises(PlateInvalid, match="lacks steps"):
        read_plate(folder)


def test_the_header_is_readable_text() -> None:
    packed = pack_planes({"steps": _planes()["steps"]}, {"nearest_cm": 3.0})
    start = packed.index(b"{")
    header = json.loads(packed[start : packed.index(b"}}", start) + 2])
    assert header["planes"][0]["name"] == "steps"
    assert header["facts"] == {"nearest_cm": 3.0}
