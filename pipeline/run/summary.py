"""What a run says of each input."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.domain import DocumentResult, Failure
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_rows import DocumentRow
from pipeline.store.ledger_status import counts_of


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run says of one input.

    Attributes:
        cells: number of cells of all matrices; `review` of them carry a review flag.
        errors: findings of severity error; `notes` the others.
        repeats: the input of the same name and bytes that was read before, or None.
        alike: another document of the folder with the same bytes under another name, or None.
        number: place in the plan of the run.
        before: true where it was done by an earlier run and is still right.
        seconds: how long reading took.
    """

    source: str
    document_id: str
    issuer: str | None
    year: int | None
    status: str
    tables: tuple[str, ...]
    absent: tuple[str, ...]
    cells: int
    review: int
    errors: int
    notes: int
    failure: Failure | None
    repeats: str | None = None
    alike: str | None = None
    number: int = 0
    before: bool = False
    seconds: float = 0.0


def summarise(result: DocumentResult, number: int = 0, seconds: float = 0.0) -> Summary:
    """Counts what a result holds."""
    cells = [c for m in result.matrices for row in m.cells for c in row]
    errors = sum(f.severity == "error" for f in result.findings)
    return Summary(
        result.source.relative_path,
        result.document_id,
        result.facts.issuer,
        result.facts.year,
        result.status,
        tuple(m.table for m in result.matrices),
        (*result.absent, *result.unread),
        len(cells),
        sum(c.review for c in cells),
        errors,
        len(result.findings) - errors,
        result.failure,
        number=number,
        seconds=seconds,
    )


def recall(ledger: Ledger, row: DocumentRow, name: str, number: int) -> Summary:
    """Returns the summary of a document that an earlier run has read."""
    counts = counts_of(ledger, row.id)
    failure = None
    if row.failure_class is not None:
        failure = Failure(row.failure_class, row.failure_message or "", row.failure_advice or "")
    absent = (*row.absent, *row.unread)
    return Summary(
        name, row.id, row.issuer, row.year, row.status, counts.tables, absent, counts.cells, counts.review,
        counts.errors, counts.notes, failure, number=number, before=True,
    )  # fmt: skip


def repeated(summary: Summary, name: str, number: int) -> Summary:
    """Returns the summary of a copy of an input."""
    return replace(summary, source=name, number=number, repeats=summary.source)
