"""The inspector: every check on one finished picture, and how sure the machine is of the whole."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from inference.garments.truth import Truth
from inference.inspect.colours import check_colours
from inference.inspect.consistency import check_consistency, summarise
from inference.inspect.edges import check_edges
from inference.inspect.evidence import (
    Evidence,
    PhotoEvidence,
    gather,
    read_photo,
    read_result,
)
from inference.inspect.findings import (
    ChannelNeed,
    Finding,
    Inspection,
    Summary,
    uncertainty_of,
)
from inference.inspect.light import check_light
from inference.inspect.mockup import check_print, is_mockup, measure_print
from inference.inspect.policy import JudgesContent, check_policy, judge
from inference.inspect.product import check_product
from inference.inspect.resolution import check_resolution
from inference.inspect.scene import EmptiesScenes, Scene, placement_of, scene_of
from inference.inspect.second_look import FindsProducts, SecondLook, look_again
from inference.inspect.text import PhotoText, ReadsText, check_text, read_photo_text
from inference.inspect.worn import inspect_worn
from inference.networks.policy import load_content_classifier
from inference.networks.segmenter import load_segmenter
from inference.networks.text_reader import load_text_reader
from inference.requests import RenderRequest
from inference.stages.decode import decode
from inference.stages.place import Placement

# Small and quick; a cutout by a larger network is checked by one of another make.
SEGMENTER = "u2netp"
# A photo's own words and content stay the same for every picture made from it.
_REMEMBERED_PHOTOS = 256
# The classifier looks at a small copy of a picture.
_POLICY_SIDE_PX = 1024


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds one result: the channels it is for and its siblings in the same look.

    `placement` and `scene` are computed from the request where they are None.
    """

    channels: tuple[ChannelNeed, ...] = ()
    siblings: tuple[Summary, ...] = ()
    placement: Placement | None = None
    scene: Scene | None = None


@dataclass(frozen=True, slots=True)
class _KnownPhoto:
    text: PhotoText
    explicitness: float
    second_look: SecondLook


