"""Edit an ONNX file's declared input and output shapes, without the `onnx` package.

Exported networks declare a batch of exactly one. Where the graph itself works for any batch (its
shapes come from Shape nodes, not constants), loosening the declaration is all that is missing.
An ONNX file is a protobuf message; the few nested fields on the way are walked and copied by hand.

Source: the ONNX project's onnx.proto3 (field numbers) and the protobuf wire format.
"""

from collections.abc import Callable, Iterator

_MODEL_GRAPH = 7
_GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_VALUE_INFO = 11, 12, 13
_VALUE_TYPE, _TYPE_TENSOR, _TENSOR_SHAPE, _SHAPE_DIMENSION = 2, 1, 2, 1
_DIMENSION_PARAMETER = 2
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5

_Edit = Callable[[int, bytes], bytes | None]


def with_dynamic_batch(model: bytes) -> bytes:
    """The same network with its first input and output dimension named `batch` instead of fixed.

    The stored shapes of inner values are dropped: they repeat the fixed batch, and the runtime
    infers them again.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    return _edited(
        model, lambda number, body: _edit_graph(body) if number == _MODEL_GRAPH else body
    )


def _edit_graph(graph: bytes) -> bytes:
    def edit(number: int, body: bytes) -> bytes | None:
        if number == _GRAPH_VALUE_INFO:
            return None
        return _edit_value(body) if number in (_GRAPH_INPUT, _GRAPH_OUTPUT) else body

    return _edited(graph, edit)


def _edit_value(value: bytes) -> bytes:
    def descend(path: tuple[int, ...], message: bytes) -> bytes:
        if not path:
            return _with_first_dimension_named(message)
        return _edited(
            message, lambda number, body: descend(path[1:], body) if number == path[0] else body
        )

    return descend((_VALUE_TYPE, _TYPE_TENSOR, _TENSOR_SHAPE), value)


def _with_first_dimension_named(shape: bytes) -> bytes:
    is_first = True

    def edit(number: int, body: bytes) -> bytes:
        nonlocal is_first
        if number == _SHAPE_DIMENSION and is_first:
            is_first = False
            return _field(_DIMENSION_PARAMETER, b"batch")
        return body

    return _edited(shape, edit)


def _edited(message: bytes, edit: _Edit) -> bytes:
    """Copy a message; `edit` sees each length-delimited field and may change or drop it."""
    parts: list[bytes] = []
    for number, raw, body in _fields(message):
        if body is None:
            parts.append(raw)
            continue
        changed = edit(number, body)
        if changed is body:
            parts.append(raw)
        elif changed is not None:
            parts.append(_field(number, changed))
    return b"".join(parts)


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Each field's number, its bytes with the key, and its body when it is length-delimited."""
    position = 0
    while position < len(message):
        start = position
        key, position = _read_varint(message, position)
        number, wire_type = key >> 3, key & 7
        body_start = position
        if wire_type == _VARINT:
            _, position = _read_varint(message, position)
        elif wire_type == _BYTES:
            length, body_start = _read_varint(message, position)
            position = body_start + length
        elif wire_type in (_FIXED_32, _FIXED_64):
            position += 4 if wire_type == _FIXED_32 else 8
        else:
            raise ValueError(f"not an ONNX file: wire type {wire_type} at byte {start}")
        if position > len(message):
            raise ValueError("not an ONNX file: a field runs past the end")
        is_bytes = wire_type == _BYTES
        yield number, message[start:position], message[body_start:position] if is_bytes else None


def _field(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(body)) + body


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(message):
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
    raise ValueError("not an ONNX file: it ends inside a number")


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
