"""Reading in this process: for a few small texts, where processes of their own would cost more than the reading."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from types import FrameType

from pipeline.config import Config
from pipeline.errors import DocumentError
from pipeline.intake.formats import HTML_SUFFIXES, TEXT_SUFFIXES, is_image, is_pdf
from pipeline.intake.members import is_there
from pipeline.run.attempt import do_job
from pipeline.run.failures import failed_done
from pipeline.run.groups import Group
from pipeline.run.job import Done, Job
from pipeline.run.resume import Task

_SMALL_BYTES, _HEAD = 1 << 20, 4096


class _OverTime(BaseException):
    """Reading takes longer than it may; no handler of a stage is to catch it."""


def fits_inline(tasks: Sequence[Task], config: Config) -> bool:
    """True for few inputs that are all small texts: nothing in native code can hang or fall over them."""
    return len(tasks) <= config.batch.inline_documents and all(map(_is_small_text, tasks))


def all_texts(tasks: Sequence[Task]) -> bool:
    """True where every input has the name of a text scrape."""
    return all(not isinstance(t.item, Group) and t.item.path.suffix.lower() in TEXT_SUFFIXES for t in tasks)


def run_inline(
    tasks: Sequence[Task], out: Path, config: Config, started: Callable[[Sequence[Job]], None]
) -> Generator[Done, None, None]:
    """Reads inputs one after the other, each within its time where this is the main thread."""
    for task in tasks:
        job = Job(task.number, task.item, task.facts)
        started([job])
        yield _within(config.batch.document_seconds, job, out, config)


def _within(seconds: float, job: Job, out: Path, config: Config) -> Done:
    """Reads one input, and ends it as `timed_out` where it takes too long."""
    if threading.current_thread() is not threading.main_thread() or not _is_small_text_of(job):
        return do_job(job, out, config)

    def ring(number: int, frame: FrameType | None) -> None:
        raise _OverTime

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        return do_job(job, out, config)
    except _OverTime:
        error = DocumentError(
            f"Reading took more than {seconds:g} seconds.", "Raise batch.document_seconds, or look at the file."
        )
        error.failure_class = "timed_out"
        return failed_done(job, error, out)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _is_small_text(task: Task) -> bool:
    if isinstance(task.item, Group) or not 0 <= task.size_bytes <= _SMALL_BYTES:
        return False
    path = task.item.path
    if path.suffix.lower() not in TEXT_SUFFIXES | HTML_SUFFIXES:
        return False
    return not _needs_native_code(path)


def _is_small_text_of(job: Job) -> bool:
    return not isinstance(job.item, Group) and job.item.path.suffix.lower() in TEXT_SUFFIXES | HTML_SUFFIXES


def _needs_native_code(path: Path) -> bool:
    """True where a file is a PDF or a picture whatever its name says, or a web page with pictures."""
    try:
        if not path.is_file():
            return is_there(path)  # a member of an archive: what it holds shows when it is unpacked
        data = path.read_bytes()
    except (OSError, ValueError):
        return False
    return is_pdf(data[:_HEAD], b"", "") or is_image(data[:_HEAD]) or b"<img" in data.lower()
