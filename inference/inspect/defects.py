"""Faults planted into good pictures, each as it happens in practice, to prove the checks.

A fault of the cutout or of the light is rendered; a fault of the product's pixels is painted into
the finished picture. What the inspector is told is what it would be told in earnest: it sees the
faulty cutout, and the style that was ordered.
"""

import hashlib
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from inference.events import RenderFinished
from inference.inspect.evidence import Evidence, box_of, grown, read_result, shrunk
from inference.inspect.findings import ChannelNeed
from inference.inspect.inspector import Context
from inference.inspect.scene import placement_of
from inference.pixels.alpha import components
from inference.pixels.arrays import BoolMask, GreyU8, RgbU8
from inference.pixels.colour import linear_to_srgb
from inference.requests import CutoutSource, OutputSpec, PhotoSource, RenderRequest, StyleSpec
from inference.stages.measure import measure
from inference.stages.place import Placement
from inference.styles.background import BackgroundFamily
from inference.styles.catalogue import find_style

Render = Callable[[RenderRequest], RenderFinished]

_BLUR_SHARE = 0.004
_LIFT_SHARE = 0.05
_HALO_SHARE = 0.008
_CUT_SHARE = 0.14
# A fault nobody could see is none: the least change of a patch, in sRGB levels.
_VISIBLE = 6.0


@dataclass(frozen=True, slots=True)
class Kit:
    """A good picture and what it was made from."""

    request: RenderRequest
    picture: bytes
    evidence: Evidence
    render: Render
    folder: Path
    context: Context


@dataclass(frozen=True, slots=True)
class Planted:
    """A faulty picture and what the inspector is told of it."""

    request: RenderRequest
    picture: bytes
    context: Context


@dataclass(frozen=True, slots=True)
class Defect:
    """A fault, the check that must find it, and how to plant it (None where it cannot be)."""

    slug: str
    check: str
    plant: Callable[[Kit], Planted | None]


def _painted(kit: Kit, rgb: RgbU8, context: Context | None = None) -> Planted:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG", compress_level=1)
    return Planted(kit.request, buffer.getvalue(), context or kit.context)


def _product_mask(kit: Kit) -> NDArray[np.float32]:
    """(H, W) 0..1: the product in the finished picture."""
    alpha, place = kit.evidence.alpha, kit.evidence.placement
    scale = kit.evidence.photo_scale / place.scale
    image = Image.fromarray(alpha).transform(
        (place.frame_width, place.frame_height),
        Image.Transform.AFFINE,
        (scale, 0, -place.offset_x * scale, 0, scale, -place.offset_y * scale),
        resample=Image.Resampling.BILINEAR,
    )
    return np.asarray(image, dtype=np.float32) / np.float32(255)


def _mixed(below: RgbU8, above: NDArray[np.float32], share: NDArray[np.float32]) -> RgbU8:
    """`above` (levels) over `below` by `share`, 0..1."""
    mixed = below + (above - below) * share[..., None]
    return np.asarray(np.clip(mixed + 0.5, 0, 255), dtype=np.uint8)


def _side(kit: Kit) -> int:
    box = kit.evidence.product_box()
    return max(box.width, box.height)


def repaint_label(kit: Kit) -> Planted | None:
    """Melt the busiest sixth of the product, as a generative model melts a label."""
    rgb = kit.evidence.result
    size = round(0.16 * _side(kit))
    found = _busiest(rgb, shrunk(_product_mask(kit) > 0.98, 3), size)
    if found is None:
        return None
    top, left = found
    patch = rgb[top : top + size, left : left + size].astype(np.float32)
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32)
    swing, wave = 0.09 * size, 2 * math.pi / (0.45 * size)
    from_rows = np.clip(rows + swing * np.sin(wave * columns), 0, size - 1).astype(np.intp)
    from_columns = np.clip(columns + swing * np.sin(wave * rows + 1), 0, size - 1).astype(np.intp)
    melted = patch[from_rows, from_columns]
    distance = np.hypot(rows - size / 2, columns - size / 2) / (size / 2)
    share = np.clip((1 - distance) * 4, 0, 1)
    if float(np.abs(melted - patch).mean()) < _VISIBLE:
        return None
    result = rgb.copy()
    target = result[top : top + size, left : left + size]
    result[top : top + size, left : left + size] = _mixed(target, melted, share)
    return _painted(kit, result)


