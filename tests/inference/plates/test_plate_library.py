"""The library finds plates, chooses views, resizes and caches."""

from pathlib import Path

import numpy as np
import pytest

from inference.errors import PlateInvalid, PlateMissing
from inference.plates.files import write_plate
from inference.plates.library import PREVIEW_NAME, PlateLibrary, plate_bytes, resized, write_preview
from inference.plates.synthetic import synthetic_plate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library of one scene at three pitches."""
    for pitch in (8, 18, 30):
        slug = f"grey-table-{pitch}"
        write_plate(tmp_path / slug, synthetic_plate(slug=slug, pitch_deg=pitch))
    return tmp_path


def test_the_view_with_the_nearest_pitch_is_taken(folder: Path) -> None:
    library = PlateLibrary(folder)
    assert library.scenes() == ("grey-table",)
    chosen = [library.nearest("grey-table", pitch).slug for pitch in (-3, 12, 14, 25, 70)]
    assert chosen == [
        "grey-table-8", "grey-table-8", "grey-table-18", "grey-table-30", "grey-table-30",
    ]  # fmt: skip


def test_unknown_names_are_answered_with_those_there_are(folder: Path) -> None:
    library = PlateLibrary(folder)
    with pytest.raises(PlateMissing, match="grey-table-18"):
        library.load("moon-18")
    with pytest.raises(PlateMissing, match="grey-table"):
        library.nearest("moon", 8)


def test_a_folder_that_is_not_there_holds_no_plates(tmp_path: Path) -> None:
    assert PlateLibrary(tmp_path / "nowhere").plates == ()


def test_a_smaller_plate_shows_the_same_scene_at_the_same_place(folder: Path) -> None:
    library = PlateLibrary(folder)
    full, small = library.load("grey-table-18"), library.load("grey-table-18", longest_side_px=32)
    assert small.pictures["key"].shape == (32, 32, 3)
    assert small.geometry.position.shape == (8, 8, 3)
    u, v, _ = small.info.camera.project(np.array(small.info.slot.point_cm))
    assert np.allclose(small.info.slot.point_px, (u, v), atol=1e-3)
    assert small.info.slot.px_per_cm == pytest.approx(full.info.slot.px_per_cm / 2)
    whole = full.pictures["key"].mean(axis=(0, 1))
    assert np.allclose(small.pictures["key"].mean(axis=(0, 1)), whole, atol=1e-3)
    centres = small.info.camera.scaled(8, 8).pixel_centres()
    shown = small.info.camera.scaled(8, 8).project(small.geometry.position)[..., :2]
    assert np.abs(shown - centres).max() < 0.75


def test_more_pixels_than_stored_are_never_made_up(folder: Path) -> None:
    assert (
        PlateLibrary(folder).load("grey-table-18", longest_side_px=900).info.camera.width_px == 64
    )


def test_a_loaded_plate_is_kept_until_the_budget_is_spent(folder: Path) -> None:
    one = plate_bytes(synthetic_plate())
    library = PlateLibrary(folder, budget_bytes=int(one * 2.5))
    first = library.load("grey-table-8")
    assert library.load("grey-table-8") is first
    library.load("grey-table-18")
    library.load("grey-table-8")
    library.load("grey-table-30")
    assert library.load("grey-table-8") is first
    again = library.load("grey-table-18")
    assert library.load("grey-table-18") is again


def test_a_foreground_is_resized_with_its_plate() -> None:
    small = resized(synthetic_plate(has_front=True), 32)
    assert small.front["key"].shape == (32, 32, 4)
    assert small.front["key"][..., 3].mean() == pytest.approx(1 / 8)


def test_a_plate_in_a_folder_of_another_name_is_refused(folder: Path) -> None:
    (folder / "grey-table-8").rename(folder / "grey-table-9")
    with pytest.raises(PlateInvalid, match="grey-table-9"):
        PlateLibrary(folder).scenes()


def test_what_an_interrupted_bake_left_is_no_plate(folder: Path) -> None:
    (folder / "grey-table-8").rename(folder / ".grey-table-8.part")
    assert [plate.slug for plate in PlateLibrary(folder).plates] == [
        "grey-table-18", "grey-table-30",
    ]  # fmt: skip


def test_small_sizes_are_read_from_the_plates_small_copy(tmp_path: Path) -> None:
    plate = synthetic_plate(slug="grey-table-18", width_px=640, height_px=640)
    write_plate(tmp_path / "grey-table-18", plate)
    assert write_preview(tmp_path / "grey-table-18", plate) > 0
    from_small = PlateLibrary(tmp_path).load("grey-table-18", longest_side_px=512)
    assert np.allclose(from_small.pictures["key"], resized(plate, 512).pictures["key"], atol=0.01)
    (tmp_path / "grey-table-18" / "plate.exr").unlink()
    library = PlateLibrary(tmp_path)
    assert library.load("grey-table-18", longest_side_px=160).pictures["key"].shape[:2] == (
        160,
        160,
    )
    with pytest.raises((PlateInvalid, PlateMissing)):
        library.load("grey-table-18", longest_side_px=513)


def test_a_plate_no_larger_than_a_preview_needs_no_small_copy(tmp_path: Path) -> None:
    assert write_preview(tmp_path, synthetic_plate()) == 0
    assert not (tmp_path / PREVIEW_NAME).exists()
