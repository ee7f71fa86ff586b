"""Recipes: what may be asked for, and that two that do the same are one."""

import pytest

from inference.enhance.recipe import (
    PARAMETERS,
    changes_detail,
    changes_something,
    clean_recipe,
    enlarged_size,
    recipe_schema,
    words_of,
)
from inference.errors import ParameterInvalid


def test_an_empty_recipe_changes_nothing() -> None:
    recipe = clean_recipe({})
    assert set(recipe) == {parameter.name for parameter in PARAMETERS}
    assert not changes_something(recipe)
    assert words_of(recipe) == ()


def test_what_has_no_effect_makes_no_other_recipe() -> None:
    pointed = clean_recipe({"white": "auto", "white_x": 20, "white_y": 70})
    assert pointed == clean_recipe({"white": "auto"})
    assert clean_recipe({"network": "best", "white_exposure": True}) == clean_recipe({})
    assert clean_recipe({"white": "grey", "white_x": 20}) != clean_recipe({"white": "grey"})


@pytest.mark.parametrize(
    ("recipe", "parameter"),
    [
        ({"denoise": 101}, "denoise"),
        ({"enlarge": "3"}, "enlarge"),
        ({"exposure": float("nan")}, "exposure"),
        ({"white_exposure": "yes"}, "white_exposure"),
        ({"sparkle": 5}, "sparkle"),
    ],
)
def test_what_cannot_be_is_named(recipe: dict[str, object], parameter: str) -> None:
    with pytest.raises(ParameterInvalid) as refused:
        clean_recipe(recipe)
    assert refused.value.parameter == parameter


def test_a_recipe_says_what_it_does() -> None:
    recipe = clean_recipe(
        {"white": "paper", "white_exposure": True, "denoise": 40, "enlarge": "2", "exposure": -0.5}
    )
    assert words_of(recipe) == (
        "white balance and exposure from the paper",
        "exposure -0.5 EV",
        "noise taken out (40 %)",
        "enlarged × 2 by a trained network",
    )
    assert changes_detail(recipe)
    assert not changes_detail(clean_recipe({"white": "auto", "exposure": 1}))


def test_a_photo_is_not_enlarged_past_what_pictures_need() -> None:
    four = clean_recipe({"enlarge": "4"})
    assert enlarged_size(600, 400, four) == (2400, 1600)
    with pytest.raises(ParameterInvalid, match="heavier"):
        enlarged_size(3000, 2000, four)


def test_the_schema_has_a_control_for_every_parameter() -> None:
    properties = recipe_schema()["properties"]
    assert isinstance(properties, dict)
    assert list(properties) == [parameter.name for parameter in PARAMETERS]
    assert all("x-control" in each for each in properties.values())
