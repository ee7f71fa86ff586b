"""Exact geometry for the sample products: lathes, tubes and soft-edged boxes; centimetres, y up."""

from collections.abc import Sequence
from dataclasses import dataclass

import mitsuba as mi
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Surface:
    """A triangle mesh.

    Attributes:
        vertices: (V, 3) float64, centimetres.
        faces: (F, 3) int64, indices into `vertices`.
        texcoords: (V, 2) float64; what a unit means is up to the shape.
    """

    vertices: Floats
    faces: NDArray[np.int64]
    texcoords: Floats

    def moved(self, offset: Sequence[float], turn_deg: float = 0.0) -> "Surface":
        """Turn about the vertical axis, then shift."""
        c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        return Surface(self.vertices @ turn.T + np.asarray(offset), self.faces, self.texcoords)


def grid(points: Floats, texcoords: Floats | None = None) -> Surface:
    """Join an (A, B, 3) grid of points; texture coordinates default to 0..1 along B, then A."""
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], 0).reshape(-1, 3)
    if texcoords is None:
        u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
        texcoords = np.stack([u, v], -1)
    return Surface(points.reshape(-1, 3), faces, texcoords.reshape(-1, 2))


def smooth_path(knots: Sequence[Sequence[float]], steps: int = 160, rounding: int = 2) -> Floats:
    """Cut the corners of a polyline (Chaikin), then space points evenly along it."""
    path = np.asarray(knots, float)
    for _ in range(rounding):
        cut = np.empty((2 * len(path) - 2, path.shape[1]))
        cut[0::2], cut[1::2] = (
            0.75 * path[:-1] + 0.25 * path[1:],
            0.25 * path[:-1] + 0.75 * path[1:],
        )
        path = np.concatenate([path[:1], cut, path[-1:]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    at = np.linspace(0, along[-1], steps)
    return np.stack([np.interp(at, along, axis) for axis in path.T], -1)


def lathe(
    profile: Sequence[Sequence[float]],
    steps: int = 240,
    turns: int = 256,
    rounding: int = 3,
    arc_deg: tuple[float, float] = (-180.0, 180.0),
) -> Surface:
    """Spin a (radius, height) profile; u runs round the axis (0.5 faces +z), v is the height."""
    outline = smooth_path(profile, steps, rounding)
    angle = np.radians(np.linspace(*arc_deg, turns + 1))
    radius, height = outline[:, :1], outline[:, 1:]
    x, z = radius * np.sin(angle), radius * np.cos(angle)
    y = np.broadcast_to(height, x.shape)
    u, v = np.meshgrid(np.linspace(0, 1, turns + 1), outline[:, 1])
    return grid(np.stack([x, y, z], -1), np.stack([u, v], -1))


def tube(
    path: Floats, width: Floats | float, depth: Floats | float | None = None, sides: int = 48
) -> Surface:
    """Sweep an ellipse along a path that lies in the x-y plane; `depth` is its half size in z."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    normal = np.stack([-tangent[:, 1], tangent[:, 0], np.zeros(len(path))], -1)
    wide = np.broadcast_to(np.asarray(width, float), len(path))[:, None, None]
    deep = (
        wide
        if depth is None
        else np.broadcast_to(np.asarray(depth, float), len(path))[:, None, None]
    )
    angle = np.linspace(0, 2 * np.pi, sides + 1)[None, :, None]
    ring = wide * np.cos(angle) * normal[:, None] + deep * np.sin(angle) * np.array([0.0, 0.0, 1.0])
    return grid(path[:, None] + ring)


def soft_box(size: Sequence[float], radius: float) -> dict[str, Surface]:
    """Build the six faces of a box with rounded edges, standing on y = 0, each with its own uv."""
    half = np.asarray(size, float) / 2
    named = {
        "front": (2, 1),
        "back": (2, -1),
        "right": (0, 1),
        "left": (0, -1),
        "top": (1, 1),
        "base": (1, -1),
    }
    faces = {}
    for name, (axis, sign) in named.items():
        across, up = {0: (2, 1), 1: (0, 2), 2: (0, 1)}[axis]
        steps = [_edge_heavy(half[k], radius) for k in (across, up)]
        s, t = np.meshgrid(*steps)
        cube = np.empty((*s.shape, 3))
        cube[..., across], cube[..., up], cube[..., axis] = s, t, sign * half[axis]
        core = np.clip(cube, -(half - radius), half - radius)
        out = cube - core
        rounded = core + radius * out / np.linalg.norm(out, axis=-1, keepdims=True)
        mirror = -1 if name in ("back", "right") else 1
        uv = np.stack([0.5 + mirror * s / (2 * half[across]), 0.5 + t / (2 * half[up])], -1)
        if name == "top":
            uv[..., 1] = 1 - uv[..., 1]
        rounded[..., 1] += half[1]
        faces[name] = grid(rounded, uv)
    return faces


def _edge_heavy(half: float, radius: float) -> Floats:
    """Sample an edge finely where it bends, coarsely along the flat."""
    bend = np.tan(np.linspace(0, np.pi / 4, 9)) * radius
    flat = np.linspace(-(half - radius), half - radius, 24)
    return np.concatenate([(-half + radius - bend)[::-1][:-1], flat, (half - radius + bend)[1:]])


def plane(width: float, depth: float, tile: float, lift: float = 0.0) -> Surface:
    """Lay a level rectangle about the origin; `tile` centimetres of it show one texture."""
    x, z = np.meshgrid([-width / 2, width / 2], [depth / 2, -depth / 2])
    return grid(np.stack([x, np.full_like(x, lift), z], -1), np.stack([x / tile, -z / tile], -1))


def wall(width: float, height: float, tile: float, z: float, base: float) -> Surface:
    """Stand an upright rectangle facing the camera."""
    x, y = np.meshgrid([-width / 2, width / 2], [base, base + height])
    return grid(np.stack([x, y, np.full_like(x, z)], -1), np.stack([x / tile, y / tile], -1))


def sweep(
    width: float, front: float, back: float, rise: float, bend: float, tile: float
) -> Surface:
    """Roll a sheet down a wall and out over the table, with one gentle bend of radius `bend`."""
    arc = np.linspace(0, np.pi / 2, 60)
    bow = np.stack([-back + bend - bend * np.sin(arc), bend - bend * np.cos(arc)], -1)
    line = np.concatenate([[[front, 0.0]], bow, [[-back, rise]]])
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    x, _ = np.meshgrid(np.linspace(-width / 2, width / 2, 2), along)
    z, y = (np.repeat(line[:, [k]], 2, 1) for k in (0, 1))
    v = np.repeat(along[:, None], 2, 1)
    return grid(np.stack([x, y, z], -1), np.stack([x / tile, v / tile], -1))


def to_mitsuba(
    surface: Surface, material: mi.BSDF, name: str, *, is_smooth: bool = True
) -> mi.Mesh:
    """Hand a surface to the renderer, with vertex normals unless it is meant to be faceted."""
    properties = mi.Properties()
    properties["mesh_bsdf"] = material
    properties.set_id(name)
    mesh = mi.Mesh(
        name, len(surface.vertices), len(surface.faces),
        has_vertex_normals=is_smooth, has_vertex_texcoords=True, props=properties,
    )  # fmt: skip
    values = mi.traverse(mesh)
    values["vertex_positions"] = np.ascontiguousarray(surface.vertices, np.float32).ravel()
    values["faces"] = np.ascontiguousarray(surface.faces, np.uint32).ravel()
    values["vertex_texcoords"] = np.ascontiguousarray(surface.texcoords, np.float32).ravel()
    if is_smooth:
        values["vertex_normals"] = _normals(surface).astype(np.float32).ravel()
    values.update()
    return mesh


def _normals(surface: Surface) -> Floats:
    """Average face normals by area, joining vertices that share a place (the seam of a lathe)."""
    corner = surface.vertices[surface.faces]
    face_normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    _, place = np.unique(surface.vertices.round(5), axis=0, return_inverse=True)
    total = np.zeros((place.max() + 1, 3))
    for k in range(3):
        np.add.at(total, place.ravel()[surface.faces[:, k]], face_normal)
    total /= np.linalg.norm(total, axis=1, keepdims=True) + 1e-12
    return np.ascontiguousarray(total[place.ravel()])
