"""Find lines of text in a picture and read them: PP-OCRv6, small, on our own session.

The detector gives every pixel's chance to be text; its connected parts become slanted boxes,
which are cut out upright, read by the recogniser and decoded greedily.

Source: Liao and others, "Real-time scene text detection with differentiable binarization", AAAI
2020 (boxes grown back by area × ratio / perimeter); Graves and others, "Connectionist temporal
classification", ICML 2006 (best path decoding).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.networks.weights import installed_path
from inference.pixels.alpha import components
from inference.pixels.arrays import RgbU8
from inference.sessions.onnx_session import OnnxSession

DETECTOR, RECOGNISER = "text-detector", "text-recogniser"

Quad = NDArray[np.float32]  # (4, 2) x, y: top left, top right, bottom right, bottom left

# The detector's own stride.
_STEP_PX = 32
# Where a pixel counts as text, where a box does, and how far boxes are grown back; the values of
# the released configuration.
_PIXEL_THRESHOLD, _BOX_THRESHOLD, _GROWTH = 0.3, 0.5, 1.6
_SMALLEST_SIDE_PX = 3.0
_LINE_HEIGHT_PX = 48
_LONGEST_LINE_PX = 960
# Taller than this by width, a box is taken for a line that runs upwards.
_UPRIGHT_RATIO = 1.5


class RunsNetwork(Protocol):
    """What the reader needs of a session."""

    metadata: dict[str, str]

    @property
    def memory_bytes(self) -> int: ...

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that was read; `confidence` 0..1 is the mean over its characters."""

    text: str
    confidence: float


class TextReader:
    """Finds and reads lines; safe to share between threads."""

    def __init__(self, detector: RunsNetwork, recogniser: RunsNetwork) -> None:
        """Take both networks; the recogniser's metadata holds its characters."""
        self._detector = detector
        self._recogniser = recogniser
        # Class 0 is the blank, and a space is added after the characters that the file lists.
        self._characters = ("", *recogniser.metadata["character"].split("\n"), " ")
        self.memory_bytes = detector.memory_bytes + recogniser.memory_bytes

    def find(self, rgb: RgbU8, *, longest_side_px: int, most: int) -> list[Quad]:
        """The `most` largest text boxes of a picture, in its pixels.

        Args:
            rgb: (H, W, 3) uint8 sRGB.
            longest_side_px: the picture is reduced to this before it is searched.
            most: how many boxes are wanted.
        """
        height, width = rgb.shape[:2]
        scale = min(1.0, longest_side_px / max(height, width))
        size = tuple(max(1, round(side * scale / _STEP_PX)) * _STEP_PX for side in (width, height))
        small = Image.fromarray(rgb).resize(
            (size[0], size[1]), Image.Resampling.BILINEAR, reducing_gap=2.0
        )
        chances = self._detector.run(_normalised(np.asarray(small))[None])[0, 0]
        back = np.array([width / size[0], height / size[1]], dtype=np.float32)
        quads = [quad * back for quad in _boxes(chances)]
        return sorted(quads, key=_area, reverse=True)[:most]

    def read(self, rgb: RgbU8, quads: Sequence[Quad]) -> list[Line]:
        """Read the text in each box of a picture, in the boxes' order."""
        if not quads:
            return []
        image = Image.fromarray(rgb)
        strips = [_strip(image, quad) for quad in quads]
        # Lines of like length go through together; what pads them is wasted work.
        order = sorted(range(len(strips)), key=lambda index: strips[index].shape[1])
        lines: dict[int, Line] = {}
        for start in range(0, len(order), 4):
            batch = order[start : start + 4]
            width = max(strips[index].shape[1] for index in batch)
            inputs = np.zeros((len(batch), 3, _LINE_HEIGHT_PX, width), dtype=np.float32)
            for row, index in enumerate(batch):
                inputs[row, :, :, : strips[index].shape[1]] = _normalised(strips[index])
            for index, scores in zip(batch, self._recogniser.run(inputs), strict=True):
                lines[index] = self._decoded(scores)
        return [lines[index] for index in range(len(strips))]

    def _decoded(self, scores: NDArray[np.float32]) -> Line:
        """The best path through (steps, classes) chances, repeats and blanks left out."""
        best = scores.argmax(axis=1)
        is_new = np.concatenate([[True], best[1:] != best[:-1]]) & (best != 0)
        if not is_new.any():
            return Line("", 0.0)
        text = "".join(self._characters[index] for index in best[is_new])
        return Line(text, float(scores.max(axis=1)[is_new].mean()))


def load_text_reader(*, threads: int = 0) -> TextReader:
    """The reader with its registered weights, on the CPU: its pictures are of any size.

    Raises:
        WeightsMissing, WeightsCorrupt: a file is absent or not the registered one.
    """
    detector, recogniser = (
        OnnxSession(installed_path(name), threads=threads) for name in (DETECTOR, RECOGNISER)
    )
    return TextReader(detector, recogniser)


def _normalised(rgb: RgbU8) -> NDArray[np.float32]:
    """(3, H, W) float32 in -1..1, blue first, as both networks were trained."""
    planes = rgb[:, :, ::-1].transpose(2, 0, 1)
    return planes.astype(np.float32) * np.float32(2 / 255) - np.float32(1)


