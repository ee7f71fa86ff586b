"""Draw the model styles, tier by tier; what stays the same between pictures is remembered."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from inference.garments.camera import Camera
from inference.garments.drapes import load_drape
from inference.garments.dressing import (
    GROW_FRAMES,
    SETTLE_FRAMES,
    Params,
    Wish,
    camera_for,
    flat_of,
    lay,
    neckline_of,
    own_cloth,
    settle,
    stage_steps,
)
from inference.garments.fabric import Fabric, make_fabric
from inference.garments.fitting import Laid
from inference.garments.kinds import Kind
from inference.garments.lighting import studio_rig
from inference.garments.pattern import load_pattern
from inference.garments.photograph import Studio, photograph
from inference.garments.poses import drape_pose
from inference.garments.reading import Reading, placed_reading, read_garment
from inference.garments.sizes import generic_flat
from inference.garments.staging import Staged, refined, stage
from inference.garments.truth import Truth, measure_truth
from inference.pixels.arrays import RgbU8
from inference.pixels.colour import hex_to_linear
from inference.pixels.geometry import frame_size
from inference.requests import (
    PREVIEW_SIDE_PX,
    THUMB_SIDE_PX,
    GarmentRead,
    OutputSpec,
    RenderRequest,
    Tier,
)
from inference.run import PlannedStage, Run
from inference.stage_cache import StageCache, cache_key
from inference.stages.decode import decode
from inference.stages.finish import finish_picture
from inference.stages.framing import Placement
from inference.stages.prepare import prepare_product, read_alpha
from inference.styles.model import AUTO, FINISHES, GHOST

F64 = NDArray[np.float64]

# Raise it when a part gives other arrays: what was kept under the old one is not used.
VERSION = "1"
# Photo at which a garment is read: corners are found to a pixel of this.
_READ_SIDE_PX = 720
_DRAPE_STEPS = 5
_MOST_DRAPES = 48
_DITHER = 1.0
# Share of the lamps' directions that a tier samples.
_LIGHT_DETAIL = {Tier.THUMB: 0.5, Tier.PREVIEW: 0.5, Tier.FINAL: 1.0}
# The base layer under a garment, sRGB.
_LAYER = "#bdbbb7"
_LAYER_ON_WHITE = "#aaa7a2"

_LABELS = {
    "decode": "Opening the photo",
    "read": "Reading the garment",
    "cut": "Cutting the pattern",
    "sew": "Sewing",
    "photograph": "Photographing",
    "finish": "Finishing",
    "save": "Saving",
}
# Usual milliseconds of one CPU core's work.
_WEIGHTS_MS: Mapping[Tier, Mapping[str, float]] = {
    Tier.THUMB: {"decode": 60, "read": 60, "photograph": 130, "finish": 3, "save": 1},
    Tier.PREVIEW: {"decode": 120, "read": 60, "photograph": 420, "finish": 14, "save": 2},
    Tier.FINAL: {"decode": 300, "read": 60, "cut": 90, "sew": 160}
    | {f"drape-{step}": 620 for step in range(_DRAPE_STEPS)}
    | {"photograph": 5200, "finish": 380, "save": 260},
}


@dataclass(frozen=True, slots=True)
class _Read:
    """A garment as it was read, and its pattern laid on the photo."""

    reading: Reading
    laid: Laid


def model_plan(tier: Tier) -> tuple[PlannedStage, ...]:
    """The stages of one tier, in order."""
    return tuple(
        PlannedStage(name=name, tier=tier, label=_label(name), weight_ms=weight)
        for name, weight in _WEIGHTS_MS[tier].items()
    )


def _label(name: str) -> str:
    stage_, _, step = name.partition("-")
    if stage_ == "drape":
        return f"Draping {round(100 * int(step) / _DRAPE_STEPS)} %"
    return _LABELS[name]


class GarmentDrawer:
    """Draws the model styles on one device; safe between threads."""

    def __init__(self, *, cache: StageCache, device: torch.device) -> None:
        self._cache = cache
        self._device = device
        # What was sewn and draped for final pictures: another light needs no other folds.
        self._drapes: OrderedDict[str, F64] = OrderedDict()
        self._lock = threading.Lock()

    @torch.inference_mode()
    def draw(
        self, request: RenderRequest, run: Run, tier: Tier, *, params: Params
    ) -> tuple[RgbU8, Placement]:
        """All stages of one tier but its encode; (H, W, 3) uint8 sRGB, and where the garment is.

        Raises:
            GarmentUnreadable: the photo is no flat lay of a garment that can be draped.
        """
        width, height = _frame(request, tier)
        wish, is_ghost = Wish.of(params), request.style.slug == GHOST
        with run.stage("decode", tier):
            fabric_side = self._photo_side(request, max(width, height), tier)
        with run.stage("read", tier):
            read = self._read(request, params)
            fabric = self._fabric(request, read.reading, params, fabric_side)
        drape_key, particles, flat = self._draped(request, run, tier, read, wish)
        with run.stage("photograph", tier):
            staged = self._staged(drape_key, read, flat, particles, wish, params, is_ghost, tier)
            camera = camera_for(staged, params, width, height)
            photo = refined(load_pattern(read.reading.kind), read.laid.photo, staged.levels)
            picture = photograph(
                staged,
                photo,
                fabric,
                camera,
                _studio(params, is_ghost=is_ghost),
                factor=2,
            )
        with run.stage("finish", tier):
            dither = torch.where(picture.cover > 0, 0.0, 0.0 if is_ghost else _DITHER)
            rgb = finish_picture(picture.rgb, dither, seed=request.seed)
        return rgb, _placement(request, staged, camera)

    def read(self, request: RenderRequest, params: Params) -> GarmentRead:
        """The garment of a request's photo, as it was read or as a person placed its points."""
        reading = self._read(request, params).reading
        return GarmentRead(
            kind=reading.kind.value,
            points=dict(reading.points),
            confidence=reading.confidence,
            notice=reading.notice,
            is_placed=request.garment is not None,
        )

    def truth(self, request: RenderRequest, params: Params) -> Truth | None:
        """Measure the print of a final picture; its drape is remembered from drawing it."""
        run = Run(model_plan(Tier.FINAL), on_event=lambda _: None, is_cancelled=lambda: False)
        wish, is_ghost = Wish.of(params), request.style.slug == GHOST
        for name in ("decode", "read"):
            with run.stage(name, Tier.FINAL):
                read = self._read(request, params)
        key, particles, flat = self._draped(request, run, Tier.FINAL, read, wish)
        staged = self._staged(key, read, flat, particles, wish, params, is_ghost, Tier.FINAL)
        width, height = _frame(request, Tier.FINAL)
        photo = refined(load_pattern(read.reading.kind), read.laid.photo, staged.levels)
        return measure_truth(staged, photo, camera_for(staged, params, width, height))

    def _read(self, request: RenderRequest, params: Params) -> _Read:
        garment = str(params["garment"])
        key = cache_key(
            f"garment {VERSION}",
            request.photo.sha256,
            request.cutout.sha256,
            garment,
            repr(request.garment),
        )
        return self._cache.get_or_compute(
            key, partial(_read, request, garment), lambda read: read.laid.photo.nbytes
        )

    def _fabric(
        self, request: RenderRequest, reading: Reading, params: Params, side: int
    ) -> Fabric:
        smoothing = float(params["smoothing"]) / 100
        neckline = neckline_of(reading)
        key = cache_key(
            f"fabric {VERSION}",
            request.photo.sha256,
            request.cutout.sha256,
            f"{side} {smoothing} {neckline} {self._device}",
        )

        def compute() -> Fabric:
            product = prepare_product(
                request.photo, request.cutout, longest_side_px=side, device=self._device
            )
            return make_fabric(product, smoothing=smoothing, neckline=neckline)

        return self._cache.get_or_compute(key, compute, lambda fabric: fabric.size_bytes)

    def _photo_side(self, request: RenderRequest, frame_side: int, tier: Tier) -> int:
        """Longest side at which the photo serves as cloth: about a pixel for a pixel."""
        measurements = request.cutout.measurements
        native = max(measurements.width, measurements.height)
        subject = max(measurements.subject.width, measurements.subject.height, 1)
        needed = native * frame_side / subject
        if tier is Tier.FINAL:
            return min(native, max(1024, round(needed * 1.4)))
        return min(native, 256 if tier is Tier.THUMB else 768)

    def _draped(
        self, request: RenderRequest, run: Run, tier: Tier, read: _Read, wish: Wish
    ) -> tuple[str, F64, F64]:
        """A name for the drape, its particles and its pattern: generic, or the photo's own."""
        reading = read.reading
        if tier is not Tier.FINAL:
            name = f"{reading.kind} {wish.body} {drape_pose(wish.pose)}"
            particles = load_drape(reading.kind, wish.body, drape_pose(wish.pose))
            return name, particles, generic_flat(reading.kind, wish.body)
        key = cache_key(
            f"drape {VERSION}",
            request.photo.sha256,
            request.cutout.sha256,
            f"{reading.kind} {sorted(reading.points.items())} {wish.body} {wish.fit} "
            f"{wish.width_m} {drape_pose(wish.pose)}",
        )
        with run.stage("cut", tier):
            flat = flat_of(reading, read.laid, wish)
        with run.stage("sew", tier):
            cloth = own_cloth(reading, flat, wish)
            walking = settle(cloth, reading, wish, grow=GROW_FRAMES, rest=SETTLE_FRAMES)
        kept = self._drapes.get(key)
        for step, part in enumerate(stage_steps(_DRAPE_STEPS, walking)):
            with run.stage(f"drape-{step}", tier):
                if kept is None:
                    part()
        if kept is None:
            kept = cloth.position
            self._keep(key, kept)
        return key, kept, flat

    def _keep(self, key: str, particles: F64) -> None:
        with self._lock:
            self._drapes[key] = particles
            while len(self._drapes) > _MOST_DRAPES:
                self._drapes.popitem(last=False)

    def _staged(
        self,
        drape_key: str,
        read: _Read,
        flat: F64,
        particles: F64,
        wish: Wish,
        params: Params,
        is_ghost: bool,
        tier: Tier,
    ) -> Staged:
        side = -1.0 if params["light_side"] == "left" else 1.0
        contrast = float(params["contrast"]) / 100
        levels = 2 if tier is Tier.FINAL else 1
        key = cache_key(
            f"staged {VERSION}", drape_key, f"{wish.pose} {side} {contrast} {levels} {is_ghost}"
        )
        compute = partial(
            stage,
            load_pattern(read.reading.kind),
            flat,
            particles,
            body=wish.body,
            pose=wish.pose,
            rig=studio_rig(side=side, contrast=contrast, detail=_LIGHT_DETAIL[tier]),
            levels=levels,
            is_ghost=is_ghost,
        )
        return self._cache.get_or_compute(key, compute, lambda staged: staged.size_bytes)


