"""A contact sheet: product photos down, scenes across, every cell from the real pipeline."""

import hashlib
import io
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from inference.cutting import CUTOUT_PLAN, cut_out
from inference.errors import InferenceError, ParameterInvalid
from inference.networks.segmenter import Segmenter, load_segmenter
from inference.plates.library import PlateLibrary
from inference.rendering import Renderer, render_plan
from inference.requests import (
    CutoutRequest,
    CutoutSource,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.run import Run
from inference.scenes.fit import suits
from inference.sessions.pool import resolve_device
from inference.stage_cache import StageCache
from inference.styles.scene import scene_styles
from inference.styles.style import Style

_PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
_CACHE_BYTES = 1024 * 2**20
_LABEL_PX = 26
_PAPER, _INK, _WARNING = (255, 255, 255), (40, 40, 40), (176, 60, 30)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SheetOrder:
    """Which photos and scenes, how large the cells, and where every cell is also kept."""

    photos: Path
    side_px: int
    scenes: tuple[str, ...] = ()
    cells: Path | None = None


def draw_sheet_on(
    order: SheetOrder, *, folder: Path, device: str, network: str, say: Say
) -> Image.Image:
    """As `draw_sheet`, with an engine of its own on that device.

    Raises:
        WeightsMissing, WeightsCorrupt: the network cannot be loaded.
    """
    library, found = PlateLibrary(folder), resolve_device(device)
    return draw_sheet(
        order,
        library=library,
        renderer=Renderer(
            device=found, cache=StageCache(budget_bytes=_CACHE_BYTES), library=library
        ),
        segmenter=load_segmenter(network, device=found),
        device=found,
        say=say,
    )


def draw_sheet(
    order: SheetOrder,
    *,
    library: PlateLibrary,
    renderer: Renderer,
    segmenter: Segmenter,
    device: str,
    say: Say,
) -> Image.Image:
    """Cut every photo of a folder out and put it into every scene.

    A cell whose scene does not suit its photo is drawn all the same and says why. A cell that
    cannot be drawn shows the error.

    Raises:
        ParameterInvalid: the folder holds no photos, or a scene is unknown.
    """
    if not order.photos.is_dir():
        raise ParameterInvalid("photos", f"{order.photos} is not a folder.")
    photos = sorted(p for p in order.photos.iterdir() if p.suffix.lower() in _PHOTO_SUFFIXES)
    if not photos:
        raise ParameterInvalid("photos", f"{order.photos} holds no photos.")
    styles = _asked(library, order.scenes)
    cell = order.side_px
    size = (len(styles) * cell, len(photos) * (cell + _LABEL_PX))
    sheet = Image.new("RGB", size, _PAPER)
    with tempfile.TemporaryDirectory(prefix="softbox-sheet-") as folder:
        for row, path in enumerate(photos):
            say(path.name)
            try:
                source = _cut(path, Path(folder), segmenter, device)
            except InferenceError as error:
                _label(sheet, 0, row, cell, f"{path.name}: {error}", is_warning=True)
                continue
            for column, style in enumerate(styles):
                _draw_cell(sheet, (column, row), source, style, order, library, renderer)
    return sheet


def _asked(library: PlateLibrary, names: Sequence[str]) -> tuple[Style, ...]:
    styles = scene_styles(library)
    known = {style.slug: style for style in styles}
    unknown = [name for name in names if name not in known]
    if unknown or not styles:
        there = ", ".join(known) or "none"
        raise ParameterInvalid("scenes", f"No scene “{' '.join(unknown)}”; there are: {there}.")
    return tuple(known[name] for name in names) if names else styles


def _cut(
    path: Path, folder: Path, segmenter: Segmenter, device: str
) -> tuple[PhotoSource, CutoutSource]:
    photo = PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest())
    run = Run(CUTOUT_PLAN, on_event=lambda _: None, is_cancelled=lambda: False)
    cutout = cut_out(CutoutRequest(photo), run, segmenter, device=device)
    alpha = folder / f"{photo.sha256}.png"
    alpha.write_bytes(cutout.alpha_png)
    digest = hashlib.sha256(cutout.alpha_png).hexdigest()
    shadow = None
    if cutout.shadow_png:
        shadow = folder / f"{photo.sha256}-shadow.png"
        shadow.write_bytes(cutout.shadow_png)
    shadow_digest = hashlib.sha256(cutout.shadow_png).hexdigest() if shadow else ""
    return photo, CutoutSource(alpha, digest, cutout.measurements, shadow, shadow_digest)


def _draw_cell(
    sheet: Image.Image,
    place: tuple[int, int],
    source: tuple[PhotoSource, CutoutSource],
    style: Style,
    order: SheetOrder,
    library: PlateLibrary,
    renderer: Renderer,
) -> None:
    column, row = place
    photo, cutout = source
    cell = order.side_px
    request = RenderRequest(
        photo, cutout, StyleSpec(style.slug), OutputSpec(cell), tier=Tier.FINAL, only_tier=True
    )
    run = Run(render_plan(request), on_event=lambda _: None, is_cancelled=lambda: False)
    reason = suits(style, cutout.measurements, library=library)
    try:
        finished = renderer.render(request, run)
    except InferenceError as error:
        _label(sheet, column, row, cell, str(error), is_warning=True)
        return
    picture = Image.open(io.BytesIO(finished.image.data)).convert("RGB")
    sheet.paste(picture, (column * cell, row * (cell + _LABEL_PX)))
    if order.cells is not None:
        order.cells.mkdir(parents=True, exist_ok=True)
        picture.save(order.cells / f"{photo.path.stem}--{style.slug}.png")
    text = f"{photo.path.stem} · {style.slug}"
    _label(sheet, column, row, cell, reason or text, is_warning=reason is not None)


def _label(
    sheet: Image.Image, column: int, row: int, cell: int, text: str, *, is_warning: bool
) -> None:
    draw = ImageDraw.Draw(sheet)
    size = 12
    font = ImageFont.load_default(size)
    while size > 7 and draw.textlength(text, font=font) > cell - 8:
        size -= 1
        font = ImageFont.load_default(size)
    top = row * (cell + _LABEL_PX) + cell + 5
    draw.text((column * cell + 4, top), text, fill=_WARNING if is_warning else _INK, font=font)
