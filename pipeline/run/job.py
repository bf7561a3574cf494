"""One document as a unit of work: read, and its result files written where the run puts them in place from."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config import Config
from pipeline.domain import DocumentFacts, DocumentResult, Failure, SourceKind
from pipeline.errors import DocumentError
from pipeline.intake.discover import Input
from pipeline.intake.identify import unread_source
from pipeline.intake.members import on_disk
from pipeline.run.document import failed, guarded, process
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
        gentle: pages to be read gently, because reading ended over them; `progress.WHOLE` for the whole document.
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


def stage(
    job: Job,
    result: DocumentResult,
    out: Path,
    began: float,
    page_seconds: tuple[tuple[int, float], ...] = (),
    most_bytes: int | None = None,
) -> Done:
    """Writes the result files of a job, which began at `began` (seconds of the clock that nobody sets).

    Raises:
        OutputError: they cannot be written.
        TooLargeError: they would take more than `most_bytes`.
    """
    staged = stage_result(out, result, most_bytes)
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

    return guarded(result.source, facts, lambda: with_pictures(result, config, facts))
