"""Objects of flat sides: frames, cards, boxes, notebooks; their faces are exact planes."""

from dataclasses import dataclass

import numpy as np

from inference.mockups.format import Face, Plane
from inference.plates.authoring.materials import Material
from inference.plates.authoring.prints.mockup import FaceMesh, Printable
from inference.plates.authoring.scene import Piece
from inference.plates.authoring.shapes import Array, Mesh, joined, rounded_box, sheet
from inference.plates.format import Surface, Vec3

PAPER = Material((0.82, 0.82, 0.82), roughness=0.62, reflectance=0.04)
BOARD = Material((0.82, 0.82, 0.82), roughness=0.5, reflectance=0.04)
_LIFT_CM = 0.003


@dataclass(frozen=True, slots=True)
class Pose:
    """How a thing built upright at the origin is turned and set down.

    Attributes:
        tilt_deg: about x, first: positive leans its top towards the viewer; -90 lays it on its
            back.
        turn_deg: about y, then: positive turns its front to the right.
        at: where its origin goes, cm.
    """

    tilt_deg: float = 0.0
    turn_deg: float = 0.0
    at: Vec3 = (0.0, 0.0, 0.0)

    def mesh(self, mesh: Mesh) -> Mesh:
        """A mesh in this pose."""
        return mesh.turned(self.tilt_deg, "x").turned(self.turn_deg).moved(*self.at)

    def vector(self, vector: Vec3) -> Vec3:
        """A direction in this pose."""
        tilt, turn = np.radians(self.tilt_deg), np.radians(self.turn_deg)
        x, y, z = vector
        y, z = y * np.cos(tilt) - z * np.sin(tilt), y * np.sin(tilt) + z * np.cos(tilt)
        x, z = x * np.cos(turn) + z * np.sin(turn), -x * np.sin(turn) + z * np.cos(turn)
        return (float(x), float(y), float(z))

    def point(self, point: Vec3) -> Vec3:
        """A point in this pose."""
        x, y, z = self.vector(point)
        return (x + self.at[0], y + self.at[1], z + self.at[2])


def flat_face(
    *,
    name: str,
    title: str,
    corner: Vec3,
    across: Vec3,
    down: Vec3,
    pose: Pose,
    bleed_cm: float = 0.3,
    safe_cm: float = 0.5,
    area: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
    focus: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
    corner_radius: float = 0.0,
) -> FaceMesh:
    """A flat face from its upper left corner and its two edges, in the thing's own upright pose."""
    a, b, c = (np.array(v, np.float64) for v in (corner, across, down))
    normal = np.cross(b, -c)
    normal /= np.linalg.norm(normal)
    steps = np.linspace(0, 1, 2)
    s, t = np.meshgrid(steps, steps)
    points = a + s[..., None] * b + t[..., None] * c + _LIFT_CM * normal
    patch = sheet(points)
    if corner_radius > 0:
        patch = _rounded(a + _LIFT_CM * normal, b, c, corner_radius)
    flipped = np.sign((patch.normals @ normal).mean())
    patch = Mesh(patch.vertices, patch.faces, patch.uv, patch.normals * flipped)
    face = Face(
        name=name,
        title=title,
        width_cm=float(np.linalg.norm(b)),
        height_cm=float(np.linalg.norm(c)),
        area=area,
        focus=focus,
        bleed_cm=bleed_cm,
        safe_cm=safe_cm,
        plane=Plane(pose.point(corner), pose.vector(across), pose.vector(down)),
    )
    return FaceMesh(face, pose.mesh(patch))


def _rounded(corner: Array, across: Array, down: Array, radius: float) -> Mesh:
    """A flat patch with round corners, as a fan around its middle."""
    width, height = np.linalg.norm(across), np.linalg.norm(down)
    turn = np.linspace(0, np.pi / 2, 17)
    ring = []
    for cx, cy, start in (
        (width - radius, radius, -np.pi / 2),
        (width - radius, height - radius, 0.0),
        (radius, height - radius, np.pi / 2),
        (radius, radius, np.pi),
    ):
        ring.append(
            np.stack([cx + radius * np.cos(turn + start), cy + radius * np.sin(turn + start)], 1)
        )
    edge = np.concatenate([*ring, ring[0][:1]])
    middle = np.full_like(edge, 0) + np.array([width / 2, height / 2])
    flat = np.stack([middle, edge])
    points = corner + flat[..., :1] * across / width + flat[..., 1:] * down / height
    return sheet(points)


