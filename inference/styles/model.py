"""Model styles: garments photographed flat, shown on a mannequin or as if nobody wore them.

Importing it loads no torch: the web side lists styles.
"""

from inference.garments.kinds import KINDS
from inference.garments.poses import BODIES, POSES
from inference.requests import StyleKind
from inference.styles.parameters import Control, Parameter, choice, slider
from inference.styles.style import Style

FAMILY = "model"
AUTO = "auto"

# sRGB of the mannequins' finishes.
FINISHES = {
    "white": ("White", "#cdcac5"),
    "grey": ("Grey", "#8f8f8d"),
    "black": ("Black", "#3a3938"),
    "skin-light": ("Skin, light", "#e0bfa6"),
    "skin-medium": ("Skin, medium", "#c0906c"),
    "skin-brown": ("Skin, brown", "#8a5c3f"),
    "skin-dark": ("Skin, dark", "#543524"),
}
FITS = (("slim", "Slim"), ("regular", "Regular"), ("loose", "Loose"))
SHOWN = (("garment", "Close to the garment"), ("figure", "Whole figure"))
_GARMENT, _MANNEQUIN, _LIGHT, _FRAME = "Garment", "Mannequin", "Light", "Frame"


def _garment() -> tuple[Parameter, ...]:
    kinds = tuple((kind.value, info.label) for kind, info in KINDS.items())
    return (
        choice(
            "garment",
            "Garment",
            _GARMENT,
            ((AUTO, "As read from the photo"), *kinds),
            hint="Choose it where the photo was read wrongly.",
        ),
        choice(
            "fit",
            "Fit",
            _GARMENT,
            FITS,
            default="regular",
            hint="Room between body and cloth. In full quality; previews stay regular.",
        ),
        slider(
            "width_cm",
            "Real width",
            _GARMENT,
            0.0,
            maximum=90.0,
            step=0.5,
            unit=" cm",
            hint="From armpit to armpit or along the waistband. In full quality; 0 fits.",
        ),
        slider(
            "smoothing",
            "Smooth creases",
            _GARMENT,
            80.0,
            hint="Takes the photo’s own creases and light out of the fabric, not its print.",
        ),
    )


def _mannequin(body: str, pose: str, finish: str) -> tuple[Parameter, ...]:
    finishes = tuple((name, label) for name, (label, _) in FINISHES.items())
    poses = tuple((name, each.label) for name, each in POSES.items())
    return (
        choice("body", "Body", _MANNEQUIN, tuple(BODIES.items()), default=body),
        choice("pose", "Pose", _MANNEQUIN, poses, default=pose),
        choice("finish", "Finish", _MANNEQUIN, finishes, default=finish),
    )


def _light(contrast: float, shadow: float) -> tuple[Parameter, ...]:
    return (
        choice(
            "light_side",
            "Light from",
            _LIGHT,
            (("left", "The left"), ("right", "The right")),
        ),
        slider("contrast", "Contrast", _LIGHT, contrast, hint="From even light to a strong lamp."),
        slider("shadow", "Shadow", _LIGHT, shadow, hint="The figure’s shadow on the floor."),
    )


def _frame(shown: str, wall: str) -> tuple[Parameter, ...]:
    return (
        choice("shown", "Show", _FRAME, SHOWN, default=shown),
        slider("scale", "Size", _FRAME, 88.0, minimum=30.0, maximum=150.0, drag="scale"),
        slider("shift_x", "Left / right", _FRAME, 0.0, minimum=-50.0, maximum=50.0, drag="x"),
        slider("shift_y", "Up / down", _FRAME, 0.0, minimum=-50.0, maximum=50.0, drag="y"),
        Parameter(
            name="wall_colour", label="Studio", group=_FRAME, control=Control.COLOUR, default=wall
        ),
    )


def _style(slug: str, title: str, description: str, *parts: tuple[Parameter, ...]) -> Style:
    return Style(
        slug=slug,
        kind=StyleKind.MODEL,
        title=title,
        description=description,
        family=FAMILY,
        parameters=tuple(parameter for part in parts for parameter in part),
        is_exact=False,
    )


def _on(
    slug: str,
    title: str,
    description: str,
    body: str,
    pose: str,
    finish: str,
    *,
    shown: str = "garment",
    wall: str = "#dfdedb",
) -> Style:
    return _style(
        slug,
        title,
        description,
        _garment(),
        _mannequin(body, pose, finish),
        _light(50.0, 70.0),
        _frame(shown, wall),
    )


GHOST = "ghost-mannequin"

MODEL_STYLES: tuple[Style, ...] = (
    _style(
        GHOST,
        "Ghost mannequin",
        "The garment as worn, without a wearer, on pure white.",
        _garment(),
        (_mannequin("woman", "relaxed", "white")[0], _mannequin("woman", "relaxed", "white")[1]),
        _light(40.0, 0.0)[:2],
        _frame("garment", "#ffffff")[1:4],
    ),
    _on(
        "mannequin-woman",
        "Woman",
        "A white store mannequin, arms at its sides.",
        "woman",
        "relaxed",
        "white",
    ),
    _on(
        "mannequin-woman-hip",
        "Woman, hand on hip",
        "One hand on the hip, in light skin.",
        "woman",
        "hand-on-hip",
        "skin-light",
        wall="#d9d4cc",
    ),
    _on(
        "mannequin-man",
        "Man",
        "A grey store mannequin, arms at its sides.",
        "man",
        "relaxed",
        "grey",
    ),
    _on(
        "mannequin-man-walking",
        "Man, walking",
        "The whole figure in mid-step, in brown skin.",
        "man",
        "walking",
        "skin-brown",
        shown="figure",
        wall="#cfd4d6",
    ),
    _on(
        "mannequin-woman-plus",
        "Woman, plus size",
        "A plus-size mannequin, half turned, in medium skin.",
        "woman-plus",
        "half-turn",
        "skin-medium",
        wall="#e2d8d0",
    ),
    _on(
        "mannequin-man-plus",
        "Man, plus size",
        "A plus-size mannequin, arms at its sides, in dark skin.",
        "man-plus",
        "relaxed",
        "skin-dark",
        wall="#d6d6d2",
    ),
)
_SLUGS = frozenset(style.slug for style in MODEL_STYLES)


def is_model_style(slug: str) -> bool:
    """Whether a style of this name shows garments on mannequins."""
    return slug in _SLUGS
