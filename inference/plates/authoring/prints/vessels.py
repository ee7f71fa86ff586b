"""Round objects: exact lathes, their faces exact cylinders."""

from dataclasses import replace

import numpy as np

from inference.mockups.format import Cylinder, Face
from inference.plates.authoring.materials import Material, matte
from inference.plates.authoring.prints.mockup import FaceMesh, Printable
from inference.plates.authoring.scene import Piece
from inference.plates.authoring.shapes import Array, Mesh, lathe, sheet
from inference.plates.format import Surface

# The mask's patch lies so far above the surface; less than a tenth of a pixel.
_LIFT_CM = 0.004
GLAZE = Material((0.82, 0.82, 0.82), roughness=0.14, reflectance=0.04, clearcoat=0.15)
COATED = Material((0.82, 0.82, 0.82), roughness=0.38, reflectance=0.04)


def arc(
    centre: tuple[float, float], radius: float, start_deg: float, end_deg: float, count: int = 9
) -> list[tuple[float, float]]:
    """Points of a fillet in the profile's plane; 0° points outwards, 90° up."""
    angles = np.radians(np.linspace(start_deg, end_deg, count))
    return [
        (float(centre[0] + radius * np.cos(a)), float(centre[1] + radius * np.sin(a)))
        for a in angles
    ]


def rise(radius: float, low: float, high: float, count: int = 14) -> list[tuple[float, float]]:
    """A straight wall in short steps, so that a fillet's normals do not bend it."""
    return [(radius, float(y)) for y in np.linspace(low, high, count)]


def round_face(
    *,
    name: str,
    title: str,
    radius: float,
    low: float,
    high: float,
    front_deg: float,
    span_deg: float,
    focus_deg: float,
    seen_deg: float = 0.0,
    safe_cm: float = 0.3,
    bleed_cm: float = 0.0,
) -> FaceMesh:
    """A band around an upright axis through the origin.

    Args:
        name: of the face.
        title: of the face.
        radius: of the surface, cm.
        low: the band's lower edge, cm.
        high: its upper edge, cm.
        front_deg: where its middle looks: 0 to the viewer, 90 to the right.
        span_deg: how far around it reaches.
        focus_deg: how far around fitted artwork reaches.
        seen_deg: where fitted artwork's middle looks.
        safe_cm: margin for what matters.
        bleed_cm: past the edge, for cutting.
    """
    turn = np.radians(front_deg)
    cylinder = Cylinder(
        centre_cm=(0.0, high, 0.0),
        down_cm=(0.0, low - high, 0.0),
        front=(float(np.sin(turn)), 0.0, float(np.cos(turn))),
        radius_cm=radius,
        span_deg=span_deg,
    )
    middle = 0.5 + (seen_deg - front_deg) / span_deg
    half = focus_deg / span_deg / 2
    face = Face(
        name=name,
        title=title,
        width_cm=float(radius * np.radians(span_deg)),
        height_cm=high - low,
        area=(0.0, 0.0, 1.0, 1.0),
        focus=(max(0.0, middle - half), 0.0, min(1.0, middle + half), 1.0),
        safe_cm=safe_cm,
        bleed_cm=bleed_cm,
        cylinder=cylinder,
    )
    return FaceMesh(face, band(radius + _LIFT_CM, low, high, front_deg, span_deg))


def band(radius: float, low: float, high: float, front_deg: float, span_deg: float) -> Mesh:
    """A part of a cylinder's wall, looking outwards."""
    angles = np.radians(front_deg + np.linspace(-0.5, 0.5, 181) * span_deg)
    heights = np.linspace(high, low, 3)
    points = np.zeros((3, len(angles), 3))
    points[..., 0], points[..., 2] = radius * np.sin(angles), radius * np.cos(angles)
    points[..., 1] = heights[:, None]
    mesh = sheet(points)
    outward = mesh.vertices * np.array([1.0, 0.0, 1.0]) / radius
    return replace(mesh, normals=outward)


