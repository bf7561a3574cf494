"""What becomes of a document that ended its worker: once more in a gentler way, then without the page that did it."""

from __future__ import annotations

from dataclasses import replace

from pipeline.config import Config
from pipeline.errors import DocumentError
from pipeline.run.failures import death_failure
from pipeline.run.job import Job
from pipeline.run.progress import WHOLE


def next_attempt(job: Job, failure_class: str, page_no: int, config: Config, detail: str = "") -> Job | DocumentError:
    """Returns how to go on with a document after its worker ended.

    A page is read gently the second time and left out the third; where no page is known that did it, the whole document is
    read gently, and fails the next time.

    Args:
        job: the attempt that ended.
        failure_class: `timed_out`, `out_of_memory` or `worker_died`.
        page_no: page in hand, or `progress.WHOLE`.
        config: for `batch.bad_pages`.
        detail: what more is known, to stand behind the reason.

    Returns:
        The next attempt, or the error that the document ends with.
    """
    job = replace(job, attempt=job.attempt + 1)
    failure = death_failure(failure_class, page_no, detail)
    skipped = {page for page, _ in job.skipped}
    if WHOLE not in job.gentle and page_no not in job.gentle:
        return replace(job, gentle=job.gentle | {page_no})
    if page_no != WHOLE and page_no not in skipped and len(skipped) < config.batch.bad_pages:
        return replace(job, skipped=(*job.skipped, (page_no, failure)))
    if WHOLE not in job.gentle and page_no in skipped:
        # It is left out and does it still: opening the document, which comes before its first page, did it.
        return replace(job, gentle=job.gentle | {WHOLE})
    error = DocumentError(failure.message, failure.advice)
    error.failure_class = failure_class
    return error
