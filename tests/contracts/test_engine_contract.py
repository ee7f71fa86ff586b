"""What every engine promises, run on the fake, on the real one and through a child process.

The fake stands in for the real engine in all other tests; this suite keeps it honest.
"""

import hashlib
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.errors import (
    EngineOverloaded,
    ParameterInvalid,
    PhotoUnreadable,
    RenderCancelled,
    StyleUnknown,
    WeightsMissing,
)
from inference.events import (
    LOW_CONFIDENCE,
    CutoutFinished,
    EncodedImage,
    Event,
    MediaType,
    PreviewReady,
    RenderFinished,
    StageStarted,
)
from inference.networks.weights import installed_path
from inference.protocol import Engine
from inference.remote import RemoteEngine
from inference.requests import (
    PREVIEW_SIDE_PX,
    THUMB_SIDE_PX,
    Aspect,
    Box,
    CutoutRequest,
    CutoutSource,
    Measurements,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.styles.catalogue import installed_styles
from inference.synthetic import synthetic_photo
from inference.testing import FAKE_CUTOUT_PLAN, FakeEngine, fake_render_plan

PHOTO_SIZE = (720, 960)
# The two exact styles that need no plate; every engine must know them.
STYLES = ("pure-white", "studio-sweep")

Build = Callable[[], Engine]


def build_real(device: str) -> Engine:
    """The real engine, or a skip that says what is missing."""
    from inference.engine import RenderEngine

    try:
        installed_path("u2netp")
    except WeightsMissing as error:
        pytest.skip(f"The real engine cannot run here: {error}")
    return RenderEngine(device=device)


BUILDERS: dict[str, Build] = {
    "fake": FakeEngine,
    "remote": lambda: RemoteEngine("inference.testing:FakeEngine"),
    "real-cpu": lambda: build_real("cpu"),
    "real-gpu": lambda: build_real("cuda:0"),
}
ENGINES = [
    pytest.param(name, marks=[pytest.mark.gpu] if "gpu" in name else []) for name in BUILDERS
]


@pytest.fixture(scope="module", params=ENGINES)
def build(request: pytest.FixtureRequest) -> Build:
    return BUILDERS[request.param]


@pytest.fixture(scope="module")
def engine(build: Build) -> Iterator[Engine]:
    engine = build()
    engine.warm_up()
    yield engine
    engine.close()


def save_photo(path: Path, rgb: np.ndarray, *, orientation: int = 1) -> PhotoSource:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(rgb).save(path, quality=92, exif=exif)
    return PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest())


def vase_before_paper() -> tuple[np.ndarray, np.ndarray]:
    """(H, W, 3) uint8 sRGB of a vase before pale paper, and its true alpha, (H, W) uint8."""
    rgb, alpha = synthetic_photo(*PHOTO_SIZE)
    share = alpha[..., None].astype(np.float32) / 255
    return (rgb * share + 226 * (1 - share)).astype(np.uint8), alpha


@dataclass(frozen=True)
class Scene:
    """A photo with its stored cutout."""

    photo: PhotoSource
    cutout: CutoutSource
    finished: CutoutFinished
    true_alpha: np.ndarray

    def request(self, style: str = "pure-white", **params: float | str) -> RenderRequest:
        return RenderRequest(
            photo=self.photo,
            cutout=self.cutout,
            style=StyleSpec(style, params),
            output=OutputSpec(640),
        )


