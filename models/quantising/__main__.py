"""The command that makes the recogniser in eight bits; see the package."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import onnx

from models import model_path
from models.quantising.crops import draw_inputs
from models.quantising.graph import quantised, simplified
from models.quantising.parting import common_inks, parted
from models.quantising.ranges import measured


def main() -> None:
    """Measures the ranges of the layers' inputs and writes the network, its last layer beside it."""
    parser = argparse.ArgumentParser(prog="python -m models.quantising", description="Rounds the recogniser to eight bits.")
    parser.add_argument("--out", type=Path, default=Path("recognise_quick.onnx"))
    parser.add_argument("--crops", type=int, default=240, help="crops that ranges are measured on")
    parser.add_argument("--seed", type=int, default=30)
    parser.add_argument("--common", type=int, default=256, help="classes by which paper is told")
    arguments = parser.parse_args()
    model = simplified(onnx.load(model_path("recognise")))
    inputs = list(draw_inputs(arguments.crops, arguments.seed))
    model = quantised(model, measured(model, inputs))
    parts = parted(model, common_inks(model, inputs, arguments.common))
    for part, name in zip(parts, ("", "_last"), strict=True):
        path = arguments.out.with_stem(arguments.out.stem + name)
        data = part.SerializeToString(deterministic=True)
        path.write_bytes(data)
        print(f"{path}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
