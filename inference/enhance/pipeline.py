"""Enhance a photo by a recipe: measure, take each step that helps, and say what came of it."""

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from inference.enhance.blur import measure_blur
from inference.enhance.enlarge import enlarge, plainly_enlarged
from inference.enhance.legible import Words, keep_words, read_words
from inference.enhance.noise import Noise, measure_noise
from inference.enhance.recipe import (
    RECIPE_VERSION,
    Recipe,
    changes_detail,
    clean_recipe,
    enlarged_size,
    enlarges_by,
)
from inference.enhance.request import (
    WHOLE_SIDE_PX,
    WINDOW_PX,
    Condition,
    EnhanceRequest,
    Note,
    Outcome,
    Step,
)
from inference.enhance.steps import Light, apply_detail, decide_detail, decide_light
from inference.enhance.white import WhitePatch, apply_light, ground_patch
from inference.errors import NothingHelps, PhotoTooLarge
from inference.events import EncodedImage, EnhanceFinished, MediaType
from inference.networks.enlarger import Enlarger, load_enlarger
from inference.networks.text_reader import TextReader, load_text_reader
from inference.pixels.alpha import decode_alpha
from inference.pixels.arrays import GreyU8, RgbU8
from inference.pixels.colour import RgbSrgb, linear_to_srgb, srgb_to_linear
from inference.requests import Tier
from inference.run import Run
from inference.sessions.pool import SessionPool
from inference.stage_cache import StageCache, cache_key
from inference.stages.decode import decode
from inference.stages.encode import encode_master, encode_preview

