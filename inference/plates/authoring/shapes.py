"""Meshes from plain arrays. Units: centimetres; texture coordinates are centimetres too."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from inference.plates.authoring.noise import noise

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles with smooth normals.

    Attributes:
        vertices: (n, 3) cm.
        faces: (m, 3) indices.
        uv: (n, 2) cm along the surface.
        normals: (n, 3) unit.
    """

    vertices: Array
    faces: NDArray[np.int64]
    uv: Array
    normals: Array

    def outward_faces(self) -> NDArray[np.int64]:
        """The faces, each wound so that it faces the way its normals point."""
        a, b, c = (self.vertices[self.faces[:, corner]] for corner in range(3))
        facing = (np.cross(b - a, c - a) * self.normals[self.faces].sum(axis=1)).sum(axis=1)
        return np.where((facing < 0)[:, None], self.faces[:, ::-1], self.faces)

    def moved(self, x: float = 0, y: float = 0, z: float = 0) -> Self:
        """The mesh elsewhere."""
        return replace(self, vertices=self.vertices + np.array([x, y, z]))

    def turned(self, degrees: float, axis: str = "y") -> Self:
        """The mesh turned about an axis through the origin, counter-clockwise seen from its tip."""
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        matrix = {
            "x": np.array([[1, 0, 0], [0, c, -s], [0, s, c]]),
            "y": np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]),
            "z": np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]),
        }[axis]
        return replace(self, vertices=self.vertices @ matrix.T, normals=self.normals @ matrix.T)


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0, *[len(mesh.vertices) for mesh in meshes]])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([m.faces + start for m, start in zip(meshes, starts, strict=False)]),
        np.concatenate([mesh.uv for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
    )


def sheet(points: Array, uv: Array | None = None) -> Mesh:
    """A grid of points as a smooth surface; without `uv`, arc lengths are taken."""
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    corners = [index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]]
    a, b, c, d = (corner.ravel() for corner in corners)
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    if uv is None:
        along = np.linalg.norm(np.diff(points, axis=1), axis=2).mean(0)
        down = np.linalg.norm(np.diff(points, axis=0), axis=2).mean(1)
        u, v = np.concatenate([[0], np.cumsum(along)]), np.concatenate([[0], np.cumsum(down)])
        uv = np.stack(np.meshgrid(u, v), axis=-1)
    vertices = points.reshape(-1, 3)
    face_normals = np.cross(
        vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]]
    )
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], face_normals)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    return Mesh(vertices, faces, uv.reshape(-1, 2), normals)


def rounded_box(width: float, height: float, depth: float, bevel: float = 0.3) -> Mesh:
    """A box standing on y = 0, centred, its edges rounded by `bevel`."""
    half = np.array([width, height, depth]) / 2
    bevel = min(bevel, *(half * 0.98))
    inner = half - bevel
    bend = np.sin(np.linspace(0, np.pi / 2, 6)) * bevel
    faces = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            first, second = [other for other in range(3) if other != axis]
            steps = []
            for other in (first, second):
                low = -inner[other] - bend[::-1]
                steps.append(np.concatenate([low, [0.0], inner[other] + bend]))
            a, b = np.meshgrid(*steps, indexing="ij")
            points = np.zeros((*a.shape, 3))
            points[..., first], points[..., second] = a, b
            points[..., axis] = sign * half[axis]
            core = np.clip(points, -inner, inner)
            outward = points - core
            normal = outward / np.linalg.norm(outward, axis=-1, keepdims=True)
            rounded = core + normal * bevel
            flat = sheet(rounded)
            horizontal, vertical = {0: (2, 1), 1: (0, 2), 2: (0, 1)}[axis]
            uv = np.stack([points[..., horizontal], points[..., vertical]], axis=-1)
            faces.append(replace(flat, uv=uv.reshape(-1, 2), normals=normal.reshape(-1, 3)))
    return joined(faces).moved(y=height / 2)


