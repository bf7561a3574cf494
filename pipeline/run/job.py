"""One document as a unit of work: read, and its result files written where the run puts them in place from."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config import Config
from pipeline.domain import DocumentFacts, DocumentResult, Failure, Finding, SourceKind
from pipeline.errors import DocumentError
from pipeline.intake.discover import Input
from pipeline.intake.identify import unread_source
from pipeline.intake.members import on_disk
from pipeline.run import progress
from pipeline.run.document import failed, process
from pipeline.run.groups import Group, process_group
from pipeline.store.files import stage_result


@dataclass(frozen=True, slots=True)
class Job:
    """A document to read.

    Attributes:
        number: place in the plan of the run.
        item: the file, or the pictures that are one report.
        facts: what a manifest says.
        attempt: from 1.
        gentle: pages to be read gently, because they killed a worker; `progress.WHOLE` for the whole document.
        skipped: pages that are not read any more, with the reason.
    """

    number: int
    item: Input | Group
    facts: DocumentFacts | None = None
    attempt: int = 1
    gentle: frozenset[int] = frozenset()
    skipped: tuple[tuple[int, Failure], ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """A document that was read, however that ended.

    Attributes:
        result: without the blocks of its reading, which are in the files.
        staged: folder of its result files.
        seconds: how long it took; `page_seconds` page by page, where that is known.
    """

    job: Job
    result: DocumentResult
    staged: Path
    seconds: float
    page_seconds: tuple[tuple[int, float], ...] = ()


def do_job(job: Job, out: Path, config: Config) -> Done:
    """Reads one document and stages its result.

    Raises:
        OutputError: the result cannot be written.
        ConfigError: the recogniser is missing or wrong.
    """
    began = time.monotonic()
    progress.begin_document(job.number, job.gentle, job.skipped)
    try:
        settings = progress.page_config(config, progress.WHOLE)
        result = _told(job, read_input(job.item, settings, job.facts))
    finally:
        page_seconds = progress.end_document()
    return stage(job, result, out, began, page_seconds)


def stage(job: Job, result: DocumentResult, out: Path, began: float, page_seconds: tuple[tuple[int, float], ...] = ()) -> Done:
    """Writes the result files of a job, which began at `began` (seconds of the clock that nobody sets)."""
    staged = stage_result(out, result)
    slim = result if result.reading is None else replace(result, reading=replace(result.reading, blocks=()))
    return Done(job, slim, staged, time.monotonic() - began, page_seconds)


def read_input(item: Input | Group, config: Config, facts: DocumentFacts | None = None) -> DocumentResult:
    """Reads one input: a file, with the pictures of a web page, or pictures that together are one report."""
    paths = item.members if isinstance(item, Group) else (item.path,)
    try:
        with on_disk(paths, config.limits) as files:
            result = _read_files(item, files, config, facts)
    except DocumentError as error:  # a member of an archive that cannot be had, or a file that was changed meanwhile
        return failed(unread_source(item.path, item.relative_path, config.limits), error, facts)
    return result if files == paths else replace(result, source=replace(result.source, path=str(item.path)))


def _read_files(item: Input | Group, files: tuple[Path, ...], config: Config, facts: DocumentFacts | None) -> DocumentResult:
    """Reads an input from the files that hold it now."""
    if isinstance(item, Group):
        return process_group(replace(item, members=files), config, facts)
    result = process(files[0], item.relative_path, config, facts)
    if result.source.kind is not SourceKind.HTML:
        return result
    from pipeline.run.webpage import with_pictures

    return with_pictures(result, config, facts)


def gently(pages: Collection[int]) -> str | None:
    """Says in words which pages were read gently, or None."""
    if not pages:
        return None
    what = "It" if progress.WHOLE in pages else "Page " + ", ".join(map(str, sorted(pages)))
    return f"{what} ended a worker, and was read again in a gentler way (fewer pixels, no second reader)."


def _told(job: Job, result: DocumentResult) -> DocumentResult:
    """Adds to the findings that pages were read in another way."""
    said = gently(job.gentle - {page for page, _ in job.skipped})
    if said is None or result.failure is not None:
        return result
    return replace(result, findings=(*result.findings, Finding("gentle_reading", "reading", "note", said)))
