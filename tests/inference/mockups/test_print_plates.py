"""Print plates on disk, and their faces' geometry."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.errors import PlateInvalid, PlateMissing
from inference.mockups.check import find_faults, round_trip_px
from inference.mockups.files import read_plate, write_plate
from inference.mockups.format import Face
from inference.mockups.library import MockupLibrary, reduced, write_with_preview
from inference.mockups.outline import face_grid
from inference.mockups.plate import PrintPlate
from inference.mockups.surface import Surface
from inference.mockups.synthetic import synthetic_print_plate


def test_a_plate_comes_back_from_disk_as_it_was_written(tmp_path: Path) -> None:
    plate = synthetic_print_plate(side_px=128)
    write_plate(tmp_path / "synthetic", plate)
    back = read_plate(tmp_path / "synthetic")
    assert back.info.slot == plate.info.slot
    np.testing.assert_allclose(back.cover, plate.cover, atol=0.003)
    # Lossy, but by less than a level of 8 bits on average.
    assert np.abs(back.white - plate.white).mean() < 0.006
    assert (back.black <= back.white[_window(plate)] + 1e-6).all()


def _window(plate: PrintPlate) -> tuple[slice, slice]:
    left, top, right, bottom = plate.info.slot.window_px
    return np.s_[top:bottom, left:right]


def test_cloth_keeps_its_coordinates_to_a_sixty_thousandth(tmp_path: Path) -> None:
    plate = _cloth()
    write_plate(tmp_path / "synthetic", plate)
    flat, seen = read_plate(tmp_path / "synthetic").maps["front"]
    before, seen_before = plate.maps["front"]
    assert (seen == seen_before).all()
    np.testing.assert_allclose(flat[seen], before[seen], atol=1 / 65000)


def _cloth() -> PrintPlate:
    """The board again, its coordinates stored instead of computed."""
    plate = synthetic_print_plate(side_px=128)
    face, camera = plate.info.slot.faces[0], plate.info.camera
    half = camera.scaled(64, 64)
    surface = Surface(face, half, None, torch.device("cpu"))
    flat = surface.flat(torch.from_numpy(half.pixel_centres().reshape(-1, 2))).numpy()
    flat = flat.reshape(64, 64, 2).astype(np.float32)
    seen = np.asarray(((flat > 0) & (flat < 1)).all(axis=-1))
    grid = tuple(tuple((float(x), float(y)) for x, y in row) for row in face_grid(plate.info, 0))
    mapped = replace(face, plane=None, grid=grid)
    slot = replace(plate.info.slot, faces=(mapped,))
    info = replace(plate.info, slot=slot)
    return replace(plate, info=info, maps={"front": (np.asarray(flat, np.float32), seen)})


def test_stored_coordinates_agree_with_computed_ones() -> None:
    exact, cloth = synthetic_print_plate(side_px=128), _cloth()
    camera = exact.info.camera
    rows, columns = np.nonzero(exact.cover[..., 0] > 0.999)
    left, top = exact.info.slot.window_px[:2]
    points = torch.from_numpy(np.stack([columns + left + 0.5, rows + top + 0.5], 1)).double()
    cpu = torch.device("cpu")
    computed = Surface(exact.info.slot.faces[0], camera, None, cpu).flat(points)
    stored = Surface(cloth.info.slot.faces[0], camera, cloth.maps["front"], cpu).flat(points)
    # Within a tenth of a pixel of artwork a thousand pixels wide.
    off = (computed - stored).abs()
    assert float(off.max()) < 2e-3
    assert float(off.median()) < 1e-4


@pytest.mark.parametrize("is_round", [False, True])
def test_a_face_and_its_camera_agree_both_ways(is_round: bool) -> None:
    plate = synthetic_print_plate(is_round=is_round)
    assert round_trip_px(plate, 0) < 1e-6


def test_a_broken_plate_says_what_is_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "synthetic"
    write_plate(folder, synthetic_print_plate(side_px=96))
    assert find_faults(folder) == []
    (folder / "cover.png").write_bytes(b"no picture")
    assert "cover.png" in find_faults(folder)[0]
    (folder / "black.avif").unlink()
    with pytest.raises(PlateMissing, match=r"black\.avif"):
        read_plate(folder)
    (folder / "plate.json").write_text('{"schema": 1, "slug": "x"}')
    with pytest.raises(PlateInvalid, match="mockup is missing"):
        read_plate(folder)


def test_a_moved_face_is_found_out(tmp_path: Path) -> None:
    plate = synthetic_print_plate(side_px=96)
    face = plate.info.slot.faces[0]
    assert face.plane is not None
    aside = replace(face, plane=replace(face.plane, corner_cm=(0.0, 5.0, 0.0)))
    slot = replace(plate.info.slot, faces=(aside,))
    write_plate(tmp_path / "synthetic", replace(plate, info=replace(plate.info, slot=slot)))
    assert "lies outside its coordinates" in find_faults(tmp_path / "synthetic")[0]


def test_a_face_without_room_inside_its_margins_is_refused() -> None:
    face = synthetic_print_plate(side_px=64).info.slot.faces[0]
    with pytest.raises(ValueError, match="no room"):
        replace(face, safe_cm=6.0)
    with pytest.raises(ValueError, match="has no grid"):
        Face("cloth", "Cloth", 10, 10, (0, 0, 1, 1), (0, 0, 1, 1))


def test_the_library_serves_a_small_copy_and_keeps_order(tmp_path: Path) -> None:
    write_with_preview(tmp_path / "tin", synthetic_print_plate(slug="tin", side_px=600))
    write_plate(tmp_path / "board", synthetic_print_plate(slug="board", side_px=96))
    library = MockupLibrary(tmp_path)
    assert library.mockups() == ("board", "tin")
    small, large = library.load("tin", is_small=True), library.load("tin")
    assert small.white.shape == (512, 512, 3)
    assert large.white.shape == (600, 600, 3)
    assert library.load("tin") is large
    with pytest.raises(PlateMissing, match="board, tin"):
        library.load("can")


def test_a_reduced_plate_shows_the_same_object() -> None:
    plate = synthetic_print_plate(side_px=256)
    small = reduced(plate, 128)
    left, top, right, bottom = small.info.slot.window_px
    assert small.black.shape == (bottom - top, right - left, 3)
    area = float(plate.cover[..., 3].sum()) / 4
    assert float(small.cover[..., 3].sum()) == pytest.approx(area, rel=0.02)
