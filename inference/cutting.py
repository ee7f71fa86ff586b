"""Cut the product out of one photo: the first thing that happens to it, once per network."""

from dataclasses import replace

import numpy as np
from PIL import Image

from inference.events import CutoutFinished, EncodedImage
from inference.networks.segmenter import Segmenter
from inference.pixels.alpha import encode_alpha, encode_on_transparency, resized, steep
from inference.pixels.arrays import AlphaF32, GreyU8, RgbU8
from inference.requests import PREVIEW_SIDE_PX, CutoutRequest, Tier
from inference.run import PlannedStage, Run
from inference.stages.decode import DecodedPhoto, decode
from inference.stages.foreground import clean_foreground
from inference.stages.measure import measure
from inference.stages.refine import refine
from inference.stages.segment import NO_SUBJECT, Segmentation, closer_look, first_look, subject_box

OWN_ALPHA = "own-alpha"
OWN_ALPHA_VERSION = "1"
# The network looks at 320 px twice; at this size the second look has all the detail it can use.
_LOOK_SIDE_PX = 1024
# Rounded corners of a screenshot are not a cut-out: this share of the frame must be see-through.
_LEAST_TRANSPARENT_SHARE = 0.02
_LEAST_OPAQUE_SHARE = 0.001
_CLEAR, _SOLID = 8, 127

CUTOUT_PLAN: tuple[PlannedStage, ...] = (
    PlannedStage("decode", Tier.PREVIEW, "Reading the photo", 80),
    PlannedStage("segment", Tier.PREVIEW, "Finding the product", 310),
    PlannedStage("look-closer", Tier.FINAL, "Looking closer", 270),
    PlannedStage("refine", Tier.FINAL, "Refining edges", 460),
    PlannedStage("measure", Tier.FINAL, "Measuring", 70),
)


def cut_out(
    request: CutoutRequest, run: Run, segmenter: Segmenter, *, device: str = "cpu"
) -> CutoutFinished:
    """Find the product, show it at once, refine its edges, and measure it.

    A file that brings real transparency keeps its own alpha, and no network runs. The event
    returned has also been sent.

    Raises:
        PhotoUnreadable, PhotoAnimated, PhotoTooLarge, PhotoTooSmall: the photo cannot be used.
        RenderCancelled: the caller gave up between two stages.
        StageFailed, OutOfMemory: a stage failed.
    """
    path = request.photo.path
    with run.stage("decode", Tier.PREVIEW):
        small = decode(path, longest_side_px=_LOOK_SIDE_PX)
        own = _own_alpha(small)
        rgb = small.rgb if own is not None else _on_white(small)
    with run.stage("segment", Tier.PREVIEW):
        first = first_look(rgb, segmenter) if own is None else own
        early = first if own is not None else _presentable(first)
        preview = _quick_preview(rgb, early)
    run.preview(Tier.PREVIEW, preview)

    with run.stage("look-closer", Tier.FINAL):
        found = closer_look(rgb, first, segmenter) if own is None else Segmentation(own, 1.0, "")
    with run.stage("refine", Tier.FINAL):
        photo = decode(path)
        if own is not None and photo.alpha is not None:
            alpha = photo.alpha
        else:
            alpha, found = _refined(_on_white(photo), found, device)
    with run.stage("measure", Tier.FINAL):
        measurements = measure(alpha, has_own_alpha=own is not None)
        alpha_png = encode_alpha(alpha)
        preview = _clean_preview(rgb, alpha)
    finished = CutoutFinished(
        seq=run.next_seq(),
        elapsed_ms=run.elapsed_ms,
        alpha_png=alpha_png,
        width=measurements.width,
        height=measurements.height,
        preview=preview,
        measurements=measurements,
        confidence=found.confidence,
        notice=found.notice,
        network=segmenter.name if own is None else OWN_ALPHA,
        network_version=segmenter.version if own is None else OWN_ALPHA_VERSION,
        timings_ms=dict(run.timings_ms),
    )
    run.send(finished)
    return finished


def _own_alpha(photo: DecodedPhoto) -> AlphaF32 | None:
    """The file's own alpha, 0..1, when it is a cut-out's; None when it means nothing."""
    if photo.alpha is None:
        return None
    is_see_through = np.count_nonzero(photo.alpha <= _CLEAR) >= (
        _LEAST_TRANSPARENT_SHARE * photo.alpha.size
    )
    is_something = np.count_nonzero(photo.alpha > _SOLID) >= (
        _LEAST_OPAQUE_SHARE * photo.alpha.size
    )
    if not (is_see_through and is_something):
        return None
    return photo.alpha.astype(np.float32) / np.float32(255)


def _on_white(photo: DecodedPhoto) -> RgbU8:
    """The photo's colours; what is transparent without being a cut-out is seen on white."""
    if photo.alpha is None or int(photo.alpha.min()) == 255:
        return photo.rgb
    image = Image.new("RGB", (photo.rgb.shape[1], photo.rgb.shape[0]), "white")
    image.paste(Image.fromarray(photo.rgb), mask=Image.fromarray(photo.alpha))
    return np.asarray(image)


def _refined(rgb: RgbU8, found: Segmentation, device: str) -> tuple[GreyU8, Segmentation]:
    """The native alpha, never blank: if nothing is left, it is the whole frame, flagged."""
    alpha = refine(rgb, found.alpha, device=device)
    if int(alpha.max()) > _SOLID:
        return alpha, found
    return np.full_like(alpha, 255), replace(found, confidence=0.0, notice=NO_SUBJECT)


def _presentable(first: AlphaF32) -> AlphaF32:
    """The first look as a picture: edges steeper, and the whole photo where nothing was found."""
    return steep(first) if subject_box(first) is not None else np.ones_like(first)


def _preview_size(height: int, width: int) -> tuple[int, int]:
    scale = min(1.0, PREVIEW_SIDE_PX / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _quick_preview(rgb: RgbU8, alpha: AlphaF32) -> EncodedImage:
    size = _preview_size(*alpha.shape)
    colours = Image.fromarray(rgb).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    matte = (resized(alpha, *size) * 255 + 0.5).astype(np.uint8)
    return encode_on_transparency(np.asarray(colours), matte)


def _clean_preview(rgb: RgbU8, alpha: GreyU8) -> EncodedImage:
    """The refined cut-out without the old background's colour in its edges."""
    size = _preview_size(rgb.shape[0], rgb.shape[1])
    colours = Image.fromarray(rgb).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    small = Image.fromarray(alpha).resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    matte = np.asarray(small)
    clean = clean_foreground(
        np.asarray(colours, dtype=np.float32) / np.float32(255),
        matte.astype(np.float32) / np.float32(255),
    )
    return encode_on_transparency((clean * 255 + 0.5).astype(np.uint8), matte)
