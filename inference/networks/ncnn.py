"""Read networks in ncnn's format (a `.param` text and a `.bin` of numbers) into torch, in Python.

A line of the text is one layer: its kind, its name, how many blobs go in and out, their names, and
numbered options. The numbers of all layers lie in the `.bin` in the text's order.

Source: ncnn's "param and model file structure" and "operation param weight table" (its wiki);
only the layers of the two enlarging networks are known here, and any other is refused.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

_MAGIC = "7767517"
# The tag in front of weights that are stored as half floats; 0 means whole ones.
_HALF_TAG, _WHOLE_TAG = 0x01306B47, 0
# Options numbered from here down are lists: -23300 - number.
_LIST_BASE = -23300
_NEAREST, _BILINEAR, _BICUBIC = 1, 2, 3
_MODES = {_NEAREST: "nearest", _BILINEAR: "bilinear", _BICUBIC: "bicubic"}
_LEAKY_RELU = 2
_ADD, _SUM = 0, 1


class NcnnInvalid(ValueError):
    """The files are not a network that this reader knows; the message says where."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One line of the text. `options` holds whole numbers, floats and lists of floats."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    options: Mapping[int, float | tuple[float, ...]]

    def whole(self, number: int, default: int = 0) -> int:
        """An option that is a whole number."""
        return int(self._single(number, default))

    def real(self, number: int, default: float = 0.0) -> float:
        """An option that is a float."""
        return float(self._single(number, default))

    def several(self, number: int) -> tuple[float, ...]:
        """An option that is a list; empty when it is absent."""
        value = self.options.get(number, ())
        return value if isinstance(value, tuple) else (value,)

    def _single(self, number: int, default: float) -> float:
        value = self.options.get(number, default)
        if isinstance(value, tuple):
            raise NcnnInvalid(f"{self.name}: option {number} is a list where a number is meant")
        return value


def parse_param(text: str) -> tuple[Layer, ...]:
    """The layers of a `.param` text.

    Raises:
        NcnnInvalid: the text is cut off or is not ncnn's.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != [_MAGIC]:
        raise NcnnInvalid("this is not an ncnn text")
    count = int(lines[1][0])
    layers = tuple(_layer(words) for words in lines[2:])
    if len(layers) != count:
        raise NcnnInvalid(f"the text names {count} layers and holds {len(layers)}")
    return layers


def _layer(words: Sequence[str]) -> Layer:
    try:
        kind, name, n_in, n_out = words[0], words[1], int(words[2]), int(words[3])
        blobs = words[4 : 4 + n_in + n_out]
        options = dict(_option(word) for word in words[4 + n_in + n_out :])
    except (IndexError, ValueError) as error:
        raise NcnnInvalid(f"this line is no layer: {' '.join(words)[:80]}") from error
    return Layer(kind, name, tuple(blobs[:n_in]), tuple(blobs[n_in:]), options)


def _option(word: str) -> tuple[int, float | tuple[float, ...]]:
    number, _, value = word.partition("=")
    if int(number) > _LIST_BASE:
        return int(number), float(value)
    count, *items = value.split(",")
    if len(items) != int(count):
        raise ValueError(word)
    return _LIST_BASE - int(number), tuple(float(item) for item in items)


class _Numbers:
    """Walks a `.bin` from its start."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def weights(self, count: int) -> torch.Tensor:
        """`count` numbers behind a tag that says how they are stored."""
        (tag,) = struct.unpack("<I", self._take(4))
        if tag == _WHOLE_TAG:
            return self.plain(count)
        if tag != _HALF_TAG:
            raise NcnnInvalid(f"weights stored in the way 0x{tag:08x} are not known")
        halves = np.frombuffer(self._take(2 * count), dtype="<f2").astype(np.float32)
        self._take(-2 * count % 4)
        return _tensor(halves)

    def plain(self, count: int) -> torch.Tensor:
        """`count` float32 without a tag."""
        return _tensor(np.frombuffer(self._take(4 * count), dtype="<f4").astype(np.float32))

    def end(self) -> None:
        """Raise unless everything was read."""
        if self._at != len(self._data):
            raise NcnnInvalid(f"{len(self._data) - self._at} bytes are left over")

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise NcnnInvalid("the numbers end too early")
        self._at += count
        return taken


def _tensor(values: NDArray[np.float32]) -> torch.Tensor:
    return torch.from_numpy(values)


