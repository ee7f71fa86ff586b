"""What can be checked of a mockup, and what cannot: a print is bent and lit with its object.

Checks that compare the product's pixels with the photo's say nothing about a print, so they say so.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.inspect import colours, consistency, edges, light, product, resolution, text
from inference.inspect.findings import ChannelNeed, Finding, Item, Verdict
from inference.mockups.format import Face, PrintInfo
from inference.mockups.library import MockupLibrary
from inference.mockups.outline import face_grid
from inference.mockups.placing import Laying, Layout, lay
from inference.mockups.view import window_of
from inference.mockups.wishes import wish_of
from inference.pixels.geometry import frame_size
from inference.requests import ParameterValue, RenderRequest
from inference.styles.catalogue import find_style, installed_mockups
from inference.styles.mockup import ALL_FACES, FAMILY

# Drawn larger than this from its own pixels, a print looks soft at 100 %.
SOFT_WARN, SOFT_FAIL = 1.6, 3.0
# Of the artwork, outside the print area.
CUT_WARN, CUT_FAIL = 0.02, 0.5
_PROBES = 41


@dataclass(frozen=True, slots=True)
class Print:
    """How a request's artwork lies on its object.

    `enlarged` is picture pixels per artwork pixel, `cut` the share of the artwork that lies outside
    the print area, `near_edge` whether some of it lies outside the safe zone.
    """

    enlarged: float
    cut: float
    near_edge: bool
    repeats: bool


def is_mockup(request: RenderRequest) -> bool:
    """Whether the request's style prints artwork on an object."""
    return find_style(request.style.slug).family == FAMILY


def measure_print(request: RenderRequest, library: MockupLibrary | None = None) -> Print:
    """Measure the print that a request asks for; the worst of the faces it is laid on.

    Raises:
        StyleUnknown, ParameterInvalid: the request asks for what no style can do.
    """
    style = find_style(request.style.slug)
    params = style.clean(request.style.params)
    views = (library or installed_mockups()).views(style.slug)
    info = next((view for view in views if view.view == params.get("view", "")), views[0])
    width, height = _artwork_size(request, params)
    wish = wish_of(params)
    asked = str(params.get("faces", ALL_FACES))
    prints = []
    for index, face in enumerate(info.slot.faces):
        if asked in (ALL_FACES, face.name):
            laying = lay(face, wish, width=width, height=height)
            per_cm = _pixels_per_cm(request, info, index, float(params["zoom"]) / 100)
            cut, near_edge = _outside(face, laying)
            prints.append((per_cm * laying.width_cm / width, cut, near_edge))
    return Print(
        enlarged=max(enlarged for enlarged, _, _ in prints),
        # Filling and tiling are meant to run over the edge.
        cut=max(cut for _, cut, _ in prints) if wish.layout is Layout.FIT else 0.0,
        near_edge=any(near for _, _, near in prints) and wish.layout is Layout.FIT,
        repeats=wish.layout is Layout.TILE,
    )


def check_print(
    laid: Print, *, width: int, height: int, channels: Sequence[ChannelNeed]
) -> tuple[Finding, ...]:
    """The findings of every check but the policy's, in the checklist's order."""
    return (
        _whole(laid),
        _unchecked(
            colours.CHECK,
            Item.COLOUR,
            "A print takes on its object’s light and colour, so its colours are not compared "
            "with the picture’s.",
        ),
        _unchecked(
            text.CHECK,
            Item.TEXT,
            "Text on a print is bent with its object; please read it once.",
        ),
        _unchecked(
            edges.CHECK,
            Item.EDGES,
            "A print has no outline of a product that could be judged.",
        ),
        Finding(
            light.CHECK,
            Item.LIGHT,
            1.0,
            Verdict.PASS,
            "The print is lit by the light that its object was photographed in.",
        ),
        _sharp(laid, width, height, channels),
        _unchecked(
            consistency.CHECK,
            Item.CONSISTENCY,
            "Mockups are not compared with other pictures of this look.",
        ),
    )


