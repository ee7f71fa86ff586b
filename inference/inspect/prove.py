"""Prove the checks: plant every fault into good pictures of real photos and count what is found.

Photos are sorted by name and dealt into two halves: thresholds were set on the even ones, and the
figures that count are those of the odd ones. What a photo showed is kept in a file of its own, so
that a run that was stopped goes on where it was.
"""

import hashlib
import json
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.errors import InferenceError
from inference.events import RenderFinished
from inference.inspect.consistency import summarise
from inference.inspect.defects import DEFECTS, Kit, Planted
from inference.inspect.evidence import gather, read_photo, read_result
from inference.inspect.findings import Finding, Inspection, Summary, Verdict
from inference.inspect.inspector import Context, Inspector
from inference.plates.format import Kind, Support
from inference.protocol import Engine
from inference.requests import (
    CutoutRequest,
    CutoutSource,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
)
from inference.stages.place import Placement
from inference.styles.catalogue import installed_plates

log = logging.getLogger(__name__)

STYLES = ("white-soft-shadow", "studio-sweep", "sweep-blush")
# Every photo is shown in so many of the installed scenes, in turn.
SCENES_A_PHOTO = 2
CLEAN = "clean"
# What a scene changes is the light; everything else is measured on the product alone.
_SCENE_FAULTS_OF = "light"
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

    @property
    def is_in_scene(self) -> bool:
        """Whether a path-traced scene is round the product, not a plain backdrop."""
        return self.style not in STYLES

    def to_json(self) -> dict[str, object]:
        """Plain data for storage; `from_json` reads it back."""
        return {
            "photo": self.photo,
            "style": self.style,
            "defect": self.defect,
            "check": self.check,
            "inspection": self.inspection.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Case":
        """Rebuild from `to_json`'s data.

        Raises:
            TypeError, KeyError, ValueError: the data is not `to_json`'s.
        """
        return cls(
            str(data["photo"]),
            str(data["style"]),
            str(data["defect"]),
            str(data["check"]),
            Inspection.from_json(data["inspection"]),  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True)
class Record:
    """What each photo showed, a file a photo: a run that was stopped goes on where it was."""

    folder: Path | None

    def cases(self, photo: Path) -> list[Case] | None:
        """What is known of a photo; empty where it was left out, None where it was not tried."""
        path = self._path(photo)
        if path is None or not path.exists():
            return None
        return [Case.from_json(case) for case in json.loads(path.read_text())]

    def keep(self, photo: Path, cases: Sequence[Case]) -> None:
        """Remember all that a photo showed."""
        path = self._path(photo)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps([case.to_json() for case in cases]))
        unfinished.replace(path)

    def _path(self, photo: Path) -> Path | None:
        return None if self.folder is None else self.folder / f"{photo.stem}.json"


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
    record: Record,
    on_photo: Callable[[str], None],
) -> Iterator[Case]:
    """Every case of up to `most` photos of which a good picture can be made, in every style."""
    used = 0
    for path in photos:
        if used >= most:
            return
        cases = record.cases(path)
        if cases is None:
            cases = _proved(path, engine, inspector, network, on_photo)
            record.keep(path, cases)
        if cases:
            used += 1
            on_photo(f"{used}. {path.name}")
        yield from cases


def _proved(
    path: Path,
    engine: Engine,
    inspector: Inspector,
    network: str,
    on_photo: Callable[[str], None],
) -> list[Case]:
    """All that a photo shows; nothing where no good picture can be made of it."""
    with tempfile.TemporaryDirectory(prefix="softbox-prove-") as folder:
        try:
            source = _cut_out(path, engine, network, Path(folder))
        except InferenceError as error:
            source = str(error)
        if isinstance(source, str):
            on_photo(f"{path.name} is left out: {source}")
            return []
        styles = (*STYLES, *_scenes_for(path.stem))
        return [
            case
            for style in styles
            for case in _cases(path.stem, style, source, engine, inspector, Path(folder))
        ]


