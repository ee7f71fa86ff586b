"""Render a background style: from a photo and its cutout to the finished picture, tier by tier."""

import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import torch

from inference.errors import DeviceUnavailable
from inference.events import EncodedImage, PhotoPlacement, RenderFinished
from inference.garments.drawing import GarmentDrawer, model_plan
from inference.garments.truth import Truth
from inference.mockups.compositor import MockupCompositor
from inference.mockups.library import MockupLibrary
from inference.pixels.arrays import RgbU8
from inference.pixels.colour import Plane, RgbaLinear, RgbLinear, hex_to_linear
from inference.pixels.geometry import Stance, frame_size
from inference.plates.library import PlateLibrary
from inference.requests import (
    PREVIEW_SIDE_PX,
    THUMB_SIDE_PX,
    GarmentRead,
    Measurements,
    OutputSpec,
    ParameterValue,
    RenderRequest,
    Tier,
)
from inference.run import PlannedStage, Run
from inference.scenes.compositor import SceneCompositor
from inference.scenes.empty import EmptySet
from inference.stage_cache import StageCache, cache_key
from inference.stages import kept_shadow, prepare
from inference.stages.backdrop import (
    Backdrop,
    FlatBackdrop,
    LinearColour,
    SweepBackdrop,
    floor_share,
    set_backdrop,
)
from inference.stages.compose import darken, over
from inference.stages.encode import encode_display, encode_master, encode_preview
from inference.stages.finish import finish_picture, gradient_mask
from inference.stages.framing import Framing, Placement, framing_of, plan_placement
from inference.stages.kept_shadow import lay_own_shadow, read_own_shadow
from inference.stages.place import place_product, stance_of
from inference.stages.prepare import Product, prepare_product
from inference.stages.reflect import Gloss, mirror_product
from inference.stages.shadow import KeyLight, cast_shadow, fade_to_clean, with_strength
from inference.styles.background import BackgroundFamily
from inference.styles.catalogue import find_style, installed_mockups, installed_plates
from inference.styles.model import FAMILY as MODEL_FAMILY
from inference.styles.model import is_model_style

# Usual milliseconds of one CPU core's work: a 12 MP photo, a 2048 px final.
_WEIGHTS_MS: Mapping[Tier, Mapping[str, float]] = {
    Tier.THUMB: {"decode": 95, "place": 5, "backdrop": 5, "shadow": 22, "finish": 4, "save": 1},
    Tier.PREVIEW: {
        "decode": 150,
        "place": 12,
        "backdrop": 8,
        "shadow": 55,
        "finish": 14,
        "save": 2,
    },
    Tier.FINAL: {
        "decode": 700,
        "place": 250,
        "backdrop": 150,
        "shadow": 230,
        "finish": 380,
        "save": 260,
    },
}
# A print has no shadow of its own; the object's is in its plate.
_MOCKUP_WEIGHTS_MS: Mapping[Tier, Mapping[str, float]] = {
    Tier.THUMB: {"decode": 60, "backdrop": 30, "place": 10, "finish": 8, "save": 1},
    Tier.PREVIEW: {"decode": 110, "backdrop": 60, "place": 60, "finish": 30, "save": 2},
    Tier.FINAL: {"decode": 800, "backdrop": 900, "place": 1500, "finish": 600, "save": 260},
}
_MOCKUP_LABELS = {
    "decode": "Opening the artwork",
    "backdrop": "Setting up the object",
    "place": "Printing",
    "finish": "Lighting",
    "save": "Saving",
}
_LABELS = {
    "decode": "Opening the photo",
    "place": "Placing the product",
    "backdrop": "Setting the backdrop",
    "shadow": "Casting the shadow",
    "finish": "Finishing",
    "save": "Saving",
}
# What is left of the cast shadow beside the photo's own: enough to close the crack below a product.
_CAST_BESIDE_OWN = 0.3
_SHADOW_DETAIL = {Tier.THUMB: 72, Tier.PREVIEW: 96, Tier.FINAL: 144}


# A print is bent around its object: no placement says where its pixels went.
Draw = Callable[[RenderRequest, Run, Tier], tuple[RgbU8, Placement | None]]