def lathe(profile: Sequence[tuple[float, float]], *, ribs: int = 0, rib_depth: float = 0.0) -> Mesh:
    """A turned body from (radius, y) pairs, bottom to top; `ribs` flutes it like a pumpkin."""
    outline = np.array(profile, np.float64)
    angles = np.linspace(0, 2 * np.pi, 161)
    swell = (
        1 - rib_depth * (1 - np.abs(np.sin(angles * ribs / 2)) ** 0.7) if ribs else 1 + 0 * angles
    )
    radius = outline[:, :1] * swell[None]
    points = np.stack(
        [
            radius * np.sin(angles),
            np.repeat(outline[:, 1:], len(angles), 1),
            radius * np.cos(angles),
        ],
        axis=-1,
    )
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(outline, axis=0), axis=1))])
    u, v = np.meshgrid(angles * outline[:, 0].max(), along)
    return sheet(points, np.stack([u, v], axis=-1))


def curve(knots: Sequence[tuple[float, float]], count: int = 80) -> list[tuple[float, float]]:
    """A smooth profile through knots (Catmull-Rom), for `lathe`."""
    points = np.array(knots, np.float64)
    padded = np.concatenate([points[:1], points, points[-1:]])
    out = []
    for t in np.linspace(0, len(points) - 1 - 1e-9, count):
        i, f = int(t), t - int(t)
        p0, p1, p2, p3 = padded[i : i + 4]
        out.append(
            0.5
            * (
                2 * p1
                + (p2 - p0) * f
                + (2 * p0 - 5 * p1 + 4 * p2 - p3) * f**2
                + (3 * p1 - p0 - 3 * p2 + p3) * f**3
            )
        )
    return [(max(float(radius), 0.0), float(y)) for radius, y in out]


def disc(radius: float, height: float, bevel: float = 0.4) -> Mesh:
    """A low cylinder standing on y = 0 with rounded rims."""
    bevel = min(bevel, height / 2.01, radius / 2)
    turn = np.linspace(0, np.pi / 2, 8)
    low = [(radius - bevel + bevel * np.sin(t), bevel - bevel * np.cos(t)) for t in turn]
    high = [(radius - bevel + bevel * np.cos(t), height - bevel + bevel * np.sin(t)) for t in turn]
    # The lid shows the texture as cut from a slab, the side as wrapped around it: two meshes, so
    # that no triangle stretches from one to the other.
    side = lathe([(0.0, 0.0), *low, *high[:5]])
    lid = lathe([*high[4:], (radius * 0.5, height), (0.001, height)])
    return joined([side, replace(lid, uv=lid.vertices[:, [0, 2]])])


def sweep(
    *, half_width: float, front: float, back: float, height: float, radius: float, y: float = 0.0
) -> Mesh:
    """A seamless backdrop: floor, a wide quarter turn, wall."""
    turn = np.linspace(0, np.pi / 2, 40)
    z = [front, *(-back + radius - radius * np.sin(turn)), -back]
    level = [0.0, *(radius - radius * np.cos(turn)), height]
    # Many short rows near the front keep the texture coordinates even.
    x = np.linspace(-half_width, half_width, 3)
    points = np.zeros((len(z), len(x), 3))
    points[..., 0] = x[None]
    points[..., 1] = np.array(level)[:, None] + y
    points[..., 2] = np.array(z)[:, None]
    mesh = sheet(points)
    return replace(mesh, normals=-mesh.normals if mesh.normals[0, 1] < 0 else mesh.normals)


def panel(width: float, height: float) -> Mesh:
    """An upright rectangle facing the viewer, standing on y = 0, centred in x."""
    x, y = np.linspace(-width / 2, width / 2, 2), np.linspace(0, height, 2)
    points = np.zeros((2, 2, 3))
    points[..., 0], points[..., 1] = np.meshgrid(x, y)
    return sheet(points)


