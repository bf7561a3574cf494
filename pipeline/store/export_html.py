"""One self-contained web page for a document: its matrices with labels, flagged cells with the reason, findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline.store.records import cell_name, document_record, number_to_text
from pipeline.store.targets import write_text
from pipeline.store.webpage import esc, grid_html, web_page

Json = dict[str, Any]
_CELLS_SHOWN = 12
_STATE_TEXT = {"blank": "", "dash": "—", "unreadable": "unreadable", "missing": "missing"}


def write_html(path: Path, result: Json) -> Path:
    """Writes the page of one document."""
    return write_text(path, web_page(document_title(result), document_body(result)))


def write_index(path: Path, results: Iterable[Json], links: Sequence[str]) -> Path:
    """Writes the page that lists the documents of a panel; `links` are the file names of their pages, in order."""
    rows = [_index_row(document_record(result), link) for result, link in zip(results, links, strict=True)]
    names = ("document", "issuer", "year", "status", "tables", "cells", "to review", "findings")
    table = grid_html("".join(f"<th>{name}</th>" for name in names), rows)
    return write_text(path, web_page("Documents", ["<h1>Documents</h1>", f'<p class="soft">{len(rows)} documents</p>', table]))


def document_title(result: Json) -> str:
    """Returns what a document is called: issuer and year, else its file."""
    document = result["document"]
    said = " ".join(str(part) for part in (document["issuer"], document["year"]) if part is not None)
    return said or str(document["source"])


def document_body(result: Json) -> Iterator[str]:
    """Yields the parts of a document's page."""
    yield from document_head(result)
    for matrix in result["matrices"]:
        yield matrix_to_html(matrix, result["findings"])
    if not result["matrices"] and not result["failure"]:
        yield "<p>No table of a known family was found.</p>"
    yield "<h2>Findings</h2>"
    yield findings_to_html(result["findings"])


def document_head(result: Json) -> Iterator[str]:
    """Yields title, status, failure, and the tables that are not there."""
    document = result["document"]
    yield f"<h1>{esc(document_title(result))}</h1>"
    status = esc(result["status"])
    yield (
        f'<p><span class="badge {status}">{status}</span> <span class="soft">{esc(document["source"])} ·'
        f" {esc(document['kind'])} · {esc(document['pages'])} page(s) · <code>{esc(document['id'])}</code></span></p>"
    )
    if result["failure"]:
        failure = result["failure"]
        yield f"<p><b>Not read ({esc(failure['class'])}):</b> {esc(failure['message'])} {esc(failure['advice'])}</p>"
    for name, meaning in (("absent", "The report lacks"), ("unread", "On a page that could not be read, perhaps")):
        if result[name]:
            yield f"<p><b>{meaning}:</b> {', '.join(f'<code>{esc(table)}</code>' for table in result[name])}</p>"


def matrix_to_html(matrix: Json, findings: Sequence[Json] = ()) -> str:
    """Returns one matrix as a table; flagged cells carry the number of their reason, told below.

    Cells of a finding of severity `error` are red.
    """
    errors = (cell for finding in findings if finding["severity"] == "error" for cell in finding["cells"])
    wrong = {(cell["row"], cell["column"]) for cell in errors if cell["table"] == matrix["table"]}
    reasons = _number_reasons(matrix)
    unit = f" · unit {esc(matrix['unit'])}" if matrix["unit"] else ""
    head = "".join(map(_lane_to_html, matrix["columns"], matrix["column_labels"]))
    rows = []
    for key, label, cells in zip(matrix["rows"], matrix["row_labels"], matrix["cells"], strict=True):
        places = zip(matrix["columns"], cells, strict=True)
        line = (_cell_to_html(cell, reasons, (key, column) in wrong) for column, cell in places)
        rows.append(f"<tr>{_lane_to_html(key, label)}{''.join(line)}</tr>")
    told = "".join(f"<li>{esc(reason)}</li>" for reason in reasons)
    return (
        f'<h2>{esc(matrix["table"])} <span class="soft">{esc(matrix["schema"])} · {esc(matrix["variant"])}{unit}</span></h2>'
        + grid_html(f"<th></th>{head}", rows)
        + (f'<p class="soft">Marked cells are to be looked at:</p><ol class="reasons">{told}</ol>' if told else "")
    )


