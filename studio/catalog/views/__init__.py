"""The catalogue's pages."""

from studio.catalog.views.garment import garment, read_again
from studio.catalog.views.products import (
    add_photos,
    add_sample,
    photo_view,
    products,
    rename,
    retry_cutout,
    sample_picture,
)

__all__ = [
    "add_photos",
    "add_sample",
    "garment",
    "photo_view",
    "products",
    "read_again",
    "rename",
    "retry_cutout",
    "sample_picture",
]
