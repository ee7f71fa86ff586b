"""What is published: the list, one publication with its files, publishing and withdrawing."""

from collections import defaultdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_page
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.core.errors import Conflict, Invalid, NotAllowed
from studio.core.storage import file_url
from studio.publishing.addresses import variant_address, variant_path
from studio.publishing.channels import CHANNELS
from studio.publishing.models import Publication, Variant
from studio.publishing.selectors import publication_of, publications_of
from studio.publishing.services import publish, withdraw
from studio.renders.models import Render
from studio.renders.selectors import render_of

# Browsers take the first source they can show, so the smallest files come first.
_SOURCE_ORDER = ("avif", "webp")
_SIZES = "(max-width: 640px) 100vw, 640px"


@require_GET
@with_actor
def published(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every publication of the workspace, newest first."""
    cards = [_card(publication) for publication in publications_of(actor)]
    return render_page(
        request, "publishing/published.html", {"section": "published", "cards": cards}
    )


@require_GET
@with_actor
def publication_page(request: HttpRequest, actor: Actor, publication: UUID) -> HttpResponse:
    """One publication: its files, a snippet to paste, and withdrawing."""
    shown = publication_of(actor, publication)
    variants = list(shown.variants.all())
    context = {
        "section": "published",
        "card": _card(shown),
        "publication": shown,
        "decision": getattr(shown.render, "decision", None),
        "variants": [_variant_row(request, variant) for variant in variants],
        "snippet": picture_snippet(request, shown, variants),
        "studio_url": _studio_url(shown.render),
    }
    return render_page(request, "publishing/publication.html", context)


@require_POST
@with_actor
def publish_render(request: HttpRequest, actor: Actor, render: UUID) -> HttpResponse:
    """Publish an approved picture; anything else goes back to the studio page with the reason."""
    found = render_of(actor, render)
    channels = request.POST.getlist("channels") or ["web"]
    try:
        publication = publish(actor=actor, render=found, channels=channels)
    except (Conflict, Invalid, NotAllowed) as error:
        messages.error(request, str(error))
        return redirect(_studio_url(found))
    messages.success(request, "Published. The files below are ready to use.")
    return redirect("publishing:publication", publication=publication.public_id)


@require_POST
@with_actor
def withdraw_publication(request: HttpRequest, actor: Actor, publication: UUID) -> HttpResponse:
    """Stop showing a publication's files."""
    found = publication_of(actor, publication)
    try:
        withdraw(actor=actor, publication=found)
    except (Conflict, NotAllowed) as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            "Withdrawn. The files’ addresses answer “not found” from now on; "
            "you can publish the picture again from its product.",
        )
    return redirect("publishing:publication", publication=found.public_id)


def picture_snippet(request: HttpRequest, publication: Publication, variants: list[Variant]) -> str:
    """A `<picture>` element with every size and format, ready to paste into a shop's page."""
    by_format: dict[str, list[Variant]] = defaultdict(list)
    for variant in sorted(variants, key=lambda v: v.width):
        by_format[variant.format].append(variant)
    fallback = by_format.get("jpeg") or by_format.get("jpg") or variants
    largest = max(fallback, key=lambda v: v.width)
    sources = format_html_join(
        "",
        '  <source type="image/{}" srcset="{}" sizes="{}">\n',
        (
            (name, _srcset(request, by_format[name]), _SIZES)
            for name in _SOURCE_ORDER
            if name in by_format
        ),
    )
    return format_html(
        '<picture>\n{}  <img src="{}" srcset="{}" sizes="{}"\n'
        '       width="{}" height="{}" alt="{}" loading="lazy">\n</picture>',
        sources,
        _absolute(request, largest),
        _srcset(request, fallback),
        _SIZES,
        largest.width,
        largest.height,
        publication.render.photo.product.title,
    )


def _srcset(request: HttpRequest, variants: list[Variant]) -> SafeString:
    return format_html_join(
        ", ", "{} {}w", ((_absolute(request, variant), variant.width) for variant in variants)
    )


def _absolute(request: HttpRequest, variant: Variant) -> str:
    return variant_address(variant, request)


def _variant_row(request: HttpRequest, variant: Variant) -> dict[str, object]:
    product = variant.publication.render.photo.product
    return {
        "variant": variant,
        "channel": CHANNELS[variant.channel].label if variant.channel in CHANNELS else "",
        "kilobytes": max(1, round(variant.size_bytes / 1000)),
        "url": _absolute(request, variant),
        "path": variant_path(variant),
        "file_name": f"{product.sku or product.title}-{variant.width}.{variant.format}",
    }


def _card(publication: Publication) -> dict[str, object]:
    render = publication.render
    return {
        "publication": publication,
        "render": render,
        "product": render.photo.product,
        "picture_url": file_url(render.display_key),
        "formats": sorted({variant.format.upper() for variant in publication.variants.all()}),
        "file_count": len(publication.variants.all()),
        "largest_px": max((v.width for v in publication.variants.all()), default=0),
    }


def _studio_url(render: Render) -> str:
    studio = reverse("renders:studio", args=[render.photo.product.public_id])
    return f"{studio}?photo={render.photo.public_id}"
