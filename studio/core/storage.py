"""Files by key: written once, read by path or by signed URL, never changed in place."""

import errno
import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from studio.core.errors import NotFound, StorageFull

_signer = Signer(salt="studio.files")
# A URL stays the same for half a day, so that browsers can cache what it names, and works for a
# day and a half at most.
_BUCKET_S = 12 * 3600
_BUCKETS_VALID = 3
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def save_bytes(key: str, data: bytes) -> None:
    """Store `data` under `key`. Keys name content, so an existing file is left as it is.

    Raises:
        StorageFull: the disk has no room; nothing is left behind.
    """
    _save(key, ContentFile(data), size=len(data))


def save_file(key: str, file: "File[bytes]") -> None:
    """Store an open file under `key`; like `save_bytes`."""
    _save(key, file, size=file.size or 0)


def _save(key: str, content: "File[bytes]", *, size: int) -> None:
    try:
        if is_local():
            _save_locally(Path(default_storage.path(key)), content)
        elif not default_storage.exists(key):
            default_storage.save(key, content)
    except OSError as error:
        if error.errno in _NO_SPACE:
            megabytes = size / 1e6
            raise StorageFull(
                f"The disk is full: there is no room for {megabytes:.1f} MB more. "
                "Nothing was lost; free some space and try again."
            ) from error
        raise


def _save_locally(path: Path, content: "File[bytes]") -> None:
    """Write beside the target and rename: a reader never sees half a file."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as partial:
        temporary = Path(partial.name)
        try:
            content.seek(0)
            shutil.copyfileobj(content, partial, 1024 * 1024)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    temporary.chmod(0o644)
    temporary.replace(path)


def is_local() -> bool:
    """True when files lie in a folder of this machine."""
    return isinstance(default_storage, FileSystemStorage)


@contextmanager
def local_copy(key: str) -> Iterator[Path]:
    """A path at which the file can be read while the block runs; remote files are fetched.

    Raises:
        NotFound: there is no such file.
    """
    if is_local():
        path = Path(default_storage.path(key))
        if not path.is_file():
            raise NotFound(f"The stored file {Path(key).name} is missing.")
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="softbox-") as folder:
        path = Path(folder) / Path(key).name
        path.write_bytes(read_bytes(key))
        yield path


def read_bytes(key: str) -> bytes:
    """The whole file.

    Raises:
        NotFound: there is no such file.
    """
    try:
        with default_storage.open(key, "rb") as file:
            return bytes(file.read())
    except FileNotFoundError as error:
        raise NotFound(f"The stored file {Path(key).name} is missing.") from error


def delete(key: str) -> None:
    """Remove a file that nothing names any more."""
    if key:
        default_storage.delete(key)


def sha256_of(file: "File[bytes]") -> str:
    """Hex sha256 of an open file, read from its start and left at its start."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def file_url(key: str) -> str:
    """A URL on this site that shows the file for the next day, to whoever holds it."""
    if not key:
        return ""
    bucket = int(time.time()) // _BUCKET_S
    token = _signer.sign_object({"k": key, "b": bucket})
    return reverse("core:file", kwargs={"token": token, "name": Path(key).name})


def key_of_token(token: str) -> str:
    """The key that a URL's token names.

    Raises:
        NotFound: the token is not ours, or too old.
    """
    try:
        payload = _signer.unsign_object(token)
    except BadSignature as error:
        raise NotFound("This link is not valid.") from error
    age = int(time.time()) // _BUCKET_S - int(payload["b"])
    if not 0 <= age < _BUCKETS_VALID:
        raise NotFound("This link is too old; open the page again for a new one.")
    return str(payload["k"])
