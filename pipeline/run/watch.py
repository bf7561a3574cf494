"""Limits of workers: a page that takes too long, or a worker that takes too much memory, is ended."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Config
from pipeline.run.progress import OUT_OF_MEMORY, TIMED_OUT, WHOLE, WORKER_DIED, Beat, read_beats

_PERIOD_S = 0.1

_GONE_S = 60.0
"""A pool that ends workers one after another waits seconds for each that does not leave, longer on a busy machine, and tells of
no death meanwhile."""

_MIB = 1 << 20
_LARGEST_SHARE = 0.8
_MANY_PAGES = 50


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a job was ended: class of failure, page in hand, and what more is known."""

    failure_class: str
    page_no: int
    detail: str = ""


class Watch:
    """Looks at the workers all the time, in a thread of its own; a context manager.

    Args:
        beats: folder in which workers tell what they do.
        config: for the limits in `batch`.
        workers: how many share the memory of the machine.
        end: called with the number of a job whose worker is to be ended.
    """

    def __init__(self, beats: Path, config: Config, workers: int, end: Callable[[int], None]) -> None:
        self._beats, self._limits, self._end = beats, config.batch, end
        self._most_bytes = memory_limit(config, workers)
        self._gone: dict[int, float] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self.verdicts: dict[int, Verdict] = {}
        self.busy_at = time.monotonic()

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        self._thread.join()

    def in_hand(self, jobs: frozenset[int]) -> Beat | None:
        """Returns what was last said of one of these jobs, or None."""
        return next((beat for beat in read_beats(self._beats) if beat.job in jobs), None)

    def forget(self, pid: int) -> None:
        """Removes what a dead worker said."""
        self._gone.pop(pid, None)
        with contextlib.suppress(OSError):
            (self._beats / f"{pid}.beat").unlink()

    def forget_all(self) -> None:
        """Removes what all workers said, and what was found of them: they are gone, and their documents begin anew."""
        for beat in read_beats(self._beats):
            self.forget(beat.pid)
        self.verdicts.clear()

    def _look(self) -> None:
        while not self._stopped.wait(_PERIOD_S):
            now = time.monotonic()
            for beat in read_beats(self._beats):
                if beat.job is None and _resident_bytes(beat.pid) is None:
                    self.forget(beat.pid)  # one that was replaced
                if beat.job is None or beat.job in self.verdicts:
                    continue
                self.busy_at = now
                verdict = self._judge(beat, now)
                if verdict is not None:
                    self.verdicts[beat.job] = verdict
                    self._end(beat.job)

    def _judge(self, beat: Beat, now: float) -> Verdict | None:
        """Returns why a worker is to be ended, or None."""
        resident = _resident_bytes(beat.pid)
        if resident is None:
            # The pool tells of a death itself; where it missed one, this does.
            if now - self._gone.setdefault(beat.pid, now) > _GONE_S:
                return Verdict(WORKER_DIED, beat.page_no)
            return None
        if resident > self._most_bytes:
            return Verdict(OUT_OF_MEMORY, beat.page_no, f" ({resident // _MIB} MiB of {self._most_bytes // _MIB})")
        # What follows the pages (stitching, alignment, writing) takes longer after many.
        whole = self._limits.document_seconds * (1 + beat.pages / _MANY_PAGES)
        limit = whole if beat.page_no == WHOLE else self._limits.page_seconds
        if now - beat.since > limit:
            return Verdict(TIMED_OUT, beat.page_no, f" ({limit:g} s)")
        return None


def memory_limit(config: Config, workers: int) -> int:
    """Returns the bytes that one worker may have resident: the setting, or its share of the machine where that is less."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(config.batch.worker_memory_mb * _MIB, int(whole * _LARGEST_SHARE / workers))


def _resident_bytes(pid: int) -> int | None:
    """Returns the resident memory of a process, or None where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return None
    # What is gone but not yet asked for has none.
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") or None
