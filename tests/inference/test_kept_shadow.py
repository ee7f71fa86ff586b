"""The photo's own shadow under the product in its new picture."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.errors import PhotoUnreadable
from inference.pixels.arrays import RgbU8
from inference.rendering import Renderer, render_plan
from inference.requests import (
    Box,
    CutoutSource,
    Measurements,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.run import Run
from inference.stage_cache import StageCache

_WIDTH, _HEIGHT = 300, 280
_PRODUCT = Box(100, 60, 180, 220)
# In the photo the shadow lies to the right of the product and reaches under it.
_SHADOW = Box(150, 190, 240, 225)
_SIDE = 280


@pytest.fixture
def renderer() -> Renderer:
    return Renderer(device="cpu", cache=StageCache(budget_bytes=64_000_000))


@pytest.fixture
def cutout(tmp_path: Path) -> CutoutSource:
    alpha = np.zeros((_HEIGHT, _WIDTH), dtype=np.uint8)
    alpha[_PRODUCT.top : _PRODUCT.bottom, _PRODUCT.left : _PRODUCT.right] = 255
    Image.fromarray(alpha).save(tmp_path / "alpha.png")
    measurements = Measurements(_WIDTH, _HEIGHT, _PRODUCT, (), 18.0, 80.0, 0.15)
    shadow = _shadow_file(tmp_path / "shadow.png", _SHADOW)
    return CutoutSource(tmp_path / "alpha.png", "a" * 64, measurements, shadow, _sha256(shadow))


def _shadow_file(path: Path, where: Box) -> Path:
    """A layer of half the photo's size, as own_shadow also reduces large ones."""
    layer = np.full((_HEIGHT // 2, _WIDTH // 2), 255, dtype=np.uint8)
    layer[where.top // 2 : where.bottom // 2, where.left // 2 : where.right // 2] = 120
    Image.fromarray(layer).save(path)
    return path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _drawn(
    renderer: Renderer, cutout: CutoutSource, *, keep_shadow: bool, slug: str = "solid-colour"
) -> RgbU8:
    photo = cutout.alpha_path.with_name("photo.png")
    noise = np.random.default_rng(3).integers(40, 200, (_HEIGHT, _WIDTH, 3), dtype=np.uint8)
    Image.fromarray(noise).save(photo)
    # At 160 of 280 px the product is as large as in the photo: nothing is resampled.
    params = {"keep_shadow": keep_shadow, "shadow": 0.0, "scale": 100 * 160 / _SIDE}
    request = RenderRequest(
        PhotoSource(photo, _sha256(photo)),
        cutout,
        StyleSpec(slug, params),
        OutputSpec(_SIDE),
        Tier.FINAL,
        only_tier=True,
    )
    run = Run(render_plan(request), on_event=lambda _: None, is_cancelled=lambda: False)
    with Image.open(io.BytesIO(renderer.render(request, run).image.data)) as image:
        return np.asarray(image.convert("RGB"))


def _product_in(picture: RgbU8, cutout: CutoutSource) -> tuple[int, int]:
    """(top, left) of the product's own pixels in the picture."""
    with Image.open(cutout.alpha_path.with_name("photo.png")) as photo:
        crop = _PRODUCT.left, _PRODUCT.top, _PRODUCT.right, _PRODUCT.bottom
        product = np.asarray(photo.crop(crop))
    left = (_SIDE - _PRODUCT.width) // 2
    tops = [
        top
        for top in range(_SIDE - _PRODUCT.height + 1)
        if np.array_equal(
            picture[top : top + _PRODUCT.height, left : left + _PRODUCT.width], product
        )
    ]
    assert len(tops) == 1, "the product lost its own pixels"
    return tops[0], left


def test_a_kept_shadow_darkens_the_ground_where_it_lay_and_leaves_the_product_alone(
    renderer: Renderer, cutout: CutoutSource
) -> None:
    without = _drawn(renderer, cutout, keep_shadow=False)
    with_it = _drawn(renderer, cutout, keep_shadow=True)
    top, left = _product_in(with_it, cutout)
    assert (top, left) == _product_in(without, cutout)
    darker = np.all(with_it < without, axis=2)
    # Beside the product, two photo pixels off the layer's soft rim.
    rows = slice(_SHADOW.top - _PRODUCT.top + top + 3, _SHADOW.bottom - _PRODUCT.top + top - 3)
    columns = slice(_PRODUCT.right - _PRODUCT.left + left, _SHADOW.right - _PRODUCT.left + left - 3)
    assert darker[rows, columns].all()
    far = np.ones_like(darker)
    far[rows.start - 9 : rows.stop + 9, left : columns.stop + 9] = False
    assert np.array_equal(with_it[far], without[far])


def test_another_shadow_file_is_another_shadow(
    renderer: Renderer, cutout: CutoutSource, tmp_path: Path
) -> None:
    first = _drawn(renderer, cutout, keep_shadow=True)
    other = _shadow_file(tmp_path / "other.png", Box(40, 190, 120, 225))
    moved = CutoutSource(
        cutout.alpha_path, cutout.sha256, cutout.measurements, other, _sha256(other)
    )
    second = _drawn(renderer, moved, keep_shadow=True)
    assert not np.array_equal(first, second)


def test_the_cast_shadow_is_weaker_beside_the_photos_own(
    renderer: Renderer, cutout: CutoutSource, tmp_path: Path
) -> None:
    blank = tmp_path / "blank.png"
    Image.new("L", (150, 140), 255).save(blank)
    empty = CutoutSource(
        cutout.alpha_path, cutout.sha256, cutout.measurements, blank, _sha256(blank)
    )

    def total(keep_shadow: bool) -> int:
        photo = cutout.alpha_path.with_name("plain.png")
        Image.new("RGB", (_WIDTH, _HEIGHT), (90, 90, 90)).save(photo)
        request = RenderRequest(
            PhotoSource(photo, _sha256(photo)),
            empty,
            StyleSpec("white-soft-shadow", {"keep_shadow": keep_shadow}),
            OutputSpec(_SIDE),
            Tier.PREVIEW,
            only_tier=True,
        )
        run = Run(render_plan(request), on_event=lambda _: None, is_cancelled=lambda: False)
        with Image.open(io.BytesIO(renderer.render(request, run).image.data)) as image:
            return int((255 - np.asarray(image.convert("L"), dtype=np.int64)).sum())

    assert total(keep_shadow=True) < total(keep_shadow=False)


def test_pure_white_stays_white_unless_the_seller_says_otherwise(
    renderer: Renderer, cutout: CutoutSource
) -> None:
    picture = _drawn(renderer, cutout, keep_shadow=False, slug="pure-white")
    top, left = _product_in(picture, cutout)
    ground = np.ones(picture.shape[:2], dtype=bool)
    ground[top : top + _PRODUCT.height, left : left + _PRODUCT.width] = False
    assert picture[ground].min() == 255


def test_a_missing_shadow_file_is_said_in_our_words(
    renderer: Renderer, cutout: CutoutSource
) -> None:
    assert cutout.shadow_path is not None
    cutout.shadow_path.unlink()
    with pytest.raises(PhotoUnreadable, match="shadow could not be read"):
        _drawn(renderer, cutout, keep_shadow=True)
