"""The whole engine on a GPU: the CPU's cutouts and pictures, and honest about its device."""

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from inference.engine import RenderEngine
from inference.errors import DeviceUnavailable
from inference.requests import OutputSpec, RenderRequest, StyleSpec
from inference.sessions.pool import resolve_device
from inference.stages.refine import refine
from inference.styles.catalogue import installed_styles
from inference.synthetic import synthetic_photo
from tests.contracts.engines import Scene, make_scene, pixels, render

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def cpu_engine() -> RenderEngine:
    return RenderEngine(device="cpu")


@pytest.fixture(scope="module")
def scene(engine: RenderEngine, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return make_scene(engine, tmp_path_factory.mktemp("gpu"))


def test_the_engine_says_which_device_it_took(engine: RenderEngine, device: str) -> None:
    assert engine.health().device == device
    assert engine.health().is_ready
    if device != "cpu":
        assert resolve_device("auto").startswith("cuda")


def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(DeviceUnavailable):
        RenderEngine(device="cuda:99")


def test_both_devices_cut_the_same_product_out(
    scene: Scene, cpu_engine: RenderEngine, tmp_path: Path
) -> None:
    there = np.asarray(Image.open(io.BytesIO(scene.finished.alpha_png))) > 127
    here_png = make_scene(cpu_engine, tmp_path).finished.alpha_png
    here = np.asarray(Image.open(io.BytesIO(here_png))) > 127
    assert (there & here).sum() / (there | here).sum() > 0.99


@pytest.mark.parametrize(
    "style", [style.slug for style in installed_styles() if not style.needs_place]
)
def test_both_devices_make_the_same_picture(
    engine: RenderEngine, cpu_engine: RenderEngine, scene: Scene, style: str
) -> None:
    request = replace(scene.request(style), output=OutputSpec(800), only_tier=True)
    there = pixels(render(engine, request)[0].image).astype(int)
    here = pixels(render(cpu_engine, request)[0].image).astype(int)
    difference = np.abs(there - here)
    # The shadow's noise differs from device to device; what it draws does not.
    assert difference.mean() < 1.0
    assert np.percentile(difference, 99.9) < 16


def test_pictures_made_at_once_are_those_made_one_by_one(
    engine: RenderEngine, scene: Scene
) -> None:
    requests: list[RenderRequest] = [
        replace(scene.request(), style=StyleSpec("studio-sweep", {"scale": scale}), only_tier=True)
        for scale in (30.0, 45.0, 60.0, 75.0, 90.0)
    ]
    alone = [render(engine, request)[0].image for request in requests]
    with ThreadPoolExecutor(5) as pool:
        together = list(pool.map(lambda request: render(engine, request)[0].image, requests * 3))
    assert together == alone * 3


def test_both_devices_refine_the_same_matte(device: str) -> None:
    rgb, truth = synthetic_photo(1600, 1200)
    rough = Image.fromarray(truth).resize((200, 150)).filter(ImageFilter.GaussianBlur(1))
    coarse = np.asarray(rough, dtype=np.float32) / np.float32(255)
    here = refine(rgb, coarse, detail_px=576).astype(int)
    there = refine(rgb, coarse, detail_px=576, device=device).astype(int)
    assert np.abs(here - there).mean() < 0.1
    assert np.percentile(np.abs(here - there), 99.9) <= 8


def test_many_photos_are_cut_out_and_rendered_at_once(engine: RenderEngine, tmp_path: Path) -> None:
    """Sixteen whole ways beside each other, each as when it is alone."""

    def whole_way(number: int) -> tuple[bytes, bytes]:
        folder = tmp_path / f"{threading.get_ident()}-{number}-{time.monotonic_ns()}"
        folder.mkdir()
        scene = make_scene(engine, folder)
        request = replace(scene.request(), output=OutputSpec(640 + 16 * number), only_tier=True)
        return scene.finished.alpha_png, render(engine, request)[0].image.data

    numbers = list(range(16))
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(whole_way, numbers))
    for number in numbers[::5]:
        alpha_png, picture = whole_way(number)
        for one, other in ((alpha_png, together[number][0]), (picture, together[number][1])):
            first, second = (np.asarray(Image.open(io.BytesIO(data))) for data in (one, other))
            difference = np.abs(first.astype(int) - second.astype(int))
            assert difference.mean() < 0.5
