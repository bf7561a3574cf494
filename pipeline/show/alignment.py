"""How a recovered table was laid onto its schema: which printed label each row and column matched, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.domain import LaneMatch, Matrix
from pipeline.show.matrix_grid import matrix_to_links
from pipeline.store.contract import Json
from pipeline.store.webpage import esc, grid_html

_LOW = 0.6


def alignment_to_html(matrix: Matrix, findings: Sequence[Json] = ()) -> str:
    """Returns the matrix, whose cells open their explanations, and its rows and columns with the labels that they matched.

    Args:
        matrix: one matrix of a document.
        findings: the document's findings as in `matrices.json`; cells of its errors are marked.
    """
    rows, columns = expected_labels(matrix)
    doubtful = any(not lane.certain for lane in (*matrix.rows, *matrix.columns))
    score = f"score {matrix.score:.4f}, margin over the next best {matrix.margin:.4f}"
    return (
        matrix_to_links(matrix, findings)
        + f"<details{' open' if doubtful else ''}><summary>Alignment: the label of each row and column "
        + f"<span class='soft'>{score}</span></summary>"
        + f"<h3>Rows</h3>{_lanes(matrix.rows, rows)}"
        + f"<h3>Columns</h3>{_lanes(matrix.columns, columns)}</details>"
    )


def expected_labels(matrix: Matrix) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Returns the labels that the schema knows of the rows and columns; empty where it is not among the bundled ones."""
    from pipeline.canon.schema import load_schemas

    found = [t for schema in load_schemas() if schema.family == matrix.schema for t in schema.variants_of(matrix.table)]
    for table in sorted(found, key=lambda table: table.variant != matrix.variant)[:1]:
        return {lane.key: lane.label for lane in table.rows}, {lane.key: lane.label for lane in table.columns}
    return {}, {}


def _lanes(lanes: Sequence[LaneMatch], expected: Mapping[str, str]) -> str:
    """Returns one axis as a table."""
    names = ("identifier", "label of the schema", "label as printed", "similarity", "margin", "certain")
    return grid_html("".join(f"<th>{name}</th>" for name in names), [_lane(lane, expected.get(lane.key, "")) for lane in lanes])


def _lane(lane: LaneMatch, expected: str) -> str:
    """Returns one row or column."""
    share = min(max(lane.similarity, 0.0), 1.0)
    kind = "bar low" if share < _LOW else "bar"
    bar = f'<span class="{kind}"><i style="width:{100 * share:.0f}%"></i></span>{lane.similarity:.3f}'
    printed = esc(lane.label) if lane.label else '<span class="soft">none</span>'
    sure = '<td class="sure">yes</td>' if lane.certain else f'<td class="unsure">no: {esc(lane.reason or "no reason given")}</td>'
    return (
        f"<tr><td><code>{esc(lane.key)}</code></td><td>{esc(expected)}</td><td>{printed}</td>"
        f'<td>{bar}</td><td class="n">{lane.margin:.3f}</td>{sure}</tr>'
    )
