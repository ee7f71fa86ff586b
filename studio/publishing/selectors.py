"""Reading publications."""

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet

from studio.accounts.selectors import Actor
from studio.catalog.models import Product
from studio.catalog.selectors import as_uuid
from studio.core.errors import NotFound
from studio.publishing.addresses import variant_name
from studio.publishing.models import Publication, Variant
from studio.renders.models import Render


def publications_of(actor: Actor, *, limit: int = 200) -> list[Publication]:
    """The workspace's publications, newest first, withdrawn ones included."""
    return list(_publications(actor)[:limit])


def publication_of(actor: Actor, public_id: object) -> Publication:
    """Raise `NotFound` unless it is a publication of the actor's workspace."""
    found = _publications(actor).filter(public_id=as_uuid(public_id, "publication")).first()
    if found is None:
        raise NotFound("There is no such publication.")
    return found


def _publications(actor: Actor) -> QuerySet[Publication]:
    return (
        Publication.objects.filter(workspace=actor.workspace)
        .select_related(
            "render__photo__product",
            "render__style",
            "render__decision__reviewer",
            "published_by",
            "replaced_by",
        )
        .prefetch_related(Prefetch("variants"))
        .order_by("-created_at", "-pk")
    )


def public_variant(publication_id: object, name: str) -> Variant:
    """A variant of a publication that is not withdrawn, for anybody.

    Raises:
        NotFound: there is none, or it was withdrawn.
    """
    variants = Variant.objects.select_related("publication__replaced_by").filter(
        publication__public_id=as_uuid(publication_id, "publication")
    )
    for variant in variants:
        if variant_name(variant) == name and not variant.publication.withdrawn_at:
            return variant
    raise NotFound("There is no such picture, or it was withdrawn.")


def successor_of(publication_id: object, name: str) -> Variant | None:
    """The file that stands for a replaced one: same channel and format, nearest in width.

    A publication that was replaced several times leads to the newest; None where the file was not
    replaced, or its successor was withdrawn.
    """
    publications = Publication.objects.select_related("replaced_by").prefetch_related("variants")
    current = publications.filter(public_id=as_uuid(publication_id, "publication")).first()
    if current is None:
        return None
    old = next((v for v in current.variants.all() if variant_name(v) == name), None)
    while current.replaced_by_id is not None:
        current = publications.get(pk=current.replaced_by_id)
    if old is None or current.withdrawn_at is not None or current.pk == old.publication_id:
        return None
    alike = [
        v for v in current.variants.all() if (v.channel, v.format) == (old.channel, old.format)
    ]
    return min(alike, key=lambda v: abs(v.width - old.width), default=None)


def replaceable_by(actor: Actor, render: Render) -> list[Publication]:
    """The live publications of the render's product, newest first."""
    return list(
        _publications(actor).filter(withdrawn_at=None, render__photo__product=render.photo.product)
    )


def public_product(public_id: object) -> tuple[Product, list[Publication]]:
    """A product and its live publications, newest first, for anybody.

    Raises:
        NotFound: nothing of it is public.
    """
    publications = list(
        Publication.objects.filter(
            withdrawn_at=None, render__photo__product__public_id=as_uuid(public_id, "product")
        )
        .select_related("render__photo__product", "render__style", "workspace")
        .prefetch_related("variants")
        .order_by("-created_at", "-pk")
    )
    if not publications:
        raise NotFound("There is no such product, or nothing of it is published.")
    return publications[0].render.photo.product, publications


def live_publications_of(
    actor: Actor, *, public_ids: Sequence[str] | None = None
) -> list[Publication]:
    """The workspace's live publications, or those of them that are named; unknown ids are left out.

    Nobody exports what their workspace does not own, so a foreign id is simply not among them.
    """
    live = _publications(actor).filter(withdrawn_at=None)
    if public_ids is None:
        return list(live)
    wanted = set()
    for public_id in public_ids:
        try:
            wanted.add(as_uuid(public_id, "publication"))
        except NotFound:
            continue
    return list(live.filter(public_id__in=wanted))


def replaced_by_this(publication: Publication) -> list[Publication]:
    """The publications that this one replaced."""
    return list(publication.replaces.select_related("render__photo__product", "render__style"))
