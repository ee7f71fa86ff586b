"""Styles made of the print plates: one for every mockup. Importing it loads no torch."""

import functools
from collections.abc import Mapping

import numpy as np

from inference.errors import StyleUnknown
from inference.mockups.format import Finish, PrintInfo
from inference.mockups.library import MockupLibrary
from inference.mockups.outline import face_grid
from inference.requests import StyleKind
from inference.styles.parameters import Control, Parameter, choice, slider
from inference.styles.style import Style

FAMILY = "mockup"
ALL_FACES = "all"
_ARTWORK, _OBJECT, _PICTURE = "Artwork", "Object", "View"
_FINISH_LABELS = {Finish.MATTE: "Matte", Finish.FOIL: "Foil"}
_FOILS = (("gold", "Gold"), ("silver", "Silver"), ("copper", "Copper"), ("rose", "Rose"))


def mockup_styles(library: MockupLibrary) -> tuple[Style, ...]:
    """A style for every mockup of the library, in the sellers' order."""
    return tuple(mockup_style(library, mockup) for mockup in library.mockups())


@functools.lru_cache(maxsize=256)
def mockup_style(library: MockupLibrary, mockup: str) -> Style:
    """The style of one mockup.

    Raises:
        StyleUnknown: the library has no such mockup.
    """
    views = library.views(mockup)
    if not views:
        raise StyleUnknown(f"There is no style called “{mockup}”.")
    first = views[0]
    return Style(
        slug=mockup,
        kind=StyleKind.MOCKUP,
        title=first.title,
        description=first.description,
        family=FAMILY,
        parameters=(*_artwork(views), *_object(first), *_picture(views)),
        is_exact=False,
        annotations={"x-print": print_areas(views)},
    )


def print_areas(views: tuple[PrintInfo, ...]) -> Mapping[str, object]:
    """What the page needs to move artwork by dragging it on the object, compactly.

    For every view the object's middle and, per face, a grid of picture points (thousandths of the
    plate's side) over the flat face, its area, focus, and margins as shares.
    """
    return {
        info.view: {
            "middle": [
                round(info.slot.focus_px[0] / info.camera.width_px, 4),
                round(info.slot.focus_px[1] / info.camera.height_px, 4),
            ],
            "faces": [
                {
                    "name": face.name,
                    "focus": [round(value, 4) for value in face.focus],
                    "area": [round(value, 4) for value in face.area],
                    "safe": [
                        round(face.safe_cm / face.width_cm, 4),
                        round(face.safe_cm / face.height_cm, 4),
                    ],
                    "grid": _thousandths(face_grid(info, index)),
                }
                for index, face in enumerate(info.slot.faces)
            ],
        }
        for info in views
    }


def _thousandths(points: np.ndarray) -> list[list[list[int]]]:
    return [[[round(1000 * x), round(1000 * y)] for x, y in row] for row in points.tolist()]


def _artwork(views: tuple[PrintInfo, ...]) -> tuple[Parameter, ...]:
    faces = views[0].slot.faces
    controls = [
        choice(
            "artwork",
            "Print",
            _ARTWORK,
            (("as-is", "Whole"), ("cut-out", "Cut-out"), ("without-white", "Ink")),
            hint="The whole picture, its product alone, or its ink: white is left bare.",
        ),
        choice(
            "layout",
            "Layout",
            _ARTWORK,
            (("fit", "Fit"), ("fill", "Fill"), ("tile", "Tile")),
            hint="Whole within the print area, covering all of it with bleed, or repeated.",
        ),
    ]
    if len(faces) > 1:
        titles = tuple((face.name, face.title) for face in faces)
        controls.append(choice("faces", "Sides", _ARTWORK, ((ALL_FACES, "All"), *titles)))
    return (
        *controls,
        slider(
            "scale",
            "Size",
            _ARTWORK,
            100.0,
            minimum=10.0,
            maximum=300.0,
            drag="scale",
            hint="100 % is the layout’s own size.",
        ),
        slider("turn", "Turn", _ARTWORK, 0.0, minimum=-180.0, maximum=180.0, unit="°"),
        slider("shift_x", "Left / right", _ARTWORK, 0.0, minimum=-150.0, maximum=150.0, drag="x"),
        slider("shift_y", "Up / down", _ARTWORK, 0.0, minimum=-150.0, maximum=150.0, drag="y"),
    )


def _object(info: PrintInfo) -> tuple[Parameter, ...]:
    slot = info.slot
    controls: list[Parameter] = []
    if slot.has_colour:
        controls.append(
            Parameter(
                name="object_colour",
                label="Colour",
                group=_OBJECT,
                control=Control.COLOUR,
                default=slot.colour,
                hint="Of the object itself, under the print.",
            )
        )
    if len(slot.finishes) > 1:
        labels = tuple(
            (str(finish), _FINISH_LABELS.get(finish, slot.finish_title)) for finish in slot.finishes
        )
        controls.append(choice("finish", "Finish", _OBJECT, labels))
    if Finish.FOIL in slot.finishes:
        hint = "The metal of the finish “Foil”. Opaque artwork is stamped where it is dark."
        controls.append(choice("foil", "Foil", _OBJECT, _FOILS, hint=hint))
    if slot.threads_per_cm > 0:
        controls.append(slider("weave", "Weave", _OBJECT, 100.0, maximum=150.0))
    return tuple(controls)


def _picture(views: tuple[PrintInfo, ...]) -> tuple[Parameter, ...]:
    controls: list[Parameter] = []
    if len(views) > 1:
        turns = tuple((info.view, info.view_title) for info in views)
        controls.append(choice("view", "View", _PICTURE, turns))
    controls.append(slider("zoom", "Closer", _PICTURE, 100.0, minimum=100.0, maximum=200.0))
    if all(info.slot.can_tint for info in views):
        controls.append(
            Parameter(
                name="tint",
                label="Ground tint",
                group=_PICTURE,
                control=Control.COLOUR,
                default="#ffffff",
                hint="Colours the ground, not the object; white leaves it as it is.",
            )
        )
    return tuple(controls)
