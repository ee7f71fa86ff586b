"""Styles made of the plate library: one for every scene, with its own lights as controls.

Importing it loads no torch: the web side lists styles.
"""

import functools

from inference.errors import StyleUnknown
from inference.plates.format import Kind, PlateInfo, Support
from inference.plates.library import PlateLibrary
from inference.requests import StyleKind
from inference.styles.parameters import Control, Parameter, slider
from inference.styles.style import Style

FAMILY = "scene"
# Before a light group's name: the parameter that dims and raises it.
LIGHT_PREFIX = "light_"
# Rooms and places where products are used: sellers look for them among the mockups, too.
IN_USE = frozenset(
    {
        "kitchen-counter",
        "bathroom-shelf",
        "living-room",
        "concrete-loft",
        "oak-window",
        "linen-table",
        "harvest-table",
        "sand-dune",
        "concrete-sun",
    }
)
_LIGHT, _PRODUCT, _SCENE = "Light", "Product", "Scene"
# The share of the frame that a product spans where nobody said how large it is.
_USUAL_FILL = {
    Support.TABLE: 50.0,
    Support.FLOOR: 54.0,
    Support.FLAT_LAY: 60.0,
    Support.NONE: 56.0,
}


def scene_styles(library: PlateLibrary) -> tuple[Style, ...]:
    """A style for every scene of the library, by name."""
    stands = {plate.scene for plate in library.plates if plate.kind is Kind.STAND}
    return tuple(scene_style(library, scene) for scene in sorted(stands))


@functools.lru_cache(maxsize=256)
def scene_style(library: PlateLibrary, scene: str) -> Style:
    """The style of one scene.

    Raises:
        StyleUnknown: the library has no such scene.
    """
    views = tuple(plate for plate in library.plates if plate.scene == scene)
    if not views:
        raise StyleUnknown(f"There is no style called “{scene}”.")
    first = views[0]
    return Style(
        slug=first.scene,
        kind=StyleKind.BACKGROUND,
        title=first.title,
        description=first.description,
        family=FAMILY,
        parameters=(*_lights(first), *_product(first), *_scene(views)),
        is_exact=False,
        annotations={"x-also": [StyleKind.MOCKUP.value]} if scene in IN_USE else {},
    )


def camera_choice(library: PlateLibrary, scene: str, pitch_deg: float) -> str:
    """The value of the parameter `camera` that holds the view nearest to a photo's pitch.

    Raises:
        PlateMissing: no such scene.
    """
    return f"{library.nearest(scene, pitch_deg).camera.pitch_deg:g}"


def _toggle(name: str, label: str, group: str, hint: str) -> Parameter:
    return Parameter(
        name=name, label=label, group=group, control=Control.TOGGLE, default=False, hint=hint
    )


def _lights(plate: PlateInfo) -> tuple[Parameter, ...]:
    lamps = tuple(
        slider(
            LIGHT_PREFIX + group.name,
            group.title,
            _LIGHT,
            100.0,
            minimum=round(100 * group.range_of_gain[0]),
            maximum=round(100 * group.range_of_gain[1]),
            hint="How bright this light is; 100 % is as the scene was lit.",
        )
        for group in plate.groups
    )
    return (
        *lamps,
        _toggle("flip", "Light from the other side", _LIGHT, "Shows the scene in a mirror."),
        slider("warmth", "Warmth", _LIGHT, 0.0, minimum=-100.0, hint="From cold to warm light."),
        slider("shadow", "Shadow", _LIGHT, 100.0, maximum=150.0, hint="0 removes it."),
        slider(
            "shadow_softness",
            "Softness",
            _LIGHT,
            50.0,
            hint="50 % is the scene’s own light; less is crisper, more is hazier.",
        ),
        slider(
            "light_match",
            "Match the light",
            _LIGHT,
            60.0,
            hint="Shades the product a little as the scene would; 0 keeps its exact colours.",
        ),
    )


def _product(plate: PlateInfo) -> tuple[Parameter, ...]:
    room = plate.slot.room
    return (
        slider(
            "scale",
            "Size",
            _PRODUCT,
            _USUAL_FILL.get(plate.slot.support, 52.0),
            minimum=15.0,
            maximum=95.0,
            drag="scale",
            hint="How much of the frame the product spans.",
        ),
        slider(
            "height_cm",
            "Real height",
            _PRODUCT,
            0.0,
            maximum=max(10.0, 10 * float(room.max_height_cm * room.scale[1] // 10)),
            step=0.5,
            unit=" cm",
            hint="Makes the product’s size true to the scene; 0 when it does not matter.",
        ),
        slider("shift_x", "Left / right", _PRODUCT, 0.0, minimum=-50.0, maximum=50.0, drag="x"),
        slider(
            "shift_y",
            "Nearer / farther" if plate.slot.ground else "Up / down",
            _PRODUCT,
            0.0,
            minimum=-50.0,
            maximum=50.0,
            drag="y",
            hint="It stays on the ground." if plate.slot.ground else "",
        ),
    )


def _scene(views: tuple[PlateInfo, ...]) -> tuple[Parameter, ...]:
    by_pitch = sorted(views, key=lambda view: view.camera.pitch_deg)
    slot = views[0].slot
    controls: list[Parameter] = []
    choices = tuple(
        (f"{view.camera.pitch_deg:g}", f"{view.camera.pitch_deg:g}° from above")
        for view in by_pitch
    )
    controls.append(
        Parameter(
            name="camera",
            label="Camera",
            group=_SCENE,
            control=Control.CHOICE,
            default="auto",
            choices=(("auto", "As in the photo"), *choices),
            hint="How far the camera looks down; it should be as far as in the photo.",
        )
    )
    if slot.ground is not None and slot.support is not Support.FLAT_LAY:
        controls.append(
            slider(
                "reflection",
                "Reflection",
                _SCENE,
                100.0 if slot.ground.mirrors else 0.0,
                maximum=150.0,
                hint="The product’s mirror image; 100 % is what this ground mirrors.",
            )
        )
    controls.append(
        Parameter(
            name="tint",
            label="Tint",
            group=_SCENE,
            control=Control.COLOUR,
            default="#ffffff",
            hint="Colours the scene, not the product; white leaves it as it is.",
        )
    )
    controls.append(
        slider(
            "depth_of_field",
            "Background blur",
            _SCENE,
            0.0,
            hint="Puts what lies before and behind the product out of focus.",
        )
    )
    controls.append(crop())
    return tuple(controls)


def crop() -> Parameter:
    """How much of the scene the frame shows."""
    return slider(
        "crop",
        "Crop",
        _SCENE,
        100.0,
        minimum=100.0,
        maximum=200.0,
        hint="At 200 % half as much of the scene is seen, twice as large.",
    )
