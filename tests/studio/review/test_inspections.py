"""What the engine's checks find is kept beside each finished picture."""

from collections.abc import Callable

import pytest

from inference.inspect.findings import Finding, Inspection, Item, Summary, Verdict
from inference.requests import Box
from studio.accounts.selectors import Actor
from studio.renders.models import Render
from studio.renders.services import submit_for_review
from studio.review.models import Inspection as InspectionRow
from studio.review.services.inspections import InspectionKeeper
from tests.factories import make_finished_render, make_photo

pytestmark = pytest.mark.django_db

RunWork = Callable[[], int]

SUMMARY = Summary(fill=0.8, centre_x=0.5, centre_y=0.52, backdrop=(98.0, 0.0, 1.0))


@pytest.mark.usefixtures("inspections")
def test_every_full_quality_picture_is_inspected_once_it_is_finished(
    seller: Actor, run_work: RunWork
) -> None:
    render = make_finished_render(seller, run_work)
    row = InspectionRow.objects.get(render=render)
    assert row.inspected_sha256 == render.result_sha256
    assert [found["item"] for found in row.findings] == [item.value for item in Item]
    # The fake engine checks nothing, and says so: that is no picture whose every check passed.
    assert row.outcome == InspectionRow.Outcome.UNCHECKED
    assert not row.has_passed_everything


def test_a_picture_is_compared_with_other_products_in_exactly_its_look(
    seller: Actor, run_work: RunWork
) -> None:
    keeper = InspectionKeeper()
    first, second = (
        make_finished_render(seller, run_work, photo=make_photo(seller, colour=colour))
        for colour in ("#203080", "#206040")
    )
    finding = Finding("edges", Item.EDGES, 0.2, Verdict.FAIL, "A halo.", Box(1, 2, 30, 40))
    keeper.keep(first, Inspection((finding,), 0.9, summary=SUMMARY))
    assert keeper.siblings_of(second) == [SUMMARY]
    assert keeper.siblings_of(first) == []
    kept = InspectionRow.objects.get(render=first)
    assert (kept.outcome, kept.findings[0]["region"]) == ("fail", [1, 2, 30, 40])


def _inspect(render: Render, *findings: Finding) -> InspectionRow:
    InspectionKeeper().keep(render, Inspection(findings, 0.1))
    return InspectionRow.objects.get(render=render)


PASSED = (
    Finding("edges", Item.EDGES, 0.9, Verdict.PASS, "Clean.", Box(1, 2, 30, 40)),
    Finding("resolution", Item.RESOLUTION, 1.0, Verdict.PASS, "Enough.", None),
)


@pytest.mark.usefixtures("inspections")
def test_a_picture_is_held_to_the_sizes_of_the_channels_it_is_sent_for(
    seller: Actor, run_work: RunWork
) -> None:
    render = make_finished_render(seller, run_work, size=512)
    before = _inspect(render, *PASSED)
    assert before.outcome == "pass"
    submit_for_review(actor=seller, render=render, channels=["walmart", "web"])
    after = InspectionRow.objects.get(render=render)
    edges, resolution = after.findings
    assert resolution["verdict"] == "fail"
    assert "too few for Walmart" in resolution["sentence"]
    assert edges == before.findings[0], "what has nothing to do with sizes stays"
    assert after.outcome == "fail"
    assert after.uncertainty > before.uncertainty


@pytest.mark.usefixtures("inspections")
def test_a_picture_that_was_sent_before_its_inspection_ended_is_held_to_them_too(
    seller: Actor, run_work: RunWork
) -> None:
    render = make_finished_render(seller, run_work, size=512)
    InspectionRow.objects.all().delete()
    submit_for_review(actor=seller, render=render, channels=["walmart"])
    assert _inspect(Render.objects.get(pk=render.pk), *PASSED).outcome == "fail"


@pytest.mark.usefixtures("inspections")
def test_a_picture_large_enough_for_its_channels_passes(seller: Actor, run_work: RunWork) -> None:
    render = make_finished_render(seller, run_work, size=1024)
    _inspect(render, *PASSED)
    submit_for_review(actor=seller, render=render, channels=["ebay"])
    resolution = InspectionRow.objects.get(render=render).findings[1]
    assert "eBay" in resolution["sentence"]
    assert "too few" not in resolution["sentence"]
