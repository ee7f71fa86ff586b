"""C2PA content credentials: written into a finished file, and read back."""

import io
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any  # a manifest is whatever JSON a signer wrote

from c2pa import Builder, C2paError, C2paSignerInfo, Context, Reader, Signer

from inference.errors import InferenceError
from inference.provenance.terms import DigitalSourceType

DEVELOPMENT_NOTE = "Signed with a development key made by this installation; not a trusted identity"
# Thumbnails would put a second picture into every file.
_SETTINGS = json.dumps({"builder": {"thumbnail": {"enabled": False}}})


class CredentialsFailed(InferenceError):
    """The file could not be signed, or its credentials could not be read."""

    code = "credentials_failed"


class Action(StrEnum):
    """What was done to the picture after it was made, in C2PA's words."""

    EDITED = "c2pa.edited"
    CROPPED = "c2pa.cropped"
    RESIZED = "c2pa.resized"
    PUBLISHED = "c2pa.published"


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """Who signs: a certificate chain and its private key, both PEM.

    `algorithm` is C2PA's name ("es256", "ps256", "ed25519" …). `timestamp_url` asks a time-stamping
    authority (RFC 3161) at each signature; empty asks none, so that nothing leaves this machine.
    """

    certificates: bytes
    private_key: bytes
    algorithm: str
    is_development: bool
    timestamp_url: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a reader finds in a file.

    `state` is "Valid" (bytes and signature agree, the signer is on no trust list), "Trusted" or
    "Invalid"; `problems` are the reader's codes of what failed, an unknown signer apart.
    """

    state: str
    problems: tuple[str, ...]
    source_types: tuple[str, ...]
    actions: tuple[str, ...]
    generator: dict[str, Any]
    issuer: str


def sign_file(
    data: bytes,
    *,
    media_type: str,
    title: str,
    source_type: DigitalSourceType,
    actions: tuple[Action, ...],
    generator_version: str,
    identity: SigningIdentity,
    enhancements: tuple[str, ...] = (),
) -> bytes:
    """The same file with a C2PA manifest in it; the picture's own bytes are untouched.

    Args:
        data: a whole JPEG, WebP or AVIF file.
        media_type: of `data`.
        title: what readers call the file.
        source_type: declared by `c2pa.created`.
        actions: what followed, in order.
        generator_version: of this program.
        identity: the key to sign with.
        enhancements: what was done to the photo before the picture was made, each in words; every
            one is an edit that declares itself `algorithmicallyEnhanced`.

    Raises:
        CredentialsFailed: the key does not fit its certificate, or the file is not what it says.
    """
    generator = {"name": "Softbox", "version": generator_version}
    if identity.is_development:
        generator["org.softbox.signing_key"] = DEVELOPMENT_NOTE
    created = {"action": "c2pa.created", "digitalSourceType": source_type.uri}
    edited = [
        {
            "action": Action.EDITED.value,
            "description": f"The photo was enhanced: {words}",
            "digitalSourceType": DigitalSourceType.ALGORITHMICALLY_ENHANCED.uri,
        }
        for words in enhancements
    ]
    manifest = {
        "claim_generator_info": [generator],
        "title": title,
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {"actions": [created, *edited, *({"action": a.value} for a in actions)]},
            }
        ],
    }
    signed = io.BytesIO()
    try:
        info = C2paSignerInfo(
            identity.algorithm,
            identity.certificates,
            identity.private_key,
            identity.timestamp_url or None,
        )
        with (
            Signer.from_info(info) as signer,
            Context.from_json(_SETTINGS) as context,
            Builder(manifest, context=context) as builder,
        ):
            builder.sign(signer, media_type, io.BytesIO(data), signed)
    except C2paError as error:
        raise CredentialsFailed(f"The file could not be signed: {error}") from error
    return signed.getvalue()


def read_credentials(data: bytes, *, media_type: str) -> Credentials | None:
    """What a C2PA reader makes of a file; None when it carries no credentials.

    Raises:
        CredentialsFailed: there are credentials that no reader understands.
    """
    try:
        reader = Reader(media_type, io.BytesIO(data))
    except C2paError as error:
        if "ManifestNotFound" in str(error) or "no JUMBF" in str(error):
            return None
        raise CredentialsFailed(f"The credentials cannot be read: {error}") from error
    with reader:
        report: dict[str, Any] = json.loads(reader.json())
    manifest = report["manifests"][report["active_manifest"]]
    actions = [
        action
        for assertion in manifest["assertions"]
        if assertion["label"].startswith("c2pa.actions")
        for action in assertion["data"]["actions"]
    ]
    codes = [item["code"] for item in report.get("validation_status", [])]
    return Credentials(
        state=report["validation_state"],
        problems=tuple(code for code in codes if code != "signingCredential.untrusted"),
        source_types=tuple(a["digitalSourceType"] for a in actions if "digitalSourceType" in a),
        actions=tuple(action["action"] for action in actions),
        generator=manifest["claim_generator_info"][0],
        issuer=manifest["signature_info"].get("issuer", ""),
    )