@dataclass(frozen=True, slots=True)
class Look:
    """A background style's cleaned parameters, in the compositor's terms."""

    framing: Framing
    light: KeyLight
    shadow_strength: float
    backdrop: Backdrop
    gloss: Gloss
    ends_clean: bool
    keeps_own_shadow: bool

    @property
    def paper(self) -> LinearColour:
        """Colour of the floor on which the shadow falls."""
        backdrop = self.backdrop
        return backdrop.colour if isinstance(backdrop, FlatBackdrop) else backdrop.floor


def render_plan(
    request: RenderRequest, mockups: MockupLibrary | None = None
) -> tuple[PlannedStage, ...]:
    """The stages that `Renderer.render` will enter for this request, in order."""
    if is_model_style(request.style.slug):
        return tuple(stage for tier in _tiers(request) for stage in model_plan(tier))
    is_mockup = bool((mockups or installed_mockups()).views(request.style.slug))
    labels = _MOCKUP_LABELS if is_mockup else _LABELS
    weights = _MOCKUP_WEIGHTS_MS if is_mockup else _WEIGHTS_MS
    return tuple(
        PlannedStage(name=name, tier=tier, label=labels[name], weight_ms=weight)
        for tier in _tiers(request)
        for name, weight in weights[tier].items()
    )


def _tiers(request: RenderRequest) -> tuple[Tier, ...]:
    if request.only_tier:
        return (request.tier,)
    return tuple(tier for tier in Tier if tier <= request.tier)


