"""Make `data/mannequins.xz` from Anny: bones merged, the head replaced by an egg.

Run once: `python -m inference.garments.authoring.bodies ANNY.npz`, where the file holds what
`dump_anny` wrote.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.garments.mannequin import (
    FILE,
    HEAD,
    LEFT_ARM,
    LEFT_LEG,
    RIGHT_ARM,
    RIGHT_LEG,
    STEP_M,
    TRUNK,
)
from inference.garments.packed import data_file, to_steps, write_packed
from inference.garments.surfaces import edges_of

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

# Anny's phenotypes; its gender runs from male to female, and a weight above 1 is extrapolated: 1
# is hardly above the average. Heights are of store mannequins.
PHENOTYPES = {
    "woman": {"gender": 1.0, "age": 0.62, "muscle": 0.55, "weight": 0.30, "proportions": 0.9},
    "woman-plus": {"gender": 1.0, "age": 0.66, "muscle": 0.5, "weight": 1.9, "proportions": 0.7},
    "man": {"gender": 0.0, "age": 0.62, "muscle": 0.6, "weight": 0.40, "proportions": 0.9},
    "man-plus": {"gender": 0.0, "age": 0.66, "muscle": 0.55, "weight": 1.9, "proportions": 0.7},
}
_HEIGHT_M = {"woman": 1.76, "woman-plus": 1.74, "man": 1.86, "man-plus": 1.84}
_SIDED = (
    *("pelvis", "upperleg01", "upperleg02", "lowerleg01", "lowerleg02", "foot", "clavicle"),
    *("shoulder01", "upperarm01", "upperarm02", "lowerarm01", "lowerarm02", "wrist"),
)
_MIDDLE = ("root", "spine05", "spine04", "spine03", "spine02", "spine01", "neck01")
# A bone below the last kept one, so that hands and feet have a direction.
_TIPS = ("metacarpal2", "toe2-1")
_EGG_ROWS, _EGG_COLUMNS = 26, 36
_NECK_ROWS = 8


def dump_anny(path: Path) -> None:
    """Write the four bodies of the `anny` package, at rest, with their bones and weights."""
    import anny
    import torch

    model = anny.Anny(skinning_method="lbs", extrapolate_phenotypes=True)
    arrays: dict[str, NDArray[np.generic]] = {
        "labels": np.array(model.bone_labels),
        "parents": np.array(model.bone_parents),
        "faces": model.faces.numpy(),
        "wi": model.vertex_bone_indices.numpy(),
        "ww": model.vertex_bone_weights.numpy(),
    }
    for name, phenotype in PHENOTYPES.items():
        values = {key: torch.tensor([value]) for key, value in phenotype.items()}
        values["height"] = torch.tensor([0.6])
        rest = model.get_rest_model(model.get_phenotype_blendshape_coefficients(**values))
        arrays[f"{name}_v"] = rest["rest_vertices"][0].numpy()
        arrays[f"{name}_h"] = rest["rest_bone_heads"][0].numpy()
    np.savez(path, **arrays)  # type: ignore[arg-type]


def make_mannequins(source: Path) -> int:
    """Write the data file; returns its bytes."""
    stored = dict(np.load(source))
    labels = [str(label) for label in stored["labels"]]
    kept = [*_MIDDLE, *(f"{bone}.{side}" for side in "LR" for bone in (*_SIDED, *_TIPS))]
    kept.sort(key=labels.index)
    onto = np.array([_kept_ancestor(labels, stored["parents"], bone, kept) for bone in labels])
    bones, weights = _four_weights(stored["wi"], stored["ww"], onto, len(kept))
    main = np.array(labels)[stored["wi"][np.arange(len(bones)), stored["ww"].argmax(axis=1)]]
    is_head = np.array(
        [label.partition(".")[0] in ("head", "eye", "neck03") for label in main.tolist()]
    )
    faces = stored["faces"][~is_head[stored["faces"]].any(axis=1)]
    used = np.unique(faces)
    renumber = np.full(len(bones), -1)
    renumber[used] = np.arange(len(used))
    part = np.array([_part_of(label) for label in main.tolist()])[used]
    neck = kept.index("neck01")
    egg_faces, egg_count = _egg_faces()
    arrays: dict[str, NDArray[np.generic]] = {
        "names": np.array(kept),
        "parents": np.array(
            [_parent_index(labels, stored["parents"], bone, kept) for bone in kept], np.int16
        ),
        "faces": to_steps(np.concatenate([renumber[faces], egg_faces + len(used)]), 1),
        "bones": np.concatenate(
            [bones[used], np.full((egg_count, 4), neck)],
        ).astype(np.uint8),
        "weights": np.concatenate([weights[used], np.tile([255, 0, 0, 0], (egg_count, 1))]).astype(
            np.uint8
        ),
        "part": np.concatenate([part, np.full(egg_count, HEAD)]).astype(np.uint8),
    }
    for name in PHENOTYPES:
        vertices, joints = _upright(stored[f"{name}_v"]), _upright(stored[f"{name}_h"])
        scale = _HEIGHT_M[name] / np.ptp(vertices[:, 1])
        floor = vertices[:, 1].min()
        vertices, joints = (vertices - [0, floor, 0]) * scale, (joints - [0, floor, 0]) * scale
        vertices = _plain(vertices, stored["faces"], joints[labels.index("upperleg01.L")][1])
        egg = _egg(vertices[is_head], vertices[main == "neck01"], _HEIGHT_M[name])
        whole = np.concatenate([vertices[used], egg])
        at = {bone: joints[labels.index(bone)] for bone in kept}
        arrays[f"{name}_rest"] = to_steps(whole, STEP_M)
        arrays[f"{name}_joints"] = np.array([at[bone] for bone in kept], np.float32)
        arrays[f"{name}_layer"] = _base_layer(whole, at, arrays["part"], name)
    return write_packed(data_file(FILE), arrays)


def _upright(points: NDArray[np.generic]) -> F64:
    """Anny's z points up and its bodies look along -y."""
    x, y, z = points.astype(np.float64).T
    return np.stack([x, z, -y], axis=1)


