"""Flat lays are read for what they are; everything else is refused in a sentence."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from inference.errors import GarmentUnreadable
from inference.garments.kinds import Kind
from inference.garments.reading import placed_reading, read_garment
from tests.inference.garments.flat_lays import SIDE, draw_flat_lay


@pytest.mark.parametrize("kind", list(Kind))
def test_a_garment_is_read_for_what_it_is_and_its_corners_are_found(kind: Kind) -> None:
    lay = draw_flat_lay(kind)
    reading = read_garment(lay.rgb, lay.alpha)
    assert reading.kind is kind
    assert reading.confidence > 0.6
    off = {
        name: np.hypot(*np.subtract(point, lay.points[name]))
        for name, point in reading.points.items()
        if name != "front"
    }
    assert max(off.values()) < 0.05 * SIDE, off


def test_the_front_neckline_is_seen_where_the_inside_is_darker() -> None:
    lay = draw_flat_lay(Kind.TEE)
    reading = read_garment(lay.rgb, lay.alpha)
    assert np.hypot(*np.subtract(reading.points["front"], lay.points["front"])) < 0.015 * SIDE
    assert reading.notice == ""


def test_a_garment_that_lies_askew_is_turned_upright() -> None:
    lay = draw_flat_lay(Kind.TEE, turn_deg=7)
    reading = read_garment(lay.rgb, lay.alpha)
    assert abs(abs(reading.tilt_deg) - 7) < 2
    off = np.subtract(reading.points["armpit_left"], lay.points["armpit_left"])
    assert np.hypot(*off) < 0.03 * SIDE


def test_a_garment_that_the_frame_cuts_off_is_refused() -> None:
    lay = draw_flat_lay(Kind.TEE, shift=(0.2, 0.0))
    with pytest.raises(GarmentUnreadable, match="cut off at the right edge"):
        read_garment(lay.rgb, lay.alpha)


def test_a_garment_on_its_side_is_told_to_be_turned() -> None:
    lay = draw_flat_lay(Kind.TROUSERS)
    rgb, alpha = np.rot90(lay.rgb).copy(), np.rot90(lay.alpha).copy()
    with pytest.raises(GarmentUnreadable, match="Turn the photo upright"):
        read_garment(rgb, alpha)


def test_what_does_not_lie_straight_is_refused() -> None:
    matte = Image.new("L", (SIDE, SIDE), 0)
    corners = [(100, 100), (520, 180), (300, 300), (420, 560), (140, 420)]
    ImageDraw.Draw(matte).polygon(corners, fill=255)
    with pytest.raises(GarmentUnreadable, match="does not lie flat"):
        read_garment(np.zeros((SIDE, SIDE, 3), np.uint8), np.asarray(matte))


def test_an_empty_matte_shows_no_garment() -> None:
    with pytest.raises(GarmentUnreadable, match="No garment was found"):
        read_garment(np.zeros((SIDE, SIDE, 3), np.uint8), np.zeros((SIDE, SIDE), np.uint8))


def test_a_hook_above_the_neck_is_taken_off() -> None:
    lay = draw_flat_lay(Kind.TEE)
    matte = Image.fromarray(lay.alpha)
    x, y = lay.points["back"]
    ImageDraw.Draw(matte).line([(x, y + 4), (x, y - 60), (x + 16, y - 74)], fill=255, width=5)
    reading = read_garment(lay.rgb, np.asarray(matte))
    assert reading.kind is Kind.TEE
    assert "hanger" in reading.notice
    assert abs(reading.points["neck_left"][1] - lay.points["neck_left"][1]) < 0.03 * SIDE


def test_placed_points_are_taken_as_they_are() -> None:
    lay = draw_flat_lay(Kind.TEE)
    reading = placed_reading(lay.alpha, Kind.TEE, lay.points)
    assert dict(reading.points) == lay.points
    swapped = {**lay.points, "hem_left": lay.points["hem_right"]}
    with pytest.raises(GarmentUnreadable, match="changed sides"):
        placed_reading(lay.alpha, Kind.TEE, swapped)
    del swapped["hem_left"]
    with pytest.raises(GarmentUnreadable, match="missing"):
        placed_reading(lay.alpha, Kind.TEE, swapped)