# More would take minutes of a CPU and several GB; cameras that make them need no enhancing.
MOST_PIXELS = 50_000_000
_LIGHT_SIDE_PX = 512
# Round a window, so that its rim is as it would be in the whole photo.
_MARGIN_PX = 48
_NETWORKS_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a photo; kept between previews. `small` is linear light, 512 px."""

    rgb: RgbU8
    alpha: GreyU8 | None
    small: torch.Tensor
    small_alpha: GreyU8 | None
    noise: Noise
    blur_px: float | None
    ground: WhitePatch

    @property
    def size_bytes(self) -> int:
        return self.rgb.nbytes + (0 if self.alpha is None else self.alpha.nbytes)

    @property
    def condition(self) -> Condition:
        ground = self.ground
        return Condition(
            self.noise.level, self.blur_px, ground.confidence, ground.cast, ground.problem
        )


class Enhancer:
    """Enhances photos on one device; thread-safe. Networks load when they are first wanted."""

    def __init__(self, *, device: str, cache: StageCache, threads: int = 0) -> None:
        self._device = device
        self._cache = cache
        self._threads = threads
        self._enlargers: SessionPool[Enlarger] = SessionPool(
            lambda name: load_enlarger(name, device=device), budget_bytes=_NETWORKS_BYTES
        )
        self._reader: TextReader | None = None
        self._reader_lock = threading.Lock()

    def enhance(self, request: EnhanceRequest, run: Run) -> EnhanceFinished:
        """As `Engine.enhance`; the event returned has also been sent."""
        recipe = clean_recipe(request.recipe)
        with run.stage("read", Tier.PREVIEW):
            enlarger = self._enlarger(recipe)
        with run.stage("measure", Tier.PREVIEW):
            measured = self._measured(request)
            height, width = measured.rgb.shape[:2]
            enlarged_size(width, height, recipe)
        with run.stage("detail", Tier.PREVIEW):
            taken, notes = decide_detail(recipe, measured.rgb, measured.noise, measured.blur_px)
            taken, light, light_notes = decide_light(
                taken, measured.small, measured.small_alpha, measured.ground
            )
            notes += light_notes
            if enlarger is not None:
                size = f"{width * enlarges_by(recipe)} × {height * enlarges_by(recipe)} px"
                notes += (Note(Step.ENLARGE, Outcome.DONE, f"Enlarged to {size}."),)
            maker = _Maker(taken, light, enlarger, self._device, run.check_cancelled)
            before, after = maker.window(measured, request)
            whole = maker.whole(measured)
        finished = EnhanceFinished(
            seq=0,
            elapsed_ms=0.0,
            tier=request.tier,
            image=None,
            whole=whole,
            window_before=before,
            window_after=after,
            condition=measured.condition,
            taken=taken,
            notes=notes,
            device=self._device,
        )
        if request.tier is Tier.FINAL:
            finished = self._finish(measured, maker, recipe, run, finished)
        finished = replace(
            finished,
            seq=run.next_seq(),
            elapsed_ms=run.elapsed_ms,
            timings_ms=dict(run.timings_ms),
        )
        run.send(finished)
        return finished

    def _finish(
        self, measured: Measured, maker: "_Maker", recipe: Recipe, run: Run, so_far: EnhanceFinished
    ) -> EnhanceFinished:
        notes = so_far.notes
        if notes and all(note.outcome is Outcome.REFUSED for note in notes):
            raise NothingHelps(" ".join(note.sentence for note in notes))
        with run.stage("detail", Tier.FINAL):
            planes = _planes(measured.rgb, self._device)
            detailed = maker.lit(maker.detailed(planes, measured.noise, measured.blur_px))
        with run.stage("enlarge", Tier.FINAL):
            enhanced = maker.enlarged(detailed)
        with run.stage("text", Tier.FINAL):
            if changes_detail(recipe):
                words = self._words(measured.rgb)
                plain = maker.plain(maker.lit(planes))
                enhanced, text_notes = keep_words(
                    self._loaded_reader(), words, enhanced, plain, factor=maker.factor
                )
                notes += text_notes
        with run.stage("save", Tier.FINAL):
            rgb = _pixels(enhanced)
            image = _with_alpha(rgb, measured.alpha) or encode_master(rgb)
        return replace(so_far, image=image, notes=notes)

    def _enlarger(self, recipe: Recipe) -> Enlarger | None:
        return None if enlarges_by(recipe) == 1 else self._enlargers.get(str(recipe["network"]))

    def _measured(self, request: EnhanceRequest) -> Measured:
        key = cache_key("enhance", str(RECIPE_VERSION), request.photo.sha256, request.alpha_sha256)
        return self._cache.get_or_compute(
            key, lambda: self._measure(request), lambda measured: measured.size_bytes
        )

    def _measure(self, request: EnhanceRequest) -> Measured:
        photo = decode(request.photo.path)
        if photo.native_width * photo.native_height > MOST_PIXELS:
            raise PhotoTooLarge(
                f"Photos of more than {MOST_PIXELS // 1_000_000} megapixels are not enhanced."
            )
        planes = _planes(photo.rgb, self._device)
        small = srgb_to_linear(_small(planes, _LIGHT_SIDE_PX)).cpu()
        alpha = photo.alpha
        if request.alpha_path is not None:
            alpha = decode_alpha(request.alpha_path.read_bytes())
        size = (small.shape[2], small.shape[1])
        small_alpha = None if alpha is None else np.asarray(Image.fromarray(alpha).resize(size))
        return Measured(
            rgb=photo.rgb,
            alpha=photo.alpha,
            small=small,
            small_alpha=small_alpha,
            noise=measure_noise(planes),
            blur_px=measure_blur(planes),
            ground=ground_patch(small, small_alpha),
        )

    def _words(self, rgb: RgbU8) -> Words:
        return read_words(self._loaded_reader(), rgb)

    def _loaded_reader(self) -> TextReader:
        with self._reader_lock:
            if self._reader is None:
                self._reader = load_text_reader(threads=self._threads)
            return self._reader


class _Maker:
    """The steps that were decided on, for any part of the photo."""

    def __init__(
        self,
        taken: Recipe,
        light: Light,
        enlarger: Enlarger | None,
        device: str,
        check_cancelled: Callable[[], None],
    ) -> None:
        self._taken = taken
        self._light = light
        self._enlarger = enlarger
        self._device = device
        self._check_cancelled = check_cancelled
        self.factor = enlarges_by(taken)

    def detailed(self, planes: RgbSrgb, noise: Noise, blur_px: float | None) -> RgbSrgb:
        """(3, H, W) sRGB 0..1 with less noise and sharper, as far as was decided."""
        return apply_detail(self._taken, planes, noise, blur_px, self._check_cancelled)

    def lit(self, planes: RgbSrgb) -> RgbSrgb:
        """(3, H, W) sRGB 0..1 in the light that was decided on."""
        if self._light.is_unchanged:
            return planes
        linear = srgb_to_linear(planes)
        return linear_to_srgb(apply_light(linear, self._light.matrix, self._light.gain))

    def enlarged(self, planes: RgbSrgb) -> RgbSrgb:
        """By the network, or as it is."""
        if self._enlarger is None:
            return planes
        return enlarge(
            planes,
            self._enlarger,
            factor=self.factor,
            check_cancelled=self._check_cancelled,
        )

    def plain(self, planes: RgbSrgb) -> RgbSrgb:
        """In the same size without the network."""
        if self._enlarger is None:
            return planes
        return plainly_enlarged(planes, self.factor).clamp_(0.0, 1.0)

    def whole(self, measured: Measured) -> EncodedImage:
        """The whole photo, small: of what is done, the light shows in it."""
        small = _small(_planes(measured.rgb, self._device), WHOLE_SIDE_PX)
        return encode_preview(_pixels(self.lit(small)))

    def window(
        self, measured: Measured, request: EnhanceRequest
    ) -> tuple[EncodedImage, EncodedImage]:
        """A part of the photo before and after, in the same size."""
        height, width = measured.rgb.shape[:2]
        left, right = _span(request.window_x, width)
        top, bottom = _span(request.window_y, height)
        x0, y0 = max(0, left - _MARGIN_PX), max(0, top - _MARGIN_PX)
        seen = np.ascontiguousarray(measured.rgb[y0 : bottom + _MARGIN_PX, x0 : right + _MARGIN_PX])
        planes = _planes(seen, self._device)
        done = self.enlarged(self.lit(self.detailed(planes, measured.noise, measured.blur_px)))
        inside = (
            slice((top - y0) * self.factor, (bottom - y0) * self.factor),
            slice((left - x0) * self.factor, (right - x0) * self.factor),
        )
        before, after = (each[:, inside[0], inside[1]] for each in (self.plain(planes), done))
        return encode_preview(_pixels(before)), encode_preview(_pixels(after))


def _span(middle: float, length: int) -> tuple[int, int]:
    """First and end pixel of a window round a point, moved inside."""
    span = min(WINDOW_PX, length)
    start = min(max(0, round(middle * length - span / 2)), length - span)
    return start, start + span


def _planes(rgb: RgbU8, device: str) -> RgbSrgb:
    """(H, W, 3) uint8 to (3, H, W) float32 0..1."""
    planes = torch.from_numpy(np.array(rgb)).to(device)
    return planes.permute(2, 0, 1).to(torch.float32).div_(255)


def _pixels(planes: RgbSrgb) -> RgbU8:
    return (planes.permute(1, 2, 0) * 255 + 0.5).to(torch.uint8).cpu().numpy()


def _small(planes: RgbSrgb, longest_side_px: int) -> RgbSrgb:
    height, width = planes.shape[1:]
    scale = longest_side_px / max(height, width)
    if scale >= 1:
        return planes
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return functional.interpolate(planes[None], size=size, mode="area")[0]


def _with_alpha(rgb: RgbU8, alpha: GreyU8 | None) -> EncodedImage | None:
    """A PNG with the photo's own alpha in the new size; None where it has none."""
    if alpha is None:
        return None
    height, width = rgb.shape[:2]
    image = Image.fromarray(rgb)
    image.putalpha(Image.fromarray(alpha).resize((width, height), Image.Resampling.BICUBIC))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return EncodedImage(buffer.getvalue(), MediaType.PNG, width, height)
