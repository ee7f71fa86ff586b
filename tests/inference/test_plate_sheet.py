"""Contact sheets of photos and scenes."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.errors import ParameterInvalid
from inference.pixels.arrays import AlphaF32, RgbU8
from inference.plates.files import write_plate
from inference.plates.library import PlateLibrary
from inference.plates.sheet import SheetOrder, draw_sheet
from inference.plates.synthetic import synthetic_plate
from inference.rendering import Renderer
from inference.stage_cache import StageCache


class DarkIsProduct:
    """A segmenter that takes what is dark for the product."""

    name = "dark"
    version = "1"
    input_side_px = 64

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        """1 where the photo is dark."""
        dark: AlphaF32 = (rgb.mean(axis=2) < 128).astype(np.float32)
        return dark

    def finer(self) -> None:
        return None


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, colour in (("a", (20, 20, 120)), ("b", (120, 20, 20))):
        rgb = np.full((400, 400, 3), 240, np.uint8)
        rgb[80:340, 140:260] = colour
        Image.fromarray(rgb).save(folder / f"{name}.png")
    return folder


def _draw(tmp_path: Path, order: SheetOrder) -> Image.Image:
    folder = tmp_path / "plates"
    for slug in ("one-18", "two-18"):
        plate = synthetic_plate(slug=slug, width_px=96, height_px=96)
        write_plate(folder / slug, plate)
    library = PlateLibrary(folder)
    renderer = Renderer(device="cpu", cache=StageCache(budget_bytes=64_000_000), library=library)
    said: list[str] = []
    sheet = draw_sheet(
        order,
        library=library,
        renderer=renderer,
        segmenter=DarkIsProduct(),
        device="cpu",
        say=said.append,
    )
    assert said == ["a.png", "b.png"]
    return sheet


def test_a_sheet_has_a_row_for_every_photo_and_a_column_for_every_scene(
    tmp_path: Path, photos: Path
) -> None:
    sheet = np.asarray(_draw(tmp_path, SheetOrder(photos, 96, cells=tmp_path / "cells")))
    assert sheet.shape[1] == 2 * 96
    assert sheet.shape[0] > 2 * 96
    names = sorted(path.name for path in (tmp_path / "cells").iterdir())
    assert names == ["a--one.png", "a--two.png", "b--one.png", "b--two.png"]
    # The blue product stands in the middle of the first row's first cell.
    red, _, blue = sheet[40:60, 40:56].reshape(-1, 3).mean(axis=0)
    assert blue > red + 30


def test_an_unknown_scene_is_refused(tmp_path: Path, photos: Path) -> None:
    with pytest.raises(ParameterInvalid, match="there are: one, two"):
        _draw(tmp_path, SheetOrder(photos, 96, scenes=("three",)))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ParameterInvalid, match="holds no photos"):
        _draw(tmp_path, SheetOrder(tmp_path / "empty", 96))