def _kept_ancestor(labels: list[str], parents: I32, bone: str, kept: list[str]) -> int:
    while bone not in kept:
        bone = labels[int(parents[labels.index(bone)])]
    # The tips carry no skin: hands and feet are one piece.
    base, _, side = bone.partition(".")
    if base in _TIPS:
        bone = ("wrist." if base == "metacarpal2" else "foot.") + side
    return kept.index(bone)


def _parent_index(labels: list[str], parents: I32, bone: str, kept: list[str]) -> int:
    parent = int(parents[labels.index(bone)])
    while parent >= 0 and labels[parent] not in kept:
        parent = int(parents[parent])
    return -1 if parent < 0 else kept.index(labels[parent])


def _four_weights(indices: I32, weights: F64, onto: I32, count: int) -> tuple[I32, I32]:
    dense = np.zeros((len(indices), count))
    for column in range(indices.shape[1]):
        np.add.at(dense, (np.arange(len(indices)), onto[indices[:, column]]), weights[:, column])
    bones = np.argsort(-dense, axis=1)[:, :4]
    best = np.take_along_axis(dense, bones, axis=1)
    whole = np.floor(255 * best / best.sum(axis=1, keepdims=True)).astype(np.int32)
    whole[:, 0] += 255 - whole.sum(axis=1)
    return bones.astype(np.int32), whole


def _part_of(label: str) -> int:
    base, _, side = label.partition(".")
    if base.startswith(("upperarm", "lowerarm", "wrist", "finger", "metacarpal")):
        return LEFT_ARM if side == "L" else RIGHT_ARM
    if base.startswith(("upperleg", "lowerleg", "foot", "toe")):
        return LEFT_LEG if side == "L" else RIGHT_LEG
    return TRUNK


def _plain(vertices: F64, faces: I32, hip: float) -> F64:
    """Smooth what lies between the legs: a mannequin has no anatomy."""
    x, y, _ = vertices.T
    near = np.clip(1 - np.abs(y - hip + 0.07) / 0.13, 0, 1) * np.clip(1.6 - np.abs(x) / 0.055, 0, 1)
    share = (0.8 * np.clip(2 * near, 0, 1))[:, None]
    edges, _ = edges_of(faces)
    degree = np.bincount(edges.ravel(), minlength=len(vertices))[:, None]
    for _ in range(8):
        sums = np.zeros_like(vertices)
        np.add.at(sums, edges[:, 0], vertices[edges[:, 1]])
        np.add.at(sums, edges[:, 1], vertices[edges[:, 0]])
        vertices = vertices + share * (sums / np.maximum(degree, 1) - vertices)
    return vertices


