"""A dressed mannequin ready to be photographed: meshes refined, turned and lit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.garments.camera import turned
from inference.garments.lighting import Lit, Rig, light
from inference.garments.mannequin import Figure, figure_of, load_mannequin
from inference.garments.pattern import Pattern
from inference.garments.poses import POSES
from inference.garments.surfaces import subdivided, vertex_normals

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

# Cloth is moved off the body by this much along its normal, so that skin never shows through.
_OFF_M = 0.0015


@dataclass(frozen=True, slots=True)
class Staged:
    """Body and garment as one mesh; the body's vertices and faces come first.

    `vertices`, `normals` (V, 3) metres; `faces` (F, 3); `cloth_vertex` and `cloth_face` are where
    the garment begins. `flat` (C, 2) is the garment's pattern in metres and `panel` (C,) 0 front,
    1 back; `layer` (V,) above 0 where the body wears its base layer; `lit` the light.
    """

    vertices: F64
    normals: F64
    faces: I32
    cloth_vertex: int
    cloth_face: int
    flat: F64
    panel: NDArray[np.float32]
    layer: NDArray[np.float32]
    lit: Lit
    levels: int

    @property
    def size_bytes(self) -> int:
        arrays = (self.vertices, self.normals, self.faces, self.flat, self.panel, self.layer)
        return sum(array.nbytes for array in arrays) + self.lit.outer.nbytes * 2

    @property
    def garment(self) -> F64:
        """(C, 3) the garment's vertices."""
        return self.vertices[self.cloth_vertex :]


def stage(
    pattern: Pattern,
    flat: F64,
    particles: F64,
    *,
    body: str,
    pose: str,
    rig: Rig,
    levels: int,
    is_ghost: bool,
) -> Staged:
    """Bring a draped garment and its mannequin together and light them.

    `particles` (N, 3) are where the sewn cloth lies; `levels` how often its mesh is refined, the
    body's one time less. A ghost has no body, neither in the picture nor in the light.
    """
    cloth, faces = dressed(pattern, flat, particles, levels)
    vertices = np.ascontiguousarray(cloth[:, :3])
    normals = cloth[:, 5:8] / np.linalg.norm(cloth[:, 5:8], axis=1, keepdims=True)
    vertices = vertices + _OFF_M * normals
    figure = None if is_ghost else figure_of(load_mannequin(body), POSES[pose], is_fine=levels > 1)
    turn = POSES[pose].turn_deg
    vertices, normals = turned(vertices, turn), turned(normals, turn)
    body_vertices, body_normals, body_faces, layer = _bare(figure, turn)
    whole = np.concatenate([body_vertices, vertices])
    every = np.concatenate([body_faces, faces + len(body_vertices)]).astype(np.int32)
    whole_normals = np.concatenate([body_normals, normals])
    return Staged(
        vertices=whole,
        normals=whole_normals,
        faces=every,
        cloth_vertex=len(body_vertices),
        cloth_face=len(body_faces),
        flat=cloth[:, 3:5],
        panel=cloth[:, 8].astype(np.float32),
        layer=np.concatenate([layer, np.full(len(vertices), -1.0)]).astype(np.float32),
        lit=light(whole, whole_normals, every, rig, shows_floor=not is_ghost),
        levels=levels,
    )


def dressed(pattern: Pattern, flat: F64, particles: F64, levels: int) -> tuple[F64, I32]:
    """(C, 9) a refined garment: position, pattern, normal, panel; and its faces.

    Normals are of the sewn cloth, so that a seam shows no edge.
    """
    sewn = vertex_normals(particles, pattern.part[pattern.faces])
    values = np.concatenate(
        [particles[pattern.part], flat, sewn[pattern.part], pattern.panel[:, None]], axis=1
    )
    faces = pattern.faces
    for _ in range(levels):
        values, faces = subdivided(values, faces)
    return values, faces


def refined(pattern: Pattern, values: F64, levels: int) -> F64:
    """(C, K) values of the pattern's vertices on the mesh that `dressed` refines."""
    faces = pattern.faces
    for _ in range(levels):
        values, faces = subdivided(values, faces)
    return values


def _bare(figure: Figure | None, turn: float) -> tuple[F64, F64, I32, F64]:
    if figure is None:
        return np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3), np.int32), np.zeros(0)
    return (
        turned(figure.vertices, turn),
        turned(figure.normals, turn),
        figure.faces,
        figure.layer,
    )
