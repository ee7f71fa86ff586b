"""The catalogue's pages, and what their forms do without script."""

from studio.catalog.views.enhancing import (
    drop_enhancement,
    enhance,
    keep_enhancement,
    put_back,
    take_out,
)
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
    "drop_enhancement",
    "enhance",
    "garment",
    "keep_enhancement",
    "photo_view",
    "products",
    "put_back",
    "read_again",
    "rename",
    "retry_cutout",
    "sample_picture",
    "take_out",
]
