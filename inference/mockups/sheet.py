"""A contact sheet: mockups down, artworks across, every cell from the real pipeline."""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from inference.errors import ParameterInvalid
from inference.mockups.artworks import draw_artworks
from inference.mockups.library import MockupLibrary
from inference.rendering import Renderer, render_plan
from inference.requests import (
    Box,
    CutoutSource,
    Measurements,
    OutputSpec,
    ParameterValue,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.run import Run
from inference.sessions.pool import resolve_device
from inference.stage_cache import StageCache
from inference.stages.decode import decode

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
_CACHE_BYTES = 512 * 2**20
_LABEL_PX = 22
_PAPER, _INK = (255, 255, 255), (40, 40, 40)
# Artwork whose name says so is laid out as a seller would.
_LAYOUTS = {"pattern": "tile", "photo": "fill", "dark": "fill"}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ArtworkSheet:
    """Which artworks and mockups, how large the cells, and where every cell is also kept."""

    artworks: Path
    side_px: int
    mockups: tuple[str, ...] = ()
    cells: Path | None = None


def draw_artwork_sheet(order: ArtworkSheet, *, folder: Path, device: str, say: Say) -> Image.Image:
    """Print every artwork of a folder on every mockup; an empty folder gets our own six first.

    Raises:
        ParameterInvalid: a mockup is unknown, or none is installed.
    """
    artworks = _artworks(order.artworks)
    library, found = MockupLibrary(folder), resolve_device(device)
    renderer = Renderer(device=found, cache=StageCache(budget_bytes=_CACHE_BYTES), mockups=library)
    rows = _plates(library, order.mockups)
    cell = order.side_px
    sheet = Image.new("RGB", (len(artworks) * cell, len(rows) * (cell + _LABEL_PX)), _PAPER)
    for row, (mockup, view) in enumerate(rows):
        say(f"{mockup} {view}".strip())
        for column, path in enumerate(artworks):
            params: dict[str, ParameterValue] = {"layout": _layout_of(path)}
            if view and len(library.views(mockup)) > 1:
                params["view"] = view
            picture = print_one(renderer, library, mockup, path, params, cell)
            sheet.paste(picture, (column * cell, row * (cell + _LABEL_PX)))
            if order.cells is not None:
                order.cells.mkdir(parents=True, exist_ok=True)
                name = f"{mockup}-{view}" if view else mockup
                picture.save(order.cells / f"{name}--{path.stem}.png")
            _label(sheet, column, row, cell, f"{mockup} {view} · {path.stem}")
    return sheet


def print_one(
    renderer: Renderer,
    library: MockupLibrary,
    mockup: str,
    path: Path,
    params: dict[str, ParameterValue],
    side_px: int,
) -> Image.Image:
    """One artwork on one mockup, through the whole pipeline's last tier."""
    facts = decode(path)
    width, height = facts.native_width, facts.native_height
    photo = PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest())
    # Printed as it is, so no cutout is read.
    cutout = CutoutSource(path, photo.sha256, Measurements(width, height, Box(0, 0, width, height)))
    request = RenderRequest(
        photo,
        cutout,
        StyleSpec(mockup, params),
        OutputSpec(side_px),
        tier=Tier.FINAL,
        only_tier=True,
    )
    run = Run(render_plan(request, library), on_event=lambda _: None, is_cancelled=lambda: False)
    finished = renderer.render(request, run)
    return Image.open(io.BytesIO(finished.image.data)).convert("RGB")


def _artworks(folder: Path) -> Sequence[Path]:
    found = sorted(p for p in folder.glob("*") if p.suffix.lower() in _SUFFIXES)
    return found or draw_artworks(folder)


def _plates(library: MockupLibrary, names: tuple[str, ...]) -> list[tuple[str, str]]:
    unknown = [name for name in names if not library.views(name)]
    if unknown or not library.plates:
        there = ", ".join(library.mockups()) or "none"
        raise ParameterInvalid("scenes", f"No mockup “{' '.join(unknown)}”; there are: {there}.")
    wanted = names or library.mockups()
    return [(info.mockup, info.view) for info in library.plates if info.mockup in wanted]


def _layout_of(path: Path) -> str:
    return next((layout for word, layout in _LAYOUTS.items() if word in path.stem), "fit")


def _label(sheet: Image.Image, column: int, row: int, cell: int, text: str) -> None:
    draw = ImageDraw.Draw(sheet)
    top = row * (cell + _LABEL_PX) + cell + 4
    draw.text((column * cell + 4, top), text, fill=_INK, font=ImageFont.load_default(12))
