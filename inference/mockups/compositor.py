"""Draw a mockup style: artwork on an object of a print plate, lit, finished."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch.nn import functional

from inference.errors import PlateMissing
from inference.mockups import artwork as artworks
from inference.mockups.artwork import Artwork, Source, load_artwork
from inference.mockups.format import Finish, PrintInfo
from inference.mockups.ink import foil_cover, lit, stamped
from inference.mockups.library import PREVIEW_SIDE_PX as PLATE_PREVIEW_SIDE_PX
from inference.mockups.library import MockupLibrary
from inference.mockups.placing import lay
from inference.mockups.plate import PrintPlate
from inference.mockups.surface import Surface
from inference.mockups.view import Window, window_of
from inference.mockups.warp import printed
from inference.mockups.weave import woven
from inference.mockups.wishes import wish_of
from inference.pixels.arrays import RgbU8
from inference.pixels.colour import Plane, RgbLinear, hex_to_linear
from inference.pixels.geometry import frame_size
from inference.pixels.resize import Axis, resample
from inference.requests import (
    PREVIEW_SIDE_PX,
    THUMB_SIDE_PX,
    OutputSpec,
    ParameterValue,
    RenderRequest,
    Tier,
)
from inference.run import Run
from inference.scenes.ground import toned
from inference.stage_cache import StageCache, cache_key
from inference.stages.finish import finish_picture
from inference.styles.mockup import ALL_FACES, mockup_style
from inference.styles.style import Style

Params = Mapping[str, ParameterValue]

# Artwork is never needed finer than about the frame: the print is a part of it.
_ARTWORK_SIDE_PX = {Tier.THUMB: 256, Tier.PREVIEW: 768, Tier.FINAL: 4096}
_BLEED_PX = 4
# Noise beside the print, in 8-bit levels either way; it breaks bands on smooth grounds.
_GRAIN_LEVELS = 1.5


@dataclass(frozen=True, slots=True)
class Framed:
    """A plate as one frame shows it, on the device.

    `white`, `black` and `foil` are (3, H, W) linear light; `cover` is (4, H, W): faces 0 to 2, the
    dyed object; `ground` is (H, W), where the surroundings may be tinted, or None.
    """

    info: PrintInfo
    window: Window
    white: RgbLinear
    black: RgbLinear
    cover: torch.Tensor
    foil: RgbLinear | None
    ground: Plane | None
    surfaces: tuple[Surface, ...]

    @property
    def size_bytes(self) -> int:
        """Memory that it takes."""
        tensors = (self.white, self.black, self.cover, self.foil, self.ground)
        return sum(t.numel() * t.element_size() for t in tensors if t is not None)


class MockupCompositor:
    """Draws the mockup styles of one library on one device; safe between threads."""

    def __init__(self, *, library: MockupLibrary, cache: StageCache, device: torch.device) -> None:
        self._library = library
        self._cache = cache
        self._device = device

    def find(self, slug: str) -> Style | None:
        """The mockup style of that name, or None when the library has no such mockup."""
        return mockup_style(self._library, slug) if self._library.views(slug) else None

    @torch.inference_mode()
    def draw(self, request: RenderRequest, run: Run, tier: Tier, *, params: Params) -> RgbU8:
        """All stages of one tier but its encode; (H, W, 3) uint8 sRGB.

        Raises:
            PlateMissing: the view asked for is not installed.
            PhotoUnreadable: the artwork cannot be decoded.
        """
        info = self._view(request.style.slug, str(params.get("view", "")))
        with run.stage("decode", tier):
            artwork = self._artwork(request, Source(str(params["artwork"])), tier)
        with run.stage("backdrop", tier):
            framed = self._framed(info, request, params, tier)
        with run.stage("place", tier):
            ink, ground = self._ink(framed, artwork, params)
        with run.stage("finish", tier):
            picture = _composed(framed, ink, ground, artwork, params)
            grain = (1 - framed.cover[3]) * _GRAIN_LEVELS + framed.cover[3]
            return finish_picture(picture, grain, seed=request.seed)

    def _view(self, mockup: str, view: str) -> PrintInfo:
        views = self._library.views(mockup)
        for info in views:
            if info.view == view:
                return info
        if len(views) == 1:
            return views[0]
        names = ", ".join(info.view for info in views) or "none"
        raise PlateMissing(f"{mockup} has no view “{view}”; there are: {names}.")

    def _artwork(self, request: RenderRequest, source: Source, tier: Tier) -> Artwork:
        side = min(_ARTWORK_SIDE_PX[tier], _native(request))
        key = cache_key(
            f"artwork {artworks.VERSION}",
            request.photo.sha256,
            request.cutout.sha256 if source is Source.CUT_OUT else "",
            source.value,
            str(side),
            str(self._device),
        )
        compute = partial(
            load_artwork,
            request.photo,
            request.cutout,
            source,
            longest_side_px=side,
            device=self._device,
        )
        return self._cache.get_or_compute(key, compute, lambda artwork: artwork.size_bytes)

    def _framed(
        self, info: PrintInfo, request: RenderRequest, params: Params, tier: Tier
    ) -> Framed:
        longest = {
            Tier.THUMB: THUMB_SIDE_PX,
            Tier.PREVIEW: PREVIEW_SIDE_PX,
            Tier.FINAL: request.output.longest_side_px,
        }[tier]
        measured = request.cutout.measurements
        width, height = frame_size(
            OutputSpec(longest, request.output.aspect),
            photo_width=measured.width,
            photo_height=measured.height,
        )
        zoom = float(params["zoom"]) / 100
        key = cache_key("mockup", info.slug, repr((width, height, zoom)), str(self._device))

        def compute() -> Framed:
            is_small = longest * zoom <= PLATE_PREVIEW_SIDE_PX * 1.01
            plate = self._library.load(info.slug, is_small=is_small)
            window = window_of(plate.info, width=width, height=height, zoom=zoom)
            return frame(plate, window, self._device)

        return self._cache.get_or_compute(key, compute, lambda framed: framed.size_bytes)

    def _ink(
        self, framed: Framed, artwork: Artwork, params: Params
    ) -> tuple[torch.Tensor, Plane | None]:
        """(4, H, W) premultiplied ink per covered pixel, and the light that a weave lets through.

        The ink is that of the object's part of a pixel: at its outline the ground does not thin it.
        """
        height, width = framed.white.shape[1:]
        ink = torch.zeros((4, height, width), device=self._device)
        shade: Plane | None = None
        asked = str(params.get("faces", ALL_FACES))
        threads = framed.info.slot.threads_per_cm
        if threads > 0:
            shade = torch.ones((height, width), device=self._device)
        for index, face in enumerate(framed.info.slot.faces):
            cover = framed.cover[index]
            is_bare = asked not in (ALL_FACES, face.name)
            if is_bare and shade is None:
                continue
            laying = lay(face, wish_of(params), width=artwork.width, height=artwork.height)
            surface = framed.surfaces[index]
            laid, on_face = printed(artwork, laying, face, surface, framed.window, cover)
            where = cover > 0
            if shade is not None:
                weave = woven(on_face, where, threads, float(params["weave"]) / 100)
                shade[where] = weave.light
                laid = laid * weave.ink
            if not is_bare:
                ink[:, where] += laid * cover[where]
        return ink / share_of_object(framed.cover).clamp(min=1e-3), shade


def share_of_object(cover: torch.Tensor) -> Plane:
    """(H, W) what of a pixel is the object's; where faces meet, what the faces cover.

    Masks are sampled, so at a fold two faces may miss some of the object: it would show as a
    bright line between two dark prints.
    """
    faces = cover[:3]
    near = functional.max_pool2d((faces > 0).float()[None], 5, stride=1, padding=2)[0]
    is_fold = near.sum(dim=0) > 1
    return torch.where(is_fold, faces.sum(dim=0), cover[3])


def frame(plate: PrintPlate, window: Window, device: torch.device) -> Framed:
    """Cut a frame out of a plate and bring it to the device."""
    slot, camera = plate.info.slot, plate.info.camera
    left, top, right, bottom = slot.window_px
    white = _planes(torch.from_numpy(plate.white), device)

    def within(array: torch.Tensor, around: torch.Tensor) -> torch.Tensor:
        whole = around.clone()
        whole[:, top:bottom, left:right] = _planes(array, device)
        return _cut(whole, window)

    nothing = white.new_zeros((4, camera.height_px, camera.width_px))
    shown = _cut(white, window)
    black = within(torch.from_numpy(plate.black), white)
    foil = None if plate.foil is None else within(torch.from_numpy(plate.foil), white)
    ground = None
    if slot.can_tint and plate.ground is not None:
        ground = _cut(torch.from_numpy(plate.ground)[None].to(device), window)[0].clamp(0, 1)
    return Framed(
        info=plate.info,
        window=window,
        white=shown,
        black=torch.minimum(black, shown),
        cover=within(torch.from_numpy(plate.cover), nothing).clamp(0, 1),
        foil=foil,
        ground=ground,
        surfaces=tuple(
            Surface(face, camera, plate.maps.get(face.name), device) for face in slot.faces
        ),
    )


def _composed(
    framed: Framed, ink: torch.Tensor, shade: Plane | None, artwork: Artwork, params: Params
) -> RgbLinear:
    slot = framed.info.slot
    finish = Finish(str(params.get("finish", slot.finishes[0])))
    body = hex_to_linear(str(params.get("object_colour", slot.colour)))
    colour = framed.white.new_tensor(body)[:, None, None]
    is_foil = finish is Finish.FOIL and framed.foil is not None
    bare = torch.ones_like(ink[3]) if is_foil else 1 - ink[3].clamp(0, 1)
    reflectance = colour * bare if is_foil else colour * bare + ink[:3]
    if shade is not None:
        reflectance = reflectance * shade
    picture = lit(framed.white, framed.black, reflectance, framed.cover[3], finish)
    if is_foil and framed.foil is not None:
        cover = foil_cover(ink, is_transparent=artwork.is_transparent) * framed.cover[3]
        picture = stamped(picture, framed.foil, cover, str(params["foil"]))
    if framed.ground is not None and params.get("tint", "#ffffff") != "#ffffff":
        tint = framed.white.new_tensor(hex_to_linear(str(params["tint"])))[:, None, None]
        picture = picture * (1 + framed.ground * (tint - 1))
    return toned(picture.clamp_(min=0), framed.info.tone)


def _native(request: RenderRequest) -> int:
    measured = request.cutout.measurements
    return max(measured.width, measured.height, 16)


def _planes(array: torch.Tensor, device: torch.device) -> torch.Tensor:
    return array.permute(2, 0, 1).to(device).contiguous()


def _cut(planes: torch.Tensor, window: Window) -> torch.Tensor:
    if window.step == 1 and planes.shape[1:] == (window.height, window.width):
        return planes
    bled = functional.pad(planes[None], (_BLEED_PX,) * 4, mode="replicate")[0]
    rows = Axis(window.height, 1 / window.step, -(window.top + _BLEED_PX) / window.step)
    columns = Axis(window.width, 1 / window.step, -(window.left + _BLEED_PX) / window.step)
    return resample(bled, rows=rows, columns=columns)
