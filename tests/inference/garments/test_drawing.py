"""A flat lay becomes a picture on a mannequin, and a ghost on pure white."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inference.errors import GarmentUnreadable
from inference.events import Event, RenderFinished, StageStarted
from inference.garments.kinds import Kind
from inference.pixels.arrays import RgbU8
from inference.rendering import Renderer, render_plan
from inference.requests import (
    Aspect,
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
from inference.stage_cache import StageCache
from tests.inference.garments.flat_lays import FABRIC, FlatLay, draw_flat_lay


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(device="cpu", cache=StageCache(budget_bytes=256_000_000))


def request_of(
    folder: Path,
    lay: FlatLay,
    slug: str,
    *,
    tier: Tier = Tier.PREVIEW,
    params: dict[str, ParameterValue] | None = None,
) -> RenderRequest:
    photo, alpha = folder / "photo.jpg", folder / "alpha.png"
    photo.write_bytes(lay.jpeg())
    alpha.write_bytes(lay.alpha_png())
    rows, columns = np.flatnonzero(lay.alpha.any(axis=1)), np.flatnonzero(lay.alpha.any(axis=0))
    box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    height, width = lay.alpha.shape
    return RenderRequest(
        PhotoSource(photo, hashlib.sha256(photo.read_bytes()).hexdigest()),
        CutoutSource(
            alpha, hashlib.sha256(alpha.read_bytes()).hexdigest(), Measurements(width, height, box)
        ),
        StyleSpec(slug, params or {}),
        OutputSpec(320, Aspect.PORTRAIT_4_5),
        tier=tier,
        only_tier=True,
    )


def draw(renderer: Renderer, request: RenderRequest) -> tuple[RenderFinished, RgbU8, list[Event]]:
    events: list[Event] = []
    run = Run(render_plan(request), on_event=events.append, is_cancelled=lambda: False)
    finished = renderer.render(request, run)
    with Image.open(io.BytesIO(finished.image.data)) as image:
        return finished, np.asarray(image.convert("RGB")), events


def blueness(rgb: RgbU8) -> NDArray[np.bool_]:
    """Where a picture shows the drawn fabric."""
    red, _, blue = rgb.astype(int).transpose(2, 0, 1)
    return np.asarray(blue - red > 30)


def test_a_tee_is_worn_by_a_mannequin(renderer: Renderer, tmp_path: Path) -> None:
    lay = draw_flat_lay(Kind.TEE)
    finished, rgb, _ = draw(renderer, request_of(tmp_path, lay, "mannequin-woman"))
    worn = blueness(rgb)
    assert 0.08 < worn.mean() < 0.5
    rows = np.flatnonzero(worn.any(axis=1))
    # A head above it, bare arms and hips below.
    assert rows[0] > 0.15 * rgb.shape[0]
    assert finished.garment is not None
    assert finished.garment.kind == "t-shirt"
    middle = rgb[rows[0] + len(rows) * 2 // 3, rgb.shape[1] // 2]
    assert np.abs(middle.astype(int) - FABRIC).max() < 40


def test_a_ghost_stands_on_pure_white_and_shows_its_inside(
    renderer: Renderer, tmp_path: Path
) -> None:
    lay = draw_flat_lay(Kind.TEE)
    _, rgb, _ = draw(renderer, request_of(tmp_path, lay, "ghost-mannequin", tier=Tier.FINAL))
    border = np.concatenate([rgb[:4].reshape(-1, 3), rgb[:, :4].reshape(-1, 3)])
    assert border.min() == 255
    top = np.flatnonzero(blueness(rgb).any(axis=1))[0]
    centre = rgb[top : top + rgb.shape[0] // 4, rgb.shape[1] // 2].astype(int)
    # From the back neckline down: the inside, which is dark, then the front.
    assert centre[centre.sum(axis=1) < 700].sum(axis=1).min() < sum(FABRIC) - 60


def test_a_final_is_cut_sewn_and_draped_stage_by_stage(renderer: Renderer, tmp_path: Path) -> None:
    request = request_of(tmp_path, draw_flat_lay(Kind.TEE), "ghost-mannequin", tier=Tier.FINAL)
    _, _, events = draw(renderer, request)
    labels = [event.label for event in events if isinstance(event, StageStarted)]
    assert labels[2:6] == ["Cutting the pattern", "Sewing", "Draping 0 %", "Draping 20 %"]
    assert "Photographing" in labels
    truth = renderer.truth_of(request)
    assert truth is not None
    assert truth.bend < 0.02
    assert 0.4 < truth.small < 1 < truth.large < 1.7


def test_what_is_no_garment_is_refused_in_a_sentence(renderer: Renderer, tmp_path: Path) -> None:
    lay = draw_flat_lay(Kind.TEE, shift=(0.0, 0.3))
    with pytest.raises(GarmentUnreadable, match="cut off at the lower edge"):
        draw(renderer, request_of(tmp_path, lay, "mannequin-man"))
