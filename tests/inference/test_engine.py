"""The real engine's own duties: its device, its networks, its memory, its lazy imports."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from inference.engine import RenderEngine
from inference.errors import (
    DeviceUnavailable,
    EngineDied,
    EngineOverloaded,
    OutOfMemory,
    PhotoUnreadable,
    StageFailed,
    WeightsMissing,
)
from inference.events import RenderFinished
from inference.networks.weights import installed_path
from inference.requests import (
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
from inference.run import Run
from inference.stage_cache import StageCache
from inference.synthetic import synthetic_jpeg


@pytest.fixture
def needs_weights() -> None:
    try:
        installed_path("softbox-matte")
    except WeightsMissing as error:
        pytest.skip(f"This test runs a real network: {error}")


def render_request(photo: Path, alpha: Path) -> RenderRequest:
    return RenderRequest(
        photo=PhotoSource(photo, hashlib.sha256(photo.name.encode()).hexdigest()),
        cutout=CutoutSource(alpha, "0" * 64, Measurements(64, 48, Box(8, 8, 40, 40))),
        style=StyleSpec("pure-white"),
        output=OutputSpec(64),
        tier=Tier.THUMB,
    )


def render(engine: RenderEngine, request: RenderRequest) -> RenderFinished:
    return engine.render(request, on_event=lambda _: None, is_cancelled=lambda: False)


class FullDevice:
    """A renderer whose device has no room for a second picture."""

    def __init__(self, *, device: str, cache: StageCache) -> None:
        self._cache = cache

    def render(self, request: RenderRequest, run: Run) -> RenderFinished:
        self._cache.get_or_compute("kept", lambda: b"pixels", len)
        with run.stage("decode", Tier.THUMB):
            raise torch.OutOfMemoryError("CUDA out of memory")


class FullDisk(FullDevice):
    """A renderer that meets a full disk between two stages."""

    def render(self, request: RenderRequest, run: Run) -> RenderFinished:
        raise OSError(28, "No space left on device")


def test_a_device_that_is_not_there_is_an_error_not_another_device() -> None:
    with pytest.raises(DeviceUnavailable):
        RenderEngine(device="cuda:99")
    with pytest.raises(DeviceUnavailable):
        RenderEngine(device="abacus")


def test_an_engine_is_ready_only_once_it_is_warm() -> None:
    engine = RenderEngine(device="cpu")
    health = engine.health()
    assert (health.is_ready, health.device, health.networks) == (False, "cpu", ())
    assert health.detail == "The engine is warming up."


@pytest.mark.usefixtures("needs_weights")
def test_warming_up_loads_the_networks_and_leaves_the_cache_empty() -> None:
    engine = RenderEngine(device="cpu")
    engine.warm_up()
    health = engine.health()
    assert (health.is_ready, health.networks) == (True, ("softbox-matte",))
    assert health.stage_cache is not None
    assert health.stage_cache.used_bytes == 0
    engine.close()
    assert engine.health().detail == "The engine is closed."
    with pytest.raises(EngineOverloaded):
        engine.warm_up()


def test_a_network_that_is_not_installed_is_said_before_any_event(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(synthetic_jpeg(64, 48))
    engine = RenderEngine(device="cpu")
    events: list[object] = []
    with pytest.raises(WeightsMissing):
        engine.cut_out(
            CutoutRequest(PhotoSource(photo, "0" * 64), network="no-such-network"),
            on_event=events.append,
            is_cancelled=lambda: False,
        )
    assert events == []


def test_a_photo_that_has_left_the_disk_fails_its_stage_with_the_cause_chained(
    tmp_path: Path,
) -> None:
    engine = RenderEngine(device="cpu")
    with pytest.raises(StageFailed) as caught:
        render(engine, render_request(tmp_path / "gone.jpg", tmp_path / "gone.png"))
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert "gone" not in str(caught.value)


def test_a_cutout_that_has_left_the_disk_is_said_plainly(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(synthetic_jpeg(64, 48))
    with pytest.raises(PhotoUnreadable, match="cutout"):
        render(RenderEngine(device="cpu"), render_request(photo, tmp_path / "gone.png"))


def test_a_full_device_is_out_of_memory_and_the_cache_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.engine.Renderer", FullDevice)
    engine = RenderEngine(device="cpu")
    with pytest.raises(OutOfMemory) as caught:
        render(engine, render_request(tmp_path / "photo.jpg", tmp_path / "alpha.png"))
    assert caught.value.is_worth_retrying
    status = engine.health().stage_cache
    assert status is not None
    assert (status.misses, status.entries) == (1, 0)


def test_a_full_disk_between_stages_is_a_failed_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.engine.Renderer", FullDisk)
    engine = RenderEngine(device="cpu")
    with pytest.raises(StageFailed) as caught:
        render(engine, render_request(tmp_path / "photo.jpg", tmp_path / "alpha.png"))
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.is_worth_retrying


def run_python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path.cwd())


def test_the_package_and_the_fake_load_no_network_library() -> None:
    run_python(
        "import sys, inference, inference.remote, inference.testing, inference.styles.catalogue\n"
        "assert inference.RemoteEngine and inference.Engine\n"
        "heavy = {'torch', 'onnxruntime'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )


def test_the_package_hands_out_the_real_engine_to_those_who_ask() -> None:
    run_python(
        "import sys, inference\n"
        "assert inference.RenderEngine.__module__ == 'inference.engine'\n"
        "assert 'torch' in sys.modules\n"
        "try:\n"
        "    inference.NoSuchName\n"
        "except AttributeError as error:\n"
        "    assert 'NoSuchName' in str(error)\n"
        "else:\n"
        "    raise AssertionError('a name that is not there was found')\n"
    )


class LostDevice(FullDevice):
    """A renderer whose device goes away in the middle of a picture."""

    def render(self, request: RenderRequest, run: Run) -> RenderFinished:
        with run.stage("decode", Tier.THUMB):
            raise RuntimeError("CUDA error: unspecified launch failure")


def test_a_lost_device_is_said_once_and_the_engine_is_no_longer_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.engine.Renderer", LostDevice)
    engine = RenderEngine(device="cpu")
    with pytest.raises(EngineDied, match="stopped answering"):
        render(engine, render_request(tmp_path / "photo.jpg", tmp_path / "alpha.png"))
    health = engine.health()
    assert not health.is_ready
    assert "stopped answering" in health.detail


@pytest.mark.usefixtures("needs_weights")
def test_a_change_of_look_runs_no_network(tmp_path: Path) -> None:
    photo, alpha = tmp_path / "photo.jpg", tmp_path / "alpha.png"
    photo.write_bytes(synthetic_jpeg(320, 240))
    engine = RenderEngine(device="cpu")
    source = PhotoSource(photo, hashlib.sha256(photo.read_bytes()).hexdigest())
    cutout = engine.cut_out(
        CutoutRequest(source), on_event=lambda _: None, is_cancelled=lambda: False
    )
    alpha.write_bytes(cutout.alpha_png)
    network = engine._segmenters.get("softbox-matte")
    looks = network.batches.items
    assert looks in (1, 2)
    stored = CutoutSource(alpha, hashlib.sha256(cutout.alpha_png).hexdigest(), cutout.measurements)
    pictures = {
        render(
            engine,
            RenderRequest(
                source,
                stored,
                StyleSpec("studio-sweep", {"scale": scale}),
                OutputSpec(128),
                tier=Tier.FINAL,
            ),
        ).image.data
        for scale in (40.0, 60.0, 80.0)
    }
    assert len(pictures) == 3
    assert network.batches.items == looks


def test_what_an_older_stage_left_in_the_cache_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, alpha = tmp_path / "photo.jpg", tmp_path / "alpha.png"
    photo.write_bytes(synthetic_jpeg(64, 48))
    Image.new("L", (64, 48), 255).save(alpha)
    engine = RenderEngine(device="cpu")
    # The photo and the product made of it; under a new version only the product is made again.
    for version, misses in (("1", 2), ("1", 2), ("2", 3)):
        monkeypatch.setattr("inference.stages.prepare.VERSION", version)
        render(engine, render_request(photo, alpha))
        status = engine.health().stage_cache
        assert status is not None
        assert status.misses == misses