def _scenes_for(photo: str) -> list[str]:
    """The installed scenes in which a photo is shown, so that all of them come in turn."""
    scenes = sorted(
        {
            plate.scene
            for plate in installed_plates().plates
            if plate.kind is Kind.STAND and plate.slot.support is not Support.NONE
        }
    )
    by_chance = sorted(
        scenes, key=lambda scene: hashlib.sha256(f"{photo} {scene}".encode()).digest()
    )
    return by_chance[:SCENES_A_PHOTO]


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
    kit = _kit(style, source, engine, inspector, folder)
    yield Case(name, style, CLEAN, "", inspector.inspect(kit.request, kit.picture, kit.context))
    for defect in DEFECTS:
        is_shown = (
            _style_for(name, defect.slug) == style
            if style in STYLES
            else defect.check == _SCENE_FAULTS_OF
        )
        if not is_shown:
            continue
        planted = defect.plant(kit)
        if planted is not None:
            yield Case(name, style, defect.slug, defect.check, _inspected(inspector, planted))


def _style_for(photo: str, fault: str) -> str:
    """The style in which a photo shows a fault: each fault once, the styles in turn."""
    return STYLES[hashlib.sha256(f"{photo} {fault}".encode()).digest()[0] % len(STYLES)]


def _inspected(inspector: Inspector, planted: Planted) -> Inspection:
    return inspector.inspect(planted.request, planted.picture, planted.context)


def _kit(
    style: str,
    source: tuple[PhotoSource, CutoutSource],
    engine: Engine,
    inspector: Inspector,
    folder: Path,
) -> Kit:
    photo, cutout = source
    subject = cutout.measurements.subject
    # As large as the photo's own pixels allow, or every picture would be a case of enlarging.
    least, most = _PICTURE_SIDE_PX
    side = min(most, max(least, round(1.25 * max(subject.width, subject.height))))
    request = RenderRequest(photo, cutout, StyleSpec(style), OutputSpec(side), only_tier=True)

    def render(wanted: RenderRequest) -> RenderFinished:
        return engine.render(wanted, on_event=lambda _: None, is_cancelled=lambda: False)

    finished = render(request)
    picture, told = finished.image.data, finished.placement
    assert told is not None, "the engine says where it put the product"
    placement = Placement(told.width, told.height, told.scale, told.offset_x, told.offset_y)
    result = read_result(picture)
    scene = inspector.scene_of(request, width=told.width, height=told.height)
    evidence = gather(read_photo(photo, cutout), result, placement, scene)
    context = Context(
        siblings=_siblings(summarise(evidence)),
        placement=None if style in STYLES else placement,
    )
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
    """The tables, in Markdown: faults caught and missed, and false alarms on clean pictures."""
    lines = [
        f"{len({case.photo for case in cases})} photos, "
        f"{len({case.style for case in cases})} styles, {len(cases)} pictures.",
    ]
    for title, chosen in (
        ("On plain backdrops", [case for case in cases if not case.is_in_scene]),
        ("In scenes", [case for case in cases if case.is_in_scene]),
    ):
        if chosen:
            lines += ["", f"#### {title}", "", *_faults(chosen), "", *_false_alarms(chosen)]
    return "\n".join([*lines, ""])


def _faults(cases: Sequence[Case]) -> list[str]:
    lines = [
        "| fault planted | found by | pictures | caught | missed | caught by any check |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for defect in DEFECTS:
        with_it = [case for case in cases if case.defect == defect.slug]
        if not with_it:
            continue
        caught = sum(case.is_caught for case in with_it)
        somehow = sum(bool(case.alarms) for case in with_it)
        share = f"{caught} ({caught / len(with_it):.0%})"
        lines.append(
            f"| {defect.slug} | {defect.check} | {len(with_it)} | {share} | "
            f"{len(with_it) - caught} | {somehow} |"
        )
    return lines


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
