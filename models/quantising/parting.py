"""The network in two: all but its last layer, and the last layer, which is asked only for columns that may hold ink.

The last layer has 18,710 classes and takes a quarter of the time; more than half of the columns are paper. Whether one is, the
few hundred classes that print has most often tell nearly as well as all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime  # type: ignore[import-untyped]
from onnx import TensorProto, helper, numpy_helper

Floats = npt.NDArray[np.float32]

_AMONG = 3
"""So many of the best inks of a column are counted."""

_RARE = 13.0
"""Score that stands for all other classes. On 9,000 columns of ink of eight kinds of scans the blank had 21 at most, and 19
where the ink was none of the common classes; on paper it has more than 23 nearly everywhere.
"""


def parted(model: onnx.ModelProto, common: Sequence[int]) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Returns the network without its last layer, and the last layer: from columns, shape (n, features), to probabilities.

    The first gives out columns, shape (crops, columns, features + 1): the last number is by how much the blank leads the
    classes in `common` and a rare one taken together, as a difference of logarithms.

    Args:
        model: of `quantised`.
        common: classes, the blank not among them.
    """
    nodes = list(model.graph.node)
    first = _first_of_last(model)
    source = nodes[first].input[0]
    weights, bias = _last_weights(model)
    stored = [
        numpy_helper.from_array(np.pad(weights[:, list(common)], ((0, 0), (0, 1))), "common_weights"),
        numpy_helper.from_array(np.append(bias[list(common)], np.float32(_RARE)), "common_bias"),
        numpy_helper.from_array(np.ascontiguousarray(weights[:, :1]), "blank_weights"),
        numpy_helper.from_array(bias[:1], "blank_bias"),
    ]
    lead = [
        helper.make_node("MatMul", [source, "common_weights"], ["common_product"]),
        helper.make_node("Add", ["common_product", "common_bias"], ["common_scores"]),
        helper.make_node("ReduceMax", ["common_scores"], ["common_score"], axes=[-1], keepdims=1),
        helper.make_node("MatMul", [source, "blank_weights"], ["blank_product"]),
        helper.make_node("Add", ["blank_product", "blank_bias"], ["blank_score"]),
        helper.make_node("Sub", ["blank_score", "common_score"], ["lead"]),
        helper.make_node("Concat", [source, "lead"], ["columns"], axis=-1),
    ]
    features = len(weights)
    columns = helper.make_tensor_value_info("columns", TensorProto.FLOAT, ["crops", "columns", features + 1])
    body = _model(model, [*nodes[:first], *lead], list(model.graph.input), [columns], stored)
    body.metadata_props.extend(model.metadata_props)
    taken = helper.make_tensor_value_info(source, TensorProto.FLOAT, ["n", features])
    given = helper.make_tensor_value_info(model.graph.output[0].name, TensorProto.FLOAT, ["n", len(bias)])
    return body, _model(model, nodes[first:], [taken], [given], [])


def common_inks(model: onnx.ModelProto, inputs: Iterable[Floats], count: int) -> list[int]:
    """Returns the `count` classes that are among the best inks of most columns of `inputs`, the most frequent first.

    Args:
        model: whole.
        inputs: of the network.
        count: of classes.
    """
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    seen: npt.NDArray[np.int64] = np.zeros(len(_last_weights(model)[1]), dtype=np.int64)
    for batch in inputs:
        found = session.run(None, {session.get_inputs()[0].name: batch})[0][:, :, 1:].reshape(-1, len(seen) - 1)
        np.add.at(seen, np.argsort(-found, axis=1, kind="stable")[:, :_AMONG].reshape(-1) + 1, 1)
    return [int(k) for k in np.argsort(-seen, kind="stable")[:count]]


def _first_of_last(model: onnx.ModelProto) -> int:
    """Returns the place of the node that rounds the input of the last layer."""
    nodes = list(model.graph.node)
    product = max(k for k, n in enumerate(nodes) if n.op_type == "MatMul")
    source = nodes[product].input[0].removesuffix("_back")
    return next(k for k, n in enumerate(nodes) if n.op_type == "QuantizeLinear" and n.input[0] == source)


def _last_weights(model: onnx.ModelProto) -> tuple[Floats, Floats]:
    """Returns the weights of the last layer, as they are rounded, shape (features, classes), and what is added."""
    stored = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    product = [n for n in model.graph.node if n.op_type == "MatMul"][-1]
    added = next(n for n in model.graph.node if n.op_type == "Add" and product.output[0] in n.input)
    name = product.input[1].removesuffix("_back")
    bias = next(stored[i] for i in added.input if i in stored)
    weights = stored[f"{name}_whole"].astype(np.float32) * stored[f"{name}_scale"]
    return np.asarray(weights, dtype=np.float32), np.asarray(bias, dtype=np.float32)


def _model(
    whole: onnx.ModelProto,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    more: Sequence[onnx.TensorProto],
) -> onnx.ModelProto:
    used = {name for n in nodes for name in n.input}
    kept = [i for i in whole.graph.initializer if i.name in used]
    graph = helper.make_graph(nodes, whole.graph.name, inputs, outputs, [*kept, *more])
    model = helper.make_model(graph, opset_imports=list(whole.opset_import), ir_version=whole.ir_version)
    onnx.checker.check_model(model)
    return model
