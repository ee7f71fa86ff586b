"""What is published: the list, one publication with its files, withdrawing it."""

from collections import defaultdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_page
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.core.channels import CHANNELS
from studio.core.errors import Conflict, NotAllowed
from studio.core.storage import file_url
from studio.publishing.addresses import variant_address, variant_path
from studio.publishing.exports import variant_file_name
from studio.publishing.models import Publication, Variant
from studio.publishing.selectors import publication_of, publications_of, replaced_by_this
from studio.publishing.services import withdraw
from studio.publishing.snippets import picture_snippet
from studio.publishing.views.picker import studio_url

SOURCE_WORDS = {
    "algorithmicallyEnhanced": "A photo, cut out on white; nothing was added to it.",
    "compositeCapture": "Photos of the product and of a place, put together.",
    "compositeSynthetic": "A photo of the product with a computed backdrop, shadow or reflection.",
}


@require_GET
@with_actor
def published(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every publication of the workspace, newest first."""
    cards = [_card(publication) for publication in publications_of(actor)]
    context = {
        "section": "published",
        "cards": cards,
        "live_count": sum(not card["publication"].withdrawn_at for card in cards),  # type: ignore[attr-defined]
    }
    return render_page(request, "publishing/published.html", context)


@require_GET
@with_actor
def publication_page(request: HttpRequest, actor: Actor, publication: UUID) -> HttpResponse:
    """One publication: its files by channel, a snippet to paste, where it comes from."""
    shown = publication_of(actor, publication)
    product = shown.render.photo.product
    context = {
        "section": "published",
        "card": _card(shown),
        "publication": shown,
        "decision": getattr(shown.render, "decision", None),
        "channels": _by_channel(request, shown),
        "snippet": picture_snippet(shown, request) if shown.variants.all() else "",
        "studio_url": studio_url(shown.render),
        "again_url": reverse("publishing:publish", args=[shown.render.public_id]),
        "shop_url": reverse("publishing:shop", args=[product.public_id]),
        "source_words": SOURCE_WORDS.get(shown.source_type, ""),
        "replaced": replaced_by_this(shown),
    }
    return render_page(request, "publishing/publication.html", context)


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


def _by_channel(request: HttpRequest, publication: Publication) -> list[dict[str, object]]:
    """The files of each channel, in the order in which the channels were chosen."""
    groups: dict[str, list[Variant]] = defaultdict(list)
    for variant in publication.variants.all():
        groups[variant.channel].append(variant)
    return [
        {
            "label": CHANNELS[code].label if code in CHANNELS else code,
            "version": publication.presets.get(code, ""),
            "rows": [_variant_row(request, variant) for variant in groups[code]],
        }
        for code in publication.channels
        if code in groups
    ]


def _variant_row(request: HttpRequest, variant: Variant) -> dict[str, object]:
    return {
        "variant": variant,
        "kilobytes": max(1, round(variant.size_bytes / 1000)),
        "url": variant_address(variant, request),
        "path": variant_path(variant),
        "file_name": variant_file_name(variant, number=1),
    }


def _card(publication: Publication) -> dict[str, object]:
    render = publication.render
    variants = publication.variants.all()
    return {
        "publication": publication,
        "render": render,
        "product": render.photo.product,
        "picture_url": file_url(render.display_key),
        "channels": [
            CHANNELS[code].label if code in CHANNELS else code for code in publication.channels
        ],
        "file_count": len(variants),
        "largest_px": max((v.width for v in variants), default=0),
    }
