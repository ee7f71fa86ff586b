"""Cursor pages: stable while rows are added at the front."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items and the cursor of the next page ("" when this is the last)."""

    items: Sequence[T]
    next_cursor: str