@pytest.fixture(scope="module")
def scene(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("scene")
    rgb, true_alpha = vase_before_paper()
    photo = save_photo(folder / "photo.jpg", rgb)
    finished = engine.cut_out(
        CutoutRequest(photo), on_event=lambda _: None, is_cancelled=lambda: False
    )
    alpha_path = folder / "alpha.png"
    alpha_path.write_bytes(finished.alpha_png)
    digest = hashlib.sha256(finished.alpha_png).hexdigest()
    cutout = CutoutSource(alpha_path, digest, finished.measurements)
    return Scene(photo, cutout, finished, true_alpha)


def render(engine: Engine, request: RenderRequest) -> tuple[RenderFinished, list[Event]]:
    events: list[Event] = []
    finished = engine.render(request, on_event=events.append, is_cancelled=lambda: False)
    return finished, events


def cut_out(engine: Engine, photo: PhotoSource) -> tuple[CutoutFinished, list[Event]]:
    events: list[Event] = []
    finished = engine.cut_out(
        CutoutRequest(photo), on_event=events.append, is_cancelled=lambda: False
    )
    return finished, events


def pixels(image: EncodedImage) -> np.ndarray:
    """The decoded picture; its size and type are those that the engine claims."""
    opened = Image.open(io.BytesIO(image.data))
    assert opened.size == (image.width, image.height)
    assert Image.MIME[opened.format or ""] == image.media_type
    return np.asarray(opened.convert("RGB"))


# --- the plans ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("only_tier", [False, True])
def test_the_fake_plans_the_stages_that_the_real_engine_plans(tier: Tier, only_tier: bool) -> None:
    from inference.rendering import render_plan

    nothing = PhotoSource(Path("photo.jpg"), "")
    cutout = CutoutSource(Path("alpha.png"), "", Measurements(9, 9, Box(0, 0, 9, 9)))
    request = RenderRequest(nothing, cutout, StyleSpec(STYLES[0]), tier=tier, only_tier=only_tier)
    fake, real = fake_render_plan(request), render_plan(request)
    assert [(s.name, s.tier, s.label) for s in fake] == [(s.name, s.tier, s.label) for s in real]
    assert len(fake) >= 3


def test_the_fake_cuts_out_in_the_stages_of_the_real_engine() -> None:
    from inference.cutting import CUTOUT_PLAN

    assert [(s.name, s.tier, s.label) for s in FAKE_CUTOUT_PLAN] == [
        (s.name, s.tier, s.label) for s in CUTOUT_PLAN
    ]


# --- the order of events ----------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
def test_events_are_numbered_from_one_and_end_with_the_result(
    engine: Engine, scene: Scene, style: str
) -> None:
    finished, events = render(engine, scene.request(style))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1] == finished
    assert [type(event) for event in events].count(RenderFinished) == 1
    elapsed = [event.elapsed_ms for event in events]
    assert elapsed == sorted(elapsed)
    assert elapsed[0] >= 0


def test_a_final_request_shows_a_thumb_and_a_preview_first(engine: Engine, scene: Scene) -> None:
    finished, events = render(engine, scene.request())
    previews = [event for event in events if isinstance(event, PreviewReady)]
    assert [event.tier for event in previews] == [Tier.THUMB, Tier.PREVIEW]
    sides = [max(event.image.width, event.image.height) for event in previews]
    assert sides == [THUMB_SIDE_PX, PREVIEW_SIDE_PX]
    assert (finished.tier, finished.image.width) == (Tier.FINAL, 640)
    for event in previews:
        pixels(event.image)


def test_only_tier_delivers_that_tier_and_nothing_before(engine: Engine, scene: Scene) -> None:
    request = replace(scene.request(), tier=Tier.PREVIEW, only_tier=True)
    finished, events = render(engine, request)
    assert not [event for event in events if isinstance(event, PreviewReady)]
    assert {event.tier for event in events if isinstance(event, StageStarted)} == {Tier.PREVIEW}
    assert finished.tier is Tier.PREVIEW
    assert finished.image == finished.display
    assert pixels(finished.image).shape == (PREVIEW_SIDE_PX, PREVIEW_SIDE_PX, 3)


def test_stages_count_up_within_their_tier_and_the_share_done_never_falls(
    engine: Engine, scene: Scene
) -> None:
    _, events = render(engine, scene.request())
    stages = [event for event in events if isinstance(event, StageStarted)]
    for tier in Tier:
        of_tier = [stage for stage in stages if stage.tier is tier]
        indices = [stage.index for stage in of_tier]
        assert indices == sorted(set(indices))
        assert of_tier
        assert {stage.total for stage in of_tier} == {of_tier[0].total}
        assert 1 <= indices[0] <= indices[-1] <= of_tier[0].total
    shares = [stage.share_done for stage in stages]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] < 1
    assert all(stage.label for stage in stages)