def findings_to_html(findings: Sequence[Json]) -> str:
    """Returns the findings, errors first."""
    if not findings:
        return '<p class="soft">none</p>'
    ordered = sorted(findings, key=lambda finding: finding["severity"] != "error")
    return '<ul class="findings">\n' + "\n".join(map(_finding_to_html, ordered)) + "\n</ul>"


def _finding_to_html(finding: Json) -> str:
    """Returns one finding as a list item."""
    sides = ""
    if finding["left"] is not None or finding["right"] is not None:
        sides = f" ({esc(number_to_text(finding['left']))} against {esc(number_to_text(finding['right']))})"
    kind = f"{finding['severity']} · {finding['kind']}" if finding["severity"] == "error" else finding["severity"]
    return (
        f'<li class="{esc(finding["severity"])}"><b>{esc(kind)}</b> <code>{esc(finding["rule"])}</code>{sides}: '
        f'{esc(finding["message"])}<br><span class="soft">{_cells_to_html(finding["cells"])}</span></li>'
    )


def _cells_to_html(cells: Sequence[Json]) -> str:
    """Returns the cells of a finding; those of one row or column under one name."""
    for shared, other in (("row", "column"), ("column", "row")):
        if len(cells) > 1 and len({(cell["table"], cell[shared]) for cell in cells}) == 1:
            others = ", ".join(cell[other] for cell in cells)
            return f"<code>{esc(cells[0]['table'])}</code> {shared} <code>{esc(cells[0][shared])}</code>: {esc(others)}"
    more = f" and {len(cells) - _CELLS_SHOWN} more" if len(cells) > _CELLS_SHOWN else ""
    return ", ".join(f"<code>{esc(cell_name(cell))}</code>" for cell in cells[:_CELLS_SHOWN]) + more


def _number_reasons(matrix: Json) -> dict[str, int]:
    """Returns the reasons of the flagged cells with their numbers from 1, in order of appearance."""
    flagged = [cell for row in matrix["cells"] for cell in row if cell["review"]]
    return {reason: number for number, reason in enumerate(dict.fromkeys(map(_reason, flagged)), 1)}


def _reason(cell: Json) -> str:
    """Returns why a flagged cell is to be reviewed."""
    return cell["reason"] or "no reason given"


def _lane_to_html(key: str, label: str) -> str:
    """Returns the head of a row or column: label as printed, identifier below."""
    return f"<th>{esc(' '.join(label.split()))}<code>{esc(key)}</code></th>"


def _cell_to_html(cell: Json, reasons: dict[str, int], wrong: bool) -> str:
    """Returns one cell; its raw text, confidence and place stand in the tooltip."""
    shown = number_to_text(cell["value"]) if cell["state"] == "printed" else _STATE_TEXT[cell["state"]]
    place = f"page {cell['page']}" if cell["page"] else f"characters {cell['span'][0]}-{cell['span'][1]}" if cell["span"] else ""
    parts = (f"“{cell['text']}”", cell["state"], f"confidence {cell['confidence']}", place, cell["reason"])
    tip = " · ".join(filter(None, parts))
    chosen = (("n", True), ("empty", cell["state"] != "printed"), ("flag", cell["review"]), ("wrong", wrong))
    kinds = " ".join(name for name, on in chosen if on)
    mark = f'<sup class="ref">{reasons[_reason(cell)]}</sup>' if cell["review"] else ""
    return f'<td class="{kinds}" title="{esc(tip)}">{esc(shown)}{mark}</td>'


def _index_row(record: Json, link: str) -> str:
    """Returns the line of one document in the index."""
    status = f'<span class="badge {esc(record["status"])}">{esc(record["status"])}</span>'
    numbers = "".join(f'<td class="n">{record[name]}</td>' for name in ("matrices", "cells", "review_cells", "findings"))
    return (
        f'<tr><td><a href="{esc(quote(link))}">{esc(record["document"])}</a></td><td>{esc(record["issuer"])}</td>'
        f"<td>{esc(record['year'])}</td><td>{status}</td>{numbers}</tr>"
    )
