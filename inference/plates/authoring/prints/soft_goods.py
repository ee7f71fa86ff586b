"""Soft objects, draped by cloth simulation: a tote bag and a cushion."""

import functools
from dataclasses import replace

import numpy as np

from inference.mockups.format import Face
from inference.plates.authoring.materials import Material
from inference.plates.authoring.prints.mockup import FaceMesh, Printable
from inference.plates.authoring.prints.panels import (
    Ids,
    Sewn,
    fill,
    keep_apart,
    panel_mesh,
    pillow,
    sewn_panels,
)
from inference.plates.authoring.scene import Piece
from inference.plates.authoring.shapes import Array, Mesh, sheet
from inference.plates.format import Surface, Vec3

CANVAS = Material((0.82, 0.82, 0.82), roughness=0.95, reflectance=0.02, sheen=0.25)
_LIFT_CM = 0.03
_CONTROL = 7
# Until the camera is known, a cloth's face has a grid of its own corners.
_UNSEEN = (((0.0, 0.0), (1.0, 0.0)), ((0.0, 1.0), (1.0, 1.0)))
_BAG = (0.38, 0.41)
_HANDLE_X = 0.085


@functools.cache
def draped_tote() -> Sewn:
    """A canvas bag that hangs from its handles with something light in it."""
    width, height = _BAG
    sewn = sewn_panels(
        width=width, height=height, spacing=0.0095, has_top_seam=False, bending=2.2e-4
    )
    cloth = sewn.cloth
    columns = sewn.front.shape[1]
    across = np.linspace(-0.5, 0.5, columns) * width
    for ids, side in ((sewn.front, 1.0), (sewn.back, -1.0)):
        held = ids[:4, np.abs(np.abs(across) - _HANDLE_X) < 0.013]
        cloth.inverse_mass[held.ravel()] = 0
        cloth.position[held, 2] = side * 0.012
        # Handles that are held together draw their feet in a little.
        cloth.position[held, 0] *= 0.94
    half = (0.135, 0.12, 0.048)

    def content(share: float) -> tuple[Array, Array]:
        grown = (half[0], half[1], 0.006 + (half[2] - 0.006) * share)
        return pillow(grown, centre=(0.012, 0.145, 0.0), power=3.0)

    fill(sewn, stuffing=content, frames=110, gravity=-9.81)
    keep_apart(sewn)
    return sewn


def tote(*, lift: float, reach: float) -> Printable:
    """The bag with its bottom `lift` cm above the ground, its handles meeting `reach` cm above."""
    sewn = draped_tote()
    front = panel_mesh(sewn, sewn.front).moved(y=lift)
    back = panel_mesh(sewn, sewn.back, faces_front=False).moved(y=lift)
    straps = []
    for ids, depth in ((sewn.front, 1.0), (sewn.back, -1.0)):
        straps.append(_strap(sewn, ids, depth, reach).moved(y=lift))
    face = Face(
        name="front",
        title="Front",
        width_cm=100 * _BAG[0],
        height_cm=100 * _BAG[1],
        area=(0.06, 0.08, 0.94, 0.97),
        focus=(0.14, 0.24, 0.86, 0.88),
        safe_cm=1.0,
        grid=_UNSEEN,
    )
    return Printable(
        dyed=tuple(Piece(mesh, CANVAS, Surface.PROP) for mesh in (front, back, *straps)),
        fixed=(),
        faces=(FaceMesh(face, _lifted(front), control_of(sewn, sewn.front, lift)),),
    )


