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
from studio.catalog.services.enhancing import (
    EnhancementOrder,
    cancel_enhancement,
    drop_enhancement,
    execute_enhancement,
    keep_enhancement,
    order_enhancement,
    purge_enhancements,
    put_back_version,
    take_out_version,
)
from studio.catalog.services.facts import say_of_product
from studio.catalog.services.garments import forget_points, keep_reading, place_points
from studio.catalog.services.products import (
    add_photo,
    add_sample,
    create_product,
    product_from_upload,
    rename_product,
)

__all__ = [
    "EnhancementOrder",
    "add_photo",
    "add_sample",
    "add_strokes",
    "cancel_enhancement",
    "create_product",
    "drop_enhancement",
    "execute_cutout",
    "execute_enhancement",
    "forget_points",
    "keep_enhancement",
    "keep_reading",
    "keep_shadow",
    "keep_subjects",
    "order_enhancement",
    "photo_view_key",
    "place_points",
    "product_from_upload",
    "purge_enhancements",
    "put_back_version",
    "redo_correction",
    "rename_product",
    "retry_cutout",
    "say_of_product",
    "set_box",
    "set_mask",
    "set_translucency",
    "start_cutout",
    "start_over",
    "take_out_version",
    "undo_correction",
]
