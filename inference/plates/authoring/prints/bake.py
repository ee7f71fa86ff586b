"""Bake one view of a mockup into a print plate."""

import logging
import time
from dataclasses import replace
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from inference.mockups.format import Face, Finish, PrintInfo, PrintSlot
from inference.mockups.plate import PrintPlate
from inference.plates.authoring.materials import Material
from inference.plates.authoring.prints.mockup import FaceMesh, Mockup, Printable, Setting
from inference.plates.authoring.prints.renderer import PrintRenderer, Window
from inference.plates.authoring.scene import Piece
from inference.plates.camera import Camera
from inference.plates.format import Bake, Kind, Surface

log = logging.getLogger(__name__)

# Of the undyed object: coated paper and white glaze reflect about this much.
WHITE_ALBEDO = 0.82
_BLACK = (0.0, 0.0, 0.0)
# The window of what is stored of the dyed object reaches so far past it.
_MARGIN_SHARE = 0.008
# A mapped face's coordinates are smooth: half the pictures' size holds them.
MAP_DIVISOR = 2


def bake(
    mitsuba: ModuleType, mockup: Mockup, view: str, *, side_px: int, samples: int
) -> PrintPlate:
    """Path-trace one view of a mockup.

    Args:
        mitsuba: from `renderer.load`.
        mockup: what to bake.
        view: the name of one of its views.
        side_px: of the square pictures.
        samples: per pixel and picture.
    """
    started = time.perf_counter()
    renderer = PrintRenderer(mitsuba, samples=samples, seed=mockup.seed)
    camera = mockup.shot(view).camera(side_px)
    thing, setting = mockup.build(view), mockup.setting(view)
    cover = _cover(renderer, thing, setting, camera)
    window = _window(cover[..., :4].max(axis=-1))
    white = _picture(renderer, thing, setting, camera, (WHITE_ALBEDO,) * 3, None)
    log.info("%s white: %.1f s", mockup.plate_slug(view), time.perf_counter() - started)
    black = _picture(renderer, thing, setting, camera, _BLACK, window)
    foil = None
    if Finish.FOIL in mockup.finishes:
        foil = _foil(renderer, mockup, thing, setting, camera, window)
    log.info("%s all: %.1f s", mockup.plate_slug(view), time.perf_counter() - started)
    exposure = np.float32(_exposure(white, cover, setting.level))
    left, top, right, bottom = window
    inside = np.s_[top:bottom, left:right]
    return PrintPlate(
        info=_info(mockup, view, thing, setting, camera, window, mitsuba, samples),
        white=white * exposure,
        black=np.minimum(black, white[inside]) * exposure,
        foil=None if foil is None else foil * exposure,
        cover=cover[inside][..., :4],
        ground=cover[..., 4],
        maps=_maps(renderer, thing, camera),
    )


def _cover(
    renderer: PrintRenderer, thing: Printable, setting: Setting, camera: Camera
) -> NDArray[np.float32]:
    """(H, W, 5) coverage: faces 0 to 2, the dyed object, the ground."""
    others = [piece.mesh for piece in (*thing.fixed, *setting.props)]
    dyed = [piece.mesh for piece in thing.dyed]
    ground = [piece.mesh for piece in setting.ground]
    faces = tuple((each.patch, index) for index, each in enumerate(thing.faces))
    on_faces = renderer.coverage(faces, (*others, *dyed, *ground), camera)
    marked = (*((mesh, 0) for mesh in dyed), *((mesh, 1) for mesh in ground))
    around = renderer.coverage(marked, tuple(others), camera)
    cover = np.concatenate([on_faces, around[..., :2]], axis=-1)
    # Faces lie on the object: a patch that reaches past its rounded edge covers nothing there.
    faces_sum = cover[..., :3].sum(axis=-1)
    cover[..., :3] *= np.minimum(1, cover[..., 3] / np.maximum(faces_sum, 1e-6))[..., None]
    return cover


def _window(cover: NDArray[np.float32]) -> Window:
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    height, width = cover.shape
    margin = max(2, round(_MARGIN_SHARE * width))
    return (
        max(0, int(columns[0]) - margin),
        max(0, int(rows[0]) - margin),
        min(width, int(columns[-1]) + 1 + margin),
        min(height, int(rows[-1]) + 1 + margin),
    )


