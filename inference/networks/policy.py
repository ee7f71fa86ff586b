"""A small classifier of picture content: NSFWJS's MobileNet v2, brought over from JavaScript.

The package ships two scripts: one exports the network's plan as Keras describes it, the other its
numbers in base64, quantised to bytes. Neither is run: the literals are read, and the plan becomes
a list of torch operations.

Source: Sandler and others, "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018;
the formats are those of Keras 2 (layers) and TensorFlow.js (weights manifest).
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from inference.errors import WeightsCorrupt
from inference.networks.weights import installed_path
from inference.pixels.arrays import RgbU8

GRAPH, VALUES = "policy-graph", "policy-values"
SIDE_PX = 224

_LITERAL = re.compile(r'\.exports=(?P<literal>[{"].*?[}"])\},\{\}\]', re.DOTALL)
_KEY = re.compile(r"([{,])([A-Za-z_]\w*):")
_BARE_FRACTION = re.compile(r"(?<=[:,\[])(-?)\.(\d)")
_TRUE_OR_FALSE = re.compile(r"!([01])")

Values = Mapping[str, torch.Tensor]
Operation = Callable[[list[torch.Tensor]], torch.Tensor]


@dataclass(frozen=True, slots=True)
class ContentScores:
    """How likely the picture is each of these, 0..1; they add up to 1."""

    drawing: float
    explicit_drawing: float
    neutral: float
    explicit: float
    suggestive: float


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str
    inputs: tuple[str, ...]
    operation: Operation


class ContentClassifier:
    """Judges pictures; safe to share between threads."""

    def __init__(self, layers: Sequence[_Layer], first: str) -> None:
        self._layers = layers
        self._first = first

    def judge(self, rgb: RgbU8) -> ContentScores:
        """Classify (H, W, 3) uint8 sRGB, stretched to the network's square."""
        small = Image.fromarray(rgb).resize(
            (SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR, reducing_gap=3.0
        )
        planes = torch.from_numpy(np.asarray(small).copy()).permute(2, 0, 1).to(torch.float32)
        with torch.inference_mode():
            chances = self._run(planes[None] / 255)[0].tolist()
        drawing, explicit_drawing, neutral, explicit, suggestive = chances
        return ContentScores(drawing, explicit_drawing, neutral, explicit, suggestive)

    def _run(self, planes: torch.Tensor) -> torch.Tensor:
        known = {self._first: planes}
        for layer in self._layers:
            known[layer.name] = layer.operation([known[name] for name in layer.inputs])
        return known[self._layers[-1].name]


def load_content_classifier() -> ContentClassifier:
    """The classifier with its registered weights.

    Raises:
        WeightsMissing, WeightsCorrupt: a file is absent, not the registered one, or not readable.
    """
    graph = installed_path(GRAPH).read_text("utf-8")
    values = installed_path(VALUES).read_text("utf-8")
    return build_content_classifier(graph, values)


def build_content_classifier(graph: str, values: str) -> ContentClassifier:
    """The classifier from the text of both scripts.

    Raises:
        WeightsCorrupt: they do not hold what they should.
    """
    try:
        model = json.loads(_as_json(_literal(graph)))
        data = base64.b64decode(_literal(values).strip('"'), validate=True)
        tensors = _read_values(model["weightsManifest"], data)
        plan = model["modelTopology"]["model_config"]["config"]["layers"]
        first, *rest = plan
        layers = [
            _Layer(entry["name"], _inputs(entry), _operation(entry, tensors)) for entry in rest
        ]
    except (KeyError, ValueError, IndexError, TypeError, binascii.Error) as error:
        raise WeightsCorrupt("The content classifier’s files could not be read.") from error
    return ContentClassifier(layers, first["name"])


def _literal(script: str) -> str:
    """The literal that a script exports."""
    found = _LITERAL.search(script)
    if found is None:
        raise ValueError("the script exports no literal")
    return found["literal"]


def _as_json(literal: str) -> str:
    """A minified JavaScript object literal as JSON; its strings hold none of what is replaced."""
    quoted = _KEY.sub(r'\1"\2":', literal)
    whole = _BARE_FRACTION.sub(r"\g<1>0.\2", quoted)
    return _TRUE_OR_FALSE.sub(lambda found: "false" if found[1] == "1" else "true", whole)


def _read_values(manifest: Sequence[Mapping[str, object]], data: bytes) -> dict[str, torch.Tensor]:
    """Every named array as float32: byte × scale + min."""
    tensors: dict[str, torch.Tensor] = {}
    position = 0
    for group in manifest:
        entries: list[dict[str, object]] = group["weights"]  # type: ignore[assignment]
        for entry in entries:
            shape: list[int] = entry["shape"]  # type: ignore[assignment]
            quantised: dict[str, float] = entry["quantization"]  # type: ignore[assignment]
            count = int(np.prod(shape))
            raw: NDArray[np.uint8] = np.frombuffer(data, np.uint8, count, position)
            position += count
            numbers = raw.astype(np.float32) * quantised["scale"] + quantised["min"]
            tensors[str(entry["name"])] = torch.from_numpy(
                numbers.astype(np.float32).reshape(shape)
            )
    if position != len(data):
        raise ValueError("the numbers are not as many as the plan says")
    return tensors


def _inputs(entry: Mapping[str, object]) -> tuple[str, ...]:
    nodes: list[list[list[str]]] = entry["inbound_nodes"]  # type: ignore[assignment]
    return tuple(node[0] for node in nodes[0])


def _operation(entry: Mapping[str, object], values: Values) -> Operation:
    name, kind = str(entry["name"]), str(entry["class_name"])
    config: dict[str, object] = entry["config"]  # type: ignore[assignment]
    if kind not in _BUILDERS:
        raise ValueError(f"no operation for layers of the kind {kind}")
    return _BUILDERS[kind](name, config, values)


def _zero_padding(name: str, config: Mapping[str, object], values: Values) -> Operation:
    padding: list[list[int]] = config["padding"]  # type: ignore[assignment]
    (top, bottom), (left, right) = padding
    return lambda inputs: functional.pad(inputs[0], (left, right, top, bottom))


def _convolution(name: str, config: Mapping[str, object], values: Values) -> Operation:
    kernel = values[f"{name}/kernel"].permute(3, 2, 0, 1).contiguous()
    return _convolving(kernel, config, groups=1)


def _depthwise(name: str, config: Mapping[str, object], values: Values) -> Operation:
    kernel = values[f"{name}/depthwise_kernel"].permute(2, 3, 0, 1).contiguous()
    return _convolving(kernel, config, groups=kernel.shape[0])


def _convolving(kernel: torch.Tensor, config: Mapping[str, object], *, groups: int) -> Operation:
    stride: list[int] = config["strides"]  # type: ignore[assignment]
    is_same = config["padding"] == "same"
    if config["use_bias"] or config["activation"] != "linear" or (is_same and stride != [1, 1]):
        raise ValueError("a convolution that this importer does not know")
    pad = kernel.shape[-1] // 2 if is_same else 0
    return lambda inputs: functional.conv2d(
        inputs[0], kernel, stride=tuple(stride), padding=pad, groups=groups
    )


def _normalisation(name: str, config: Mapping[str, object], values: Values) -> Operation:
    gamma, beta, mean, variance = (
        values[f"{name}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    scale = gamma / torch.sqrt(variance + float(config["epsilon"]))  # type: ignore[arg-type]
    shift = beta - mean * scale
    return lambda inputs: inputs[0] * scale[:, None, None] + shift[:, None, None]


def _relu(name: str, config: Mapping[str, object], values: Values) -> Operation:
    most = float(config["max_value"])  # type: ignore[arg-type]
    return lambda inputs: inputs[0].clamp(0, most)


def _add(name: str, config: Mapping[str, object], values: Values) -> Operation:
    return lambda inputs: torch.stack(inputs).sum(dim=0)


def _average(name: str, config: Mapping[str, object], values: Values) -> Operation:
    size: list[int] = config["pool_size"]  # type: ignore[assignment]
    height, width = size
    return lambda inputs: functional.avg_pool2d(inputs[0], (height, width))


def _flatten(name: str, config: Mapping[str, object], values: Values) -> Operation:
    return lambda inputs: inputs[0].permute(0, 2, 3, 1).flatten(1)


def _nothing(name: str, config: Mapping[str, object], values: Values) -> Operation:
    return lambda inputs: inputs[0]


def _dense(name: str, config: Mapping[str, object], values: Values) -> Operation:
    kernel = values[f"{name}/kernel"]
    bias = values[f"{name}/bias"] if config["use_bias"] else torch.zeros(kernel.shape[1])
    activation = _ACTIVATIONS[str(config["activation"])]
    return lambda inputs: activation(inputs[0] @ kernel + bias)


_ACTIVATIONS: Mapping[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "linear": lambda plane: plane,
    "relu": lambda plane: plane.clamp(min=0),
    "softmax": lambda plane: torch.softmax(plane, dim=-1),
}
_BUILDERS: Mapping[str, Callable[[str, Mapping[str, object], Values], Operation]] = {
    "ZeroPadding2D": _zero_padding,
    "Conv2D": _convolution,
    "DepthwiseConv2D": _depthwise,
    "BatchNormalization": _normalisation,
    "ReLU": _relu,
    "Add": _add,
    "AveragePooling2D": _average,
    "Flatten": _flatten,
    "Dropout": _nothing,
    "Dense": _dense,
}
