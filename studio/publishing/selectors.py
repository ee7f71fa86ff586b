"""Reading publications."""

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from studio.accounts.selectors import Actor
from studio.catalog.selectors import as_uuid
from studio.core.errors import NotFound
from studio.publishing.models import Publication, Variant


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
            "render__photo__product", "render__style", "render__decision__reviewer", "published_by"
        )
        .prefetch_related(Prefetch("variants"))
        .order_by("-created_at", "-pk")
    )


def variant_name(variant: Variant) -> str:
    """The file name of a variant: its size and the start of its hash, so it is never reused."""
    return f"{variant.width}x{variant.height}-{variant.sha256[:16]}.{variant.format}"


def variant_url(variant: Variant) -> str:
    """The public path of a variant; what it shows never changes."""
    return reverse(
        "publishing:variant",
        kwargs={"publication": variant.publication.public_id, "name": variant_name(variant)},
    )


def public_variant(publication_id: object, name: str) -> Variant:
    """A variant of a publication that is not withdrawn, for anybody.

    Raises:
        NotFound: there is none, or it was withdrawn.
    """
    variants = Variant.objects.select_related("publication").filter(
        publication__public_id=as_uuid(publication_id, "publication"),
        publication__withdrawn_at=None,
    )
    for variant in variants:
        if variant_name(variant) == name:
            return variant
    raise NotFound("There is no such picture, or it was withdrawn.")
