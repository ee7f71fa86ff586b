"""Scene styles from files on disk to finished pictures, in a small made-up plate."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from inference.backdrops.setup import BackdropSetup, Viewpoint
from inference.errors import ParameterInvalid
from inference.events import RenderFinished
from inference.inspect.colour_difference import delta_e_2000, to_lab
from inference.pixels.arrays import GreyU8, RgbU8
from inference.plates.files import write_plate
from inference.plates.format import GroupKind, Room, Support
from inference.plates.library import PlateLibrary
from inference.plates.plate import Plate
from inference.plates.synthetic import synthetic_plate
from inference.rendering import Renderer, render_plan
from inference.requests import (
    Aspect,
    Box,
    CutoutSource,
    Measurements,
    OutputSpec,
    ParameterValue,
    PhotoSource,
    Posture,
    ProductFacts,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.run import Run
from inference.scenes.fit import as_told, is_posture_clear, place_suits, suits
from inference.scenes.lamps import lamps_of
from inference.scenes.shadow import Receivers, light_kept
from inference.scenes.volume import standing_volume
from inference.stage_cache import StageCache
from inference.styles.parameters import Control
from inference.styles.scene import scene_style, scene_styles

# A block of noise that stands in its photo; its outline is hard.
_BOX = Box(100, 60, 160, 180)
_PHOTO = (260, 240)
_EXACT = {"light_match": 0.0}


def _grounded(plate: Plate, support: Support) -> Plate:
    slot = replace(plate.info.slot, support=support)
    return replace(plate, info=replace(plate.info, slot=slot))


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> PlateLibrary:
    folder = tmp_path_factory.mktemp("plates")
    for pitch in (8, 18, 30):
        slug = f"table-{pitch}"
        write_plate(
            folder / slug, synthetic_plate(slug=slug, width_px=256, height_px=256, pitch_deg=pitch)
        )
    covered = synthetic_plate(slug="covered-18", width_px=256, height_px=256, has_front=True)
    write_plate(folder / "covered-18", covered)
    above = _grounded(
        synthetic_plate(slug="above-90", width_px=256, height_px=256, pitch_deg=90),
        Support.FLAT_LAY,
    )
    write_plate(folder / "above-90", above)
    return PlateLibrary(folder)


@pytest.fixture
def renderer(library: PlateLibrary) -> Renderer:
    return Renderer(device="cpu", cache=StageCache(budget_bytes=256_000_000), library=library)


class Photo:
    """A photo and its alpha on disk; asks for pictures of them."""

    def __init__(self, folder: Path, alpha: GreyU8 | None = None) -> None:
        width, height = _PHOTO
        self.rgb = np.random.default_rng(8).integers(40, 190, (height, width, 3), dtype=np.uint8)
        mask = np.zeros((height, width), np.uint8)
        mask[_BOX.top : _BOX.bottom, _BOX.left : _BOX.right] = 255
        self.mask = mask if alpha is None else alpha
        self.photo, self.alpha = folder / "photo.png", folder / "alpha.png"
        Image.fromarray(self.rgb).save(self.photo)
        Image.fromarray(self.mask).save(self.alpha)
        self.measurements = Measurements(width, height, _BOX, (), 18.0, 60.0, 0.12)

    def request(
        self,
        slug: str = "table",
        params: Mapping[str, ParameterValue] | None = None,
        *,
        side: int = 240,
        aspect: Aspect = Aspect.SQUARE,
        tier: Tier = Tier.FINAL,
        measurements: Measurements | None = None,
        shadow: Path | None = None,
    ) -> RenderRequest:
        digest = hashlib.sha256(self.alpha.read_bytes()).hexdigest()
        source = CutoutSource(self.alpha, digest, measurements or self.measurements, shadow)
        return RenderRequest(
            photo=PhotoSource(self.photo, hashlib.sha256(self.photo.read_bytes()).hexdigest()),
            cutout=source,
            style=StyleSpec(slug, params or {}),
            output=OutputSpec(side, aspect),
            tier=tier,
            only_tier=True,
        )


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    return Photo(tmp_path)


def _render(renderer: Renderer, request: RenderRequest) -> RenderFinished:
    run = Run(render_plan(request), on_event=lambda _: None, is_cancelled=lambda: False)
    return renderer.render(request, run)


def _pixels(finished: RenderFinished) -> RgbU8:
    with Image.open(io.BytesIO(finished.image.data)) as image:
        return np.asarray(image.convert("RGB"))


def _placed(finished: RenderFinished, box: Box = _BOX) -> tuple[int, int, int, int]:
    assert finished.placement is not None
    left, top, right, bottom = map(round, finished.placement.box(box))
    return left, top, right, bottom


def test_without_light_match_every_solid_pixel_has_the_photos_bytes(
    renderer: Renderer, photo: Photo
) -> None:
    # 120 px of product at 50 % of a frame of 240 px: one to one.
    finished = _render(renderer, photo.request(params=_EXACT | {"scale": 50, "depth_of_field": 60}))
    assert finished.placement is not None
    assert finished.placement.scale == 1.0
    left, top, right, bottom = _placed(finished)
    product = photo.rgb[_BOX.top : _BOX.bottom, _BOX.left : _BOX.right]
    shown = _pixels(finished)[top:bottom, left:right]
    assert shown.shape == product.shape == (120, 60, 3)
    assert np.array_equal(shown, product)


def test_light_match_moves_colours_within_its_budget(renderer: Renderer, photo: Photo) -> None:
    finished = _render(renderer, photo.request(params={"light_match": 100, "scale": 50}))
    left, top, right, bottom = _placed(finished)
    product = photo.rgb[_BOX.top : _BOX.bottom, _BOX.left : _BOX.right]
    shown = _pixels(finished)[top:bottom, left:right]
    moved = delta_e_2000(to_lab(product), to_lab(shown)).mean()
    assert 0.2 < moved <= 4.0


def _ground_loss(renderer: Renderer, photo: Photo, **params: ParameterValue) -> NDArray[np.float64]:
    """How much darker each pixel is than without a shadow, in levels."""
    with_shadow = _pixels(_render(renderer, photo.request(params=_EXACT | params)))
    without = _pixels(_render(renderer, photo.request(params=_EXACT | params | {"shadow": 0.0})))
    loss: NDArray[np.float64] = without.mean(axis=2) - with_shadow.mean(axis=2)
    return loss


def test_the_shadow_falls_away_from_the_lamp(renderer: Renderer, photo: Photo) -> None:
    # The lamp stands on the left.
    loss = _ground_loss(renderer, photo)
    left, _, right, bottom = _placed(_render(renderer, photo.request(params=_EXACT)))
    band = slice(bottom - 14, bottom)
    assert loss[band, right : right + 25].mean() > loss[band, left - 25 : left].mean() + 4


def test_in_the_mirrored_scene_the_shadow_falls_the_other_way(
    renderer: Renderer, photo: Photo
) -> None:
    plain = _ground_loss(renderer, photo)
    turned = _ground_loss(renderer, photo, flip=True)
    assert np.abs(turned[:, ::-1] - plain).mean() < 1.5
    assert np.abs(turned - plain).mean() > 0.5


def test_the_ground_is_darkest_at_the_foot(renderer: Renderer, photo: Photo) -> None:
    loss = _ground_loss(renderer, photo)
    left, _, right, bottom = _placed(_render(renderer, photo.request(params=_EXACT)))
    rows = loss[bottom : bottom + 30, left:right].mean(axis=1)
    assert rows[:3].mean() > 25
    assert rows[:3].mean() > 4 * max(0.5, rows[25:].mean())


def test_a_legged_product_casts_no_shadow_where_it_does_not_touch(
    renderer: Renderer, tmp_path: Path
) -> None:
    mask = np.zeros(_PHOTO[::-1], np.uint8)
    mask[60:120, 100:160] = 255
    mask[120:180, 100:108] = mask[120:180, 152:160] = 255
    loss = _ground_loss(renderer, Photo(tmp_path, mask))
    left, _, right, bottom = _placed(
        _render(renderer, Photo(tmp_path, mask).request(params=_EXACT))
    )
    row = loss[bottom : bottom + 3]
    under_legs = np.r_[row[:, left + 1 : left + 7], row[:, right - 7 : right - 1]].mean()
    between = row[:, left + 22 : right - 22].mean()
    assert under_legs > 2 * between


def test_the_nearest_view_follows_the_photos_pitch_or_the_sellers_choice(
    renderer: Renderer, photo: Photo
) -> None:
    low = replace(photo.measurements, pitch_deg=7.0)
    high = replace(photo.measurements, pitch_deg=33.0)
    as_low = _pixels(_render(renderer, photo.request(measurements=low)))
    as_high = _pixels(_render(renderer, photo.request(measurements=high)))
    # The flatter the camera looks, the lower in the picture the darker wall ends.
    walls = [np.count_nonzero(picture[:, 4, 0] < 165) for picture in (as_low, as_high)]
    assert walls[0] > walls[1] + 15
    chosen = _pixels(_render(renderer, photo.request(params={"camera": "30"}, measurements=high)))
    assert np.array_equal(chosen, as_high)


def test_a_foreground_prop_covers_the_product(renderer: Renderer, photo: Photo) -> None:
    params = _EXACT | {"scale": 50.0, "shift_x": -42.0}
    finished = _render(renderer, photo.request("covered", params))
    left, top, _, bottom = _placed(finished)
    column = _pixels(finished)[top:bottom, max(0, left) : 20].reshape(-1, 3)
    # The prop is dark green and opaque over the left eighth.
    assert column[:, 1].max() < 140
    assert np.ptp(column.astype(int), axis=0).max() < 12


def test_a_true_height_makes_a_small_product_smaller_than_a_tall_one(
    renderer: Renderer, photo: Photo
) -> None:
    small = _render(renderer, photo.request(params=_EXACT | {"height_cm": 5.0}))
    tall = _render(renderer, photo.request(params=_EXACT | {"height_cm": 30.0}))
    assert small.placement is not None
    assert tall.placement is not None
    assert small.placement.scale < 0.9 * tall.placement.scale


def test_a_crop_shows_scene_and_product_larger(
    renderer: Renderer, library: PlateLibrary, photo: Photo
) -> None:
    whole = _render(renderer, photo.request(params=_EXACT | {"scale": 30.0}))
    half = _render(renderer, photo.request(params=_EXACT | {"scale": 30.0, "crop": 200.0}))
    assert whole.placement is not None
    assert half.placement is not None
    assert half.placement.scale == pytest.approx(2 * whole.placement.scale, rel=1e-6)
    # The table's far edge moves away from the frame's middle with it.
    empty = _EXACT | {"scale": 15.0, "shift_x": -50.0, "shadow": 0.0, "reflection": 0.0}
    edges = []
    for crop in (100.0, 200.0):
        column = _pixels(_render(renderer, photo.request(params=empty | {"crop": crop})))[:, 230]
        edges.append(int(np.argmax(np.abs(np.diff(column[:, 0].astype(int))) > 8)))
    # What is seen grows about the point on which the product stands.
    stand = library.nearest("table", 18).slot.point_px[1] * 240 / 256
    assert edges[1] - stand == pytest.approx(2 * (edges[0] - stand), abs=3)


def test_furniture_is_refused_on_a_table(library: PlateLibrary, photo: Photo) -> None:
    # The table takes 32 cm at twice its size.
    style = scene_style(library, "table")
    with pytest.raises(ParameterInvalid):
        style.clean({"height_cm": 85.0})
    reason = suits(style, photo.measurements, facts=ProductFacts(height_cm=85.0), library=library)
    assert reason is not None
    assert "64 cm" in reason


@pytest.mark.parametrize("aspect", list(Aspect))
def test_every_aspect_is_filled_to_its_edges(
    renderer: Renderer, photo: Photo, aspect: Aspect
) -> None:
    finished = _render(renderer, photo.request(params=_EXACT, aspect=aspect))
    pixels = _pixels(finished)
    assert max(pixels.shape[:2]) == 240
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert edge.min() > 60
    left, top, right, bottom = _placed(finished)
    assert left >= 0
    assert top >= 0
    assert right <= pixels.shape[1]
    assert bottom <= pixels.shape[0]


def test_the_light_groups_are_controls_that_change_the_picture_and_not_the_product(
    renderer: Renderer, library: PlateLibrary, photo: Photo
) -> None:
    style = scene_style(library, "table")
    names = [parameter.name for parameter in style.parameters]
    assert {"light_key", "light_sky", "warmth", "tint", "camera", "reflection"} <= set(names)
    dimmed = _render(renderer, photo.request(params=_EXACT | {"scale": 50, "light_key": 20.0}))
    plain = _render(renderer, photo.request(params=_EXACT | {"scale": 50}))
    assert _pixels(dimmed)[5:20].mean() < _pixels(plain)[5:20].mean() - 20
    left, top, right, bottom = _placed(plain)
    assert np.array_equal(
        _pixels(dimmed)[top:bottom, left:right], _pixels(plain)[top:bottom, left:right]
    )


def test_a_tint_colours_the_scene_and_not_the_product(renderer: Renderer, photo: Photo) -> None:
    finished = _render(renderer, photo.request(params=_EXACT | {"scale": 50, "tint": "#ff8080"}))
    pixels = _pixels(finished).astype(int)
    assert (pixels[5:20, :, 0] - pixels[5:20, :, 2]).mean() > 30
    left, top, right, bottom = _placed(finished)
    product = photo.rgb[_BOX.top : _BOX.bottom, _BOX.left : _BOX.right]
    assert np.array_equal(pixels[top:bottom, left:right], product)


def test_glass_shows_the_scene_through(renderer: Renderer, tmp_path: Path) -> None:
    mask = np.zeros(_PHOTO[::-1], np.uint8)
    mask[60:180, 100:160] = 255
    mask[80:160, 115:145] = 60
    glass = Photo(tmp_path, mask)
    light = _render(renderer, glass.request(params=_EXACT | {"scale": 50}))
    dark = _render(renderer, glass.request(params=_EXACT | {"scale": 50, "tint": "#404040"}))
    left, top, _, _ = _placed(light)
    pane = np.s_[top + 35 : top + 85, left + 22 : left + 38]
    assert _pixels(light)[pane].mean() > _pixels(dark)[pane].mean() + 15


def test_the_photos_own_shadow_is_laid_on_the_ground(
    renderer: Renderer, photo: Photo, tmp_path: Path
) -> None:
    own = np.full(_PHOTO[::-1], 255, np.uint8)
    own[175:195, 60:98] = 90
    path = tmp_path / "shadow.png"
    Image.fromarray(own).save(path)
    params = _EXACT | {"scale": 50.0, "shadow": 0.0}
    kept = _pixels(_render(renderer, photo.request(params=params, shadow=path)))
    bare = _render(renderer, photo.request(params=params))
    left, _, _, bottom = _placed(bare)
    patch = np.s_[bottom - 2 : bottom + 10, left - 32 : left - 8]
    assert kept[patch].mean() < 0.8 * _pixels(bare)[patch].mean()


def test_a_product_that_its_photo_cuts_off_below_stands_on_the_frames_edge(
    renderer: Renderer, photo: Photo
) -> None:
    cut = replace(photo.measurements, touches=("bottom",))
    finished = _render(renderer, photo.request(params=_EXACT, measurements=cut))
    assert _placed(finished)[3] >= 240


def test_what_lies_flat_lies_in_the_middle(renderer: Renderer, photo: Photo) -> None:
    left, top, right, bottom = _placed(_render(renderer, photo.request("above", _EXACT)))
    assert abs((left + right) / 2 - 120) < 3
    assert abs((top + bottom) / 2 - 120) < 12


@pytest.mark.parametrize("tier", list(Tier))
def test_every_tier_shows_the_same_composition(
    renderer: Renderer, photo: Photo, tier: Tier
) -> None:
    finished = _render(renderer, photo.request(params=_EXACT, tier=tier))
    assert finished.placement is not None
    side = finished.placement.width
    left, top, right, bottom = finished.placement.box(_BOX)
    shares = np.array([left, top, right, bottom]) / side
    whole = _render(renderer, photo.request(params=_EXACT)).placement
    assert whole is not None
    assert np.allclose(shares, np.array(whole.box(_BOX)) / whole.width, atol=0.02)


def test_a_look_that_changes_the_light_only_casts_no_new_shadow(
    library: PlateLibrary, photo: Photo
) -> None:
    cache = StageCache(budget_bytes=256_000_000)
    renderer = Renderer(device="cpu", cache=cache, library=library)
    _render(renderer, photo.request())
    misses = cache.misses
    _render(renderer, photo.request(params={"warmth": 40.0, "light_key": 60.0}))
    assert cache.misses == misses
    _render(renderer, photo.request(params={"shadow_softness": 10.0}))
    assert cache.misses == misses + 1


def test_the_same_request_gives_the_same_bytes(renderer: Renderer, photo: Photo) -> None:
    first, second = (_render(renderer, photo.request()) for _ in range(2))
    assert first.image.data == second.image.data


def test_every_scene_is_a_style_whose_defaults_are_valid(library: PlateLibrary) -> None:
    styles = scene_styles(library)
    assert [style.slug for style in styles] == ["above", "covered", "table"]
    for style in styles:
        cleaned = style.clean({})
        assert cleaned["camera"] == "auto"
        assert {p.control for p in style.parameters} <= set(Control)
    assert {group.kind for group in library.plates[0].groups} >= {GroupKind.KEY}
    assert isinstance(library.plates[0].slot.room, Room)


@pytest.mark.parametrize(
    ("scene", "changes", "words"),
    [
        ("table", {"touches": ("bottom",)}, "cut off"),
        ("table", {"pitch_deg": 58.0}, "from above"),
        ("above", {"pitch_deg": 12.0}, "from above"),
        ("table", {"subject": Box(1000, 600, 1100, 800)}, "200 pixels"),
        ("table", {}, None),
    ],
)
def test_a_scene_says_why_it_does_not_suit_a_photo(
    library: PlateLibrary,
    scene: str,
    changes: dict[str, object],
    words: str | None,
) -> None:
    large = Measurements(2600, 2400, Box(1000, 600, 1600, 1800), (), 18.0, 600.0, 0.12)
    measured = replace(large, **changes)  # type: ignore[arg-type]
    reason = suits(scene_style(library, scene), measured, library=library)
    if words is None:
        assert reason is None
    else:
        assert reason is not None
        assert words in reason


@pytest.mark.parametrize(
    ("scene", "facts", "words"),
    [
        ("table", ProductFacts(posture=Posture.LYING), "lies flat"),
        ("above", ProductFacts(posture=Posture.STANDING), "stands"),
        ("above", ProductFacts(posture=Posture.SIDE), "stands"),
        ("above", ProductFacts(posture=Posture.LYING), None),
        ("table", ProductFacts(is_furniture=True), "Furniture"),
        ("table", ProductFacts(height_cm=85.0), "64 cm"),
        ("table", ProductFacts(height_cm=0.5), "would be lost"),
        ("table", ProductFacts(posture=Posture.STANDING, height_cm=20.0), None),
    ],
)
def test_what_a_person_said_goes_before_the_outline(
    library: PlateLibrary, scene: str, facts: ProductFacts, words: str | None
) -> None:
    measured = Measurements(2600, 2400, Box(1000, 600, 1600, 1800), (), 12.0, 600.0, 0.12)
    reason = suits(scene_style(library, scene), measured, facts=facts, library=library)
    assert (words in reason) if words and reason else reason == words


def test_how_a_photo_shows_its_product_chooses_the_view() -> None:
    measured = Measurements(2600, 2400, Box(1000, 600, 1600, 1800), (), 55.0, 600.0, 0.12)
    assert not is_posture_clear(measured)
    assert is_posture_clear(replace(measured, pitch_deg=12.0))
    assert as_told(measured, None) is measured
    assert as_told(measured, Posture.SIDE).pitch_deg == 0.0
    assert as_told(measured, Posture.LYING).pitch_deg == 90.0
    assert as_told(measured, Posture.STANDING).pitch_deg == 18.0
    assert as_told(replace(measured, pitch_deg=12.0), Posture.STANDING).pitch_deg == 12.0


def test_what_faces_away_from_a_lamp_has_no_light_to_lose() -> None:
    plate = synthetic_plate(width_px=64, height_px=64)
    alpha = np.zeros((64, 64), np.float32)
    alpha[20:40, 26:38] = 1
    volume = standing_volume(alpha, 1.0, plate.info.camera, 0.0, seed=0)
    assert volume is not None
    lamps = lamps_of(plate.info.groups[0], count=16, softness=1.0, stand=np.zeros(3))
    behind = torch.tensor([[float(volume.centre[0]) + 6.0, 0.0, -4.0]])
    to_lamp = torch.nn.functional.normalize(lamps.position.mean(0, keepdim=True) - behind)
    facing, away = (
        float(light_kept(volume, lamps, Receivers(behind, normal, torch.tensor([True])), map_px=64))
        for normal in (to_lamp, -to_lamp)
    )
    assert facing < 0.7
    assert away == 1.0


@pytest.mark.parametrize(
    ("setup", "facts", "pitch_deg", "words"),
    [
        (BackdropSetup(), ProductFacts(), 14.0, None),
        (BackdropSetup(), ProductFacts(), None, None),
        (BackdropSetup(), ProductFacts(), 40.0, "further down"),
        (BackdropSetup(), ProductFacts(posture=Posture.LYING), None, "lies flat"),
        (BackdropSetup(viewpoint=Viewpoint.ABOVE), ProductFacts(posture=Posture.SIDE), 90, "above"),
        (BackdropSetup(viewpoint=Viewpoint.ABOVE), ProductFacts(), 90, None),
    ],
)
def test_a_place_says_why_it_does_not_suit_a_photo(
    setup: BackdropSetup, facts: ProductFacts, pitch_deg: float | None, words: str | None
) -> None:
    measured = Measurements(2600, 2400, Box(1000, 600, 1600, 1800), (), 12.0, 600.0, 0.12)
    reason = place_suits(setup, measured, facts=facts, pitch_deg=pitch_deg)
    assert (words in reason) if words and reason else reason == words
