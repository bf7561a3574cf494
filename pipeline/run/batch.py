"""A run over many inputs: each is read, written and noted in the ledger; what is wrong with one never stops the others."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline import __version__
from pipeline.config import Config
from pipeline.intake.discover import Input
from pipeline.run.attempt import gently
from pipeline.run.groups import Group
from pipeline.run.identity import config_hash, config_settings, program_hash
from pipeline.run.inline import fits_inline, run_inline
from pipeline.run.job import Done, Job, read_input
from pipeline.run.leases import run_lock
from pipeline.run.plan import Plan, plan_run, require_engine
from pipeline.run.resume import Task, beside, done_before, facts_to_json, find_repeats, tasks_of
from pipeline.run.source import find_source
from pipeline.run.summary import Summary, recall, repeated, summarise
from pipeline.store.corrected import correct_staged
from pipeline.store.corrections import in_force, load_corrections
from pipeline.store.files import clean_leftovers, clear_staged, output_errors, publish_result, result_sizes
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_rows import Outcome

__all__ = [
    "Plan",
    "Run",
    "Summary",
    "find_source",
    "plan_run",
    "read_input",
    "require_engine",
    "run_batch",
    "run_tasks",
    "summarise",
]

# Findings of a page that was read with files beside it.
_PICTURE_RULES = frozenset({"pictures", "pictures_read", "pictures_lost"})
_LEASE_S = 24 * 3600.0

Started = Callable[[Input | Group], None]


@dataclass(frozen=True, slots=True)
class Run:
    """How a run is done.

    Attributes:
        again: reads what was done before too.
        workers: processes that read; 0 reads in this one, without limits; None chooses.
        command: what the ledger calls it.
        started: called with each input before it is read.
        asked: settings by which the results are known to be right; None for those with which they are read.
    """

    again: bool = False
    workers: int | None = None
    command: str = "ingest"
    started: Started | None = None
    asked: Config | None = None


def run_batch(plan: Plan, out: Path, config: Config, run: Run = Run()) -> Iterator[Summary]:
    """Reads the inputs and writes their results; yields a summary of each, in the order in which they are done.

    What an earlier run has done with the same program and settings is not done again. Results do not depend on the number
    of workers, nor on where an earlier run was stopped.

    Args:
        plan: from `plan_run`.
        out: folder of results, made where it is missing.
        config: settings.
        run: how it is done.

    Raises:
        ConfigError: the recogniser that is asked for is not there.
        BusyError: another run works in `out`.
        LedgerError: the ledger in `out` is damaged.
        OutputError: results cannot be written.
    """
    require_engine(plan.inputs, config)
    yield from run_tasks(tasks_of(plan.inputs, plan.facts), out, config, run)


def run_tasks(tasks: Sequence[Task], out: Path, config: Config, run: Run) -> Iterator[Summary]:
    """Reads inputs; see `run_batch`."""
    began = time.monotonic()
    with run_lock(out):
        clean_leftovers(out)
        clear_staged(out)
        with Ledger(out) as ledger:
            rows = [task.row for task in tasks]
            workers = choose_workers(config, run.workers)
            marks = (program_hash(), config_hash(run.asked or config))
            number = ledger.begin_run(run.command, __version__, *marks, config_settings(config), workers, rows)
            state = "failed"
            try:
                yield from _read_all(tasks, ledger, config, run, number, workers)
                state = "done"
            except (KeyboardInterrupt, GeneratorExit):
                state = "interrupted"
                raise
            finally:
                clear_staged(out)
                ledger.end_run(number, state, time.monotonic() - began)


def choose_workers(config: Config, asked: int | None) -> int:
    """Returns the number of processes: what was asked for, else the setting, else the cores, at most 4."""
    from pipeline.ocr.runtime import allowed_threads

    if asked is not None:
        return asked
    return config.batch.workers or min(4, allowed_threads())


def _read_all(tasks: Sequence[Task], ledger: Ledger, config: Config, run: Run, number: int, workers: int) -> Iterator[Summary]:
    """Reads what is to be read; copies are told with the input that they are copies of."""
    repeats = find_repeats(tasks)
    copies: dict[int, list[Task]] = {}
    for task in tasks:
        if task.number in repeats:
            copies.setdefault(repeats[task.number], []).append(task)
    todo: list[Task] = []
    known: list[tuple[Task, str]] = []
    for task in tasks:
        if task.number in repeats:
            continue
        row = None if run.again else done_before(ledger, task, program_hash(), config_hash(config))
        if row is None:
            todo.append(task)
            continue
        summary = recall(ledger, row, task.item.relative_path, task.number)
        known.append((task, row.id))
        known += [(copy, row.id) for copy in copies.get(task.number, ())]
        yield summary
        yield from (repeated(summary, copy.item.relative_path, copy.number) for copy in copies.get(task.number, ()))
    ledger.seen((task.row, document) for task, document in known)
    by_number = {task.number: task for task in todo}
    with contextlib.closing(_readings(todo, ledger, config, run, workers)) as readings:
        for done in readings:
            task = by_number[done.job.number]
            keep(ledger, task, done, number)
            summary = summarise(done.result, task.number, done.seconds)
            yield replace(summary, alike=ledger.alike(done.result.document_id))
            again = copies.get(task.number, [])
            ledger.seen((copy.row, done.result.document_id) for copy in again)
            yield from (repeated(summary, copy.item.relative_path, copy.number) for copy in again)


def _readings(tasks: Sequence[Task], ledger: Ledger, config: Config, run: Run, workers: int) -> Generator[Done, None, None]:
    """Yields what was read, by this process or by workers."""

    def started(jobs: Sequence[Job]) -> None:
        ledger.start([rows[job.number] for job in jobs], _LEASE_S)
        for job in jobs:
            if run.started is not None:
                run.started(job.item)

    rows = {task.number: task.row.place for task in tasks}
    if workers == 0 or fits_inline(tasks, config):
        yield from run_inline(tasks, ledger.out, config, started)
        return
    from pipeline.run.workers import run_workers

    yield from run_workers(tasks, ledger.out, config, workers, started)


def keep(ledger: Ledger, task: Task, done: Done, number: int) -> None:
    """Puts the result of a document in place and notes it: the files first, the ledger then, or neither.

    Raises:
        OutputError: it cannot be written.
    """
    job, result = done.job, done.result
    pages = {page for page, _ in job.skipped}
    with output_errors(ledger.out / result.document_id), ledger.unit() as db:
        status = correct_staged(done.staged, in_force(load_corrections(db, result.document_id)))
        sizes = result_sizes(done.staged)
        publish_result(ledger.out, done.staged, result.document_id)
        used_pictures = any(f.rule in _PICTURE_RULES for f in result.findings)
        outcome = Outcome(
            attempts=job.attempt,
            duration_s=done.seconds,
            gentle=gently(job.gentle - pages),
            page_seconds=done.page_seconds,
            page_attempts=tuple((page, 3 if page in pages else 2) for page in sorted(job.gentle | pages)),
            sizes=sizes,
            beside=beside(job.item) if used_pictures else None,
            status=status,
        )
        ledger.record(db, task.row, result, facts_to_json(task.facts), outcome, number)
