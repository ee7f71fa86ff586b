"""Reading products, photos and cutouts: only what the asking person's workspace owns."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Prefetch, Q, QuerySet

from inference.requests import Box
from studio.accounts.selectors import Actor
from studio.catalog.models import Cutout, Enhancement, Garment, Photo, Product
from studio.core.errors import Invalid, NotFound
from studio.core.pages import Page

SAMPLES_DIR = Path(settings.BASE_DIR) / "studio" / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample product photo that ships with Softbox."""

    file: str
    title: str
    sku: str
    alt: str

    @property
    def path(self) -> Path:
        return SAMPLES_DIR / self.file


@cache
def sample_products() -> tuple[Sample, ...]:
    """The shipped sample photos, in the order they are offered."""
    listed = json.loads((SAMPLES_DIR / "samples.json").read_text())
    return tuple(Sample(s["file"], s["title"], s["sku"], s["alt"]) for s in listed)


def as_uuid(public_id: object, what: str) -> UUID:
    """Raise `NotFound` for text that is no id: it names nothing."""
    try:
        return UUID(str(public_id))
    except ValueError:
        raise NotFound(f"There is no such {what}.") from None


def _photos_with_cutouts() -> QuerySet[Photo]:
    cutouts = Prefetch("cutouts", queryset=Cutout.objects.order_by("-pk"), to_attr="loaded_cutouts")
    return Photo.objects.prefetch_related(cutouts).order_by("pk")


def _attach_current(photo: Photo) -> Photo:
    loaded: list[Cutout] = photo.loaded_cutouts  # type: ignore[attr-defined]
    photo.current_cutout = loaded[0] if loaded else None  # type: ignore[attr-defined]
    return photo


def current_cutout(photo: Photo) -> Cutout | None:
    """The newest cutout of a photo."""
    return photo.cutouts.order_by("-pk").first()


def subjects_of(cutout: Cutout | None) -> list[Box]:
    """The separate products that the network found, largest first."""
    return [Box(**each) for each in cutout.machine.get("subjects", ())] if cutout else []


def products_of(
    actor: Actor, *, query: str = "", cursor: str = "", limit: int = 48
) -> Page[Product]:
    """Products of the workspace, most recently touched first, with what the grid shows of each.

    Each carries `newest_photo` (with `current_cutout`), `photo_count`, and the counts of final
    pictures: `final_count`, `awaiting_count`, `approved_count`, `returned_count`.
    """
    products = _counted(Product.objects.filter(workspace=actor.workspace))
    if query := query.strip():
        products = products.filter(Q(title__icontains=query) | Q(sku__icontains=query))
    if cursor:
        touched_at, pk = _read_cursor(cursor)
        products = products.filter(
            Q(touched_at__lt=touched_at) | Q(touched_at=touched_at, pk__lt=pk)
        )
    found = list(products.order_by("-touched_at", "-pk")[: limit + 1])
    items = found[:limit]
    newest = {
        photo.product_id: _attach_current(photo)
        for photo in _photos_with_cutouts().filter(product__in=items, taken_out_at=None)
    }
    for product in items:
        product.newest_photo = newest.get(product.pk)  # type: ignore[attr-defined]
    more = len(found) > limit
    return Page(items, f"{items[-1].touched_at.isoformat()}~{items[-1].pk}" if more else "")


def _counted(products: QuerySet[Product]) -> QuerySet[Product]:
    # Renders and decisions live in apps above this one; the ORM knows them by name.
    final = Q(photos__renders__tier=2, photos__renders__state="finished")
    submitted = final & Q(photos__renders__submitted_at__isnull=False)
    verdict = "photos__renders__decision__verdict"
    counts = {
        "photo_count": Count("photos", filter=Q(photos__taken_out_at=None), distinct=True),
        "final_count": Count("photos__renders", filter=final, distinct=True),
        "awaiting_count": Count(
            "photos__renders", filter=submitted & Q(**{verdict: None}), distinct=True
        ),
        "approved_count": Count("photos__renders", filter=Q(**{verdict: "approve"}), distinct=True),
        "returned_count": Count("photos__renders", filter=Q(**{verdict: "return"}), distinct=True),
    }
    return products.annotate(**counts)


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        touched_at, pk = cursor.rsplit("~", 1)
        return datetime.fromisoformat(touched_at), int(pk)
    except ValueError:
        raise Invalid("This cursor is not one of ours.", field="cursor") from None


def product_of(actor: Actor, public_id: object) -> Product:
    """Raise `NotFound` unless it is a product of the actor's workspace."""
    product = Product.objects.filter(
        workspace=actor.workspace, public_id=as_uuid(public_id, "product")
    ).first()
    if product is None:
        raise NotFound("There is no such product.")
    return product


def photos_of(actor: Actor, product: Product) -> list[Photo]:
    """A product's photos in the order they came, each with `current_cutout`.

    A version that was taken out again is left out; `photo_of` still finds it.
    """
    photos = _photos_with_cutouts().filter(
        product=product, workspace=actor.workspace, taken_out_at=None
    )
    return [_attach_current(photo) for photo in photos.select_related("product", "version_of")]


def taken_out_of(actor: Actor, product: Product) -> list[Photo]:
    """Versions that were taken out of a product and can be put back, the latest first."""
    return list(
        Photo.objects.filter(product=product, workspace=actor.workspace)
        .exclude(taken_out_at=None)
        .order_by("-taken_out_at")
    )


def enhancement_of(actor: Actor, public_id: object) -> Enhancement:
    """Raise `NotFound` unless it is an enhancement of a photo of the actor's workspace."""
    found = (
        Enhancement.objects.select_related("photo__product", "photo__workspace", "kept_as")
        .filter(photo__workspace=actor.workspace, public_id=as_uuid(public_id, "enhancement"))
        .first()
    )
    if found is None:
        raise NotFound("There is no such enhancement.")
    return found


def photo_of(actor: Actor, public_id: object) -> Photo:
    """Raise `NotFound` unless it is a photo of the actor's workspace."""
    photo = (
        _photos_with_cutouts()
        .select_related("product", "version_of")
        .filter(workspace=actor.workspace, public_id=as_uuid(public_id, "photo"))
        .first()
    )
    if photo is None:
        raise NotFound("There is no such photo.")
    return _attach_current(photo)


def garment_of(photo: Photo) -> Garment | None:
    """What is known of the garment in a photo, read or placed."""
    return Garment.objects.filter(photo=photo).first()


def placed_garment(photo: Photo) -> Garment | None:
    """The garment's landmarks where a person has placed them."""
    return Garment.objects.filter(photo=photo, is_placed=True).first()
