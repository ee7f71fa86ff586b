"""A baking session of mockups: resumable, one failure not ending the rest."""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from inference.errors import ParameterInvalid
from inference.mockups.files import INFO_NAME
from inference.mockups.library import write_with_preview
from inference.plates.authoring import renderer
from inference.plates.authoring.prints.bake import bake
from inference.plates.authoring.prints.catalogue import all_mockups, mockup_named
from inference.plates.authoring.prints.mockup import Mockup
from inference.plates.authoring.session import bake_each, swapped_in


@dataclass(frozen=True, slots=True)
class MockupOrder:
    """What to bake, how, and where to.

    Attributes:
        names: of mockups, or MOCKUP@VIEW for one view; none for every mockup.
        variant: of Mitsuba, or none for the best that starts.
        side_px: of the square pictures.
        samples: per pixel and picture.
        out: the plates' folder.
        minutes: no plate is begun after that long; none for no limit.
        again: also bake plates that are there already.
    """

    names: tuple[str, ...]
    variant: str | None
    side_px: int
    samples: int
    out: Path
    minutes: float | None
    again: bool


def run_session(order: MockupOrder) -> int:
    """Bake what is ordered; 0 when every plate is there at the end, 1 otherwise.

    Raises:
        ParameterInvalid: a size or number of samples makes no sense, or there is no such view.
        StyleUnknown: no such mockup.
        DeviceUnavailable: the variant does not start here.
    """
    if order.side_px < 64 or order.samples < 1:
        raise ParameterInvalid("size", "Plates take at least 64 pixels and one sample a pixel.")
    wanted = ordered_views(order.names)
    todo = [(m, v) for m, v in wanted if order.again or not _is_baked(order.out, m, v)]
    sys.stdout.write(f"{len(wanted) - len(todo)} of {len(wanted)} plates are there already.\n")
    if not todo:
        return 0
    mitsuba = renderer.load(order.variant)
    sys.stdout.write(f"Baking with {mitsuba.variant()}.\n")

    def made(mockup: Mockup, view: str) -> int:
        plate = bake(mitsuba, mockup, view, side_px=order.side_px, samples=order.samples)
        return swapped_in(
            order.out / mockup.plate_slug(view), lambda folder: write_with_preview(folder, plate)
        )

    jobs = [(mockup.plate_slug(view), partial(made, mockup, view)) for mockup, view in todo]
    return bake_each(jobs, minutes=order.minutes)


def ordered_views(names: tuple[str, ...]) -> list[tuple[Mockup, str]]:
    """Every view that is asked for: first one of each mockup, then the others.

    Raises:
        ParameterInvalid: a mockup has no such view.
        StyleUnknown: no such mockup.
    """
    ranked: list[tuple[int, Mockup, str]] = []
    for name in names or tuple(all_mockups()):
        slug, _, asked = name.partition("@")
        mockup = mockup_named(slug)
        views = [view for view, _ in mockup.views]
        if asked and asked not in views:
            raise ParameterInvalid("scenes", f"{slug} has views {', '.join(views)}, not {asked}.")
        chosen = [asked] if asked else views
        ranked += [(index, mockup, view) for index, view in enumerate(chosen)]
    return [(mockup, view) for _, mockup, view in sorted(ranked, key=lambda entry: entry[0])]


def _is_baked(out: Path, mockup: Mockup, view: str) -> bool:
    return (out / mockup.plate_slug(view) / INFO_NAME).is_file()
