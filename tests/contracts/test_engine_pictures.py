"""What every engine's pictures and cutouts promise, on the fake, the real and the remote one."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.events import LOW_CONFIDENCE, MediaType, PreviewReady
from inference.protocol import Engine
from inference.requests import (
    PREVIEW_SIDE_PX,
    THUMB_SIDE_PX,
    Aspect,
    OutputSpec,
    PhotoSource,
    StyleKind,
    Tier,
)
from inference.styles.catalogue import find_style, installed_styles
from tests.contracts.engines import (
    PHOTO_SIZE,
    Scene,
    cut_out,
    pixels,
    render,
    save_photo,
    vase_before_paper,
)
from tests.inference.garments.flat_lays import save_flat_lay

# --- pictures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aspect", "longest_side_px", "size"),
    [
        (Aspect.SQUARE, 640, (640, 640)),
        (Aspect.PORTRAIT_4_5, 500, (400, 500)),
        (Aspect.LANDSCAPE_16_9, 640, (640, 360)),
        (Aspect.PHOTO, 640, (480, 640)),
        # Smaller than the previews, which keep their own sizes.
        (Aspect.SQUARE, 300, (300, 300)),
        (Aspect.SQUARE, 64, (64, 64)),
    ],
)
def test_the_picture_has_the_size_that_was_asked_for(
    engine: Engine, scene: Scene, aspect: Aspect, longest_side_px: int, size: tuple[int, int]
) -> None:
    request = replace(scene.request(), output=OutputSpec(longest_side_px, aspect))
    finished, events = render(engine, request)
    assert (finished.image.width, finished.image.height) == size
    assert pixels(finished.image).shape == (size[1], size[0], 3)
    previews = [event.image for event in events if isinstance(event, PreviewReady)]
    assert [max(p.width, p.height) for p in previews] == [THUMB_SIDE_PX, PREVIEW_SIDE_PX]
    shape = size[0] / size[1]
    assert all(p.width / p.height == pytest.approx(shape, rel=0.01) for p in previews)


def test_a_final_picture_is_lossless_and_comes_with_a_small_one(
    engine: Engine, scene: Scene
) -> None:
    request = replace(scene.request(), output=OutputSpec(1600), only_tier=True)
    finished, _ = render(engine, request)
    assert finished.image.media_type in (MediaType.PNG, MediaType.WEBP)
    display, final = pixels(finished.display), pixels(finished.image)
    assert display.shape[0] < final.shape[0] == 1600
    small = np.asarray(Image.fromarray(final).resize(display.shape[1::-1], Image.Resampling.BOX))
    assert np.abs(small.astype(int) - display).mean() < 3


def test_pure_white_is_exactly_white_around_the_product(engine: Engine, scene: Scene) -> None:
    finished, _ = render(engine, scene.request())
    picture = pixels(finished.image)
    assert (picture[:8] == 255).all()
    assert (picture[:, :8] == 255).all()
    # The product itself is there: a good part of the middle is far from white.
    assert (picture[200:480, 200:440].min(axis=2) < 128).mean() > 0.3


def test_the_same_request_gives_the_same_bytes(engine: Engine, scene: Scene) -> None:
    request = scene.request("studio-sweep")
    first, first_events = render(engine, request)
    second, second_events = render(engine, request)
    assert first.image == second.image
    assert first.display == second.display
    kinds = [[type(event) for event in events] for events in (first_events, second_events)]
    assert [kind for kind in kinds[0] if kind is PreviewReady] == [
        kind for kind in kinds[1] if kind is PreviewReady
    ]


def test_another_look_gives_another_picture(engine: Engine, scene: Scene) -> None:
    looks = [
        scene.request("studio-sweep"),
        scene.request("studio-sweep", wall_colour="#102040"),
        scene.request("studio-sweep", scale=40.0),
        scene.request("pure-white"),
    ]
    images = [render(engine, look)[0].image.data for look in looks]
    assert len(set(images)) == len(looks)


def test_pictures_made_at_the_same_time_are_those_made_one_by_one(
    engine: Engine, scene: Scene
) -> None:
    requests = [
        replace(scene.request("studio-sweep", scale=scale), tier=Tier.PREVIEW)
        for scale in (30.0, 50.0, 70.0, 90.0)
    ]
    one_by_one = [render(engine, request)[0].image for request in requests]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda request: render(engine, request)[0].image, requests * 2))
    assert together == one_by_one * 2


@pytest.mark.parametrize(
    "style", [style.slug for style in installed_styles() if not style.needs_place]
)
def test_every_style_makes_a_preview(
    engine: Engine, scene: Scene, style: str, tmp_path: Path
) -> None:
    request = replace(scene.request(style), tier=Tier.PREVIEW, only_tier=True)
    if find_style(style).kind is StyleKind.MODEL:
        photo, cutout = save_flat_lay(tmp_path)
        request = replace(request, photo=photo, cutout=cutout)
    finished, _ = render(engine, request)
    picture = pixels(finished.image)
    assert picture.shape == (PREVIEW_SIDE_PX, PREVIEW_SIDE_PX, 3)
    assert picture.std() > 5


# --- cutouts ----------------------------------------------------------------------------------


def test_a_cutout_finds_the_vase_at_the_photos_own_size(scene: Scene) -> None:
    finished = scene.finished
    alpha_image = Image.open(io.BytesIO(finished.alpha_png))
    assert (alpha_image.format, alpha_image.mode) == ("PNG", "L")
    assert alpha_image.size == (finished.width, finished.height) == PHOTO_SIZE
    found, truth = np.asarray(alpha_image) > 127, scene.true_alpha > 127
    overlap = (found & truth).sum() / (found | truth).sum()
    assert overlap > 0.9
    assert finished.confidence >= LOW_CONFIDENCE
    assert finished.notice == ""
    assert finished.network == "softbox-matte"
    assert finished.network_version


def test_measurements_describe_the_alpha(scene: Scene) -> None:
    measured = scene.finished.measurements
    inside = np.asarray(Image.open(io.BytesIO(scene.finished.alpha_png))) > 127
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    box = measured.subject
    assert (measured.width, measured.height) == PHOTO_SIZE
    assert (box.left, box.right) == pytest.approx((columns[0], columns[-1] + 1), abs=2)
    assert (box.top, box.bottom) == pytest.approx((rows[0], rows[-1] + 1), abs=2)
    assert measured.coverage == pytest.approx(inside.mean(), abs=0.01)
    assert measured.touches == ()
    assert 0 < measured.base_width_px <= box.width
    assert not measured.has_own_alpha


def test_a_cutouts_preview_is_the_product_on_transparency(scene: Scene) -> None:
    preview = scene.finished.preview
    image = Image.open(io.BytesIO(preview.data))
    assert preview.media_type is MediaType.WEBP
    assert image.mode == "RGBA"
    assert image.size == (preview.width, preview.height)
    alpha = np.asarray(image.getchannel("A"))
    assert alpha[0, 0] == 0
    assert alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] == 255


def test_a_sideways_photo_is_cut_out_upright(engine: Engine, tmp_path: Path) -> None:
    rgb, _ = vase_before_paper()
    photo = save_photo(tmp_path / "sideways.jpg", np.rot90(rgb), orientation=6)
    finished, _ = cut_out(engine, photo)
    assert (finished.width, finished.height) == PHOTO_SIZE
    assert Image.open(io.BytesIO(finished.alpha_png)).size == PHOTO_SIZE
    assert finished.measurements.subject.height > finished.measurements.subject.width


def test_a_file_that_brings_its_own_transparency_keeps_it(engine: Engine, tmp_path: Path) -> None:
    rgb, alpha = vase_before_paper()
    image = Image.fromarray(rgb)
    image.putalpha(Image.fromarray(alpha))
    path = tmp_path / "cut.png"
    image.save(path)
    finished, _ = cut_out(engine, PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest()))
    assert finished.network == "own-alpha"
    assert finished.measurements.has_own_alpha
    assert finished.confidence >= LOW_CONFIDENCE
    found = np.asarray(Image.open(io.BytesIO(finished.alpha_png))).astype(int)
    assert np.abs(found - alpha).mean() < 2


def test_a_plain_grey_photo_is_cut_out_with_low_confidence(engine: Engine, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "grey.jpg", np.full((400, 500, 3), 128, np.uint8))
    finished, _ = cut_out(engine, photo)
    assert finished.confidence < LOW_CONFIDENCE
    assert finished.notice
    box = finished.measurements.subject
    assert 0 <= box.left < box.right <= 500
    assert 0 <= box.top < box.bottom <= 400
