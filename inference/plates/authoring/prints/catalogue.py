"""Every mockup: which object, where, seen from where."""

import functools
from functools import partial

from inference.errors import StyleUnknown
from inference.mockups.format import Finish
from inference.plates.authoring.materials import Material, matte
from inference.plates.authoring.prints import boards, settings, shirts, soft_goods, vessels
from inference.plates.authoring.prints.boards import Pose
from inference.plates.authoring.prints.mockup import Mockup, Printable, Shot

_GLOSS = (Finish.BAKED, Finish.MATTE)
_PRINT_AND_FOIL = (Finish.BAKED, Finish.FOIL)


def _mugs() -> tuple[Mockup, ...]:
    turns = (
        ("right", "Handle right"),
        ("left", "Handle left"),
        ("front", "Handle behind"),
    )
    aside = {"right": 0.9, "left": -0.9, "front": 0.0}
    return (
        Mockup(
            slug="mug-studio",
            title="Mug",
            description="A glazed mug on a seamless ground, its handle where you want it.",
            order=10,
            build=vessels.mug,
            setting=lambda view: settings.studio((0.62, 0.64, 0.66)),
            shot=lambda view: Shot((aside[view], 17.5, 68), (aside[view], 4.7, 0), 15.5),
            views=turns,
            finishes=_GLOSS,
            finish_title="Gloss",
        ),
        Mockup(
            slug="mug-kitchen",
            title="Mug in the kitchen",
            description="A mug on a marble worktop before white tiles.",
            order=11,
            build=vessels.mug,
            setting=lambda view: settings.kitchen(),
            shot=lambda view: Shot((1.0, 17.5, 74), (1.0, 5.4, 0), 15.5, 0.35),
            views=(("right", "Handle right"),),
            finishes=_GLOSS,
            finish_title="Gloss",
        ),
    )


def _posters() -> tuple[Mockup, ...]:
    def framed(view: str, *, y: float, wood: Material) -> Printable:
        return boards.framed_print(width=50, height=70, middle=(0, y, 0), frame=wood)

    return (
        Mockup(
            slug="poster-room",
            title="Framed poster in a sunny room",
            description="A framed print over a sideboard in late sun.",
            order=21,
            build=partial(framed, y=143, wood=settings.OAK),
            setting=lambda view: settings.sunny_room(),
            shot=lambda view: Shot((24, 143, 330), (3, 135, 0), 20),
            has_colour=False,
            finishes=_PRINT_AND_FOIL,
        ),
        Mockup(
            slug="poster-wall",
            title="Framed poster",
            description="A framed print on a painted wall in even light.",
            order=20,
            build=partial(framed, y=150, wood=settings.PALE_OAK),
            setting=lambda view: settings.gallery_wall((0.58, 0.57, 0.54)),
            shot=lambda view: Shot((-30, 152, 330), (0, 150, 0), 19),
            has_colour=False,
            finishes=_PRINT_AND_FOIL,
        ),
    )


def _boxes() -> tuple[Mockup, ...]:
    def build(view: str) -> Printable:
        return boards.carton(width=15, height=20, depth=9, pose=Pose(turn_deg=-30), bevel=0.08)

    return (
        Mockup(
            slug="box-studio",
            title="Box",
            description="A folding box from the corner: front, side and lid take print.",
            order=30,
            build=build,
            setting=lambda view: settings.studio((0.60, 0.58, 0.55), size=2.0),
            shot=lambda view: Shot((0.3, 47, 110), (0.3, 9.6, 0), 18),
            finishes=_PRINT_AND_FOIL,
            finish_title="Coated",
        ),
        Mockup(
            slug="box-oak",
            title="Box on an oak table",
            description="A folding box in afternoon sun on an oak table.",
            order=31,
            build=build,
            setting=lambda view: settings.sunny_table(back=34),
            shot=lambda view: Shot((0.5, 42, 118), (0.5, 10.4, 0), 18.5, 0.4),
            finishes=_PRINT_AND_FOIL,
            finish_title="Coated",
        ),
    )


