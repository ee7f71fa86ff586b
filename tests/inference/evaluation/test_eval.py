"""`python -m inference eval`: tables, JSON and sheets for a folder of photos and masks."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.__main__ import main
from inference.evaluation.contest import Contestant, run_contest
from inference.evaluation.pairs import find_pairs
from inference.evaluation.report import as_table, worst
from inference.pixels.arrays import AlphaF32
from inference.protocol import Engine
from inference.testing import FakeEngine


def fake(device: str, network: str) -> Engine:
    return FakeEngine(device=device)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photos of a dark square; the masks of two are right, the third's is half as wide."""
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    for stem, width in (("car_1", 80), ("car_2", 40), ("shop_1", 80)):
        pixels = np.full((120, 160, 3), 225, np.uint8)
        pixels[20:100, 40:120] = 40
        Image.fromarray(pixels).save(tmp_path / "images" / f"{stem}.jpg", quality=95)
        mask = np.zeros((120, 160), np.uint8)
        mask[20:100, 40 : 40 + width] = 255
        Image.fromarray(mask).save(tmp_path / "masks" / f"{stem}.png")
    return tmp_path


def square(width: int) -> Callable[[Path], tuple[AlphaF32, float | None]]:
    alpha = np.zeros((240, 320), np.float32)
    alpha[40:200, 80 : 80 + width] = 1.0
    return lambda _: (alpha, 0.7)


def test_contestants_are_scored_at_the_masks_size_and_grouped_by_prefix(folder: Path) -> None:
    wide, narrow = Contestant("wide", square(160)), Contestant("narrow", square(80))
    outcomes = run_contest(find_pairs(folder), [wide, narrow])
    ious = {
        outcome.name: [round(result.scores.iou, 3) for result in outcome.results]
        for outcome in outcomes
    }
    assert ious == {"wide": [1.0, 0.5, 1.0], "narrow": [0.5, 1.0, 0.5]}
    assert worst(outcomes[0], 1)[0].pair.stem == "car_2"
    rows = [line.split() for line in as_table(outcomes).splitlines()]
    assert [row[:3] for row in rows[1:]] == [
        ["car", "wide", "2"],
        ["car", "narrow", "2"],
        ["shop", "wide", "1"],
        ["shop", "narrow", "1"],
        ["all", "wide", "3"],
        ["all", "narrow", "3"],
    ]
    assert rows[1][4] == "0.7500"


def test_eval_writes_a_table_json_and_a_sheet(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert main(["eval", str(folder), "--out", str(out), "--worst", "2"], build_engine=fake) == 0
    table = capsys.readouterr().out
    assert table == (out / "scores.txt").read_text()
    assert "softbox-matte full" in table
    figures = json.loads((out / "scores.json").read_text())["softbox-matte full"]
    assert set(figures["photos"]) == {"car_1", "car_2", "shop_1"}
    assert 0 <= figures["means"]["all"]["iou"] <= 1
    with Image.open(out / "worst-softbox-matte-full.jpg") as sheet:
        assert sheet.width > 1500
        assert sheet.height > 2 * 300


def test_a_photo_that_cannot_be_read_is_named_and_the_rest_is_scored(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "images" / "car_1.jpg").write_bytes(b"no picture")
    assert main(["eval", str(folder)], build_engine=fake) == 1
    table = capsys.readouterr().out
    assert "car_1.jpg: This file is not a photo we can read." in table
    assert "all" in table


def test_a_photo_without_a_mask_is_an_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "masks" / "shop_1.png").unlink()
    assert main(["eval", str(folder)], build_engine=fake) == 2
    assert capsys.readouterr().err == "1 photos have no mask; the first is shop_1.jpg.\n"
    assert main(["eval", str(folder / "images")], build_engine=fake) == 2


def test_cutout_takes_a_folder_and_one_bad_file_does_not_stop_the_rest(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "images" / "car_2.jpg").write_bytes(b"no picture")
    out = tmp_path / "mattes"
    words = ["cutout", str(folder / "images"), "--out", str(out), "--matte"]
    assert main(words, build_engine=fake) == 1
    assert "car_2.jpg: This file is not a photo we can read." in capsys.readouterr().err
    assert sorted(path.name for path in out.iterdir()) == ["car_1.png", "shop_1.png"]
    with Image.open(out / "car_1.png") as matte:
        assert (matte.mode, matte.size) == ("L", (160, 120))
    assert main(["cutout", str(folder / "images"), "-o", "x.png"], build_engine=fake) == 2