def _busiest(rgb: RgbU8, inside: BoolMask, size: int) -> tuple[int, int] | None:
    """Top left corner of the square inside the product with the most detail."""
    grey = rgb.astype(np.float32).mean(axis=2)
    detail = np.abs(np.diff(grey, axis=1, prepend=grey[:, :1]))
    detail += np.abs(np.diff(grey, axis=0, prepend=grey[:1]))
    best: tuple[float, tuple[int, int]] | None = None
    step = max(4, size // 4)
    for top in range(0, grey.shape[0] - size, step):
        for left in range(0, grey.shape[1] - size, step):
            window = np.s_[top : top + size, left : left + size]
            if inside[window].mean() < 0.97:
                continue
            amount = float(detail[window].mean())
            if best is None or amount > best[0]:
                best = (amount, (top, left))
    return None if best is None else best[1]


def shift_hue(kit: Kit) -> Planted:
    """The warm cast of a wrong white balance, on the product alone."""
    rgb = kit.evidence.result
    warm = rgb.astype(np.float32) * np.array([1.06, 1.0, 0.86], dtype=np.float32)
    return _painted(kit, _mixed(rgb, np.clip(warm, 0, 255), _product_mask(kit)))


def blur_product(kit: Kit) -> Planted:
    """Softness over the whole product, as after one resample too many."""
    rgb = kit.evidence.result
    sigma = _BLUR_SHARE * _side(kit) * max(1.0, 0.8 * kit.evidence.placement.scale)
    soft = np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(sigma)))
    return _painted(kit, _mixed(rgb, soft.astype(np.float32), _product_mask(kit)))


def _with_alpha(kit: Kit, alpha: GreyU8, name: str, *, is_clean: bool = True) -> Planted:
    """Render with another cutout, measured anew, and tell the inspector of that cutout."""
    buffer = io.BytesIO()
    Image.fromarray(alpha).save(buffer, "PNG", compress_level=1)
    path = kit.folder / f"{name}.png"
    path.write_bytes(buffer.getvalue())
    digest = hashlib.sha256(buffer.getvalue() + name.encode()).hexdigest()
    measurements = measure(alpha)
    told = CutoutSource(path, digest, measurements)
    request = replace(kit.request, cutout=told)
    # A file that brings its own alpha is taken as it is: nothing cleans its edge.
    dirty = replace(told, measurements=replace(measurements, has_own_alpha=True))
    made_from = request if is_clean else replace(kit.request, cutout=dirty)
    return Planted(request, kit.render(made_from).image.data, kit.context)


def leave_halo(kit: Kit) -> Planted:
    """A matte a little too wide: a rim of the old background comes along."""
    alpha = kit.evidence.alpha
    radius = max(2, round(_HALO_SHARE * _native_side(kit)))
    wide = Image.fromarray(grown(alpha > 127, radius).astype(np.uint8) * np.uint8(255))
    return _with_alpha(kit, np.asarray(wide.filter(ImageFilter.GaussianBlur(0.7))), "halo")


def _native_side(kit: Kit) -> int:
    subject = kit.evidence.measurements.subject
    return round(max(subject.width, subject.height) * kit.evidence.photo_scale)


def leave_fringe(kit: Kit) -> Planted:
    """The right matte, softer, over colours that still hold the old background."""
    image = Image.fromarray(kit.evidence.alpha)
    soft = image.filter(ImageFilter.GaussianBlur(max(1.5, 0.004 * _native_side(kit))))
    return _with_alpha(kit, np.asarray(soft), "fringe", is_clean=False)


def cut_part_off(kit: Kit) -> Planted | None:
    """A handle, a heel or a corner lost: everything beyond a line is missing."""
    alpha = kit.evidence.alpha.copy()
    box = box_of(alpha > 127)
    if box is None:
        return None
    # Diagonal cuts across the upper right: the base stays, so that only the edge gives it away.
    rows, columns = np.mgrid[0 : alpha.shape[0], 0 : alpha.shape[1]]
    across = (columns - box.left) / box.width - (rows - box.top) / box.height
    solid = alpha > 127
    limit = float(np.quantile(across[solid], 1 - _CUT_SHARE))
    alpha[across > limit] = 0
    return _with_alpha(kit, alpha, "cut")


