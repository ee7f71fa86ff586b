"""Publications as other programs read them."""

from collections.abc import Sequence

from django.http import HttpRequest

from inference.provenance.terms import DigitalSourceType
from studio.catalog.wire import Json
from studio.publishing.addresses import variant_address
from studio.publishing.models import Publication, Variant


def source_uri(publication: Publication) -> str:
    """IPTC's address of the picture's source type; "" where it was not recorded."""
    return DigitalSourceType(publication.source_type).uri if publication.source_type else ""


def variant_json(variant: Variant, request: HttpRequest | None = None) -> Json:
    """One file."""
    return {
        "channel": variant.channel,
        "format": variant.format,
        "width": variant.width,
        "height": variant.height,
        "bytes": variant.size_bytes,
        "sha256": variant.sha256,
        "url": variant_address(variant, request),
    }


def publication_event(
    publication: Publication, variants: Sequence[Variant], replaces: Publication | None
) -> Json:
    """What the webhook `publication.published` says."""
    product = publication.render.photo.product
    return {
        "publication": str(publication.public_id),
        "render": str(publication.render.public_id),
        "product": {"id": str(product.public_id), "title": product.title, "sku": product.sku},
        "channels": publication.channels,
        "digital_source_type": source_uri(publication),
        "photo_enhancements": list(publication.render.photo.enhancements),
        "replaces": str(replaces.public_id) if replaces else None,
        "files": [variant_json(variant) for variant in variants],
    }
