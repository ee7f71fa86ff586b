"""Background styles that need no plate: pure white, solid colour, studio sweep.

A preset is its family with other defaults: everything a tile shows can be undone by its controls.
All of them are exact: the product keeps its own colours.
"""

from enum import StrEnum

from inference.requests import StyleKind
from inference.styles.parameters import Control, Parameter, slider
from inference.styles.style import Style


class BackgroundFamily(StrEnum):
    """The plans in `inference.rendering` that draw these styles."""

    PURE_WHITE = "pure-white"
    SOLID_COLOUR = "solid-colour"
    STUDIO_SWEEP = "studio-sweep"


_LIGHT, _PRODUCT, _BACKDROP, _FLOOR = "Light", "Product", "Backdrop", "Floor"


def _colour(name: str, label: str, group: str, default: str, hint: str = "") -> Parameter:
    return Parameter(
        name=name, label=label, group=group, control=Control.COLOUR, default=default, hint=hint
    )


def _light(
    *,
    direction: float = -48.0,
    height: float = 52.0,
    shadow: float = 80.0,
    softness: float = 55.0,
    keeps_own: bool = True,
) -> tuple[Parameter, ...]:
    return (
        Parameter(
            name="light_direction",
            label="Light from",
            group=_LIGHT,
            control=Control.LAMP,
            default=direction,
            minimum=-180.0,
            maximum=180.0,
            step=1.0,
            unit="°",
            hint="0° is the camera’s side, −90° the left, 90° the right, 180° behind the product.",
        ),
        Parameter(
            name="light_height",
            label="Light height",
            group=_LIGHT,
            control=Control.SLIDER,
            default=height,
            minimum=20.0,
            maximum=85.0,
            step=1.0,
            unit="°",
            hint="A low lamp throws a long shadow.",
        ),
        slider("shadow", "Shadow", _LIGHT, shadow, hint="How dark the shadow is; 0 removes it."),
        slider(
            "shadow_softness",
            "Softness",
            _LIGHT,
            softness,
            hint="From a bare bulb’s crisp shadow to a large softbox’s.",
        ),
        Parameter(
            name="keep_shadow",
            label="Photo’s own shadow",
            group=_LIGHT,
            control=Control.TOGGLE,
            default=keeps_own,
            hint="Lays down the photo’s own shadow, where the cut-out keeps it; the lamp’s fades.",
        ),
    )


def _product(fill: float) -> tuple[Parameter, ...]:
    return (
        slider(
            "scale",
            "Size",
            _PRODUCT,
            fill,
            minimum=20.0,
            maximum=150.0,
            drag="scale",
            hint="How much of the frame the product spans. Amazon asks for 85 % or more.",
        ),
        slider("shift_x", "Left / right", _PRODUCT, 0.0, minimum=-50.0, maximum=50.0, drag="x"),
        slider("shift_y", "Up / down", _PRODUCT, 0.0, minimum=-50.0, maximum=50.0, drag="y"),
    )


def _floor(reflection: float = 0.0, polish: float = 70.0) -> tuple[Parameter, ...]:
    return (
        slider("reflection", "Reflection", _FLOOR, reflection, hint="The product’s mirror image."),
        slider(
            "polish", "Polish", _FLOOR, polish, hint="From satin, which blurs, to clear acrylic."
        ),
    )


def _sweep_backdrop(
    wall: str,
    floor: str,
    *,
    horizon: float = 62.0,
    bend: float = 90.0,
    gradient: float = 65.0,
    glow: float = 25.0,
    sheen: float = 0.0,
) -> tuple[Parameter, ...]:
    return (
        _colour("wall_colour", "Wall", _BACKDROP, wall),
        _colour("floor_colour", "Floor", _BACKDROP, floor),
        slider(
            "horizon",
            "Horizon",
            _BACKDROP,
            horizon,
            minimum=20.0,
            maximum=90.0,
            hint="How far down the frame the floor becomes the wall.",
        ),
        slider("bend", "Bend", _BACKDROP, bend, hint="From a sharp edge to a wide cove."),
        slider(
            "gradient", "Light falloff", _BACKDROP, gradient, hint="How uneven the lamp’s light is."
        ),
        slider("glow", "Wall glow", _BACKDROP, glow, hint="A lit patch behind the product."),
        slider("sheen", "Floor sheen", _BACKDROP, sheen, hint="A rim of light on the floor."),
    )


def _white(slug: str, title: str, description: str, *parts: tuple[Parameter, ...]) -> Style:
    return _style(slug, title, description, BackgroundFamily.PURE_WHITE, *parts)


def _sweep(slug: str, title: str, description: str, *parts: tuple[Parameter, ...]) -> Style:
    return _style(slug, title, description, BackgroundFamily.STUDIO_SWEEP, *parts)


