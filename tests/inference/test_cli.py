"""The command line: pictures on disk, or one sentence on stderr and exit code 2."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.__main__ import main, parse_params
from inference.errors import ParameterInvalid, WeightsMissing
from inference.protocol import Engine
from inference.requests import StyleKind
from inference.styles.catalogue import find_style
from inference.styles.parameters import Control, Parameter
from inference.styles.style import Style
from inference.synthetic import synthetic_photo
from inference.testing import FakeEngine


def fake(device: str, network: str) -> Engine:
    return FakeEngine(device=device)


def must_not_start(device: str, network: str) -> Engine:
    raise AssertionError("the mistake should have been found before the engine was built")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    rgb, alpha = synthetic_photo(400, 300)
    share = alpha[..., None] / 255
    path = tmp_path / "photo.png"
    Image.fromarray((rgb * share + 226 * (1 - share)).astype(np.uint8)).save(path)
    return path


@pytest.mark.parametrize(
    ("name", "format"),
    [("out.webp", "WEBP"), ("out.png", "PNG"), ("out.jpg", "JPEG"), ("out.AVIF", "AVIF")],
)
def test_render_writes_the_picture_in_the_format_of_its_name(
    photo: Path, tmp_path: Path, name: str, format: str
) -> None:
    out = tmp_path / name
    words = ["render", str(photo), "--style", "pure-white", "--size", "200", "-o", str(out)]
    assert main([*words, "--aspect", "4:5"], build_engine=fake) == 0
    with Image.open(out) as image:
        assert (image.format, image.size) == (format, (160, 200))
        corner = image.convert("RGB").getpixel((2, 2))
    assert corner == (255, 255, 255)


def test_render_hands_parameters_on(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    words = ["render", str(photo), "--style", "solid-colour", "--size", "128", "-o", str(out)]
    assert main([*words, "--param", "colour=#204060"], build_engine=fake) == 0
    with Image.open(out) as image:
        assert image.getpixel((1, 1)) == (0x20, 0x40, 0x60)


def test_cutout_writes_the_product_on_transparency(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "cut.png"
    assert main(["cutout", str(photo), "-o", str(out)], build_engine=fake) == 0
    with Image.open(out) as image:
        assert (image.mode, image.size) == ("RGBA", (400, 300))
        alpha = np.asarray(image.getchannel("A"))
    assert (alpha[3, 3], alpha[180, 200]) == (0, 255)


def test_styles_lists_every_style_with_its_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["styles"], build_engine=must_not_start) == 0
    text = capsys.readouterr().out
    assert "pure-white: Pure white." in text
    assert "    shadow=0.0  0 to 100%\n" in text
    assert "    colour=#e8e0d2  #rrggbb\n" in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--style", "nope"], "There is no style called “nope”."),
        (["--style", "pure-white", "--param", "scale=huge"], "Size goes from 20 to 150%."),
        (["--style", "pure-white", "--param", "scale"], "“scale” is not of the form NAME=VALUE."),
        (
            ["--style", "pure-white", "--param", "mood=1"],
            "This style has no parameter called “mood”.",
        ),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    photo: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["render", str(photo), "-o", "out.png", *words]
    assert main(argv, build_engine=must_not_start) == 2
    assert capsys.readouterr().err == f"{sentence}\n"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["-o", "out.gif"], "does not end in .webp"),
        (["-o", "out.png", "--size", "9000"], "the size goes from 64 to 4096 pixels"),
        (["-o", "out.png", "--size", "big"], "not a whole number"),
        (["-o", "out.png", "--aspect", "7:1"], "invalid choice"),
    ],
)
def test_words_that_no_command_takes_exit_with_2(
    photo: Path, words: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["render", str(photo), "--style", "pure-white", *words]
    with pytest.raises(SystemExit) as caught:
        main(argv, build_engine=must_not_start)
    assert caught.value.code == 2
    assert part in capsys.readouterr().err


def test_a_photo_that_is_not_there_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.jpg"
    argv = ["cutout", str(missing), "-o", str(tmp_path / "o.png")]
    assert main(argv, build_engine=must_not_start) == 2
    assert capsys.readouterr().err == f"{missing}: No such file or directory.\n"


def test_an_engines_refusal_is_its_own_sentence(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = WeightsMissing("Run `python -m inference weights pull` first.")

    def refuse(device: str, network: str) -> Engine:
        return FakeEngine(fail_with={"segment": error})

    out = tmp_path / "o.png"
    assert main(["cutout", str(photo), "-o", str(out)], build_engine=refuse) == 2
    assert capsys.readouterr().err == f"{error}\n"
    assert not out.exists()


def test_parameters_are_read_as_their_controls_say() -> None:
    toggle = Parameter("mirror", "Mirror", "Product", Control.TOGGLE, default=False)
    choice = Parameter(
        "wood", "Wood", "Floor", Control.CHOICE, default="oak", choices=(("oak", "Oak"),)
    )
    style = Style("s", StyleKind.BACKGROUND, "S", "", "f", (toggle, choice))
    assert parse_params(style, ["mirror=on", "wood=oak"]) == {"mirror": True, "wood": "oak"}
    assert parse_params(style, []) == {"mirror": False, "wood": "oak"}
    with pytest.raises(ParameterInvalid, match="on or off"):
        parse_params(style, ["mirror=maybe"])
    numbers = parse_params(find_style("pure-white"), ["scale=60", "shift_x=-5.5"])
    assert (numbers["scale"], numbers["shift_x"]) == (60.0, -5.5)
