"""What the tests on a GPU share: they need no Django and no plugin.

A machine with torch, ONNX Runtime and the weights is enough (docs/performance.md: the command).
"""

import os

import pytest

from inference.engine import RenderEngine
from inference.errors import WeightsMissing
from inference.networks.segmenter import NetworkSegmenter, load_segmenter
from inference.requests import DEFAULT_NETWORK


@pytest.fixture(scope="session")
def device() -> str:
    """The GPU; another device only to try the tests themselves."""
    return os.environ.get("SOFTBOX_TEST_DEVICE", "cuda:0")


@pytest.fixture(scope="session")
def network(device: str) -> NetworkSegmenter:
    """The default network, warm, on the GPU."""
    try:
        segmenter = load_segmenter(DEFAULT_NETWORK, device=device)
    except WeightsMissing as error:
        pytest.skip(str(error))
    segmenter.warm_up()
    return segmenter


@pytest.fixture(scope="session")
def on_cpu() -> NetworkSegmenter:
    """The same network on the CPU."""
    try:
        return load_segmenter(DEFAULT_NETWORK, device="cpu", threads=2)
    except WeightsMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def engine(device: str, network: NetworkSegmenter) -> RenderEngine:
    """The whole engine, warm, on the GPU."""
    engine = RenderEngine(device=device)
    engine.warm_up()
    return engine