def framed_print(
    *,
    width: float,
    height: float,
    middle: Vec3,
    frame: Material,
    bar: float = 2.0,
    mat: float = 0.0,
) -> Printable:
    """A print in a wooden frame on the wall z = 0, without glass.

    Args:
        width: of the sheet that is seen, cm.
        height: of it, cm.
        middle: of the sheet.
        frame: its wood.
        bar: width of a bar.
        mat: width of a white mount around the print.
    """
    x, y, _ = middle
    depth, sheet_z = 3.0, 1.6
    outer_w, outer_h = width + 2 * mat, height + 2 * mat
    bars = []
    for is_upright, side in ((False, 1), (False, -1), (True, 1), (True, -1)):
        if is_upright:
            one = rounded_box(bar, outer_h + 2 * bar, depth, 0.12)
            one = one.moved(x + side * (outer_w + bar) / 2, y - outer_h / 2 - bar, depth / 2)
        else:
            one = rounded_box(outer_w, bar, depth, 0.12)
            one = one.moved(x, y + side * (outer_h + bar) / 2 - bar / 2, depth / 2)
        bars.append(Piece(one, frame, Surface.PROP))
    face = flat_face(
        name="print",
        title="Print",
        corner=(x - width / 2, y + height / 2, sheet_z),
        across=(width, 0, 0),
        down=(0, -height, 0),
        pose=Pose(),
        bleed_cm=0.3,
        safe_cm=1.5,
    )
    paper = Piece(_board(x, y, outer_w, outer_h, sheet_z), PAPER, Surface.PROP)
    return Printable(dyed=(paper,), fixed=tuple(bars), faces=(face,))


def _board(x: float, y: float, width: float, height: float, z: float) -> Mesh:
    across, up = np.linspace(-0.5, 0.5, 2) * width + x, np.linspace(-0.5, 0.5, 2) * height + y
    points = np.zeros((2, 2, 3))
    points[..., 0], points[..., 1] = np.meshgrid(across, up)
    points[..., 2] = z
    return sheet(points)


def carton(*, width: float, height: float, depth: float, pose: Pose, bevel: float) -> Printable:
    """A closed box on the ground; front, right side and lid take ink up to their edges.

    The faces are the sharp box around the bevelled one, so that ink runs over its edges.
    """
    body = pose.mesh(rounded_box(width, height, depth, bevel))
    x, z = width / 2, depth / 2
    faces = (
        flat_face(
            name="front",
            title="Front",
            corner=(-x, height, z),
            across=(width, 0, 0),
            down=(0, -height, 0),
            pose=pose,
        ),
        flat_face(
            name="side",
            title="Side",
            corner=(x, height, z),
            across=(0, 0, -depth),
            down=(0, -height, 0),
            pose=pose,
        ),
        flat_face(
            name="lid",
            title="Lid",
            corner=(-x, height, -z),
            across=(width, 0, 0),
            down=(0, 0, depth),
            pose=pose,
        ),
    )
    return Printable(dyed=(Piece(body, BOARD, Surface.PROP),), fixed=(), faces=faces)


def lying_card(
    *, width: float, height: float, pose: Pose, thick: float = 0.05, material: Material = PAPER
) -> Printable:
    """A stiff sheet on its back (its pose lays it down); its upper face takes ink."""
    body = pose.mesh(rounded_box(width, height, thick, thick * 0.4).moved(y=-height / 2))
    face = flat_face(
        name="card",
        title="Card",
        corner=(-width / 2, height / 2, thick / 2),
        across=(width, 0, 0),
        down=(0, -height, 0),
        pose=pose,
        bleed_cm=0.2,
        safe_cm=0.4,
    )
    return Printable(dyed=(Piece(body, material, Surface.PROP),), fixed=(), faces=(face,))


