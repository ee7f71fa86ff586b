"""Making approved pictures public, replacing them and taking them back."""

import hashlib
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from inference.provenance.terms import source_type_of
from inference.stages.variants import open_master
from inference.styles.catalogue import find_style
from studio.accounts.selectors import Actor
from studio.core.channels import CHANNELS, Channel
from studio.core.errors import Conflict, Invalid
from studio.core.ids import uuid7
from studio.core.storage import read_bytes, save_bytes
from studio.core.work import State
from studio.publishing.models import Publication, Variant
from studio.publishing.selectors import publication_of
from studio.publishing.services.making import Made, Origin, make_files
from studio.publishing.signing import signing_identity
from studio.publishing.verdicts import Picture, Verdict, judge, picture_of
from studio.publishing.wire import publication_event
from studio.renders.models import Render
from studio.review.services import require_approval
from studio.webhooks.models import EventKind
from studio.webhooks.services import record_event


def verdicts_of(render: Render) -> list[Verdict]:
    """What each channel would say to this approved picture, in the order of the presets.

    Raises:
        Conflict: it is not approved, or its bytes are not those approved.
    """
    picture = _approved_picture(render)
    return [judge(picture, channel) for channel in CHANNELS.values()]


def publish(
    *,
    actor: Actor,
    render: Render,
    channels: Sequence[str] = ("web",),
    replaces: Publication | None = None,
) -> Publication:
    """Make every file of an approved picture from exactly the bytes that were approved.

    Args:
        actor: a seller or an admin.
        render: the approved picture.
        channels: codes of `CHANNELS`.
        replaces: a live publication of the same product, withdrawn in the same moment.

    Raises:
        Conflict: it is not approved, its bytes are not those approved, it is published already, or
            the one to replace was withdrawn before.
        Invalid: no channel, an unknown one, one that refuses the picture, or another product's
            publication to replace.
    """
    actor.require_seller()
    wanted = _clean_channels(channels)
    _check_replaced(actor, render, replaces)
    live = Publication.objects.filter(render=render, withdrawn_at=None)
    if replaces is not None:
        live = live.exclude(pk=replaces.pk)
    if live.exists():
        raise Conflict("This picture is published already.")
    if render.state == State.FINISHED:
        require_approval(actor=actor, render=render)
    picture = _approved_picture(render)
    verdicts = [judge(picture, channel) for channel in wanted]
    refused = [verdict.sentence for verdict in verdicts if verdict.is_refused]
    if refused:
        raise Invalid(" ".join(refused), field="channels")
    origin = _origin(render)
    made = make_files(picture, verdicts, origin)
    public_id = uuid7()
    keys = [_save(actor, public_id, item) for item in made]
    publication = Publication(
        public_id=public_id,
        workspace=actor.workspace,
        render=render,
        channels=[channel.code for channel in wanted],
        presets={channel.code: channel.version for channel in wanted},
        source_sha256=render.result_sha256,
        source_type=origin.source_type.value,
        is_signed_for_development=origin.identity.is_development,
        published_by=actor.user,
    )
    rows = [_row(publication, item, key) for item, key in zip(made, keys, strict=True)]
    _store(publication, rows, replaces)
    return publication_of(actor, public_id)


def withdraw(*, actor: Actor, publication: Publication) -> Publication:
    """Stop showing a publication; its record stays.

    Raises:
        Conflict: it was withdrawn before.
    """
    actor.require_seller()
    if not _withdraw(publication):
        raise Conflict("This publication was withdrawn before.")
    return publication_of(actor, publication.public_id)


def _clean_channels(channels: Sequence[str]) -> list[Channel]:
    for code in channels:
        if code not in CHANNELS:
            allowed = ", ".join(CHANNELS)
            raise Invalid(f"There is no channel “{code}”; there is: {allowed}.", field="channels")
    if not channels:
        raise Invalid("Name at least one channel.", field="channels")
    return [CHANNELS[code] for code in dict.fromkeys(channels)]


def _check_replaced(actor: Actor, render: Render, replaces: Publication | None) -> None:
    if replaces is None:
        return
    is_ours = replaces.workspace_id == actor.workspace.pk
    if not is_ours or replaces.render.photo.product_id != render.photo.product_id:
        raise Invalid(
            "A publication is replaced by a picture of the same product.", field="replaces"
        )
    if replaces.withdrawn_at is not None:
        raise Conflict("The publication to replace was withdrawn before.")


def _approved_picture(render: Render) -> Picture:
    decision = getattr(render, "decision", None)
    if render.state != State.FINISHED or decision is None or decision.verdict != "approve":
        raise Conflict("Only an approved picture can be published.")
    master = read_bytes(render.result_key)
    if hashlib.sha256(master).hexdigest() != decision.seen_sha256:
        raise Conflict("The stored picture is not the one that was approved; it stays unpublished.")
    return picture_of(render, open_master(master))


def _origin(render: Render) -> Origin:
    family = find_style(render.style.slug).family
    return Origin(
        title=render.photo.product.title,
        credit=render.workspace.name,
        source_type=source_type_of(family, render.params),
        identity=signing_identity(),
        enhancements=render.photo.enhancements,
    )


def _store(publication: Publication, rows: list[Variant], replaces: Publication | None) -> None:
    try:
        with transaction.atomic():
            if replaces is not None and not _withdraw(replaces):
                raise Conflict("The publication to replace was withdrawn before.")
            publication.save()
            Variant.objects.bulk_create(rows)
            if replaces is not None:
                Publication.objects.filter(pk=replaces.pk).update(replaced_by=publication)
            record_event(
                workspace=publication.workspace,
                kind=EventKind.PUBLISHED,
                subject=str(publication.public_id),
                data=publication_event(publication, rows, replaces),
            )
    except IntegrityError as error:
        raise Conflict("This picture is published already.") from error


def _withdraw(publication: Publication) -> bool:
    moved = Publication.objects.filter(pk=publication.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now()
    )
    return bool(moved)


def _save(actor: Actor, public_id: object, made: Made) -> str:
    key = f"w/{actor.workspace.public_id}/published/{public_id}/{made.sha256}.{made.format.value}"
    save_bytes(key, made.data)
    return key


def _row(publication: Publication, made: Made, key: str) -> Variant:
    return Variant(
        publication=publication,
        channel=made.channel,
        format=made.format.value,
        width=made.width,
        height=made.height,
        size_bytes=len(made.data),
        sha256=made.sha256,
        key=key,
    )
