"""Everything a training run draws from, on the GPU as bytes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from inference.training import teacher
from inference.training.meshes import surface_of
from inference.training.shapes import Workshop, made_up
from inference.training.splat import Surface, drawn
from inference.training.trunk import Trunk

CUTOUT_PX, PHOTO_PX, BACKDROP_PX = 576, 448, 640
_WORKERS = 16
_PATCH_PX = 256
_VIEWS_OF_A_MODEL, _VIEWS_OF_A_SHAPE = 28, 3
# Share of the frame a pasted subject covers.
_LEAST_AREA, _MOST_AREA = 0.03, 0.8


_Reader = Callable[[Path], tuple[NDArray[np.uint8], tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Bytes on square canvases, picture at the top left.

    `pixels` is (B, C, S, S) uint8; `sizes` is (B, 2) float32, width and height inside the canvas.
    """

    pixels: torch.Tensor
    sizes: torch.Tensor

    def chosen(self, which: torch.Tensor) -> "Pictures":
        return Pictures(self.pixels[which], self.sizes[which])


@dataclass(frozen=True, slots=True)
class Bank:
    """Cut-outs (RGBA), backdrops (RGB), frames (RGB, mask), photos (RGB, matte, sure)."""

    cutouts: Pictures
    backdrops: Pictures
    frames: Pictures
    photos: Pictures

    def counts(self) -> dict[str, int]:
        return {
            "cutouts": len(self.cutouts.pixels),
            "backdrops": len(self.backdrops.pixels),
            "frames": len(self.frames.pixels),
            "photos": len(self.photos.pixels),
        }


def filled(
    data: Path, teachers: Sequence[Trunk], device: torch.device, *, seed: int, shapes: int
) -> Bank:
    """Read the pack, label its photos, and render models and made-up shapes."""
    backdrops = _read(_files(data / "backgrounds"), _backdrop, device)
    frames = _read(_files(data / "masked" / "images"), _frame, device)
    bare = _read(_files(data / "unlabelled"), partial(_on_canvas, side=PHOTO_PX), device)
    given = _read(
        _files(data / "cutouts"), partial(_on_canvas, side=CUTOUT_PX, mode="RGBA"), device
    )
    mattes, sure, doubts = teacher.labelled(teachers, bare.pixels, bare.sizes)
    photos = Pictures(torch.cat([bare.pixels, mattes, sure], 1), bare.sizes)
    pasted = _pasted(photos, doubts)
    chance = torch.Generator().manual_seed(seed)
    rendered = _rendered(sorted((data / "models3d").glob("*.glb")), chance, device)
    shop = Workshop(chance, device, _patches(backdrops, bare))
    made: list[torch.Tensor] = []
    for _ in range(shapes // _VIEWS_OF_A_SHAPE):
        made += _views(made_up(shop), _VIEWS_OF_A_SHAPE, chance)
    whole = torch.full((len(rendered) + len(made), 2), float(CUTOUT_PX), device=device)
    cutouts = Pictures(
        torch.cat([given.pixels, pasted.pixels, torch.stack(rendered + made)]),
        torch.cat([given.sizes, pasted.sizes, whole]),
    )
    return Bank(cutouts, backdrops, frames, photos.chosen(doubts < teacher.MOST_UNSURE))


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix in {".jpg", ".png", ".webp"})


def _read(paths: list[Path], read: _Reader, device: torch.device) -> Pictures:
    with ProcessPoolExecutor(_WORKERS) as pool:
        found: list[tuple[NDArray[np.uint8], tuple[int, int]]] = list(
            pool.map(read, paths, chunksize=8)
        )
    pixels = torch.from_numpy(np.stack([a for a, _ in found])).permute(0, 3, 1, 2)
    sizes = torch.tensor([size for _, size in found], dtype=torch.float32)
    return Pictures(pixels.contiguous().to(device), sizes.to(device))


def _on_canvas(
    path: Path, side: int, mode: str = "RGB"
) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    image = Image.open(path).convert(mode)
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    canvas = Image.new(mode, (side, side))
    canvas.paste(image.resize((width, height), Image.Resampling.LANCZOS), (0, 0))
    return np.asarray(canvas), (width, height)


def _frame(path: Path) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    pixels, size = _on_canvas(path, 640)
    mask, _ = _on_canvas(path.parent.parent / "masks" / f"{path.stem}.png", 640, "L")
    return np.dstack([pixels, mask]), size


def _backdrop(path: Path) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    image = Image.open(path).convert("RGB")
    scale = BACKDROP_PX / min(image.size)
    width, height = (max(BACKDROP_PX, round(length * scale)) for length in image.size)
    image = image.resize((width, height), Image.Resampling.LANCZOS)
    left, top = (width - BACKDROP_PX) // 2, (height - BACKDROP_PX) // 2
    cropped = image.crop((left, top, left + BACKDROP_PX, top + BACKDROP_PX))
    return np.asarray(cropped), (BACKDROP_PX, BACKDROP_PX)


def _pasted(photos: Pictures, doubts: torch.Tensor) -> Pictures:
    """The surest photos as cut-outs; their edge is moved inwards, off the old background."""
    found, sizes = [], []
    for at in torch.nonzero(doubts < teacher.MOST_UNSURE_TO_PASTE)[:, 0].tolist():
        width, height = photos.sizes[at].int().tolist()
        matte = photos.pixels[at : at + 1, 3:4].float() / 255
        area = float((matte > 0.5).float().sum()) / (width * height)
        if not _LEAST_AREA < area < _MOST_AREA or _cut_off(matte[0, 0, :height, :width]):
            continue
        inner = -functional.max_pool2d(-matte, 3, 1, 1)
        alpha = ((inner - 0.45) / 0.45).clamp(0, 1)
        cutout = torch.cat([photos.pixels[at : at + 1, :3].float() / 255, alpha], 1)
        scale = CUTOUT_PX / PHOTO_PX
        larger = functional.interpolate(cutout, size=(CUTOUT_PX, CUTOUT_PX), mode="bilinear")
        found.append((larger * 255).round().byte()[0])
        sizes.append([width * scale, height * scale])
    return Pictures(torch.stack(found), torch.tensor(sizes, device=photos.sizes.device))


def _cut_off(matte: torch.Tensor) -> bool:
    """The subject runs out of the frame, so its outline is partly the photo's edge."""
    edges = torch.cat([matte[0], matte[-1], matte[:, 0], matte[:, -1]])
    return float((edges > 0.5).float().mean()) > 0.02


def _patches(backdrops: Pictures, photos: Pictures) -> torch.Tensor:
    """Squares of real pictures to cover shapes with."""
    size = (_PATCH_PX, _PATCH_PX)
    one = functional.interpolate(backdrops.pixels[:, :, 160:480, 160:480].float(), size=size)
    two = photos.pixels[:, :, 96:352, 32:288][::4].float()
    return torch.cat([one, functional.interpolate(two, size=size)]).byte()


def _rendered(
    paths: list[Path], chance: torch.Generator, device: torch.device
) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    for path in paths:
        found += _views(surface_of(path, device), _VIEWS_OF_A_MODEL, chance)
    return found


def _views(surface: Surface, views: int, chance: torch.Generator) -> list[torch.Tensor]:
    pictures = (drawn(surface, CUTOUT_PX, chance) for _ in range(views))
    return [(picture * 255).round().byte() for picture in pictures]
