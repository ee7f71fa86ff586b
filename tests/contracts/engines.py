"""The engines that the contract suite runs on, and the photo that it shows them."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.errors import WeightsMissing
from inference.events import CutoutFinished, EncodedImage, Event, RenderFinished
from inference.networks.weights import installed_path
from inference.protocol import Engine
from inference.remote import RemoteEngine
from inference.requests import (
    CutoutRequest,
    CutoutSource,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
)
from inference.synthetic import synthetic_photo
from inference.testing import FakeEngine

PHOTO_SIZE = (720, 960)
# The two exact styles that need no plate; every engine must know them.
STYLES = ("pure-white", "studio-sweep")

Build = Callable[[], Engine]


def build_real(device: str) -> Engine:
    """The real engine, or a skip that says what is missing."""
    from inference.engine import RenderEngine

    try:
        installed_path("softbox-matte")
    except WeightsMissing as error:
        pytest.skip(f"The real engine cannot run here: {error}")
    return RenderEngine(device=device)


BUILDERS: dict[str, Build] = {
    "fake": FakeEngine,
    "remote": lambda: RemoteEngine("inference.testing:FakeEngine"),
    "real-cpu": lambda: build_real("cpu"),
    "real-gpu": lambda: build_real("cuda:0"),
}


def save_photo(path: Path, rgb: np.ndarray, *, orientation: int = 1) -> PhotoSource:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(rgb).save(path, quality=92, exif=exif)
    return PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest())


def vase_before_paper() -> tuple[np.ndarray, np.ndarray]:
    """(H, W, 3) uint8 sRGB of a vase before pale paper, and its true alpha, (H, W) uint8."""
    rgb, alpha = synthetic_photo(*PHOTO_SIZE)
    share = alpha[..., None].astype(np.float32) / 255
    return (rgb * share + 226 * (1 - share)).astype(np.uint8), alpha


@dataclass(frozen=True)
class Scene:
    """A photo with its stored cutout."""

    photo: PhotoSource
    cutout: CutoutSource
    finished: CutoutFinished
    true_alpha: np.ndarray

    def request(self, style: str = "pure-white", **params: float | str) -> RenderRequest:
        return RenderRequest(
            photo=self.photo,
            cutout=self.cutout,
            style=StyleSpec(style, params),
            output=OutputSpec(640),
        )


def render(engine: Engine, request: RenderRequest) -> tuple[RenderFinished, list[Event]]:
    events: list[Event] = []
    finished = engine.render(request, on_event=events.append, is_cancelled=lambda: False)
    return finished, events


def cut_out(engine: Engine, photo: PhotoSource) -> tuple[CutoutFinished, list[Event]]:
    events: list[Event] = []
    finished = engine.cut_out(
        CutoutRequest(photo), on_event=events.append, is_cancelled=lambda: False
    )
    return finished, events


def pixels(image: EncodedImage) -> np.ndarray:
    """The decoded picture; its size and type are those that the engine claims."""
    opened = Image.open(io.BytesIO(image.data))
    assert opened.size == (image.width, image.height)
    assert Image.MIME[opened.format or ""] == image.media_type
    return np.asarray(opened.convert("RGB"))


def make_scene(engine: Engine, folder: Path) -> Scene:
    """Photograph the vase and let the engine cut it out."""
    rgb, true_alpha = vase_before_paper()
    photo = save_photo(folder / "photo.jpg", rgb)
    finished, _ = cut_out(engine, photo)
    alpha_path = folder / "alpha.png"
    alpha_path.write_bytes(finished.alpha_png)
    digest = hashlib.sha256(finished.alpha_png).hexdigest()
    cutout = CutoutSource(alpha_path, digest, finished.measurements)
    return Scene(photo, cutout, finished, true_alpha)
