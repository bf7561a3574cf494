"""The results of documents whose reading ended without one: a worker died, time or memory ran out."""

from __future__ import annotations

import time
from pathlib import Path

from pipeline.domain import Failure, Source, SourceKind
from pipeline.errors import DocumentError
from pipeline.intake.identify import unread_source
from pipeline.intake.pictures import group_sha256
from pipeline.run.document import failed
from pipeline.run.groups import Group
from pipeline.run.job import Done, Job, stage
from pipeline.run.progress import OUT_OF_MEMORY, TIMED_OUT, WORKER_DIED

_WHAT = {
    TIMED_OUT: "took longer than it may",
    OUT_OF_MEMORY: "took more memory than it may",
    WORKER_DIED: "ended the process that read it",
}
_ADVICE = {
    TIMED_OUT: "Raise batch.page_seconds, or look at the file; `gouji reprocess` tries again.",
    OUT_OF_MEMORY: "Raise batch.worker_memory_mb, or lower scan.dpi; `gouji reprocess` tries again.",
    WORKER_DIED: "Print the file to a new PDF, or report it; `gouji reprocess` tries again.",
}


def death_failure(failure_class: str, page_no: int, detail: str = "") -> Failure:
    """Returns the failure of a page (or, with page 0, of a document) that ended its worker twice."""
    what = f"Page {page_no}" if page_no else "Reading"
    return Failure(failure_class, f"{what} {_WHAT[failure_class]}{detail}, twice.", _ADVICE[failure_class])


def failed_done(job: Job, error: DocumentError, out: Path, seconds: float = 0.0) -> Done:
    """Makes and stages the result of a document that could not be read."""
    if isinstance(job.item, Group):
        sources = [unread_source(path, path.name) for path in job.item.members]
        digest = group_sha256(s.sha256 for s in sources)
        size = sum(s.size_bytes for s in sources)
        source = Source(str(job.item.path), job.item.relative_path, digest, size, SourceKind.IMAGE, "image")
    else:
        source = unread_source(job.item.path, job.item.relative_path)
    return stage(job, failed(source, error, job.facts), out, time.monotonic() - seconds)
