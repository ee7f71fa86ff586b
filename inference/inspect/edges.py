"""Clean edges: no old background in the outline, nothing cut off, no hole filled, no ragged edge.

Nobody knows the true outline, so the photo is asked: where a cutout is right, the photo changes
colour at its edge, from the product's colour to the background's.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from inference.inspect.evidence import Evidence, box_of, grown, shrunk
from inference.inspect.findings import Finding, Item, Verdict
from inference.inspect.second_look import SecondLook
from inference.pixels.alpha import components
from inference.pixels.arrays import BoolMask, RgbU8
from inference.pixels.colour import linear_to_srgb, srgb_to_linear
from inference.pixels.resize import blur
from inference.requests import Box

CHECK = "edges"
# Distances in sRGB levels (0..441): colours this far apart can be told from each other …
_DISTINCT = 40.0
# … and this near they are one colour with its noise.
_ALIKE = 14.0
# Set on one half of the development photos; docs/inspection.md has the figures.
HALO_WARN, HALO_FAIL = 0.3, 0.5
LEAK_WARN = 0.55
HOLE_WARN, HOLE_FAIL = 0.006, 0.03
LOST_WARN, LOST_FAIL = 0.03, 0.08
# A bright part before a bright ground can look like a gap: this alone never fails a picture.
FILLED_WARN = 0.006
ROUGH_WARN = 1.45
# Of the product's side that the frame may take before it counts as cut off.
_OVERHANG = 0.01


@dataclass(frozen=True, slots=True)
class Patch:
    """How much of something was found (a share, see its user), and the largest place of it."""

    share: float
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """What the outline shows.

    `halo` is the share of the outline, of what can be told, that has the old background's colour
    inside; `leak` the median share of it in the soft edge; `hole` the share of the product's area
    that looks like a gap; `roughness` the outline's length over a smoothed one's.
    """

    halo: Patch
    leak: float
    hole: Patch
    roughness: float


def check_edges(evidence: Evidence, second: SecondLook) -> Finding:
    """Judge the outline, with a second look at the photo; the region is where the worst is."""
    if (cropped := _cropped(evidence)) is not None:
        return cropped
    outline = measure_outline(evidence)
    if outline is None:
        sentence = "The product’s outline is too small to be judged."
        return Finding(CHECK, Item.EDGES, 0.5, Verdict.UNCHECKED, sentence)
    problems = _problems(outline, second, evidence)
    worst, fails, sentence, region = max(problems, key=lambda problem: problem[0])
    score = round(float(np.clip(1 - worst / 2, 0, 1)), 3)
    if worst < 1:
        sentence = "The outline is clean."
        return Finding(CHECK, Item.EDGES, score, Verdict.PASS, sentence)
    verdict = Verdict.FAIL if fails else Verdict.WARN
    return Finding(CHECK, Item.EDGES, score, verdict, sentence, region)


def _problems(
    outline: Outline, second: SecondLook, evidence: Evidence
) -> list[tuple[float, bool, str, Box | None]]:
    """(how bad, 1 = just worth a warning; whether it fails; the sentence; where)."""
    halo, hole = outline.halo, outline.hole
    lost, filled = second.lost, second.filled
    return [
        (
            halo.share / HALO_WARN,
            halo.share >= HALO_FAIL,
            "A rim of the old background is left round the product.",
            _on_output(halo.box, evidence),
        ),
        (
            outline.leak / LEAK_WARN,
            False,
            "The old background’s colour shines through the product’s edge.",
            None,
        ),
        (
            lost.share / LOST_WARN,
            lost.share >= LOST_FAIL,
            "Part of the product seems to be cut off here.",
            _in_output(lost.box, evidence),
        ),
        (
            filled.share / FILLED_WARN,
            False,
            "A gap in the product seems to be filled with the old background.",
            _in_output(filled.box, evidence),
        ),
        (
            hole.share / HOLE_WARN,
            hole.share >= HOLE_FAIL,
            "A gap in the product still shows the old background.",
            _on_output(hole.box, evidence),
        ),
        (outline.roughness / ROUGH_WARN, False, "The product’s outline is ragged.", None),
    ]


def _on_output(box: Box | None, evidence: Evidence) -> Box | None:
    return None if box is None else evidence.output_box(box)


def _in_output(box: Box | None, evidence: Evidence) -> Box | None:
    """Upright native photo pixels to the result's."""
    if box is None:
        return None
    place = evidence.placement
    return Box(
        int(box.left * place.scale + place.offset_x),
        int(box.top * place.scale + place.offset_y),
        int(box.right * place.scale + place.offset_x) + 1,
        int(box.bottom * place.scale + place.offset_y) + 1,
    )


