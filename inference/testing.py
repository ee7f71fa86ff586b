"""`FakeEngine`: the real engine's order of events and real pictures, without any network.

For tests of everything around the engine, and for a studio on a machine that has no weights. The
suite in `tests/contracts/` runs on it and on the real engine, so that it cannot drift.
"""

import hashlib
import io
import math
import struct
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from inference.enhance.plan import enhance_plan
from inference.enhance.recipe import clean_recipe, enlarged_size, enlarges_by, number
from inference.enhance.request import (
    WHOLE_SIDE_PX,
    WINDOW_PX,
    Condition,
    EnhanceRequest,
    Note,
    Outcome,
    Step,
)
from inference.errors import (
    EngineOverloaded,
    InferenceError,
    NothingHelps,
    NothingLeft,
    ParameterInvalid,
    PhotoUnreadable,
)
from inference.events import (
    CutoutFinished,
    EncodedImage,
    EnhanceFinished,
    IsCancelled,
    MediaType,
    OnEvent,
    PhotoPlacement,
    RenderFinished,
)
from inference.inspect.findings import (
    Finding,
    Inspection,
    InspectionRequest,
    Item,
    Verdict,
    uncertainty_of,
)
from inference.pixels.arrays import GreyU8, RgbU8
from inference.pixels.geometry import frame_size
from inference.pixels.strokes import drop_subjects, paint
from inference.protocol import EngineHealth
from inference.requests import (
    PREVIEW_SIDE_PX,
    THUMB_SIDE_PX,
    Box,
    CorrectionRequest,
    CutoutRequest,
    CutoutSource,
    Measurements,
    ParameterValue,
    RenderRequest,
    Tier,
)
from inference.run import PlannedStage, Run
from inference.stages.decode import DecodedPhoto, decode
from inference.stages.encode import encode_display, encode_master, encode_preview
from inference.styles.catalogue import find_style
from inference.styles.own_backdrop import PLACE

# The fake looks at photos this small: the alpha is scaled up to the photo's own size.
_WORK_SIDE_PX = 512
# A pixel this far from the border's colour (of 441, black to white) begins to be product …
_NEAR = 18.0
# … and this far it is nothing else.
_FAR = 42.0
# With less of the frame than this, the fake says that it found nothing.
_LEAST_COVERAGE = 0.002

# The names and labels of `inference.cutting` and `inference.rendering`, which cannot be imported
# without torch; the contract suite compares them.
FAKE_CUTOUT_PLAN = (
    PlannedStage("decode", Tier.PREVIEW, "Reading the photo", 1.0),
    PlannedStage("segment", Tier.PREVIEW, "Finding the product", 3.0),
    PlannedStage("look-closer", Tier.FINAL, "Looking closer", 3.0),
    PlannedStage("refine", Tier.FINAL, "Refining edges", 4.0),
    PlannedStage("measure", Tier.FINAL, "Measuring", 2.0),
)
FAKE_CORRECTION_PLAN = (
    PlannedStage("open", Tier.PREVIEW, "Opening the cut-out", 1.0),
    PlannedStage("paint", Tier.PREVIEW, "Correcting the cut-out", 1.0),
    PlannedStage("paint", Tier.FINAL, "Correcting at full size", 4.0),
    PlannedStage("measure", Tier.FINAL, "Measuring", 2.0),
)
_RENDER_STAGES = (
    ("decode", "Opening the photo"),
    ("place", "Placing the product"),
    ("backdrop", "Setting the backdrop"),
    ("shadow", "Casting the shadow"),
    ("finish", "Finishing"),
    ("save", "Saving"),
)
_WEIGHTS_MS = {Tier.THUMB: 1.0, Tier.PREVIEW: 2.0, Tier.FINAL: 6.0}


def fake_render_plan(request: RenderRequest) -> tuple[PlannedStage, ...]:
    """The stages of every tier that the request asks for."""
    return tuple(
        PlannedStage(name, tier, label, _WEIGHTS_MS[tier])
        for tier in asked_tiers(request)
        for name, label in _RENDER_STAGES
    )


def asked_tiers(request: RenderRequest) -> tuple[Tier, ...]:
    """The tiers that a request delivers, rising."""
    if request.only_tier:
        return (request.tier,)
    return tuple(tier for tier in Tier if tier <= request.tier)


