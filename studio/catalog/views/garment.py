"""The page on which a seller places a garment's landmarks; its form works without script."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from inference.garments.kinds import KINDS, POINT_LABELS, Kind, point_names
from inference.garments.layout import usual_points
from inference.requests import Box
from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.catalog import selectors, services
from studio.catalog.models import Garment, Photo
from studio.core.errors import Invalid
from studio.core.work import State

_NO_NUMBER = "Every point needs two numbers."


@dataclass(frozen=True, slots=True)
class PointRow:
    """One landmark: its name, what a seller calls it, and where it is."""

    name: str
    label: str
    x: float
    y: float


@require_http_methods(["GET", "HEAD", "POST"])
@with_actor
def garment(request: HttpRequest, actor: Actor, photo: UUID) -> HttpResponse:
    """Show the landmarks on the photo; a POST places them."""
    found = selectors.photo_of(actor, photo)
    if request.method == "POST":
        return _place(request, actor, found)
    known = selectors.garment_of(found)
    kind = _kind(request.GET.get("kind", ""), known)
    points = _points(found, kind, known)
    context = {
        "section": "products",
        "photo": found,
        "product": found.product,
        "studio_url": _studio_url(found),
        "kinds": [(each.value, info.label, each is kind) for each, info in KINDS.items()],
        "kind": kind.value,
        "rows": points,
        "garment": known,
        "is_read": known is not None and known.kind == kind.value,
        "payload": {
            "width": found.width,
            "height": found.height,
            "points": [{"name": row.name, "label": row.label} for row in points],
        },
    }
    return render(request, "catalog/garment.html", context)


@require_POST
@with_actor
def read_again(request: HttpRequest, actor: Actor, photo: UUID) -> HttpResponse:
    """Forget placed landmarks."""
    found = selectors.photo_of(actor, photo)
    services.forget_points(actor=actor, photo=found)
    messages.info(request, "The next picture on a mannequin reads the photo anew.")
    return redirect(_studio_url(found))


def _place(request: HttpRequest, actor: Actor, photo: Photo) -> HttpResponse:
    kind = request.POST.get("kind", "")
    try:
        points = _posted(request, kind)
        services.place_points(actor=actor, photo=photo, kind=kind, points=points)
    except Invalid as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('catalog:garment', args=[photo.public_id])}?kind={kind}")
    messages.success(request, "The points are saved. Pictures on a mannequin follow them.")
    return redirect(_studio_url(photo))


def _posted(request: HttpRequest, kind: str) -> dict[str, tuple[float, float]]:
    if kind not in {each.value for each in Kind}:
        raise Invalid("Choose what the garment is.", field="kind")
    points = {}
    for name in point_names(KINDS[Kind(kind)].build):
        try:
            x, y = (float(request.POST[f"{name}_{axis}"]) for axis in "xy")
        except (KeyError, ValueError):
            raise Invalid(_NO_NUMBER, field=f"points.{name}") from None
        points[name] = (x, y)
    return points


def _kind(asked: str, known: Garment | None) -> Kind:
    for value in (asked, known.kind if known else ""):
        if value in {each.value for each in Kind}:
            return Kind(value)
    return Kind.TEE


def _points(photo: Photo, kind: Kind, known: Garment | None) -> list[PointRow]:
    if known is not None and known.kind == kind.value:
        points = {name: (x, y) for name, (x, y) in known.points.items()}
    else:
        points = usual_points(kind, _box(photo))
    return [PointRow(name, _label(name), *points[name]) for name in point_names(KINDS[kind].build)]


def _label(name: str) -> str:
    base, _, side = name.rpartition("_")
    return f"{POINT_LABELS[base]}, {side}" if side in ("left", "right") else POINT_LABELS[name]


def _box(photo: Photo) -> Box:
    cutout = selectors.current_cutout(photo)
    if cutout is not None and cutout.state == State.FINISHED:
        return cutout.measured.subject
    return Box(0, 0, photo.width, photo.height)


def _studio_url(photo: Photo) -> str:
    page = reverse("renders:studio", args=[photo.product.public_id])
    return f"{page}?photo={photo.public_id}"
