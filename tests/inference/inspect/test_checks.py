"""Every planted fault is found by the check responsible; a clean picture passes all of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.inspect.colours import check_colours
from inference.inspect.consistency import check_consistency, summarise
from inference.inspect.defects import DEFECTS, Defect, Kit
from inference.inspect.edges import check_edges
from inference.inspect.evidence import Evidence, gather, read_photo, read_result
from inference.inspect.findings import ChannelNeed, Finding, Item, Summary, Verdict
from inference.inspect.light import check_light
from inference.inspect.policy import check_policy
from inference.inspect.product import check_product
from inference.inspect.resolution import check_resolution
from inference.inspect.scene import placement_of, scene_of
from inference.inspect.second_look import SecondLook, look_again
from tests.inference.inspect.studio import MugFinder, Studio, like

ALARMS = (Verdict.WARN, Verdict.FAIL)


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return Studio(tmp_path_factory.mktemp("studio")).kit()


def _found(defect: Defect, kit: Kit) -> Finding:
    planted = defect.plant(kit)
    assert planted is not None, "the fault can be planted into this product"
    result = read_result(planted.picture)
    placement = planted.context.placement or placement_of(planted.request)
    height, width = result.shape[:2]
    scene = scene_of(planted.request, width=width, height=height)
    source = read_photo(planted.request.photo, planted.request.cutout)
    evidence = gather(source, result, placement, scene)
    checks: dict[str, Callable[[], Finding]] = {
        "product": lambda: check_product(evidence),
        "colours": lambda: check_colours(evidence),
        "edges": lambda: check_edges(evidence, look_again(MugFinder(), source)),
        "light": lambda: check_light(evidence),
        "resolution": lambda: check_resolution(evidence.sizes, planted.context.channels),
        "consistency": lambda: check_consistency(summarise(evidence), planted.context.siblings),
    }
    return checks[defect.check]()


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.slug)
def test_a_planted_fault_is_found_and_said_in_a_sentence(defect: Defect, kit: Kit) -> None:
    found = _found(defect, kit)
    assert found.verdict in ALARMS, found
    assert found.check == defect.check
    assert found.sentence.endswith(".")
    assert found.score < 0.7


@pytest.mark.parametrize(
    "style", ["pure-white", "white-soft-shadow", "studio-sweep", "sweep-blush", "glossy-black"]
)
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_a_clean_picture_passes(style: str, is_mirrored: bool, tmp_path: Path) -> None:
    kit = Studio(tmp_path, is_mirrored=is_mirrored).kit(style)
    findings = [
        check_product(kit.evidence),
        check_colours(kit.evidence),
        check_edges(kit.evidence, SecondLook()),
        check_light(kit.evidence),
        check_resolution(kit.evidence.sizes, [ChannelNeed("Shop", smallest_longest_px=600)]),
        check_consistency(summarise(kit.evidence), kit.context.siblings),
    ]
    assert [found for found in findings if found.verdict is not Verdict.PASS] == []


def test_a_small_repaint_is_shown_where_it_is(kit: Kit) -> None:
    result = kit.evidence.result.copy()
    box = kit.evidence.product_box()
    left, top = box.left + box.width // 4, box.top + box.height // 5
    result[top : top + 30, left : left + 30] = (20, 160, 40)
    evidence = gather(
        read_photo(kit.request.photo, kit.request.cutout), result, kit.evidence.placement
    )
    found = check_product(evidence)
    assert found.verdict is Verdict.FAIL
    assert found.region is not None
    assert found.region.left <= left + 15 <= found.region.right
    assert found.region.top <= top + 15 <= found.region.bottom
    assert found.region.width < box.width / 3


def test_a_repainted_edge_of_nothing_but_backdrop_is_no_change(kit: Kit) -> None:
    result = kit.evidence.result.copy()
    result[:20] = 0
    source = read_photo(kit.request.photo, kit.request.cutout)
    assert check_product(gather(source, result, kit.evidence.placement)).verdict is Verdict.PASS


def test_without_a_known_scene_light_is_left_to_people(kit: Kit) -> None:
    found = check_light(replace(kit.evidence, scene=None))
    assert found.verdict is Verdict.UNCHECKED
    assert "look at them" in found.sentence


def test_a_product_that_the_frame_cuts_is_said_to_be_cut_there(kit: Kit) -> None:
    place = kit.evidence.placement
    evidence: Evidence = replace(
        kit.evidence, placement=replace(place, offset_x=place.offset_x - 300)
    )
    found = check_edges(evidence, SecondLook())
    assert (found.verdict, found.item) == (Verdict.FAIL, Item.EDGES)
    assert found.sentence == "The picture’s left edge cuts the product off."


def test_resolution_names_the_channel_and_counts_enlarging(kit: Kit) -> None:
    found = check_resolution(kit.evidence.sizes, [ChannelNeed("Walmart", smallest_longest_px=1500)])
    assert found.verdict is Verdict.FAIL
    assert found.sentence == "600 × 600 pixels are too few for Walmart."
    place = replace(kit.evidence.placement, scale=2.0)
    enlarged = replace(kit.evidence, placement=place)
    found = check_resolution(enlarged.sizes, [ChannelNeed("Etsy", smallest_longest_px=500)])
    assert found.verdict is Verdict.FAIL
    assert "2.0 times" in found.sentence
    assert "Etsy" in found.sentence


def test_siblings_are_compared_only_when_there_are_two() -> None:
    summary = Summary(0.7, 0.5, 0.5, (80.0, 0.0, 0.0))
    assert check_consistency(summary, [summary]).verdict is Verdict.UNCHECKED
    assert check_consistency(summary, [summary] * 2).verdict is Verdict.PASS
    aside = check_consistency(summary, [like(summary, centre_x=0.6)] * 2)
    assert aside.sentence == "The product sits elsewhere than in this look’s others."
    darker = Summary(0.7, 0.5, 0.5, (60.0, 0.0, 0.0))
    assert "backdrop" in check_consistency(darker, [summary] * 3).sentence


@pytest.mark.parametrize(("photo", "result"), [(0.95, 0.0), (0.0, 0.95)])
def test_a_policy_hit_on_either_side_holds_the_picture(photo: float, result: float) -> None:
    found = check_policy(photo, result)
    assert found.verdict is Verdict.HOLD
    assert ("photo" in found.sentence) == (photo > result)
    assert check_policy(0.2, 0.3).verdict is Verdict.PASS


def test_scores_fall_as_the_colour_drifts(kit: Kit) -> None:
    source = read_photo(kit.request.photo, kit.request.cutout)
    scores = []
    for gain in (1.0, 0.97, 0.93, 0.85):
        result = (kit.evidence.result * np.array([1, 1, gain])).astype(np.uint8)
        scores.append(check_colours(gather(source, result, kit.evidence.placement)).score)
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4
