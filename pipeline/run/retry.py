"""What becomes of a document over a page of which reading ended: once more in a gentler way, then without that page."""

from __future__ import annotations

from dataclasses import replace

from pipeline.config import Config
from pipeline.domain import Failure
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
    failure = death_failure(failure_class, page_no, detail)
    after = without_page(job, page_no, failure, config)
    if after is not None:
        return after
    error = DocumentError(failure.message, failure.advice)
    error.failure_class = failure_class
    return error


def without_page(job: Job, page_no: int, failure: Failure, config: Config) -> Job | None:
    """Returns the next attempt at a document of which reading ended over a page, or None where there is none.

    Args:
        job: the attempt that ended.
        page_no: the page, or `progress.WHOLE`.
        failure: of the page, where it comes to be left out.
        config: for `batch.bad_pages`.
    """
    job = replace(job, attempt=job.attempt + 1)
    skipped = {page for page, _ in job.skipped}
    if WHOLE not in job.gentle and page_no not in job.gentle:
        return replace(job, gentle=job.gentle | {page_no})
    if page_no != WHOLE and page_no not in skipped and len(skipped) < config.batch.bad_pages:
        return replace(job, skipped=(*job.skipped, (page_no, failure)))
    if WHOLE not in job.gentle and page_no in skipped:
        # It is left out and does it still: opening the document, which comes before its first page, did it.
        return replace(job, gentle=job.gentle | {WHOLE})
    return None
