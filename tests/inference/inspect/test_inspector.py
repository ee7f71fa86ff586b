"""The inspector runs every check once, remembers photos, and reads text in both pictures."""

from pathlib import Path

import numpy as np
import pytest

from inference.errors import PhotoUnreadable, ShapeMismatch
from inference.inspect.evidence import gather, grown, read_photo, read_result, shrunk
from inference.inspect.findings import Finding, Item, Verdict
from inference.inspect.inspector import Context, Inspector
from inference.inspect.scene import placement_of
from inference.inspect.text import check_text, read_photo_text, same_share
from inference.networks.policy import ContentScores
from inference.pixels.arrays import RgbU8
from tests.inference.inspect.studio import MugFinder, ReaderOfOneWord, Studio, png


class JudgeOf:
    """A classifier that is of one opinion."""

    def __init__(self, explicit: float = 0.0) -> None:
        self.explicit = explicit
        self.calls = 0

    def judge(self, rgb: RgbU8) -> ContentScores:
        self.calls += 1
        return ContentScores(0.0, 0.0, 1 - self.explicit, self.explicit, 0.0)


def _by_check(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {found.check: found for found in findings}


def _inspector(reader: ReaderOfOneWord, judge: JudgeOf) -> Inspector:
    return Inspector(reader, judge, MugFinder())


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"))


def test_every_item_of_the_checklist_is_answered_once(studio: Studio) -> None:
    request = studio.request()
    inspector = _inspector(ReaderOfOneWord(), JudgeOf())
    inspection = inspector.inspect(request, studio.render(request).image.data, Context())
    assert {found.item for found in inspection.findings} == set(Item)
    assert len(inspection.findings) == len(Item)
    verdicts = {found.check: found.verdict for found in inspection.findings}
    assert verdicts.pop("consistency") is Verdict.UNCHECKED
    assert set(verdicts.values()) == {Verdict.PASS}
    assert inspection.summary is not None
    assert set(inspection.timings_ms) == {"read", "photo", *verdicts, "consistency"}


def test_a_lost_word_and_a_policy_hit_raise_doubt_and_say_where(studio: Studio) -> None:
    request = studio.request()
    inspector = _inspector(ReaderOfOneWord(result_says="5QFT"), JudgeOf(0.95))
    inspection = inspector.inspect(request, studio.render(request).image.data, Context())
    found = _by_check(inspection.findings)
    assert found["text"].verdict is Verdict.FAIL
    assert found["text"].sentence == "“SOFTBOX” on the product now reads “5QFT”."
    assert found["text"].region is not None
    assert found["policy"].verdict is Verdict.HOLD
    assert inspection.uncertainty == 1.0


def test_a_photo_is_read_once_for_all_pictures_made_from_it(studio: Studio) -> None:
    request = studio.request()
    reader, judge = ReaderOfOneWord(), JudgeOf()
    inspector = _inspector(reader, judge)
    picture = studio.render(request).image.data
    for _ in range(3):
        inspector.inspect(request, picture, Context())
    assert (reader.calls, judge.calls) == (1 + 3, 1 + 3)


def test_a_picture_of_another_size_is_refused(studio: Studio) -> None:
    request = studio.request()
    small = png(np.zeros((64, 64, 3), dtype=np.uint8))
    with pytest.raises(ShapeMismatch, match="64 × 64"):
        _inspector(ReaderOfOneWord(), JudgeOf()).inspect(request, small, Context())
    with pytest.raises(PhotoUnreadable):
        read_result(b"no picture")


def test_text_that_cannot_be_read_in_the_result_fails(studio: Studio) -> None:
    request = studio.request()
    source = read_photo(request.photo, request.cutout)
    evidence = gather(source, read_result(studio.render(request).image.data), placement_of(request))
    reader = ReaderOfOneWord(result_says="")
    found = check_text(evidence, read_photo_text(reader, source), reader)
    assert found.verdict is Verdict.FAIL
    assert found.sentence == "“SOFTBOX” cannot be read any more."


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ("Crème Brûlée", "creme brulee", 1.0),
        ("ORANGE", "ORANCE", 5 / 6),
        ("ORANGE", "", 0.0),
        ("1,5 L", "15L", 1.0),
        ("", "", 1.0),
    ],
)
def test_words_are_compared_by_their_letters(before: str, after: str, share: float) -> None:
    assert same_share(before, after) == pytest.approx(share)


def test_masks_grow_and_shrink_by_whole_pixels(tmp_path: Path) -> None:
    mask = np.zeros((11, 13), dtype=np.bool_)
    mask[5, 6] = True
    wide = grown(mask, 2)
    assert wide.sum() == 25
    assert (shrunk(wide, 2) == mask).all()
    assert shrunk(np.ones_like(mask), 3).all()
    assert (grown(mask, 0) == mask).all()
