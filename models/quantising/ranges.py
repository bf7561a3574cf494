"""Which values the inputs of layers take."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime  # type: ignore[import-untyped]
from onnx import helper

from models.quantising.graph import Range, layers

_SHARE = 99.99
"""Per cent of the values that end below the upper end, and above the lower one: the rest is cut off."""

_KEPT = 4000
"""Values kept of a layer and crop."""


def measured(model: onnx.ModelProto, inputs: Iterable[npt.NDArray[np.float32]]) -> dict[str, Range]:
    """Returns the range of each input of the model's `layers` on `inputs`."""
    names = sorted({n.input[0] for n in layers(model)})
    seen = onnx.ModelProto()
    seen.CopyFrom(model)
    seen.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(seen.SerializeToString(), options, providers=["CPUExecutionProvider"])
    values: dict[str, list[npt.NDArray[np.float32]]] = {name: [] for name in names}
    for batch in inputs:
        for name, found in zip(names, session.run(names, {session.get_inputs()[0].name: batch}), strict=True):
            flat = found.ravel()
            values[name].append(flat[:: max(1, flat.size // _KEPT)].copy())
    return {name: _range(np.concatenate(parts)) for name, parts in values.items()}


def _range(values: npt.NDArray[np.float32]) -> Range:
    low, high = np.percentile(values, [100 - _SHARE, _SHARE])
    return Range(min(0.0, float(low)), max(0.0, float(high)))
