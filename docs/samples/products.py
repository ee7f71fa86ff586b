"""The sample products, each a dictionary of renderer objects standing on y = 0 at the origin."""

from pathlib import Path

import mitsuba as mi
import numpy as np
import trimesh
from artwork import soap_label, speckled_glaze, tea_carton
from scipy import ndimage
from shapes import Surface, lathe, smooth_path, soft_box, to_mitsuba, tube
from surfaces import Image, coat, embossed, finish, linear, noise, picture, weave

Parts = dict[str, mi.Object]


def mug() -> Parts:
    """A stoneware mug, 9.4 cm high, handle to the right."""
    glaze = finish(
        embossed(
            coat(picture(speckled_glaze(), (1, 1 / 9.4), wrap="clamp"), 0.28, clearcoat=0.25),
            noise((600, 1200), 5.5, 4, lowest=5),
            0.008,
            (1, 1 / 9.4),
        )
    )
    outline = [
        (0, 0.25), (2.9, 0.25), (3.1, 0), (3.5, 0), (3.95, 0.35), (4.15, 1.2), (4.25, 5),
        (4.25, 9.1), (4.2, 9.4), (3.95, 9.4), (3.88, 9.1), (3.88, 5),
        (3.75, 1.3), (3.3, 0.8), (0, 0.75),
    ]  # fmt: skip
    body = lathe(outline, steps=320)
    loop = [
        (4.0, 7.6, 0),
        (5.2, 7.9, 0),
        (6.9, 7.6, 0),
        (7.5, 5.6, 0),
        (6.7, 3.4, 0),
        (5.2, 2.5, 0),
        (4.0, 2.4, 0),
    ]
    path = smooth_path(loop, 140, 4)
    flare = 1 + 0.5 * np.abs(np.linspace(-1, 1, 140)) ** 8
    handle = tube(path, 0.42 * flare, 0.72 * flare)
    handle = Surface(handle.vertices, handle.faces, handle.texcoords * [0.17, 5.5] + [0.1, 3.4])
    turn = 12.0
    return {
        "mug": to_mitsuba(body.moved((0, 0, 0), turn), glaze, "mug"),
        "handle": to_mitsuba(handle.moved((0, 0, 0), turn), glaze, "handle"),
    }


def pump_bottle() -> Parts:
    """A matt sage bottle with a paper label and a black pump, 20 cm high, spout to the left."""
    plastic = finish(coat((136, 152, 130), 0.30, specular=0.5, clearcoat=0.15))
    black = finish(coat((26, 26, 27), 0.30))
    satin = finish(coat((30, 30, 31), 0.5))
    label = finish(
        coat(
            picture(soap_label(), (1, 1 / 7.4), (0, -3.0 / 7.4), wrap="clamp"), 0.65, specular=0.35
        )
    )
    body = lathe(
        [
            (0, 0.25),
            (2.7, 0.2),
            (3.1, 0),
            (3.5, 0.05),
            (3.6, 0.5),
            (3.6, 6),
            (3.6, 12.2),
            (3.5, 13.3),
            (2.6, 14.2),
            (1.6, 14.55),
            (1.45, 14.9),
            (1.45, 15.6),
            (0, 15.6),
        ],
        360,
        rounding=4,
    )
    print_ = lathe([(3.612, 3.0), (3.612, 10.4)], 40, 128, 0, (-72, 72))
    collar = lathe(
        [
            (1.5, 14.75),
            (1.72, 14.8),
            (1.75, 15),
            (1.75, 16.2),
            (1.65, 16.45),
            (0.8, 16.5),
            (0.75, 16.9),
            (0.42, 16.95),
            (0.40, 18.3),
        ],
        240,
        rounding=3,
    )
    head = lathe(
        [(0.40, 18.0), (0.85, 18.05), (1.0, 18.2), (1.0, 18.95), (0.9, 19.15), (0, 19.2)],
        160,
        rounding=3,
    )
    spout_path = smooth_path(
        [(0, 18.62, 0), (-1.6, 18.62, 0), (-2.9, 18.55, 0), (-3.6, 18.2, 0), (-3.75, 17.75, 0)],
        90,
        3,
    )
    spout = tube(spout_path, np.linspace(0.46, 0.30, 90), np.linspace(0.62, 0.30, 90))
    turn = -14.0
    return {
        "body": to_mitsuba(body, plastic, "body"),
        "label": to_mitsuba(print_.moved((0, 0, 0), 3), label, "label"),
        "collar": to_mitsuba(collar, satin, "collar"),
        "head": to_mitsuba(head, black, "head"),
        "spout": to_mitsuba(spout.moved((0, 0, 0), turn), black, "spout"),
    }