def test_a_cutout_tells_its_stages_and_ends_with_the_result(engine: Engine, scene: Scene) -> None:
    finished, events = cut_out(engine, scene.photo)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1] == finished
    assert len(events) > 2
    assert all(isinstance(event, StageStarted | PreviewReady) for event in events[:-1])
    elapsed = [event.elapsed_ms for event in events]
    assert elapsed == sorted(elapsed)
    assert finished.timings_ms
    assert all(duration >= 0 for duration in finished.timings_ms.values())


# --- cancellation -----------------------------------------------------------------------------


@pytest.mark.parametrize("wanted_events", [0, 1, 3, 5])
def test_a_cancelled_render_raises_and_sends_nothing_more(
    engine: Engine, scene: Scene, wanted_events: int
) -> None:
    events: list[Event] = []
    with pytest.raises(RenderCancelled):
        engine.render(
            scene.request(),
            on_event=events.append,
            is_cancelled=lambda: len(events) >= wanted_events,
        )
    assert len(events) == wanted_events


@pytest.mark.parametrize("wanted_events", [0, 2])
def test_a_cancelled_cutout_raises_and_sends_nothing_more(
    engine: Engine, scene: Scene, wanted_events: int
) -> None:
    events: list[Event] = []
    with pytest.raises(RenderCancelled):
        engine.cut_out(
            CutoutRequest(replace(scene.photo, sha256=f"{wanted_events:064}")),
            on_event=events.append,
            is_cancelled=lambda: len(events) >= wanted_events,
        )
    assert len(events) == wanted_events


# --- refusals ---------------------------------------------------------------------------------


def refusal_of(engine: Engine, request: RenderRequest) -> tuple[Exception, list[Event]]:
    events: list[Event] = []
    with pytest.raises(Exception) as caught:  # noqa: PT011  # the caller compares the type
        engine.render(request, on_event=events.append, is_cancelled=lambda: False)
    return caught.value, events


def test_an_unknown_style_is_refused_before_any_event(engine: Engine, scene: Scene) -> None:
    error, events = refusal_of(engine, scene.request("no-such-style"))
    assert isinstance(error, StyleUnknown)
    assert "no-such-style" in str(error)
    assert events == []


@pytest.mark.parametrize(
    ("name", "value"), [("scale", 9999.0), ("scale", "large"), ("no_such_parameter", 1.0)]
)
def test_a_parameter_that_no_style_takes_is_refused_before_any_event(
    engine: Engine, scene: Scene, name: str, value: float | str
) -> None:
    error, events = refusal_of(engine, scene.request(**{name: value}))
    assert isinstance(error, ParameterInvalid)
    assert error.parameter == name
    assert events == []


def test_a_file_that_is_no_photo_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "notes.jpg"
    path.write_bytes(b"These are my notes, not a photo." * 20)
    with pytest.raises(PhotoUnreadable):
        cut_out(engine, PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest()))


def test_a_closed_engine_refuses(build: Build, scene: Scene) -> None:
    engine = build()
    engine.close()
    assert not engine.health().is_ready
    with pytest.raises(EngineOverloaded):
        render(engine, scene.request())
    with pytest.raises(EngineOverloaded):
        cut_out(engine, scene.photo)


def test_a_warm_engine_says_that_it_is_ready(engine: Engine) -> None:
    health = engine.health()
    assert health.is_ready
    assert health.device
    assert health.detail == ""


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


@pytest.mark.parametrize("style", [style.slug for style in installed_styles()])
def test_every_style_makes_a_preview(engine: Engine, scene: Scene, style: str) -> None:
    request = replace(scene.request(style), tier=Tier.PREVIEW, only_tier=True)
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
    assert finished.network == "u2netp"
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


def test_a_plain_grey_photo_is_cut_out_with_low_confidence(engine: Engine, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "grey.jpg", np.full((400, 500, 3), 128, np.uint8))
    finished, _ = cut_out(engine, photo)
    assert finished.confidence < LOW_CONFIDENCE
    assert finished.notice
    box = finished.measurements.subject
    assert 0 <= box.left < box.right <= 500
    assert 0 <= box.top < box.bottom <= 400
