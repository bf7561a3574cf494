"""The command that makes the weights; see the package."""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
from pathlib import Path

from models.training.export import export
from models.training.fonts import FOLDERS
from models.training.learn import train
from models.training.shards import write_shards


def main() -> None:
    """Draws the samples in one process while another trains, and writes the network."""
    parser = argparse.ArgumentParser(prog="python -m models.training", description="Trains the reader of figures.")
    parser.add_argument("--out", type=Path, default=Path("figure_reader.onnx"))
    parser.add_argument("--samples", type=Path, default=Path("out/figure_samples"), help="folder that samples are kept in")
    parser.add_argument("--fonts", nargs="*", default=FOLDERS, help="folders with fonts")
    parser.add_argument("--shards", type=int, default=18, help="files of 10,000 samples")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=1e9, help="end by then; the result then depends on the machine")
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Samples are drawn in the order in which they are wanted first.
    maker = multiprocessing.get_context("spawn").Process(
        target=write_shards,
        args=(arguments.samples, arguments.seed, range(arguments.shards + 1), tuple(arguments.fonts)),
        daemon=True,
    )
    maker.start()
    network = train(arguments.samples, arguments.shards, arguments.epochs, arguments.seed, minutes=arguments.minutes)
    export(network, arguments.out)
    data = arguments.out.read_bytes()
    print(f"{arguments.out}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
