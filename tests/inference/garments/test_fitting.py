"""A pattern is laid on the photo as the photo is: nothing of a print is bent by it."""

import numpy as np
import pytest

from inference.garments.fitting import lay_pattern, own_flat
from inference.garments.kinds import Kind
from inference.garments.pattern import load_pattern
from inference.garments.reading import placed_reading
from inference.garments.sewing import sew
from tests.inference.garments.flat_lays import draw_flat_lay


@pytest.mark.parametrize("kind", [Kind.TEE, Kind.TANK, Kind.SKIRT, Kind.TROUSERS])
def test_a_photo_of_the_pattern_itself_is_covered_evenly(kind: Kind) -> None:
    lay = draw_flat_lay(kind)
    pattern = load_pattern(kind)
    laid = lay_pattern(pattern, placed_reading(lay.alpha, kind, lay.points))
    front = pattern.panel == 0
    rows = np.column_stack([pattern.flat[front], np.ones(front.sum())])
    fit, *_ = np.linalg.lstsq(rows, laid.photo[front], rcond=None)
    off = np.linalg.norm(rows @ fit - laid.photo[front], axis=1)
    # Of a 640 px photo: the outline itself is only known to a pixel.
    assert np.percentile(off, 95) < 4


def test_the_photos_own_silhouette_has_its_size_and_both_halves_alike() -> None:
    lay = draw_flat_lay(Kind.TEE)
    pattern = load_pattern(Kind.TEE)
    reading = placed_reading(lay.alpha, Kind.TEE, lay.points)
    flat = own_flat(lay_pattern(pattern, reading), reading.tilt_deg, lay.metre_px)
    width = flat[pattern.corners["armpit_right"], 0] - flat[pattern.corners["armpit_left"], 0]
    assert width == pytest.approx(0.48, abs=0.01)
    np.testing.assert_allclose(flat[pattern.mirror], flat * [-1, 1], atol=1e-9)


def test_panels_are_sewn_at_seams_and_nowhere_else() -> None:
    pattern = load_pattern(Kind.TEE)
    counts = np.bincount(pattern.part)
    assert set(counts.tolist()) == {1, 2}
    sewn = counts[pattern.part] == 2
    for panel in (0, 1):
        spots = pattern.flat[sewn & (pattern.panel == panel)]
        assert len(spots) > 100
    cloth = sew(pattern, pattern.flat)
    assert cloth.threads.lengths.min() > 0
    np.testing.assert_allclose(
        np.add.reduceat(cloth.bends.weights, cloth.bends.starts[:-1]), 1.0, atol=1e-9
    )
