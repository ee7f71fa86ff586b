"""Making approved pictures public."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from inference.events import EncodedImage
from inference.stages.encode import VariantFormat, encode_variant
from inference.stages.variants import open_master, shrink
from studio.accounts.selectors import Actor
from studio.core.errors import Conflict, Invalid
from studio.core.ids import uuid7
from studio.core.storage import read_bytes, save_bytes
from studio.core.work import State
from studio.publishing.models import Publication, Variant
from studio.publishing.selectors import publication_of
from studio.renders.models import Render

QUALITY = 90


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a picture goes: which sizes, in which formats."""

    code: str
    label: str
    longest_sides_px: tuple[int, ...]
    formats: tuple[VariantFormat, ...]


CHANNELS = {
    "web": Channel(
        "web",
        "Own shop",
        (2048, 1024, 512),
        (VariantFormat.WEBP, VariantFormat.AVIF, VariantFormat.JPEG),
    ),
}


@dataclass(frozen=True, slots=True)
class _Made:
    channel: str
    format: VariantFormat
    image: EncodedImage


def publish(*, actor: Actor, render: Render, channels: Sequence[str] = ("web",)) -> Publication:
    """Encode every variant of an approved picture from exactly the bytes that were approved.

    Raises:
        Conflict: it is not approved, its bytes are not those approved, or it is published already.
        Invalid: no channel, or an unknown one.
    """
    actor.require_seller()
    wanted = _clean_channels(channels)
    decision = getattr(render, "decision", None)
    if render.state != State.FINISHED or decision is None or decision.verdict != "approve":
        raise Conflict("Only an approved picture can be published.")
    if Publication.objects.filter(render=render, withdrawn_at=None).exists():
        raise Conflict("This picture is published already.")
    master = read_bytes(render.result_key)
    if hashlib.sha256(master).hexdigest() != decision.seen_sha256:
        raise Conflict("The stored picture is not the one that was approved; it stays unpublished.")
    made = _encode_all(master, wanted)
    public_id = uuid7()
    keys = [_save(actor, public_id, item) for item in made]
    try:
        with transaction.atomic():
            publication = Publication.objects.create(
                public_id=public_id,
                workspace=actor.workspace,
                render=render,
                channels=[channel.code for channel in wanted],
                source_sha256=decision.seen_sha256,
                published_by=actor.user,
            )
            Variant.objects.bulk_create(
                _row(publication, item, key) for item, key in zip(made, keys, strict=True)
            )
    except IntegrityError as error:
        raise Conflict("This picture is published already.") from error
    return publication_of(actor, publication.public_id)


def withdraw(*, actor: Actor, publication: Publication) -> Publication:
    """Stop showing a publication; its record stays.

    Raises:
        Conflict: it was withdrawn before.
    """
    actor.require_seller()
    moved = Publication.objects.filter(pk=publication.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now()
    )
    if not moved:
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


def _encode_all(master: bytes, channels: Sequence[Channel]) -> list[_Made]:
    """Every size and format at once: encoders release the GIL. Nothing is enlarged."""
    rgb = open_master(master)
    native = max(rgb.shape[:2])
    sides = {side for channel in channels for side in channel.longest_sides_px}
    pictures = {side: shrink(rgb, min(side, native)) for side in sides if side <= native}
    if not pictures:
        pictures = {native: rgb}
    jobs = [
        (channel.code, picture, variant_format)
        for channel in channels
        for side, picture in pictures.items()
        if side in channel.longest_sides_px or side == native
        for variant_format in channel.formats
    ]
    with ThreadPoolExecutor(max_workers=4) as pool:
        encoded = pool.map(lambda job: encode_variant(job[1], format=job[2], quality=QUALITY), jobs)
        return [
            _Made(code, variant_format, image)
            for (code, _, variant_format), image in zip(jobs, encoded, strict=True)
        ]


def _save(actor: Actor, public_id: object, made: _Made) -> str:
    sha256 = hashlib.sha256(made.image.data).hexdigest()
    key = f"w/{actor.workspace.public_id}/published/{public_id}/{sha256}.{made.format.value}"
    save_bytes(key, made.image.data)
    return key


def _row(publication: Publication, made: _Made, key: str) -> Variant:
    return Variant(
        publication=publication,
        channel=made.channel,
        format=made.format.value,
        width=made.image.width,
        height=made.image.height,
        size_bytes=len(made.image.data),
        sha256=hashlib.sha256(made.image.data).hexdigest(),
        key=key,
    )
