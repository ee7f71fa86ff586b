"""Apply a person's corrections to the machine's alpha: products left out, then brush strokes.

The machine's alpha is never changed: the corrections lie over it and are applied again whenever
it is made anew.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from inference.errors import NothingLeft
from inference.events import CutoutFinished, EncodedImage
from inference.pixels.alpha import decode_alpha, encode_alpha, encode_on_transparency
from inference.pixels.arrays import GreyU8, RgbU8
from inference.pixels.strokes import drop_subjects, paint
from inference.requests import Box, CorrectionRequest, Stroke, Tier
from inference.run import PlannedStage, Run
from inference.stage_cache import StageCache, cache_key
from inference.stages.decode import decode
from inference.stages.foreground import clean_foreground
from inference.stages.measure import measure

BY_HAND = "by-hand"
CORRECTION_VERSION = "1"
# What the brush is judged on while it moves: the preview's size. At the end, something sharper.
LIVE_SIDE_PX, SHARP_SIDE_PX = 512, 1024
NOTHING_LEFT = "Nothing is left of the product. Undo the last step to get it back."
_SOLID = 127

CORRECTION_PLAN: tuple[PlannedStage, ...] = (
    PlannedStage("open", Tier.PREVIEW, "Opening the cut-out", 60),
    PlannedStage("paint", Tier.PREVIEW, "Correcting the cut-out", 40),
    PlannedStage("paint", Tier.FINAL, "Correcting at full size", 300),
    PlannedStage("measure", Tier.FINAL, "Measuring", 200),
)


def correct(request: CorrectionRequest, run: Run, *, cache: StageCache) -> CutoutFinished:
    """Correct a cutout: a small preview at once, then the native alpha, measured anew.

    What was painted for the strokes before the last is taken from `cache`, so a stroke costs the
    same whether it is the first or the hundredth. The event returned has also been sent.

    Raises:
        NothingLeft: no pixel of the product remains.
        PhotoUnreadable: the photo or the machine's alpha cannot be read.
        RenderCancelled: the caller gave up between two stages.
        StageFailed, OutOfMemory: a stage failed.
    """
    canvas = _Canvas(request, run, cache)
    with run.stage("open", Tier.PREVIEW):
        opened = canvas.opened(LIVE_SIDE_PX)
    with run.stage("paint", Tier.PREVIEW):
        preview = _cut_out(opened.rgb, canvas.painted(LIVE_SIDE_PX))
    run.preview(Tier.PREVIEW, preview)

    with run.stage("paint", Tier.FINAL):
        alpha = canvas.painted(None)
        if int(alpha.max()) <= _SOLID:
            raise NothingLeft(NOTHING_LEFT)
    with run.stage("measure", Tier.FINAL):
        measurements = measure(alpha, has_own_alpha=request.has_own_alpha)
        alpha_png = encode_alpha(alpha)
        rgb = canvas.opened(SHARP_SIDE_PX).rgb
        matte = Image.fromarray(alpha).resize(
            (rgb.shape[1], rgb.shape[0]), Image.Resampling.BOX, reducing_gap=2.0
        )
        preview = _cut_out(rgb, np.asarray(matte))
    finished = CutoutFinished(
        seq=run.next_seq(),
        elapsed_ms=run.elapsed_ms,
        alpha_png=alpha_png,
        width=measurements.width,
        height=measurements.height,
        preview=preview,
        measurements=measurements,
        confidence=1.0,
        notice="",
        network=BY_HAND,
        network_version=CORRECTION_VERSION,
        timings_ms=dict(run.timings_ms),
    )
    run.send(finished)
    return finished


@dataclass(frozen=True, slots=True)
class _Opened:
    """A photo's pixels and its alpha at one size; `scale` is that size over the native one."""

    rgb: RgbU8
    alpha: GreyU8
    scale: float


class _Canvas:
    """The photo and its alpha at the sizes asked for, with the strokes painted in."""

    def __init__(self, request: CorrectionRequest, run: Run, cache: StageCache) -> None:
        self._request = request
        self._run = run
        self._cache = cache

    def opened(self, side_px: int | None) -> _Opened:
        """The photo and the machine's alpha at one size; None is the native one."""
        request = self._request
        key = cache_key("correct-open", request.photo.sha256, request.alpha_sha256, str(side_px))
        return self._cache.get_or_compute(
            key, lambda: self._open(side_px), lambda pair: pair.rgb.nbytes + pair.alpha.nbytes
        )

    def painted(self, side_px: int | None) -> GreyU8:
        """(H, W) uint8: the corrected alpha at one size. Shared: not to be written to."""
        strokes = self._request.strokes
        if not strokes:
            return self._without_dropped(side_px)
        return self._kept(side_px, strokes, lambda: self._with_last(side_px, strokes))

    def _with_last(self, side_px: int | None, strokes: tuple[Stroke, ...]) -> GreyU8:
        earlier = strokes[:-1]
        before = self._kept(side_px, earlier, lambda: self._from_scratch(side_px, earlier))
        return self._painted_over(before, strokes[-1:], side_px)

    def _from_scratch(self, side_px: int | None, strokes: tuple[Stroke, ...]) -> GreyU8:
        return self._painted_over(self._without_dropped(side_px), strokes, side_px)

    def _painted_over(
        self, before: GreyU8, strokes: tuple[Stroke, ...], side_px: int | None
    ) -> GreyU8:
        opened = self.opened(side_px)
        alpha = before.copy()
        for stroke in strokes:
            self._run.check_cancelled()
            paint(alpha, opened.rgb, stroke, scale=opened.scale)
        return alpha

    def _without_dropped(self, side_px: int | None) -> GreyU8:
        opened = self.opened(side_px)
        if not self._request.dropped:
            return opened.alpha
        kept = [_scaled(box, opened.scale) for box in self._request.kept]
        dropped = [_scaled(box, opened.scale) for box in self._request.dropped]
        return drop_subjects(opened.alpha, kept, dropped)

    def _kept(
        self, side_px: int | None, strokes: tuple[Stroke, ...], compute: Callable[[], GreyU8]
    ) -> GreyU8:
        request = self._request
        key = cache_key(
            "correct-paint",
            CORRECTION_VERSION,
            request.photo.sha256,
            request.alpha_sha256,
            repr((side_px, request.kept, request.dropped, strokes)),
        )
        return self._cache.get_or_compute(key, compute, lambda alpha: alpha.nbytes)

    def _open(self, side_px: int | None) -> _Opened:
        photo = decode(self._request.photo.path, longest_side_px=side_px)
        alpha = decode_alpha(self._request.alpha_path.read_bytes())
        if alpha.shape != photo.rgb.shape[:2]:
            size = (photo.rgb.shape[1], photo.rgb.shape[0])
            small = Image.fromarray(alpha).resize(size, Image.Resampling.BOX, reducing_gap=2.0)
            alpha = np.asarray(small)
        return _Opened(photo.rgb, alpha, photo.scale)


def _scaled(box: Box, scale: float) -> Box:
    return Box(
        int(box.left * scale),
        int(box.top * scale),
        -int(-box.right * scale // 1),
        -int(-box.bottom * scale // 1),
    )


def _cut_out(rgb: RgbU8, alpha: GreyU8) -> EncodedImage:
    """The cut-out on transparency, without the old background's colour in its edges."""
    clean = clean_foreground(
        rgb.astype(np.float32) / np.float32(255), alpha.astype(np.float32) / np.float32(255)
    )
    return encode_on_transparency((clean * 255 + 0.5).astype(np.uint8), alpha)
