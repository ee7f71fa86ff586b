"""Correcting a cutout by hand: steps, undo, what is made again and what is not."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from inference.requests import Box, Stroke, StrokeKind, Translucency
from inference.testing import FakeEngine
from studio.accounts.selectors import Actor
from studio.catalog.hints import Hints
from studio.catalog.models import Correction, Cutout, Photo
from studio.catalog.selectors import photo_of
from studio.catalog.services import (
    add_strokes,
    cutouts,
    keep_shadow,
    keep_subjects,
    photo_view_key,
    redo_correction,
    set_box,
    set_mask,
    set_translucency,
    start_over,
    undo_correction,
)
from studio.catalog.services.cutouts import start_cutout
from studio.core.errors import Conflict, Invalid, NotAllowed
from studio.core.storage import read_bytes
from studio.core.work import State
from studio.renders.models import Render
from studio.renders.services import RenderOrder, order_render
from tests import factories

RunWork = Callable[[], int]

# The test photo is 240 × 180 with its box at 60..180 × 45..157.
ERASE = Stroke(StrokeKind.ERASE, 20, ((70, 60), (70, 150)), is_exact=True)
KEEP = Stroke(StrokeKind.KEEP, 12, ((200, 100),), is_exact=True)


class CountingEngine(FakeEngine):
    """Counts how often the network runs."""

    cut = 0

    def cut_out(self, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN002, ANN003, ANN201
        self.cut += 1
        return super().cut_out(*args, **kwargs)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> CountingEngine:
    engine = CountingEngine()
    monkeypatch.setattr(cutouts, "engine", lambda: engine)
    return engine


@pytest.fixture
def photo(seller: Actor, run_work: RunWork, counting: CountingEngine) -> Photo:
    """A photo that is cut out."""
    made = factories.make_photo(seller)
    run_work()
    return made


def cutout_of(photo: Photo) -> Cutout:
    return Cutout.objects.filter(photo=photo).latest("pk")


def alpha_of(photo: Photo) -> np.ndarray:
    with Image.open(io.BytesIO(read_bytes(cutout_of(photo).alpha_key))) as image:
        return np.asarray(image.convert("L"))


def test_a_stroke_is_painted_without_running_the_network_again(
    seller: Actor, photo: Photo, run_work: RunWork, counting: CountingEngine
) -> None:
    before = cutout_of(photo)
    add_strokes(actor=seller, photo=photo, strokes=[ERASE])
    assert cutout_of(photo).state == State.QUEUED
    run_work()
    after = cutout_of(photo)
    assert after.state == State.FINISHED
    assert alpha_of(photo)[100, 70] == 0
    assert after.alpha_sha256 != before.alpha_sha256
    assert after.content_key != before.content_key, "every look is made again"
    assert after.measured.subject.left > before.measured.subject.left
    assert after.machine["alpha_sha256"] == before.alpha_sha256, "the machine's own is kept"
    assert counting.cut == 1


def test_undo_and_redo_walk_the_steps_and_find_the_same_cutouts(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    keys = [cutout_of(photo).content_key]
    shas = [cutout_of(photo).alpha_sha256]
    for stroke in (ERASE, KEEP):
        add_strokes(actor=seller, photo=photo, strokes=[stroke])
        run_work()
        keys.append(cutout_of(photo).content_key)
        shas.append(cutout_of(photo).alpha_sha256)
    assert len(set(shas)) == 3
    for number in (1, 0):
        undo_correction(actor=seller, photo=photo)
        run_work()
        assert (cutout_of(photo).content_key, cutout_of(photo).alpha_sha256) == (
            keys[number],
            shas[number],
        )
    with pytest.raises(Conflict, match="nothing to undo"):
        undo_correction(actor=seller, photo=photo)
    redo_correction(actor=seller, photo=photo)
    redo_correction(actor=seller, photo=photo)
    run_work()
    assert cutout_of(photo).alpha_sha256 == shas[2]
    with pytest.raises(Conflict, match="nothing to redo"):
        redo_correction(actor=seller, photo=photo)


def test_a_step_after_an_undo_ends_the_redo_and_loses_no_row(seller: Actor, photo: Photo) -> None:
    add_strokes(actor=seller, photo=photo, strokes=[ERASE])
    undo_correction(actor=seller, photo=photo)
    add_strokes(actor=seller, photo=photo, strokes=[KEEP])
    with pytest.raises(Conflict):
        redo_correction(actor=seller, photo=photo)
    standings = list(photo.corrections.order_by("number").values_list("standing", flat=True))
    assert standings == [Correction.Standing.DROPPED, Correction.Standing.DONE]
    assert Photo.objects.get(pk=photo.pk).corrections_version == 3


def test_the_strokes_survive_another_network(
    seller: Actor, photo: Photo, run_work: RunWork, settings: object
) -> None:
    add_strokes(actor=seller, photo=photo, strokes=[ERASE])
    run_work()
    configuration = settings.CONFIGURATION  # type: ignore[attr-defined]
    settings.CONFIGURATION = configuration.model_copy(  # type: ignore[attr-defined]
        update={"network": "isnet-general"}
    )
    newer = start_cutout(photo)
    assert newer.network == "isnet-general"
    run_work()
    assert alpha_of(photo)[100, 70] == 0
    assert cutout_of(photo).pk == newer.pk


def test_a_box_runs_the_network_again_and_the_strokes_lie_over_it(
    seller: Actor, photo: Photo, run_work: RunWork, counting: CountingEngine
) -> None:
    add_strokes(actor=seller, photo=photo, strokes=[KEEP])
    run_work()
    set_box(actor=seller, photo=photo, box=Box(100, -20, 900, 400))
    run_work()
    assert counting.cut == 2
    alpha = alpha_of(photo)
    assert alpha[100, 80] == 0
    assert alpha[100, 130] == 255
    assert alpha[100, 200] == 255
    set_box(actor=seller, photo=photo, box=None)
    run_work()
    assert alpha_of(photo)[100, 80] == 255


def test_a_box_that_can_hold_nothing_is_refused(seller: Actor, photo: Photo) -> None:
    for box in (Box(300, 300, 400, 400), Box(10, 10, 12, 100), Box(50, 50, 20, 20)):
        with pytest.raises(Invalid, match="inside the photo"):
            set_box(actor=seller, photo=photo, box=box)
    assert not photo.corrections.exists()


def test_of_several_products_some_can_be_kept(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    with pytest.raises(Conflict, match="only one"):
        keep_subjects(actor=seller, photo=photo, kept=[0])
    cutout = cutout_of(photo)
    left, right = Box(60, 45, 118, 158), Box(122, 45, 180, 158)
    boxes = [{n: getattr(b, n) for n in ("left", "top", "right", "bottom")} for b in (left, right)]
    machine = cutout.machine | {"subjects": boxes}
    Cutout.objects.filter(pk=cutout.pk).update(machine=machine)
    with pytest.raises(Invalid):
        keep_subjects(actor=seller, photo=photo, kept=[2])
    with pytest.raises(Invalid):
        keep_subjects(actor=seller, photo=photo, kept=[])
    keep_subjects(actor=seller, photo=photo, kept=[0])
    run_work()
    assert alpha_of(photo)[100, 90] == 255
    assert alpha_of(photo)[100, 150] == 0
    keep_subjects(actor=seller, photo=photo, kept=[0, 1])
    run_work()
    assert alpha_of(photo)[100, 150] == 255


def test_products_found_again_a_little_elsewhere_are_the_same_products() -> None:
    left, right = Box(0, 0, 100, 100), Box(200, 0, 300, 100)
    hints = Hints(kept=(Box(4, 2, 103, 99),))
    assert hints.dropped([left, right]) == (right,)
    assert Hints(kept=(Box(500, 500, 600, 600),)).dropped([left, right]) == ()


def mask(size: tuple[int, int] = (120, 90), *, fill: int = 255) -> bytes:
    image = Image.new("L", size)
    image.paste(fill, (0, 0, size[0] // 2, size[1]))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_a_mask_of_ones_own_replaces_the_networks(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    set_mask(actor=seller, photo=photo, file=factories.upload_of(mask(), "mask.png"))
    run_work()
    alpha = alpha_of(photo)
    assert alpha.shape == (180, 240)
    assert (alpha[90, 20], alpha[90, 220]) == (255, 0)
    set_mask(actor=seller, photo=photo, file=None)
    run_work()
    assert alpha_of(photo)[90, 20] == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"no picture", "not a photo"),
        (mask((100, 100)), "photo's shape"),
        (mask(fill=0), "black all over"),
    ],
)
def test_a_bad_mask_is_refused_with_a_sentence(
    seller: Actor, photo: Photo, data: bytes, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        set_mask(actor=seller, photo=photo, file=factories.upload_of(data, "mask.png"))


def test_the_shadow_can_be_kept_only_where_there_is_one(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    with pytest.raises(Conflict, match="no shadow"):
        keep_shadow(actor=seller, photo=photo, keeps=True)
    cutout = cutout_of(photo)
    machine = cutout.machine | {"shadow_key": "w/shadow.png", "shadow_sha256": "s" * 64}
    Cutout.objects.filter(pk=cutout.pk).update(machine=machine)
    keep_shadow(actor=seller, photo=photo, keeps=True)
    run_work()
    kept = cutout_of(photo)
    assert (kept.shadow_key, kept.shadow_sha256) == ("w/shadow.png", "s" * 64)
    assert kept.content_key != cutout.content_key
    keep_shadow(actor=seller, photo=photo, keeps=False)
    run_work()
    assert cutout_of(photo).shadow_key == ""


def test_glass_is_told_to_the_network(
    seller: Actor, photo: Photo, run_work: RunWork, counting: CountingEngine
) -> None:
    set_translucency(actor=seller, photo=photo, value=Translucency.GLASS)
    run_work()
    assert counting.cut == 2
    assert cutout_of(photo).state == State.FINISHED


def test_starting_over_can_be_undone(seller: Actor, photo: Photo, run_work: RunWork) -> None:
    untouched = cutout_of(photo).alpha_sha256
    add_strokes(actor=seller, photo=photo, strokes=[ERASE])
    run_work()
    start_over(actor=seller, photo=photo)
    run_work()
    assert cutout_of(photo).alpha_sha256 == untouched
    undo_correction(actor=seller, photo=photo)
    run_work()
    assert alpha_of(photo)[100, 70] == 0


def test_erasing_everything_fails_plainly_and_undo_heals_it(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    everything = Stroke(StrokeKind.ERASE, 240, ((120, 90),), is_exact=True)
    add_strokes(actor=seller, photo=photo, strokes=[everything])
    run_work()
    assert cutout_of(photo).state == State.FAILED
    assert "Nothing is left" in cutout_of(photo).error_message
    undo_correction(actor=seller, photo=photo)
    run_work()
    assert cutout_of(photo).state == State.FINISHED


def test_a_stroke_takes_the_row_from_whoever_works_on_it(seller: Actor, photo: Photo) -> None:
    add_strokes(actor=seller, photo=photo, strokes=[ERASE])
    worker = cutout_of(photo)
    assert worker.claim(lease_s=30)
    add_strokes(actor=seller, photo=photo, strokes=[KEEP])
    assert not worker.end(State.FINISHED), "the fence has moved on"
    assert cutout_of(photo).state == State.QUEUED
    assert cutout_of(photo).attempt == 0


def test_a_picture_that_waited_is_made_of_the_corrected_cutout(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    order = RenderOrder(photo=photo, style="pure-white", longest_side_px=128)
    early, _ = order_render(actor=seller, order=order)
    add_strokes(actor=seller, photo=photo, strokes=[ERASE])
    run_work()
    late, is_new = order_render(actor=seller, order=order)
    assert (late.pk, is_new) == (early.pk, False)
    undo_correction(actor=seller, photo=photo)
    run_work()
    fresh, is_new = order_render(actor=seller, order=order)
    assert is_new, "the picture with the stroke is not taken for one without"
    assert fresh.pk != early.pk
    assert Render.objects.get(pk=early.pk).state == State.FINISHED


def test_strokes_that_make_no_sense_are_refused(seller: Actor, photo: Photo) -> None:
    with pytest.raises(Invalid, match="at least one"):
        add_strokes(actor=seller, photo=photo, strokes=[])
    with pytest.raises(Invalid, match="radius"):
        add_strokes(actor=seller, photo=photo, strokes=[Stroke(StrokeKind.KEEP, 500, ((1, 1),))])
    long = Stroke(StrokeKind.KEEP, 5, ((1.0, 1.0),) * 5001)
    with pytest.raises(Invalid, match="5000 points"):
        add_strokes(actor=seller, photo=photo, strokes=[long])


def test_a_reviewer_corrects_nothing(reviewer: Actor, photo: Photo) -> None:
    mine = photo_of(reviewer, photo.public_id)
    for act in (start_over, undo_correction, redo_correction):
        with pytest.raises(NotAllowed):
            act(actor=reviewer, photo=mine)
    assert not photo.corrections.exists()


def test_the_editors_view_of_the_photo_is_made_once(photo: Photo) -> None:
    key = photo_view_key(photo)
    assert photo_view_key(photo) == key
    with Image.open(io.BytesIO(read_bytes(key))) as image:
        assert image.size == (240, 180)
