"""Prove the checks: plant every fault into good pictures of real photos and count what is found.

Photos are sorted by name and dealt into two halves: thresholds were set on the even ones, and the
figures that count are those of the odd ones.
"""

import hashlib
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.errors import InferenceError
from inference.events import RenderFinished
from inference.inspect.consistency import summarise
from inference.inspect.defects import DEFECTS, Kit, Planted
from inference.inspect.evidence import gather, read_photo, read_result
from inference.inspect.findings import Finding, Inspection, Summary, Verdict
from inference.inspect.inspector import Context, Inspector
from inference.inspect.scene import placement_of, scene_of
from inference.protocol import Engine
from inference.requests import (
    CutoutRequest,
    CutoutSource,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
)

log = logging.getLogger(__name__)

STYLES = ("white-soft-shadow", "studio-sweep", "sweep-blush")
CLEAN = "clean"
_PICTURE_SIDE_PX = (512, 720)
_ALARMS = (Verdict.WARN, Verdict.FAIL, Verdict.HOLD)
# Photos that no good picture can be made of say nothing about the checks.
_LEAST_COVERAGE, _MOST_COVERAGE = 0.03, 0.8
_PICTURES_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, slots=True)
class Case:
    """One picture, faulty or clean, and what the inspector said of it."""

    photo: str
    style: str
    defect: str
    check: str
    inspection: Inspection

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """Findings that ask for attention."""
        return tuple(found for found in self.inspection.findings if found.verdict in _ALARMS)

    @property
    def is_caught(self) -> bool:
        """Whether the check that is responsible found the fault."""
        return any(found.check == self.check for found in self.alarms)


def half_of(photos: Sequence[Path], half: str) -> list[Path]:
    """`tune` the photos of even rank by name, `report` the odd ones, `all` every one.

    They come shuffled, always in the same way: the first few are of every kind.
    """
    ordered = sorted(photos)
    chosen = {"tune": ordered[::2], "report": ordered[1::2], "all": ordered}[half]
    return sorted(chosen, key=lambda path: hashlib.sha256(path.name.encode()).digest())


