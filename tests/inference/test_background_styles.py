import subprocess
import sys

import pytest

from inference.errors import ParameterInvalid
from inference.styles.background import BACKGROUND_STYLES, BackgroundFamily
from inference.styles.catalogue import find_style, installed_styles
from inference.styles.parameters import Control
from inference.styles.style import Style


def test_there_are_enough_tiles_to_choose_from_and_each_is_its_own() -> None:
    slugs = [style.slug for style in BACKGROUND_STYLES]
    assert len(slugs) >= 10
    assert len(set(slugs)) == len(slugs)
    assert {"pure-white", "solid-colour", "studio-sweep"} <= set(slugs)
    assert len({style.title for style in BACKGROUND_STYLES}) == len(slugs)


def test_the_catalogue_offers_every_background_style() -> None:
    assert set(BACKGROUND_STYLES) <= set(installed_styles())
    assert find_style("pure-white").family == BackgroundFamily.PURE_WHITE


@pytest.mark.parametrize("style", BACKGROUND_STYLES, ids=lambda style: style.slug)
def test_a_styles_own_defaults_are_values_it_accepts(style: Style) -> None:
    cleaned = style.clean({})
    assert set(cleaned) == {parameter.name for parameter in style.parameters}
    assert style.clean(cleaned) == cleaned
    assert style.is_exact


@pytest.mark.parametrize("style", BACKGROUND_STYLES, ids=lambda style: style.slug)
def test_every_style_can_be_dragged_and_lit(style: Style) -> None:
    assert {parameter.drag for parameter in style.parameters} >= {"x", "y", "scale"}
    assert [p.control for p in style.parameters].count(Control.LAMP) == 1
    groups = [parameter.group for parameter in style.parameters]
    assert groups == sorted(groups, key=groups.index), "a group's controls stand together"


def test_pure_white_fills_the_frame_as_amazon_asks() -> None:
    cleaned = find_style("pure-white").clean({})
    assert float(cleaned["scale"]) >= 85
    assert cleaned["shadow"] == 0
    assert cleaned["reflection"] == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("scale", 500), ("light_direction", "left"), ("wall_colour", "beige"), ("sparkle", 1)],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ParameterInvalid) as refusal:
        find_style("studio-sweep").clean({name: value})
    assert refusal.value.parameter == name


def test_reading_the_styles_loads_no_network_library() -> None:
    program = (
        "import sys, inference.styles.catalogue; print({'torch', 'onnxruntime'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert answer.stdout.strip() == b"set()"
