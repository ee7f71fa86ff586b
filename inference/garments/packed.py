"""Arrays in small files: whole numbers, differences between neighbours, then LZMA."""

import io
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Numbers of every size, as they lie in a file.
Array = NDArray[Any]

_DATA = Path(__file__).parent / "data"


def data_file(name: str) -> Path:
    """A file that ships with the package."""
    return _DATA / name


def write_packed(path: Path, arrays: Mapping[str, Array]) -> int:
    """Write arrays; returns the file's bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, **dict(arrays))  # type: ignore[arg-type]
    data = lzma.compress(buffer.getvalue(), preset=9 | lzma.PRESET_EXTREME)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return len(data)


def read_packed(path: Path) -> dict[str, Array]:
    """Read what `write_packed` wrote."""
    with np.load(io.BytesIO(lzma.decompress(path.read_bytes()))) as stored:
        return {name: stored[name] for name in stored.files}


def to_steps(values: Array, step: float) -> Array:
    """Round (V, C) values to multiples of `step` and keep the differences between rows, int16.

    Raises:
        OverflowError: a difference is too large for the step.
    """
    whole = np.rint(np.asarray(values, np.float64) / step).astype(np.int64)
    differences = np.diff(whole, axis=0, prepend=0)
    if np.abs(differences).max(initial=0) > np.iinfo(np.int16).max:
        raise OverflowError("a difference does not fit into 16 bits")
    # One plane a channel: bytes that look alike lie side by side.
    return np.ascontiguousarray(differences.astype(np.int16).T)


def from_steps(differences: Array, step: float) -> NDArray[np.float64]:
    """(V, C) float64 values of what `to_steps` made."""
    return np.ascontiguousarray(np.cumsum(differences.astype(np.int64), axis=1).T * step)