def joined_pieces(meshes: list[Mesh], material: Material) -> Piece:
    """Several meshes of one material."""
    return Piece(joined(meshes), material, Surface.PROP)


def slab(width: float, height: float, thick: float, *, corner: float, bevel: float) -> Mesh:
    """A plate with round corners standing in z = 0, centred; its edges are rounded by `bevel`."""
    turn = np.linspace(0, np.pi / 2, 9)
    inset = [*(bevel * (1 - np.sin(turn))), *(bevel * (1 - np.cos(turn)))]
    z = [*(-thick / 2 + bevel * (1 - np.cos(turn))), *(thick / 2 - bevel * (1 - np.sin(turn)))]
    rings = []
    levels = [(bevel + corner * 0.6, -thick / 2), *zip(inset, z, strict=True)]
    for inward, level in (*levels, (bevel + corner * 0.6, thick / 2)):
        ring = _outline(width - 2 * inward, height - 2 * inward, max(corner - inward, 0.02))
        rings.append(np.concatenate([ring, np.full((len(ring), 1), level)], axis=1))
    caps = [
        np.stack([np.zeros_like(rings[0]) + np.array([0.0, 0.0, -thick / 2]), rings[0]]),
        np.stack(rings),
        np.stack([rings[-1], np.zeros_like(rings[0]) + np.array([0.0, 0.0, thick / 2])]),
    ]
    meshes = [sheet(points) for points in caps]
    for index, way in ((0, -1.0), (2, 1.0)):
        flat = meshes[index]
        normals = np.zeros_like(flat.normals) + np.array([0.0, 0.0, way])
        meshes[index] = Mesh(flat.vertices, flat.faces, flat.uv, normals)
    side = meshes[1]
    outward = np.sign((side.normals * side.vertices * np.array([1, 1, 0.01])).sum(axis=1))
    majority = 1.0 if outward.mean() >= 0 else -1.0
    meshes[1] = Mesh(side.vertices, side.faces, side.uv, side.normals * majority)
    return joined(meshes)