def _picture(
    renderer: PrintRenderer,
    thing: Printable,
    setting: Setting,
    camera: Camera,
    dye: tuple[float, float, float],
    window: Window | None,
) -> NDArray[np.float32]:
    dyes = {id(p.material): replace(p.material, surface=dye) for p in thing.dyed}
    dyed = tuple(replace(piece, material=dyes[id(piece.material)]) for piece in thing.dyed)
    pieces = (*dyed, *thing.fixed, *setting.ground, *setting.props)
    scene = renderer.lit(pieces, lamps=setting.lamps, sky=setting.sky, gobos=setting.gobos)
    return renderer.beauty(scene, camera, window)


def _foil(
    renderer: PrintRenderer,
    mockup: Mockup,
    thing: Printable,
    setting: Setting,
    camera: Camera,
    window: Window,
) -> NDArray[np.float32]:
    stamped = tuple(Piece(each.patch, mockup.foil, Surface.PROP) for each in thing.faces)
    white = replace_all(thing.dyed, (WHITE_ALBEDO,) * 3)
    pieces = (*stamped, *white, *thing.fixed, *setting.ground, *setting.props)
    scene = renderer.lit(pieces, lamps=setting.lamps, sky=setting.sky, gobos=setting.gobos)
    return renderer.beauty(scene, camera, window)


def replace_all(pieces: tuple[Piece, ...], colour: tuple[float, float, float]) -> tuple[Piece, ...]:
    """The pieces in another colour, their shine kept."""
    made: dict[int, Material] = {}
    for piece in pieces:
        made.setdefault(id(piece.material), replace(piece.material, surface=colour))
    return tuple(replace(piece, material=made[id(piece.material)]) for piece in pieces)


def _exposure(white: NDArray[np.float32], cover: NDArray[np.float32], level: float) -> float:
    """The factor that brings the white faces to `level` on average."""
    weight = cover[..., :3].sum(axis=-1)
    brightness = white @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    mean = float((brightness * weight).sum() / max(float(weight.sum()), 1e-6))
    return level / max(mean, 1e-6)


def _maps(
    renderer: PrintRenderer, thing: Printable, camera: Camera
) -> dict[str, tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    size = (-(-camera.width_px // MAP_DIVISOR), -(-camera.height_px // MAP_DIVISOR))
    return {
        each.face.name: renderer.flat_coordinates(each.patch, camera, size)
        for each in thing.faces
        if each.face.is_mapped
    }


def _placed(each: FaceMesh, camera: Camera) -> Face:
    """The face; one of cloth with the grid by which a page finds its way on it."""
    if each.control is None:
        return each.face
    seen = camera.project(each.control)[..., :2]
    shares = seen / np.array([camera.width_px, camera.height_px])
    grid = tuple(tuple((float(x), float(y)) for x, y in row) for row in shares)
    return replace(each.face, grid=grid)


def _info(
    mockup: Mockup,
    view: str,
    thing: Printable,
    setting: Setting,
    camera: Camera,
    window: Window,
    mitsuba: ModuleType,
    samples: int,
) -> PrintInfo:
    left, top, right, bottom = window
    return PrintInfo(
        slug=mockup.plate_slug(view),
        mockup=mockup.slug,
        view=view,
        view_title=dict(mockup.views)[view],
        title=mockup.title,
        description=mockup.description,
        kind=Kind.PRINT,
        order=10 * mockup.order + [name for name, _ in mockup.views].index(view),
        camera=camera,
        slot=PrintSlot(
            faces=tuple(_placed(each, camera) for each in thing.faces),
            has_colour=mockup.has_colour,
            colour=mockup.colour,
            finishes=mockup.finishes,
            finish_title=mockup.finish_title,
            threads_per_cm=mockup.threads_per_cm,
            window_px=window,
            has_foil=Finish.FOIL in mockup.finishes,
            can_tint=setting.can_tint,
            focus_px=((left + right) / 2, (top + bottom) / 2),
        ),
        tone=mockup.tone,
        bake=Bake(f"mitsuba {mitsuba.__version__}", mitsuba.variant(), samples, mockup.seed),
    )
