"""A small print plate out of plain arrays, for tests: nothing is path-traced."""

import numpy as np
import torch

from inference.mockups.format import Cylinder, Face, Finish, Plane, PrintInfo, PrintSlot
from inference.mockups.plate import PrintPlate
from inference.mockups.surface import Surface
from inference.pixels.arrays import RgbF32
from inference.plates.camera import Camera, look_at
from inference.plates.format import Bake, Kind, Tone

# Of the object undyed, of its surroundings, and of its gloss.
WHITE, AROUND, GLOSS = 0.7, 0.35, 0.04
_SAMPLES = 4


def synthetic_print_plate(
    *,
    slug: str = "synthetic",
    mockup: str = "",
    view: str = "",
    side_px: int = 256,
    is_round: bool = False,
    threads_per_cm: float = 0.0,
    has_colour: bool = True,
) -> PrintPlate:
    """A board seen at an angle, or a round tin, evenly lit, with a soft highlight across it."""
    camera = look_at(
        position_cm=(14.0, 12.0, 40.0),
        target_cm=(0.0, 0.0, 0.0),
        field_of_view_deg=26,
        width_px=side_px,
        height_px=side_px,
    )
    face = _tin() if is_round else _board()
    cover = _cover(face, camera)
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    window = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    left, top, right, bottom = window
    inside = np.s_[top:bottom, left:right]
    gloss = GLOSS * (1 + np.cos(np.linspace(0, 6, side_px)))[None, :, None]
    object_white, object_black = WHITE + gloss / 2, gloss / 2
    share = cover[..., None]
    white = share * object_white + (1 - share) * AROUND
    black = share * object_black + (1 - share) * AROUND
    foil = share * 0.8 + (1 - share) * AROUND
    planes = np.zeros((bottom - top, right - left, 4), np.float32)
    planes[..., 0] = planes[..., 3] = cover[inside]
    info = PrintInfo(
        slug=slug,
        mockup=mockup or slug,
        view=view,
        view_title=view.title(),
        title="Synthetic",
        description="A board of plain arrays.",
        kind=Kind.PRINT,
        order=1,
        camera=camera,
        slot=PrintSlot(
            faces=(face,),
            has_colour=has_colour,
            colour="#ffffff",
            finishes=(Finish.BAKED, Finish.MATTE, Finish.FOIL),
            finish_title="Gloss",
            threads_per_cm=threads_per_cm,
            window_px=window,
            has_foil=True,
            can_tint=True,
            focus_px=((left + right) / 2, (top + bottom) / 2),
        ),
        tone=Tone(),
        bake=Bake(renderer="none", variant="none", samples=0, seed=0),
    )
    return PrintPlate(
        info=info,
        white=_rgb(white),
        black=_rgb(black)[inside],
        cover=planes,
        foil=_rgb(foil)[inside],
        ground=(1 - cover).astype(np.float32),
    )


def _board() -> Face:
    plane = Plane((-6.0, 5.0, 0.0), (12.0, 0.0, 0.0), (0.0, -10.0, 0.0))
    return Face(
        name="front",
        title="Front",
        width_cm=12.0,
        height_cm=10.0,
        area=(0.0, 0.0, 1.0, 1.0),
        focus=(0.0, 0.0, 1.0, 1.0),
        bleed_cm=0.3,
        safe_cm=0.5,
        plane=plane,
    )


def _tin() -> Face:
    cylinder = Cylinder((0.0, 5.0, 0.0), (0.0, -10.0, 0.0), (0.0, 0.0, 1.0), 4.0, 180.0)
    return Face(
        name="wrap",
        title="Wrap",
        width_cm=float(4 * np.pi),
        height_cm=10.0,
        area=(0.0, 0.0, 1.0, 1.0),
        focus=(0.3, 0.0, 0.7, 1.0),
        safe_cm=0.3,
        cylinder=cylinder,
    )


def _cover(face: Face, camera: Camera) -> np.ndarray:
    """(H, W) float32: how much of a pixel the face covers, from a few points in each."""
    fine = camera.scaled(camera.width_px * _SAMPLES, camera.height_px * _SAMPLES)
    surface = Surface(face, fine, None, torch.device("cpu"))
    points = torch.from_numpy(fine.pixel_centres().reshape(-1, 2))
    flat = surface.flat(points).numpy().reshape(fine.height_px, fine.width_px, 2)
    on = ((flat > 0) & (flat < 1)).all(axis=-1)
    if face.cylinder is not None:
        on &= _meets(face.cylinder, fine)
    shape = (camera.height_px, _SAMPLES, camera.width_px, _SAMPLES)
    cover: np.ndarray = on.reshape(shape).mean(axis=(1, 3)).astype(np.float32)
    return cover


def _meets(cylinder: Cylinder, camera: Camera) -> np.ndarray:
    """Where the view meets the upright cylinder at all."""
    rays = camera.rays(camera.pixel_centres())[..., [0, 2]]
    start = (np.array(camera.position_cm) - np.array(cylinder.centre_cm))[[0, 2]]
    a, b = (rays**2).sum(axis=-1), rays @ start
    meets: np.ndarray = b * b - a * (start @ start - cylinder.radius_cm**2) > 0
    return meets


def _rgb(plane: np.ndarray) -> RgbF32:
    return np.repeat(plane.astype(np.float32), 3, axis=2)
