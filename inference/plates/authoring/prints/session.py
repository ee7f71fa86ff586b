"""A baking session of mockups: resumable, one failure not ending the rest."""

import logging
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from inference.errors import ParameterInvalid
from inference.mockups.files import INFO_NAME
from inference.mockups.library import write_with_preview
from inference.plates.authoring import renderer
from inference.plates.authoring.prints.bake import bake
from inference.plates.authoring.prints.catalogue import all_mockups, mockup_named
from inference.plates.authoring.prints.mockup import Mockup

log = logging.getLogger(__name__)


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
    began = time.monotonic()
    failed = left = 0
    for mockup, view in todo:
        if order.minutes is not None and time.monotonic() - began > order.minutes * 60:
            left += 1
            continue
        slug = mockup.plate_slug(view)
        started = time.process_time()
        try:
            plate = bake(mitsuba, mockup, view, side_px=order.side_px, samples=order.samples)
            beside = order.out / f".{slug}.part"
            shutil.rmtree(beside, ignore_errors=True)
            size = write_with_preview(beside, plate)
            shutil.rmtree(order.out / slug, ignore_errors=True)
            beside.rename(order.out / slug)
        # Whatever goes wrong with one object, a window on a large machine is used for the others.
        except Exception as error:
            failed += 1
            log.warning("%s failed", slug, exc_info=error)
            sys.stdout.write(f"{slug}: failed: {error}\n")
            continue
        spent = time.process_time() - started
        sys.stdout.write(f"{slug}: {spent:.0f} s of CPU, {size / 1e3:.0f} KB\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(todo) - failed - left} baked, {failed} failed, {left} left.\n")
    return 1 if failed or left else 0


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