class Renderer:
    """Draws background styles on one device; safe to share between threads."""

    def __init__(
        self,
        *,
        device: str,
        cache: StageCache,
        library: PlateLibrary | None = None,
        mockups: MockupLibrary | None = None,
    ) -> None:
        """Take a torch device such as "cpu" or "cuda:0", and the plates of scenes and mockups.

        Raises:
            DeviceUnavailable: it is not there.
        """
        self._device = torch.device(device)
        if self._device.type == "cuda" and not torch.cuda.is_available():
            raise DeviceUnavailable(f"asked for {device}, but torch finds no CUDA device")
        self._cache = cache
        self._scenes = SceneCompositor(
            library=library or installed_plates(),
            cache=cache,
            device=self._device,
            prepare=self._product,
        )
        self._garments = GarmentDrawer(cache=cache, device=self._device)
        self._mockups = MockupCompositor(
            library=mockups or installed_mockups(), cache=cache, device=self._device
        )

    def render(self, request: RenderRequest, run: Run) -> RenderFinished:
        """Draw every tier asked for; `run` must have been planned with `render_plan(request)`.

        Previews and the finished picture are sent through `run`; the latter is also returned.

        Raises:
            InferenceError: the photo, the style, its parameters or the device; see its children.
        """
        draw = self._drawing(request)
        *lower, last = _tiers(request)
        for tier in lower:
            rgb, _ = draw(request, run, tier)
            with run.stage("save", tier):
                preview = encode_preview(rgb)
            run.preview(tier, preview)
        rgb, placement = draw(request, run, last)
        with run.stage("save", last):
            image, display = _encode_last(rgb, last)
        finished = RenderFinished(
            seq=run.next_seq(),
            tier=last,
            elapsed_ms=run.elapsed_ms,
            image=image,
            display=display,
            timings_ms=dict(run.timings_ms),
            device=str(self._device),
            placement=None
            if placement is None
            else PhotoPlacement(
                placement.frame_width,
                placement.frame_height,
                placement.scale,
                placement.offset_x,
                placement.offset_y,
            ),
            garment=self._garment(request),
        )
        run.send(finished)
        return finished

    def truth_of(self, request: RenderRequest) -> Truth | None:
        """How true a model style's final picture keeps the print; None where it hides it."""
        params = find_style(request.style.slug).clean(request.style.params)
        return self._garments.truth(request, params)

    def _garment(self, request: RenderRequest) -> GarmentRead | None:
        if not is_model_style(request.style.slug):
            return None
        params = find_style(request.style.slug).clean(request.style.params)
        return self._garments.read(request, params)

    def empty_set(self, request: RenderRequest, *, longest_side_px: int) -> EmptySet | None:
        """A scene style's picture before the product came; None for every other style.

        Raises:
            InferenceError: the style's parameters are wrong.
        """
        if self._scenes.find(request.style.slug) is None:
            return None
        return self._scenes.empty(request, longest_side_px=longest_side_px)

    def _drawing(self, request: RenderRequest) -> Draw:
        """Who draws one tier of the request's style, its parameters cleaned."""
        mockup = self._mockups.find(request.style.slug)
        if mockup is not None:
            return partial(self._print, params=mockup.clean(request.style.params))
        scene = self._scenes.find(request.style.slug)
        style = scene or find_style(request.style.slug)
        params = style.clean(request.style.params)
        if style.family == MODEL_FAMILY:
            return partial(self._garments.draw, params=params)
        if scene is not None:
            return partial(self._scenes.draw, params=params)
        return partial(self._draw, look=look_of(style.family, params))

    def _print(
        self, request: RenderRequest, run: Run, tier: Tier, *, params: Mapping[str, ParameterValue]
    ) -> tuple[RgbU8, None]:
        return self._mockups.draw(request, run, tier, params=params), None

    @torch.inference_mode()
    def _draw(
        self, request: RenderRequest, run: Run, tier: Tier, *, look: Look
    ) -> tuple[RgbU8, Placement]:
        """All stages of one tier but its encode; (H, W, 3) uint8 sRGB, and where the product is."""
        measurements = request.cutout.measurements
        placement = _placement(request.output, measurements, look.framing, tier)
        with run.stage("decode", tier):
            product = self._product(request, placement, tier)
        with run.stage("place", tier):
            placed = place_product(
                product.planes,
                placement,
                left=product.left,
                top=product.top,
                native_scale=product.native_scale,
            )
            stance = stance_of(placed[3])
        with run.stage("backdrop", tier):
            backdrop = set_backdrop(
                look.backdrop,
                width=placement.frame_width,
                height=placement.frame_height,
                device=self._device,
            )
        with run.stage("shadow", tier):
            own = self._own_shadow(request, placement) if look.keeps_own_shadow else None
            ground, touched = _ground(request, look, placed, stance, backdrop, tier, own)
        with run.stage("finish", tier):
            is_flat = isinstance(look.backdrop, FlatBackdrop)
            dither = gradient_mask(is_flat, touched, placed[3])
            return finish_picture(over(placed, ground), dither, seed=request.seed), placement

    def _product(self, request: RenderRequest, placement: Placement, tier: Tier) -> Product:
        longest = _working_side(request.cutout.measurements, placement, tier)
        key = cache_key(
            f"product {prepare.VERSION}",
            request.photo.sha256,
            request.cutout.sha256,
            str(longest),
            str(self._device),
        )
        compute = partial(
            prepare_product,
            request.photo,
            request.cutout,
            longest_side_px=longest,
            device=self._device,
            cache=self._cache,
        )
        return self._cache.get_or_compute(key, compute, lambda product: product.size_bytes)

    def _own_shadow(self, request: RenderRequest, placement: Placement) -> Plane | None:
        cutout = request.cutout
        if cutout.shadow_path is None:
            return None
        key = cache_key(
            f"own shadow {kept_shadow.VERSION}", cutout.shadow_sha256, str(self._device)
        )
        taken = self._cache.get_or_compute(
            key,
            partial(read_own_shadow, cutout.shadow_path, self._device),
            lambda plane: plane.numel() * plane.element_size(),
        )
        return lay_own_shadow(taken, placement, photo_width=cutout.measurements.width)


def _encode_last(rgb: RgbU8, tier: Tier) -> tuple[EncodedImage, EncodedImage]:
    if tier is Tier.FINAL:
        with ThreadPoolExecutor(max_workers=1) as beside:
            display = beside.submit(encode_display, rgb)
            return encode_master(rgb), display.result()
    preview = encode_preview(rgb)
    return preview, preview


def _placement(
    output: OutputSpec, measurements: Measurements, framing: Framing, tier: Tier
) -> Placement:
    longest = {
        Tier.THUMB: THUMB_SIDE_PX,
        Tier.PREVIEW: PREVIEW_SIDE_PX,
        Tier.FINAL: output.longest_side_px,
    }[tier]
    width, height = frame_size(
        OutputSpec(longest, output.aspect),
        photo_width=measurements.width,
        photo_height=measurements.height,
    )
    return plan_placement(measurements, framing, frame_width=width, frame_height=height)