def _whole(laid: Print) -> Finding:
    """Whether the artwork arrives whole on its object."""
    score = round(float(np.clip(1 - laid.cut / CUT_FAIL, 0, 1)), 3)
    if laid.cut > CUT_WARN:
        verdict = Verdict.FAIL if laid.cut > CUT_FAIL else Verdict.WARN
        sentence = f"{laid.cut:.0%} of the artwork lies outside the print area and is cut off."
    elif laid.near_edge:
        verdict, score = Verdict.WARN, 0.6
        sentence = "Some of the artwork lies outside the safe zone; cutting may reach it."
    else:
        verdict = Verdict.PASS
        sentence = "The artwork lies whole on the print area, and its straight lines stay straight."
    return Finding(product.CHECK, Item.DETAILS, score, verdict, sentence)


def _sharp(laid: Print, width: int, height: int, channels: Sequence[ChannelNeed]) -> Finding:
    """Pixels enough for the channels, and artwork enough for the print."""
    short = [need.name for need in channels if not resolution.is_enough(need, width, height)]
    if short:
        sentence = f"{width} × {height} pixels are too few for {', '.join(short)}."
        return Finding(resolution.CHECK, Item.RESOLUTION, 0.0, Verdict.FAIL, sentence)
    score = round(float(np.clip(1 - (laid.enlarged - 1) / (2 * (SOFT_FAIL - 1)), 0, 1)), 3)
    if laid.enlarged > SOFT_WARN:
        verdict = Verdict.FAIL if laid.enlarged > SOFT_FAIL else Verdict.WARN
        sentence = (
            f"The artwork was enlarged {laid.enlarged:.1f} times and looks soft; "
            "larger artwork or a smaller picture helps."
        )
        return Finding(resolution.CHECK, Item.RESOLUTION, score, verdict, sentence)
    sentence = "The artwork has enough pixels for a sharp print."
    return Finding(resolution.CHECK, Item.RESOLUTION, score, Verdict.PASS, sentence)


def _unchecked(check: str, item: Item, sentence: str) -> Finding:
    return Finding(check, item, 1.0, Verdict.UNCHECKED, sentence)


def _artwork_size(request: RenderRequest, params: dict[str, ParameterValue]) -> tuple[float, float]:
    measured = request.cutout.measurements
    if params["artwork"] == "cut-out":
        return max(1, measured.subject.width), max(1, measured.subject.height)
    return measured.width, measured.height


def _pixels_per_cm(request: RenderRequest, info: PrintInfo, index: int, zoom: float) -> float:
    """Picture pixels per centimetre of a face, where it is largest: there softness is seen."""
    measured = request.cutout.measurements
    width, height = frame_size(
        request.output, photo_width=measured.width, photo_height=measured.height
    )
    window = window_of(info, width=width, height=height, zoom=zoom)
    face, camera = info.slot.faces[index], info.camera
    grid = face_grid(info, index) * np.array([camera.width_px, camera.height_px]) / window.step
    across = np.linalg.norm(np.diff(grid, axis=1), axis=-1) * (grid.shape[1] - 1) / face.width_cm
    return float(across.max())


def _outside(face: Face, laying: Laying) -> tuple[float, bool]:
    """The share of the artwork outside the print area; and whether any leaves the safe zone."""
    steps = np.linspace(-0.5, 0.5, _PROBES)
    u, v = np.meshgrid(steps * laying.width_cm, steps * laying.height_cm)
    turn = math.radians(laying.turn_deg)
    x = laying.centre_cm[0] + u * math.cos(turn) - v * math.sin(turn)
    y = laying.centre_cm[1] + u * math.sin(turn) + v * math.cos(turn)
    left, top, right, bottom = face.area
    # A hair of slack: artwork that is fitted touches its zone exactly.
    slack = 1e-6

    def beyond(margin_cm: float) -> float:
        out = (
            (x < left * face.width_cm + margin_cm - slack)
            | (x > right * face.width_cm - margin_cm + slack)
            | (y < top * face.height_cm + margin_cm - slack)
            | (y > bottom * face.height_cm - margin_cm + slack)
        )
        return float(out.mean())

    return beyond(0.0), beyond(face.safe_cm) > 0
