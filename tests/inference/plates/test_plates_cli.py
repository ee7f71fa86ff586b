"""`python -m inference plates …` from the shell."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.__main__ import main
from inference.plates.files import PICTURES_NAME, write_plate
from inference.plates.synthetic import synthetic_plate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library of one plate."""
    write_plate(tmp_path / "synthetic-18", synthetic_plate(has_front=True))
    return tmp_path


def test_list_tells_what_is_installed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plates", "list", "--folder", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "synthetic-18: Synthetic, table, 18°, 64×64 px" in said
    assert "key (5200 K), sky (6500 K)" in said


def test_an_empty_library_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plates", "list", "--folder", str(tmp_path)]) == 0
    assert "No plates" in capsys.readouterr().out


def test_show_writes_a_picture_that_gains_darken(folder: Path, tmp_path: Path) -> None:
    shown = []
    for name, extra in (("a.png", []), ("b.png", ["--gain", "key=0.2"])):
        out = tmp_path / name
        command = ["plates", "show", "synthetic-18", "--folder", str(folder), "-o", str(out)]
        assert main([*command, *extra]) == 0
        shown.append(np.asarray(Image.open(out)).astype(float))
    assert shown[0].shape == (64, 64, 3)
    assert shown[1].mean() < shown[0].mean() - 20
    # The foreground at the left is laid on top.
    assert shown[0][32, 2].mean() < shown[0][32, 40].mean()


@pytest.mark.parametrize("gain", ["key", "moon=1", "key=much", "key=-1"])
def test_a_gain_that_makes_no_sense_is_refused(
    folder: Path, tmp_path: Path, gain: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.png"
    command = ["plates", "show", "synthetic-18", "--folder", str(folder), "-o", str(out)]
    assert main([*command, "--gain", gain]) == 2
    assert capsys.readouterr().err
    assert not out.exists()


def test_check_passes_a_good_plate_and_names_a_broken_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plates", "check", "--folder", str(folder)]) == 0
    assert "good" in capsys.readouterr().out
    write_plate(folder / "other-18", synthetic_plate(slug="another-18"))
    (folder / "synthetic-18" / PICTURES_NAME).write_bytes(b"no picture")
    assert main(["plates", "check", "--folder", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "its slug is another-18" in said
    assert "cannot be read" in said


def test_check_of_nothing_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plates", "check", "--folder", str(tmp_path)]) == 2
    assert "holds no plates" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "--all"),
        (["moon"], "No scene “moon”"),
        (["oak-window@45"], "views at 8, 18, 30"),
        (["oak-window", "--size", "4"], "at least 32"),
    ],
)
def test_a_baking_order_that_makes_no_sense_is_refused(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plates", "bake", *words]) == 2
    assert complaint in capsys.readouterr().err
