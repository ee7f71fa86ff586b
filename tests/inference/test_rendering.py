"""The whole way from files on disk to finished pictures, on a small made-up product."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inference.errors import (
    DeviceUnavailable,
    ParameterInvalid,
    PhotoUnreadable,
    RenderCancelled,
    ShapeMismatch,
    StyleUnknown,
)
from inference.events import Event, MediaType, PreviewReady, RenderFinished, StageStarted
from inference.pixels.arrays import RgbU8
from inference.rendering import Renderer, render_plan
from inference.requests import (
    Aspect,
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
from inference.styles.background import BACKGROUND_STYLES

# The product in its photo: a textured block whose outline is hard.
_BOX = Box(60, 40, 180, 240)
_PHOTO = (300, 280)


@pytest.fixture
def cache() -> StageCache:
    return StageCache(budget_bytes=64_000_000)


@pytest.fixture
def renderer(cache: StageCache) -> Renderer:
    return Renderer(device="cpu", cache=cache)


@pytest.fixture
def request_of(tmp_path: Path) -> "RequestMaker":
    return RequestMaker(tmp_path)


class RequestMaker:
    """Writes a photo and its alpha, and asks for pictures of them."""

    def __init__(self, folder: Path) -> None:
        self.photo = folder / "photo.png"
        self.alpha = folder / "alpha.png"
        width, height = _PHOTO
        self.rgb = np.random.default_rng(8).integers(30, 200, (height, width, 3), dtype=np.uint8)
        mask = np.zeros((height, width), dtype=np.uint8)
        mask[_BOX.top : _BOX.bottom, _BOX.left : _BOX.right] = 255
        Image.fromarray(self.rgb).save(self.photo)
        Image.fromarray(mask).save(self.alpha)
        self.measurements = Measurements(width, height, _BOX, (), 18.0, 120.0, 0.28)

    def __call__(
        self,
        slug: str = "pure-white",
        params: Mapping[str, ParameterValue] | None = None,
        *,
        side: int = 256,
        aspect: Aspect = Aspect.SQUARE,
        tier: Tier = Tier.FINAL,
        only_tier: bool = True,
    ) -> RenderRequest:
        return RenderRequest(
            photo=PhotoSource(self.photo, _sha256(self.photo)),
            cutout=CutoutSource(self.alpha, _sha256(self.alpha), self.measurements),
            style=StyleSpec(slug, params or {}),
            output=OutputSpec(side, aspect),
            tier=tier,
            only_tier=only_tier,
        )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _render(
    renderer: Renderer, request: RenderRequest, *, events: list[Event] | None = None
) -> RenderFinished:
    seen = events if events is not None else []
    run = Run(render_plan(request), on_event=seen.append, is_cancelled=lambda: False)
    return renderer.render(request, run)


def _pixels(finished: RenderFinished) -> RgbU8:
    with Image.open(io.BytesIO(finished.image.data)) as image:
        return np.asarray(image.convert("RGB"))


def test_at_native_scale_the_product_has_its_exact_pixels(
    renderer: Renderer, request_of: RequestMaker
) -> None:
    # 200 of 250 px is 80 %: the product is copied, not resampled.
    request = request_of("studio-sweep", {"scale": 80, "reflection": 40}, side=250)
    pixels = _pixels(_render(renderer, request))
    product = request_of.rgb[_BOX.top : _BOX.bottom, _BOX.left : _BOX.right]
    matches = [
        top
        for top in range(250 - _BOX.height + 1)
        if np.array_equal(pixels[top : top + _BOX.height, 65 : 65 + _BOX.width], product)
    ]
    assert len(matches) == 1


def test_a_finished_picture_says_where_the_product_was_put(
    renderer: Renderer, request_of: RequestMaker
) -> None:
    finished = _render(renderer, request_of("studio-sweep", {"scale": 80, "shift_x": 4}, side=250))
    assert finished.placement is not None
    left, top, right, bottom = map(round, finished.placement.box(_BOX))
    product = request_of.rgb[_BOX.top : _BOX.bottom, _BOX.left : _BOX.right]
    assert np.array_equal(_pixels(finished)[top:bottom, left:right], product)


def test_pure_white_is_exactly_white_outside_the_product(
    renderer: Renderer, request_of: RequestMaker
) -> None:
    pixels = _pixels(_render(renderer, request_of("pure-white", {"scale": 80}, side=250)))
    product = np.zeros((250, 250), dtype=bool)
    product[25:225, 65:185] = True
    assert pixels[~product].min() == 255
    assert pixels[product].mean() < 200


def test_a_white_style_with_a_shadow_still_ends_in_pure_white(
    renderer: Renderer, request_of: RequestMaker
) -> None:
    request = request_of("white-soft-shadow", {"light_direction": -90.0, "light_height": 20.0})
    pixels = _pixels(_render(renderer, request))
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert border.min() == 255
    without = _pixels(_render(renderer, request_of("white-soft-shadow", {"shadow": 0})))
    assert (pixels < without).any(axis=2).sum() > 500


def test_a_solid_colour_is_exactly_the_sellers(
    renderer: Renderer, request_of: RequestMaker
) -> None:
    params: dict[str, ParameterValue] = {"colour": "#3a7bd5", "shadow": 0}
    pixels = _pixels(_render(renderer, request_of("solid-colour", params)))
    assert (pixels[:20] == (0x3A, 0x7B, 0xD5)).all()
    assert (pixels[:, :20] == (0x3A, 0x7B, 0xD5)).all()


@pytest.mark.parametrize("slug", [style.slug for style in BACKGROUND_STYLES])
def test_every_style_draws_the_product_on_its_own_ground(
    renderer: Renderer, request_of: RequestMaker, slug: str
) -> None:
    pixels = _pixels(_render(renderer, request_of(slug, side=128)))
    assert pixels.shape == (128, 128, 3)
    assert pixels[40:90, 50:78].std() > 15
    assert pixels[:4].std(axis=(0, 1)).max() < 15


def test_the_same_request_gives_the_same_bytes_with_a_cold_and_a_warm_cache(
    renderer: Renderer, request_of: RequestMaker
) -> None:
    request = request_of("sweep-terracotta")
    first = _render(renderer, request)
    again = _render(renderer, request)
    fresh = _render(Renderer(device="cpu", cache=StageCache(budget_bytes=1)), request)
    assert first.image == again.image == fresh.image
    assert first.display == again.display


def test_another_seed_changes_no_pixel_of_the_product(
    renderer: Renderer, request_of: RequestMaker
) -> None:
    request = request_of("pure-white", {"shadow": 80})
    one = _pixels(_render(renderer, request)).astype(int)
    two = _pixels(_render(renderer, replace(request, seed=1))).astype(int)
    assert 0 < np.abs(one - two).max() <= 24
    assert np.array_equal(one[40:200, 100:150], two[40:200, 100:150])


def test_tiers_rise_from_a_thumb_to_the_lossless_final(
    renderer: Renderer, request_of: RequestMaker
) -> None:
    request = request_of("studio-sweep", side=700, aspect=Aspect.PORTRAIT_4_5, only_tier=False)
    events: list[Event] = []
    finished = _render(renderer, request, events=events)
    previews = [event for event in events if isinstance(event, PreviewReady)]
    assert [preview.tier for preview in previews] == [Tier.THUMB, Tier.PREVIEW]
    assert [(p.image.width, p.image.height) for p in previews] == [(128, 160), (410, 512)]
    assert events[-1] is finished
    assert (finished.image.width, finished.image.height) == (560, 700)
    assert finished.image.media_type is MediaType.PNG
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    planned = [(stage.name, stage.tier) for stage in render_plan(request)]
    started = [(e.stage, e.tier) for e in events if isinstance(e, StageStarted)]
    assert started == planned
    assert set(finished.timings_ms) == {f"{t.name.lower()}.{n}" for n, t in planned}


def test_a_lower_tier_ends_with_its_preview(renderer: Renderer, request_of: RequestMaker) -> None:
    finished = _render(renderer, request_of(tier=Tier.PREVIEW))
    assert finished.tier is Tier.PREVIEW
    assert finished.image == finished.display
    assert (finished.image.width, finished.image.media_type) == (512, MediaType.JPEG)


def test_the_tiers_show_the_same_picture(renderer: Renderer, request_of: RequestMaker) -> None:
    preview = _pixels(_render(renderer, request_of("sweep-sage", tier=Tier.PREVIEW)))
    final = _pixels(_render(renderer, request_of("sweep-sage", side=1024)))
    small = np.asarray(Image.fromarray(final).resize((64, 64), Image.Resampling.BOX)).astype(int)
    other = np.asarray(Image.fromarray(preview).resize((64, 64), Image.Resampling.BOX)).astype(int)
    assert np.abs(small - other).mean() < 2.0


def test_a_new_look_reuses_the_decoded_product(
    renderer: Renderer, request_of: RequestMaker, cache: StageCache
) -> None:
    _render(renderer, request_of("studio-sweep", tier=Tier.PREVIEW))
    _render(renderer, request_of("sweep-sky", {"light_direction": 90.0}, tier=Tier.PREVIEW))
    assert (cache.misses, cache.hits) == (2, 1)  # photo and product; the product again


def test_a_product_cut_by_the_photo_stands_on_the_frames_edge_without_a_floor_shadow(
    renderer: Renderer, request_of: RequestMaker
) -> None:
    height = _PHOTO[1]
    mask = np.zeros((height, _PHOTO[0]), dtype=np.uint8)
    mask[100:, 60:180] = 255
    Image.fromarray(mask).save(request_of.alpha)
    request_of.measurements = replace(
        request_of.measurements, subject=Box(60, 100, 180, height), touches=("bottom",)
    )
    pixels = _pixels(_render(renderer, request_of("pure-white", {"shadow": 100})))
    assert pixels[-1, 100:150].mean() < 200
    assert (pixels[-1, 100:150].max(axis=-1) < 255).all()
    assert pixels[:, :30].min() == 255


def test_a_missing_alpha_is_said_in_our_words(renderer: Renderer, request_of: RequestMaker) -> None:
    request = request_of()
    request_of.alpha.unlink()
    with pytest.raises(PhotoUnreadable):
        _render(renderer, request)


def test_an_alpha_of_another_size_is_refused(renderer: Renderer, request_of: RequestMaker) -> None:
    Image.new("L", (10, 10), 255).save(request_of.alpha)
    with pytest.raises(ShapeMismatch):
        _render(renderer, request_of())


def test_unknown_styles_and_parameters_are_refused_before_any_work(
    renderer: Renderer, request_of: RequestMaker, cache: StageCache
) -> None:
    with pytest.raises(StyleUnknown):
        _render(renderer, request_of("no-such-style"))
    with pytest.raises(ParameterInvalid):
        _render(renderer, request_of("pure-white", {"scale": 5000}))
    assert cache.misses == 0


def test_a_cancelled_render_stops_between_stages(
    renderer: Renderer, request_of: RequestMaker
) -> None:
    request = request_of()
    events: list[Event] = []
    run = Run(render_plan(request), on_event=events.append, is_cancelled=lambda: len(events) >= 2)
    with pytest.raises(RenderCancelled):
        renderer.render(request, run)
    assert len(events) == 2


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device")
def test_a_device_that_is_not_there_is_an_error(cache: StageCache) -> None:
    with pytest.raises(DeviceUnavailable):
        Renderer(device="cuda:0", cache=cache)
