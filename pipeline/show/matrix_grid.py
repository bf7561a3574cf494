"""A matrix whose every cell opens its explanation; needs no script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.domain import LaneMatch, Matrix, MatrixCell, State
from pipeline.show.arithmetic import held_out
from pipeline.show.explanation import Explanation, Place
from pipeline.store.contract import Json
from pipeline.store.webpage import esc, grid_html

_MARGIN_PT = 14.0
_SHOWN = {State.BLANK: "&nbsp;", State.DASH: "—", State.UNREADABLE: "unreadable", State.MISSING: "missing"}


def matrix_to_links(matrix: Matrix, findings: Sequence[Json]) -> str:
    """Returns a matrix as a table of links to the explanations of its cells.

    Args:
        matrix: one matrix of a document.
        findings: the document's findings as in `matrices.json`; cells of its errors are marked.
    """
    errors = (cell for finding in findings if finding["severity"] == "error" for cell in finding["cells"])
    wrong = {(cell["row"], cell["column"]) for cell in errors if cell["table"] == matrix.table}
    flagged = [cell.reason or "no reason given" for line in matrix.cells for cell in line if cell.review]
    reasons = {reason: number for number, reason in enumerate(dict.fromkeys(flagged), 1)}
    rows = []
    for row, line in zip(matrix.rows, matrix.cells, strict=True):
        places = zip(matrix.columns, line, strict=True)
        cells = (_cell((matrix.table, row.key, c.key), cell, reasons, (row.key, c.key) in wrong) for c, cell in places)
        rows.append(f"<tr>{_head(row)}{''.join(cells)}</tr>")
    unit = f" · unit {esc(matrix.unit)}" if matrix.unit else ""
    told = "".join(f"<li>{esc(reason)}</li>" for reason in reasons)
    return (
        f'<h2>{esc(matrix.table)} <span class="soft">{esc(matrix.schema)} · {esc(matrix.variant)}{unit}</span></h2>'
        + grid_html(f"<th></th>{''.join(map(_head, matrix.columns))}", rows)
        + (f'<p class="soft">Marked cells are to be looked at:</p><ol class="reasons">{told}</ol>' if told else "")
    )


def explanations_to_html(explanations: Mapping[Place, Explanation], pages: Sequence[int]) -> str:
    """Returns the panels that the cells open, each with its picture where its page is drawn.

    Args:
        explanations: of all cells.
        pages: numbers of the pages whose picture is in the document under `picture-N`.
    """
    drawn = set(pages)
    return "\n".join(_panel(explanation, explanation.page_no in drawn) for explanation in explanations.values())


def _head(lane: LaneMatch) -> str:
    return f"<th>{esc(' '.join((lane.label or '').split()))}<code>{esc(lane.key)}</code></th>"


def _cell(place: Place, cell: MatrixCell, reasons: Mapping[str, int], wrong: bool) -> str:
    shown = esc(held_out(cell.value)) if cell.value is not None else _SHOWN[cell.state]
    chosen = (("n", True), ("empty", cell.value is None), ("flag", cell.review), ("wrong", wrong))
    kinds = " ".join(name for name, on in chosen if on)
    mark = f'<sup class="ref">{reasons[cell.reason or "no reason given"]}</sup>' if cell.review else ""
    tip = f"{cell.text!r}, probability {cell.confidence:.4f}" + (f": {cell.reason}" if cell.review else "")
    return f'<td class="{kinds}" title="{esc(tip)}"><a class="why-link" href="#{_anchor(place)}">{shown}</a>{mark}</td>'


def _anchor(place: Place) -> str:
    return esc("why-" + "-".join(place))


def _panel(explanation: Explanation, has_picture: bool) -> str:
    parts = [
        f'<div class="why{" flag" if explanation.review else ""}" id="{_anchor(explanation.place)}">',
        '<a class="close" href="#-" title="close">×</a>',
        f"<h3>{esc(explanation.labels[0])} <span class='soft'>×</span> {esc(explanation.labels[1])}</h3>",
        f"<p><code>{esc('/'.join(explanation.place))}</code></p>",
        f'<p class="verdict">{esc(explanation.verdict)}</p>',
        *(_crop(explanation) if has_picture else ()),
    ]
    for heading, lines in explanation.sections:
        parts.append(f"<h4>{esc(heading)}</h4><ul>{''.join(f'<li>{esc(line)}</li>' for line in lines)}</ul>")
    return "".join(parts) + "</div>"


def _crop(explanation: Explanation) -> Iterator[str]:
    """Yields the place of the cell, cut out of the picture of its page, which is in the document once."""
    box = explanation.bbox
    if box is None:
        return
    corners = explanation.quad or ((box.x0, box.top), (box.x1, box.top), (box.x1, box.bottom), (box.x0, box.bottom))
    width, height = box.width + 2 * _MARGIN_PT, box.height + 2 * _MARGIN_PT
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in corners)
    yield (
        f'<svg class="crop" role="img" aria-label="the cell on its page" '
        f'viewBox="{box.x0 - _MARGIN_PT:.2f} {box.top - _MARGIN_PT:.2f} {width:.2f} {height:.2f}">'
        f'<use href="#picture-{explanation.page_no}"/><polygon points="{points}"/></svg>'
    )