def _strap(sewn: Sewn, ids: Ids, side: float, reach: float) -> Mesh:
    """A handle: a flat ribbon from one foot up over the hook and down to the other."""
    columns = ids.shape[1]
    across = np.linspace(-0.5, 0.5, columns) * _BAG[0]
    feet = []
    for where in (-_HANDLE_X, _HANDLE_X):
        held = ids[2, np.abs(across - where) < 0.013]
        feet.append(sewn.cloth.position[held].mean(axis=0) * 100)
    left, right = feet
    top = np.array([0.0, left[1] + reach, side * 0.5])
    turn = np.linspace(0, np.pi, 60)
    # Two straight lengths that meet over a narrow bend.
    rise = np.sin(turn) ** 0.55
    x = np.where(turn < np.pi / 2, left[0], right[0]) * (1 - rise**1.6)
    y = left[1] + (top[1] - left[1]) * rise
    z = left[2] + side * 0.25 + (top[2] - left[2]) * rise
    path = np.stack([x, y, z], axis=1)
    path[0, 1] -= 2.5
    path[-1, 1] -= 2.5
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    outward = np.array([0.0, 0.0, side])
    over = np.cross(tangent, outward)
    over /= np.maximum(np.linalg.norm(over, axis=1, keepdims=True), 1e-6)
    width = np.linspace(-1.25, 1.25, 5)
    points = path[:, None] + width[None, :, None] * over[:, None]
    mesh = sheet(points)
    sign = np.sign((mesh.normals @ outward).mean())
    return Mesh(mesh.vertices, mesh.faces, mesh.uv, mesh.normals * sign)


@functools.cache
def plump_cushion() -> Sewn:
    """A cushion cover sewn all around and stuffed."""
    sewn = sewn_panels(width=0.46, height=0.46, spacing=0.0115, has_top_seam=True, bending=1.2e-4)

    def stuffing(share: float) -> tuple[Array, Array]:
        half = 0.222 - 0.014 * share
        thick = 0.006 + 0.072 * share
        return pillow((half, half, thick), centre=(0.0, 0.23, 0.0), power=4.5)

    fill(sewn, stuffing=stuffing, frames=80, gravity=-1.0, growing=0.75)
    keep_apart(sewn)
    return sewn


def cushion(*, lean_deg: float, turn_deg: float, at: Vec3) -> Printable:
    """The cushion standing on its lower edge, leaning back."""
    sewn = plump_cushion()

    def placed(mesh: Mesh) -> Mesh:
        low = float(mesh.vertices[:, 1].min())
        return mesh.moved(y=-low).turned(-lean_deg, "x").turned(turn_deg).moved(*at)

    front = placed(panel_mesh(sewn, sewn.front))
    back = placed(panel_mesh(sewn, sewn.back, faces_front=False))
    face = Face(
        name="front",
        title="Front",
        width_cm=45.0,
        height_cm=45.0,
        area=(0.0, 0.0, 1.0, 1.0),
        focus=(0.14, 0.14, 0.86, 0.86),
        bleed_cm=0.5,
        safe_cm=1.5,
        grid=_UNSEEN,
    )
    control = _grid_of(front, sewn.front)
    return Printable(
        dyed=(Piece(front, CANVAS, Surface.PROP), Piece(back, CANVAS, Surface.PROP)),
        fixed=(),
        faces=(FaceMesh(face, _lifted(front), control),),
    )


def _lifted(mesh: Mesh) -> Mesh:
    return replace(mesh, vertices=mesh.vertices + _LIFT_CM * mesh.normals)


def control_of(sewn: Sewn, ids: Ids, lift: float) -> Array:
    """World points of a panel at evenly spaced (s, t), cm: rows over t."""
    rows = np.linspace(0, ids.shape[0] - 1, _CONTROL).round().astype(int)
    columns = np.linspace(0, ids.shape[1] - 1, _CONTROL).round().astype(int)
    points: Array = sewn.cloth.position[ids[np.ix_(rows, columns)]] * 100
    lifted: Array = points + np.array([0.0, lift, 0.0])
    return lifted


def _grid_of(mesh: Mesh, ids: Ids, times: int = 3) -> Array:
    shape = (times * (ids.shape[0] - 1) + 1, times * (ids.shape[1] - 1) + 1)
    rows = np.linspace(0, shape[0] - 1, _CONTROL).round().astype(int)
    columns = np.linspace(0, shape[1] - 1, _CONTROL).round().astype(int)
    points: Array = mesh.vertices.reshape(*shape, 3)[np.ix_(rows, columns)]
    return points
