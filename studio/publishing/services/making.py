"""Make a channel's files from an approved picture: crop, size, encode, say where it comes from."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import structlog
from PIL import Image

from inference.events import EncodedImage
from inference.pixels.arrays import RgbU8
from inference.provenance.credentials import Action, CredentialsFailed, SigningIdentity, sign_file
from inference.provenance.terms import DigitalSourceType
from inference.provenance.xmp import xmp_packet
from inference.stages.crops import border_pixels, cut
from inference.stages.encode import VariantFormat, encode_variant, encode_within
from inference.stages.variants import shrink
from studio.core.channels import Channel
from studio.core.errors import Conflict
from studio.publishing.signing import CREATOR_TOOL, GENERATOR_VERSION
from studio.publishing.verdicts import Picture, Verdict

log = structlog.get_logger(__name__)

QUALITY = 90
# Room kept for the credentials under a channel's limit: 3.5 KB with the development key.
_CREDENTIALS_BYTES = 24_000


@dataclass(frozen=True, slots=True)
class Made:
    """One finished file of one channel."""

    channel: str
    format: VariantFormat
    width: int
    height: int
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What every file says of the picture: its title, whom to credit, where it comes from.

    `enhancements` say what was done to the photo before the picture was made of it.
    """

    title: str
    credit: str
    source_type: DigitalSourceType
    identity: SigningIdentity
    enhancements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    channel: Channel
    format: VariantFormat
    rgb: RgbU8
    actions: tuple[Action, ...]


def make_files(picture: Picture, verdicts: Sequence[Verdict], origin: Origin) -> list[Made]:
    """Every file of every channel at once: encoders and signing release the GIL.

    Raises:
        Conflict: a file cannot be made small enough, its border did not stay white, or the
            operator's key does not sign.
    """
    jobs = [job for verdict in verdicts for job in _jobs(picture, verdict)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(lambda job: _make(job, origin), jobs))


def _jobs(picture: Picture, verdict: Verdict) -> Iterator[_Job]:
    channel, crop = verdict.channel, verdict.crop
    assert crop is not None
    window = cut(picture.rgb, crop)
    was_cropped = (crop.left, crop.top, crop.width, crop.height) != (0, 0, *picture.size)
    for side in _longest_sides(channel, (crop.width, crop.height), verdict):
        rgb = shrink(window, side)
        actions = [Action.CROPPED] if was_cropped else []
        if side < max(crop.width, crop.height):
            actions.append(Action.RESIZED)
        for variant_format in channel.formats:
            yield _Job(channel, variant_format, rgb, (*actions, Action.PUBLISHED))


def _longest_sides(channel: Channel, window: tuple[int, int], verdict: Verdict) -> list[int]:
    if not channel.widths_px:
        return [max(verdict.width, verdict.height)]
    return channel.ladder_px(max(window))


def _make(job: _Job, origin: Origin) -> Made:
    packet = xmp_packet(origin.source_type, creator_tool=CREATOR_TOOL, credit=origin.credit)
    encoded = _encode(job, packet)
    data = _sign(encoded, job, origin)
    limit = job.channel.max_bytes
    if limit is not None and len(data) > limit:
        raise _too_large(job)
    return Made(
        job.channel.code,
        job.format,
        encoded.width,
        encoded.height,
        data,
        hashlib.sha256(data).hexdigest(),
    )


def _sign(encoded: EncodedImage, job: _Job, origin: Origin) -> bytes:
    try:
        return sign_file(
            encoded.data,
            media_type=encoded.media_type.value,
            title=origin.title,
            source_type=origin.source_type,
            actions=job.actions,
            generator_version=GENERATOR_VERSION,
            identity=origin.identity,
            enhancements=origin.enhancements,
        )
    except CredentialsFailed as error:
        log.error("credentials_failed", reason=str(error))
        raise Conflict(
            "The files could not be signed, so nothing was published. The operator has to look at "
            "the certificate and key of the content credentials."
        ) from error


def _encode(job: _Job, packet: bytes) -> EncodedImage:
    limit = job.channel.max_bytes
    if limit is None:
        encoded = encode_variant(job.rgb, format=job.format, quality=QUALITY, xmp=packet)
    else:
        within = encode_within(
            job.rgb,
            format=job.format,
            quality=QUALITY,
            max_bytes=limit - _CREDENTIALS_BYTES,
            xmp=packet,
        )
        if within is None:
            raise _too_large(job)
        encoded = within
    if job.channel.needs_white and not _has_white_border(encoded):
        raise Conflict(
            f"{job.channel.label} wants pure white all round, and encoding moved it; nothing was "
            "published. Leave more room around the product."
        )
    return encoded


def _has_white_border(encoded: EncodedImage) -> bool:
    with Image.open(io.BytesIO(encoded.data)) as image:
        ring = border_pixels(np.asarray(image.convert("RGB")))
    return bool((ring == 255).all())


def _too_large(job: _Job) -> Conflict:
    megabytes = (job.channel.max_bytes or 0) / 1e6
    return Conflict(
        f"{job.channel.label} takes files up to {megabytes:g} MB, and this picture cannot be made "
        "that small without showing it. Make it at a smaller size."
    )