def _boxes(chances: NDArray[np.float32]) -> list[Quad]:
    """Slanted boxes round connected text, grown back to the letters' full height."""
    labels, areas = components(chances > _PIXEL_THRESHOLD)
    quads = []
    for label in np.flatnonzero(areas >= 2 * _SMALLEST_SIDE_PX):
        if label == 0:
            continue
        rows, columns = np.nonzero(labels == label)
        if float(chances[rows, columns].mean()) < _BOX_THRESHOLD:
            continue
        quad = _tightest(np.stack([columns + 0.5, rows + 0.5], axis=1))
        if quad is not None:
            quads.append(quad)
    return quads


def _tightest(points: NDArray[np.float64]) -> Quad | None:
    """The smallest of the boxes that lie along one side of the hull, grown; None for specks."""
    hull = _hull(points)
    edges = np.roll(hull, -1, axis=0) - hull
    angles = np.unique(np.round(np.arctan2(edges[:, 1], edges[:, 0]) % (math.pi / 2), 3))
    found: tuple[float, float, NDArray[np.float64], NDArray[np.float64]] | None = None
    for angle in angles:
        turned = hull @ _rotation(angle)
        low, high = turned.min(axis=0) - 0.5, turned.max(axis=0) + 0.5
        area = float(np.prod(high - low))
        if found is None or area < found[0]:
            found = (area, float(angle), low, high)
    if found is None:
        return None
    area, angle, low, high = found
    width, height = high - low
    if min(width, height) < _SMALLEST_SIDE_PX:
        return None
    margin = area * _GROWTH / (2 * (width + height))
    low, high = low - margin, high + margin
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    return _reading_order(corners @ _rotation(angle).T)


def _rotation(angle: float) -> NDArray[np.float64]:
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]])


def _reading_order(corners: NDArray[np.float64]) -> Quad:
    """Corners from the one at the top left, clockwise as seen."""
    first = int(np.argmin(corners.sum(axis=1)))
    ordered = np.roll(corners, -first, axis=0)
    return np.ascontiguousarray(ordered, dtype=np.float32)


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The convex hull, by Andrew's monotone chain; only each row's ends can be on it."""
    rows = points[:, 1]
    order = np.lexsort((points[:, 0], rows))
    ordered = points[order]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ordered[:, 1]) > 0]))
    ends = np.concatenate([starts[1:] - 1, [len(ordered) - 1]])
    candidates = np.unique(np.concatenate([ordered[starts], ordered[ends]]), axis=0)
    halves = [_chain(candidates.tolist()), _chain(candidates[::-1].tolist())]
    return np.array(halves[0][:-1] + halves[1][:-1] or halves[0])


def _chain(points: list[list[float]]) -> list[list[float]]:
    chain: list[list[float]] = []
    for point in points:
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2], chain[-1]
            if (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax) > 0:
                break
            chain.pop()
        chain.append(point)
    return chain


def _area(quad: Quad) -> float:
    return float(np.linalg.norm(quad[1] - quad[0]) * np.linalg.norm(quad[3] - quad[0]))


def _strip(image: Image.Image, quad: Quad) -> RgbU8:
    """A box cut out upright, `_LINE_HEIGHT_PX` high; an upright box is turned to lie."""
    width = float(np.linalg.norm(quad[1] - quad[0]))
    height = float(np.linalg.norm(quad[3] - quad[0]))
    if height > _UPRIGHT_RATIO * width:
        # The top right corner becomes the top left: the line is read from its lower end.
        quad, width, height = np.roll(quad, -1, axis=0), height, width
    length = round(_LINE_HEIGHT_PX * width / max(height, 1.0))
    length = min(_LONGEST_LINE_PX, max(_LINE_HEIGHT_PX // 2, length))
    size = (length, _LINE_HEIGHT_PX)
    shrink = max(1, int(height / _LINE_HEIGHT_PX))
    if shrink > 1:
        # The transform samples single pixels: a large box is reduced first, or it would alias.
        box, quad = _surroundings(image, quad)
        image = image.crop(box).reduce(shrink)
        quad = (quad / np.float32(shrink)).astype(np.float32)
    (x0, y0), (x1, y1), (_, _), (x3, y3) = quad.tolist()
    coefficients = (
        (x1 - x0) / length,
        (x3 - x0) / _LINE_HEIGHT_PX,
        x0,
        (y1 - y0) / length,
        (y3 - y0) / _LINE_HEIGHT_PX,
        y0,
    )
    turned = image.transform(
        size, Image.Transform.AFFINE, coefficients, resample=Image.Resampling.BICUBIC
    )
    return np.asarray(turned)


def _surroundings(image: Image.Image, quad: Quad) -> tuple[tuple[int, int, int, int], Quad]:
    """The picture's box round a quad, and the quad in that box's pixels."""
    left, top = (max(0, math.floor(value) - 2) for value in quad.min(axis=0).tolist())
    right, bottom = (math.ceil(value) + 2 for value in quad.max(axis=0).tolist())
    right, bottom = min(image.width, right), min(image.height, bottom)
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    return (left, top, right, bottom), quad - np.array([left, top], dtype=np.float32)
