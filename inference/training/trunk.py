"""U²-Net-p as a torch module, read from its published ONNX file, batch norm already folded."""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

_SCORE = "Sigmoid"


class Trunk(nn.Module):
    """Runs the graph's convolutions, poolings and resizes at any size; shape plumbing is dropped.

    Frozen by default: what it knows of the world's objects is the part we cannot retrain.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        import onnx  # a training dependency only
        from onnx import numpy_helper

        graph = onnx.load(str(path)).graph
        values = {
            t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer
        }
        maker = {name: node for node in graph.node for name in node.output}
        self.convolutions = nn.ModuleList()
        self._steps: list[tuple[str, tuple[str, ...], str, int]] = []
        self._input = graph.input[0].name
        self._output = maker[graph.output[0].name].input[0]
        for node in graph.node:
            sources, target, at = tuple(node.input), node.output[0], 0
            if node.op_type == "Conv":
                at = len(self.convolutions)
                self.convolutions.append(_convolution(node, values))
                sources = sources[:1]
            elif node.op_type == "Resize":
                sources = (sources[0], _size_source(sources[3], maker))
            elif node.op_type == "Concat":
                if any(maker[s].op_type in {"Unsqueeze", "Slice", "Cast"} for s in sources):
                    continue
            elif node.op_type not in {"Relu", "MaxPool", "Add"}:
                continue
            self._steps.append((node.op_type, sources, target, at))

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) normalised as U²-Net wants it; gives (N, 1, H, W) logits."""
        seen = {self._input: picture}
        for kind, sources, target, at in self._steps:
            first = seen[sources[0]]
            if kind == "Conv":
                seen[target] = self.convolutions[at](first)
            elif kind == "Relu":
                seen[target] = functional.relu(first)
            elif kind == "MaxPool":
                seen[target] = functional.max_pool2d(first, 2, 2, ceil_mode=True)
            elif kind == "Add":
                seen[target] = first + seen[sources[1]]
            elif kind == "Concat":
                seen[target] = torch.cat([seen[s] for s in sources], 1)
            else:
                like = seen[sources[1]]
                size = int(like.shape[-2]), int(like.shape[-1])
                seen[target] = functional.interpolate(first, size=size, mode="bilinear")
        return seen[self._output]


def _convolution(node: object, values: dict[str, torch.Tensor]) -> nn.Conv2d:
    weight, bias = values[node.input[1]], values[node.input[2]]  # type: ignore[attr-defined]
    attributes = {a.name: list(a.ints) for a in node.attribute}  # type: ignore[attr-defined]
    layer = nn.Conv2d(
        weight.shape[1],
        weight.shape[0],
        (int(weight.shape[2]), int(weight.shape[3])),
        stride=(attributes["strides"][0], attributes["strides"][1]),
        padding=(attributes["pads"][0], attributes["pads"][1]),
        dilation=(attributes["dilations"][0], attributes["dilations"][1]),
    )
    with torch.no_grad():
        layer.weight.copy_(weight)
        if layer.bias is not None:
            layer.bias.copy_(bias)
    return layer


def _size_source(name: str, maker: dict[str, object]) -> str:
    """The tensor whose height and width a Resize copies, found back through the shape plumbing."""
    node = maker[name]
    branch = next(i for i in node.input if maker[i].op_type == "Cast")  # type: ignore[attr-defined]
    while True:
        node = maker[branch]
        branch = node.input[0]  # type: ignore[attr-defined]
        if node.op_type == "Shape":  # type: ignore[attr-defined]
            return str(branch)