def terrain(width: float, depth: float, heights: Array, *, z: float = 0.0) -> Mesh:
    """A height field over the ground, centred in x; `heights` is (rows away→near, columns), cm."""
    rows, columns = heights.shape
    points = np.zeros((rows, columns, 3))
    points[..., 0] = np.linspace(-width / 2, width / 2, columns)[None]
    points[..., 1] = heights
    points[..., 2] = np.linspace(z - depth / 2, z + depth / 2, rows)[:, None]
    mesh = sheet(points, points[..., [0, 2]])
    return replace(mesh, normals=mesh.normals * np.sign(mesh.normals[:, 1:2] + 1e-12))


def arch(
    *, width: float, height: float, depth: float, thickness: float, bevel: float = 0.5
) -> Mesh:
    """A round arch standing on y = 0 with its back at z = -depth, of square section."""
    outer = width / 2
    spring = height - outer
    turn = np.linspace(np.pi, 0, 97)
    middle = outer - thickness / 2
    path = [(-middle, 0.0), *((middle * np.cos(t), spring + middle * np.sin(t)) for t in turn)]
    path.append((middle, 0.0))
    centre = np.array(path)
    out = np.array([(-1.0, 0.0), *((np.cos(t), np.sin(t)) for t in turn), (1.0, 0.0)])
    section = _rounded_section(thickness / 2, depth / 2, bevel)
    points = np.zeros((len(centre), len(section), 3))
    points[..., :2] = centre[:, None] + out[:, None] * section[None, :, :1]
    points[..., 2] = section[None, :, 1] - depth / 2
    return sheet(points)


def _rounded_section(half_x: float, half_y: float, bevel: float) -> Array:
    turn = np.linspace(0, np.pi / 2, 7)
    corners = []
    for index, (sx, sy) in enumerate([(1, 1), (-1, 1), (-1, -1), (1, -1)]):
        angle = turn + index * np.pi / 2
        centre = np.array([sx * (half_x - bevel), sy * (half_y - bevel)])
        corners.append(centre + bevel * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    ring = np.concatenate(corners)
    return np.concatenate([ring, ring[:1]])


def pebble(seed: int, *, length: float, flatness: float = 0.5) -> Mesh:
    """A river stone lying on y = 0."""
    generator = np.random.default_rng(seed)
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 97), np.linspace(-np.pi / 2, np.pi / 2, 49))
    body = np.stack([np.cos(v) * np.sin(u), np.sin(v), np.cos(v) * np.cos(u)], axis=-1)
    lumps = np.ones(u.shape)
    for _ in range(9):
        way = generator.normal(size=3)
        way /= np.linalg.norm(way)
        lumps += generator.uniform(-0.07, 0.07) * np.tanh(2.5 * (body @ way))
    size = length / 2 * np.array([1.0, flatness, generator.uniform(0.7, 0.9)])
    points = body * lumps[..., None] * size
    mesh = sheet(points)
    return mesh.moved(y=-float(points[..., 1].min()) * 0.96)


def folds(seed: int, *, rows: int, columns: int, amplitude: float, count: int = 11) -> Array:
    """Heights of cloth laid by hand, cm: long soft creases that wander, one flank steeper."""
    generator = np.random.default_rng(seed)
    down, across = np.mgrid[0:rows, 0:columns] / np.array([rows, columns])[:, None, None] - 0.5
    shape = (rows, columns)
    wander = noise(seed, falloff=3.6, lowest=1, highest=6, shape=shape)
    heights = 0.25 * noise(seed + 1, falloff=3.8, lowest=1, highest=5, shape=shape)
    for _ in range(count):
        angle, width = generator.uniform(0, np.pi), generator.uniform(0.012, 0.03)
        offset = generator.uniform(-0.45, 0.45)
        along = across * np.cos(angle) + down * np.sin(angle)
        distance = down * np.cos(angle) - across * np.sin(angle) - offset + 0.02 * wander
        flank = np.where(distance > 0, distance / width, -distance / (2.4 * width))
        middle, reach = generator.uniform(-0.4, 0.4), generator.uniform(0.15, 0.4)
        ends = np.exp(-(((along - middle) / reach) ** 2))
        heights = heights + generator.uniform(0.4, 1.0) * np.exp(-(flank**1.4)) * ends
    return (heights * amplitude).astype(np.float64)
