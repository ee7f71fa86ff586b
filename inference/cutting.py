"""Cut the product out of one photo: the first thing that happens to it, once per network."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from inference.errors import ParameterInvalid
from inference.events import CutoutFinished, EncodedImage
from inference.networks.segmenter import Segmenter
from inference.pixels.alpha import (
    encode_alpha,
    encode_on_transparency,
    reduced_alpha,
    resized,
    steep,
    thinned,
)
from inference.pixels.arrays import AlphaF32, GreyU8, RgbU8
from inference.requests import (
    PREVIEW_SIDE_PX,
    Box,
    CutoutRequest,
    PhotoSource,
    Tier,
    Translucency,
)
from inference.run import PlannedStage, Run
from inference.stage_cache import StageCache
from inference.stages.brought_matte import read_matte
from inference.stages.decode import MIN_SIDE_PX, DecodedPhoto, decode
from inference.stages.foreground import clean_foreground
from inference.stages.measure import measure
from inference.stages.opened import opened
from inference.stages.own_shadow import own_shadow
from inference.stages.refine import refine
from inference.stages.segment import (
    NO_SUBJECT,
    Segmentation,
    closer_look,
    first_look,
    look_side_px,
    subject_box,
    within,
)
from inference.stages.strays import drop_strays
from inference.stages.subjects import find_subjects
from inference.stages.translucency import Transparency, measure_transparency

OWN_ALPHA = "own-alpha"
OWN_ALPHA_VERSION = "1"
BROUGHT_MATTE = "brought-matte"
BROUGHT_MATTE_VERSION = "1"
# A mask at least this large, against the photo's side, has edges of its own; a smaller one is as
# coarse as a network's matte and is refined like one.
_DETAILED_SHARE = 0.5
_LEAST_DETAIL_PX = 64
# Rounded corners of a screenshot are not a cut-out: this share of the frame must be see-through.
_LEAST_TRANSPARENT_SHARE = 0.02
_LEAST_OPAQUE_SHARE = 0.001
_CLEAR, _SOLID = 8, 127
# What shows through glass is smooth: measured finer it costs four times as much.
_GLASS_SIDE_PX = 1024

CUTOUT_PLAN: tuple[PlannedStage, ...] = (
    PlannedStage("decode", Tier.PREVIEW, "Reading the photo", 80),
    PlannedStage("segment", Tier.PREVIEW, "Finding the product", 310),
    PlannedStage("look-closer", Tier.FINAL, "Looking closer", 270),
    PlannedStage("refine", Tier.FINAL, "Refining edges", 460),
    PlannedStage("measure", Tier.FINAL, "Measuring", 70),
)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where the matte comes from: its maker, and the matte itself where no network is asked."""

    network: str
    version: str
    matte: AlphaF32 | None


def cut_out(
    request: CutoutRequest,
    run: Run,
    segmenter: Segmenter,
    *,
    device: str = "cpu",
    cache: StageCache | None = None,
) -> CutoutFinished:
    """Find the product, show it at once, refine its edges, and measure it.

    The whole photo is kept in `cache`, where there is one, for the pictures that come next.

    A mask that the seller brings comes before everything; a file with real transparency keeps its
    own alpha. In both cases no network runs. The event returned has also been sent.

    Raises:
        PhotoUnreadable, PhotoAnimated, PhotoTooLarge, PhotoTooSmall: the photo, or the mask that
            was brought, cannot be used.
        ParameterInvalid: the box lies outside the photo.
        RenderCancelled: the caller gave up between two stages.
        StageFailed, OutOfMemory: a stage failed.
    """
    path = request.photo.path
    with ThreadPoolExecutor(max_workers=1) as beside:
        with run.stage("decode", Tier.PREVIEW):
            small = decode(path, longest_side_px=look_side_px(segmenter))
            native_box = _within_photo(request.box, small)
            box = _scaled(native_box, small.scale)
            origin = _origin(request, small, segmenter)
            rgb = small.rgb if origin.network == OWN_ALPHA else _on_white(small)
        # The whole photo is decoded while the network looks at the small one.
        whole = beside.submit(_whole, request.photo, cache)
        with run.stage("segment", Tier.PREVIEW):
            first = _first(rgb, origin, segmenter, box)
            early = first if origin.matte is not None else _presentable(first)
            preview = _quick_preview(rgb, early)
        run.preview(Tier.PREVIEW, preview)

        with run.stage("look-closer", Tier.FINAL):
            found = (
                closer_look(rgb, first, segmenter, box)
                if origin.matte is None
                else Segmentation(first, 1.0, "")
            )
        with run.stage("refine", Tier.FINAL):
            photo = whole.result()
            alpha, found = _native_alpha(request, photo, origin, found, segmenter, device)
            alpha = within(alpha, native_box)
        with run.stage("measure", Tier.FINAL):
            reduced = reduced_alpha(alpha, rgb.shape[1], rgb.shape[0])
            glass = _glass(request, rgb, reduced)
            casts = origin.network != OWN_ALPHA
            shadow = beside.submit(own_shadow, rgb, reduced) if casts else None
            measurements = measure(alpha, has_own_alpha=origin.network == OWN_ALPHA)
            subjects = find_subjects(alpha)
            if glass is not None:
                alpha = thinned(alpha, glass.factor)
            alpha_png = encode_alpha(alpha)
            preview = _clean_preview(rgb, alpha)
            shadow_plane = None if shadow is None else shadow.result()
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
        network=origin.network,
        network_version=origin.version,
        timings_ms=dict(run.timings_ms),
        subjects=subjects,
        shadow_png=b"" if shadow_plane is None else encode_alpha(shadow_plane),
        translucent_share=0.0 if glass is None else glass.share,
    )
    run.send(finished)
    return finished


