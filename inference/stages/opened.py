"""A photo decoded once at its own size: its cutout and its first full-quality picture share it."""

from functools import partial

from inference.requests import PhotoSource
from inference.stage_cache import StageCache, cache_key
from inference.stages.decode import DecodedPhoto, decode

# Raise it when `decode` gives other pixels: what was kept under the old one is not used.
VERSION = "1"


def opened(photo: PhotoSource, cache: StageCache) -> DecodedPhoto:
    """The whole photo, decoded unless the cache has it. Shared: not to be written to.

    Raises:
        PhotoUnreadable, PhotoAnimated, PhotoTooLarge, PhotoTooSmall: as `decode`.
    """
    key = cache_key(f"photo {VERSION}", photo.sha256)
    return cache.get_or_compute(key, partial(decode, photo.path), _size_bytes)


def _size_bytes(photo: DecodedPhoto) -> int:
    return photo.rgb.nbytes + (0 if photo.alpha is None else photo.alpha.nbytes)
