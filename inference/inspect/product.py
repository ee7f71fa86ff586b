"""Product unchanged: the result shows the photo's own product, block by block, and as sharp.

Colour is compared on small cells (CIEDE2000 of their mean colours), structure by SSIM's contrast
and structure term, which a scene's light may shift without meaning a repaint.

Source: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
structural similarity", IEEE Transactions on Image Processing 13 (2004), equation 9.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from inference.inspect.colour_difference import delta_e_2000, to_lab
from inference.inspect.evidence import Evidence, box_of, grown, shrunk
from inference.inspect.findings import Finding, Item, Verdict
from inference.pixels.alpha import components
from inference.pixels.arrays import BoolMask, RgbU8
from inference.requests import Box

CHECK = "product"
_CELL_PX = 4
_BLOCK_CELLS = 4
# Anything closer to the outline is a mixture with what lies behind.
_MARGIN_PX = 4
_SSIM_WINDOW_PX = 8
_C2 = (0.03 * 255) ** 2
# Set on one half of the development photos; docs/inspection.md has the figures.
DELTA_E_FAIL, DELTA_E_WARN = 9.0, 6.0
SSIM_FAIL, SSIM_WARN = 0.5, 0.65
SHARPNESS_FAIL, SHARPNESS_WARN = 0.35, 0.55
_UNCHANGED = "The product’s pixels are those of the photo."


@dataclass(frozen=True, slots=True)
class Change:
    """How far the product differs.

    `delta_e` and `structure` are (h, w) over blocks, NaN where a block shows too little product;
    `sharpness` is the result's share of the photo's own detail.
    """

    delta_e: NDArray[np.float32]
    structure: NDArray[np.float32]
    sharpness: float


def check_product(evidence: Evidence) -> Finding:
    """Compare the product of photo and result; the region holds the largest change."""
    change = measure_change(evidence)
    if change is None:
        return Finding(
            CHECK,
            Item.DETAILS,
            0.5,
            Verdict.UNCHECKED,
            "The product is too small or too sheer in this picture to be compared.",
        )
    for delta_e, structure, verdict in (
        (DELTA_E_FAIL, SSIM_FAIL, Verdict.FAIL),
        (DELTA_E_WARN, SSIM_WARN, Verdict.WARN),
    ):
        changed = (change.delta_e > delta_e) | (change.structure < structure)
        if (found := _largest(changed, evidence)) is not None:
            return Finding(CHECK, Item.DETAILS, _score(change), verdict, found[0], found[1])
    if change.sharpness < SHARPNESS_WARN:
        verdict = Verdict.FAIL if change.sharpness < SHARPNESS_FAIL else Verdict.WARN
        sentence = "The product is blurred: it shows less detail than the photo."
        return Finding(CHECK, Item.DETAILS, min(0.6, change.sharpness), verdict, sentence)
    return Finding(CHECK, Item.DETAILS, _score(change), Verdict.PASS, _UNCHANGED)


def measure_change(evidence: Evidence) -> Change | None:
    """Measure block-wise; None when the frame shows too little solid product."""
    inside = shrunk(evidence.alpha_view >= 252, _MARGIN_PX)
    cells = _share(inside, _CELL_PX) >= 0.999
    blocks = _share(cells, _BLOCK_CELLS) >= 0.5
    if not blocks.any():
        return None
    photo_lab = to_lab(_cell_means(evidence.photo_view))
    result_lab = to_lab(_cell_means(evidence.result_view))
    delta_e = _over_blocks(delta_e_2000(photo_lab, result_lab), cells, _BLOCK_CELLS)
    photo_luma, result_luma = _luma(evidence.photo_view), _luma(evidence.result_view)
    similarity, is_whole = _structure(photo_luma, result_luma, inside)
    structure = _over_blocks(similarity, is_whole, _BLOCK_CELLS)
    rows, columns = delta_e.shape
    structure = structure[:rows, :columns]
    sharpness = _detail_share(photo_luma, result_luma, inside)
    hidden = ~blocks
    delta_e[hidden], structure[hidden] = np.nan, np.nan
    return Change(delta_e, structure, sharpness)


def _cell_means(rgb: RgbU8) -> RgbU8:
    """Mean colours of whole cells, (h // cell, w // cell, 3) uint8."""
    planes = torch.from_numpy(rgb).permute(2, 0, 1).to(torch.float32)[None]
    means = functional.avg_pool2d(planes, _CELL_PX)[0]
    return np.asarray(means.permute(1, 2, 0).add(0.5).to(torch.uint8).numpy())


def _share(mask: BoolMask, size: int) -> NDArray[np.float32]:
    """Share of true pixels in each whole square of `size` pixels."""
    plane = torch.from_numpy(mask).to(torch.float32)[None, None]
    if min(mask.shape) < size:
        return np.zeros((0, 0), dtype=np.float32)
    return np.asarray(functional.avg_pool2d(plane, size)[0, 0].numpy())


def _over_blocks(values: NDArray[np.float32], counts: BoolMask, size: int) -> NDArray[np.float32]:
    """Mean of the counted values in each whole square, NaN where none counts."""
    plane = torch.from_numpy(np.where(counts, values, 0).astype(np.float32))[None, None]
    total = functional.avg_pool2d(plane, size)[0, 0].numpy()
    share = _share(counts, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: NDArray[np.float32] = np.where(share > 0, total / share, np.nan)
    return means


def _luma(rgb: RgbU8) -> torch.Tensor:
    weights = torch.tensor([0.299, 0.587, 0.114])
    return torch.from_numpy(rgb).to(torch.float32) @ weights


def _structure(
    first: torch.Tensor, second: torch.Tensor, inside: BoolMask
) -> tuple[NDArray[np.float32], BoolMask]:
    """SSIM's contrast and structure term, one value a cell, and which windows lie inside."""

    def means(plane: torch.Tensor) -> torch.Tensor:
        padded = functional.pad(plane[None, None], (0, _CELL_PX, 0, _CELL_PX), mode="replicate")
        return functional.avg_pool2d(padded, _SSIM_WINDOW_PX, stride=_CELL_PX)[0, 0]

    mean_1, mean_2 = means(first), means(second)
    var_1 = means(first * first) - mean_1**2
    var_2 = means(second * second) - mean_2**2
    both = means(first * second) - mean_1 * mean_2
    value = (2 * both + _C2) / (var_1.clamp(min=0) + var_2.clamp(min=0) + _C2)
    whole = means(torch.from_numpy(inside).to(torch.float32)) > 0.999
    return np.asarray(value.numpy()), np.asarray(whole.numpy())


def _detail_share(first: torch.Tensor, second: torch.Tensor, inside: BoolMask) -> float:
    """Energy of the finest detail, result over photo, where the photo has some; 1 where not."""
    fine_1, fine_2 = _fine(first), _fine(second)
    mask = torch.from_numpy(inside)
    # Only where there is detail to lose: elsewhere both hold nothing but noise.
    busy = mask & (fine_1.abs() > 4)
    if int(busy.sum()) < 200:
        return 1.0
    photo = float(fine_1[busy].square().sum())
    along = float((fine_1[busy] * fine_2[busy]).sum())
    return max(0.0, along / photo)


def _fine(plane: torch.Tensor) -> torch.Tensor:
    """What a 3 × 3 mean takes away."""
    padded = functional.pad(plane[None, None], (1, 1, 1, 1), mode="replicate")
    return plane - functional.avg_pool2d(padded, 3, stride=1)[0, 0]


def _largest(changed: BoolMask, evidence: Evidence) -> tuple[str, Box] | None:
    """The sentence and the region of the largest changed patch; None where nothing changed."""
    if not changed.any():
        return None
    labels, areas = components(grown(changed, 1) if changed.sum() > 1 else changed)
    areas[0] = 0
    box = box_of(labels == int(np.argmax(areas)))
    assert box is not None
    size = _CELL_PX * _BLOCK_CELLS
    region = Box(box.left * size, box.top * size, box.right * size, box.bottom * size)
    return "Part of the product does not look like the photo.", evidence.output_box(region)


def _score(change: Change) -> float:
    """1 for the photo's own pixels, one half where the worst block just fails, then down to 0."""
    delta_e = float(np.nanmax(change.delta_e, initial=0.0))
    structure = float(np.nanmin(change.structure, initial=1.0))
    badness = max(
        delta_e / DELTA_E_FAIL,
        (1 - structure) / (1 - SSIM_FAIL),
        (1 - change.sharpness) / (1 - SHARPNESS_FAIL),
    )
    return round(float(np.clip(1 - badness / 2, 0, 1)), 3)
