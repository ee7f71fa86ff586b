import numpy as np
import pytest
import torch

from inference.pixels.colour import linear_to_srgb, srgb_to_linear
from inference.pixels.geometry import find_stance, frame_size
from inference.requests import Aspect, Box, Measurements, OutputSpec
from inference.stages.place import Framing, Placement, place_product, plan_placement


def _measured(box: Box, touches: tuple[str, ...] = ()) -> Measurements:
    return Measurements(1000, 800, box, touches)


def _edges(placement: Placement, box: Box) -> tuple[float, float, float, float]:
    scale = placement.scale
    return (
        box.left * scale + placement.offset_x,
        box.top * scale + placement.offset_y,
        box.right * scale + placement.offset_x,
        box.bottom * scale + placement.offset_y,
    )


@pytest.mark.parametrize(
    ("aspect", "expected"),
    [
        (Aspect.SQUARE, (1000, 1000)),
        (Aspect.PORTRAIT_4_5, (800, 1000)),
        (Aspect.PORTRAIT_3_4, (750, 1000)),
        (Aspect.LANDSCAPE_4_3, (1000, 750)),
        (Aspect.LANDSCAPE_16_9, (1000, 562)),
        (Aspect.PHOTO, (1000, 500)),
    ],
)
def test_the_frame_has_the_asked_shape_and_longest_side(
    aspect: Aspect, expected: tuple[int, int]
) -> None:
    assert frame_size(OutputSpec(1000, aspect), photo_width=640, photo_height=320) == expected


@pytest.mark.parametrize("box", [Box(100, 50, 300, 750), Box(50, 300, 950, 500)])
def test_a_product_fills_its_share_of_the_frame_and_stands_centred(box: Box) -> None:
    placement = plan_placement(_measured(box), Framing(fill=0.8), frame_width=500, frame_height=500)
    left, top, right, bottom = _edges(placement, box)
    assert max(right - left, bottom - top) == pytest.approx(400)
    assert left == pytest.approx(500 - right)
    assert top == pytest.approx(500 - bottom)


def test_a_standing_product_has_less_room_below_than_above() -> None:
    box = Box(100, 100, 400, 300)
    placement = plan_placement(
        _measured(box), Framing(below=0.4), frame_width=500, frame_height=500
    )
    _, top, _, bottom = _edges(placement, box)
    assert (500 - bottom) / top == pytest.approx(0.4 / 0.6)


def test_a_shift_moves_the_product_by_shares_of_the_frame() -> None:
    box = Box(100, 100, 400, 300)
    still = plan_placement(_measured(box), Framing(), frame_width=500, frame_height=400)
    moved = plan_placement(
        _measured(box), Framing(shift_x=0.1, shift_y=-0.2), frame_width=500, frame_height=400
    )
    assert moved.offset_x - still.offset_x == pytest.approx(50)
    assert moved.offset_y - still.offset_y == pytest.approx(-80)


@pytest.mark.parametrize("shift", [-0.3, 0.0, 0.3])
@pytest.mark.parametrize(
    ("touches", "edge", "is_far"),
    [(("bottom",), 3, True), (("top",), 1, False), (("left",), 0, False), (("right",), 2, True)],
)
def test_a_cut_edge_never_shows_inside_the_frame(
    touches: tuple[str, ...], edge: int, is_far: bool, shift: float
) -> None:
    box = Box(100, 100, 400, 300)
    placement = plan_placement(
        _measured(box, touches),
        Framing(shift_x=shift, shift_y=shift),
        frame_width=500,
        frame_height=500,
    )
    place = _edges(placement, box)[edge]
    assert place >= 500 - 1e-6 if is_far else place <= 1e-6


def test_a_product_cut_on_both_sides_spans_the_frame() -> None:
    box = Box(0, 300, 1000, 500)
    placement = plan_placement(
        _measured(box, ("left", "right")), Framing(fill=0.5), frame_width=400, frame_height=400
    )
    left, _, right, _ = _edges(placement, box)
    assert left <= 0
    assert right >= 400


def test_a_scale_next_to_one_becomes_a_copy() -> None:
    box = Box(100, 101, 301, 500)
    placement = plan_placement(_measured(box), Framing(fill=0.8), frame_width=500, frame_height=500)
    assert placement.is_copy


def test_at_native_size_the_product_keeps_its_exact_bytes() -> None:
    random = np.random.default_rng(3)
    rgb = random.integers(0, 256, (40, 30, 3), dtype=np.uint8)
    planes = srgb_to_linear(torch.from_numpy(rgb).permute(2, 0, 1).float() / 255)
    product = torch.cat([planes, torch.ones((1, 40, 30))])
    placement = Placement(100, 100, 1.0, 12.0, 20.0)
    placed = place_product(product, placement, left=0.0, top=0.0, native_scale=1.0)
    window = placed[:3, 20:60, 12:42]
    back = (linear_to_srgb(window) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    assert np.array_equal(back, rgb)


@pytest.mark.parametrize("scale", [0.4, 1.7])
def test_a_resampled_product_never_leaves_the_range_of_its_coverage(scale: float) -> None:
    product = torch.zeros((4, 60, 60))
    product[:, 10:50, 10:50] = 1.0
    placement = Placement(110, 110, scale, 3.3, 2.2)
    placed = place_product(product, placement, left=0.0, top=0.0, native_scale=1.0)
    assert placed.min() >= 0
    assert placed.max() <= 1
    assert torch.all(placed[:3] <= placed[3:4])
    assert placed[3].max() == 1.0


def test_a_product_decoded_at_half_size_lands_in_the_same_place() -> None:
    full = torch.zeros((4, 80, 80))
    full[:, 20:60, 20:60] = 1.0
    half = full[:, ::2, ::2].contiguous()
    placement = Placement(64, 64, 0.8, 0.0, 0.0)
    one = place_product(full, placement, left=0.0, top=0.0, native_scale=1.0)
    two = place_product(half, placement, left=0.0, top=0.0, native_scale=0.5)
    assert (one[3] - two[3]).abs().mean() < 0.01


def test_both_feet_of_a_table_are_contacts_and_the_gap_is_not() -> None:
    alpha = np.zeros((100, 120), dtype=np.float32)
    alpha[20:30, 10:110] = 1.0
    alpha[30:90, 15:25] = 1.0
    alpha[30:90, 95:105] = 1.0
    stance = find_stance(alpha)
    assert stance is not None
    assert stance.base_row == 90
    assert stance.contact[20 - stance.left] == pytest.approx(1.0)
    assert stance.contact[100 - stance.left] == pytest.approx(1.0)
    assert stance.contact[60 - stance.left] == 0.0
    assert stance.stand[60 - stance.left] == pytest.approx(90)


def test_an_empty_frame_has_no_stance() -> None:
    assert find_stance(np.zeros((10, 10), dtype=np.float32)) is None