def _outline(width: float, height: float, radius: float) -> Array:
    turn = np.linspace(0, np.pi / 2, 11)
    corners = []
    for index, (sx, sy) in enumerate([(1, 1), (-1, 1), (-1, -1), (1, -1)]):
        angle = turn + index * np.pi / 2
        centre = np.array([sx * (width / 2 - radius), sy * (height / 2 - radius)])
        corners.append(centre + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    ring = np.concatenate(corners)
    return np.concatenate([ring, ring[:1]])


PLASTIC = Material((0.82, 0.82, 0.82), roughness=0.34, reflectance=0.04)
DARK_GLASS = Material((0.012, 0.013, 0.016), roughness=0.1, reflectance=0.05)
METAL_RING = Material((0.60, 0.60, 0.62), roughness=0.3, metallic=1.0)


def phone_case(pose: Pose) -> Printable:
    """A phone case lying on its screen: the back takes ink around the camera's island."""
    width, height, thick = 7.5, 15.4, 1.05
    body = pose.mesh(slab(width, height, thick, corner=1.25, bevel=0.38))
    top = thick / 2
    island_at = (-width / 2 + 2.15, height / 2 - 2.15)
    island = slab(3.5, 3.5, 0.32, corner=0.9, bevel=0.1).moved(*island_at, top + 0.1)
    fixed = [Piece(pose.mesh(island), DARK_GLASS, Surface.PROP)]
    for dx, dy in ((-0.8, 0.8), (-0.8, -0.8), (0.8, 0.0)):
        at = (island_at[0] + dx, island_at[1] + dy, top + 0.3)
        ring = slab(1.42, 1.42, 0.28, corner=0.7, bevel=0.1).moved(*at)
        lens = slab(1.12, 1.12, 0.32, corner=0.55, bevel=0.06).moved(*at)
        fixed.append(Piece(pose.mesh(ring), METAL_RING, Surface.PROP))
        fixed.append(Piece(pose.mesh(lens), DARK_GLASS, Surface.PROP))
    face = flat_face(
        name="back",
        title="Back",
        corner=(-width / 2, height / 2, top),
        across=(width, 0, 0),
        down=(0, -height, 0),
        pose=pose,
        bleed_cm=0.3,
        safe_cm=0.45,
        focus=(0.0, 0.30, 1.0, 1.0),
        corner_radius=1.25,
    )
    return Printable(dyed=(Piece(body, PLASTIC, Surface.PROP),), fixed=tuple(fixed), faces=(face,))


def notebook(pose: Pose) -> Printable:
    """A bound notebook on its back, an elastic around it."""
    width, height, thick = 14.5, 21.0, 1.5
    cover = 0.22
    pages = rounded_box(width - 0.5, height - 0.5, thick - 2 * cover, 0.05)
    pages = pages.moved(-0.2, -(height - 0.5) / 2, 0)
    lids = []
    for side in (1, -1):
        lid = slab(width, height, cover, corner=0.55, bevel=0.08)
        lids.append(lid.moved(z=side * (thick - cover) / 2))
    spine = rounded_box(0.35, height - 0.3, thick, 0.12).moved(
        -width / 2 + 0.18, -height / 2 + 0.15
    )
    band = rounded_box(0.62, height + 0.12, 0.1, 0.04)
    band = band.moved(width / 2 - 1.6, -(height + 0.12) / 2, thick / 2 + 0.04)
    face = flat_face(
        name="cover",
        title="Cover",
        corner=(-width / 2, height / 2, thick / 2),
        across=(width, 0, 0),
        down=(0, -height, 0),
        pose=pose,
        bleed_cm=0.3,
        safe_cm=1.2,
        focus=(0.02, 0.0, 0.87, 1.0),
        corner_radius=0.55,
    )
    covers = Piece(pose.mesh(joined([*lids, spine])), BOARD, Surface.PROP)
    return Printable(
        dyed=(covers,),
        fixed=(
            Piece(pose.mesh(pages), PAPER_EDGE, Surface.PROP),
            Piece(pose.mesh(band), ELASTIC, Surface.PROP),
        ),
        faces=(face,),
    )


PAPER_EDGE = Material((0.72, 0.69, 0.62), roughness=0.8, reflectance=0.03)
ELASTIC = Material((0.03, 0.03, 0.032), roughness=0.7, reflectance=0.04, sheen=0.3)
STEEL = Material((0.09, 0.095, 0.10), roughness=0.45, reflectance=0.05)


def street_panel(
    *, width: float, height: float, low: float, z: float = 0.0, bar: float = 9.0, legs: bool = True
) -> Printable:
    """A steel frame outdoors with a printed sheet; on legs, or on a wall behind it."""
    outer_w, outer_h = width + 2 * bar, height + 2 * bar
    depth = 14.0
    meshes = [
        rounded_box(outer_w, bar, depth, 0.8).moved(0, low - bar, z),
        rounded_box(outer_w, bar, depth, 0.8).moved(0, low + height, z),
        rounded_box(bar, height, depth, 0.8).moved(-(width + bar) / 2, low, z),
        rounded_box(bar, height, depth, 0.8).moved((width + bar) / 2, low, z),
        rounded_box(outer_w - 2, outer_h - 2, 2, 0.3).moved(0, low - bar + 1, z - 4),
    ]
    if legs:
        for side in (-1, 1):
            leg = rounded_box(bar, low - bar, depth * 0.8, 0.8)
            meshes.append(leg.moved(side * (width / 2 - 12), 0, z))
    sheet_z = z + depth / 2 - 3.0
    face = flat_face(
        name="sheet",
        title="Sheet",
        corner=(-width / 2, low + height, sheet_z),
        across=(width, 0, 0),
        down=(0, -height, 0),
        pose=Pose(),
        bleed_cm=1.0,
        safe_cm=min(width, height) * 0.05,
    )
    paper = Piece(_board(0.0, low + height / 2, width, height, sheet_z), PAPER, Surface.PROP)
    return Printable(dyed=(paper,), fixed=(joined_pieces(meshes, STEEL),), faces=(face,))
