"""A baking session: many plates, resumable, within a time box, one failure not ending the rest."""

import logging
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from inference.errors import ParameterInvalid
from inference.plates.authoring import renderer
from inference.plates.authoring.bake import bake, write_small
from inference.plates.authoring.scene import Scene, View
from inference.plates.authoring.scenes import all_scenes, scene_named
from inference.plates.files import INFO_NAME, PICTURES_NAME
from inference.plates.library import write_preview

log = logging.getLogger(__name__)

# A view is named by its pitch; half a degree apart is the same one.
_PITCH_TOLERANCE_DEG = 0.5


@dataclass(frozen=True, slots=True)
class BakeOrder:
    """What to bake, how, and where to.

    Attributes:
        scenes: names of scenes, or SCENE@PITCH for one view.
        every_scene: instead of naming them.
        variant: of Mitsuba, or none for the best that starts.
        side_px: of the square pictures.
        samples: per pixel and light group.
        out: the plates' folder.
        minutes: no plate is begun after that long; none for no limit.
        again: also bake plates that are there already.
    """

    scenes: tuple[str, ...]
    every_scene: bool
    variant: str | None
    side_px: int
    samples: int
    out: Path
    minutes: float | None
    again: bool


def run_session(order: BakeOrder) -> int:
    """Bake what is ordered; 0 when every plate is there at the end, 1 otherwise.

    Raises:
        ParameterInvalid: nothing is ordered, or a size or number of samples makes no sense.
        StyleUnknown: no such scene.
        DeviceUnavailable: the variant does not start here.
    """
    if order.side_px < 32 or order.samples < 1:
        raise ParameterInvalid("size", "Plates take at least 32 pixels and one sample a pixel.")
    wanted = ordered_views(order)
    todo = [(s, v) for s, v in wanted if order.again or not is_baked(order.out, s, v)]
    sys.stdout.write(f"{len(wanted) - len(todo)} of {len(wanted)} plates are there already.\n")
    if not todo:
        return 0
    mitsuba = renderer.load(order.variant)
    sys.stdout.write(f"Baking with {mitsuba.variant()}.\n")

    def made(scene: Scene, view: View) -> int:
        plate = bake(mitsuba, scene, view, side_px=order.side_px, samples=order.samples)
        return swapped_in(
            order.out / scene.plate_slug(view),
            lambda folder: write_small(folder, plate) + write_preview(folder, plate),
        )

    jobs = [(scene.plate_slug(view), partial(made, scene, view)) for scene, view in todo]
    return bake_each(jobs, minutes=order.minutes)


def bake_each(jobs: Sequence[tuple[str, Callable[[], int]]], *, minutes: float | None) -> int:
    """Bake one plate after the other; 0 when every one was baked, 1 otherwise.

    Args:
        jobs: a plate's slug, and what bakes and writes it and gives its bytes.
        minutes: no plate is begun after that long; none for no limit.
    """
    began = time.monotonic()
    failed = left = 0
    for slug, make in jobs:
        if minutes is not None and time.monotonic() - began > minutes * 60:
            left += 1
            continue
        started = time.monotonic()
        try:
            size = make()
        # Whatever goes wrong with one plate, a window on a large machine is used for the others.
        except Exception as error:
            failed += 1
            log.warning("%s failed", slug, exc_info=error)
            sys.stdout.write(f"{slug}: failed: {error}\n")
            continue
        spent = time.monotonic() - started
        sys.stdout.write(f"{slug}: {spent:.1f} s, {size / 1e6:.2f} MB\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(jobs) - failed - left} baked, {failed} failed, {left} left.\n")
    return 1 if failed or left else 0


def swapped_in(folder: Path, write: Callable[[Path], int]) -> int:
    """Write beside, then swap in, so that an interrupted session leaves no half plate.

    `write` fills the folder it is given and returns its bytes.
    """
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    size = write(beside)
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    return size


def ordered_views(order: BakeOrder) -> list[tuple[Scene, View]]:
    """The views that are ordered: first one of every scene, then the others.

    A session that runs out of time then still leaves a plate of each scene.
    """
    pairs: list[tuple[int, Scene, View]] = []
    names = tuple(all_scenes()) if order.every_scene else order.scenes
    if not names:
        raise ParameterInvalid("scenes", "Name the scenes to bake, or ask for --all.")
    for name in names:
        slug, _, pitch = name.partition("@")
        scene = scene_named(slug)
        # The middle view suits most photos.
        middle = len(scene.views) // 2
        ranked = sorted((abs(i - middle), view.pitch_deg, i) for i, view in enumerate(scene.views))
        chosen = [(rank, scene, scene.views[i]) for rank, (_, _, i) in enumerate(ranked)]
        if pitch:
            chosen = [entry for entry in chosen if _is_pitch(entry[2], pitch)]
            if not chosen:
                known = ", ".join(f"{view.pitch_deg:g}" for view in scene.views)
                raise ParameterInvalid("scenes", f"{slug} has views at {known}°, not {pitch}.")
        pairs += chosen
    return [(scene, view) for _, scene, view in sorted(pairs, key=lambda entry: entry[0])]


def is_baked(out: Path, scene: Scene, view: View) -> bool:
    """Whether both files of a plate are there; `swapped_in` never leaves only half of them."""
    folder = out / scene.plate_slug(view)
    return (folder / INFO_NAME).is_file() and (folder / PICTURES_NAME).is_file()


def _is_pitch(view: View, text: str) -> bool:
    try:
        return abs(view.pitch_deg - float(text)) < _PITCH_TOLERANCE_DEG
    except ValueError:
        return False
