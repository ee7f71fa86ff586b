"""A photo goes in; a preview comes at once, then the cutout, in an order that never changes."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inference.cutting import CUTOUT_PLAN, OWN_ALPHA, cut_out
from inference.errors import PhotoUnreadable, RenderCancelled
from inference.events import (
    LOW_CONFIDENCE,
    CutoutFinished,
    Event,
    MediaType,
    PreviewReady,
    StageStarted,
)
from inference.networks.segmenter import NetworkSegmenter
from inference.pixels.alpha import decode_alpha
from inference.pixels.arrays import AlphaF32, RgbU8
from inference.requests import (
    DEFAULT_NETWORK,
    PREVIEW_SIDE_PX,
    CutoutRequest,
    CutoutSource,
    PhotoSource,
    Tier,
)
from inference.run import Run
from inference.stage_cache import StageCache
from inference.stages.prepare import prepare_product

WALL = 215


class RedSegmenter:
    """Calls red what is red; counts how often it was asked."""

    name, version = "red", "7"
    input_side_px = 320

    def __init__(self) -> None:
        self.looks = 0

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        self.looks += 1
        red = rgb[:, :, 0].astype(np.float32) - rgb[:, :, 1]
        return (red / 100).clip(0, 1)

    def finer(self) -> None:
        return None


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """A red disc of 200 px radius before a grey wall, 1400 × 900."""
    y, x = np.mgrid[:900, :1400]
    pixels = np.full((900, 1400, 3), WALL, dtype=np.uint8)
    pixels[np.hypot(x - 600, y - 450) < 200] = (180, 30, 30)
    path = tmp_path / "product.jpg"
    Image.fromarray(pixels).save(path, quality=95, subsampling=0)
    return path


def cut(path: Path, segmenter: object) -> tuple[CutoutFinished, list[Event]]:
    events: list[Event] = []
    run = Run(CUTOUT_PLAN, on_event=events.append, is_cancelled=lambda: False)
    request = CutoutRequest(PhotoSource(path, "0" * 64))
    return cut_out(request, run, segmenter), events  # type: ignore[arg-type]


def test_the_events_come_in_order_and_the_preview_before_the_second_look(product: Path) -> None:
    finished, events = cut(product, RedSegmenter())
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [
        event.stage if isinstance(event, StageStarted) else type(event) for event in events
    ] == [
        "decode",
        "segment",
        PreviewReady,
        "look-closer",
        "refine",
        "measure",
        CutoutFinished,
    ]
    assert events[-1] is finished
    assert pickle.loads(pickle.dumps(events)) == events
    times = [event.elapsed_ms for event in events]
    assert times == sorted(times)


def test_the_alpha_has_the_photos_native_size_and_its_edge(product: Path) -> None:
    finished, _ = cut(product, RedSegmenter())
    alpha = decode_alpha(finished.alpha_png)
    assert alpha.shape == (900, 1400)
    assert (finished.width, finished.height) == (1400, 900)
    assert alpha[450, 600] == 255
    assert alpha[20, 20] == 0
    box = finished.measurements.subject
    corners = np.array([box.left, box.top, box.right, box.bottom])
    assert np.abs(corners - [400, 250, 800, 650]).max() <= 2
    assert (finished.network, finished.network_version) == ("red", "7")
    assert finished.confidence > 0.9
    assert finished.notice == ""
    assert set(finished.timings_ms) == {
        f"{stage.tier.name.lower()}.{stage.name}" for stage in CUTOUT_PLAN
    }


def test_the_first_full_picture_uses_the_photo_that_the_cutout_decoded(
    product: Path, tmp_path: Path
) -> None:
    cache = StageCache(budget_bytes=64_000_000)
    run = Run(CUTOUT_PLAN, on_event=lambda _: None, is_cancelled=lambda: False)
    photo = PhotoSource(product, "0" * 64)
    finished = cut_out(CutoutRequest(photo), run, RedSegmenter(), cache=cache)
    alpha_path = tmp_path / "alpha.png"
    alpha_path.write_bytes(finished.alpha_png)
    cutout = CutoutSource(alpha_path, "1" * 64, finished.measurements)
    product.unlink()

    whole = prepare_product(
        photo, cutout, longest_side_px=1400, device=torch.device("cpu"), cache=cache
    )
    assert whole.native_scale == 1.0
    assert whole.planes[3].max() == 1.0
    with pytest.raises(FileNotFoundError):  # a smaller one is decoded by itself, quicker
        prepare_product(photo, cutout, longest_side_px=500, device=torch.device("cpu"), cache=cache)


def test_previews_are_small_pictures_on_transparency(product: Path) -> None:
    finished, events = cut(product, RedSegmenter())
    early = next(event for event in events if isinstance(event, PreviewReady))
    assert early.tier is Tier.PREVIEW
    for picture in (early.image, finished.preview):
        assert picture.media_type is MediaType.WEBP
        assert max(picture.width, picture.height) == PREVIEW_SIDE_PX
        with Image.open(io.BytesIO(picture.data)) as image:
            pixels = np.asarray(image.convert("RGBA"))
        middle = pixels[pixels.shape[0] // 2, int(pixels.shape[1] * 600 / 1400)]
        assert middle[3] == 255
        assert middle[0] > 150
        assert pixels[4, 4, 3] == 0


def test_a_file_with_its_own_transparency_keeps_it_and_runs_no_network(tmp_path: Path) -> None:
    pixels = np.zeros((300, 400, 4), dtype=np.uint8)
    pixels[60:240, 80:320] = (20, 90, 160, 255)
    pixels[100:140, 150:200, 3] = 77
    path = tmp_path / "cut.png"
    Image.fromarray(pixels).save(path)
    segmenter = RedSegmenter()
    finished, events = cut(path, segmenter)
    assert segmenter.looks == 0
    assert finished.network == OWN_ALPHA
    assert finished.measurements.has_own_alpha
    assert finished.confidence == 1.0
    np.testing.assert_array_equal(decode_alpha(finished.alpha_png), pixels[:, :, 3])
    assert sum(isinstance(event, PreviewReady) for event in events) == 1


def test_an_alpha_channel_that_hides_nothing_is_no_cutout(tmp_path: Path) -> None:
    pixels = np.full((300, 400, 4), WALL, dtype=np.uint8)
    pixels[80:220, 120:280, :3] = (180, 30, 30)
    pixels[:, :, 3] = 255
    pixels[:3, :3] = 0  # a screenshot's rounded corner
    path = tmp_path / "screenshot.png"
    Image.fromarray(pixels).save(path)
    segmenter = RedSegmenter()
    finished, _ = cut(path, segmenter)
    assert segmenter.looks == 2
    assert not finished.measurements.has_own_alpha
    assert finished.measurements.subject.width == pytest.approx(160, abs=2)


def test_a_photo_without_a_product_is_flagged_and_never_blank(tmp_path: Path) -> None:
    path = tmp_path / "wall.jpg"
    Image.new("RGB", (320, 240), (WALL, WALL, WALL)).save(path)
    finished, events = cut(path, RedSegmenter())
    assert finished.confidence < LOW_CONFIDENCE
    assert "could not tell" in finished.notice
    assert decode_alpha(finished.alpha_png).min() == 255
    early = next(event for event in events if isinstance(event, PreviewReady))
    with Image.open(io.BytesIO(early.image.data)) as image:
        assert image.convert("RGBA").getchannel("A").getextrema() == (255, 255)


def test_an_unreadable_photo_raises_in_the_sellers_words(tmp_path: Path) -> None:
    path = tmp_path / "p.jpg"
    path.write_bytes(b"nothing")
    with pytest.raises(PhotoUnreadable):
        cut(path, RedSegmenter())


def test_a_cancelled_cutout_stops_between_two_stages(product: Path) -> None:
    events: list[Event] = []
    run = Run(
        CUTOUT_PLAN,
        on_event=events.append,
        is_cancelled=lambda: any(isinstance(event, PreviewReady) for event in events),
    )
    segmenter = RedSegmenter()
    with pytest.raises(RenderCancelled):
        cut_out(CutoutRequest(PhotoSource(product, "0" * 64)), run, segmenter)
    assert segmenter.looks == 1


def test_the_real_network_cuts_a_plain_product_out(
    product: Path, segmenter: NetworkSegmenter
) -> None:
    finished, _ = cut(product, segmenter)
    y, x = np.mgrid[:900, :1400]
    disc = np.hypot(x - 600, y - 450) < 200
    mask = decode_alpha(finished.alpha_png) > 127
    assert (mask & disc).sum() / (mask | disc).sum() > 0.985
    assert finished.confidence > 0.8
    assert finished.network == DEFAULT_NETWORK
