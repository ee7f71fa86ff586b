"""What a seller does, as timed journeys, and what happens when many do it at once.

Every repetition gets its own content key, so that the stage cache helps only where a seller's own
clicks would let it help: when one look of one photo is changed.
"""

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from inference.bench.machine import resident_mib
from inference.bench.timing import Samples, Spent, Stopwatch
from inference.events import CutoutFinished, Event, PreviewReady, RenderFinished
from inference.protocol import Engine
from inference.requests import (
    CutoutRequest,
    CutoutSource,
    OutputSpec,
    ParameterValue,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.stages.encode import VariantFormat, encode_variant
from inference.stages.variants import open_master
from inference.styles.parameters import Control
from inference.styles.style import Style

FINAL_SIDE_PX = 2048
MANY_SIDE_PX = 1024
WEBP_QUALITY = 90
# As many as the engine process works on at once by default.
THROUGHPUT_THREADS = 3
# How many looks of a photo are drawn, while memory is watched, before the next photo's turn.
RENDERS_A_PHOTO = 50
# The share of the renders after which memory counts as settled.
SETTLED_SHARE = 0.1
_NUMBERS = (Control.SLIDER, Control.LAMP)

CUTOUT = "cutout, photo to refined alpha"
TO_WEBP = f"photo to WebP, {FINAL_SIDE_PX} px"


def changed_look(tier: Tier) -> str:
    """What the journey of a slider is called."""
    return f"changed look, {tier.name.lower()}"


@dataclass(frozen=True, slots=True)
class Throughput:
    """So many photos on the whole way, in so many seconds."""

    photos: int
    spent: Spent

    @property
    def per_s(self) -> float:
        """Photos a second."""
        return self.photos / self.spent.wall_s


@dataclass(frozen=True, slots=True)
class Together:
    """So many requests at once against the same one by one."""

    requests: int
    one_by_one_s: float
    together_s: float

    @property
    def gain(self) -> float:
        """How many times the throughput."""
        return self.one_by_one_s / self.together_s


@dataclass(frozen=True, slots=True)
class MemoryGrowth:
    """Memory after a tenth of the renders, when caches are full, and after all of them."""

    renders: int
    settled_mib: float
    end_mib: float

    @property
    def share(self) -> float:
        """Growth since it had settled; 0.05 is 5 %."""
        return self.end_mib / self.settled_mib - 1


class Journeys:
    """One engine, one style, some photos, and a folder for what is stored on the way."""

    def __init__(
        self, engine: Engine, style: Style, photos: list[Path], folder: Path, network: str
    ) -> None:
        self._engine = engine
        self._style = style
        self._photos = [
            PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest()) for path in photos
        ]
        self._photo = self._photos[0]
        self._folder = folder
        self._network = network
        self._cutout: CutoutSource | None = None
        self.journeys = Samples()
        self.stages = Samples()

    def cut_out(self, number: int) -> None:
        """A new photo: from its file to the refined alpha."""
        with self.journeys.timed(CUTOUT):
            finished = self._find(_as_new(self._photo, f"cutout {number}"))
        self._note_stages("cutout", finished)
        if self._cutout is None:
            self._cutout = self._stored(finished, "first")

    def open_photo(self, number: int) -> None:
        """A photo seen for the first time: all three tiers."""
        request = replace(
            self._request(number), photo=_as_new(self._photo, f"open {number}"), tier=Tier.FINAL
        )
        started = time.perf_counter()

        def on_event(event: Event) -> None:
            if isinstance(event, PreviewReady | RenderFinished):
                name = f"new photo, to its {event.tier.name.lower()}"
                self.journeys.add(name, (time.perf_counter() - started) * 1000)

        finished = self._engine.render(request, on_event=on_event, is_cancelled=lambda: False)
        self._note_stages("render", finished)

    def change_look(self, number: int) -> None:
        """A slider moves on a photo that is open: the preview, then the final picture."""
        for tier in (Tier.THUMB, Tier.PREVIEW, Tier.FINAL):
            request = replace(self._request(number + 1), tier=tier, only_tier=True)
            with self.journeys.timed(changed_look(tier)):
                self._draw(request)

    def to_webp(self, number: int) -> None:
        """A photo's bytes in, the bytes of a published WebP of 2048 pixels out."""
        photo = _as_new(self._photo, f"webp {number}")
        with self.journeys.timed(TO_WEBP):
            data = self._whole_way(photo, f"webp {number}", FINAL_SIDE_PX)
            encode_variant(open_master(data), format=VariantFormat.WEBP, quality=WEBP_QUALITY)

    def many_photos(self, count: int, threads: int) -> Throughput:
        """Different photos on the whole way to finals of 1024 pixels."""
        photos = [
            _as_new(self._photos[number % len(self._photos)], f"many {number}")
            for number in range(count)
        ]
        watch = Stopwatch()
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(
                lambda photo: self._whole_way(photo, photo.sha256, MANY_SIDE_PX), photos
            ):
                pass
        return Throughput(count, watch.spent())

    def cutouts_together(self, count: int) -> Together:
        """Cutouts of as many photos one by one, then all at once."""
        times = []
        for threads in (1, count):
            photos = [
                _as_new(self._photos[number % len(self._photos)], f"together {threads} {number}")
                for number in range(count)
            ]
            started = time.perf_counter()
            with ThreadPoolExecutor(threads) as pool:
                for _ in pool.map(self._find, photos):
                    pass
            times.append(time.perf_counter() - started)
        return Together(count, *times)

    def memory_over(self, renders: int, device: str) -> MemoryGrowth:
        """Many looks of many photos: previews, every tenth a final, every fiftieth a new cutout.

        Memory counts as settled once every photo was seen, so that what is kept of each is there.
        """
        seen_all = min(renders, RENDERS_A_PHOTO * len(self._photos))
        settled_after = max(1, seen_all, round(renders * SETTLED_SHARE))
        settled_mib = 0.0
        for number in range(renders):
            photo = self._photos[number // RENDERS_A_PHOTO % len(self._photos)]
            if number % RENDERS_A_PHOTO == 0:
                cutout = self._stored(self._find(photo), "memory")
            tier = Tier.FINAL if number % 10 == 0 else Tier.PREVIEW
            request = replace(
                self._request(number), photo=photo, cutout=cutout, tier=tier, only_tier=True
            )
            self._draw(replace(request, output=OutputSpec(MANY_SIDE_PX)))
            if number + 1 == settled_after:
                settled_mib = resident_mib(device)
        return MemoryGrowth(renders, settled_mib, resident_mib(device))

    def cutout_ms(self, number: int, network: str) -> float:
        """One more cutout of the first photo, by any network; milliseconds."""
        watch = Stopwatch()
        self._find(_as_new(self._photo, f"{network} {number}"), network)
        return watch.spent().wall_s * 1000

    def photo_facts(self) -> dict[str, object]:
        """Size of the photo in pixels and bytes; `cut_out` must have run."""
        assert self._cutout is not None
        measured = self._cutout.measurements
        return {
            "width": measured.width,
            "height": measured.height,
            "bytes": self._photo.path.stat().st_size,
        }

    def _whole_way(self, photo: PhotoSource, name: str, side_px: int) -> bytes:
        cutout = self._stored(self._find(photo), name)
        request = replace(
            self._request(0),
            photo=photo,
            cutout=cutout,
            output=OutputSpec(side_px),
            tier=Tier.FINAL,
            only_tier=True,
        )
        return self._draw(request).image.data

    def _find(self, photo: PhotoSource, network: str = "") -> CutoutFinished:
        return self._engine.cut_out(
            CutoutRequest(photo, network or self._network),
            on_event=lambda _: None,
            is_cancelled=lambda: False,
        )

    def _draw(self, request: RenderRequest) -> RenderFinished:
        return self._engine.render(request, on_event=lambda _: None, is_cancelled=lambda: False)

    def _stored(self, finished: CutoutFinished, name: str) -> CutoutSource:
        digest = hashlib.sha256(finished.alpha_png).hexdigest()
        path = self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.png"
        path.write_bytes(finished.alpha_png)
        return CutoutSource(path, digest, finished.measurements)

    def _request(self, number: int) -> RenderRequest:
        if self._cutout is None:
            self._cutout = self._stored(self._find(self._photo), "first")
        return RenderRequest(
            photo=self._photo,
            cutout=self._cutout,
            style=StyleSpec(self._style.slug, _look(self._style, number)),
            output=OutputSpec(FINAL_SIDE_PX),
            seed=number % 16,
        )

    def _note_stages(self, journey: str, finished: CutoutFinished | RenderFinished) -> None:
        for name, duration_ms in finished.timings_ms.items():
            self.stages.add(f"{journey} {name}", duration_ms)


def repeat(journey: Callable[[int], None], times: int) -> None:
    """Run a journey so often, each time as if for the first."""
    for number in range(times):
        journey(number)


def _as_new(photo: PhotoSource, salt: str) -> PhotoSource:
    key = hashlib.sha256(f"{photo.sha256} {salt}".encode()).hexdigest()
    return replace(photo, sha256=key)


def _look(style: Style, number: int) -> dict[str, ParameterValue]:
    """Move the style's first slider to another place each time."""
    for parameter in style.parameters:
        if parameter.control in _NUMBERS:
            share = (number * 0.37) % 1.0
            span = parameter.maximum - parameter.minimum
            return {parameter.name: parameter.minimum + share * span}
    return {}
