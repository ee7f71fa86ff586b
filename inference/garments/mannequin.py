"""The studio's mannequins: four adult bodies with an egg for a head, posed by their bones.

Space: metres, x to the viewer's right, y up from the floor, z towards the viewer.
The bodies are Anny's (Apache-2.0; its shapes are MakeHuman's, CC0), made by
`authoring.bodies`.

Source: Bregier et al., "Human mesh modeling for Anny body", 2025; Magnenat-Thalmann et al.,
"Joint-dependent local deformations for hand animation", 1988 (linear blend skinning).
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.garments.cloth import Collider
from inference.garments.packed import data_file, from_steps, read_packed
from inference.garments.poses import START, Pose
from inference.garments.surfaces import subdivided, vertex_normals

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

STEP_M = 0.0004
FILE = "mannequins.xz"
TRUNK, LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG, HEAD = range(6)


@dataclass(frozen=True, slots=True)
class Mannequin:
    """A body at rest.

    `rest` (V, 3), `faces` (F, 3), `bones` and `weights` (V, 4), `joints` (J, 3), `parents` (J,)
    with -1 at the root, `names` of the joints; `part` (V,) one of the constants above. `layer`
    (V,) is above 0 where the plain base layer covers the body, in metres from its edge.
    """

    name: str
    rest: F64
    faces: I32
    bones: I32
    weights: F64
    joints: F64
    parents: I32
    names: tuple[str, ...]
    part: I32
    layer: F64

    def posed(self, pose: Pose, share: float = 1.0) -> F64:
        """(V, 3) the body `share` of the way from the sewing pose to `pose`, feet on the floor."""
        turns = self._turns(pose, share)
        heads = np.zeros_like(self.joints)
        for joint, parent in enumerate(self.parents.tolist()):
            if parent < 0:
                heads[joint] = self.joints[joint]
            else:
                arm = self.joints[joint] - self.joints[parent]
                heads[joint] = heads[parent] + turns[parent] @ arm
        local = self.rest[:, None] - self.joints[self.bones]
        moved = np.einsum("vkij,vkj->vki", turns[self.bones], local) + heads[self.bones]
        vertices: F64 = np.einsum("vk,vki->vi", self.weights, moved)
        vertices[:, 1] -= vertices[:, 1].min()
        return vertices

    def _turns(self, pose: Pose, share: float) -> F64:
        """(J, 3, 3) world rotation of each bone."""
        turns = np.zeros((len(self.names), 3, 3))
        for joint, name in enumerate(self.names):
            parent = int(self.parents[joint])
            turn = np.eye(3) if parent < 0 else turns[parent]
            base, _, side = name.partition(".")
            if (lean := pose.leans.get(name)) is not None:
                turn = turn @ _euler(tuple(share * angle for angle in lean))
            target = pose.targets.get(name)
            start = START.get(base)
            if start is not None and side:
                first = _sided(start, side)
                to = first if target is None else target
                rest = self._direction(joint)
                turn = _between(rest, _slerp(first, to, share))
            elif target is not None:
                rest = self._direction(joint)
                turn = _between(rest, _slerp(turn @ rest, np.asarray(target), share))
            turns[joint] = turn
        return turns

    def _direction(self, joint: int) -> F64:
        child = int(np.flatnonzero(self.parents == joint)[0])
        along = self.joints[child] - self.joints[joint]
        return np.asarray(along / np.linalg.norm(along))


@functools.lru_cache(maxsize=1)
def _stored() -> dict[str, NDArray[np.generic]]:
    return read_packed(data_file(FILE))


@functools.lru_cache(maxsize=8)
def load_mannequin(name: str) -> Mannequin:
    """A body by its name; see `BODIES`."""
    stored = _stored()
    names = tuple(str(each) for each in stored["names"])
    return Mannequin(
        name=name,
        rest=from_steps(stored[f"{name}_rest"], STEP_M),
        faces=from_steps(stored["faces"], 1).astype(np.int32),
        bones=stored["bones"].astype(np.int32),
        weights=stored["weights"].astype(np.float64) / 255,
        joints=stored[f"{name}_joints"].astype(np.float64),
        parents=stored["parents"].astype(np.int32),
        names=names,
        part=stored["part"].astype(np.int32),
        layer=stored[f"{name}_layer"].astype(np.float64) / 1000,
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A posed body, fine enough to be drawn and to carry cloth.

    `vertices` and `normals` (V, 3), `faces` (F, 3), `part` (V,), `layer` (V,) as `Mannequin`'s.
    """

    vertices: F64
    normals: F64
    faces: I32
    part: I32
    layer: F64

    def collider(self, parts: tuple[tuple[int, ...], ...]) -> Collider:
        """The points of each group of parts, with their normals."""
        groups = [np.flatnonzero(np.isin(self.part, group)) for group in parts]
        return Collider(
            tuple(self.vertices[group] for group in groups),
            tuple(self.normals[group] for group in groups),
        )


def figure_of(
    mannequin: Mannequin, pose: Pose, share: float = 1.0, *, is_fine: bool = True
) -> Figure:
    """Pose a mannequin and refine its surface once, unless it is shown small."""
    fine = np.concatenate(
        [mannequin.posed(pose, share), mannequin.layer[:, None], mannequin.part[:, None]], axis=1
    )
    faces = mannequin.faces
    if is_fine:
        fine, faces = subdivided(fine, faces)
    vertices = np.ascontiguousarray(fine[:, :3])
    return Figure(
        vertices=vertices,
        normals=vertex_normals(vertices, faces),
        faces=faces,
        part=np.rint(fine[:, 4]).astype(np.int32),
        layer=fine[:, 3],
    )


def _sided(direction: tuple[float, float, float], side: str) -> F64:
    """A direction given for the side at the viewer's right (the body's left)."""
    x, y, z = direction
    unit = np.array([x if side == "L" else -x, y, z], np.float64)
    return np.asarray(unit / np.linalg.norm(unit))


def _slerp(first: F64, last: F64 | tuple[float, float, float], share: float) -> F64:
    first = first / np.linalg.norm(first)
    end = np.asarray(last, np.float64)
    end = end / np.linalg.norm(end)
    angle = math.acos(float(np.clip(first @ end, -1, 1)))
    if angle < 1e-6:
        return np.asarray(end)
    mixed = math.sin((1 - share) * angle) * first + math.sin(share * angle) * end
    return np.asarray(mixed / math.sin(angle))


def _between(first: F64, last: F64) -> F64:
    """The least rotation that takes one unit vector to another."""
    axis = np.cross(first, last)
    cosine = float(first @ last)
    skew = np.array(
        [[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]], np.float64
    )
    return np.asarray(np.eye(3) + skew + skew @ skew / (1 + cosine + 1e-9))


def _euler(degrees: tuple[float, ...]) -> F64:
    x, y, z = (math.radians(angle) for angle in degrees)
    about_x = np.array([[1, 0, 0], [0, math.cos(x), -math.sin(x)], [0, math.sin(x), math.cos(x)]])
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_z = np.array([[math.cos(z), -math.sin(z), 0], [math.sin(z), math.cos(z), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)