def _read(request: RenderRequest, garment: str) -> _Read:
    decoded = decode(request.photo.path, longest_side_px=_READ_SIDE_PX)
    native = (decoded.native_width, decoded.native_height)
    alpha = read_alpha(request.cutout, size=native, native_size=native)
    placed = request.garment
    if placed is not None and garment in (AUTO, placed.kind):
        reading = placed_reading(alpha, Kind(placed.kind), placed.points)
    else:
        reading = read_garment(decoded.rgb, alpha, kind=None if garment == AUTO else Kind(garment))
    return _Read(reading, lay(reading))


def _frame(request: RenderRequest, tier: Tier) -> tuple[int, int]:
    measurements = request.cutout.measurements
    longest = {
        Tier.THUMB: THUMB_SIDE_PX,
        Tier.PREVIEW: PREVIEW_SIDE_PX,
        Tier.FINAL: request.output.longest_side_px,
    }[tier]
    return frame_size(
        OutputSpec(longest, request.output.aspect),
        photo_width=measurements.width,
        photo_height=measurements.height,
    )


def _studio(params: Params, *, is_ghost: bool) -> Studio:
    if is_ghost:
        white = (1.0, 1.0, 1.0)
        return Studio(white, white, white, 0.0, is_ghost=True)
    finish = str(params["finish"])
    layer = _LAYER_ON_WHITE if finish == "white" else _LAYER
    return Studio(
        skin=hex_to_linear(FINISHES[finish][1]),
        layer=hex_to_linear(layer),
        wall=hex_to_linear(str(params["wall_colour"])),
        shadow=float(params["shadow"]) / 100,
        is_ghost=False,
    )


def _placement(request: RenderRequest, staged: Staged, camera: Camera) -> Placement:
    """The map that takes the photo's subject onto the garment, as well as one scale can.

    Crops of a published picture keep what it covers.
    """
    seen = camera.project(staged.vertices)
    box = request.cutout.measurements.subject
    left, top = seen[:, 0].min(), seen[:, 1].min()
    width, height = np.ptp(seen[:, 0]), np.ptp(seen[:, 1])
    scale = max(width / max(1, box.width), height / max(1, box.height))
    return Placement(
        camera.width,
        camera.height,
        float(scale),
        float(left + (width - scale * box.width) / 2 - scale * box.left),
        float(top + (height - scale * box.height) / 2 - scale * box.top),
    )
