"""Running a recogniser's network: OpenVINO where it is installed, else ONNX Runtime."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import ConfigError

Batch = npt.NDArray[np.float32]
Network = Callable[[Batch], Batch]
"""From shape (n, 3, 48, width) to probabilities of shape (n, columns, classes)."""

RUNTIMES = ("auto", "openvino", "onnxruntime")


def load_network(path: Path, runtime: str, threads: int) -> tuple[Network, str | None]:
    """Loads the network in `path`.

    Args:
        path: an ONNX file.
        runtime: one of `RUNTIMES`.
        threads: threads of its own; 0 for as many as this process may use.

    Returns:
        The network and the list of characters in its metadata, one a line, or None where there is none.

    Raises:
        ConfigError: no such runtime, or it is not installed, or it cannot read the file.
    """
    if runtime not in RUNTIMES:
        raise ConfigError(f"There is no runtime called {runtime!r}.", "Set ocr.runtime to one of: " + ", ".join(RUNTIMES) + ".")
    if runtime == "auto":
        runtime = "openvino" if _installed("openvino") else "onnxruntime"
    if not _installed(runtime):
        raise ConfigError(f"The package {runtime} is not installed.", f"Install it (pip install {runtime}), or set ocr.runtime.")
    threads = threads or allowed_threads()
    return _openvino(path, threads) if runtime == "openvino" else _onnxruntime(path, threads)


def allowed_threads() -> int:
    """Returns how many threads this process may run at once."""
    return len(os.sched_getaffinity(0))


def listed_in(path: Path) -> list[str]:
    """Returns the characters in the metadata of the ONNX file `path`; empty where it lists none."""
    return (load_network(path, "onnxruntime", 1)[1] or "").split("\n")


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _unusable(path: Path) -> ConfigError:
    return ConfigError(f"The weights {path} cannot be used.", "Name a folder with a PP-OCR recogniser in ocr.model_dir.")


def _openvino(path: Path, threads: int) -> tuple[Network, str | None]:
    import openvino  # type: ignore[import-untyped]

    core = openvino.Core()
    try:
        model = core.read_model(path)
    except RuntimeError as error:
        raise _unusable(path) from error
    settings: dict[str, Any] = {
        # Without the hint it takes bf16 where the processor has it, and readings would depend on the machine.
        "INFERENCE_PRECISION_HINT": "f32",
        # Pinned threads of two processes share the first cores.
        "ENABLE_CPU_PINNING": False,
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": threads,
    }
    request = core.compile_model(model, "CPU", settings).create_infer_request()

    def run(batch: Batch) -> Batch:
        request.infer([batch], share_inputs=True, share_outputs=True)
        return np.asarray(request.get_output_tensor(0).data, dtype=np.float32)

    listed = ["framework", "character"]
    return run, str(model.get_rt_info(listed).value) if model.has_rt_info(listed) else None


def _onnxruntime(path: Path, threads: int) -> tuple[Network, str | None]:
    import onnxruntime  # type: ignore[import-untyped]
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (state.Fail, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented, state.RuntimeException) as error:
        raise _unusable(path) from error
    name = session.get_inputs()[0].name

    def run(batch: Batch) -> Batch:
        return np.asarray(session.run(None, {name: batch})[0], dtype=np.float32)

    return run, session.get_modelmeta().custom_metadata_map.get("character")
