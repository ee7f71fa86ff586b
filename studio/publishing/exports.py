"""What leaves the studio in one file: an archive, and tables that shops import."""

import csv
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import slugify

from studio.catalog.models import Product
from studio.core.channels import CHANNELS
from studio.core.storage import read_bytes
from studio.publishing.addresses import variant_address
from studio.publishing.models import Publication, Variant
from studio.publishing.snippets import alt_text, ladder_of, largest_of
from studio.publishing.wire import source_uri

# Google Merchant: ten additional pictures (support.google.com/merchants/answer/6324370).
_ADDITIONAL = 10
# A cell that begins like this is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ProductPictures:
    """A product with its live publications, oldest first: the first approved look leads."""

    product: Product
    publications: tuple[Publication, ...]

    @property
    def handle(self) -> str:
        """A name for addresses: letters, digits and dashes, unlike any other product's."""
        words = slugify(self.product.title) or "product"
        return words if not self.product.sku else f"{words}-{slugify(self.product.sku)}"


def by_product(publications: Iterable[Publication]) -> list[ProductPictures]:
    """Group live publications by product, products by title."""
    groups: dict[int, list[Publication]] = defaultdict(list)
    for publication in publications:
        if publication.withdrawn_at is None:
            groups[publication.render.photo.product_id].append(publication)
    pictures = [
        ProductPictures(
            group[0].render.photo.product, tuple(sorted(group, key=lambda p: p.created_at))
        )
        for group in groups.values()
    ]
    return sorted(pictures, key=lambda each: (each.product.title.casefold(), each.product.pk))


def file_for(publication: Publication, channel: str) -> Variant:
    """The file that a channel should import: its own, else the shop's largest JPEG."""
    own = [v for v in publication.variants.all() if v.channel == channel]
    return largest_of(own or ladder_of(publication))


def variant_file_name(variant: Variant, *, number: int) -> str:
    """The name that the variant's channel wants."""
    product = variant.publication.render.photo.product
    channel = CHANNELS.get(variant.channel, CHANNELS["web"])
    return channel.file_name(
        sku=product.sku,
        title=product.title,
        number=number,
        width=variant.width,
        height=variant.height,
        format=variant.format,
    )


def write_archive(
    target: IO[bytes], pictures: Sequence[ProductPictures], request: HttpRequest | None
) -> None:
    """A ZIP with a folder for each product and channel, and `manifest.json`."""
    files: list[dict[str, object]] = []
    # Pictures are compressed already.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for each in pictures:
            for number, publication in enumerate(each.publications, start=1):
                for variant in publication.variants.all():
                    path = _unused(
                        f"{each.handle}/{variant.channel}/"
                        f"{variant_file_name(variant, number=number)}",
                        archive.NameToInfo,
                    )
                    archive.writestr(path, read_bytes(variant.key))
                    files.append(_manifest_entry(path, publication, variant, request))
        manifest = {"made_at": timezone.now().isoformat(), "files": files}
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))


def shopify_csv(pictures: Sequence[ProductPictures], request: HttpRequest | None) -> str:
    """A product CSV for Shopify: one row for each picture, the title in a product's first row.

    Columns left out keep their values in the shop when products are overwritten.

    Source: help.shopify.com/en/manual/products/import-export/using-csv, read 2026-11.
    """
    rows = []
    for each in pictures:
        for position, publication in enumerate(each.publications, start=1):
            address = variant_address(file_for(publication, "shopify"), request)
            title = each.product.title if position == 1 else ""
            rows.append([title, each.handle, address, str(position), alt_text(publication)])
    return _table(
        ["Title", "URL handle", "Product image URL", "Image position", "Image alt text"], rows
    )


def woocommerce_csv(pictures: Sequence[ProductPictures], request: HttpRequest | None) -> str:
    """A product CSV for WooCommerce: one row for each product, its pictures separated by commas.

    Source: github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema, read 2026-11.
    """
    rows = []
    for each in pictures:
        addresses = [variant_address(file_for(p, "web"), request) for p in each.publications]
        sku = each.product.sku or each.handle
        rows.append(["simple", sku, each.product.title, ", ".join(addresses)])
    return _table(["Type", "SKU", "Name", "Images"], rows)


def google_feed(pictures: Sequence[ProductPictures], request: HttpRequest | None) -> str:
    """A supplemental feed for Google Merchant: pictures for products that it knows by id.

    Prices and stock are the shop's, so this is no primary feed.

    Source: support.google.com/merchants/answer/7439882 and /6324350, read 2026-11.
    """
    rows = []
    for each in pictures:
        addresses = [variant_address(file_for(p, "google"), request) for p in each.publications]
        additional = ",".join(addresses[1 : 1 + _ADDITIONAL])
        rows.append([each.product.sku or each.handle, addresses[0], additional])
    return _table(["id", "image_link", "additional_image_link"], rows, delimiter="\t")


def _table(header: list[str], rows: Iterable[list[str]], *, delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows([_no_formula(cell) for cell in row] for row in rows)
    return text.getvalue()


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unused(path: str, taken: Iterable[str]) -> str:
    """Products of one name, and pictures of one size, get a number."""
    stem, _, ending = path.rpartition(".")
    tried, number = path, 2
    while tried in taken:
        tried, number = f"{stem}-{number}.{ending}", number + 1
    return tried


def _manifest_entry(
    path: str, publication: Publication, variant: Variant, request: HttpRequest | None
) -> dict[str, object]:
    product = publication.render.photo.product
    return {
        "file": path,
        "product": product.title,
        "sku": product.sku,
        "channel": variant.channel,
        "preset_version": publication.presets.get(variant.channel, ""),
        "width": variant.width,
        "height": variant.height,
        "bytes": variant.size_bytes,
        "sha256": variant.sha256,
        "url": variant_address(variant, request),
        "alt": alt_text(publication),
        "digital_source_type": source_uri(publication),
        "approved_sha256": publication.source_sha256,
        "publication": str(publication.public_id),
    }