def _whole(photo: PhotoSource, cache: StageCache | None) -> DecodedPhoto:
    return decode(photo.path) if cache is None else opened(photo, cache)


def _origin(request: CutoutRequest, small: DecodedPhoto, segmenter: Segmenter) -> _Origin:
    if request.matte_path is not None:
        matte = read_matte(request.matte_path, small.native_width, small.native_height)
        return _Origin(BROUGHT_MATTE, BROUGHT_MATTE_VERSION, matte)
    if (own := _own_alpha(small)) is not None:
        return _Origin(OWN_ALPHA, OWN_ALPHA_VERSION, own)
    return _Origin(segmenter.name, segmenter.version, None)


def _first(rgb: RgbU8, origin: _Origin, segmenter: Segmenter, box: Box | None) -> AlphaF32:
    if origin.matte is None:
        return first_look(rgb, segmenter, box)
    return within(resized(origin.matte, rgb.shape[1], rgb.shape[0]), box)


def _native_alpha(
    request: CutoutRequest,
    photo: DecodedPhoto,
    origin: _Origin,
    found: Segmentation,
    segmenter: Segmenter,
    device: str,
) -> tuple[GreyU8, Segmentation]:
    """The photo's alpha at native size: a file's own as it is, everything else refined."""
    if origin.network == OWN_ALPHA and photo.alpha is not None:
        return photo.alpha, found
    if origin.matte is None:
        return _refined(_on_white(photo), found, segmenter.input_side_px, device)
    side = max(origin.matte.shape)
    if side >= _DETAILED_SHARE * max(photo.native_width, photo.native_height):
        # It shows the edges better than we could guess them; the seller meant them so.
        fitted = resized(origin.matte, photo.native_width, photo.native_height)
        return (fitted * 255 + np.float32(0.5)).astype(np.uint8), found
    detail_px = max(_LEAST_DETAIL_PX, side)
    alpha = refine(_on_white(photo), origin.matte, detail_px=detail_px, device=device)
    return alpha, found


def _within_photo(box: Box | None, photo: DecodedPhoto) -> Box | None:
    """The seller's box, cut to the photo."""
    if box is None:
        return None
    cut = Box(
        max(0, box.left),
        max(0, box.top),
        min(photo.native_width, box.right),
        min(photo.native_height, box.bottom),
    )
    if cut.width < MIN_SIDE_PX or cut.height < MIN_SIDE_PX:
        raise ParameterInvalid(
            "box",
            f"The box must lie in the photo and be at least {MIN_SIDE_PX} × {MIN_SIDE_PX} pixels.",
        )
    return cut


def _scaled(box: Box | None, scale: float) -> Box | None:
    if box is None:
        return None
    left, top = int(box.left * scale), int(box.top * scale)
    return Box(
        left,
        top,
        max(left + 1, math.ceil(box.right * scale)),
        max(top + 1, math.ceil(box.bottom * scale)),
    )


def _glass(request: CutoutRequest, rgb: RgbU8, alpha: GreyU8) -> Transparency | None:
    """How see-through the product is, where the seller says that it is glass."""
    if request.translucency is not Translucency.GLASS:
        return None
    scale = min(1.0, _GLASS_SIDE_PX / max(alpha.shape))
    size = max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale))
    small = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX))
    return measure_transparency(small, reduced_alpha(alpha, *size))


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


def _refined(
    rgb: RgbU8, found: Segmentation, detail_px: int, device: str
) -> tuple[GreyU8, Segmentation]:
    """The native alpha, never blank: if nothing is left, it is the whole frame, flagged."""
    alpha = refine(rgb, found.alpha, detail_px=detail_px, device=device)
    drop_strays(alpha, found.alpha)
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
