"""One picture up and one down per tier; on a GPU each further one would cost more than the work."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inference.engine import RenderEngine
from inference.networks.segmenter import NetworkSegmenter
from inference.requests import (
    Box,
    CutoutSource,
    Measurements,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleKind,
    StyleSpec,
    Tier,
)
from inference.sessions.transfer import (
    MOST_FACT_BYTES,
    counting,
    facts_to_host,
    from_array,
    to_device,
    to_host,
)
from inference.styles.catalogue import find_style, installed_styles
from inference.synthetic import synthetic_photo
from tests.inference.garments.flat_lays import save_flat_lay

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> RenderRequest:
    folder = tmp_path_factory.mktemp("vase")
    rgb, alpha = synthetic_photo(480, 640)
    Image.fromarray(rgb).save(folder / "photo.jpg")
    Image.fromarray(alpha).save(folder / "alpha.png")
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return RenderRequest(
        photo=PhotoSource(folder / "photo.jpg", hashlib.sha256(b"vase").hexdigest()),
        cutout=CutoutSource(folder / "alpha.png", "0" * 64, Measurements(480, 640, box)),
        style=StyleSpec("pure-white"),
        output=OutputSpec(640),
        only_tier=True,
    )


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize(
    "style", [style.slug for style in installed_styles() if not style.needs_place]
)
@pytest.mark.parametrize(
    "device", ["cpu", pytest.param("cuda:0", marks=[pytest.mark.gpu])], ids=["cpu", "gpu"]
)
def test_a_tier_costs_one_picture_up_and_one_down(
    request_: RenderRequest, device: str, style: str, tier: Tier, tmp_path: Path
) -> None:
    engine = RenderEngine(device=device)
    wanted = replace(request_, style=StyleSpec(style), tier=tier)
    if find_style(style).kind is StyleKind.MODEL:
        photo, cutout = save_flat_lay(tmp_path)
        wanted = replace(wanted, photo=photo, cutout=cutout)
    for ups in (1, 0):  # the second time the product is already there
        with counting() as crossings:
            engine.render(wanted, on_event=lambda _: None, is_cancelled=lambda: False)
        assert (crossings.up, crossings.down) == (ups, 1)
        assert crossings.facts <= 3


def test_a_look_of_the_network_costs_one_picture_up_and_one_down(
    segmenter: NetworkSegmenter,
) -> None:
    photo = np.zeros((90, 120, 3), dtype=np.uint8)
    with counting() as crossings:
        alpha = segmenter.coarse_alpha(photo)
    assert (crossings.up, crossings.down) == (1, 1)
    assert crossings.up_bytes == photo.nbytes
    assert alpha.shape == (90, 120)
    with counting() as crossings:
        on_device = segmenter.coarse_alpha_tensor(from_array(photo).permute(2, 0, 1))
    assert (crossings.up, crossings.down) == (0, 0)
    np.testing.assert_array_equal(on_device.numpy(), alpha)


def test_crossings_are_counted_with_their_bytes_and_only_inside_the_block() -> None:
    picture = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    to_device(picture, CPU)
    with counting() as crossings:
        tensor = to_device(picture, CPU)
        back = to_host(tensor)
        facts_to_host(tensor[0, 0])
    to_host(tensor)
    np.testing.assert_array_equal(back, picture)
    assert (crossings.up, crossings.down, crossings.facts) == (1, 1, 1)
    assert (crossings.up_bytes, crossings.down_bytes) == (96, 96)


def test_a_picture_does_not_pass_as_a_few_facts() -> None:
    with pytest.raises(ValueError, match="use to_host"):
        facts_to_host(torch.zeros(MOST_FACT_BYTES + 1, dtype=torch.uint8))


def test_an_array_that_may_not_be_written_is_copied() -> None:
    array = np.zeros(4)
    array.flags.writeable = False
    from_array(array)[0] = 1.0
    assert array[0] == 0.0