class Inspector:
    """Inspects finished pictures; safe to share between threads.

    Args:
        reader: reads the words on the product.
        classifier: judges the content.
        segmenter: looks at the photo again, to doubt the cutout.
        sets: draws a path-traced scene without its product; without it their light is unchecked.
    """

    def __init__(
        self,
        reader: ReadsText,
        classifier: JudgesContent,
        segmenter: FindsProducts,
        sets: EmptiesScenes | None = None,
    ) -> None:
        self._sets = sets
        self._reader = reader
        self._segmenter = segmenter
        self._classifier = classifier
        self._known: OrderedDict[tuple[str, str], _KnownPhoto] = OrderedDict()
        self._lock = threading.Lock()

    def inspect(self, request: RenderRequest, picture: bytes, context: Context) -> Inspection:
        """Run every check on a finished picture.

        Args:
            request: what it was made from; its files are still there.
            picture: the encoded result, exactly as it will be reviewed.
            context: channels, siblings, and placement and scene where the caller knows them.

        Raises:
            PhotoUnreadable, ShapeMismatch: photo, cutout and result do not belong together.
        """
        timings: dict[str, float] = {}
        if is_mockup(request):
            return self._inspect_print(request, picture, context.channels, timings)
        with _Timed("read", timings):
            source = read_photo(request.photo, request.cutout)
            result = read_result(picture)
            height, width = result.shape[:2]
            placement = context.placement or placement_of(request)
            scene = context.scene or self.scene_of(request, width=width, height=height)
            evidence = gather(source, result, placement, scene)
        with _Timed("photo", timings):
            known = self._known_photo(request, source)
        summary = summarise(evidence)
        checks: Sequence[tuple[str, Callable[[], Finding]]] = (
            ("product", lambda: check_product(evidence)),
            ("colours", lambda: check_colours(evidence)),
            ("text", lambda: check_text(evidence, known.text, self._reader)),
            ("edges", lambda: check_edges(evidence, known.second_look)),
            ("light", lambda: check_light(evidence)),
            ("resolution", lambda: check_resolution(evidence.sizes, context.channels)),
            ("consistency", lambda: check_consistency(summary, context.siblings)),
            ("policy", lambda: self._policy(evidence, known)),
        )
        findings = []
        for name, check in checks:
            with _Timed(name, timings):
                findings.append(_inside(check(), evidence))
        return Inspection(tuple(findings), uncertainty_of(findings), timings, summary)

    def inspect_worn(
        self, request: RenderRequest, picture: bytes, truth: Truth | None, context: Context
    ) -> Inspection:
        """Run the checks of a garment on a mannequin; `truth` is what the drape measures."""
        return inspect_worn(request, picture, truth, context.channels, self._classifier)

    def scene_of(self, request: RenderRequest, *, width: int, height: int) -> Scene | None:
        """The empty set of a result of `width` × `height` pixels; None where nobody knows it."""
        return scene_of(request, width=width, height=height, sets=self._sets)

    def _inspect_print(
        self,
        request: RenderRequest,
        picture: bytes,
        channels: Sequence[ChannelNeed],
        timings: dict[str, float],
    ) -> Inspection:
        """A mockup shows no product where the photo's was: what compares them says so."""
        with _Timed("read", timings):
            result = read_result(picture)
            photo = decode(request.photo.path, longest_side_px=_POLICY_SIDE_PX).rgb
        height, width = result.shape[:2]
        with _Timed("print", timings):
            laid = measure_print(request)
            findings = list(check_print(laid, width=width, height=height, channels=channels))
        with _Timed("policy", timings):
            explicit = judge(self._classifier, photo)
            findings.append(check_policy(explicit, judge(self._classifier, result)))
        return Inspection(tuple(findings), uncertainty_of(findings), timings)

    def _policy(self, evidence: Evidence, known: _KnownPhoto) -> Finding:
        return check_policy(known.explicitness, judge(self._classifier, evidence.result))

    def _known_photo(self, request: RenderRequest, source: PhotoEvidence) -> _KnownPhoto:
        key = (request.photo.sha256, request.cutout.sha256)
        with self._lock:
            if (known := self._known.get(key)) is not None:
                self._known.move_to_end(key)
                return known
        known = _KnownPhoto(
            text=read_photo_text(self._reader, source),
            explicitness=judge(self._classifier, source.photo),
            second_look=look_again(self._segmenter, source),
        )
        with self._lock:
            self._known[key] = known
            while len(self._known) > _REMEMBERED_PHOTOS:
                self._known.popitem(last=False)
        return known


def load_inspector(*, threads: int = 0, sets: EmptiesScenes | None = None) -> Inspector:
    """The inspector with its registered networks, all of them small and on the CPU.

    Args:
        threads: CPU threads of one network; 0 takes the cores that this process may use.
        sets: draws path-traced scenes without their product.

    Raises:
        WeightsMissing, WeightsCorrupt: a file is absent or not the registered one.
    """
    reader = load_text_reader(threads=threads)
    segmenter = load_segmenter(SEGMENTER, threads=threads)
    return Inspector(reader, load_content_classifier(), segmenter, sets)


def _inside(finding: Finding, evidence: Evidence) -> Finding:
    """The finding with its region inside the frame; None where nothing of it is."""
    region, (width, height) = finding.region, evidence.frame
    if region is None:
        return finding
    box = replace(
        region,
        left=max(0, region.left),
        top=max(0, region.top),
        right=min(width, region.right),
        bottom=min(height, region.bottom),
    )
    return replace(finding, region=box if box.width > 0 and box.height > 0 else None)


class _Timed:
    """Adds the CPU milliseconds of its block, all threads of the process together."""

    def __init__(self, name: str, timings_ms: dict[str, float]) -> None:
        self._name = name
        self._timings_ms = timings_ms
        self._start = 0.0

    def __enter__(self) -> None:
        self._start = time.process_time()

    def __exit__(self, *reason: object) -> None:
        self._timings_ms[self._name] = round(1000 * (time.process_time() - self._start), 1)