def find_photos(folder: Path) -> list[Path]:
    """Every picture directly in a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _PICTURES_SUFFIXES)


def prove(
    photos: Sequence[Path],
    *,
    engine: Engine,
    inspector: Inspector,
    network: str,
    most: int,
    on_photo: Callable[[str], None],
) -> Iterator[Case]:
    """Every case of up to `most` photos of which a good picture can be made, in every style."""
    used = 0
    for path in photos:
        if used >= most:
            return
        with tempfile.TemporaryDirectory(prefix="softbox-prove-") as folder:
            try:
                source = _cut_out(path, engine, network, Path(folder))
            except InferenceError as error:
                on_photo(f"{path.name} is left out: {error}")
                continue
            if isinstance(source, str):
                on_photo(f"{path.name} is left out: {source}")
                continue
            used += 1
            on_photo(f"{used}. {path.name}")
            for style in STYLES:
                yield from _cases(path.stem, style, source, engine, inspector, Path(folder))


def _cut_out(
    path: Path, engine: Engine, network: str, folder: Path
) -> tuple[PhotoSource, CutoutSource] | str:
    """The photo with its cutout, or why it is of no use here."""
    photo = PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest())
    cutout = engine.cut_out(
        CutoutRequest(photo, network), on_event=lambda _: None, is_cancelled=lambda: False
    )
    measured = cutout.measurements
    if cutout.notice:
        return cutout.notice
    if measured.touches:
        return f"the product is cut off at the {measured.touches[0]}"
    if not _LEAST_COVERAGE <= measured.coverage <= _MOST_COVERAGE:
        return f"the product fills {measured.coverage:.0%} of the photo"
    alpha = folder / "alpha.png"
    alpha.write_bytes(cutout.alpha_png)
    digest = hashlib.sha256(cutout.alpha_png).hexdigest()
    return photo, CutoutSource(alpha, digest, measured)


def _cases(
    name: str,
    style: str,
    source: tuple[PhotoSource, CutoutSource],
    engine: Engine,
    inspector: Inspector,
    folder: Path,
) -> Iterator[Case]:
    kit = _kit(style, source, engine, folder)
    yield Case(name, style, CLEAN, "", inspector.inspect(kit.request, kit.picture, kit.context))
    for defect in DEFECTS:
        if _style_for(name, defect.slug) != style:
            continue
        planted = defect.plant(kit)
        if planted is not None:
            yield Case(name, style, defect.slug, defect.check, _inspected(inspector, planted))


def _style_for(photo: str, fault: str) -> str:
    """The style in which a photo shows a fault: each fault once, the styles in turn."""
    return STYLES[hashlib.sha256(f"{photo} {fault}".encode()).digest()[0] % len(STYLES)]


def _inspected(inspector: Inspector, planted: Planted) -> Inspection:
    return inspector.inspect(planted.request, planted.picture, planted.context)


def _kit(style: str, source: tuple[PhotoSource, CutoutSource], engine: Engine, folder: Path) -> Kit:
    photo, cutout = source
    subject = cutout.measurements.subject
    # As large as the photo's own pixels allow, or every picture would be a case of enlarging.
    least, most = _PICTURE_SIDE_PX
    side = min(most, max(least, round(1.25 * max(subject.width, subject.height))))
    request = RenderRequest(photo, cutout, StyleSpec(style), OutputSpec(side), only_tier=True)

    def render(wanted: RenderRequest) -> RenderFinished:
        return engine.render(wanted, on_event=lambda _: None, is_cancelled=lambda: False)

    picture = render(request).image.data
    result = read_result(picture)
    height, width = result.shape[:2]
    scene = scene_of(request, width=width, height=height)
    evidence = gather(read_photo(photo, cutout), result, placement_of(request), scene)
    context = Context(siblings=_siblings(summarise(evidence)))
    return Kit(request, picture, evidence, render, folder, context)


def _siblings(summary: Summary) -> tuple[Summary, ...]:
    """Three pictures of the same look that differ as real siblings do."""
    lightness, a, b = summary.backdrop
    return tuple(
        Summary(
            summary.fill + step * 0.02,
            summary.centre_x + step * 0.005,
            summary.centre_y - step * 0.01,
            (lightness + step * 0.5, a, b),
        )
        for step in (-1, 0, 1)
    )


def as_tables(cases: Sequence[Case]) -> str:
    """Both tables, in Markdown: faults caught and missed, and false alarms on clean pictures."""
    lines = [
        f"{len({case.photo for case in cases})} photos, "
        f"{len({case.style for case in cases})} styles, {len(cases)} pictures.",
        "",
        "| fault planted | found by | pictures | caught | missed | caught by any check |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for defect in DEFECTS:
        with_it = [case for case in cases if case.defect == defect.slug]
        if not with_it:
            lines.append(f"| {defect.slug} | {defect.check} | 0 | – | – | – |")
            continue
        caught = sum(case.is_caught for case in with_it)
        somehow = sum(bool(case.alarms) for case in with_it)
        share = f"{caught} ({caught / len(with_it):.0%})"
        lines.append(
            f"| {defect.slug} | {defect.check} | {len(with_it)} | {share} | "
            f"{len(with_it) - caught} | {somehow} |"
        )
    return "\n".join([*lines, "", *_false_alarms(cases), ""])


def _false_alarms(cases: Sequence[Case]) -> list[str]:
    clean = [case for case in cases if case.defect == CLEAN]
    alarms = Counter((found.check, found.verdict) for case in clean for found in case.alarms)
    unchecked = Counter(
        found.check
        for case in clean
        for found in case.inspection.findings
        if found.verdict is Verdict.UNCHECKED
    )
    checks = dict.fromkeys(found.check for case in clean for found in case.inspection.findings)
    lines = [
        "| check | clean pictures | warned | failed or held | not checked |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for check in checks:
        warned = alarms[check, Verdict.WARN]
        failed = alarms[check, Verdict.FAIL] + alarms[check, Verdict.HOLD]
        lines.append(f"| {check} | {len(clean)} | {warned} | {failed} | {unchecked[check]} |")
    untouched = sum(not case.alarms for case in clean)
    lines.append(f"\n{untouched} of {len(clean)} clean pictures raised no alarm at all.")
    return lines
