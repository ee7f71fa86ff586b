"""Networks in ncnn's form, against the same arithmetic written with torch's own layers."""

import struct

import numpy as np
import pytest
import torch
from torch.nn import functional

from inference.networks.ncnn import NcnnInvalid, parse_param, read_ncnn

PLAN = """7767517
8 9
Input            in    0 1 data
Split            two   1 2 data data_a data_b
Convolution      conv  1 1 data_a feat 0=4 1=3 4=1 5=1 6=108
PReLU            slope 1 1 feat bent 0=4
Convolution      out   1 1 bent made 0=12 1=1 4=0 5=1 6=48 9=2 -23310=1,2.000000e-01
PixelShuffle     big   1 1 made large 0=2
Interp           up    1 1 data_b wide 0=1 1=2.000000e+00 2=2.000000e+00
Eltwise          sum   2 1 large wide output 0=1 -23301=2,2.000000e-01,1.000000e+00
"""


def tagged(values: np.ndarray) -> bytes:
    """Weights as half floats behind their tag, padded to four bytes."""
    data = values.astype("<f2").tobytes()
    return struct.pack("<I", 0x01306B47) + data + bytes(-len(data) % 4)


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    shapes: dict[str, tuple[int, ...]] = {
        "w1": (4, 3, 3, 3),
        "b1": (4,),
        "slope": (4,),
        "w2": (12, 4, 1, 1),
        "b2": (12,),
    }
    # Half floats keep eleven bits: the values are rounded here, so that both sides have the same.
    return {
        name: rng.normal(0, 0.3, shape).astype(np.float16).astype(np.float32)
        for name, shape in shapes.items()
    }


@pytest.fixture
def numbers(arrays: dict[str, np.ndarray]) -> bytes:
    plain = {name: arrays[name].astype("<f4").tobytes() for name in ("b1", "slope", "b2")}
    first = tagged(arrays["w1"]) + plain["b1"] + plain["slope"]
    return first + tagged(arrays["w2"]) + plain["b2"]


def test_a_network_gives_what_its_layers_give(
    arrays: dict[str, np.ndarray], numbers: bytes
) -> None:
    picture = torch.rand(1, 3, 10, 7, generator=torch.Generator().manual_seed(1))
    w = {name: torch.from_numpy(value) for name, value in arrays.items()}
    feat = functional.prelu(functional.conv2d(picture, w["w1"], w["b1"], padding=1), w["slope"])
    made = functional.leaky_relu(functional.conv2d(feat, w["w2"], w["b2"]), 0.2)
    wide = functional.interpolate(picture, scale_factor=2.0, mode="nearest")
    expected = functional.pixel_shuffle(made, 2) * 0.2 + wide
    result = read_ncnn(PLAN, numbers)(picture)
    assert result.shape == (1, 3, 20, 14)
    assert torch.allclose(result, expected, atol=1e-6)


def test_a_plan_that_is_cut_off_is_refused() -> None:
    with pytest.raises(NcnnInvalid, match="names 8 layers and holds 7"):
        parse_param(PLAN[: PLAN.index("Eltwise")])
    with pytest.raises(NcnnInvalid, match="not an ncnn text"):
        parse_param("<html>")


def test_numbers_must_be_exactly_as_many_as_the_plan_needs(numbers: bytes) -> None:
    with pytest.raises(NcnnInvalid, match="end too early"):
        read_ncnn(PLAN, numbers[:-4])
    with pytest.raises(NcnnInvalid, match="left over"):
        read_ncnn(PLAN, numbers + b"1234")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("PReLU     ", "Softmax   ", "kind Softmax"),
        ("1=3 4=1 5=1 6=108", "1=3 4=1 5=1 6=108 3=2", "plain convolutions"),
        (
            "Eltwise          sum   2 1 large wide output 0=1",
            "BinaryOp s 2 1 large wide o 0=2",
            "sums",
        ),
        ("9=2 -23310", "9=6 -23310", "activation 6"),
    ],
)
def test_what_is_not_known_is_refused_by_name(
    numbers: bytes, old: str, new: str, message: str
) -> None:
    assert old in PLAN
    with pytest.raises(NcnnInvalid, match=message):
        read_ncnn(PLAN.replace(old, new), numbers)