def tea_box() -> Parts:
    """A printed carton, 10 x 15 x 6.4 cm, turned to show its front and one side."""
    art, parts = tea_carton(), {}
    for name, face in soft_box((10, 15, 6.43), 0.10).items():
        card = finish(coat(picture(art[name], wrap="clamp"), 0.42, specular=0.4))
        parts[name] = to_mitsuba(face.moved((0, 0, 0), -28), card, name)
    return parts


def steel_bottle() -> Parts:
    """A powder-coated flask with bare steel foot and neck, bamboo lid and wire loop, 25 cm."""
    grain = noise((900, 900), 1.5, 21, lowest=60)
    powder = finish(
        embossed(
            coat((28, 70, 82), 0.30, specular=0.5, clearcoat=0.2), grain, 0.0012, (2, 2 / 22.6)
        )
    )
    lines = ndimage.gaussian_filter1d(
        np.random.default_rng(3).standard_normal((1024, 256)), 60, axis=1, mode="wrap"
    ).astype(np.float32)
    steel = finish(embossed(coat((205, 203, 200), 0.24, metallic=1.0), lines / lines.std(), 0.0007))
    fibre = ndimage.gaussian_filter1d(
        np.random.default_rng(5).standard_normal((512, 512)), 30, axis=0, mode="wrap"
    )
    wood = linear((205, 164, 108)) * (1 + 0.10 * (fibre / fibre.std())[..., None])
    bamboo = finish(coat(picture(wood.astype(np.float32), (6, 0.5)), 0.42))
    foot = lathe([(0, 0.2), (2.9, 0.15), (3.2, 0), (3.45, 0.1), (3.5, 0.4), (3.5, 1.5)], 160)
    body = lathe(
        [
            (3.5, 1.42),
            (3.56, 1.46),
            (3.6, 1.6),
            (3.6, 8),
            (3.6, 16.4),
            (3.5, 18.2),
            (2.7, 19.8),
            (2.35, 20.3),
            (2.3, 20.6),
            (2.24, 20.66),
        ],
        360,
        rounding=4,
    )
    neck = lathe([(2.2, 20.55), (2.2, 21.3), (2.0, 21.35)], 60)
    lid = lathe(
        [
            (2.0, 21.4),
            (2.42, 21.42),
            (2.5, 21.55),
            (2.5, 23.2),
            (2.42, 23.4),
            (2.2, 23.45),
            (0, 23.45),
        ],
        220,
        rounding=3,
    )
    arch = smooth_path(
        [
            (-1.55, 23.3, 0),
            (-1.55, 24.4, 0),
            (-1.2, 25.3, 0),
            (0, 25.5, 0),
            (1.2, 25.3, 0),
            (1.55, 24.4, 0),
            (1.55, 23.3, 0),
        ],
        120,
        4,
    )
    loop = tube(arch, 0.17)
    return {
        "foot": to_mitsuba(foot, steel, "foot"), "body": to_mitsuba(body, powder, "body"),
        "neck": to_mitsuba(neck, steel, "neck"), "lid": to_mitsuba(lid, bamboo, "lid"),
        "loop": to_mitsuba(loop.moved((0, 0, 0), -18), steel, "loop"),
    }  # fmt: skip


