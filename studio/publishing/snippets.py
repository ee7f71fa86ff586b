"""HTML and structured data made from published files, ready to paste or to show."""

import json
from collections import defaultdict
from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inference.provenance.terms import DigitalSourceType
from studio.catalog.models import Product
from studio.publishing.addresses import variant_address
from studio.publishing.models import Publication, Variant

# Browsers take the first source they can show, so the smallest files come first.
_SOURCE_ORDER = ("avif", "webp")
_SIZES = "(max-width: 640px) 100vw, 640px"


def ladder_of(publication: Publication) -> list[Variant]:
    """The files for one's own shop; where there are none, all of them."""
    variants = list(publication.variants.all())
    return [variant for variant in variants if variant.channel == "web"] or variants


def largest_of(variants: Sequence[Variant]) -> Variant:
    """The largest JPEG, else the largest file: what everything can show."""
    plain = [variant for variant in variants if variant.format == "jpeg"] or list(variants)
    return max(plain, key=lambda variant: variant.width)


def picture_snippet(
    publication: Publication, request: HttpRequest | None, *, is_first: bool = False
) -> SafeString:
    """A `<picture>` element with every size and format.

    Args:
        publication: with its variants.
        request: tells the address of this site where none is configured.
        is_first: the picture is the first thing on its page, so it is not loaded lazily.
    """
    variants = ladder_of(publication)
    by_format: dict[str, list[Variant]] = defaultdict(list)
    for variant in sorted(variants, key=lambda v: v.width):
        by_format[variant.format].append(variant)
    fallback = by_format.get("jpeg") or variants
    largest = largest_of(fallback)
    sources = format_html_join(
        "",
        '  <source type="image/{}" srcset="{}" sizes="{}">\n',
        (
            (name, _srcset(by_format[name], request), _SIZES)
            for name in _SOURCE_ORDER
            if name in by_format
        ),
    )
    return format_html(
        '<picture>\n{}  <img src="{}" srcset="{}" sizes="{}"\n'
        '       width="{}" height="{}" alt="{}" {}>\n</picture>',
        sources,
        variant_address(largest, request),
        _srcset(fallback, request),
        _SIZES,
        largest.width,
        largest.height,
        alt_text(publication),
        SafeString('fetchpriority="high"' if is_first else 'loading="lazy"'),
    )


def alt_text(publication: Publication) -> str:
    """What a picture shows, for those who do not see it."""
    return publication.render.photo.product.title


def structured_data(
    product: Product, publications: Sequence[Publication], request: HttpRequest
) -> str:
    """schema.org's Product with its pictures as JSON-LD, safe inside a script element."""
    data = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.title,
        **({"sku": product.sku} if product.sku else {}),
        "image": [_image_object(publication, request) for publication in publications],
    }
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _image_object(publication: Publication, request: HttpRequest) -> dict[str, object]:
    largest = largest_of(ladder_of(publication))
    image: dict[str, object] = {
        "@type": "ImageObject",
        "contentUrl": variant_address(largest, request),
        "width": largest.width,
        "height": largest.height,
        "encodingFormat": f"image/{largest.format}",
        "caption": alt_text(publication),
        "creditText": publication.workspace.name,
    }
    if publication.source_type:
        term = DigitalSourceType(publication.source_type)
        image["digitalSourceType"] = term.schema_org
    return image


def _srcset(variants: Sequence[Variant], request: HttpRequest | None) -> SafeString:
    return format_html_join(
        ", ",
        "{} {}w",
        ((variant_address(variant, request), variant.width) for variant in variants),
    )
