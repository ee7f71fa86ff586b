"""Changing the catalogue: products, photos and their cutouts."""

from studio.catalog.services.corrections import (
    add_strokes,
    keep_shadow,
    keep_subjects,
    photo_view_key,
    redo_correction,
    set_box,
    set_mask,
    set_translucency,
    start_over,
    undo_correction,
)
from studio.catalog.services.cutouts import execute_cutout, retry_cutout, start_cutout
from studio.catalog.services.garments import forget_points, keep_reading, place_points
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
    "add_strokes",
    "create_product",
    "execute_cutout",
    "forget_points",
    "keep_reading",
    "keep_shadow",
    "keep_subjects",
    "photo_view_key",
    "place_points",
    "product_from_upload",
    "redo_correction",
    "rename_product",
    "retry_cutout",
    "set_box",
    "set_mask",
    "set_translucency",
    "start_cutout",
    "start_over",
    "undo_correction",
]