def _flat_goods() -> tuple[Mockup, ...]:
    def card(view: str, *, turn: float) -> Printable:
        pose = Pose(tilt_deg=-90, turn_deg=turn, at=(0, 0.05, 0))
        return boards.lying_card(width=14.8, height=21, pose=pose, thick=0.08)

    def notebook(view: str, *, turn: float) -> Printable:
        return boards.notebook(Pose(tilt_deg=-90, turn_deg=turn, at=(0, 0.76, 0)))

    def case(view: str, *, turn: float) -> Printable:
        return boards.phone_case(Pose(tilt_deg=-90, turn_deg=turn, at=(0, 0.53, 0)))

    def above(height: float, back: float, field: float) -> Shot:
        return Shot((0, height, back), (0, 0, 0.3), field)

    paper = matte(0.60, 0.57, 0.53, 0.85)
    sage = matte(0.45, 0.50, 0.42, 0.85)
    sand = matte(0.66, 0.58, 0.50, 0.85)
    twig = settings.twig_beside((-14.5, 0.6, -3), seed=23, turn=22)
    return (
        Mockup(
            slug="card-studio",
            title="Art card",
            description="A stiff card on plain paper, seen from above.",
            order=40,
            build=partial(card, turn=-7),
            setting=lambda view: settings.flat_ground(sage, can_tint=True),
            shot=lambda view: above(92, 22, 19),
            finishes=_PRINT_AND_FOIL,
        ),
        Mockup(
            slug="card-linen",
            title="Art card on linen",
            description="A card on a linen cloth beside a twig, in leafy sun.",
            order=41,
            build=partial(card, turn=5),
            setting=lambda view: settings.flat_ground(
                settings.LINEN, props=(twig,), hard=True, leaves=True, level=0.64
            ),
            shot=lambda view: above(94, 16, 19),
            finishes=_PRINT_AND_FOIL,
        ),
        Mockup(
            slug="notebook-studio",
            title="Notebook",
            description="A bound notebook with an elastic on plain paper.",
            order=42,
            build=partial(notebook, turn=-14),
            setting=lambda view: settings.flat_ground(paper, can_tint=True),
            shot=lambda view: above(84, 48, 18.5),
            finishes=_PRINT_AND_FOIL,
        ),
        Mockup(
            slug="notebook-desk",
            title="Notebook on a desk",
            description="A notebook on an oak desk in window light.",
            order=43,
            build=partial(notebook, turn=11),
            setting=lambda view: settings.flat_ground(settings.OAK, hard=True, leaves=True),
            shot=lambda view: above(84, 48, 18.5),
            finishes=_PRINT_AND_FOIL,
        ),
        Mockup(
            slug="phone-case-studio",
            title="Phone case",
            description="A phone case on plain paper, seen from above.",
            order=44,
            build=partial(case, turn=-9),
            setting=lambda view: settings.flat_ground(sand, can_tint=True, size=0.7),
            shot=lambda view: above(70, 20, 17),
            finishes=_GLOSS,
            finish_title="Satin",
        ),
        Mockup(
            slug="phone-case-marble",
            title="Phone case on marble",
            description="A phone case on a marble top in leafy sun.",
            order=45,
            build=partial(case, turn=8),
            setting=lambda view: settings.flat_ground(
                settings.MARBLE, hard=True, leaves=True, size=0.7
            ),
            shot=lambda view: above(70, 22, 17),
            finishes=_GLOSS,
            finish_title="Satin",
        ),
    )


def _vessels() -> tuple[Mockup, ...]:
    def low(middle: float, away: float, field: float, aperture: float = 0.0) -> Shot:
        return Shot((0.0, middle + 0.14 * away, away), (0.0, middle, 0.0), field, aperture)

    return (
        Mockup(
            slug="bottle-studio",
            title="Bottle with a label",
            description="An amber bottle with a paper label on a seamless ground.",
            order=50,
            build=vessels.bottle,
            setting=lambda view: settings.studio((0.66, 0.61, 0.55), size=1.25),
            shot=lambda view: low(6.6, 84, 15.2),
            finishes=_PRINT_AND_FOIL,
        ),
        Mockup(
            slug="bottle-linen",
            title="Bottle on linen",
            description="An amber bottle on a linen cloth beside a vase.",
            order=51,
            build=vessels.bottle,
            setting=lambda view: settings.linen_table(),
            shot=lambda view: low(7.0, 88, 15.5, 0.5),
            finishes=_PRINT_AND_FOIL,
        ),
        Mockup(
            slug="jar-studio",
            title="Jar with a label",
            description="A candle jar with an oak lid and a paper label.",
            order=52,
            build=vessels.jar,
            setting=lambda view: settings.studio((0.52, 0.55, 0.52)),
            shot=lambda view: low(4.6, 76, 14.5),
            finishes=_PRINT_AND_FOIL,
        ),
        Mockup(
            slug="jar-oak",
            title="Jar on an oak table",
            description="A candle jar in afternoon sun on an oak table.",
            order=53,
            build=vessels.jar,
            setting=lambda view: settings.sunny_table(back=26),
            shot=lambda view: low(4.9, 76, 14.2, 0.4),
            finishes=_PRINT_AND_FOIL,
        ),
        Mockup(
            slug="can-studio",
            title="Can",
            description="A sleek drinks can, printed all around.",
            order=54,
            build=vessels.can,
            setting=lambda view: settings.studio((0.58, 0.63, 0.68), size=1.25),
            shot=lambda view: low(6.5, 84, 15.2),
            finishes=_GLOSS,
            finish_title="Gloss",
        ),
        Mockup(
            slug="can-kitchen",
            title="Can in the kitchen",
            description="A drinks can on a marble worktop before white tiles.",
            order=55,
            build=vessels.can,
            setting=lambda view: settings.kitchen(),
            shot=lambda view: low(6.8, 84, 15.8, 0.4),
            finishes=_GLOSS,
            finish_title="Gloss",
        ),
    )


