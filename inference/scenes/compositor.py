"""Draw a scene style: the product in the nearest plate, shadowed, mirrored, lit and finished."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch

from inference.errors import StyleUnknown
from inference.pixels.alpha import without_specks
from inference.pixels.arrays import AlphaF32, RgbU8
from inference.pixels.colour import Plane, RgbaLinear, RgbLinear
from inference.pixels.geometry import frame_size
from inference.plates.format import Support
from inference.plates.library import PlateLibrary, resized
from inference.requests import (
    PREVIEW_SIDE_PX,
    THUMB_SIDE_PX,
    OutputSpec,
    RenderRequest,
    Tier,
)
from inference.run import Run
from inference.scenes.casting import Detail, cast_shadows
from inference.scenes.empty import EmptySet, empty_set
from inference.scenes.glass import seen_through
from inference.scenes.ground import Shadows
from inference.scenes.loaded import LoadedPlate, flipped, flipped_info, load_plate, side_for
from inference.scenes.match import Surroundings, matched
from inference.scenes.own_shadow import with_own_shadow
from inference.scenes.picture import Params, ScenePicture, number
from inference.scenes.view import ScenePlan, Wishes, plan_scene
from inference.scenes.views import Views, views_of
from inference.scenes.volume import (
    Volume,
    hanging_volume,
    lying_volume,
    reduced,
    standing_volume,
)
from inference.stage_cache import StageCache, cache_key
from inference.stages.compose import over
from inference.stages.finish import finish_picture
from inference.stages.place import Placement, place_product
from inference.stages.prepare import Product
from inference.styles.own_backdrop import OWN_BACKDROP
from inference.styles.scene import scene_style
from inference.styles.style import Style

Prepare = Callable[[RenderRequest, Placement, Tier], Product]


# How finely one tier works on shadows.
_DETAIL = {
    Tier.THUMB: Detail(product_px=44, map_px=48, lamps=10, sky=16, geometry_px=40),
    Tier.PREVIEW: Detail(product_px=84, map_px=80, lamps=16, sky=24, geometry_px=128),
    Tier.FINAL: Detail(product_px=190, map_px=184, lamps=28, sky=48, geometry_px=256, refines=True),
}
# A separate part of the outline smaller than this share of the largest is no part of the product.
_CRUMB_SHARE = 0.012
# Noise on the plate, in 8-bit levels either way; it also breaks bands.
_GRAIN_LEVELS = 2.0
# Parameters that change nothing in an empty scene but which part of it is seen.
_OF_THE_PRODUCT = ("scale", "height_cm", "shift_x", "shift_y", "light_match", "shadow_softness")


class SceneCompositor:
    """Draws the scene styles of one plate library on one device; safe between threads."""

    def __init__(
        self, *, library: PlateLibrary, cache: StageCache, device: torch.device, prepare: Prepare
    ) -> None:
        """Take the library, the engine's cache, and who cuts the photo out at a placement."""
        self._library = library
        self._cache = cache
        self._device = device
        self._prepare = prepare

    def find(self, slug: str) -> Style | None:
        """The scene style of that name, or None when the library has no such scene."""
        if slug == OWN_BACKDROP.slug:
            return OWN_BACKDROP
        try:
            return scene_style(self._library, slug)
        except StyleUnknown:
            return None

    @torch.inference_mode()
    def draw(
        self, request: RenderRequest, run: Run, tier: Tier, *, params: Params
    ) -> tuple[RgbU8, Placement]:
        """All stages of one tier but its encode; (H, W, 3) uint8 sRGB, and where the product is.

        Raises:
            ParameterInvalid: the product's height does not belong in this scene.
        """
        views = views_of(request, self._library)
        plan = planned(request, views, params, tier)
        cutout = request.cutout
        with run.stage("decode", tier):
            product = self._prepare(request, plan.placement, tier)
        with run.stage("place", tier):
            placed = place_product(
                product.planes,
                plan.placement,
                left=product.left,
                top=product.top,
                native_scale=product.native_scale,
            )
        with run.stage("backdrop", tier):
            plate = self._plate(plan, views, is_flipped=bool(params.get("flip")))
        with run.stage("shadow", tier):
            small, step = reduced(placed[3], _DETAIL[tier].product_px)
            volume = _volume(small.cpu().numpy(), step, plan, request.seed)
            shadows = self._shadows(request, plan, plate, volume, params, tier)
            scene = ScenePicture(plan, plate, params)
            picture, drawn = scene.shaded(shadows)
            if cutout.shadow_path is not None and plan.is_standing:
                picture = with_own_shadow(picture, cutout, plan, scene.ground(), drawn)
            if volume is not None and plan.is_standing:
                picture = scene.with_reflection(picture, placed, volume, step)
        with run.stage("finish", tier):
            picture = self._composed(scene, picture, placed)
            grain = (placed[3] <= 0).float() * _GRAIN_LEVELS
            return finish_picture(picture, grain, seed=request.seed), plan.placement

    @torch.inference_mode()
    def empty(self, request: RenderRequest, *, longest_side_px: int) -> EmptySet:
        """The request's scene without its product, no larger than `longest_side_px`.

        Raises:
            StyleUnknown: the library has no such scene.
            ParameterInvalid: as `draw`.
        """
        style = self.find(request.style.slug)
        if style is None:
            raise StyleUnknown(f"There is no scene called “{request.style.slug}”.")
        params = style.clean(request.style.params)
        longest = min(longest_side_px, request.output.longest_side_px)
        small = replace(request, output=replace(request.output, longest_side_px=longest))
        views = views_of(request, self._library)
        plan = planned(small, views, params, Tier.FINAL)
        seen = {name: value for name, value in params.items() if name not in _OF_THE_PRODUCT}
        size = (plan.placement.frame_width, plan.placement.frame_height)
        key = cache_key(
            "empty set",
            plan.info.slug,
            repr((plan.window, size, sorted(seen.items()))),
            str(self._device),
        )

        def compute() -> EmptySet:
            plate = self._plate(plan, views, is_flipped=bool(params.get("flip")))
            return empty_set(ScenePicture(plan, plate, params), request.place)

        return self._cache.get_or_compute(key, compute, lambda found: found.size_bytes)

    def _plate(self, plan: ScenePlan, views: Views, *, is_flipped: bool) -> LoadedPlate:
        side, slug = side_for(plan), plan.info.slug
        key = cache_key("plate", slug, str(side), str(is_flipped), str(self._device))

        def compute() -> LoadedPlate:
            # Small sizes come from one of preview's size: its file is then read once, not twice.
            plate = views.load(slug, longest_side_px=max(side, PREVIEW_SIDE_PX))
            if side < max(plate.info.camera.width_px, plate.info.camera.height_px):
                plate = resized(plate, side)
            loaded = load_plate(plate, self._device)
            return flipped(loaded) if is_flipped else loaded

        return self._cache.get_or_compute(key, compute, lambda loaded: loaded.size_bytes)

    def _shadows(
        self,
        request: RenderRequest,
        plan: ScenePlan,
        plate: LoadedPlate,
        volume: Volume | None,
        params: Params,
        tier: Tier,
    ) -> Shadows | None:
        """The product's shadows; kept between looks that only change the light's mix."""
        if volume is None or "bottom" in request.cutout.measurements.touches:
            return None
        softness = 2 ** ((number(params, "shadow_softness") - 50) / 20)
        key = cache_key(
            "scene-shadow",
            request.photo.sha256,
            request.cutout.sha256,
            plan.info.slug,
            repr((plan.placement, plan.window, softness, request.seed, bool(params.get("flip")))),
            tier.name,
            str(self._device),
        )
        compute = partial(cast_shadows, volume, plan, plate, softness, _DETAIL[tier])
        return self._cache.get_or_compute(key, compute, lambda shadows: shadows.size_bytes)

    def _composed(self, scene: ScenePicture, picture: RgbLinear, placed: RgbaLinear) -> RgbLinear:
        strength = number(scene.params, "light_match") / 100
        lit = placed
        if strength > 0:
            surroundings = Surroundings(
                scene.plan.info.groups, scene.gains, _around(picture, placed[3])
            )
            lit = matched(
                placed, surroundings, strength=strength, is_standing=scene.plan.is_standing
            )
        composed = over(lit, seen_through(picture, placed))
        front = scene.front()
        return composed if front is None else over(front, composed)