class FakeEngine:
    """The `Engine` protocol by simple means; the same request always gives the same bytes.

    Args:
        stage_delay_s: sleeps this long in every stage.
        fail_with: raises this error in the stage of that name.
        device: what `health` and results call the device.
        start_delay_s: how long `warm_up` takes.
    """

    def __init__(
        self,
        *,
        stage_delay_s: float = 0.0,
        fail_with: Mapping[str, InferenceError] | None = None,
        device: str = "fake",
        start_delay_s: float = 0.0,
    ) -> None:
        self._stage_delay_s = stage_delay_s
        self._fail_with = dict(fail_with or {})
        self._device = device
        self._start_delay_s = start_delay_s
        self._is_closed = False

    def render(
        self, request: RenderRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> RenderFinished:
        """As `Engine.render`."""
        self._refuse_if_closed()
        style = find_style(request.style.slug)
        params = style.clean(request.style.params)
        if style.needs_place and request.place is None:
            raise ParameterInvalid(PLACE, "Choose one of your backdrops first.")
        plan = fake_render_plan(request)
        run = Run(plan, on_event=on_event, is_cancelled=is_cancelled)
        for tier in asked_tiers(request):
            size = tier_frame(request, tier)
            with self._stage(run, "decode", tier):
                product = _product(request, size)
            for name in ("place", "backdrop", "shadow"):
                with self._stage(run, name, tier):
                    pass
            with self._stage(run, "finish", tier):
                picture, placement = _compose(product, size, params, request)
            with self._stage(run, "save", tier):
                mark = _fingerprint(request, params, tier)
                image, display = _encode_tier(picture, tier, mark)
            if tier < request.tier:
                run.preview(tier, image)
        finished = RenderFinished(
            seq=run.next_seq(),
            tier=request.tier,
            elapsed_ms=run.elapsed_ms,
            image=image,
            display=display,
            timings_ms=dict(run.timings_ms),
            device=self._device,
            placement=placement,
        )
        run.send(finished)
        return finished

    def cut_out(
        self, request: CutoutRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> CutoutFinished:
        """As `Engine.cut_out`; the product is whatever differs from the photo's border."""
        self._refuse_if_closed()
        run = Run(FAKE_CUTOUT_PLAN, on_event=on_event, is_cancelled=is_cancelled)
        with self._stage(run, "decode", Tier.PREVIEW):
            photo = decode(request.photo.path, longest_side_px=_WORK_SIDE_PX)
            is_own = photo.alpha is not None
        with self._stage(run, "segment", Tier.PREVIEW):
            small, is_found = _with_hints(request, photo, *_find_product(photo))
            preview = _on_transparency(photo.rgb, small)
        run.preview(Tier.PREVIEW, preview)
        with self._stage(run, "look-closer", Tier.FINAL):
            pass
        with self._stage(run, "refine", Tier.FINAL):
            native_size = (photo.native_width, photo.native_height)
            alpha = Image.fromarray(small).resize(native_size, Image.Resampling.BILINEAR)
        with self._stage(run, "measure", Tier.FINAL):
            measurements = _measure(np.asarray(alpha), has_own_alpha=is_own)
            alpha_png = _grey_png(alpha)
        finished = CutoutFinished(
            seq=run.next_seq(),
            elapsed_ms=run.elapsed_ms,
            alpha_png=alpha_png,
            width=measurements.width,
            height=measurements.height,
            preview=preview,
            measurements=measurements,
            confidence=0.9 if is_found else 0.0,
            notice="" if is_found else "No product stands out from the background.",
            network="own-alpha" if is_own else request.network,
            network_version="fake-1",
            timings_ms=dict(run.timings_ms),
        )
        run.send(finished)
        return finished

    def correct(
        self, request: CorrectionRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> CutoutFinished:
        """As `Engine.correct`; the strokes are truly painted."""
        self._refuse_if_closed()
        run = Run(FAKE_CORRECTION_PLAN, on_event=on_event, is_cancelled=is_cancelled)
        with self._stage(run, "open", Tier.PREVIEW):
            photo = decode(request.photo.path)
            with Image.open(request.alpha_path) as stored:
                alpha = np.array(stored.convert("L"))
        with self._stage(run, "paint", Tier.PREVIEW):
            alpha = drop_subjects(alpha, request.kept, request.dropped)
            for stroke in request.strokes:
                paint(alpha, photo.rgb, stroke)
            preview = _on_transparency(photo.rgb, alpha)
        run.preview(Tier.PREVIEW, preview)
        with self._stage(run, "paint", Tier.FINAL):
            if int(alpha.max()) <= 127:
                raise NothingLeft("Nothing is left of the product.")
        with self._stage(run, "measure", Tier.FINAL):
            measurements = _measure(alpha, has_own_alpha=request.has_own_alpha)
        finished = CutoutFinished(
            seq=run.next_seq(),
            elapsed_ms=run.elapsed_ms,
            alpha_png=_grey_png(Image.fromarray(alpha)),
            width=measurements.width,
            height=measurements.height,
            preview=preview,
            measurements=measurements,
            confidence=1.0,
            notice="",
            network="by-hand",
            network_version="fake-1",
            timings_ms=dict(run.timings_ms),
        )
        run.send(finished)
        return finished

    def enhance(
        self, request: EnhanceRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> EnhanceFinished:
        """As `Engine.enhance`; exposure and size are truly changed, noise and blur refused."""
        self._refuse_if_closed()
        run = Run(enhance_plan(request), on_event=on_event, is_cancelled=is_cancelled)
        recipe = clean_recipe(request.recipe)
        with self._stage(run, "read", Tier.PREVIEW):
            photo = decode(request.photo.path)
        with self._stage(run, "measure", Tier.PREVIEW):
            height, width = photo.rgb.shape[:2]
            size = enlarged_size(width, height, recipe)
        with self._stage(run, "detail", Tier.PREVIEW):
            notes = _fake_notes(recipe)
            before = Image.fromarray(photo.rgb)
            after = _brighter(before, 2.0 ** number(recipe, "exposure"))
            after = after.resize(size, Image.Resampling.BICUBIC)
            windows = [_window(each.resize(size), request, recipe) for each in (before, after)]
            whole = after.copy()
            whole.thumbnail((WHOLE_SIDE_PX, WHOLE_SIDE_PX))
        image = None
        if request.tier is Tier.FINAL:
            if notes and all(note.outcome is Outcome.REFUSED for note in notes):
                raise NothingHelps(" ".join(note.sentence for note in notes))
            for name in ("detail", "enlarge", "text"):
                with self._stage(run, name, Tier.FINAL):
                    pass
            with self._stage(run, "save", Tier.FINAL):
                image = encode_master(np.asarray(after))
        finished = EnhanceFinished(
            seq=run.next_seq(),
            elapsed_ms=run.elapsed_ms,
            tier=request.tier,
            image=image,
            whole=encode_preview(np.asarray(whole)),
            window_before=encode_preview(np.asarray(windows[0])),
            window_after=encode_preview(np.asarray(windows[1])),
            condition=Condition(0.0, None, 0.0, "", "This engine does not measure photos."),
            taken=recipe | {"denoise": 0.0, "deblur": 0.0, "white": "as-shot"},
            notes=notes,
            timings_ms=dict(run.timings_ms),
            device=self._device,
        )
        run.send(finished)
        return finished

    def inspect(self, request: InspectionRequest) -> Inspection:
        """Leave every point of the checklist to a person: the fake measures nothing."""
        self._refuse_if_closed()
        sentence = "This engine does not check pictures; please look yourself."
        findings = tuple(
            Finding(item.value, item, 0.5, Verdict.UNCHECKED, sentence) for item in Item
        )
        return Inspection(findings, uncertainty_of(findings))

    def health(self) -> EngineHealth:
        """Ready until closed."""
        detail = "The engine is closed." if self._is_closed else ""
        return EngineHealth(is_ready=not self._is_closed, device=self._device, detail=detail)

    def warm_up(self) -> None:
        """Take as long as the fake was told to."""
        time.sleep(self._start_delay_s)

    def close(self) -> None:
        """Refuse what comes next."""
        self._is_closed = True

    def _refuse_if_closed(self) -> None:
        if self._is_closed:
            raise EngineOverloaded("The engine is closed.")

    @contextmanager
    def _stage(self, run: Run, name: str, tier: Tier) -> Iterator[None]:
        with run.stage(name, tier):
            time.sleep(self._stage_delay_s)
            if name in self._fail_with:
                raise self._fail_with[name]
            yield


def tier_frame(request: RenderRequest, tier: Tier) -> tuple[int, int]:
    """Width and height in pixels of the picture of one tier; previews have sizes of their own."""
    longest = {
        Tier.THUMB: THUMB_SIDE_PX,
        Tier.PREVIEW: PREVIEW_SIDE_PX,
        Tier.FINAL: request.output.longest_side_px,
    }[tier]
    measured = request.cutout.measurements
    return frame_size(
        replace(request.output, longest_side_px=longest),
        photo_width=measured.width,
        photo_height=measured.height,
    )


def _find_product(photo: DecodedPhoto) -> tuple[GreyU8, bool]:
    """(H, W) uint8 alpha, and whether there is a product; where there is none, all is product.

    What is far from the median colour of the photo's border is the product, unless the file brings
    its own alpha.
    """
    if photo.alpha is not None:
        return photo.alpha, True
    rgb = photo.rgb.astype(np.float32)
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    distance = np.linalg.norm(rgb - np.median(border, axis=0), axis=2)
    ramp = np.clip((distance - _NEAR) / (_FAR - _NEAR), 0.0, 1.0)
    # A median takes single noisy pixels out and leaves edges where they are.
    grey = Image.fromarray((ramp * 255).astype(np.uint8)).filter(ImageFilter.MedianFilter(5))
    alpha = np.asarray(grey)
    if (alpha > 127).mean() < _LEAST_COVERAGE:
        return np.full_like(alpha, 255), False
    return alpha, True


def _with_hints(
    request: CutoutRequest, photo: DecodedPhoto, alpha: GreyU8, is_found: bool
) -> tuple[GreyU8, bool]:
    """The seller's own mask instead of what was found, and nothing outside of the seller's box."""
    size = (alpha.shape[1], alpha.shape[0])
    if request.matte_path is not None:
        with Image.open(request.matte_path) as matte:
            alpha, is_found = np.asarray(matte.convert("L").resize(size)), True
    if request.box is not None:
        box = request.box
        corners = (box.left, box.top, box.right, box.bottom)
        left, top, right, bottom = (round(corner * photo.scale) for corner in corners)
        inside = np.zeros_like(alpha)
        inside[top:bottom, left:right] = alpha[top:bottom, left:right]
        alpha = inside if int(inside.max()) > 127 else np.full_like(alpha, 255)
    return alpha, is_found


def _measure(alpha: GreyU8, *, has_own_alpha: bool) -> Measurements:
    """Measure (H, W) uint8 alpha that is not blank."""
    height, width = alpha.shape
    inside = alpha > 127
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    edges = {
        "left": box.left == 0,
        "top": box.top == 0,
        "right": box.right == width,
        "bottom": box.bottom == height,
    }
    base = inside[box.bottom - max(1, box.height // 30) : box.bottom].any(axis=0)
    return Measurements(
        width=width,
        height=height,
        subject=box,
        touches=tuple(edge for edge, is_touched in edges.items() if is_touched),
        base_width_px=float(np.count_nonzero(base)),
        coverage=float(inside.mean()),
        has_own_alpha=has_own_alpha,
    )


def _fake_notes(recipe: Mapping[str, ParameterValue]) -> tuple[Note, ...]:
    asked = {
        Step.DENOISE: number(recipe, "denoise") > 0,
        Step.DEBLUR: number(recipe, "deblur") > 0,
        Step.WHITE: recipe["white"] != "as-shot",
    }
    refused = "This engine does not measure photos, so it leaves this alone."
    notes = [Note(step, Outcome.REFUSED, refused) for step, is_asked in asked.items() if is_asked]
    if exposure := number(recipe, "exposure"):
        notes.append(Note(Step.EXPOSURE, Outcome.DONE, f"Exposure {exposure:+.1f} EV."))
    if (factor := enlarges_by(recipe)) > 1:
        notes.append(Note(Step.ENLARGE, Outcome.DONE, f"Enlarged × {factor}."))
    return tuple(notes)


def _brighter(image: Image.Image, gain: float) -> Image.Image:
    linear = (np.asarray(image).astype(np.float32) / 255) ** 2.2
    return Image.fromarray(((linear * gain).clip(0, 1) ** (1 / 2.2) * 255).astype(np.uint8))


def _window(
    image: Image.Image, request: EnhanceRequest, recipe: Mapping[str, ParameterValue]
) -> Image.Image:
    side = WINDOW_PX * enlarges_by(recipe)
    width, height = min(side, image.width), min(side, image.height)
    left = min(max(0, round(request.window_x * image.width - width / 2)), image.width - width)
    top = min(max(0, round(request.window_y * image.height - height / 2)), image.height - height)
    return image.crop((left, top, left + width, top + height))


def _on_transparency(rgb: RgbU8, alpha: GreyU8) -> EncodedImage:
    image = Image.fromarray(rgb)
    image.putalpha(Image.fromarray(alpha))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=80, method=0)
    return EncodedImage(buffer.getvalue(), MediaType.WEBP, image.width, image.height)


def _product(request: RenderRequest, frame: tuple[int, int]) -> Image.Image:
    """The product on transparency, cropped to its box, at most as large as the frame needs."""
    photo = decode(request.photo.path, longest_side_px=2 * max(frame))
    image = Image.fromarray(photo.rgb)
    image.putalpha(_read_alpha(request.cutout).resize(image.size, Image.Resampling.BILINEAR))
    box = request.cutout.measurements.subject
    corners = (box.left, box.top, box.right, box.bottom)
    left, top, right, bottom = (round(corner * photo.scale) for corner in corners)
    return image.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def _read_alpha(cutout: CutoutSource) -> Image.Image:
    try:
        with Image.open(cutout.alpha_path) as image:
            return image.convert("L")
    except OSError as error:
        raise PhotoUnreadable("The stored cutout cannot be read.") from error


def _compose(
    product: Image.Image,
    size: tuple[int, int],
    params: Mapping[str, ParameterValue],
    request: RenderRequest,
) -> tuple[Image.Image, PhotoPlacement]:
    """Stand the product on one flat colour, with a soft ellipse for a shadow; and say where."""
    width, height = size
    colour = params.get("colour", params.get("wall_colour", "#ffffff"))
    canvas = Image.new("RGB", size, str(colour))
    fit = _number(params, "scale", 75) / 100 * min(width / product.width, height / product.height)
    scaled = product.resize(
        (max(1, round(product.width * fit)), max(1, round(product.height * fit))),
        Image.Resampling.BICUBIC,
    )
    left = round((width - scaled.width) / 2 + _number(params, "shift_x", 0) / 100 * width)
    top = round((height - scaled.height) * 0.56 + _number(params, "shift_y", 0) / 100 * height)
    base, depth = top + scaled.height, max(1, round(scaled.width * 0.06))
    lamp = math.radians(_number(params, "light_direction", 0))
    aside = round(-math.sin(lamp) * scaled.width * 0.15)
    shadow = Image.new("L", (scaled.width + 4 * depth, 6 * depth), 0)
    ellipse = (2 * depth, 2 * depth, 2 * depth + scaled.width, 4 * depth)
    ImageDraw.Draw(shadow).ellipse(ellipse, fill=round(_number(params, "shadow", 0)))
    soft = shadow.filter(ImageFilter.GaussianBlur(depth / 2))
    canvas.paste((0, 0, 0), (left + aside - 2 * depth, base - 3 * depth), mask=soft)
    canvas.paste(scaled, (left, top), mask=scaled)
    box = request.cutout.measurements.subject
    scale = scaled.width / max(1, box.width)
    placed = PhotoPlacement(width, height, scale, left - box.left * scale, top - box.top * scale)
    return canvas, placed


def _number(params: Mapping[str, ParameterValue], name: str, default: float) -> float:
    value = params.get(name, default)
    return float(value) if isinstance(value, int | float) else default


def _fingerprint(request: RenderRequest, params: Mapping[str, ParameterValue], tier: Tier) -> str:
    """Goes into the file's comment, so that two requests that differ never make the same bytes."""
    parts = (
        request.photo.sha256,
        request.cutout.sha256,
        request.style.slug,
        sorted(params.items()),
        request.seed,
        tier.name,
        *((request.place.sha256, request.place.setup) if request.place else ()),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _encode_tier(picture: Image.Image, tier: Tier, mark: str) -> tuple[EncodedImage, EncodedImage]:
    rgb = np.asarray(picture)
    if tier is not Tier.FINAL:
        image = _marked(encode_preview(rgb), mark)
        return image, image
    return _marked(encode_master(rgb), mark), _marked(encode_display(rgb), mark)


def _marked(image: EncodedImage, mark: str) -> EncodedImage:
    """The same picture with a comment in its file: PNG's tEXt after IHDR, JPEG's COM in front."""
    text = mark.encode()
    if image.media_type is MediaType.PNG:
        chunk = b"tEXtComment\0" + text
        length, checksum = struct.pack(">I", len(chunk) - 4), struct.pack(">I", zlib.crc32(chunk))
        comment, start = length + chunk + checksum, 33
    else:
        comment, start = b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text, 2
    return replace(image, data=image.data[:start] + comment + image.data[start:])


def _grey_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
