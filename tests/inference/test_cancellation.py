"""Whatever a request is doing when nobody wants it any more, the next step is not begun."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inference.cutting import CUTOUT_PLAN, cut_out
from inference.errors import RenderCancelled
from inference.events import Event, StageStarted
from inference.networks.segmenter import NetworkSegmenter
from inference.rendering import Renderer, render_plan
from inference.requests import (
    Box,
    CutoutRequest,
    CutoutSource,
    Measurements,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
)
from inference.run import Run
from inference.stage_cache import StageCache
from inference.synthetic import synthetic_photo

STAGES_OF_A_RENDER = 18  # six in each of three tiers


@pytest.fixture
def request_(tmp_path: Path) -> RenderRequest:
    rgb, alpha = synthetic_photo(96, 128)
    Image.fromarray(rgb).save(tmp_path / "photo.png")
    Image.fromarray(alpha).save(tmp_path / "alpha.png")
    return RenderRequest(
        PhotoSource(tmp_path / "photo.png", hashlib.sha256(b"photo").hexdigest()),
        CutoutSource(tmp_path / "alpha.png", "0" * 64, Measurements(96, 128, Box(30, 20, 70, 110))),
        StyleSpec("studio-sweep"),
        OutputSpec(64),
    )


class GivesUpAfter:
    """Stops wanting the picture once so many stages have begun."""

    def __init__(self, stages: int) -> None:
        self.stages = stages
        self.begun: list[str] = []

    def on_event(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self.begun.append(event.stage)

    def is_cancelled(self) -> bool:
        return len(self.begun) >= self.stages


@pytest.mark.parametrize("stages", range(STAGES_OF_A_RENDER))
def test_a_render_stops_after_any_stage(request_: RenderRequest, stages: int) -> None:
    plan = render_plan(request_)
    assert len(plan) == STAGES_OF_A_RENDER
    seller = GivesUpAfter(stages)
    run = Run(plan, on_event=seller.on_event, is_cancelled=seller.is_cancelled)
    with pytest.raises(RenderCancelled):
        Renderer(device="cpu", cache=StageCache(budget_bytes=1 << 24)).render(request_, run)
    assert seller.begun == [stage.name for stage in plan[:stages]]


class GreySession:
    """A network that finds half of everything."""

    memory_bytes, max_batch, torch_device = 1, 1, torch.device("cpu")

    def run_tensor(self, batch: torch.Tensor) -> torch.Tensor:
        return torch.full((batch.shape[0], 1, *batch.shape[2:]), 0.5)

    def warm_up(self) -> None: ...


@pytest.mark.parametrize("stages", range(len(CUTOUT_PLAN)))
def test_a_cutout_stops_after_any_stage(request_: RenderRequest, stages: int) -> None:
    seller = GivesUpAfter(stages)
    network = NetworkSegmenter("u2netp", "1", GreySession())
    run = Run(CUTOUT_PLAN, on_event=seller.on_event, is_cancelled=seller.is_cancelled)
    with (
        pytest.raises(RenderCancelled),
        network.on_the_way(is_cancelled=seller.is_cancelled) as segmenter,
    ):
        cut_out(CutoutRequest(request_.photo), run, segmenter)
    assert seller.begun == [stage.name for stage in CUTOUT_PLAN[:stages]]


def test_a_request_that_waits_for_the_network_is_let_go(request_: RenderRequest) -> None:
    is_busy, may_go_on, is_cancelled = threading.Event(), threading.Event(), threading.Event()

    class BusySession(GreySession):
        def run_tensor(self, batch: torch.Tensor) -> torch.Tensor:
            is_busy.set()
            assert may_go_on.wait(10)
            return super().run_tensor(batch)

    network = NetworkSegmenter("u2netp", "1", BusySession())
    picture = np.zeros((8, 8, 3), dtype=np.uint8)

    def look() -> None:
        with network.on_the_way(is_cancelled=is_cancelled.is_set) as segmenter:
            segmenter.coarse_alpha(picture)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(network.coarse_alpha, picture)
        assert is_busy.wait(10)
        waiting = pool.submit(look)
        is_cancelled.set()
        with pytest.raises(RenderCancelled):
            waiting.result(10)
        may_go_on.set()
        assert first.result(10).shape == (8, 8)
    assert network.batches.items == 1