def _shirts() -> tuple[Mockup, ...]:
    def above(view: str) -> Shot:
        return Shot((0, 240, 30), (0, 0, 0), 21)

    grey = matte(0.55, 0.55, 0.54, 0.85)
    return (
        Mockup(
            slug="t-shirt-studio",
            title="T-shirt, flat",
            description="A T-shirt lying on plain paper, seen from above.",
            order=58,
            build=lambda view: shirts.flat_shirt(),
            setting=lambda view: settings.flat_ground(grey, can_tint=True, size=2.6),
            shot=above,
            finish_title="Cotton",
            threads_per_cm=13.0,
        ),
        Mockup(
            slug="t-shirt-oak",
            title="T-shirt on oak",
            description="A T-shirt lying on oak boards in leafy sun.",
            order=59,
            build=lambda view: shirts.flat_shirt(),
            setting=lambda view: settings.flat_ground(
                settings.OAK, hard=True, leaves=True, size=2.6
            ),
            shot=above,
            finish_title="Cotton",
            threads_per_cm=13.0,
        ),
    )


def _soft_goods() -> tuple[Mockup, ...]:
    return (
        Mockup(
            slug="tote-studio",
            title="Tote bag",
            description="A canvas tote hanging by its handles before a plain ground.",
            order=60,
            build=lambda view: soft_goods.tote(lift=16.0, reach=36.0),
            setting=lambda view: settings.studio((0.60, 0.58, 0.55), size=4.2),
            shot=lambda view: Shot((8, 45, 225), (0, 40.0, 0), 17.5),
            colour="#efe6d3",
            finish_title="Cotton",
            threads_per_cm=9.0,
        ),
        Mockup(
            slug="tote-wall",
            title="Tote bag on a sunny wall",
            description="A canvas tote on a peg, late sun through a window.",
            order=61,
            build=lambda view: soft_goods.tote(lift=100.0, reach=25.0),
            setting=lambda view: settings.peg_wall(y=164.2, back=7.0),
            shot=lambda view: Shot((14, 128, 225), (2, 128, 0), 19),
            colour="#efe6d3",
            finish_title="Cotton",
            threads_per_cm=9.0,
        ),
        Mockup(
            slug="cushion-studio",
            title="Cushion",
            description="A square cushion on a seamless ground.",
            order=62,
            build=lambda view: soft_goods.cushion(lean_deg=12, turn_deg=-14, at=(0, 0, 0)),
            setting=lambda view: settings.studio((0.62, 0.60, 0.57), size=4.2),
            shot=lambda view: Shot((0, 46, 205), (0, 20.5, -3), 18.5),
            finish_title="Cotton",
            threads_per_cm=9.0,
        ),
        Mockup(
            slug="cushion-bench",
            title="Cushion on a bench",
            description="A cushion on an oak bench before a plaster wall in afternoon sun.",
            order=63,
            build=lambda view: soft_goods.cushion(lean_deg=14, turn_deg=10, at=(0, 0, -4)),
            setting=lambda view: settings.sunny_table(back=22),
            shot=lambda view: Shot((0, 44, 205), (0, 21.5, -3), 19.5),
            finish_title="Cotton",
            threads_per_cm=9.0,
        ),
    )


def _outdoors() -> tuple[Mockup, ...]:
    return (
        Mockup(
            slug="billboard-street",
            title="Billboard",
            description="A wide billboard in the street in morning sun.",
            order=80,
            build=lambda view: boards.street_panel(width=420, height=236, low=190, bar=12),
            setting=lambda view: settings.street(wall_z=-260),
            shot=lambda view: Shot((-300, 150, 1080), (0, 292, 0), 27),
            has_colour=False,
        ),
        Mockup(
            slug="street-poster",
            title="Street poster",
            description="A city-light poster in a steel frame on the pavement.",
            order=81,
            build=lambda view: boards.street_panel(width=119, height=175, low=62, bar=7),
            setting=lambda view: settings.street(wall_z=-200, lamp_height=42),
            shot=lambda view: Shot((250, 150, 640), (0, 138, 0), 24),
            has_colour=False,
        ),
    )


@functools.cache
def all_mockups() -> dict[str, Mockup]:
    """Every mockup by its slug, in the sellers' order."""
    made = (
        *_mugs(),
        *_posters(),
        *_boxes(),
        *_flat_goods(),
        *_vessels(),
        *_shirts(),
        *_soft_goods(),
        *_outdoors(),
    )
    return {mockup.slug: mockup for mockup in sorted(made, key=lambda each: each.order)}


def mockup_named(slug: str) -> Mockup:
    """One mockup.

    Raises:
        StyleUnknown: no such mockup; the message names those there are.
    """
    known = all_mockups()
    if slug not in known:
        raise StyleUnknown(f"No mockup “{slug}” is authored; there are: {', '.join(known)}.")
    return known[slug]
