"""Products and their photos."""

import re
from pathlib import Path

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from inference.errors import InferenceError
from inference.stages.decode import PhotoFacts, probe, source_thumbnail
from studio.accounts.selectors import Actor
from studio.catalog.models import Photo, Product
from studio.catalog.selectors import photo_of, sample_products
from studio.catalog.services.cutouts import start_cutout
from studio.core.errors import Conflict, Invalid, NotFound
from studio.core.ids import uuid7
from studio.core.storage import save_bytes, save_file, sha256_of
from studio.core.uploads import on_disk

THUMB_SIDE_PX = 640
_ENDINGS = {"JPEG": "jpg", "MPO": "jpg", "TIFF": "tif", "HEIF": "heic"}


def create_product(*, actor: Actor, title: str, sku: str = "") -> Product:
    """Add a product to the workspace.

    Raises:
        Invalid: no title, or one that is too long.
        Conflict: the SKU is taken.
    """
    actor.require_seller()
    title, sku = _clean_title(title), _clean_sku(sku)
    try:
        with transaction.atomic():
            return Product.objects.create(
                workspace=actor.workspace, title=title, sku=sku, created_by=actor.user
            )
    except IntegrityError as error:
        raise Conflict(f"There is a product with the SKU “{sku}” already.", field="sku") from error


def rename_product(*, actor: Actor, product: Product, title: str, sku: str) -> Product:
    """Change a product's title and SKU; errors as for `create_product`."""
    actor.require_seller()
    product.title, product.sku = _clean_title(title), _clean_sku(sku)
    try:
        with transaction.atomic():
            product.save(update_fields=["title", "sku"])
    except IntegrityError as error:
        raise Conflict(
            f"There is a product with the SKU “{product.sku}” already.", field="sku"
        ) from error
    return product


def add_photo(*, actor: Actor, product: Product, file: "File[bytes]") -> Photo:
    """Keep an uploaded original and start cutting it out.

    The same file uploaded twice to one product is one photo.

    Raises:
        Invalid: not a photo, damaged, animated, too small or too many pixels; the sentence says.
        StorageFull: no room; nothing was kept.
    """
    actor.require_seller()
    sha256 = sha256_of(file)
    existing = Photo.objects.filter(product=product, sha256=sha256).first()
    if existing is not None:
        return photo_of(actor, existing.public_id)
    facts, thumb = _inspect(file)
    public_id = uuid7()
    folder = f"w/{actor.workspace.public_id}/photos/{public_id}"
    ending = _ENDINGS.get(facts.format, facts.format.lower())
    original_key, thumb_key = f"{folder}/original.{ending}", f"{folder}/thumb.webp"
    save_file(original_key, file)
    save_bytes(thumb_key, thumb)
    try:
        with transaction.atomic():
            photo = Photo.objects.create(
                public_id=public_id,
                workspace=actor.workspace,
                product=product,
                original_key=original_key,
                thumb_key=thumb_key,
                file_name=Path(file.name or "photo").name[:200],
                sha256=sha256,
                size_bytes=file.size,
                width=facts.width,
                height=facts.height,
                format=facts.format,
                uploaded_by=actor.user,
            )
            Product.objects.filter(pk=product.pk).update(touched_at=timezone.now())
            start_cutout(photo)
    except IntegrityError:
        # Somebody dropped the same file at the same moment; theirs is this photo.
        photo = Photo.objects.get(product=product, sha256=sha256)
    return photo_of(actor, photo.public_id)


def product_from_upload(*, actor: Actor, file: "File[bytes]", title: str = "") -> Photo:
    """Make a product from one photo, named after the file unless a title is given."""
    with transaction.atomic():
        product = create_product(actor=actor, title=title.strip() or title_from_file(file.name))
        return add_photo(actor=actor, product=product, file=file)


def add_sample(*, actor: Actor, name: str) -> Product:
    """Put one of the shipped sample products into the workspace.

    Raises:
        NotFound: no sample of that name.
    """
    sample = next((s for s in sample_products() if s.file == name), None)
    if sample is None:
        raise NotFound("There is no such sample.")
    existing = Product.objects.filter(workspace=actor.workspace, sku=sample.sku).first()
    product = existing or create_product(actor=actor, title=sample.title, sku=sample.sku)
    with sample.path.open("rb") as opened:
        add_photo(actor=actor, product=product, file=File(opened, name=sample.file))
    return product


def title_from_file(name: str | None) -> str:
    """A readable title: "IMG_20250101-red_mug.jpg" becomes "IMG 20250101 red mug"."""
    words = re.sub(r"[\s_\-.]+", " ", Path(name or "").stem).strip()
    return (words[:1].upper() + words[1:])[:200] or "Untitled product"


def _inspect(file: "File[bytes]") -> tuple[PhotoFacts, bytes]:
    """The photo's facts and its thumbnail; making it reads the whole file, so damage shows now."""
    try:
        with on_disk(file) as path:
            return inspect_photo(path)
    except InferenceError as error:
        raise Invalid(str(error), field="file") from error


def inspect_photo(path: Path) -> tuple[PhotoFacts, bytes]:
    """A file's facts and its thumbnail.

    Raises:
        InferenceError: it is no photo, or not one that can be used.
    """
    return probe(path), source_thumbnail(path, THUMB_SIDE_PX).data


def _clean_title(title: str) -> str:
    title = " ".join(title.split())
    if not 1 <= len(title) <= 200:
        raise Invalid("Give the product a title of up to 200 characters.", field="title")
    return title


def _clean_sku(sku: str) -> str:
    sku = sku.strip()
    if len(sku) > 80:
        raise Invalid("A SKU has up to 80 characters.", field="sku")
    return sku
