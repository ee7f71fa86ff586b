"""A seller's own photo as a plate, and pictures made in it."""

import hashlib
import io
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.backdrops.place import backdrop_camera, backdrop_plate, backdrop_slug
from inference.backdrops.setup import BackdropSetup, Viewpoint
from inference.errors import ParameterInvalid
from inference.inspect.scene import scene_of
from inference.plates.format import Support, Surface
from inference.plates.light import irradiance
from inference.provenance.terms import DigitalSourceType, source_type_of
from inference.rendering import Renderer, render_plan
from inference.requests import (
    BackdropSource,
    Box,
    CutoutSource,
    Measurements,
    OutputSpec,
    ParameterValue,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.run import Run
from inference.stage_cache import StageCache
from inference.styles.own_backdrop import FAMILY, SLUG

RequestOf = Callable[..., RenderRequest]
SETUP = BackdropSetup(eye_level=0.2, ground_line=0.5, stand_y=0.8, width_cm=60.0)
GREY = 168


def _files(folder: Path) -> tuple[PhotoSource, CutoutSource, BackdropSource]:
    """A red box on white, its alpha, and a plain grey place of 360 × 270 px."""
    photo = np.full((200, 200, 3), 255, np.uint8)
    photo[60:180, 70:130] = (170, 40, 30)
    alpha = np.zeros((200, 200), np.uint8)
    alpha[60:180, 70:130] = 255
    files = {"photo": photo, "alpha": alpha, "place": np.full((270, 360, 3), GREY, np.uint8)}
    digests = {}
    for name, pixels in files.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
        digests[name] = hashlib.sha256((folder / f"{name}.png").read_bytes()).hexdigest()
    measured = Measurements(200, 200, Box(70, 60, 130, 180), (), 12.0, 60.0, 0.18)
    return (
        PhotoSource(folder / "photo.png", digests["photo"]),
        CutoutSource(folder / "alpha.png", digests["alpha"], measured),
        BackdropSource(folder / "place.png", digests["place"], SETUP),
    )


@pytest.fixture
def request_of(tmp_path: Path) -> RequestOf:
    photo, cutout, place = _files(tmp_path)

    def made(setup: BackdropSetup = SETUP, **params: ParameterValue) -> RenderRequest:
        return RenderRequest(
            photo,
            cutout,
            StyleSpec(SLUG, params),
            OutputSpec(240),
            tier=Tier.FINAL,
            only_tier=True,
            place=replace(place, setup=setup),
        )

    return made


def _pixels(request: RenderRequest) -> np.ndarray:
    renderer = Renderer(device="cpu", cache=StageCache(budget_bytes=64 * 2**20))
    run = Run(render_plan(request), on_event=lambda _: None, is_cancelled=lambda: False)
    finished = renderer.render(request, run)
    return np.asarray(Image.open(io.BytesIO(finished.image.data)).convert("RGB")).astype(int)


def test_the_camera_sees_the_horizon_and_the_stand_point_where_the_setup_says() -> None:
    camera = backdrop_camera(SETUP, width_px=400, height_px=300)
    u, v, _ = camera.project(np.zeros(3))
    assert (u, v) == pytest.approx((200, 240))
    far = camera.project(np.array([0.0, 0.0, -1e7]))
    assert far[1] == pytest.approx(0.2 * 300, abs=0.1)
    # 60 cm span the picture where the product stands.
    ends = camera.project(np.array([[-30.0, 0, 0], [30.0, 0, 0]]))
    assert ends[:, 0] == pytest.approx([0, 400])


def test_the_picture_is_the_photo_and_the_geometry_has_ground_and_wall() -> None:
    rgb = np.random.default_rng(1).integers(30, 220, (120, 160, 3)).astype(np.uint8)
    plate = backdrop_plate(rgb, SETUP, slug="mine")
    srgb = np.clip(plate.mixed(), 0, 1)
    encoded = np.where(srgb < 0.0031308, srgb * 12.92, 1.055 * srgb ** (1 / 2.4) - 0.055) * 255
    assert np.abs(encoded - rgb).max() < 0.6
    surface = plate.geometry.surface
    assert set(np.unique(surface[:15])) == {Surface.WALL}
    assert set(np.unique(surface[15:])) == {Surface.GROUND}
    assert np.allclose(plate.geometry.position[16:, :, 1], 0, atol=1e-2)
    walls = plate.geometry.position[:15, :, 2]
    assert np.ptp(walls) < 0.1
    assert walls.mean() < 0


@pytest.mark.parametrize(("angle", "brighter"), [(-80.0, -1), (80.0, 1)])
def test_the_lamp_lights_the_side_it_stands_on(angle: float, brighter: int) -> None:
    setup = replace(SETUP, light_from_deg=angle, light_softness=0.1)
    rgb = np.full((60, 80, 3), GREY, np.uint8)
    key = backdrop_plate(rgb, setup, slug="mine").info.groups[0]
    sides = irradiance(key, np.array([[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])).sum(axis=1)
    assert math.copysign(1, sides[1] - sides[0]) == brighter


def test_another_setup_is_another_plate() -> None:
    slug = backdrop_slug("a" * 64, SETUP)
    assert slug == backdrop_slug("a" * 64, replace(SETUP))
    assert slug != backdrop_slug("a" * 64, replace(SETUP, width_cm=61.0))
    assert slug != backdrop_slug("b" * 64, SETUP)


@pytest.mark.parametrize("angle", [-80.0, 80.0])
def test_the_product_throws_its_shadow_away_from_the_lamp(
    request_of: RequestOf, angle: float
) -> None:
    setup = replace(SETUP, light_from_deg=angle, light_height_deg=35.0, light_softness=0.1)
    shadowed = _pixels(request_of(setup, light_match=0.0))
    clear = _pixels(request_of(setup, light_match=0.0, shadow=0.0))
    # Without a shadow nothing but grain lies on the grey place.
    missing = (clear - shadowed).sum(axis=2)
    missing[(clear[..., 0] - clear[..., 1]) > 40] = 0
    left, right = missing[:, :120].sum(), missing[:, 120:].sum()
    assert missing.max() > 40
    assert (right > 2 * left) if angle < 0 else (left > 2 * right)


def test_a_place_seen_from_above_takes_what_lies(request_of: RequestOf) -> None:
    setup = BackdropSetup(viewpoint=Viewpoint.ABOVE, stand_y=0.5)
    plate = backdrop_plate(np.full((60, 80, 3), GREY, np.uint8), setup, slug="mine")
    assert plate.info.slot.support is Support.FLAT_LAY
    assert plate.info.camera.pitch_deg == 90
    assert set(np.unique(plate.geometry.surface)) == {Surface.GROUND}
    picture = _pixels(request_of(setup))
    red = (picture[..., 0] - picture[..., 1]) > 40
    rows = np.flatnonzero(red.any(axis=1))
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(120, abs=6)


def test_without_a_place_there_is_nothing_to_show(request_of: RequestOf) -> None:
    with pytest.raises(ParameterInvalid, match="Choose one of your backdrops"):
        _pixels(replace(request_of(), place=None))


def test_the_light_check_gets_the_place_without_the_product(request_of: RequestOf) -> None:
    request = request_of(replace(SETUP, light_softness=0.2))
    sets = Renderer(device="cpu", cache=StageCache(budget_bytes=1 << 24))
    scene = scene_of(request, width=240, height=240, sets=sets)
    assert scene is not None
    assert scene.backdrop is not None
    assert scene.direction_deg == SETUP.light_from_deg
    # A grey place is grey without its product, all over.
    assert float(scene.backdrop.std()) < 0.003
    softer = request_of(replace(SETUP, light_softness=0.9))
    soft = scene_of(softer, width=240, height=240, sets=sets)
    assert soft is not None
    assert soft.direction_deg is None


@pytest.mark.parametrize(
    ("params", "term"),
    [
        ({"shadow": 100.0, "reflection": 0.0, "light_match": 0.0}, "compositeSynthetic"),
        ({"shadow": 0.0, "reflection": 0.0, "light_match": 60.0}, "compositeSynthetic"),
        ({"shadow": 0.0, "reflection": 0.0, "light_match": 0.0}, "compositeCapture"),
    ],
)
def test_a_picture_in_a_place_says_that_it_is_a_composite(
    params: dict[str, ParameterValue], term: str
) -> None:
    assert source_type_of(FAMILY, params) == DigitalSourceType(term)
