"""The style that shows a product in a seller's own photo of a place. Loads no torch."""

from inference.requests import StyleKind
from inference.styles.parameters import Control, Parameter, slider
from inference.styles.scene import crop
from inference.styles.style import Style

FAMILY = "own-backdrop"
SLUG = "own-backdrop"
# The parameter that names the seller's photo. Not called "backdrop": pages keep styles and
# parameters side by side, and the two must never be taken for each other.
PLACE = "place_id"
_LIGHT, _PRODUCT, _SCENE = "Light", "Product", "Scene"

OWN_BACKDROP = Style(
    slug=SLUG,
    kind=StyleKind.BACKGROUND,
    title="Own backdrop",
    description="Your own photo of a place, with the product standing in it.",
    family=FAMILY,
    parameters=(
        Parameter(PLACE, "Backdrop", _SCENE, Control.REFERENCE, default=""),
        slider("light_key", "Main light", _LIGHT, 100.0, maximum=200.0),
        slider("light_room", "Room light", _LIGHT, 100.0, maximum=200.0),
        slider("warmth", "Warmth", _LIGHT, 0.0, minimum=-100.0, hint="From cold to warm light."),
        # The room is guessed softer than it is: at 100 % products seem to hover a little.
        slider("shadow", "Shadow", _LIGHT, 125.0, maximum=150.0, hint="0 removes it."),
        slider(
            "shadow_softness",
            "Softness",
            _LIGHT,
            50.0,
            hint="50 % is as the backdrop was set up; less is crisper, more is hazier.",
        ),
        slider(
            "light_match",
            "Match the light",
            _LIGHT,
            60.0,
            hint="Shades the product a little as the place would; 0 keeps its exact colours.",
        ),
        slider(
            "scale",
            "Size",
            _PRODUCT,
            45.0,
            minimum=10.0,
            maximum=95.0,
            drag="scale",
            hint="How much of the frame the product spans.",
        ),
        slider(
            "height_cm",
            "Real height",
            _PRODUCT,
            0.0,
            maximum=400.0,
            step=0.5,
            unit=" cm",
            hint="Makes the product’s size true to the place; 0 when it does not matter.",
        ),
        slider("shift_x", "Left / right", _PRODUCT, 0.0, minimum=-50.0, maximum=50.0, drag="x"),
        slider(
            "shift_y",
            "Nearer / farther",
            _PRODUCT,
            0.0,
            minimum=-50.0,
            maximum=50.0,
            drag="y",
            hint="It stays on the ground.",
        ),
        slider(
            "reflection",
            "Reflection",
            _SCENE,
            0.0,
            maximum=150.0,
            hint="The product’s mirror image, for a polished ground.",
        ),
        Parameter(
            name="tint",
            label="Tint",
            group=_SCENE,
            control=Control.COLOUR,
            default="#ffffff",
            hint="Colours the place, not the product; white leaves it as it is.",
        ),
        slider(
            "depth_of_field",
            "Background blur",
            _SCENE,
            0.0,
            hint="Puts what lies before and behind the product out of focus.",
        ),
        crop(),
    ),
    is_exact=False,
    needs_place=True,
)
