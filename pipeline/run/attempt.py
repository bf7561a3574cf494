"""One document read by this process: a page over which reading ends with an exception costs that page alone."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from pipeline.config import Config
from pipeline.domain import DocumentResult, Finding
from pipeline.errors import DocumentError
from pipeline.run import progress
from pipeline.run.document import failed
from pipeline.run.job import Done, Job, read_input, stage
from pipeline.run.retry import without_page

# What a file alone brings about is the same the next time; these are faults of ours, or of the machine.
_FAULTS = frozenset({"internal", progress.OUT_OF_MEMORY})


def do_job(job: Job, out: Path, config: Config) -> Done:
    """Reads one document and stages its result.

    Where an exception ends it over a page, it is read once more with that page in a gentler way, then without it, as after
    the death of a worker.

    Raises:
        OutputError: the result cannot be written.
        ConfigError: the recogniser is missing or wrong.
    """
    began = time.monotonic()
    while True:
        result, page_no, page_seconds = _attempt(job, config)
        after = _next(job, result, page_no, config)
        if after is None:
            break
        job = after
    try:
        return stage(job, result, out, began, page_seconds, config.limits.output_bytes)
    except DocumentError as error:
        return stage(job, failed(result.source, error, job.facts), out, began, page_seconds)


def gently(pages: Collection[int]) -> str | None:
    """Says in words which pages were read gently, or None."""
    if not pages:
        return None
    what = "It" if progress.WHOLE in pages else "Page " + ", ".join(map(str, sorted(pages)))
    return f"{what} ended its reader at first, and was read again in a gentler way (fewer pixels, no second reader)."


def _attempt(job: Job, config: Config) -> tuple[DocumentResult, int, tuple[tuple[int, float], ...]]:
    """Returns what was read, the page that was in hand at the end, and the seconds of each page."""
    progress.begin_document(job.number, job.gentle, job.skipped)
    try:
        settings = progress.page_config(config, progress.WHOLE)
        result = _told(job, read_input(job.item, settings, job.facts))
        page_no = progress.page_in_hand()
    finally:
        page_seconds = progress.end_document()
    return result, page_no, page_seconds


def _next(job: Job, result: DocumentResult, page_no: int, config: Config) -> Job | None:
    """Returns how to go on where an exception over a page ended the document, or None."""
    failure = result.failure
    if failure is None or failure.failure_class not in _FAULTS or page_no == progress.WHOLE:
        return None
    return without_page(job, page_no, replace(failure, message=f"Page {page_no}: {failure.message}"), config)


def _told(job: Job, result: DocumentResult) -> DocumentResult:
    """Adds to the findings that pages were read in another way."""
    said = gently(job.gentle - {page for page, _ in job.skipped})
    if said is None or result.failure is not None:
        return result
    return replace(result, findings=(*result.findings, Finding("gentle_reading", "reading", "note", said)))
