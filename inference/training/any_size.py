"""Loosen an exported network from the one size that it was traced at.

Tracing freezes every size into the graph as a constant. Here each is computed from the picture's
own size instead. The weights stay as they are, and so does the outcome at the traced size.
"""

from typing import TYPE_CHECKING

from inference.training.network import SIDE_PX

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

# A picture's sides must divide by this: the coarsest level is a 32nd, and is averaged by sixths.
SIDE_MULTIPLE_PX = 192
_TRUNK = "/network/trunk/"  # looks at 320 × 320 whatever the picture's size
_COARSEST = 32
_PARTS_PER_SIDE = (1, 2, 6)
_SIZE = "picture/size"


def at_any_size(model: "ModelProto") -> "ModelProto":
    """The same network for pictures of any height and width that divide by 192.

    Args:
        model: as traced at `SIDE_PX` × `SIDE_PX`; changed in place.
    """
    import onnx  # a training dependency only

    constants = {
        node.output[0]: onnx.numpy_helper.to_array(node.attribute[0].t).tolist()
        for node in model.graph.node
        if node.op_type == "Constant"
    }
    makers = {name: node for node in model.graph.node for name in node.output}
    nodes = _sizes()
    for node in model.graph.node:  # what makes a node's size comes before it and is edited in place
        if node.op_type == "Resize" and not node.name.startswith(_TRUNK):
            side = constants[makers[node.input[3]].input[1]][0]
            if SIDE_PX % side == 0:  # else it is the trunk's own 320
                makers[node.input[3]].input[1] = f"{_SIZE}/{SIDE_PX // side}"
        elif node.op_type == "Reshape" and SIDE_PX // 2 in constants.get(node.input[1], ()):
            nodes += _half_size_shape(node, constants[node.input[1]])
        elif node.op_type == "AveragePool" and _kernel(node) in _part_sides():
            nodes += _mean_of_parts(node, SIDE_PX // _COARSEST // _kernel(node))
            continue
        nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    for door, channels in ((model.graph.input[0], 3), (model.graph.output[0], 1)):
        make = onnx.helper.make_tensor_value_info
        door.CopyFrom(make(door.name, onnx.TensorProto.FLOAT, ["n", channels, "height", "width"]))
    del model.graph.value_info[:]
    onnx.checker.check_model(model, full_check=True)
    return model


def _part_sides() -> set[int]:
    return {SIDE_PX // _COARSEST // parts for parts in _PARTS_PER_SIDE}


def _kernel(node: "NodeProto") -> int:
    return next(int(item.ints[0]) for item in node.attribute if item.name == "kernel_shape")


def _sizes() -> list["NodeProto"]:
    """Nodes for the picture's (height, width) over 1, 2 … 32, and over 32 times each parting."""
    from onnx import helper

    nodes = [helper.make_node("Shape", ["picture"], [f"{_SIZE}/1"], start=2, end=4)]
    divisors = {2**power for power in range(1, 6)} | {_COARSEST * n for n in _PARTS_PER_SIDE}
    for divisor in sorted(divisors):
        name = f"{_SIZE}/{divisor}"
        nodes += [
            _number(f"{name}/divisor", [divisor]),
            helper.make_node("Div", [f"{_SIZE}/1", f"{name}/divisor"], [name]),
            helper.make_node("Split", [name], [f"{name}/height", f"{name}/width"], axis=0),
        ]
    return nodes


def _number(name: str, values: list[int]) -> "NodeProto":
    from onnx import TensorProto, helper

    tensor = helper.make_tensor(name, TensorProto.INT64, [len(values)], values)
    return helper.make_node("Constant", [], [name], value=tensor)


def _half_size_shape(node: "NodeProto", traced: list[int]) -> list["NodeProto"]:
    """The shape of a reshape to or from 2 × 2 blocks, whose height and width are half the size."""
    from onnx import helper

    sides = iter((f"{_SIZE}/2/height", f"{_SIZE}/2/width"))
    shape = f"{node.output[0]}/shape"
    nodes, parts = [], []
    for at, size in enumerate(traced):
        if size == SIDE_PX // 2:
            parts.append(next(sides))
        else:
            parts.append(f"{shape}/{at}")
            nodes.append(_number(parts[-1], [size]))
    node.input[1] = shape
    return [*nodes, helper.make_node("Concat", parts, [shape], axis=0)]


def _mean_of_parts(node: "NodeProto", parts: int) -> list["NodeProto"]:
    """The mean over each of `parts` × `parts` equal parts; a pooling would fix their size."""
    from onnx import helper

    side, base = f"{_SIZE}/{_COARSEST * parts}", node.output[0]
    return [
        _number(f"{base}/whole", [0, -1]),
        _number(f"{base}/parts", [parts]),
        helper.make_node(
            "Concat",
            [
                f"{base}/whole",
                f"{base}/parts",
                f"{side}/height",
                f"{base}/parts",
                f"{side}/width",
            ],
            [f"{base}/shape"],
            axis=0,
        ),
        helper.make_node("Reshape", [node.input[0], f"{base}/shape"], [f"{base}/blocks"]),
        helper.make_node("ReduceMean", [f"{base}/blocks"], [base], axes=[3, 5], keepdims=0),
    ]
