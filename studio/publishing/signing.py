"""The key with which published files are signed: the operator's, or one made for development."""

import os
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

from inference.provenance.credentials import SigningIdentity
from inference.provenance.development_key import make_development_key

GENERATOR_VERSION = version("softbox")
CREATOR_TOOL = f"Softbox {GENERATOR_VERSION}"


def signing_identity() -> SigningIdentity:
    """The operator's certificates and key, or the development key in the data folder."""
    chosen = settings.CONFIGURATION
    if chosen.c2pa_certificates and chosen.c2pa_private_key:
        return _read(
            chosen.c2pa_certificates,
            chosen.c2pa_private_key,
            chosen.c2pa_algorithm,
            chosen.c2pa_timestamp_url,
        )
    return _development(chosen.data_dir / "c2pa", chosen.c2pa_timestamp_url)


@lru_cache(maxsize=2)
def _read(
    certificates: Path, private_key: Path, algorithm: str, timestamp_url: str
) -> SigningIdentity:
    return SigningIdentity(
        certificates=certificates.read_bytes(),
        private_key=private_key.read_bytes(),
        algorithm=algorithm,
        is_development=False,
        timestamp_url=timestamp_url,
    )


@lru_cache(maxsize=2)
def _development(folder: Path, timestamp_url: str) -> SigningIdentity:
    """One file holds both, so that two processes that make it at once never mix theirs."""
    path = folder / "development.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        chain, private_key = make_development_key()
        made = folder / f".new-{os.getpid()}"
        made.touch(mode=0o600)
        made.write_bytes(chain + private_key)
        try:
            path.hardlink_to(made)
        except FileExistsError:
            pass  # another process was first: its key is the one
        finally:
            made.unlink()
    chain, mark, private_key = path.read_bytes().partition(b"-----BEGIN PRIVATE KEY-----")
    return SigningIdentity(
        certificates=chain,
        private_key=mark + private_key,
        algorithm="es256",
        is_development=True,
        timestamp_url=timestamp_url,
    )
