"""Run several ways of cutting out over the same photos and score them side by side."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from inference.errors import InferenceError
from inference.evaluation.pairs import Pair, read_mask
from inference.evaluation.scores import Scores, score
from inference.pixels.alpha import decode_alpha
from inference.pixels.arrays import AlphaF32, RgbU8
from inference.protocol import Engine
from inference.requests import CutoutRequest, PhotoSource
from inference.stages.decode import decode


class Pipeline(StrEnum):
    """What is scored: everything the engine does, or the bare network's matte."""

    FULL = "full"
    NETWORK = "network"


class CoarseMatter(Protocol):
    """What the bare pipeline needs of a network."""

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32: ...


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way of cutting out. `matte` gives (H, W) float32 alpha and a confidence or None."""

    name: str
    matte: Callable[[Path], tuple[AlphaF32, float | None]]


@dataclass(frozen=True, slots=True)
class Result:
    """One contestant's outcome on one photo."""

    pair: Pair
    scores: Scores
    seconds: float
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """All of one contestant: its results, and what it could not do, by photo."""

    name: str
    results: tuple[Result, ...]
    failures: tuple[tuple[Pair, str], ...]


def full_pipeline(engine: Engine, network: str) -> Contestant:
    """The engine's whole cutout."""

    def matte(photo: Path) -> tuple[AlphaF32, float | None]:
        digest = hashlib.sha256(photo.read_bytes()).hexdigest()
        finished = engine.cut_out(
            CutoutRequest(PhotoSource(photo, digest), network),
            on_event=lambda _: None,
            is_cancelled=lambda: False,
        )
        alpha = decode_alpha(finished.alpha_png)
        return alpha.astype(np.float32) / np.float32(255), finished.confidence

    return Contestant(f"{network} full", matte)


def bare_network(segmenter: CoarseMatter, network: str) -> Contestant:
    """The network's own matte of the whole photo, enlarged and nothing else."""

    def matte(photo: Path) -> tuple[AlphaF32, float | None]:
        return segmenter.coarse_alpha(decode(photo).rgb), None

    return Contestant(f"{network} network", matte)


def run_contest(
    pairs: Sequence[Pair],
    contestants: Sequence[Contestant],
    *,
    on_matte: Callable[[str, Pair, AlphaF32], None] = lambda *_: None,
) -> list[Outcome]:
    """Score every contestant on every pair; a photo that fails does not stop the rest.

    `on_matte` is given each matte at its mask's size, for whoever keeps them.
    """
    return [_outcome(contestant, pairs, on_matte) for contestant in contestants]


def _outcome(
    contestant: Contestant,
    pairs: Sequence[Pair],
    on_matte: Callable[[str, Pair, AlphaF32], None],
) -> Outcome:
    results: list[Result] = []
    failures: list[tuple[Pair, str]] = []
    for pair in pairs:
        try:
            truth = read_mask(pair.mask)
            started = time.perf_counter()
            alpha, confidence = contestant.matte(pair.photo)
            seconds = time.perf_counter() - started
        except InferenceError as error:
            failures.append((pair, str(error)))
            continue
        alpha = at_size(alpha, truth.shape[1], truth.shape[0])
        on_matte(contestant.name, pair, alpha)
        results.append(Result(pair, score(alpha, truth), seconds, confidence))
    return Outcome(contestant.name, tuple(results), tuple(failures))


def at_size(alpha: AlphaF32, width: int, height: int) -> AlphaF32:
    """A (H, W) float32 matte at a mask's size, averaged where it shrinks; 0..1."""
    if alpha.shape == (height, width):
        return alpha
    shrinks = alpha.shape[0] > height
    kernel = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    resized = np.asarray(Image.fromarray(alpha).resize((width, height), kernel))
    return resized.clip(0.0, 1.0)