def _cropped(evidence: Evidence) -> Finding | None:
    """The frame itself cuts the product, or a straight cut of the photo shows inside the frame."""
    width, height = evidence.frame
    box = evidence.product_box()
    over = {
        "left": -box.left,
        "top": -box.top,
        "right": box.right - width,
        "bottom": box.bottom - height,
    }
    slack = _OVERHANG * max(box.width, box.height)
    touches = evidence.measurements.touches
    cut = [side for side, length in over.items() if side not in touches and length > slack]
    bare = [side for side in touches if over[side] < -slack]
    if cut:
        sentence = f"The picture’s {cut[0]} edge cuts the product off."
        return Finding(CHECK, Item.EDGES, 0.1, Verdict.FAIL, sentence, _edge(cut[0], width, height))
    if bare:
        sentence = "The photo’s own edge cuts the product off, and the cut shows."
        return Finding(
            CHECK, Item.EDGES, 0.1, Verdict.FAIL, sentence, _edge(bare[0], width, height)
        )
    return None


def _edge(side: str, width: int, height: int) -> Box:
    depth = max(1, min(width, height) // 24)
    return {
        "left": Box(0, 0, depth, height),
        "top": Box(0, 0, width, depth),
        "right": Box(width - depth, 0, width, height),
        "bottom": Box(0, height - depth, width, height),
    }[side]


def measure_outline(evidence: Evidence) -> Outline | None:
    """Measure on the common grid; None where the product is too small."""
    alpha = evidence.alpha_view
    mask = alpha >= 128
    if np.count_nonzero(shrunk(mask, 8)) < 400:
        return None
    photo = _planes(evidence.photo_view)
    outer = grown(alpha > 5, 12) & ~grown(alpha > 5, 2)
    old, has_old = _local(photo, outer, 6.0)
    deep = shrunk(alpha >= 250, 7) & ~shrunk(alpha >= 250, 18)
    own, has_own = _local(photo, deep, 6.0)
    is_told = has_old & has_own & (_distance(old, own) > _DISTINCT)
    result = _planes(evidence.result_view)
    smooth = _smoothed(mask)
    return Outline(
        halo=_halo(result, own, old, is_told, evidence),
        leak=_leak(result, own, old, is_told, evidence),
        hole=_hole(photo, mask, outer),
        roughness=_length(mask) / max(1, _length(smooth)),
    )


def _planes(rgb: RgbU8) -> torch.Tensor:
    """(3, h, w) float32 sRGB levels 0..255."""
    return torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1))).to(torch.float32)


def _local(planes: torch.Tensor, where: BoolMask, sigma: float) -> tuple[torch.Tensor, BoolMask]:
    """The mean colour of the nearby pixels in `where`, and where there are any."""
    weight = torch.from_numpy(where).to(torch.float32)[None]
    total = blur(torch.cat([planes * weight, weight]), sigma)
    share = total[3].clamp(min=1e-6)
    return total[:3] / share, np.asarray(total[3].numpy() > 2e-3)


def _distance(first: torch.Tensor, second: torch.Tensor) -> NDArray[np.float32]:
    return np.asarray((first - second).square().sum(dim=0).sqrt().numpy())


