"""Which page of which document is being read: told to whoever watches this process, and timed.

A worker tells it through a small file that its parent reads too, so that a page that hangs in native code, or kills its
worker, is known. Without such a file (a run in one process) pages are only timed. One document at a time a process.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pipeline.config import Config
from pipeline.domain import Failure

_RECORD = struct.Struct("<qqqd")
_SUFFIX = ".beat"
T = TypeVar("T")

TIMED_OUT, OUT_OF_MEMORY, WORKER_DIED = "timed_out", "out_of_memory", "worker_died"
DEATHS = frozenset({TIMED_OUT, OUT_OF_MEMORY, WORKER_DIED})
"""Classes of failure of what ended its worker."""

WHOLE = 0
"""The page number of what is no page: opening, and all that follows the last page."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker said last.

    Attributes:
        pid: its process.
        job: number of the job in hand, or None while it rests.
        page_no: page in hand, or `WHOLE`.
        since: when that began, in seconds of the clock that nobody sets.
        pages: how many pages were read before.
    """

    pid: int
    job: int | None
    page_no: int
    since: float
    pages: int = 0


@dataclass(slots=True)
class _Now:
    """What this process does."""

    told: mmap.mmap | None = None
    job: int = -1
    page_no: int = WHOLE
    since: float = 0.0
    seconds: dict[int, float] = field(default_factory=dict)
    gentle: frozenset[int] = frozenset()
    skipped: dict[int, Failure] = field(default_factory=dict)


_now = _Now()


def tell_through(folder: Path) -> None:
    """Makes the file through which this process tells what it does."""
    path = folder / f"{os.getpid()}{_SUFFIX}"
    # Written in full before it is mapped: a full disk is an error here, and not a signal later.
    path.write_bytes(_RECORD.pack(0, -1, 0, 0.0))
    with path.open("r+b") as file:
        _now.told = mmap.mmap(file.fileno(), _RECORD.size)


def read_beats(folder: Path) -> list[Beat]:
    """Returns what the workers said last."""
    found = []
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if len(data) == _RECORD.size:
            pages, job, page_no, since = _RECORD.unpack(data)
            found.append(Beat(int(path.stem), None if job < 0 else job, page_no, since, pages))
    return found


def begin_document(job: int, gentle: Collection[int] = (), skipped: Iterable[tuple[int, Failure]] = ()) -> None:
    """Says that a document is opened; `gentle` are the pages to be read gently, `skipped` those that are not read any more."""
    _now.job, _now.gentle, _now.skipped, _now.seconds = job, frozenset(gentle), dict(skipped), {}
    _begin(WHOLE)


def end_document() -> tuple[tuple[int, float], ...]:
    """Says that a document is done; returns the seconds of each of its pages."""
    _begin(WHOLE)
    _now.job, _now.gentle, _now.skipped = -1, frozenset(), {}
    _tell()
    return tuple(sorted((page, round(seconds, 4)) for page, seconds in _now.seconds.items() if page != WHOLE))


def begin_page(page_no: int) -> None:
    """Says that a page is begun, where pages do not come one after the other; `WHOLE` where the last one is done."""
    _begin(page_no)


def watched(pages: Iterable[T], first: int = 1) -> Iterator[T]:
    """Yields the pages of a document; each is in hand from before it is taken until the next one is asked for."""
    iterator = iter(pages)
    number = first
    while True:
        _begin(number)
        try:
            page = next(iterator)
        except StopIteration:
            _now.seconds.pop(number, None)
            _begin(WHOLE, keep=False)
            return
        yield page
        number += 1


def pages_apart() -> dict[int, Failure | None]:
    """Returns the pages that are not read any more, with the reason, and those (None) that another reader is to read."""
    return {**dict.fromkeys(_now.gentle), **_now.skipped}


def pages_left_out(after: int = 0) -> frozenset[int]:
    """Returns the pages that are not read any more, counted from the one behind `after`."""
    return frozenset(page - after for page in _now.skipped if page > after)


def page_in_hand() -> int:
    """Returns the page that is being read; after an exception, the one over which it came. `WHOLE` where it is none."""
    return _now.page_no


def page_config(config: Config, page_no: int) -> Config:
    """Returns the settings for a page: gentler ones where it killed a worker before."""
    return gentle_config(config) if page_no in _now.gentle or WHOLE in _now.gentle else config


def gentle_config(config: Config) -> Config:
    """Returns settings that ask less of a machine: fewer pixels, no second reader, the other runtime."""
    dpi = min(config.scan.dpi, config.batch.gentle_dpi)
    runtime = "onnxruntime" if config.ocr.engine == "ppocr" else config.ocr.runtime
    return replace(
        config,
        scan=replace(config.scan, dpi=dpi),
        pdf=replace(config.pdf, second_reading=False),
        ocr=replace(config.ocr, runtime=runtime),
    )


def _begin(page_no: int, keep: bool = True) -> None:
    """Says that a page is begun; the one before has its seconds."""
    now = time.monotonic()
    if keep and _now.page_no != WHOLE:
        _now.seconds[_now.page_no] = _now.seconds.get(_now.page_no, 0.0) + now - _now.since
    _now.page_no, _now.since = page_no, now
    _tell()


def _tell() -> None:
    if _now.told is not None:
        _now.told[:] = _RECORD.pack(len(_now.seconds), _now.job, _now.page_no, _now.since)
