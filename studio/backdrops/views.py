"""The pages of a workspace's own backdrops, and what their forms do without script."""

from uuid import UUID

from django import shortcuts
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from inference.styles.catalogue import find_style
from inference.styles.own_backdrop import PLACE, SLUG
from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.backdrops import selectors, services
from studio.backdrops.forms import AddForm, SetupForm
from studio.backdrops.models import Backdrop
from studio.backdrops.wire import backdrop_json
from studio.catalog.forms import ACCEPTED_PHOTOS
from studio.core.errors import StudioError
from studio.core.storage import file_url

# What a person sees of a value that nobody has looked at yet.
ASKED_WORDS = {
    "eye_level": "the eye level",
    "ground_line": "where the ground ends",
    "light_from_deg": "where the light comes from",
    "width_cm": "how wide the place is",
}


@require_http_methods(["GET", "HEAD", "POST"])
@with_actor
def backdrops(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every backdrop of the workspace; a POST adds one."""
    if request.method == "POST":
        return _add(request, actor)
    cards = [
        {
            "backdrop": each,
            "picture_url": file_url(each.view_key),
            "asked": _asked(each),
        }
        for each in selectors.backdrops_of(actor)
    ]
    context = {
        "section": "backdrops",
        "cards": cards,
        "accepted": ACCEPTED_PHOTOS,
        "max_upload_mb": settings.CONFIGURATION.max_upload_mb,
        "photo": request.GET.get("photo", "")[:40],
        "payload": {"editor": reverse("backdrops:backdrop", args=[UUID(int=0)])},
    }
    return shortcuts.render(request, "backdrops/backdrops.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@with_actor
def backdrop(request: HttpRequest, actor: Actor, backdrop: UUID) -> HttpResponse:
    """Where a place's ground and light are set; a POST does so without script."""
    found = selectors.backdrop_of(actor, backdrop)
    if request.method == "POST":
        return _change(request, actor, found)
    photo = selectors.product_to_try(actor, request.GET.get("photo", "")[:40])
    back = reverse("backdrops:backdrops")
    if photo is not None and request.GET.get("photo"):
        studio = reverse("renders:studio", args=[photo.product.public_id])
        back = f"{studio}?photo={photo.public_id}&place={found.public_id}"
    style = find_style(SLUG)
    context = {
        "section": "backdrops",
        "backdrop": found,
        "picture_url": file_url(found.view_key),
        "form": SetupForm(initial={"name": found.name, **found.arranged.to_json()}),
        "asked": _asked(found),
        "photo": photo,
        "back": back,
        "payload": {
            "backdrop": backdrop_json(found),
            "photo": str(photo.public_id) if photo else "",
            "style": {"slug": SLUG, "params": {**style.clean({}), PLACE: str(found.public_id)}},
            "asked": ASKED_WORDS,
            "can_sell": actor.can_sell,
        },
    }
    return shortcuts.render(request, "backdrops/backdrop.html", context)


@require_POST
@with_actor
def delete(request: HttpRequest, actor: Actor, backdrop: UUID) -> HttpResponse:
    """Delete a backdrop."""
    found = selectors.backdrop_of(actor, backdrop)
    services.delete_backdrop(actor=actor, backdrop=found)
    messages.info(request, f"“{found.name}” is deleted. Pictures made with it stay.")
    return redirect("backdrops:backdrops")


@require_POST
@with_actor
def restore(request: HttpRequest, actor: Actor, backdrop: UUID) -> HttpResponse:
    """Bring a deleted backdrop back."""
    actor.require_seller()
    try:
        services.restore_backdrop(actor=actor, public_id=backdrop)
    except StudioError as error:
        messages.error(request, str(error))
    return redirect("backdrops:backdrops")


def _add(request: HttpRequest, actor: Actor) -> HttpResponse:
    actor.require_seller()
    form = AddForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "Choose a photo first.")
        return redirect("backdrops:backdrops")
    try:
        added = services.add_backdrop(actor=actor, file=form.cleaned_data["file"])
    except StudioError as error:
        messages.error(request, str(error))
        return redirect("backdrops:backdrops")
    page = reverse("backdrops:backdrop", args=[added.public_id])
    photo = request.POST.get("photo", "")[:40]
    return redirect(f"{page}?photo={photo}" if photo else page)


def _change(request: HttpRequest, actor: Actor, found: Backdrop) -> HttpResponse:
    actor.require_seller()
    form = SetupForm(request.POST)
    try:
        if not form.is_valid():
            messages.error(request, "Give every value as a number.")
        else:
            services.change_backdrop(
                actor=actor, backdrop=found, name=form.cleaned_data["name"], setup=form.setup
            )
            messages.success(request, "Saved.")
    except StudioError as error:
        messages.error(request, str(error))
    return redirect("backdrops:backdrop", found.public_id)


def _asked(backdrop: Backdrop) -> str:
    """What is still to be looked at, in words."""
    words = [ASKED_WORDS[name] for name in backdrop.unsure if name in ASKED_WORDS]
    return ", ".join(words)