def _style(
    slug: str,
    title: str,
    description: str,
    family: BackgroundFamily,
    *parts: tuple[Parameter, ...],
) -> Style:
    return Style(
        slug=slug,
        kind=StyleKind.BACKGROUND,
        title=title,
        description=description,
        family=family.value,
        parameters=tuple(parameter for part in parts for parameter in part),
    )


BACKGROUND_STYLES: tuple[Style, ...] = (
    _white(
        "pure-white",
        "Pure white",
        "Exactly white and nothing else, as marketplaces ask for main pictures.",
        _light(shadow=0.0, softness=70.0, keeps_own=False),
        _product(fill=87.0),
        _floor(),
    ),
    _white(
        "white-soft-shadow",
        "White, soft shadow",
        "Pure white with a natural shadow that grounds the product.",
        _light(direction=-38.0, height=62.0, shadow=95.0, softness=60.0),
        _product(fill=80.0),
        _floor(),
    ),
    _white(
        "glossy-white",
        "Glossy white",
        "White acrylic: a clean mirror image under the product.",
        _light(direction=-30.0, height=68.0, shadow=45.0, softness=85.0),
        _product(fill=72.0),
        _floor(reflection=42.0, polish=72.0),
    ),
    _sweep(
        "studio-sweep",
        "Warm grey sweep",
        "Seamless warm grey paper, one large lamp from the left.",
        _light(direction=-52.0, height=48.0, shadow=100.0, softness=55.0),
        _product(fill=70.0),
        _sweep_backdrop("#d8d0c7", "#d2cac0", gradient=85.0, glow=30.0),
        _floor(),
    ),
    _sweep(
        "sweep-sage",
        "Sage",
        "Soft green paper in calm daylight.",
        _light(direction=46.0, height=46.0, shadow=100.0, softness=50.0),
        _product(fill=68.0),
        _sweep_backdrop("#b4c0a6", "#aab89c", gradient=85.0, glow=30.0),
        _floor(),
    ),
    _sweep(
        "sweep-terracotta",
        "Terracotta",
        "Sun-baked paper and a lower, warmer lamp.",
        _light(direction=-68.0, height=36.0, shadow=100.0, softness=28.0),
        _product(fill=66.0),
        _sweep_backdrop("#cf8362", "#c87a58", gradient=95.0, glow=28.0),
        _floor(),
    ),
    _sweep(
        "sweep-blush",
        "Blush",
        "Pale pink, high and even light.",
        _light(direction=40.0, height=58.0, shadow=95.0, softness=60.0),
        _product(fill=68.0),
        _sweep_backdrop("#efd3cb", "#edcdc4", gradient=75.0, glow=28.0),
        _floor(),
    ),
    _sweep(
        "sweep-sky",
        "Sky",
        "Fresh blue with a bright wall.",
        _light(direction=-44.0, height=54.0, shadow=95.0, softness=50.0),
        _product(fill=68.0),
        _sweep_backdrop("#b3d0e2", "#a7c8dc", gradient=80.0, glow=38.0),
        _floor(),
    ),
    _sweep(
        "sweep-charcoal",
        "Charcoal",
        "Dark paper, a pool of light on the wall and a rim of it on the floor.",
        _light(direction=-120.0, height=50.0, shadow=100.0, softness=55.0),
        _product(fill=68.0),
        _sweep_backdrop(
            "#4c5056", "#3a3d42", horizon=66.0, bend=50.0, gradient=85.0, glow=80.0, sheen=40.0
        ),
        _floor(reflection=16.0, polish=35.0),
    ),
    _sweep(
        "glossy-black",
        "Glossy black",
        "Black acrylic with a mirror image and a halo on the wall.",
        _light(direction=-130.0, height=60.0, shadow=70.0, softness=70.0),
        _product(fill=66.0),
        _sweep_backdrop(
            "#34373c", "#141517", horizon=64.0, bend=14.0, gradient=90.0, glow=92.0, sheen=35.0
        ),
        _floor(reflection=62.0, polish=80.0),
    ),
    _style(
        "solid-colour",
        "Solid colour",
        "One flat colour, exactly as chosen, with a soft shadow.",
        BackgroundFamily.SOLID_COLOUR,
        _light(direction=-42.0, height=56.0, shadow=70.0, softness=65.0),
        _product(fill=72.0),
        (_colour("colour", "Colour", _BACKDROP, "#e8e0d2"),),
        _floor(),
    ),
    _sweep(
        "two-tone",
        "Two-tone",
        "A coloured table before a lighter wall, in crisp light.",
        _light(direction=-62.0, height=40.0, shadow=100.0, softness=22.0),
        _product(fill=66.0),
        _sweep_backdrop("#f1dfc9", "#d99a5b", horizon=60.0, bend=0.0, gradient=60.0, glow=15.0),
        _floor(),
    ),
)