def planned(request: RenderRequest, views: Views, params: Params, tier: Tier) -> ScenePlan:
    """Which view the request shows at a tier, and where in it the product goes.

    Raises:
        ParameterInvalid: the product's height does not belong in this scene.
    """
    measurements = request.cutout.measurements
    pitch = measurements.pitch_deg
    if params.get("camera", "auto") != "auto":
        pitch = float(str(params["camera"]))
    info = views.nearest(pitch)
    if params.get("flip"):
        info = flipped_info(info)
    longest = {
        Tier.THUMB: THUMB_SIDE_PX,
        Tier.PREVIEW: PREVIEW_SIDE_PX,
        Tier.FINAL: request.output.longest_side_px,
    }[tier]
    width, height = frame_size(
        OutputSpec(longest, request.output.aspect),
        photo_width=measurements.width,
        photo_height=measurements.height,
    )
    wishes = Wishes(
        fill=number(params, "scale") / 100,
        height_cm=number(params, "height_cm"),
        shift_x=number(params, "shift_x") / 100,
        shift_y=number(params, "shift_y") / 100,
        nearer=number(params, "crop") / 100,
    )
    return plan_scene(info, measurements, wishes, frame_width=width, frame_height=height)


def _volume(alpha: AlphaF32, step: float, plan: ScenePlan, seed: int) -> Volume | None:
    slot = plan.info.slot
    # A crumb of the old ground under the product would be taken for what it stands on.
    alpha = without_specks(alpha, _CRUMB_SHARE)
    if slot.ground is None:
        return hanging_volume(alpha, step, plan.camera, slot.point_cm[2], seed)
    if slot.support is Support.FLAT_LAY:
        return lying_volume(alpha, step, plan.camera, slot.ground.height_cm, seed)
    return standing_volume(alpha, step, plan.camera, slot.ground.height_cm, seed)


def _around(picture: RgbLinear, alpha: Plane) -> tuple[float, float, float]:
    """Mean colour of the picture beside the product."""
    bare = alpha <= 0.01
    rows, columns = (~bare).any(dim=1).nonzero(), (~bare).any(dim=0).nonzero()
    if rows.numel() == 0 or not bool(bare.any()):
        return (0.4, 0.4, 0.4)
    height = int(rows[-1] - rows[0]) + 1
    margin = max(2, height // 4)
    top, bottom = max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin
    left, right = max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin
    part = bare[top:bottom, left:right].float()
    total = (picture[:, top:bottom, left:right] * part).sum(dim=(1, 2))
    red, green, blue = (total / part.sum().clamp(min=1)).tolist()
    return red, green, blue
