"""Channel presets: what each marketplace asks of a picture, read once from `channels.toml`.

They lie below the apps because three of them ask: sellers say which channels a picture is for when
they send it to review, its inspection holds it to them, and publishing makes their files.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # TOML values, checked where they are taken apart

from django.utils.text import slugify

from inference.inspect.findings import ChannelNeed
from inference.stages.crops import CropRule
from inference.stages.encode import VariantFormat
from studio.core.errors import Invalid

_FILE = Path(__file__).with_name("channels.toml")
_EXTENSIONS = {VariantFormat.JPEG: "jpg", VariantFormat.WEBP: "webp", VariantFormat.AVIF: "avif"}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_EVIDENCE = {"official": "official", "secondary": "seller guides", "ours": "our choice"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One number of a preset with where it was read, for people to look it up."""

    name: str
    value: str
    evidence: str
    source: str
    read: str


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a picture goes and what is asked of it there.

    Lengths are pixels; `aspect` is width over height, None for the picture's own; fills are shares
    of the frame, 0..1; `max_bytes` is None without a limit. A channel with `widths_px` takes a
    ladder of sizes, any other one file of at most `best_px`.
    """

    code: str
    label: str
    what: str
    version: str
    formats: tuple[VariantFormat, ...]
    naming: str
    aspect: float | None
    widths_px: tuple[int, ...]
    min_px: tuple[int, int]
    min_long_px: int
    best_px: tuple[int, int] | None
    zoom_px: int
    fill: float | None
    least_fill: float
    needs_white: bool
    needs_whole_product: bool
    max_bytes: int | None
    rules: tuple[Rule, ...]

    @property
    def crop_rule(self) -> CropRule:
        return CropRule(aspect=self.aspect, fill=self.fill, least_fill=self.least_fill)

    @property
    def need(self) -> ChannelNeed:
        """What an inspection holds a picture to."""
        return ChannelNeed(
            self.label,
            smallest_longest_px=self.min_long_px,
            smallest_width_px=self.min_px[0],
            smallest_height_px=self.min_px[1],
            aspect=self.aspect or 0.0,
            fill=(self.fill or 0.0) if self.needs_white else 0.0,
        )

    def ladder_px(self, native: int) -> list[int]:
        """The longest sides to make from a picture of this one, the largest first.

        What lies between two rungs keeps its own size as the top one: nothing is thrown away, and
        nothing is enlarged.
        """
        top = min(native, max(self.widths_px))
        return [top, *(side for side in self.widths_px if side < top)]

    def file_name(
        self, *, sku: str, title: str, number: int, width: int, height: int, format: str
    ) -> str:
        """The name under which the channel wants the file."""
        name = _UNSAFE.sub("-", sku).strip("-.") or slugify(title) or "picture"
        extension = _EXTENSIONS[VariantFormat(format)]
        return self.naming.format(name=name, n=number, width=width, height=height, ext=extension)


def _channel(code: str, table: Mapping[str, Any]) -> Channel:
    def value(name: str, default: object = None) -> Any:  # noqa: ANN401  # as the table has it
        return table[name]["value"] if name in table else default

    aspect = value("aspect")
    wide, high = (1, 0) if aspect == "any" else map(int, aspect.split(":"))
    best = value("best_px")
    least_fill, fill = value("fill", (0.0, None))
    return Channel(
        code=code,
        label=table["label"],
        what=table["what"],
        version=table["version"],
        formats=tuple(VariantFormat(name) for name in value("formats")),
        naming=value("naming"),
        aspect=wide / high if high else None,
        widths_px=tuple(value("widths_px", ())),
        min_px=tuple(value("min_px", (1, 1))),
        min_long_px=value("min_long_px", 1),
        best_px=tuple(best) if best else None,
        zoom_px=value("zoom_px", 0),
        fill=fill,
        least_fill=least_fill,
        needs_white=value("background") == "white",
        needs_whole_product=value("whole_product", False),
        max_bytes=value("max_bytes"),
        rules=tuple(_rule(name, entry) for name, entry in table.items() if isinstance(entry, dict)),
    )


def _rule(name: str, entry: Mapping[str, Any]) -> Rule:
    label, written = _WRITTEN[name](entry["value"])
    return Rule(label, written, _EVIDENCE[entry["evidence"]], entry["source"], entry["read"])


def _by(value: list[int]) -> str:
    return f"{value[0]} × {value[1]} px"


def _fill(value: list[float]) -> str:
    return f"at least {value[0]:.0%}" if value[0] else f"about {value[1]:.0%}"


_WRITTEN: Mapping[str, Any] = {
    "widths_px": lambda v: ("Sizes", ", ".join(str(width) for width in v) + " px"),
    "aspect": lambda v: ("Shape", "as approved" if v == "any" else v.replace(":", " : ")),
    "min_px": lambda v: ("Smallest", _by(v)),
    "min_long_px": lambda v: ("Smallest", f"{v} px on the longer side"),
    "zoom_px": lambda v: ("Zoom from", f"{v} px"),
    "best_px": lambda v: ("Made at most", _by(v)),
    "fill": lambda v: ("Product fills", _fill(v)),
    "background": lambda v: ("Background", "pure white" if v == "white" else "any"),
    "whole_product": lambda v: ("Product", "whole, not cut off"),
    "formats": lambda v: ("Format", ", ".join(name.upper() for name in v)),
    "max_bytes": lambda v: ("File", f"up to {v / 1e6:g} MB"),
    "naming": lambda v: ("Name", v),
}

CHANNELS: Mapping[str, Channel] = {
    code: _channel(code, table) for code, table in tomllib.loads(_FILE.read_text("utf-8")).items()
}


def channels_named(codes: Iterable[str]) -> list[Channel]:
    """The channels of these codes, each once, in the presets' order.

    Raises:
        Invalid: there is no such channel.
    """
    wanted = set(codes)
    for code in sorted(wanted - set(CHANNELS)):
        raise Invalid(f"There is no channel called “{code}”.", field="channels")
    return [channel for code, channel in CHANNELS.items() if code in wanted]