class NcnnNetwork(nn.Module):
    """A network of one input and one output, run layer by layer.

    `forward` takes and gives (N, C, H, W). A blob is forgotten after its last reader, so that a
    deep network needs the memory of few.
    """

    def __init__(self, layers: Sequence[Layer], numbers: bytes) -> None:
        super().__init__()
        reader = _Numbers(numbers)
        self._steps: list[tuple[Layer, nn.Module | None]] = []
        for layer in layers:
            if layer.kind not in _BUILDERS:
                raise NcnnInvalid(f"layers of the kind {layer.kind} are not known")
            module = _BUILDERS[layer.kind](layer, reader)
            if module is not None:
                self.add_module(layer.name.replace(".", "_"), module)
            self._steps.append((layer, module))
        reader.end()
        if not layers or layers[0].kind != "Input":
            raise NcnnInvalid("the first layer is not the input")
        self._last_reader = {
            blob: index for index, layer in enumerate(layers) for blob in layer.inputs
        }
        self.eval().requires_grad_(False)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """Run every layer in the text's order, which is one in which all inputs are ready."""
        blobs: dict[str, torch.Tensor] = {}
        result = picture
        for index, (layer, module) in enumerate(self._steps):
            inputs = [blobs[name] for name in layer.inputs]
            for name in layer.inputs:
                if self._last_reader[name] == index:
                    del blobs[name]
            result = _run(layer, module, inputs) if inputs else picture
            for name in layer.outputs:
                blobs[name] = result
        return result


def _run(layer: Layer, module: nn.Module | None, inputs: list[torch.Tensor]) -> torch.Tensor:
    if module is not None:
        result: torch.Tensor = module(inputs[0])
        return result
    match layer.kind:
        case "Split":
            return inputs[0]
        case "Concat":
            return torch.cat(inputs, dim=1)
        case "BinaryOp":
            return inputs[0] + inputs[1]
        case _:
            factors = layer.several(1) or (1.0,) * len(inputs)
            total = inputs[0] * factors[0]
            for factor, plane in zip(factors[1:], inputs[1:], strict=True):
                total = total + plane * factor
            return total


class _Resize(nn.Module):
    def __init__(self, factors: tuple[float, float], mode: str) -> None:
        super().__init__()
        self._factors, self._mode = factors, mode

    def forward(self, plane: torch.Tensor) -> torch.Tensor:
        return functional.interpolate(plane, scale_factor=self._factors, mode=self._mode)


def _convolution(layer: Layer, numbers: _Numbers) -> nn.Module:
    width = layer.whole(1)
    filters, total = layer.whole(0), layer.whole(6)
    is_plain = layer.whole(2, 1) == 1 and layer.whole(3, 1) == 1 and layer.whole(11, width) == width
    if not is_plain or 2 * layer.whole(4) + 1 != width or total % (filters * width * width):
        raise NcnnInvalid(f"{layer.name}: only plain convolutions of the same size are known")
    inputs = total // (filters * width * width)
    has_bias = bool(layer.whole(5))
    convolution = nn.Conv2d(inputs, filters, width, padding=width // 2, bias=has_bias)
    convolution.weight = _frozen(numbers.weights(total).view(filters, inputs, width, width))
    if has_bias:
        convolution.bias = _frozen(numbers.plain(filters))
    match layer.whole(9):
        case 0:
            return convolution
        case 2:
            return nn.Sequential(convolution, nn.LeakyReLU(layer.several(10)[0], inplace=True))
        case other:
            raise NcnnInvalid(f"{layer.name}: the activation {other} is not known")


def _prelu(layer: Layer, numbers: _Numbers) -> nn.Module:
    slopes = nn.PReLU(layer.whole(0))
    slopes.weight = _frozen(numbers.plain(layer.whole(0)))
    return slopes


def _frozen(values: torch.Tensor) -> nn.Parameter:
    return nn.Parameter(values, requires_grad=False)


def _pixel_shuffle(layer: Layer, numbers: _Numbers) -> nn.Module:
    if layer.whole(1):
        raise NcnnInvalid(f"{layer.name}: only the plain order of shuffled pixels is known")
    return nn.PixelShuffle(layer.whole(0))


def _interp(layer: Layer, numbers: _Numbers) -> nn.Module:
    mode = _MODES.get(layer.whole(0))
    if mode is None or layer.whole(3) or layer.whole(4):
        raise NcnnInvalid(f"{layer.name}: this way of resizing is not known")
    return _Resize((layer.real(1, 1.0), layer.real(2, 1.0)), mode)


def _nothing(layer: Layer, numbers: _Numbers) -> None:
    expected = {"BinaryOp": _ADD, "Eltwise": _SUM}
    if layer.kind in expected and layer.whole(0) != expected[layer.kind]:
        raise NcnnInvalid(f"{layer.name}: only sums are known")
    if layer.kind == "BinaryOp" and len(layer.inputs) != 2:
        raise NcnnInvalid(f"{layer.name}: only sums of two blobs are known")


_BUILDERS: Mapping[str, Callable[[Layer, _Numbers], nn.Module | None]] = {
    "Input": _nothing,
    "Split": _nothing,
    "Concat": _nothing,
    "BinaryOp": _nothing,
    "Eltwise": _nothing,
    "Convolution": _convolution,
    "PReLU": _prelu,
    "PixelShuffle": _pixel_shuffle,
    "Interp": _interp,
}


def read_ncnn(param: str, numbers: bytes) -> NcnnNetwork:
    """The network that a `.param` text and its `.bin` describe.

    Raises:
        NcnnInvalid: a layer, an option or a way of storing numbers is unknown, or a file is cut.
    """
    return NcnnNetwork(parse_param(param), numbers)
