"""Two looks, one matte: what is kept, what is dropped, and when the seller is asked."""

import numpy as np
import pytest

from inference.events import LOW_CONFIDENCE
from inference.networks.segmenter import NetworkSegmenter
from inference.pixels.alpha import without_specks
from inference.pixels.arrays import AlphaF32, RgbU8
from inference.stages.segment import (
    ALIKE,
    NO_SUBJECT,
    PARTIAL,
    closer_look,
    first_look,
    segment,
    subject_box,
)


class ScriptedSegmenter:
    """Gives prepared mattes in turn and remembers what it was shown."""

    name, version = "scripted", "1"
    input_side_px = 320

    def __init__(self, *mattes: AlphaF32 | float) -> None:
        self._mattes = list(mattes)
        self.seen: list[tuple[int, ...]] = []

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        self.seen.append(rgb.shape)
        matte = self._mattes.pop(0)
        if isinstance(matte, float):
            return np.full(rgb.shape[:2], matte, dtype=np.float32)
        return matte[: rgb.shape[0], : rgb.shape[1]]

    def finer(self) -> None:
        return None


def block(top: int, left: int, bottom: int, right: int, side: int = 200) -> AlphaF32:
    alpha = np.zeros((side, side), dtype=np.float32)
    alpha[top:bottom, left:right] = 1.0
    return alpha


PHOTO = np.full((200, 200, 3), 120, dtype=np.uint8)


def showing(alpha: AlphaF32, tone: int = 30) -> RgbU8:
    """A product of one grey tone on the grey ground."""
    return np.where((alpha > 0.5)[..., None], np.uint8(tone), PHOTO)


def test_specks_go_and_second_objects_stay() -> None:
    alpha = block(20, 20, 120, 120) + block(150, 150, 165, 165) + block(180, 10, 183, 13)
    clean = without_specks(alpha, 0.01)
    assert clean[60, 60] == 1
    assert clean[155, 155] == 1  # 2 % of the first: an earring beside its box
    assert clean[181, 11] == 0  # 0.09 %: a crumb
    assert alpha[181, 11] == 1


def test_the_second_look_sees_the_subjects_crop_with_some_air() -> None:
    first = block(60, 60, 120, 120)
    segmenter = ScriptedSegmenter(1.0)
    closer_look(PHOTO, first, segmenter)
    height, width, _ = segmenter.seen[0]
    assert 64 <= height <= 80
    assert 64 <= width <= 80


def test_a_crop_with_more_pixels_than_the_network_is_looked_at_with_more() -> None:
    class Finer(ScriptedSegmenter):
        input_side_px = 300

    class Coarse(ScriptedSegmenter):
        input_side_px = 100
        fine = Finer(1.0)

        def finer(self) -> Finer:  # type: ignore[override]
            return self.fine

    small, large = Coarse(1.0), Coarse()
    closer_look(PHOTO, block(60, 60, 120, 120), small)
    assert (len(small.seen), small.fine.seen) == (1, [])
    closer_look(PHOTO, block(40, 40, 160, 160), large)
    assert (large.seen, len(large.fine.seen)) == ([], 1)


def test_a_subject_that_fills_the_frame_is_looked_at_once() -> None:
    segmenter = ScriptedSegmenter()
    found = closer_look(showing(block(2, 2, 198, 198)), block(2, 2, 198, 198), segmenter)
    assert segmenter.seen == []
    assert found.confidence == 1.0


def test_a_large_subject_is_looked_at_again_only_where_the_first_look_is_in_doubt() -> None:
    large = block(28, 28, 172, 172)
    decided = ScriptedSegmenter()
    assert closer_look(showing(large), large, decided).confidence == 1.0
    assert decided.seen == []
    doubtful = large.copy()
    doubtful[28:60, 28:172] = 0.7
    asked = ScriptedSegmenter(1.0)
    closer_look(PHOTO, doubtful, asked)
    assert len(asked.seen) == 1


def test_a_hole_that_the_second_look_closes_stays_open() -> None:
    first = block(40, 40, 140, 140)
    first[75:105, 75:105] = 0
    second = np.zeros((200, 200), dtype=np.float32)
    second[10:110, 10:110] = 1.0  # the crop's own coordinates: it begins at (30, 30)
    found = closer_look(PHOTO, first, ScriptedSegmenter(second))
    assert found.alpha[90, 90] == 0
    assert found.alpha[60, 60] == 1


def test_a_region_that_only_the_second_look_is_sure_of_is_the_seconds() -> None:
    first = block(40, 40, 140, 140)
    first[120:140, 40:140] = 0.6  # the floor's shadow, perhaps
    second = np.zeros((200, 200), dtype=np.float32)
    second[10:90, 10:110] = 1.0  # the crop's own coordinates: it begins at (30, 30)
    found = closer_look(PHOTO, first, ScriptedSegmenter(second))
    assert found.alpha[130, 90] == 0
    assert found.alpha[100, 90] == 1


def test_a_second_look_that_agrees_sharpens_the_outline() -> None:
    blurred = block(60, 60, 140, 140)
    blurred[57:60, 60:140] = 0.4
    sharp = block(10, 10, 90, 90)[:96, :96]  # the crop's own coordinates
    segmenter = ScriptedSegmenter(np.pad(sharp, ((0, 10), (0, 10)))[:110, :110])
    found = closer_look(PHOTO, blurred, segmenter)
    assert found.alpha.shape == blurred.shape
    assert found.alpha[100, 100] == 1
    assert found.alpha[58, 100] < 0.4


