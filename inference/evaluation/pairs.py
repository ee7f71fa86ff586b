"""Folders of photos with true masks: `images/` and `masks/`, the same stems in both."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from inference.errors import PhotoUnreadable
from inference.pixels.arrays import AlphaF32

PHOTO_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".gif"}
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A photo and its true mask. `group` is the stem's text before the first underscore."""

    photo: Path
    mask: Path

    @property
    def stem(self) -> str:
        return self.photo.stem

    @property
    def group(self) -> str:
        return self.stem.partition("_")[0]


def photos_in(folder: Path) -> list[Path]:
    """The photos that lie in a folder, by name; files of other kinds are left out."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.suffix.lower() in PHOTO_SUFFIXES
    )


def find_pairs(folder: Path) -> list[Pair]:
    """Every photo under `images/` with its mask under `masks/`.

    Raises:
        PhotoUnreadable: a folder is missing, there is no photo, or a photo has no mask.
    """
    for name in ("images", "masks"):
        if not (folder / name).is_dir():
            raise PhotoUnreadable(f"{folder} has no folder called “{name}”.")
    masks = {path.stem: path for path in photos_in(folder / "masks")}
    photos = photos_in(folder / "images")
    if not photos:
        raise PhotoUnreadable(f"There is no photo in {folder / 'images'}.")
    without = [photo.name for photo in photos if photo.stem not in masks]
    if without:
        raise PhotoUnreadable(f"{len(without)} photos have no mask; the first is {without[0]}.")
    return [Pair(photo, masks[photo.stem]) for photo in photos]


def read_mask(path: Path) -> AlphaF32:
    """The (H, W) float32 alpha, 0..1, of a mask's file: its alpha channel, or else its grey.

    Raises:
        PhotoUnreadable: the file is not a picture.
    """
    try:
        with Image.open(path) as image:
            image.load()
            has_alpha = image.mode in ("LA", "RGBA", "PA")
            grey = image.getchannel("A") if has_alpha else image.convert("L")
    except (UnidentifiedImageError, OSError) as error:
        raise PhotoUnreadable(f"{path.name} is not a mask we can read.") from error
    return np.asarray(grey, dtype=np.float32) / np.float32(255)
