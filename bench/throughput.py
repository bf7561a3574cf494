"""A folder of scans, read with all cores: by our workers with one thread each, and by PaddleOCR with all threads.

How long one page takes alone says little of a folder: a page read with two threads is not read twice as fast. So both get
the same pages in the same run and the whole machine each, one after the other; our workers have loaded what they need before.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.peers import paddle_seconds


@dataclass(frozen=True)
class Throughput:
    """Seconds by the clock for some files; `theirs` is 0 where PaddleOCR is not installed."""

    files: int
    cores: int
    ours: float
    theirs: float

    @property
    def ratio(self) -> str:
        """Our part of their time, or a dash."""
        return f"{self.ours / self.theirs:.3f}" if self.theirs else "-"


def measure(paths: Sequence[Path]) -> Throughput:
    """Reads files with our workers, one for each core, then with PaddleOCR with a thread for each core.

    Args:
        paths: at least one.
    """
    cores = len(os.sched_getaffinity(0))
    ours = _workers_seconds(paths, cores)
    return Throughput(len(paths), cores, ours, paddle_seconds(paths))


def _workers_seconds(paths: Sequence[Path], workers: int) -> float:
    from pipeline.config import single_native_threads

    kept = dict(os.environ)
    single_native_threads()
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            # Each worker loads its models on a page of its own; they are all busy with it at once.
            list(pool.map(_read_when_all_are_there, [(str(paths[0]), workers)] * workers))
            start = time.perf_counter()
            list(pool.map(_read, map(str, paths)))
            return time.perf_counter() - start
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _read_when_all_are_there(job: tuple[str, int]) -> None:
    """Warms a worker up; it waits a little, so that no other worker is left without a page."""
    _read(job[0])
    time.sleep(1.0 if job[1] > 1 else 0.0)


def _read(path: str) -> None:
    """Reads a document as a worker of ours does, with one thread."""
    from dataclasses import replace

    from pipeline.config import DEFAULT
    from pipeline.run.document import process

    process(Path(path), Path(path).name, replace(DEFAULT, ocr=replace(DEFAULT.ocr, threads=1)))