def handle(*, reach: float, low: float, high: float, start: float) -> Mesh:
    """A mug's handle towards +x: an ellipse's arc, of oval section, its feet inside the wall."""
    turn = np.linspace(-1.42, 1.42, 90)
    middle, half = (low + high) / 2, (high - low) / 2
    x = start - 0.55 + (reach + 0.55) * (np.cos(turn) - np.cos(1.42)) / (1 - np.cos(1.42))
    y = middle + half * np.sin(turn) / np.sin(1.42)
    tangent = np.stack([np.gradient(x), np.gradient(y)], axis=1)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    out = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    # Feet flare into the wall.
    flare = 1 + 0.35 * (np.abs(turn) / 1.42) ** 10
    ring = np.linspace(0, 2 * np.pi, 41)
    thick, wide = 0.42 * flare, 0.72 * flare
    points = np.zeros((len(turn), len(ring), 3))
    offset = thick[:, None] * np.cos(ring)[None]
    points[..., 0] = x[:, None] + offset * out[:, :1]
    points[..., 1] = y[:, None] + offset * out[:, 1:]
    points[..., 2] = wide[:, None] * np.sin(ring)[None]
    return _outward(sheet(points), np.stack([x, y, 0 * x], axis=1))


def _outward(mesh: Mesh, spine: Array) -> Mesh:
    gaps = mesh.vertices[:, None] - spine[None]
    nearest = np.argmin((gaps**2).sum(axis=-1), axis=1)
    away = mesh.vertices - spine[nearest]
    sign = np.sign((mesh.normals * away).sum(axis=1, keepdims=True) + 1e-12)
    return replace(mesh, normals=mesh.normals * sign)


_TURNS = {"right": 74.0, "left": -74.0, "front": 180.0}


def mug(view: str) -> Printable:
    """An eleven-ounce mug; `view` says on which side its handle is seen."""
    radius, height, wall_cm = 4.1, 9.6, 0.34
    inner = radius - wall_cm
    profile = [
        (0.001, 0.22),
        (2.95, 0.22),
        (3.1, 0.0),
        (3.35, 0.0),
        *arc((3.45, 0.65), 0.65, -90, 0),
        *rise(radius, 0.75, height - 0.2, 24),
        *arc((radius - wall_cm / 2, height - 0.17), wall_cm / 2, 0, 180, 11),
        *rise(inner, height - 0.2, 1.3, 20),
        *arc((inner - 0.8, 1.25), 0.8, 0, -90),
        (0.001, 0.45),
    ]
    azimuth = _TURNS[view]
    grip = handle(reach=2.55, low=1.75, high=8.05, start=radius).turned(azimuth - 90)
    # Ink keeps clear of the handle; the band's middle lies opposite to it.
    clear = 24.0
    opposite = azimuth - 180 if azimuth > 0 else azimuth + 180
    face = round_face(
        name="wrap",
        title="All around",
        radius=radius,
        low=0.8,
        high=height - 0.5,
        front_deg=opposite,
        span_deg=360 - 2 * clear,
        focus_deg=96 if view != "front" else 120,
        seen_deg=0.0 if view == "front" else -6.0 * np.sign(azimuth),
        bleed_cm=0.2,
    )
    return Printable(
        dyed=(Piece(lathe(profile), GLAZE, Surface.PROP), Piece(grip, GLAZE, Surface.PROP)),
        fixed=(),
        faces=(face,),
    )


ALUMINIUM = Material((0.86, 0.87, 0.88), roughness=0.3, metallic=1.0)
AMBER = Material((0.10, 0.040, 0.014), roughness=0.12, reflectance=0.045)
BLACK_CAP = matte(0.018, 0.018, 0.020, 0.42)
CREAM_GLASS = Material((0.70, 0.67, 0.62), roughness=0.32, reflectance=0.045)
LABEL = Material((0.82, 0.82, 0.82), roughness=0.55, reflectance=0.04)


