"""A small made-up product, photographed, cut out and rendered for the inspection's tests."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from inference.events import RenderFinished
from inference.inspect.consistency import summarise
from inference.inspect.defects import Kit
from inference.inspect.evidence import Evidence, gather, read_photo, read_result
from inference.inspect.findings import Summary
from inference.inspect.inspector import Context
from inference.inspect.scene import placement_of, scene_of
from inference.networks.text_reader import Line, Quad
from inference.pixels.arrays import AlphaF32, RgbU8
from inference.rendering import Renderer, render_plan
from inference.requests import (
    CutoutSource,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
)
from inference.run import Run
from inference.stage_cache import StageCache
from inference.stages.measure import measure
from inference.stages.place import Placement
from inference.styles.catalogue import find_style
from inference.styles.scene import FAMILY as SCENE_FAMILY

_SIZE = (900, 900)
_OLD_BACKGROUND = (96, 150, 120)
_SMOOTHING = 3


class Studio:
    """Draws a mug with a label and a handle before a green wall, and renders it."""

    def __init__(self, folder: Path, *, is_mirrored: bool = False) -> None:
        self.folder = folder
        self.renderer = Renderer(device="cpu", cache=StageCache(budget_bytes=64_000_000))
        alpha = _outline()
        rng = np.random.default_rng(4)
        product = _mug(rng)
        wall = np.array(_OLD_BACKGROUND) + rng.normal(0, 2, (*alpha.shape, 1))
        share = alpha[..., None] / 255
        photo = (product * share + wall * (1 - share)).clip(0, 255).astype(np.uint8)
        if is_mirrored:
            photo, alpha = photo[:, ::-1], alpha[:, ::-1]
        self.photo = self._saved("photo.png", np.ascontiguousarray(photo))
        path = folder / "alpha.png"
        Image.fromarray(np.ascontiguousarray(alpha)).save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self.cutout = CutoutSource(path, digest, measure(np.ascontiguousarray(alpha)))

    def request(self, style: str = "studio-sweep", side: int = 600) -> RenderRequest:
        return RenderRequest(
            self.photo, self.cutout, StyleSpec(style), OutputSpec(side), only_tier=True
        )

    def render(self, request: RenderRequest) -> RenderFinished:
        run = Run(render_plan(request), on_event=lambda _: None, is_cancelled=lambda: False)
        return self.renderer.render(request, run)

    def evidence(
        self,
        request: RenderRequest,
        picture: bytes | None = None,
        placement: Placement | None = None,
    ) -> Evidence:
        result = read_result(picture or self.render(request).image.data)
        height, width = result.shape[:2]
        source = read_photo(request.photo, request.cutout)
        scene = scene_of(request, width=width, height=height, sets=self.renderer)
        return gather(source, result, placement or placement_of(request), scene)

    def kit(self, style: str = "studio-sweep") -> Kit:
        request = self.request(style)
        finished = self.render(request)
        picture, told = finished.image.data, finished.placement
        assert told is not None
        placement = Placement(told.width, told.height, told.scale, told.offset_x, told.offset_y)
        evidence = self.evidence(request, picture, placement)
        in_scene = evidence.scene is not None and find_style(style).family == SCENE_FAMILY
        context = Context(
            siblings=(summarise(evidence),) * 3, placement=placement if in_scene else None
        )
        return Kit(request, picture, evidence, self.render, self.folder, context)

    def _saved(self, name: str, rgb: RgbU8) -> PhotoSource:
        path = self.folder / name
        Image.fromarray(rgb).save(path)
        return PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest())


def _outline() -> RgbU8:
    """(H, W) uint8: a body with a round base, and a handle with a hole."""
    big = (_SIZE[0] * _SMOOTHING, _SIZE[1] * _SMOOTHING)
    image = Image.new("L", big, 0)
    draw = ImageDraw.Draw(image)

    def at(*values: int) -> list[int]:
        return [value * _SMOOTHING for value in values]

    draw.ellipse(at(560, 300, 760, 560), fill=255)
    draw.ellipse(at(610, 350, 710, 510), fill=0)
    draw.rectangle(at(200, 180, 620, 690), fill=255)
    draw.ellipse(at(200, 630, 620, 750), fill=255)
    return np.asarray(image.resize(_SIZE, Image.Resampling.BOX))


def _mug(rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) float: glaze with a label of bars and squares."""
    image = Image.new("RGB", _SIZE, (188, 62, 48))
    draw = ImageDraw.Draw(image)
    draw.rectangle((260, 300, 560, 560), fill=(238, 226, 200))
    for index in range(9):
        left = 280 + 30 * index
        draw.rectangle((left, 330, left + 14, 430), fill=(30, 36, 60))
        draw.rectangle((left, 460, left + 20, 480 + 6 * index), fill=(40, 90, 150))
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float64)
    return soft + rng.normal(0, 1.5, soft.shape)


@dataclass
class ReaderOfOneWord:
    """A reader that finds one word and reads in the result what the test says."""

    photo_says: str = "SOFTBOX"
    result_says: str = "SOFTBOX"
    calls: int = 0

    def find(self, rgb: RgbU8, *, longest_side_px: int, most: int) -> list[Quad]:
        height, width = rgb.shape[:2]
        left, top, right, bottom = 0.3 * width, 0.4 * height, 0.6 * width, 0.5 * height
        corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
        return [np.array(corners, dtype=np.float32)]

    def read(self, rgb: RgbU8, quads: Sequence[Quad]) -> list[Line]:
        self.calls += 1
        return [Line(self.photo_says if self.calls == 1 else self.result_says, 0.99)]


def png(rgb: RgbU8) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    return buffer.getvalue()


def like(summary: Summary, **changes: float) -> Summary:
    fields = {
        "fill": summary.fill,
        "centre_x": summary.centre_x,
        "centre_y": summary.centre_y,
        **changes,
    }
    return Summary(**fields, backdrop=summary.backdrop)


class MugFinder:
    """A segmenter that knows the wall's colour."""

    name = "mug-finder"
    version = "1"

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        distance = np.linalg.norm(rgb.astype(np.float32) - np.array(_OLD_BACKGROUND), axis=2)
        return np.asarray((distance / 60).clip(0, 1), dtype=np.float32)