def _working_side(measurements: Measurements, placement: Placement, tier: Tier) -> int:
    """Longest side at which the photo is worked on: native for a final, else just enough.

    Steps of the square root of 2, so that a size slider meets few different ones.
    """
    native = max(measurements.width, measurements.height)
    if tier is Tier.FINAL or placement.scale >= 1:
        return native
    steps = math.floor(-2 * math.log2(placement.scale))
    return max(16, math.ceil(native * 2 ** (-steps / 2)))


def _ground(
    request: RenderRequest,
    look: Look,
    placed: RgbaLinear,
    stance: Stance | None,
    backdrop: RgbLinear,
    tier: Tier,
    own: Plane | None,
) -> tuple[RgbLinear, Plane]:
    """The backdrop with shadow and mirror image, and where they changed it ((H, W) bool)."""
    touched = torch.zeros(backdrop.shape[1:], dtype=torch.bool, device=backdrop.device)
    # A product that the photo cuts off below stands on nothing that the frame shows.
    if stance is None or "bottom" in request.cutout.measurements.touches:
        return backdrop, touched
    ground = backdrop
    for kept in _shadows(request, look, placed, stance, tier, own):
        touched |= kept < 1
        ground = darken(ground, kept, paper=look.paper)
    if look.gloss.strength > 0:
        mirror = mirror_product(placed, stance, look.gloss)
        touched |= mirror[3] > 0
        ground = over(mirror, ground)
    return ground, touched


def _shadows(
    request: RenderRequest,
    look: Look,
    placed: RgbaLinear,
    stance: Stance,
    tier: Tier,
    own: Plane | None,
) -> Iterator[Plane]:
    """The cast shadow and the photo's own, (H, W) light that stays, as far as they are wanted."""
    floor = floor_share(look.backdrop, height=placed.shape[1], device=placed.device)[:, None]
    shadows = []
    if look.shadow_strength > 0:
        kept = cast_shadow(
            placed[3],
            stance,
            look.light,
            pitch_deg=request.cutout.measurements.pitch_deg,
            detail=_SHADOW_DETAIL[tier],
            seed=request.seed,
        )
        share = 1.0 if own is None else _CAST_BESIDE_OWN
        shadows.append(with_strength(kept, floor * (look.shadow_strength * share)))
    if own is not None:
        shadows.append(1 - floor * (1 - own))
    for kept in shadows:
        yield fade_to_clean(kept, floor_px=0.16 * max(kept.shape)) if look.ends_clean else kept


def look_of(family: str, params: Mapping[str, ParameterValue]) -> Look:
    """Translate a background style's cleaned parameters."""
    number = {name: float(value) for name, value in params.items() if isinstance(value, float)}
    is_white = family == BackgroundFamily.PURE_WHITE
    return Look(
        framing=framing_of(family, params),
        light=KeyLight(
            direction_deg=number["light_direction"],
            height_deg=number["light_height"],
            softness=number["shadow_softness"] / 100,
            share=0.5 if is_white else 0.68,
        ),
        shadow_strength=number["shadow"] / 100,
        backdrop=_backdrop_of(family, params, number),
        gloss=Gloss(number["reflection"] / 100, 1 - number["polish"] / 100),
        ends_clean=family != BackgroundFamily.STUDIO_SWEEP,
        keeps_own_shadow=params.get("keep_shadow") is True,
    )


def _backdrop_of(
    family: str, params: Mapping[str, ParameterValue], number: Mapping[str, float]
) -> Backdrop:
    if family == BackgroundFamily.PURE_WHITE:
        return FlatBackdrop((1.0, 1.0, 1.0))
    if family == BackgroundFamily.SOLID_COLOUR:
        return FlatBackdrop(hex_to_linear(str(params["colour"])))
    return SweepBackdrop(
        wall=hex_to_linear(str(params["wall_colour"])),
        floor=hex_to_linear(str(params["floor_colour"])),
        direction_deg=number["light_direction"],
        height_deg=number["light_height"],
        horizon=number["horizon"] / 100,
        bend=number["bend"] / 100,
        falloff=number["gradient"] / 100,
        glow=number["glow"] / 100,
        sheen=number["sheen"] / 100,
    )
