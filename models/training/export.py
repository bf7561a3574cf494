"""From a trained network to an ONNX file: each normalisation is folded into its convolution, and the last layer gives
probabilities. The graph is written by hand, so that it holds nothing but what it needs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.training.network import COLUMNS, FigureNetwork, Step
from pipeline.ocr.figure_signs import CLASSES, OTHER, SIGNS


def export(network: FigureNetwork, path: Path) -> None:
    """Writes `network` as ONNX, opset 17: `crops` (n, 1, 32, width) to `signs` (n, width / 2, classes)."""
    nodes, weights, name = [], [], "crops"
    for k, step in enumerate(network.steps):
        assert isinstance(step, Step)
        weight, bias = _folded(step)
        weights += [_stored(weight, f"w{k}"), _stored(bias, f"b{k}")]
        convolution = step.convolution
        pads = [int(p) for p in convolution.padding] * 2
        nodes.append(helper.make_node(
            "Conv", [name, f"w{k}", f"b{k}"], [f"c{k}"], kernel_shape=list(convolution.kernel_size),
            strides=list(convolution.stride), pads=pads,
        ))  # fmt: skip
        last = f"c{k}"
        if step.residual:
            nodes.append(helper.make_node("Add", [last, name], [f"a{k}"]))
            last = f"a{k}"
        nodes.append(helper.make_node("Relu", [last], [f"r{k}"]))
        name = f"r{k}"
    weights += [_stored(network.signs.weight.detach().numpy(), "w"), _stored(network.signs.bias.detach().numpy(), "b")]  # type: ignore[union-attr]
    weights.append(numpy_helper.from_array(np.array([0, -1, CLASSES], dtype=np.int64), "shape"))
    weights.append(numpy_helper.from_array(np.array([2], dtype=np.int64), "height"))
    nodes += [
        helper.make_node("Conv", [name, "w", "b"], ["high"], kernel_shape=[1, 1]),
        helper.make_node("Squeeze", ["high", "height"], ["flat"]),
        helper.make_node("Transpose", ["flat"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("Reshape", ["turned", "shape"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["signs"], axis=2),
    ]
    graph = helper.make_graph(
        nodes, "figure_reader",
        [helper.make_tensor_value_info("crops", TensorProto.FLOAT, ["n", 1, 32, "width"])],
        [helper.make_tensor_value_info("signs", TensorProto.FLOAT, ["n", "columns", CLASSES])],
        weights,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="gouji")
    helper.set_model_props(model, {"character": "\n".join(SIGNS + OTHER), "columns": str(COLUMNS)})
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _folded(step: Step) -> tuple[np.ndarray, np.ndarray]:
    norm = step.norm
    assert norm.running_mean is not None and norm.running_var is not None
    scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().double()
    weight = step.convolution.weight.detach().double() * scale[:, None, None, None]
    bias = norm.bias.detach().double() - norm.running_mean.double() * scale
    return weight.numpy().astype(np.float32), bias.numpy().astype(np.float32)


def _stored(values: np.ndarray, name: str) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name)
