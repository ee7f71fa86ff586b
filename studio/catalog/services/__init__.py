"""Changing the catalogue: products, photos and their cutouts."""

from studio.catalog.services.cutouts import execute_cutout, retry_cutout, start_cutout
from studio.catalog.services.products import (
    add_photo,
    add_sample,
    create_product,
    product_from_upload,
    rename_product,
)

__all__ = [
    "add_photo",
    "add_sample",
    "create_product",
    "execute_cutout",
    "product_from_upload",
    "rename_product",
    "retry_cutout",
    "start_cutout",
]