def fill_gap(kit: Kit) -> Planted | None:
    """A gap that should show the new scene: a hole, or a bay closed as a bad matte closes it."""
    alpha = kit.evidence.alpha
    solid = alpha > 127
    step = max(1, max(alpha.shape) // 512)
    small = solid[::step, ::step]
    radius = max(3, round(0.07 * _native_side(kit) / step))
    padded = np.pad(small, radius + 1)
    inner = slice(radius + 1, -radius - 1)
    closed = shrunk(grown(padded, radius), radius)[inner, inner]
    for gaps, least in ((_holes(small), 0.004), (shrunk(closed & ~small, 1), 0.01)):
        labels, areas = components(gaps)
        if areas.size > 1 and areas[1:].max() >= least * np.count_nonzero(small):
            patch = grown(labels == 1 + int(np.argmax(areas[1:])), 2)
            size = (alpha.shape[1], alpha.shape[0])
            large = Image.fromarray(patch).resize(size, Image.Resampling.NEAREST)
            return _with_alpha(kit, np.where(np.asarray(large), np.uint8(255), alpha), "gap")
    return None


def _holes(mask: BoolMask) -> BoolMask:
    """What lies outside the mask without a way to the frame's edge."""
    labels, _ = components(np.pad(~mask, 1, constant_values=True))
    is_outside = labels == labels[0, 0]
    return np.asarray(~is_outside[1:-1, 1:-1] & ~mask)


def fray_edge(kit: Kit) -> Planted:
    """An outline that jumps in and out, as a coarse network's does."""
    alpha = kit.evidence.alpha
    radius = max(2, round(0.008 * _native_side(kit)))
    rng = np.random.default_rng(7)
    cells = (math.ceil(alpha.shape[0] / (2 * radius)), math.ceil(alpha.shape[1] / (2 * radius)))
    noise = Image.fromarray(rng.random(cells) > 0.5)
    jumps = np.asarray(noise.resize((alpha.shape[1], alpha.shape[0]), Image.Resampling.NEAREST))
    solid = alpha > 127
    frayed = np.where(jumps, grown(solid, radius), shrunk(solid, radius))
    return _with_alpha(kit, frayed.astype(np.uint8) * np.uint8(255), "frayed")


def lift_product(kit: Kit) -> Planted | None:
    """The product a twentieth of its height above its shadow."""
    box = kit.evidence.product_box()
    lift = round(_LIFT_SHARE * box.height)
    scene = kit.evidence.scene
    if scene is None or scene.backdrop is None or box.top - lift < 2:
        return None
    if scene.lies_flat or scene.has_mirror:
        return None
    share = _product_mask(kit)
    rgb = kit.evidence.result
    ground = _without_product(rgb, share > 0.01, _backdrop_levels(kit))
    raised = np.zeros_like(share)
    raised[:-lift] = share[lift:]
    above = np.zeros(rgb.shape, dtype=np.float32)
    above[:-lift] = rgb[lift:]
    place = kit.evidence.placement
    told = replace(place, offset_y=place.offset_y - lift)
    return _painted(kit, _mixed(ground, above, raised), replace(kit.context, placement=told))


def _backdrop_levels(kit: Kit) -> RgbU8:
    """The empty scene at the picture's size."""
    scene = kit.evidence.scene
    assert scene is not None
    assert scene.backdrop is not None
    levels = (linear_to_srgb(scene.backdrop) * 255 + 0.5).permute(1, 2, 0).numpy().astype(np.uint8)
    size = kit.evidence.frame
    return np.asarray(Image.fromarray(levels).resize(size, Image.Resampling.BICUBIC))


def _without_product(rgb: RgbU8, product: BoolMask, empty: RgbU8) -> RgbU8:
    """The scene behind a product: the ground's shadow continued upwards, fading out."""
    ground = np.where(product[..., None], empty, rgb)
    height = rgb.shape[0]
    columns = np.flatnonzero(product.any(axis=0))
    lowest = height - 1 - np.argmax(product[::-1, columns], axis=0)
    below = np.minimum(lowest + 2, height - 1)
    shade = rgb[below, columns] / np.maximum(empty[below, columns].astype(np.float32), 1)
    reach = max(4, round(0.12 * height))
    for step in range(reach):
        rows = np.maximum(lowest - step, 0)
        fade = (1 - step / reach) * shade + step / reach
        hidden = product[rows, columns]
        painted = np.clip(empty[rows, columns] * fade, 0, 255).astype(np.uint8)
        ground[rows[hidden], columns[hidden]] = painted[hidden]
    return np.asarray(ground)


def _with_params(kit: Kit, params: Mapping[str, float]) -> Planted:
    """Made with other parameters than those that were ordered."""
    style = kit.request.style
    other = StyleSpec(style.slug, {**style.params, **params})
    picture = kit.render(replace(kit.request, style=other)).image.data
    return Planted(kit.request, picture, kit.context)


def drop_shadow(kit: Kit) -> Planted:
    """Nothing on the ground where the style has a shadow, or a mirror image."""
    names = {parameter.name for parameter in find_style(kit.request.style.slug).parameters}
    return _with_params(kit, {name: 0.0 for name in ("shadow", "reflection") if name in names})


def turn_light(kit: Kit) -> Planted | None:
    """Lit from the other side than was ordered: the shadow falls towards the lamp."""
    scene = kit.evidence.scene
    if scene is None or scene.direction_deg is None:
        return None
    family = find_style(kit.request.style.slug).family
    if family in set(BackgroundFamily):
        return _with_params(kit, {"light_direction": -scene.direction_deg})
    return _mirrored_shadow(kit)


def _mirrored_shadow(kit: Kit) -> Planted | None:
    """The same scene with the shadow that the lamps' mirror image would throw.

    A mirrored product throws the mirror image of that shadow under the scene's own lamps; turned
    round about the product's middle it is as it would fall with the lamps on the other side.
    """
    evidence = kit.evidence
    finished = kit.render(_mirrored(kit))
    told = finished.placement
    if told is None:
        return None
    left, _, right, _ = told.box(measure(np.ascontiguousarray(evidence.alpha[:, ::-1])).subject)
    empty = _backdrop_levels(kit).astype(np.float32)
    light = read_result(finished.image.data) / np.maximum(empty, 1)
    own = evidence.product_box()
    middles = (own.left + own.right) / 2 + (left + right) / 2
    columns = np.round(middles - 1 - np.arange(light.shape[1])).astype(np.intp)
    is_inside = (columns >= 0) & (columns < light.shape[1])
    turned = np.ones_like(light)
    turned[:, is_inside] = light[:, columns[is_inside]]
    picture = np.clip(empty * turned, 0, 255).astype(np.uint8)
    share = _product_mask(kit)
    return _painted(kit, _mixed(picture, evidence.result.astype(np.float32), share))


def _mirrored(kit: Kit) -> RenderRequest:
    """The same picture asked for of the mirrored photo."""
    evidence = kit.evidence
    photo, alpha = kit.folder / "mirrored.png", kit.folder / "mirrored-alpha.png"
    turned = np.ascontiguousarray(evidence.alpha[:, ::-1])
    Image.fromarray(np.ascontiguousarray(evidence.photo[:, ::-1])).save(photo, compress_level=1)
    Image.fromarray(turned).save(alpha, compress_level=1)
    return replace(
        kit.request,
        photo=PhotoSource(photo, hashlib.sha256(photo.read_bytes()).hexdigest()),
        cutout=CutoutSource(alpha, hashlib.sha256(alpha.read_bytes()).hexdigest(), measure(turned)),
    )


def make_small(kit: Kit) -> Planted:
    """A picture of 600 pixels for a channel that asks for 1000."""
    request = replace(kit.request, output=OutputSpec(600, kit.request.output.aspect))
    need = ChannelNeed("a shop that asks for 1000 pixels", smallest_longest_px=1000)
    context = replace(kit.context, channels=(need,))
    return Planted(request, kit.render(request).image.data, context)


def enlarge_thumbnail(kit: Kit) -> Planted | None:
    """A product that the photo shows a third as large as the picture does."""
    alpha, photo = kit.evidence.alpha, kit.evidence.photo
    side = 0.6 * max(kit.evidence.frame) / 3.4
    scale = side / _native_side(kit)
    if scale >= 1:
        return None
    size = (max(64, round(alpha.shape[1] * scale)), max(64, round(alpha.shape[0] * scale)))
    path = kit.folder / "thumbnail.png"
    Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS).save(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    small = np.asarray(Image.fromarray(alpha).resize(size, Image.Resampling.BOX))
    request = replace(kit.request, photo=replace(kit.request.photo, path=path, sha256=digest))
    return _with_alpha(replace(kit, request=request), small, "thumbnail-alpha")


def resize_among_siblings(kit: Kit) -> Planted:
    """A product a fifth smaller than the rest of its look."""
    place: Placement = kit.evidence.placement
    box = kit.evidence.product_box()
    fill = max(box.width / place.frame_width, box.height / place.frame_height)
    style = StyleSpec(kit.request.style.slug, {"scale": float(max(20, round(80 * fill)))})
    request = replace(kit.request, style=style)
    told = replace(kit.context, placement=placement_of(request))
    return Planted(request, kit.render(request).image.data, told)


DEFECTS: tuple[Defect, ...] = (
    Defect("repainted label", "product", repaint_label),
    Defect("hue shift", "colours", shift_hue),
    Defect("blur", "product", blur_product),
    Defect("halo", "edges", leave_halo),
    Defect("colour fringe", "edges", leave_fringe),
    Defect("cut-off part", "edges", cut_part_off),
    Defect("filled hole", "edges", fill_gap),
    Defect("ragged edge", "edges", fray_edge),
    Defect("floating product", "light", lift_product),
    Defect("missing shadow", "light", drop_shadow),
    Defect("shadow towards the lamp", "light", turn_light),
    Defect("too small for the channel", "resolution", make_small),
    Defect("enlarged thumbnail", "resolution", enlarge_thumbnail),
    Defect("wrong size among siblings", "consistency", resize_among_siblings),
)
