"""The recogniser's graph: made simpler without a change of its results, then with whole numbers in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper, version_converter

Floats = npt.NDArray[np.float32]

_OPSET = 17
_LEVELS = 255
_WEIGHT_BITS = 7
_CLIPS = np.linspace(0.6, 1.0, 21)
"""Shares of a channel's largest weight that are tried as its end of scale."""


@dataclass(frozen=True)
class Range:
    """Of the values of a layer's input; 0 lies within."""

    low: float
    high: float


def simplified(model: onnx.ModelProto) -> onnx.ModelProto:
    """Returns `model` without its identities, its biases within the convolutions: only so runtimes see whole layers."""
    model = version_converter.convert_version(model, _OPSET)
    graph = model.graph
    ends = {o.name for o in graph.output}
    same = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Identity" and n.output[0] not in ends}
    nodes = [n for n in graph.node if n.output[0] not in same]
    for node in nodes:
        for k, name in enumerate(node.input):
            while name in same:
                name = same[name]
            node.input[k] = name
    _replace(graph, _with_biases(nodes, graph))
    return model


def _with_biases(nodes: list[onnx.NodeProto], graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Moves what is added to a convolution, one number a channel, into it."""
    stored = {i.name: i for i in graph.initializer}
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in nodes:
        for name in node.input:
            users.setdefault(name, []).append(node)
    gone = set()
    for node in nodes:
        after = users.get(node.output[0], [])
        if node.op_type != "Conv" or len(node.input) > 2 or len(after) != 1 or after[0].op_type != "Add":
            continue
        other = next(name for name in after[0].input if name != node.output[0])
        if other in stored and (sizes := stored[other].dims)[0] == 1 and len(sizes) == 4 and list(sizes[2:]) == [1, 1]:
            bias = numpy_helper.from_array(numpy_helper.to_array(stored[other]).reshape(-1), f"{node.name}_bias")
            graph.initializer.append(bias)
            node.input.append(bias.name)
            node.output[0] = after[0].output[0]
            gone.add(after[0].output[0] + after[0].name)
    return [n for n in nodes if n.output[0] + n.name not in gone]


def layers(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """Returns the layers that take whole numbers: convolutions but for the first, and those of one channel or of a mean alone,
    and the product of the last layer.
    """
    weights = {i.name: list(i.dims) for i in model.graph.initializer}
    makers = {name: n for n in model.graph.node for name in n.output}
    convolutions = [n for n in model.graph.node if n.op_type == "Conv"]
    wide = [n for n in convolutions[1:] if weights[n.input[1]][1] > 1 and not _is_of_mean(n, makers)]
    return [*wide, [n for n in model.graph.node if n.op_type == "MatMul" and n.input[1] in weights][-1]]


def _is_of_mean(node: onnx.NodeProto, makers: Mapping[str, onnx.NodeProto]) -> bool:
    """True for the two small layers that weigh channels by their means over a crop."""
    before = makers.get(node.input[0])
    while before is not None and before.op_type in ("Relu", "Conv", "ReduceMean"):
        if before.op_type == "ReduceMean":
            return True
        if before.op_type == "Conv" and node.op_type == "Conv" and makers[node.input[0]].op_type != "Relu":
            return False
        before = makers.get(before.input[0])
    return False


def quantised(model: onnx.ModelProto, ranges: Mapping[str, Range]) -> onnx.ModelProto:
    """Returns `model` with whole numbers in its `layers`.

    Args:
        model: of `simplified`.
        ranges: name of an input → its range.
    """
    graph = model.graph
    stored = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    chosen = {n.output[0] for n in layers(model)}
    nodes: list[onnx.NodeProto] = []
    rounded: set[str] = set()
    for node in graph.node:
        if node.output[0] in chosen:
            source, weight = node.input[0], node.input[1]
            if source not in rounded:
                nodes += _rounding(graph, source, ranges[source])
                rounded.add(source)
            nodes.append(_whole_weights(graph, weight, stored[weight], 0 if node.op_type == "Conv" else 1))
            node.input[0], node.input[1] = f"{source}_back", f"{weight}_back"
        nodes.append(node)
    _replace(graph, nodes)
    onnx.checker.check_model(model)
    return model


def _rounding(graph: onnx.GraphProto, name: str, found: Range) -> list[onnx.NodeProto]:
    scale = np.float32((found.high - found.low) / _LEVELS)
    zero = np.uint8(np.clip(round(-found.low / float(scale)), 0, _LEVELS))
    graph.initializer.append(numpy_helper.from_array(np.array(scale), f"{name}_scale"))
    graph.initializer.append(numpy_helper.from_array(np.array(zero), f"{name}_zero"))
    ends = [f"{name}_scale", f"{name}_zero"]
    return [
        helper.make_node("QuantizeLinear", [name, *ends], [f"{name}_whole"]),
        helper.make_node("DequantizeLinear", [f"{name}_whole", *ends], [f"{name}_back"]),
    ]


def _whole_weights(graph: onnx.GraphProto, name: str, weights: Floats, axis: int) -> onnx.NodeProto:
    """Stores weights as whole numbers, with a scale for each channel of the output that leaves the least error."""
    most = 2 ** (_WEIGHT_BITS - 1) - 1
    moved = np.moveaxis(weights, axis, 0)
    rows = moved.reshape(len(moved), -1).astype(np.float64)
    trials = np.maximum(np.abs(rows).max(axis=1) * _CLIPS[:, None] / most, 1e-12)
    errors = [((np.clip(np.round(rows / s[:, None]), -most, most) * s[:, None] - rows) ** 2).sum(axis=1) for s in trials]
    scales = trials[np.argmin(errors, axis=0), np.arange(len(rows))].astype(np.float32)
    whole = np.clip(np.round(rows / scales[:, None]), -most, most).astype(np.int8)
    shaped = np.ascontiguousarray(np.moveaxis(whole.reshape(moved.shape), 0, axis))
    for kind, values in (("whole", shaped), ("scale", scales), ("zero", np.zeros(len(scales), np.int8))):
        graph.initializer.append(numpy_helper.from_array(values, f"{name}_{kind}"))
    parts = [f"{name}_whole", f"{name}_scale", f"{name}_zero"]
    return helper.make_node("DequantizeLinear", parts, [f"{name}_back"], axis=axis)


def _replace(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    """Puts `nodes` in place of the graph's, and drops the weights that none of them uses."""
    used = {name for n in nodes for name in n.input}
    kept = [i for i in graph.initializer if i.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
