"""A T-shirt lying flat, and one on a hanger: the garments' own pattern, sewn and let fall."""

import functools

import numpy as np
from numpy.typing import NDArray

from inference.garments.cloth import Cloth, Collider, Motion, walk
from inference.garments.kinds import Kind
from inference.garments.pattern import NECK, Pattern, load_pattern, sewn_particles
from inference.garments.sewing import sew
from inference.garments.surfaces import subdivided, vertex_normals
from inference.mockups.format import Face
from inference.plates.authoring.materials import Material
from inference.plates.authoring.noise import noise, sampled
from inference.plates.authoring.prints.mockup import FaceMesh, Printable
from inference.plates.authoring.props import tube
from inference.plates.authoring.scene import Piece
from inference.plates.authoring.shapes import Array, Mesh
from inference.plates.format import Surface

JERSEY = Material((0.82, 0.82, 0.82), roughness=0.95, reflectance=0.02, sheen=0.3)
_LIFT_CM = 0.04
# Cloth is laid down a little shorter than it is: the rest goes into soft folds.
_SLACK = 0.98
_CONTROL = 7
# Of the front panel, metres from the neck's height: where a chest print goes.
_PRINT = (-0.19, -0.60, 0.19, -0.05)
_CHEST = (-0.145, -0.50, 0.145, -0.12)
_UNSEEN = (((0.0, 0.0), (1.0, 0.0)), ((0.0, 1.0), (1.0, 1.0)))


@functools.cache
def fallen_shirt() -> tuple[Pattern, Cloth]:
    """The pattern sewn, laid down with soft folds, and fallen on level ground at y = 0."""
    pattern = load_pattern(Kind.TEE)
    cloth = sew(pattern, pattern.flat, bending=4e-4)
    spots = sewn_particles(pattern, pattern.flat)
    panel = sewn_particles(pattern, pattern.panel[:, None].astype(np.float64))[:, 0]
    middle = (spots[:, 1].min() + spots[:, 1].max()) / 2
    waves = _waves(spots)
    cloth.position[:, 0] = _SLACK * spots[:, 0]
    cloth.position[:, 1] = 0.004 + 0.004 * (1 - panel) + 0.012 * waves
    cloth.position[:, 2] = -_SLACK * (spots[:, 1] - middle)
    x, z = np.meshgrid(np.arange(-0.7, 0.7, 0.02), np.arange(-0.6, 0.6, 0.02))
    ground = np.stack([x.ravel(), 0 * x.ravel(), z.ravel()], axis=1)
    upward = np.zeros_like(ground) + np.array([0.0, 1.0, 0.0])
    collider = Collider((ground,), (upward,))
    motion = Motion(substeps=20, gravity=-1.2, damping=4.0, thickness=0.0025, friction=0.9)
    for _ in walk(cloth, 45, lambda frame: collider, lambda frame: motion):
        pass
    # The front lies on the back: particles of the same place never collide.
    cloth.position[:, 1] += 0.003 * (panel < 0.25)
    return pattern, cloth


def _waves(spots: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) 0..1, long soft creases that differ over the cloth."""
    field = noise(77, falloff=2.6, lowest=2, highest=10)
    low, high = spots.min(axis=0), spots.max(axis=0)
    share = (spots - low) / (high - low)
    wave = sampled(field, share[:, 0].astype(np.float32), share[:, 1].astype(np.float32)).astype(
        np.float64
    )
    spread: NDArray[np.float64] = (wave - wave.min()) / np.ptp(wave)
    return spread


def flat_shirt() -> Printable:
    """A T-shirt on level ground, its front up, seen from above."""
    pattern, cloth = fallen_shirt()
    front, flat = _panel(pattern, cloth, 0)
    back, _ = _panel(pattern, cloth, 1)
    low, high = flat.min(axis=0), flat.max(axis=0)

    def shares(rect: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        left, bottom, right, top = rect
        width, height = high - low
        return (
            float((left - low[0]) / width),
            float((high[1] - top) / height),
            float((right - low[0]) / width),
            float((high[1] - bottom) / height),
        )

    face = Face(
        name="front",
        title="Front",
        width_cm=float(100 * (high[0] - low[0])),
        height_cm=float(100 * (high[1] - low[1])),
        area=shares(_PRINT),
        focus=shares(_CHEST),
        safe_cm=0.8,
        grid=_UNSEEN,
    )
    patch = Mesh(front.vertices + _LIFT_CM * front.normals, front.faces, front.uv, front.normals)
    return Printable(
        dyed=tuple(
            Piece(mesh, JERSEY, Surface.PROP) for mesh in (front, back, *_collar(pattern, cloth))
        ),
        fixed=(),
        faces=(FaceMesh(face, patch, _control(front)),),
    )


def _panel(pattern: Pattern, cloth: Cloth, number: int) -> tuple[Mesh, Array]:
    """One panel, twice subdivided, in centimetres; and its flat coordinates, metres."""
    chosen = np.flatnonzero(pattern.panel == number)
    index = np.full(len(pattern.flat), -1)
    index[chosen] = np.arange(len(chosen))
    inside = (index[pattern.faces] >= 0).all(axis=1)
    faces = index[pattern.faces[inside]].astype(np.int32)
    values = np.concatenate([cloth.position[pattern.part[chosen]], pattern.flat[chosen]], axis=1)
    for _ in range(2):
        values, faces = subdivided(values, faces)
    points, flat = values[:, :3] * 100, values[:, 3:]
    normals = vertex_normals(points, faces)
    # Both panels are seen from above.
    normals = normals * np.sign(normals[:, 1:2] + 1e-12)
    low, high = flat.min(axis=0), flat.max(axis=0)
    uv = np.stack(
        [(flat[:, 0] - low[0]) / (high[0] - low[0]), (high[1] - flat[:, 1]) / (high[1] - low[1])],
        axis=1,
    )
    return Mesh(points, faces.astype(np.int64), uv, normals), flat


def _collar(pattern: Pattern, cloth: Cloth) -> list[Mesh]:
    """The neck's rib: a flattened roll along the edge of either panel."""
    rolls = []
    for number in (0, 1):
        rim = np.flatnonzero((pattern.edge == NECK) & (pattern.panel == number))
        rim = rim[np.argsort(pattern.flat[rim, 0])]
        path = cloth.position[pattern.part[rim]] * 100
        # Carried on to the shoulder's seam, where the other panel's begins.
        ends = [2 * path[0] - path[1], *path, 2 * path[-1] - path[-2]]
        rolls.append(tube(np.array(ends), 0.55, 1.0))
    return rolls


def _control(front: Mesh) -> Array:
    """World points at evenly spaced (s, t): those of the nearest vertices."""
    steps = np.linspace(0, 1, _CONTROL)
    s, t = np.meshgrid(steps, steps)
    wanted = np.stack([s, t], axis=-1)
    gap = np.linalg.norm(wanted[..., None, :] - front.uv[None, None], axis=-1)
    points: Array = front.vertices[np.argmin(gap, axis=-1)]
    return points
