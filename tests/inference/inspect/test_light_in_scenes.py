"""In a path-traced scene the light is held to the scene's own empty picture and lamps."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.inspect.defects import Kit, Planted, drop_shadow, lift_product, turn_light
from inference.inspect.evidence import gather, read_photo, read_result
from inference.inspect.findings import Finding, Verdict
from inference.inspect.light import check_light
from inference.inspect.scene import scene_of
from inference.pixels.colour import srgb_to_linear
from inference.plates.format import GroupKind, LightGroup, LightSample
from inference.scenes.empty import lamp_direction
from tests.inference.inspect.studio import Studio

STANDING, LYING = "linen-table", "flat-oak"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"))


@pytest.fixture(scope="module")
def kit(studio: Studio) -> Kit:
    return studio.kit(STANDING)


def _light_of(kit: Kit, planted: Planted) -> Finding:
    result = read_result(planted.picture)
    source = read_photo(planted.request.photo, planted.request.cutout)
    placement = planted.context.placement or kit.evidence.placement
    return check_light(gather(source, result, placement, kit.evidence.scene))


@pytest.mark.parametrize("style", [STANDING, LYING])
def test_a_clean_picture_passes_in_its_scene(style: str, studio: Studio) -> None:
    kit = studio.kit(style)
    assert check_light(kit.evidence).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (drop_shadow, "has no shadow"),
        (lift_product, "seems to float"),
        (turn_light, "falls towards the lamp"),
    ],
)
def test_a_fault_of_the_light_is_found_in_a_scene(
    plant: Callable[[Kit], Planted | None], words: str, kit: Kit
) -> None:
    planted = plant(kit)
    assert planted is not None
    found = _light_of(kit, planted)
    assert found.verdict is Verdict.WARN
    assert words in found.sentence
    assert found.region is not None


def test_the_empty_scene_is_the_picture_without_its_product(kit: Kit) -> None:
    scene = kit.evidence.scene
    assert scene is not None
    assert scene.backdrop is not None
    height, width = scene.backdrop.shape[1:]
    result = kit.evidence.result
    # The upper corners hold no product and no shadow.
    corner = np.s_[: result.shape[0] // 8, : result.shape[1] // 8]
    light = srgb_to_linear(torch.from_numpy(result[corner].copy()).float() / 255)
    seen = light.mean(dim=(0, 1)).numpy()
    empty = scene.backdrop[:, : height // 8, : width // 8].mean(dim=(1, 2)).numpy()
    assert np.abs(seen - empty).max() < 0.02


def test_without_an_empty_picture_the_light_of_a_scene_is_unchecked(kit: Kit) -> None:
    scene = scene_of(kit.request, width=600, height=600)
    assert scene is None
    assert check_light(replace(kit.evidence, scene=None)).verdict is Verdict.UNCHECKED


def test_the_empty_scene_is_drawn_once_for_products_at_the_same_place(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    first = studio.renderer.empty_set(studio.request(STANDING), longest_side_px=256)
    again = studio.renderer.empty_set(studio.request(STANDING, side=900), longest_side_px=256)
    assert first is not None
    assert again is first
    assert studio.renderer.empty_set(studio.request("studio-sweep"), longest_side_px=256) is None


def _lamp(*at: float, light: float = 1.0) -> LightGroup:
    x, y, z = at
    power = light * (x * x + y * y + z * z)
    sample: LightSample = (x, y, z, 5.0, power, power, power)
    return LightGroup("key", "Key", GroupKind.KEY, 5000, (sample,), (), ((0.0, 0.0, 0.0),) * 9)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ((-100.0, 100.0, 0.0), -90.0),
        ((100.0, 100.0, 0.0), 90.0),
        ((100.0, 100.0, 100.0), 45.0),
        ((0.0, 100.0, 0.0), None),
        ((0.0, 100.0, -100.0), None),
    ],
)
def test_where_a_lamp_stands_says_to_which_side_its_shadow_falls(
    at: tuple[float, float, float], expected: float | None
) -> None:
    found = lamp_direction((_lamp(*at),), {"key": 1.0}, np.zeros(3))
    assert found == (None if expected is None else pytest.approx(expected, abs=0.5))


def test_two_lamps_that_cancel_each_other_have_no_side() -> None:
    both = (
        replace(_lamp(-100, 100, 0), name="left"),
        replace(_lamp(100, 100, 0), name="right"),
    )
    even, left = {"left": 1.0, "right": 1.0}, {"left": 1.0, "right": 0.2}
    assert lamp_direction(both, even, np.zeros(3)) is None
    found = lamp_direction(both, left, np.zeros(3))
    assert found is not None
    assert math.sin(math.radians(found)) < -0.9
