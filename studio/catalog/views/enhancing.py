"""The page on which a photo is enhanced, and what its forms do without script."""

from collections.abc import Mapping
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from inference.enhance.recipe import PARAMETERS, Network, clean_recipe, recipe_schema, words_of
from inference.styles.parameters import Control, Parameter
from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.catalog import selectors, services
from studio.catalog.models import Enhancement, Photo
from studio.catalog.wire import Json, enhancement_json, enlarging_json
from studio.core.engine import engine_health
from studio.core.errors import NotFound, StudioError
from studio.core.storage import file_url


@require_http_methods(["GET", "HEAD", "POST"])
@with_actor
def enhance(request: HttpRequest, actor: Actor, photo: UUID) -> HttpResponse:
    """What could be better in a photo, before and after; a POST tries the form's recipe."""
    found = selectors.photo_of(actor, photo)
    if found.version_of is not None:
        # A version is made of the original, so that what was done to it is one recipe.
        return redirect(f"{_page(found.version_of)}?version={found.public_id}")
    if request.method == "POST":
        return _try(request, actor, found)
    trial = _trial(actor, found, request.GET.get("trial", ""))
    recipe = trial.recipe if trial else _recipe_of_version(actor, request.GET.get("version", ""))
    schema = _offered(recipe_schema())
    context = {
        "section": "products",
        "product": found.product,
        "photo": found,
        "can_sell": actor.can_sell,
        "view_url": reverse("catalog:photo_view", args=[found.public_id]),
        "studio_url": _studio(found),
        "fields": _fields(recipe, schema),
        "enlarging": enlarging_json(),
        "trial": trial,
        "trial_words": words_of(clean_recipe(trial.taken)) if trial else (),
        "whole_url": file_url(trial.whole_key) if trial else "",
        "payload": {
            "photo": {
                "id": str(found.public_id),
                "width": found.width,
                "height": found.height,
                "title": found.product.title,
            },
            "schema": schema,
            "recipe": recipe,
            "trial": enhancement_json(trial) if trial else None,
            "enlarging": enlarging_json(),
            "can_sell": actor.can_sell,
            "urls": {
                "studio": reverse("renders:studio", args=[found.product.public_id]),
                "view": reverse("catalog:photo_view", args=[found.public_id]),
            },
        },
    }
    return render(request, "catalog/enhance.html", context)


@require_POST
@with_actor
def keep_enhancement(request: HttpRequest, actor: Actor, enhancement: UUID) -> HttpResponse:
    """Add the enhanced photo to its product, and open it."""
    found = selectors.enhancement_of(actor, enhancement)
    try:
        version = services.keep_enhancement(actor=actor, enhancement=found)
    except StudioError as error:
        messages.error(request, str(error))
        return redirect(_page(found.photo))
    messages.success(request, "Kept as a version. The photo itself stays as it is.")
    return redirect(_studio(version))


@require_POST
@with_actor
def drop_enhancement(request: HttpRequest, actor: Actor, enhancement: UUID) -> HttpResponse:
    """Throw an enhancement away."""
    found = selectors.enhancement_of(actor, enhancement)
    try:
        services.drop_enhancement(actor=actor, enhancement=found)
        messages.success(request, "Dropped. The photo is as it was.")
    except StudioError as error:
        messages.error(request, str(error))
    return redirect(_page(found.photo))


@require_POST
@with_actor
def take_out(request: HttpRequest, actor: Actor, photo: UUID) -> HttpResponse:
    """Take a version out of its product again, and open the original."""
    found = selectors.photo_of(actor, photo)
    try:
        services.take_out_version(actor=actor, photo=found)
        messages.success(request, "Taken out. The pictures made of it stay.")
    except StudioError as error:
        messages.error(request, str(error))
    return redirect(_studio(found.version_of or found))


@require_POST
@with_actor
def put_back(request: HttpRequest, actor: Actor, photo: UUID) -> HttpResponse:
    """Undo taking a version out."""
    found = selectors.photo_of(actor, photo)
    try:
        services.put_back_version(actor=actor, photo=found)
    except StudioError as error:
        messages.error(request, str(error))
    return redirect(_studio(found))


def _try(request: HttpRequest, actor: Actor, photo: Photo) -> HttpResponse:
    try:
        order = services.EnhancementOrder(recipe=_recipe_of_form(request.POST))
        made = services.order_enhancement(actor=actor, photo=photo, order=order)
    except StudioError as error:
        messages.error(request, str(error))
        return redirect(_page(photo))
    return redirect(f"{_page(photo)}?trial={made.public_id}")


def _recipe_of_form(posted: Mapping[str, str]) -> dict[str, object]:
    """The form's fields as a recipe; what is no number is left for the check to refuse."""
    recipe: dict[str, object] = {}
    for parameter in PARAMETERS:
        text = str(posted.get(parameter.name, ""))
        if parameter.control is Control.TOGGLE:
            recipe[parameter.name] = text == "on"
        elif text and parameter.control is Control.CHOICE:
            recipe[parameter.name] = text
        elif text:
            recipe[parameter.name] = _number(text)
    return recipe


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _trial(actor: Actor, photo: Photo, wanted: str) -> Enhancement | None:
    """The trial that the address names, if it is one of this photo that was not dropped."""
    try:
        trial = selectors.enhancement_of(actor, wanted)
    except NotFound:
        return None
    is_shown = trial.photo_id == photo.pk and trial.is_final and trial.dropped_at is None
    return trial if is_shown else None


def _recipe_of_version(actor: Actor, wanted: str) -> dict[str, object]:
    try:
        return dict(selectors.photo_of(actor, wanted).recipe)
    except NotFound:
        return {}


def _offered(schema: dict[str, object]) -> dict[str, object]:
    """The schema without what this studio cannot do: its page does not show what is not there."""
    installed = {each["network"] for each in enlarging_json() if each["is_installed"]}
    properties = dict(cast("dict[str, Json]", schema["properties"]))
    if not installed:
        del properties["enlarge"]
    health = engine_health()
    has_gpu = health is None or health.device != "cpu"
    if not has_gpu or installed != {network.value for network in Network}:
        del properties["network"]
    return {**schema, "properties": properties}


def _fields(recipe: Mapping[str, object], schema: dict[str, object]) -> list[Json]:
    """What the form shows without script."""
    offered = cast("dict[str, Json]", schema["properties"])
    return [
        {
            "parameter": parameter,
            "kind": _kind(parameter),
            "value": recipe.get(parameter.name, parameter.default),
        }
        for parameter in PARAMETERS
        if parameter.name in offered
    ]


def _kind(parameter: Parameter) -> str:
    kinds = {Control.TOGGLE: "toggle", Control.CHOICE: "choice"}
    return kinds.get(parameter.control, "number")


def _page(photo: Photo) -> str:
    return reverse("catalog:enhance", args=[photo.public_id])


def _studio(photo: Photo) -> str:
    page = reverse("renders:studio", args=[photo.product.public_id])
    return f"{page}?photo={photo.public_id}"