def can(view: str) -> Printable:
    """A sleek drinks can: print all around its straight wall, bare metal above and below."""
    radius, low, high = 2.9, 1.0, 12.0
    wall = lathe(rise(radius, low, high, 30))
    foot = lathe([(0.001, 0.9), (1.4, 0.6), (2.1, 0.05), (2.25, 0.0), (2.42, 0.12), (radius, low)])
    neck = [
        (radius, high),
        *arc((radius - 0.5, high), 0.5, 0, 38, 6),
        (2.45, 12.75),
        *arc((2.45, 12.95), 0.16, -30, 150, 9),
    ]
    lid = lathe([*neck[1:], (2.3, 12.7), (2.2, 12.66), (0.001, 12.66)])
    tab = boards_disc(0.62, 12.72).moved(0.0, 0.0, 0.35)
    face = round_face(
        name="wrap",
        title="All around",
        radius=radius,
        low=low,
        high=high,
        front_deg=0.0,
        span_deg=360.0,
        focus_deg=128,
        bleed_cm=0.2,
    )
    metal = (foot, lid, tab)
    return Printable(
        dyed=(Piece(wall, replace(GLAZE, roughness=0.26), Surface.PROP),),
        fixed=tuple(Piece(mesh, ALUMINIUM, Surface.PROP) for mesh in metal),
        faces=(face,),
    )


def boards_disc(radius: float, y: float) -> Mesh:
    """A can's tab: a small flat disc."""
    return lathe([(0.001, y + 0.1), (radius * 0.9, y + 0.1), (radius, y + 0.04), (radius, y)])


def bottle(view: str) -> Printable:
    """An amber pharmacy bottle with a black cap and a paper label."""
    radius, shoulder = 2.9, 9.4
    body = lathe(
        [
            (0.001, 0.15),
            (2.3, 0.15),
            *arc((radius - 0.5, 0.5), 0.5, -90, 0),
            *rise(radius, 0.6, shoulder, 26),
            *arc((radius - 1.5, shoulder), 1.5, 4, 78, 14),
            (1.25, 11.15),
            (1.25, 12.0),
        ]
    )
    cap = lathe(
        [
            (1.5, 11.35),
            *rise(1.55, 11.4, 13.35, 10),
            *arc((1.35, 13.4), 0.2, 0, 90),
            (0.001, 13.6),
        ],
        ribs=44,
        rib_depth=0.035,
    )
    return _labelled(body, AMBER, cap, BLACK_CAP, radius=radius, low=1.3, high=8.7, span=176)


def jar(view: str) -> Printable:
    """A candle jar of frosted glass with an oak lid and a paper label."""
    radius, top = 3.9, 8.4
    body = lathe(
        [
            (0.001, 0.1),
            (3.1, 0.1),
            *arc((radius - 0.7, 0.7), 0.7, -90, 0),
            *rise(radius, 0.8, top - 0.2, 24),
            *arc((radius - 0.2, top - 0.2), 0.2, 0, 90, 5),
            (3.4, top),
        ]
    )
    lid = lathe(
        [
            (3.4, top + 0.02),
            *arc((radius + 0.05, top + 0.14), 0.12, -90, 0, 5),
            *rise(radius + 0.17, top + 0.2, top + 0.95, 6),
            *arc((radius, top + 1.0), 0.17, 0, 90, 6),
            (1.5, top + 1.17),
            (0.001, top + 1.17),
        ]
    )
    wood = matte(0.36, 0.235, 0.135, 0.55)
    return _labelled(body, CREAM_GLASS, lid, wood, radius=radius, low=1.6, high=7.2, span=150)


def _labelled(
    body: Mesh,
    glass: Material,
    cap: Mesh,
    cap_material: Material,
    *,
    radius: float,
    low: float,
    high: float,
    span: float,
) -> Printable:
    paper = radius + 0.02
    face = round_face(
        name="label",
        title="Label",
        radius=paper,
        low=low,
        high=high,
        front_deg=0.0,
        span_deg=span,
        focus_deg=min(span, 116),
        bleed_cm=0.15,
        safe_cm=0.35,
    )
    label = band(paper, low, high, 0.0, span)
    return Printable(
        dyed=(Piece(label, LABEL, Surface.PROP),),
        fixed=(Piece(body, glass, Surface.PROP), Piece(cap, cap_material, Surface.PROP)),
        faces=(face,),
    )