def _egg(head: F64, neck: F64, height: float) -> F64:
    """(N, 3) an egg where the head was, and a column from the neck into it."""
    top = head[:, 1].max()
    half = 0.0655 * height
    # The nose lies before the egg.
    centre = np.array([0.0, top - half, (head[:, 2].min() + head[:, 2].max()) / 2 - 0.014])
    up = np.cos(np.linspace(0.02, np.pi - 0.02, _EGG_ROWS))
    around = np.linspace(0, 2 * np.pi, _EGG_COLUMNS, endpoint=False)
    ring = np.sqrt(1 - up**2) * (1 + 0.15 * up - 0.08 * up**2 * (up < 0))
    x = 0.0425 * height * ring[:, None] * np.sin(around)
    z = 0.054 * height * ring[:, None] * np.cos(around) * (1 + 0.08 * up[:, None])
    # The chin lies before the crown.
    z += (0.020 * np.clip(-up, 0, 1) - 0.016 * np.clip(up, 0, 1))[:, None]
    y = np.repeat(half * up[:, None], _EGG_COLUMNS, axis=1)
    egg = np.stack([x, y, z], axis=-1).reshape(-1, 3) + centre
    low = neck[:, 1].min() + 0.62 * np.ptp(neck[:, 1])
    rim = neck[np.abs(neck[:, 1] - low) < 0.012]
    middle = np.array([0.0, low, (rim[:, 2].min() + rim[:, 2].max()) / 2])
    radii = np.array([np.ptp(rim[:, 0]), np.ptp(rim[:, 2])]) / 2 * 1.01
    rows = []
    for share in np.linspace(-0.25, 1, _NECK_ROWS):
        # Along the neck, which leans forward, and a little narrower towards the egg.
        at = middle + share * (centre - [0, 0.35 * half, 0.012] - middle)
        narrow = 1 - 0.12 * max(0.0, share) - 0.06 * (share < 0)
        rows.append(
            np.stack(
                [
                    at[0] + narrow * radii[0] * np.sin(around),
                    np.full(_EGG_COLUMNS, at[1]),
                    at[2] + narrow * radii[1] * np.cos(around),
                ],
                axis=1,
            )
        )
    return np.concatenate([egg, *rows])


def _egg_faces() -> tuple[I32, int]:
    faces = [_grid_faces(_EGG_ROWS, 0), _grid_faces(_NECK_ROWS, _EGG_ROWS * _EGG_COLUMNS)[:, ::-1]]
    return np.concatenate(faces), (_EGG_ROWS + _NECK_ROWS) * _EGG_COLUMNS


def _grid_faces(rows: int, first: int) -> I32:
    index = np.arange(rows * _EGG_COLUMNS).reshape(rows, _EGG_COLUMNS)
    beside = np.roll(index, -1, axis=1)
    quads = np.stack([index[:-1], index[1:], beside[1:], beside[:-1]], axis=-1).reshape(-1, 4)
    return first + np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def _base_layer(
    vertices: F64, at: dict[str, F64], part: NDArray[np.generic], name: str
) -> NDArray[np.int16]:
    """Millimetres inside the base layer's edge: shorts, and a band round a woman's chest."""
    y = vertices[:, 1]
    crotch = at["upperleg01.L"][1] - 0.075
    waist = at["spine05"][1] + 0.05
    body = ~np.isin(part, [LEFT_ARM, RIGHT_ARM, HEAD])
    inside = np.minimum(y - (crotch - 0.075), waist - y)
    if name.startswith("woman"):
        chest = at["upperarm01.L"][1]
        inside = np.maximum(inside, np.minimum(y - (chest - 0.215), chest - 0.055 - y))
    return np.where(body, np.clip(1000 * inside, -3000, 3000), -3000).astype(np.int16)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    if not target.exists():
        dump_anny(target)
    sys.stdout.write(f"{make_mannequins(target)} bytes\n")