def vase() -> Parts:
    """A cobalt-glazed vase, 22 cm high, thrown slightly uneven."""
    y = np.linspace(1, 0, 1200)[:, None] * np.ones((1, 1200))
    pool = noise((1200, 1200), 2.6, 31, (0.4, 1.6))
    depth = np.clip(0.55 + 0.12 * pool + 0.35 * np.cos(np.pi * y), 0, 1)
    stops = np.stack([linear(c) for c in ((96, 150, 168), (34, 84, 124), (14, 40, 80))])
    tone = np.stack([np.interp(depth, [0, 0.5, 1], stops[:, k]) for k in range(3)], -1)
    tone *= (1 - 0.3 * np.clip(noise((1200, 1200), 0.8, 33, lowest=50) - 1.8, 0, 1))[..., None]
    glaze = finish(
        embossed(
            coat(
                picture(tone.astype(np.float32), (1, 1 / 22), wrap="clamp"),
                0.06,
                specular=0.7,
                clearcoat=1.0,
            ),
            noise((900, 900), 5.0, 34, (2.0, 0.7), lowest=5),
            0.010,
            (1, 1 / 22),
        )
    )
    clay = finish(coat((176, 150, 124), 0.8))
    outline = [
        (4.15, 0.5),
        (4.6, 0.75),
        (6.4, 3.5),
        (8.0, 8),
        (7.7, 12.5),
        (5.4, 16),
        (3.1, 18),
        (2.75, 19.6),
        (3.3, 21.4),
        (4.0, 21.95),
        (3.9, 22.1),
        (3.4, 21.7),
        (2.5, 19.6),
        (2.7, 18),
        (5.0, 15.6),
    ]
    foot = lathe([(0, 0.3), (3.5, 0.3), (3.7, 0), (4.1, 0), (4.15, 0.2), (4.15, 0.6)], 100)
    return {
        "vase": to_mitsuba(lathe(outline, 420, rounding=4), glaze, "vase"),
        "foot": to_mitsuba(foot, clay, "foot"),
    }


def _tipped(bail: Surface) -> Surface:
    """Lean a bail 9 degrees forward about its pivots, 11.2 cm up."""
    lean = np.radians(9)
    x, y, z = bail.vertices.T
    y = y - 11.2
    tipped = [x, 11.2 + y * np.cos(lean) - z * np.sin(lean), z * np.cos(lean) + y * np.sin(lean)]
    return Surface(np.stack(tipped, -1), bail.faces, bail.texcoords)


def enamel_pail() -> Parts:
    """A small enamel pail with a wire bail and a turned grip, 24 cm to the top of the bail."""
    soft = noise((800, 800), 5.0, 41, lowest=4)
    enamel = finish(embossed(coat((236, 230, 214), 0.12, clearcoat=0.8), soft, 0.012, (1, 1 / 14)))
    navy = finish(coat((24, 34, 58), 0.14, clearcoat=0.5))
    wire = finish(coat((150, 148, 145), 0.32, metallic=1.0))
    grain = ndimage.gaussian_filter1d(
        np.random.default_rng(6).standard_normal((256, 1024)), 30, axis=0, mode="wrap"
    )
    beech = finish(
        coat(
            picture(
                (linear((168, 112, 66)) * (1 + 0.14 * (grain / grain.std())[..., None])).astype(
                    np.float32
                ),
                (1, 1),
            ),
            0.5,
        )
    )
    shell = lathe(
        [(0, 0.35), (4.6, 0.3), (4.75, 0), (5.0, 0), (5.1, 0.4), (6.0, 6), (6.75, 12.4)], 300
    )
    inside = lathe([(6.68, 12.4), (5.95, 6), (5.0, 0.6), (4.6, 0.45), (0, 0.45)], 260)
    circle = np.linspace(0, 2 * np.pi, 40)
    rim = lathe(
        np.stack([6.78 + 0.20 * np.cos(circle), 12.45 + 0.20 * np.sin(circle)], -1), 60, rounding=1
    )
    parts = {
        "shell": to_mitsuba(shell, enamel, "shell"),
        "inside": to_mitsuba(inside, enamel, "inside"),
        "rim": to_mitsuba(rim, navy, "rim"),
    }
    swing = np.linspace(0, np.pi, 200)
    bail = np.stack([7.08 * np.cos(swing), 11.2 + 12.2 * np.sin(swing) ** 0.92, 0 * swing], -1)
    turn = 24.0
    parts["bail"] = to_mitsuba(
        _tipped(tube(bail, 0.16, sides=24)).moved((0, 0, 0), turn), wire, "bail"
    )
    near = bail[np.abs(bail[:, 0]) < 2.9]
    swell = 0.42 + 0.22 * np.sin(np.pi * np.linspace(0, 1, len(near))) ** 0.6
    parts["grip"] = to_mitsuba(
        _tipped(
            tube(
                smooth_path(near, 120, 0),
                np.interp(np.linspace(0, 1, 120), np.linspace(0, 1, len(near)), swell),
            )
        ).moved((0, 0, 0), turn),
        beech,
        "grip",
    )
    for side in (-1, 1):
        ear = lathe([(0, 0.65), (0.36, 0.65), (0.42, 0.3), (0.75, 0.18), (0.8, 0)], 40, 64)
        flat = Surface(
            np.stack(
                [
                    side * (ear.vertices[:, 1] + 6.62),
                    ear.vertices[:, 0] * 1.15 + 11.2,
                    ear.vertices[:, 2],
                ],
                -1,
            ),
            ear.faces,
            ear.texcoords,
        )
        parts[f"ear{side}"] = to_mitsuba(flat.moved((0, 0, 0), turn), navy, f"ear{side}")
    return parts


