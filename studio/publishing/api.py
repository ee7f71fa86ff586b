"""Publications over HTTP."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from studio.accounts.authentication import actor_of_request
from studio.catalog.wire import Json
from studio.publishing import selectors, services
from studio.publishing.models import Publication
from studio.publishing.schemas import PublicationOut, PublishIn
from studio.renders.selectors import render_of

router = Router(tags=["publishing"])


@router.post("/renders/{render_id}/publish", response={201: PublicationOut})
def publish(request: HttpRequest, render_id: UUID, payload: PublishIn) -> Status[Json]:
    """Publish an approved picture; 409 for anything else."""
    actor = actor_of_request(request)
    render = render_of(actor, render_id)
    publication = services.publish(actor=actor, render=render, channels=payload.channels)
    return Status(201, _publication_json(request, publication))


@router.get("/publications/{publication_id}", response=PublicationOut)
def get_publication(request: HttpRequest, publication_id: UUID) -> Json:
    """A publication with its variants."""
    actor = actor_of_request(request)
    return _publication_json(request, selectors.publication_of(actor, publication_id))


@router.post("/publications/{publication_id}/withdraw", response=PublicationOut)
def withdraw(request: HttpRequest, publication_id: UUID) -> Json:
    """Stop showing a publication."""
    actor = actor_of_request(request)
    publication = selectors.publication_of(actor, publication_id)
    return _publication_json(request, services.withdraw(actor=actor, publication=publication))


def _publication_json(request: HttpRequest, publication: Publication) -> Json:
    return {
        "id": publication.public_id,
        "render": publication.render.public_id,
        "channels": publication.channels,
        "source_sha256": publication.source_sha256,
        "created_at": publication.created_at,
        "withdrawn_at": publication.withdrawn_at,
        "variants": [
            {
                "channel": variant.channel,
                "format": variant.format,
                "width": variant.width,
                "height": variant.height,
                "bytes": variant.size_bytes,
                "sha256": variant.sha256,
                "url": request.build_absolute_uri(selectors.variant_url(variant)),
            }
            for variant in publication.variants.all()
        ],
    }
