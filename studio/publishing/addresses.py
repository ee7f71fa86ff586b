"""The public names and addresses of published files."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from studio.publishing.models import Variant


def variant_name(variant: Variant) -> str:
    """The file name of a variant: its size and the start of its hash, so it is never reused."""
    return f"{variant.width}x{variant.height}-{variant.sha256[:16]}.{variant.format}"


def variant_path(variant: Variant) -> str:
    """The public path of a variant; what it shows never changes."""
    return reverse(
        "publishing:variant",
        kwargs={"publication": variant.publication.public_id, "name": variant_name(variant)},
    )


def variant_address(variant: Variant, request: HttpRequest | None = None) -> str:
    """The full address of a published file: under the CDN, else this site's own.

    Without a request and without a configured address only the path is known.
    """
    path = variant_path(variant)
    if settings.CONFIGURATION.cdn_url:
        return f"{settings.CONFIGURATION.cdn_url}{path}"
    if request is not None:
        return request.build_absolute_uri(path)
    return f"{settings.PUBLIC_URL}{path}"
