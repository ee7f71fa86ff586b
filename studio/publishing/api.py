"""Publications over HTTP."""

from dataclasses import asdict
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from studio.accounts.authentication import actor_of_request
from studio.catalog.wire import Json
from studio.publishing import selectors, services
from studio.publishing.models import Publication
from studio.publishing.schemas import PublicationOut, PublishIn, VerdictOut
from studio.publishing.verdicts import Verdict
from studio.publishing.wire import source_uri, variant_json
from studio.renders.selectors import render_of

router = Router(tags=["publishing"])


@router.post("/renders/{render_id}/publish", response={201: PublicationOut})
def publish(request: HttpRequest, render_id: UUID, payload: PublishIn) -> Status[Json]:
    """Publish an approved picture; 409 for anything else."""
    actor = actor_of_request(request)
    render = render_of(actor, render_id)
    replaces = selectors.publication_of(actor, payload.replaces) if payload.replaces else None
    publication = services.publish(
        actor=actor, render=render, channels=payload.channels, replaces=replaces
    )
    return Status(201, _publication_json(request, publication))


@router.get("/renders/{render_id}/channels", response=list[VerdictOut])
def channel_verdicts(request: HttpRequest, render_id: UUID) -> list[Json]:
    """What each channel would say to an approved picture, before it is published."""
    actor = actor_of_request(request)
    return [_verdict_json(each) for each in services.verdicts_of(render_of(actor, render_id))]


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
    replaced_by = publication.replaced_by
    return {
        "id": publication.public_id,
        "render": publication.render.public_id,
        "channels": publication.channels,
        "source_sha256": publication.source_sha256,
        "created_at": publication.created_at,
        "withdrawn_at": publication.withdrawn_at,
        "replaced_by": replaced_by.public_id if replaced_by else None,
        "presets": publication.presets,
        "digital_source_type": source_uri(publication),
        "photo_enhancements": list(publication.render.photo.enhancements),
        "variants": [variant_json(variant, request) for variant in publication.variants.all()],
    }


def _verdict_json(verdict: Verdict) -> Json:
    return {
        "channel": verdict.channel.code,
        "label": verdict.channel.label,
        "preset_version": verdict.channel.version,
        "suits": verdict.suits.value,
        "sentence": verdict.sentence,
        "width": verdict.width,
        "height": verdict.height,
        "rules": [asdict(rule) for rule in verdict.channel.rules],
    }
