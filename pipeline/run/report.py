"""A page about a folder of results that needs no server: what failed and why, what is to be reviewed, with pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from pipeline.config import Config
from pipeline.run.crops import Crop, crops_of
from pipeline.run.wording import status_lines
from pipeline.store.files import output_errors
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import findings_of, pages_of
from pipeline.store.ledger_review import queue
from pipeline.store.ledger_rows import CellRow, DocumentRow
from pipeline.store.ledger_status import Counts, Status, counts_of, failures_of, status_of
from pipeline.store.targets import write_text
from pipeline.store.webpage import esc, html_table, web_page

REPORT = "report.html"
_MOST_ROWS, _MOST_DOCUMENTS, _MOST_CELLS = 2000, 200, 12
_CSS = """
.cards { display: flex; flex-wrap: wrap; gap: .6rem; } figure { margin: 0; border: 1px solid var(--line); padding: .4rem;
  border-radius: .3rem; max-width: 22rem; } figure img { display: block; max-width: 100%; height: auto; }
figcaption { font-size: .8rem; margin-top: .3rem; }
"""


def write_report(out: Path, pictures: int = 60, config: Config | None = None) -> Path:
    """Writes `out/report.html` from the ledger.

    Args:
        out: folder of results.
        pictures: most pictures of doubtful cells; 0 for none.
        config: settings of pictures; the defaults where None.

    Returns:
        The file.

    Raises:
        InputMissingError: `out` has no ledger. OutputError: it cannot be written.
    """
    with Ledger(out, readonly=True) as ledger, output_errors(out / REPORT):
        status = status_of(ledger)
        body = [
            *_head(ledger, status),
            *_failures(ledger),
            *_reviews(ledger, status.review_documents, pictures, config or Config()),
            *_accepted(ledger, status.documents.get("accepted", 0)),
        ]
        return write_text(out / REPORT, web_page(f"Gouji: {out.name}", body, _CSS))


def _head(ledger: Ledger, status: Status) -> Iterator[str]:
    yield f"<h1>Gouji 勾稽 · {esc(ledger.out.absolute().name)}</h1>"
    yield "<pre>" + "\n".join(esc(line) for line in status_lines(status)) + "</pre>"


def _counted(total: int, shown: int) -> str:
    """`12`, or `5000, the first 2000`: a browser must be able to show it however many there are."""
    return str(total) if total <= shown else f"{total}, the first {shown}"


def _failures(ledger: Ledger) -> Iterator[str]:
    """What failed, in whole or in part, with reason and advice."""
    found, total = failures_of(ledger, _MOST_ROWS)
    rows = [(f.name, f.page_no or "", f.failure_class, f.message, f.advice, f.attempts) for f in found]
    yield f"<h2>Failures ({_counted(total, _MOST_ROWS)})</h2>"
    yield html_table(("document", "page", "class", "what happened", "what to do", "attempts"), rows)
    if rows:
        yield '<p class="soft">Read them once more: <code>gouji reprocess --out DIR</code></p>'


def _reviews(ledger: Ledger, total: int, pictures: int, config: Config) -> Iterator[str]:
    """Each document that a person should look at: findings, what is missing, and doubtful cells."""
    yield f"<h2>To review ({_counted(total, _MOST_DOCUMENTS)})</h2>"
    left = pictures
    for row in ledger.documents(status="review", limit=_MOST_DOCUMENTS):
        cells = queue(ledger, _MOST_CELLS, document=row.id)
        crops = crops_of(row, cells[:left], pages_of(ledger, row.id), config) if left > 0 and cells else {}
        left -= len(crops)
        yield from _document(ledger, row, cells, crops)
    if total > _MOST_DOCUMENTS:
        more = f"... and {total - _MOST_DOCUMENTS} more; all of them: <code>gouji review --out DIR</code>"
        yield f'<p class="soft">{more}</p>'


def _document(ledger: Ledger, row: DocumentRow, cells: list[CellRow], crops: dict[int, Crop]) -> Iterator[str]:
    counts = counts_of(ledger, row.id)
    yield f"<h3>{_linked(row)} <span class='badge review'>review</span></h3><p class='soft'>{esc(_facts(row, counts))}</p>"
    lacking = [f"absent: {', '.join(row.absent)}"] if row.absent else []
    lacking += [f"unread: {', '.join(row.unread)}"] if row.unread else []
    findings = [(f.finding.severity, f"{f.finding.rule}: {f.finding.message}") for f in findings_of(ledger, row.id)]
    items = [*(("error", text) for text in lacking), *findings]
    if items:
        yield "<ul class='findings'>" + "".join(f"<li class='{esc(k)}'>{esc(t)}</li>" for k, t in items[:50]) + "</ul>"
    if cells:
        yield "<div class='cards'>" + "".join(_card(cell, crops.get(cell.id)) for cell in cells) + "</div>"
        if counts.review > len(cells):
            yield f'<p class="soft">... and {counts.review - len(cells)} more cells.</p>'


def _card(cell: CellRow, crop: Crop | None) -> str:
    """One doubtful cell: its picture where there is one, what was read, and why it is doubted."""
    picture = "" if crop is None else f'<img src="{crop.address}" alt="{esc(cell.text)}" width="{crop.width}">'
    where = f"{cell.table} · {cell.row_label or cell.row_key} · {cell.column_label or cell.column_key}"
    read = cell.text or f"({cell.state})"
    about = f"<b>{esc(read)}</b> ({cell.confidence:.2f}) {esc(cell.reason or '')}"
    return f"<figure>{picture}<figcaption>{esc(where)}<br>{about}</figcaption></figure>"


def _accepted(ledger: Ledger, total: int) -> Iterator[str]:
    """The documents that need nobody, with the mistakes that they print themselves."""
    rows = []
    for row in ledger.documents(status="accepted", limit=_MOST_ROWS):
        counts = counts_of(ledger, row.id)
        rows.append((row.name, row.issuer, row.year, len(counts.tables), counts.cells, counts.errors, round(row.duration_s, 2)))
    yield f"<h2>Accepted ({_counted(total, _MOST_ROWS)})</h2>"
    yield html_table(("document", "issuer", "year", "tables", "cells", "findings", "seconds"), rows)


def _facts(row: DocumentRow, counts: Counts) -> str:
    told = (row.issuer or "no issuer", str(row.year or "no year"), f"{row.n_pages} pages", f"{counts.cells} cells")
    gentle = f" · {row.gentle}" if row.gentle else ""
    return " · ".join(told) + f" · {counts.review} to review{gentle}"


def _linked(row: DocumentRow) -> str:
    return f'<a href="{esc(quote(row.id))}/matrices.json">{esc(row.name)}</a>'
