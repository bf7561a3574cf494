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
    """Seconds for some files by the clock, and of processor time; theirs are 0 where PaddleOCR is not installed."""

    files: int
    cores: int
    ours: float
    theirs: float
    ours_busy: float
    theirs_busy: float

    @property
    def ratio(self) -> str:
        """Our part of their time by the clock, or a dash."""
        return f"{self.ours / self.theirs:.3f}" if self.theirs else "-"

    @property
    def busy_ratio(self) -> str:
        """Our part of their processor time, which other programs disturb less, or a dash."""
        return f"{self.ours_busy / self.theirs_busy:.3f}" if self.theirs_busy else "-"


def measure(paths: Sequence[Path]) -> Throughput:
    """Reads files with our workers, one for each core, then with PaddleOCR with a thread for each core.

    Args:
        paths: at least one.
    """
    cores = len(os.sched_getaffinity(0))
    ours, theirs = _workers_seconds(paths, cores), paddle_seconds(paths)
    return Throughput(len(paths), cores, ours[0], theirs[0], ours[1], theirs[1])


def _workers_seconds(paths: Sequence[Path], workers: int) -> tuple[float, float]:
    from pipeline.config import single_native_threads

    kept = dict(os.environ)
    single_native_threads()
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            # Each worker loads its models on a page of its own; they are all busy with it at once.
            list(pool.map(_read_when_all_are_there, [(str(paths[0]), workers)] * workers))
            start = time.perf_counter()
            busy = sum(pool.map(_read, map(str, paths)))
            return time.perf_counter() - start, busy
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _read_when_all_are_there(job: tuple[str, int]) -> None:
    """Warms a worker up; it waits a little, so that no other worker is left without a page."""
    _read(job[0])
    time.sleep(1.0 if job[1] > 1 else 0.0)


def _read(path: str) -> float:
    """Reads a document as a worker of ours does, with one thread; returns the processor time that it took."""
    from dataclasses import replace

    from pipeline.config import DEFAULT
    from pipeline.run.document import process

    start = time.process_time()
    process(Path(path), Path(path).name, replace(DEFAULT, ocr=replace(DEFAULT.ocr, threads=1)))
    return time.process_time() - start
