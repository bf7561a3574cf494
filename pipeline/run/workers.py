"""Reading by processes of their own, within limits: what one document does to its worker harms no other.

The pool is pebble's: it replaces workers that die and stops those that it is told to. What is added here is the order, the
page in hand (so that it is known which one did it), the limits of `watch`, and what becomes of a document whose worker died.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.config import Config, single_native_threads
from pipeline.errors import DocumentError, GoujiError
from pipeline.run.failures import failed_done
from pipeline.run.inline import all_texts
from pipeline.run.job import Done, Job
from pipeline.run.progress import OUT_OF_MEMORY, WHOLE, WORKER_DIED
from pipeline.run.resume import Task
from pipeline.run.retry import next_attempt
from pipeline.run.schedule import chunks_of
from pipeline.run.semaphores import LockKeepingContext
from pipeline.run.watch import Verdict, Watch
from pipeline.run.worker import begin_worker, work
from pipeline.store.files import STAGED, output_errors

_WINDOW, _WAIT_S, _STALLED_S, _REBUILDS = 2, 0.5, 120.0, 5
Chunk = tuple[Job, ...]


def run_workers(
    tasks: Sequence[Task], out: Path, config: Config, workers: int, started: Callable[[Sequence[Job]], None]
) -> Generator[Done, None, None]:
    """Reads inputs with several processes; yields what was read as it comes.

    Args:
        tasks: the inputs.
        out: folder of results.
        config: settings.
        workers: number of processes, at least 1; no more are started than there is work for.
        started: called with jobs when they are handed over.

    Raises:
        OutputError: a worker could not write its results.
        ConfigError: the recogniser is missing or wrong.
    """
    chunks = chunks_of(tasks, workers)
    number = min(workers, len(chunks))
    if len(chunks) > 1 and config.ocr.threads == 0:
        # As many threads as there are workers are enough; one document alone has the machine.
        config = replace(config, ocr=replace(config.ocr, threads=1))
    pool = _Pool(out, config, number, max(map(len, chunks)), all_texts(tasks))
    try:
        yield from pool.run(chunks, started)
    finally:
        pool.stop()


class _Pool:
    """Processes that read."""

    def __init__(self, out: Path, config: Config, workers: int, chunk: int, only_texts: bool) -> None:
        self._out, self._config, self._workers = out, config, workers
        self._tasks = max(1, config.batch.worker_documents // chunk)
        self._beats = out / STAGED / "beats"
        single_native_threads()
        self._context = LockKeepingContext()
        self._context.set_forkserver_preload(["pipeline.run.worker" if only_texts else "pipeline.run.preload"])
        self._pool: Any = None
        self._flights: dict[Any, Chunk] = {}
        self._by_job: dict[int, Any] = {}
        self._rebuilt = 0

    def run(self, chunks: Sequence[Chunk], started: Callable[[Sequence[Job]], None]) -> Iterator[Done]:
        """Yields what was read until all is done."""
        with output_errors(self._beats):
            self._beats.mkdir(parents=True, exist_ok=True)
        pending = deque(chunks)
        self._start()
        with Watch(self._beats, self._config, self._workers, self._end) as watch:
            while pending or self._flights:
                while pending and len(self._flights) < self._workers * _WINDOW:
                    chunk = pending.popleft()
                    started(chunk)
                    if not self._submit(chunk):
                        pending.extendleft((*self._rebuild(watch), chunk))
                ready = wait(self._flights, timeout=_WAIT_S, return_when=FIRST_COMPLETED).done
                if any(_is_broken(future) for future in ready) or (not ready and self._is_stalled(watch)):
                    pending.extendleft(self._rebuild(watch))
                    continue
                for future in sorted(ready, key=lambda f: self._flights[f][0].number):
                    chunk = self._land(future)
                    yield from self._settle(future, chunk, watch, pending)
        self._pool.close()
        self._pool.join()

    def stop(self) -> None:
        """Ends all workers at once."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()

    def _start(self) -> None:
        from pebble import ProcessPool

        self._pool = ProcessPool(self._workers, self._tasks, begin_worker, (self._beats,), self._context)

    def _submit(self, chunk: Chunk) -> bool:
        """Hands jobs over; false where the pool as a whole is broken."""
        try:
            future = self._pool.schedule(work, args=(chunk, self._out, self._config))
        except RuntimeError:
            return False
        self._flights[future] = chunk
        self._by_job |= {job.number: future for job in chunk}
        return True

    def _land(self, future: Any) -> Chunk:
        chunk = self._flights.pop(future)
        for job in chunk:
            self._by_job.pop(job.number, None)
        return chunk

    def _end(self, number: int) -> None:
        """Ends the worker of a job; called by the watch, in its thread."""
        future = self._by_job.get(number)
        if future is not None:
            future.cancel()

    def _settle(self, future: Any, chunk: Chunk, watch: Watch, pending: deque[Chunk]) -> Iterator[Done]:
        """Yields what a finished task brought, or sees to what becomes of one whose worker died."""
        error = CancelledError() if future.cancelled() else future.exception()
        judged = {job.number: watch.verdicts.pop(job.number, None) for job in chunk}
        if error is None:
            self._rebuilt = 0
            done = future.result()
            if isinstance(done, list) and [_number(d) for d in done] == [job.number for job in chunk]:
                yield from done
                return
            error = TypeError("a worker returned no result")
        if isinstance(error, GoujiError) and not isinstance(error, DocumentError):
            raise error
        verdict = _verdict(error)
        if verdict is None:
            yield from self._blame(chunk, error, pending)
            return
        beat = watch.in_hand(frozenset(job.number for job in chunk))
        culprit = chunk[0].number if len(chunk) == 1 else (None if beat is None else beat.job)
        if culprit is not None:
            verdict = judged.get(culprit) or verdict
        if beat is not None:
            verdict = replace(verdict, page_no=beat.page_no)
            watch.forget(beat.pid)
        for job in chunk:
            if job.number != culprit:
                # What it did before, or would have done after, is done anew: by itself, so that the next death has a name.
                pending.appendleft((job,))
                continue
            after = next_attempt(job, verdict.failure_class, verdict.page_no, self._config, verdict.detail)
            if isinstance(after, Job):
                pending.appendleft((after,))
            else:
                yield failed_done(job, after, self._out)

    def _blame(self, chunk: Chunk, error: BaseException, pending: deque[Chunk]) -> Iterator[Done]:
        """A fault of ours in a worker that lives on: each document by itself, then the one that it is has failed."""
        if len(chunk) > 1:
            pending.extendleft((job,) for job in chunk)
            return
        text = f"Reading ended with {type(error).__name__}: {error}"
        note = DocumentError(text, "This is a fault of Gouji: report it with the file.")
        note.failure_class = "internal"
        yield failed_done(chunk[0], note, self._out)

    def _is_stalled(self, watch: Watch) -> bool:
        """True where there is work and nobody has done any for a long time: a worker died while it held the queue."""
        return time.monotonic() - watch.busy_at > _STALLED_S

    def _rebuild(self, watch: Watch) -> list[Chunk]:
        """Starts anew after the pool as a whole broke; returns what it had in hand, each document by itself.

        Raises:
            GoujiError: it breaks again and again.
        """
        self._rebuilt += 1
        if self._rebuilt > _REBUILDS:
            advice = "Look at memory and limits (`ulimit -a`), or use --workers 0."
            raise GoujiError("Workers end as soon as they are started.", advice)
        lost: list[Chunk] = [(job,) for chunk in self._flights.values() for job in chunk]
        self._flights.clear()
        self._by_job.clear()
        self.stop()
        watch.forget_all()
        self._start()
        return lost


def _number(done: object) -> int | None:
    return done.job.number if isinstance(done, Done) else None


def _is_broken(future: Any) -> bool:
    return not future.cancelled() and isinstance(future.exception(), BrokenProcessPool)


def _verdict(error: BaseException) -> Verdict | None:
    """Returns what the end of a worker means; None for an exception in a worker that lives on."""
    from pebble import ProcessExpired

    if isinstance(error, MemoryError):
        return Verdict(OUT_OF_MEMORY, WHOLE)
    if isinstance(error, CancelledError):
        return Verdict(WORKER_DIED, WHOLE)
    if not isinstance(error, ProcessExpired):
        return None
    code = int(error.exitcode)
    if code == -signal.SIGKILL:
        return Verdict(OUT_OF_MEMORY, WHOLE, " (the system ended its process, as it does where memory runs out)")
    names = {-s: s.name for s in signal.Signals}
    return Verdict(WORKER_DIED, WHOLE, f" ({names.get(code, f'exit code {code}')})")
