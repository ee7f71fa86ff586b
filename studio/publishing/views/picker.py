"""Choosing channels for an approved picture, with what each of them would say to it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_page
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.core.errors import Conflict, Invalid, NotAllowed, NotFound
from studio.core.storage import file_url
from studio.publishing.models import Publication
from studio.publishing.selectors import publication_of, replaceable_by
from studio.publishing.services import publish, verdicts_of
from studio.publishing.signing import signing_identity
from studio.publishing.verdicts import Verdict
from studio.renders.models import Render
from studio.renders.selectors import render_of


@require_http_methods(["GET", "POST"])
@with_actor
def publish_render(request: HttpRequest, actor: Actor, render: UUID) -> HttpResponse:
    """Show the channels of an approved picture, and publish it on those that were ticked."""
    found = render_of(actor, render)
    actor.require_seller()
    if request.method == "POST":
        return _publish(request, actor, found)
    return _show(request, actor, found)


def _publish(request: HttpRequest, actor: Actor, render: Render) -> HttpResponse:
    chosen = request.POST.getlist("channels")
    try:
        replaced = request.POST.get("replaces", "")
        replaces = publication_of(actor, replaced) if replaced else None
        publication = publish(actor=actor, render=render, channels=chosen, replaces=replaces)
    except (Conflict, Invalid, NotAllowed, NotFound) as error:
        return _show(request, actor, render, error=str(error), chosen=chosen)
    messages.success(request, "Published. The files below are ready to use.")
    return redirect("publishing:publication", publication=publication.public_id)


def _show(
    request: HttpRequest,
    actor: Actor,
    render: Render,
    *,
    error: str = "",
    chosen: list[str] | None = None,
) -> HttpResponse:
    try:
        verdicts = verdicts_of(render)
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return redirect(studio_url(render))
    live = replaceable_by(actor, render)
    own = next((each for each in live if each.render_id == render.pk), None)
    ticked = (render.channels or ["web"]) if chosen is None else chosen
    if own is not None and chosen is None:
        ticked = own.channels
    context = {
        "section": "published",
        "render": render,
        "product": render.photo.product,
        "picture_url": file_url(render.display_key),
        "rows": [
            _row(verdict, render, is_ticked=verdict.channel.code in ticked) for verdict in verdicts
        ],
        "own": own,
        "others": [_choice(each) for each in live if each is not own],
        "error": error,
        "studio_url": studio_url(render),
        "is_development_key": signing_identity().is_development,
    }
    return render_page(request, "publishing/publish.html", context, status=422 if error else 200)


def _row(verdict: Verdict, render: Render, *, is_ticked: bool) -> dict[str, object]:
    crop = verdict.crop
    return {
        "verdict": verdict,
        "channel": verdict.channel,
        "is_ticked": is_ticked and not verdict.is_refused,
        # The picture's own window, drawn by an SVG's viewBox: no inline style is needed.
        "crop": crop,
        "view_box": f"{crop.left} {crop.top} {crop.width} {crop.height}" if crop else "",
        "width": render.width,
        "height": render.height,
    }


def _choice(publication: Publication) -> dict[str, object]:
    return {
        "publication": publication,
        "picture_url": file_url(publication.render.display_key),
    }


def studio_url(render: Render) -> str:
    """The product's page with the render's photo chosen."""
    studio = reverse("renders:studio", args=[render.photo.product.public_id])
    return f"{studio}?photo={render.photo.public_id}"
