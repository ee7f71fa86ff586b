"""From the trained torch network to the ONNX file the engine loads."""

from pathlib import Path

import torch
from torch import nn

from inference.training.any_size import at_any_size
from inference.training.network import SIDE_PX, SoftboxMatte

_OPSET = 17
_SMALLEST_TO_HALVE = 256


class _Alpha(nn.Module):
    def __init__(self, network: SoftboxMatte) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        logits, _ = self.network(picture)
        alpha: torch.Tensor = torch.sigmoid(logits)
        return alpha


def export(network: SoftboxMatte, path: Path) -> None:
    """Write the network: input `picture`, output `alpha`, weights stored as half floats.

    It takes pictures of any height and width that divide by 192 (`at_any_size`).

    The runtime widens the weights once, when it loads them, and computes in float32: half the
    file, none of the CPU's slowness with halves.
    """
    import onnx  # a training dependency only
    from onnx import TensorProto, helper, numpy_helper

    whole = _Alpha(network).float().cpu().eval()
    torch.onnx.export(
        whole,
        (torch.rand(1, 3, SIDE_PX, SIDE_PX),),
        str(path),
        dynamo=False,
        opset_version=_OPSET,
        input_names=["picture"],
        output_names=["alpha"],
        dynamic_axes={"picture": {0: "n"}, "alpha": {0: "n"}},
    )
    model = onnx.load(str(path))
    widened = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _SMALLEST_TO_HALVE:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype("float16"), f"{name}.half"))
        widened.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*widened, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.producer_name, model.doc_string = "softbox", ""
    onnx.save(at_any_size(model), str(path))
