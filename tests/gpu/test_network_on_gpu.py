"""The network on a GPU gives the CPU's mattes, alone, in batches, by graph, and never mixed."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from inference.networks.segmenter import RECIPES, NetworkSegmenter, stretched
from inference.networks.weights import installed_path
from inference.pixels.arrays import RgbU8
from inference.requests import DEFAULT_NETWORK
from inference.sessions.onnx_session import OnnxSession
from inference.sessions.transfer import counting, from_array
from inference.synthetic import synthetic_photo

pytestmark = pytest.mark.gpu

# TF32 keeps 10 bits of each factor: a matte moves by under one level of 255 on average.
MEAN_TOLERANCE = 0.004
COUNT = 24
SIDE_PX = RECIPES[DEFAULT_NETWORK].side_px
SIZE = (SIDE_PX, SIDE_PX)


def session_on(device: str, *, graphs: bool = True) -> OnnxSession:
    """The default network by itself."""
    path = installed_path(DEFAULT_NETWORK)
    return OnnxSession(path, device=device, graphs=graphs, size=SIZE)


def pictures(count: int) -> list[RgbU8]:
    """Vases on grounds of their own, each one turned or mirrored another way."""
    made = []
    for number in range(count):
        rgb, alpha = synthetic_photo(320, 400, seed=number)
        share = alpha[..., None].astype(np.float32) / 255
        ground = 120 + 4 * number
        mixed = (rgb * share + ground * (1 - share)).astype(np.uint8)
        made.append(np.ascontiguousarray(np.rot90(np.roll(mixed, 9 * number, axis=1), number % 4)))
    return made


def test_the_gpu_finds_what_the_cpu_finds(
    network: NetworkSegmenter, on_cpu: NetworkSegmenter
) -> None:
    for picture in pictures(6):
        there, here = network.coarse_alpha(picture), on_cpu.coarse_alpha(picture)
        assert there.shape == here.shape == picture.shape[:2]
        assert np.abs(there - here).mean() < MEAN_TOLERANCE


def test_sixteen_threads_get_their_own_mattes(network: NetworkSegmenter) -> None:
    shown = pictures(COUNT)
    alone = [network.coarse_alpha(picture) for picture in shown]
    before = network.batches
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(network.coarse_alpha, shown * 4))
    for number, alpha in enumerate(together):
        assert np.abs(alpha - alone[number % COUNT]).mean() < MEAN_TOLERANCE
    after = network.batches
    assert after.items - before.items == 4 * COUNT
    if network.device.type == "cuda":
        assert after.batches - before.batches < 4 * COUNT, "nothing ever ran together"


def test_a_picture_on_the_device_stays_there(network: NetworkSegmenter) -> None:
    picture = pictures(1)[0]
    on_device = from_array(picture).to(network.device).permute(2, 0, 1)
    with counting() as crossings:
        alpha = network.coarse_alpha_tensor(on_device)
    assert alpha.device.type == network.device.type
    assert (crossings.up, crossings.down) == (0, 0)
    torch.testing.assert_close(
        alpha.cpu(), from_array(network.coarse_alpha(picture)), atol=1e-5, rtol=0
    )


def test_a_matte_is_stretched_alike_on_both_devices(device: str) -> None:
    alpha = torch.rand(320, 320, generator=torch.Generator().manual_seed(3))
    here, there = stretched(alpha, 777, 1024), stretched(alpha.to(device), 777, 1024)
    torch.testing.assert_close(there.cpu(), here, atol=1e-3, rtol=0)


def test_every_batch_size_has_its_graph_and_replays_it_with_new_pictures(device: str) -> None:
    if device == "cpu":
        pytest.skip("graphs belong to GPUs")
    captured, plain = session_on(device), session_on(device, graphs=False)
    captured.warm_up()
    assert captured.graphs == captured.buckets == (1, 2, 4, 8, 16)
    assert plain.graphs == ()
    random = torch.Generator().manual_seed(5)
    for count in (1, 2, 3, 5, 16, 19):
        for _ in range(2):
            batch = torch.rand((count, 3, *SIZE), generator=random).to(device)
            torch.testing.assert_close(
                captured.run_tensor(batch), plain.run_tensor(batch), atol=0.02, rtol=0
            )


def test_an_earlier_result_is_not_overwritten_by_the_next_run(device: str) -> None:
    session = session_on(device)
    session.warm_up()
    first = session.run_tensor(torch.zeros((1, 3, *SIZE), device=device))
    kept = first.clone()
    session.run_tensor(torch.rand((1, 3, *SIZE), device=device))
    torch.testing.assert_close(first, kept, atol=0, rtol=0)


def test_threads_replay_the_graphs_of_the_one_thread_that_captured_them(device: str) -> None:
    if device == "cpu":
        pytest.skip("graphs belong to GPUs")
    captured, plain = session_on(device), session_on(device, graphs=False)
    captured.warm_up()
    random = torch.Generator().manual_seed(6)
    batches = [torch.rand((1, 3, *SIZE), generator=random).to(device) for _ in range(32)]
    wanted = [plain.run_tensor(batch) for batch in batches]
    is_over = threading.Event()

    def allocate() -> None:
        """What renders do beside it: a capture in the middle of this would fail both."""
        while not is_over.is_set():
            torch.empty(32 << 20, dtype=torch.uint8, device=device).fill_(1)
            torch.cuda.empty_cache()

    with ThreadPoolExecutor(17) as pool:
        busy = pool.submit(allocate)
        found = list(pool.map(captured.run_tensor, batches))
        is_over.set()
        busy.result()
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, atol=0.02, rtol=0)