def test_a_decided_second_look_wins_over_a_first_that_only_guessed() -> None:
    first = block(40, 40, 140, 160)
    first[30:170, 110:170] = 0.8  # half of what it found is haze
    second = np.zeros((200, 200), dtype=np.float32)
    second[15:125, 15:75] = 1.0
    found = closer_look(showing(block(40, 40, 140, 100)), first, ScriptedSegmenter(second))
    assert found.alpha[100, 140] == 0
    assert found.alpha[100, 60] == 1


def jar(*, is_lined: bool) -> RgbU8:
    """A dark lid on a pale ground and under it, or not, the rim and the foot of a clear jar."""
    photo = np.full((200, 200, 3), 225, dtype=np.uint8)
    photo[40:70, 60:140] = (120, 70, 30)
    y, x = np.mgrid[:200, :200]
    photo[(np.hypot((x - 100) / 45, (y - 150) / 20) < 1.4) & (y > 110)] -= np.uint8(8)  # a shadow
    if is_lined:
        ring = np.abs(np.hypot((x - 100) / 38, (y - 130) / 16) - 1) < 0.05
        photo[ring] = 195
    return photo


@pytest.mark.parametrize(("is_lined", "notice"), [(True, PARTIAL), (False, "")])
def test_a_jar_of_which_only_the_lid_was_found_is_not_called_sure(
    is_lined: bool, notice: str
) -> None:
    lid = block(40, 60, 70, 140)
    found = closer_look(jar(is_lined=is_lined), lid, ScriptedSegmenter(lid[28:, 51:]))
    assert found.notice == notice
    assert (found.confidence < LOW_CONFIDENCE) == is_lined


def test_a_second_look_that_loses_half_the_product_does_not_win() -> None:
    first = block(40, 40, 160, 160)
    segmenter = ScriptedSegmenter(block(0, 0, 60, 200))
    found = closer_look(PHOTO, first, segmenter)
    assert found.alpha[140, 100] > 0.9


@pytest.mark.parametrize("level", [0.0, 0.3])
def test_a_photo_without_a_subject_is_flagged_and_never_blank(level: float) -> None:
    found = segment(PHOTO, ScriptedSegmenter(level))
    assert found.confidence < LOW_CONFIDENCE
    assert found.notice == NO_SUBJECT
    assert found.alpha.min() == 1.0


def test_a_hazy_matte_is_flagged_but_kept() -> None:
    haze = block(40, 40, 160, 160) * np.float32(0.6)
    found = segment(PHOTO, ScriptedSegmenter(haze, 0.6))
    assert found.confidence < LOW_CONFIDENCE
    assert found.notice
    assert 0.5 < found.alpha[100, 100] < 0.7
    assert found.alpha[5, 5] == 0


def test_the_subjects_box_is_tight() -> None:
    box = subject_box(block(30, 50, 90, 170))
    assert box is not None
    assert (box.left, box.top, box.right, box.bottom) == (50, 30, 170, 90)


def test_the_real_network_finds_a_plain_product(segmenter: NetworkSegmenter) -> None:
    rng = np.random.default_rng(3)
    photo = rng.integers(225, 235, (480, 640, 3), dtype=np.uint8)
    y, x = np.mgrid[:480, :640]
    disc = (x - 330) ** 2 + (y - 250) ** 2 < 130**2
    photo[disc] = (170, 40, 30)
    found = segment(photo, segmenter)
    mask = found.alpha > 0.5
    assert (mask & disc).sum() / (mask | disc).sum() > 0.95
    assert found.confidence > 0.8
    assert found.notice == ""


def test_the_real_network_says_so_when_there_is_no_product(segmenter: NetworkSegmenter) -> None:
    noise = np.random.default_rng(4).integers(90, 160, (300, 400, 3), dtype=np.uint8)
    found = segment(noise, segmenter)
    assert found.confidence < LOW_CONFIDENCE
    assert found.notice
    assert found.alpha.max() > 0.5


def test_the_first_look_has_the_photos_size_and_range(segmenter: NetworkSegmenter) -> None:
    alpha = first_look(PHOTO[:, :150], segmenter)
    assert alpha.shape == (200, 150)
    assert alpha.dtype == np.float32
    assert 0 <= alpha.min() <= alpha.max() <= 1


@pytest.mark.parametrize("tone", [112, 128])
def test_a_product_in_the_grounds_own_tone_asks_for_a_hint_however_sure_the_network(
    tone: int,
) -> None:
    alpha = block(28, 28, 172, 172)
    found = closer_look(showing(alpha, tone), alpha, ScriptedSegmenter())
    assert found.confidence < LOW_CONFIDENCE
    assert found.notice == ALIKE


def test_a_short_stretch_of_low_contrast_costs_a_little() -> None:
    alpha = block(28, 28, 172, 172)
    photo = showing(alpha)
    photo[20:60, 20:60] = 75  # a corner where shadow and product are one
    found = closer_look(photo, alpha, ScriptedSegmenter())
    assert LOW_CONFIDENCE <= found.confidence < 1
    assert found.notice == ""


def test_an_undecided_area_beside_a_decided_product_is_flagged() -> None:
    alpha = block(28, 28, 150, 150)
    alpha[60:110, 150:190] = 0.4
    segmenter = ScriptedSegmenter(alpha, alpha[11:, 11:])
    found = segment(showing(alpha), segmenter)
    assert found.confidence < LOW_CONFIDENCE
    assert found.notice