def trainer(model: Path) -> Parts:
    """The knit trainer (CC BY 4.0, Shopify) in dusty blue, without its maker's marks."""
    mesh = trimesh.load(model).to_geometry()
    material = mesh.visual.material
    base = np.asarray(material.baseColorTexture.convert("RGB")).copy()
    side = base.shape[0]
    y0, y1, x0, x1 = (round(share * side) for share in (0.285, 0.365, 0.255, 0.325))
    badge = base[y0:y1, x0:x1]
    badge[:] = np.median(badge.reshape(-1, 3), 0)
    panel = (base[..., 2] > base[..., 0] + 18) & (base.max(-1) < 110)
    base[panel] = base[panel] * [0.5, 0.9, 0.9] + [6, 50, 78]
    tone = ndimage.zoom(linear(base), (4, 4, 1), order=1)
    blue = np.clip((tone[..., 2:] - tone[..., :1]) * 4, 0, 1)
    grey = tone.mean(-1, keepdims=True)
    tone = (1 - blue) * 0.85 * tone + blue * (0.42 * tone + 0.40 * grey)
    loops = np.tile(weave((128, 128, 128), 96, 9, side=768)[1], (4, 4))[..., None]
    tone *= 1 - blue * 0.45 * (1 - loops)
    fold = np.asarray(material.normalTexture.convert("RGB"), np.float32) / 255
    is_marked = base.min(-1) > 150  # the maker's word stands in relief on the white sole
    is_marked[y0:y1, x0:x1] = True
    fold[ndimage.binary_dilation(is_marked, iterations=2)] = (0.5, 0.5, 1.0)
    knit = coat(picture(tone), 0.75, specular=0.3, sheen=0.3)
    skin = finish({"type": "normalmap", "normalmap": picture(fold), "bsdf": knit})
    vertices = np.asarray(mesh.vertices) * 100
    vertices -= [vertices[:, 0].mean(), vertices[:, 1].min(), vertices[:, 2].mean()]
    shoe = Surface(vertices, np.asarray(mesh.faces), np.asarray(mesh.visual.uv))
    return {"shoe": to_mitsuba(shoe.moved((0, 0, 0), -24), skin, "shoe")}


def velvet_chair(model: Path) -> Parts:
    """The lounge chair (CC BY 4.0, Wayfair, Eric Chadwick) in olive velvet, without its label."""
    pieces = trimesh.load(model).geometry

    def piece(name: str) -> Surface:
        mesh = pieces[f"SheenChair_{name}"]
        surface = Surface(
            np.asarray(mesh.vertices) * 100, np.asarray(mesh.faces), np.asarray(mesh.visual.uv)
        )
        return surface.moved((0, 0, 0), 28)

    def scan(name: str, kind: str) -> Image:
        return np.asarray(
            getattr(pieces[f"SheenChair_{name}"].visual.material, kind).convert("RGB")
        )

    nap = linear(scan("fabric", "baseColorTexture"))
    nap = nap / nap.mean() * linear((94, 96, 60))
    seams = scan("fabric", "normalTexture").astype(np.float32) / 255
    seams[..., :2] = 0.5 + 0.6 * (seams[..., :2] - 0.5)
    velvet = coat(picture(nap, (7, 7)), 0.8, specular=0.2, sheen=1.0)
    velvet = {
        "type": "normalmap",
        "normalmap": picture(seams, (2, 2), (-0.5, -0.5)),
        "bsdf": velvet,
    }
    grain = linear(scan("wood", "baseColorTexture"))
    wood = coat(picture(grain / grain.mean() * linear((118, 74, 44)), (3, 3)), 0.4)
    skins = {"fabric": velvet, "wood": wood, "metal": coat((150, 142, 130), 0.3, metallic=1.0)}
    return {name: to_mitsuba(piece(name), finish(skin), name) for name, skin in skins.items()}