def _towards(
    planes: torch.Tensor, start: torch.Tensor, end: torch.Tensor
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far from `start` to `end` each colour lies, and how far it is off that line."""
    along = end - start
    length = along.square().sum(dim=0).clamp(min=1.0)
    share = ((planes - start) * along).sum(dim=0) / length
    off = (planes - start - share * along).square().sum(dim=0).sqrt()
    return np.asarray(share.numpy()), np.asarray(off.numpy())


def _halo(
    result: torch.Tensor,
    own: torch.Tensor,
    old: torch.Tensor,
    is_told: BoolMask,
    evidence: Evidence,
) -> Patch:
    """Old background just inside the solid outline."""
    solid = evidence.alpha_view >= 250
    strip = shrunk(solid, 1) & ~shrunk(solid, 4) & is_told
    count = int(np.count_nonzero(strip))
    if count < 60:
        return Patch(0.0)
    share, off = _towards(result, own, old)
    spoilt = strip & (share > 0.65) & (off < 0.6 * _DISTINCT)
    return Patch(np.count_nonzero(spoilt) / count, _largest_box(grown(spoilt, 2)))


def _leak(
    result: torch.Tensor,
    own: torch.Tensor,
    old: torch.Tensor,
    is_told: BoolMask,
    evidence: Evidence,
) -> float:
    """How far the soft edge's colour has gone from the product's to the old background's."""
    alpha = evidence.alpha_view
    new_ring = grown(alpha > 5, 8) & ~grown(alpha > 5, 2)
    new, has_new = _local(result, new_ring, 3.0)
    # The compositor mixes light, not levels: undo it, and see whose colour was mixed in.
    cover = torch.from_numpy(alpha.astype(np.float32) / 255).clamp(min=0.1)
    light = srgb_to_linear(result / 255) - (1 - cover) * srgb_to_linear(new / 255)
    mixed_in = linear_to_srgb(light / cover) * 255
    # The outer half: there a matte that is too soft takes the background for product.
    is_soft = (alpha > 45) & (alpha < 140) & is_told & has_new & (_distance(new, old) > _DISTINCT)
    if np.count_nonzero(is_soft) < 60:
        return 0.0
    share, _ = _towards(mixed_in, own, old)
    return float(np.clip(np.median(share[is_soft]), 0, 1))


def _hole(photo: torch.Tensor, mask: BoolMask, outer: BoolMask) -> Patch:
    """A patch inside the product that is the background's colour and set off by an edge."""
    old, has_old = _local(photo, outer, 40.0)
    alike = shrunk(mask, 3) & has_old & (_distance(photo, old) < _ALIKE)
    opened = grown(shrunk(alike, 3), 3) & mask
    labels, areas = components(opened)
    area = int(np.count_nonzero(mask))
    best = Patch(0.0)
    for label in np.argsort(areas[1:])[::-1][:4] + 1:
        share = float(areas[label]) / area
        if share <= best.share or share < HOLE_WARN / 2:
            continue
        patch = labels == label
        if _stands_out(photo, patch, mask):
            best = Patch(share, box_of(patch))
    return best


def _stands_out(photo: torch.Tensor, patch: BoolMask, mask: BoolMask) -> bool:
    """Whether most of the patch's surroundings inside the product have another colour."""
    ring = grown(patch, 8) & ~grown(patch, 4) & mask
    if np.count_nonzero(ring) < 40:
        return False
    middle = photo[:, torch.from_numpy(patch)].mean(dim=1)
    around = photo[:, torch.from_numpy(ring)]
    far = (around - middle[:, None]).square().sum(dim=0).sqrt() > _DISTINCT
    return bool(far.to(torch.float32).mean() > 0.7)


def _smoothed(mask: BoolMask) -> BoolMask:
    plane = blur(torch.from_numpy(mask).to(torch.float32)[None], 5.0)[0]
    return np.asarray(plane.numpy() > 0.5)


def _length(mask: BoolMask) -> int:
    return int(np.count_nonzero(mask & ~shrunk(mask, 1)))


def _largest_box(mask: BoolMask) -> Box | None:
    labels, areas = components(mask)
    if areas.size < 2:
        return None
    return box_of(labels == 1 + int(np.argmax(areas[1:])))
