"""Outcomes as a table to read, as JSON to keep, and as a contact sheet of the worst cases."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inference.evaluation.contest import Outcome, Result
from inference.evaluation.pairs import Pair, read_mask
from inference.evaluation.scores import Scores
from inference.pixels.arrays import AlphaF32, RgbF32
from inference.stages.decode import decode
from inference.stages.foreground import clean_foreground

MEASURES = tuple(Scores.__slots__)
_ALL = "all"
GREEN, WHITE = (0.0, 0.78, 0.25), (1.0, 1.0, 1.0)
_TILE_PX = 420
_GAP_PX = 8
_CAPTION_PX = 22
_COLUMNS = ("photo", "on green", "on white", "true on green", "error")


def mean_scores(results: Iterable[Result]) -> dict[str, float | None]:
    """The mean of every measure, over the photos to which it applies."""
    rows = [result.scores for result in results]
    means: dict[str, float | None] = {}
    for measure in MEASURES:
        values = [value for row in rows if not math.isnan(value := getattr(row, measure))]
        means[measure] = sum(values) / len(values) if values else None
    return means


def groups_of(outcome: Outcome) -> dict[str, list[Result]]:
    """Results by prefix, and all of them last when there are several prefixes."""
    groups: dict[str, list[Result]] = {}
    for result in outcome.results:
        groups.setdefault(result.pair.group, []).append(result)
    groups = dict(sorted(groups.items()))
    if len(groups) > 1:
        groups[_ALL] = list(outcome.results)
    return groups


def as_table(outcomes: Sequence[Outcome]) -> str:
    """Means per prefix and contestant, as aligned text."""
    rows = [["prefix", "cutout", "photos", *MEASURES, "seconds"]]
    names = dict.fromkeys(name for outcome in outcomes for name in groups_of(outcome))
    for group in sorted(names, key=lambda name: (name == _ALL, name)):
        for outcome in outcomes:
            if results := groups_of(outcome).get(group):
                rows.append(_row(group, outcome.name, results))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_aligned(row, widths) for row in rows]
    for outcome in outcomes:
        lines += [f"{outcome.name}: {pair.photo.name}: {why}" for pair, why in outcome.failures]
    return "\n".join(lines) + "\n"


def _row(group: str, name: str, results: Sequence[Result]) -> list[str]:
    cells = ["–" if value is None else f"{value:.4f}" for value in mean_scores(results).values()]
    seconds = sum(result.seconds for result in results) / len(results)
    return [group, name, str(len(results)), *cells, f"{seconds:.2f}"]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    texts = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
    figures = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
    return "  ".join([*texts, *figures]).rstrip()


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Means per prefix and every photo's scores."""
    return json.dumps({outcome.name: _plain(outcome) for outcome in outcomes}, indent=1) + "\n"


def _plain(outcome: Outcome) -> dict[str, object]:
    return {
        "means": {name: mean_scores(results) for name, results in groups_of(outcome).items()},
        "photos": {
            result.pair.stem: {
                **result.scores.to_json(),
                "seconds": round(result.seconds, 3),
                "confidence": result.confidence,
            }
            for result in outcome.results
        },
        "failures": {pair.stem: why for pair, why in outcome.failures},
    }


def worst(outcome: Outcome, count: int) -> list[Result]:
    """The results with the largest errors of region and edge together, worst first."""

    def badness(result: Result) -> float:
        return (1 - result.scores.iou) + result.scores.band

    return sorted(outcome.results, key=badness, reverse=True)[:count]


def contact_sheet(results: Sequence[Result], mattes: dict[str, AlphaF32]) -> Image.Image:
    """Photo, cut-out on green and on white, the true cut-out, and the error, a photo a row.

    `mattes` holds the mattes by stem, at their masks' sizes.
    """
    rows = [_sheet_row(result, mattes[result.pair.stem]) for result in results]
    width = max(row.width for row in rows)
    sheet = Image.new("RGB", (width, sum(row.height for row in rows)), (40, 40, 40))
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet


def _sheet_row(result: Result, matte: AlphaF32) -> Image.Image:
    rgb, matte, truth = _at_tile_size(result.pair, matte)
    error = np.repeat(np.abs(matte - truth)[..., None], 3, axis=2)
    pictures = (
        rgb,
        laid_on(rgb, matte, GREEN),
        laid_on(rgb, matte, WHITE),
        laid_on(rgb, truth, GREEN),
        error,
    )
    height, width = matte.shape
    row = Image.new("RGB", (5 * width + 4 * _GAP_PX, height + _CAPTION_PX + _GAP_PX), (40, 40, 40))
    scores = result.scores
    confidence = "" if result.confidence is None else f"  confidence {result.confidence:.2f}"
    caption = (
        f"{result.pair.stem}   IoU {scores.iou:.3f}  band {scores.band:.3f}  "
        f"boundary F {scores.boundary_f:.3f}{confidence}   ({', '.join(_COLUMNS)})"
    )
    ImageDraw.Draw(row).text((4, 4), caption, fill="white", font=ImageFont.load_default(13))
    for index, picture in enumerate(pictures):
        tile = Image.fromarray((picture * 255 + 0.5).clip(0, 255).astype(np.uint8))
        row.paste(tile, (index * (width + _GAP_PX), _CAPTION_PX))
    return row


def _at_tile_size(pair: Pair, matte: AlphaF32) -> tuple[RgbF32, AlphaF32, AlphaF32]:
    scale = _TILE_PX / max(matte.shape)
    size = max(1, round(matte.shape[1] * scale)), max(1, round(matte.shape[0] * scale))
    photo = Image.fromarray(decode(pair.photo, longest_side_px=2 * _TILE_PX).rgb)
    rgb = np.asarray(photo.resize(size, Image.Resampling.LANCZOS), dtype=np.float32) / np.float32(
        255
    )
    small, truth = (
        np.asarray(Image.fromarray(alpha).resize(size, Image.Resampling.BOX), dtype=np.float32)
        for alpha in (matte, read_mask(pair.mask))
    )
    return rgb, small, truth


def laid_on(rgb: RgbF32, matte: AlphaF32, colour: tuple[float, float, float]) -> RgbF32:
    """(H, W, 3) sRGB: the cleaned product over one colour."""
    share = matte[..., None]
    ground = np.asarray(colour, dtype=np.float32)
    laid: RgbF32 = clean_foreground(rgb, matte) * share + ground * (1 - share)
    return laid


def write_report(
    folder: Path, outcomes: Sequence[Outcome], mattes: dict[str, dict[str, AlphaF32]], count: int
) -> list[Path]:
    """Write `scores.txt`, `scores.json` and a `worst-….jpg` per contestant; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scores.txt").write_text(as_table(outcomes), encoding="utf-8")
    (folder / "scores.json").write_text(as_json(outcomes), encoding="utf-8")
    written = [folder / "scores.txt", folder / "scores.json"]
    for outcome in outcomes:
        if cases := worst(outcome, count):
            path = folder / f"worst-{outcome.name.replace(' ', '-')}.jpg"
            contact_sheet(cases, mattes[outcome.name]).save(path, quality=88)
            written.append(path)
    return written
