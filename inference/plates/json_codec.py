"""`plate.json` to dataclasses and back, with errors that name the field.

The dataclasses in `format` are the schema; this module reads their type hints. It is strict: an
unknown field, a missing one, a wrong type or a number that is not finite is an error.
"""

import dataclasses
import json
import math
import types
import typing
from enum import Enum
from typing import Any

from inference.errors import PlateInvalid
from inference.plates.format import SCHEMA, SLOTS, PlateInfo

# A type hint and what it makes: only known at run time.
Hint = Any
Value = Any
T = typing.TypeVar("T")


def parse_info(text: str, *, source: str) -> PlateInfo:
    """Read the text of a scene's `plate.json`.

    Args:
        text: the file's text.
        source: what an error calls the file.

    Raises:
        PlateInvalid: not JSON, of another schema or kind, or a field is wrong; it says which.
    """
    record = _record(text, source)
    kind = record.get("kind")
    known = {str(kind): slot for kind, slot in SLOTS.items()}
    if kind not in known:
        raise PlateInvalid(f"{source} is of kind {kind!r}; this version knows {', '.join(known)}.")
    try:
        slot = _read(known[kind], record.pop("slot", None), "slot")
        return typing.cast(PlateInfo, _read(PlateInfo, record, "", given={"slot": slot}))
    except _FieldWrong as error:
        raise PlateInvalid(f"{source}: {error}.") from error


def parse_record(record_type: type[T], text: str, *, source: str) -> T:
    """Read the text of a `plate.json` whose record is another dataclass.

    Raises:
        PlateInvalid: not JSON, of another schema, or a field is wrong; it says which.
    """
    record = _record(text, source)
    try:
        return typing.cast(T, _read(record_type, record, ""))
    except _FieldWrong as error:
        raise PlateInvalid(f"{source}: {error}.") from error


def _record(text: str, source: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except ValueError as error:
        raise PlateInvalid(f"{source} is not JSON: {error}.") from error
    if not isinstance(record, dict):
        raise PlateInvalid(f"{source} is not a JSON object.")
    schema = record.pop("schema", None)
    if schema != SCHEMA:
        raise PlateInvalid(f"{source} has schema {schema!r}; this version reads {SCHEMA}.")
    return record


def dump_info(info: PlateInfo) -> str:
    """The text of a scene's `plate.json`; numbers keep seven significant digits."""
    return dump_record(info)


def dump_record(info: object) -> str:
    """The text of a `plate.json`; numbers keep seven significant digits."""
    record = {"schema": SCHEMA, **_write(info)}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in record.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


class _FieldWrong(Exception):
    """A field that does not fit; the message starts with its path."""


def _read(hint: Hint, value: object, path: str, given: dict[str, object] | None = None) -> Value:
    if dataclasses.is_dataclass(hint):
        return _read_record(typing.cast(type, hint), value, path, given or {})
    origin: Value = typing.get_origin(hint)
    if origin is types.UnionType:
        inner, *_ = (part for part in typing.get_args(hint) if part is not types.NoneType)
        return None if value is None else _read(inner, value, path)
    if origin is tuple:
        return _read_sequence(typing.get_args(hint), value, path)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _read_choice(hint, value, path)
    return _read_plain(hint, value, path)


def _read_record(hint: type, value: object, path: str, given: dict[str, object]) -> Value:
    if not isinstance(value, dict):
        raise _FieldWrong(f"{path or 'the plate'} must be an object")
    prefix = f"{path}." if path else ""
    hints = typing.get_type_hints(hint)
    fields = {field.name: field for field in dataclasses.fields(hint)}
    for name in value:
        if name not in fields or name in given:
            raise _FieldWrong(f"{prefix}{name} is not a field of this schema")
    arguments = dict(given)
    for name, field in fields.items():
        if name in value:
            arguments[name] = _read(hints[name], value[name], f"{prefix}{name}")
        elif name not in given and field.default is dataclasses.MISSING:
            raise _FieldWrong(f"{prefix}{name} is missing")
    try:
        return hint(**arguments)
    except ValueError as error:
        raise _FieldWrong(f"{path or 'the plate'}: {error}") from error


def _read_sequence(parts: tuple[Any, ...], value: object, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _FieldWrong(f"{path} must be a list")
    if parts[-1] is Ellipsis:
        parts = (parts[0],) * len(value)
    if len(value) != len(parts):
        raise _FieldWrong(f"{path} has {len(value)} entries; it takes {len(parts)}")
    pairs = enumerate(zip(parts, value, strict=True))
    return tuple(_read(part, item, f"{path}[{index}]") for index, (part, item) in pairs)


def _read_choice(hint: type[Enum], value: object, path: str) -> Enum:
    try:
        return hint(value)
    except ValueError:
        names = ", ".join(str(choice.value) for choice in hint)
        raise _FieldWrong(f"{path} is {value!r}; it is one of {names}") from None


def _read_plain(hint: Hint, value: object, path: str) -> Value:
    if hint is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _FieldWrong(f"{path} must be a number")
        if not math.isfinite(value):
            raise _FieldWrong(f"{path} must be finite")
        return float(value)
    if type(value) is not hint:
        names = {int: "a whole number", str: "a text", bool: "true or false"}
        raise _FieldWrong(f"{path} must be {names[hint]}")
    return value


def _write(value: Value) -> Value:
    if dataclasses.is_dataclass(value):
        return {
            field.name: _write(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple):
        return [_write(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return float(f"{value:.7g}")
    return value
