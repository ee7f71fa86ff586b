"""The exported network is the trained one, at the size it was traced at and at others."""

from pathlib import Path
from typing import cast

import pytest
import torch
from torch import nn

from inference.sessions.onnx_session import OnnxSession
from inference.training.export import export
from inference.training.network import SoftboxMatte
from inference.training.trunk import Trunk


@pytest.fixture(scope="module")
def network() -> SoftboxMatte:
    """The architecture with random weights and, for its trunk, one convolution."""
    torch.manual_seed(4)
    network = SoftboxMatte(cast("Trunk", nn.Conv2d(3, 1, 3, padding=1)))
    for layer in (*network.heads, network.fine[-1]):
        nn.init.normal_(layer.weight, std=0.05)
    return network.eval()


@pytest.fixture(scope="module")
def exported(network: SoftboxMatte, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnx")
    path = tmp_path_factory.mktemp("export") / "network.onnx"
    export(network, path)
    return path


@pytest.mark.filterwarnings("ignore")  # the tracer warns of every size that it freezes
@pytest.mark.parametrize("side", [192, 576])
def test_the_file_computes_what_the_trained_network_does(
    network: SoftboxMatte, exported: Path, side: int
) -> None:
    picture = torch.rand((1, 3, side, side), generator=torch.Generator().manual_seed(side))
    with torch.inference_mode():
        logits, _ = network(picture)
    session = OnnxSession(exported, threads=1, size=(side, side))
    found = session.run_tensor(picture)
    assert float(torch.sigmoid(logits).std()) > 0.01  # not one grey everywhere
    torch.testing.assert_close(found, torch.sigmoid(logits), atol=3e-3, rtol=0)


@pytest.mark.filterwarnings("ignore")
def test_pictures_need_not_be_square(exported: Path) -> None:
    session = OnnxSession(exported, threads=1, size=(192, 384))
    assert session.run_tensor(torch.rand(2, 3, 192, 384)).shape == (2, 1, 192, 384)
