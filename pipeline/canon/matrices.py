"""Candidates become matrices: every cell with its value, its confidence, its place, and the reason to doubt it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from functools import cache

from pipeline.canon.fitting import Candidate, RowPlace
from pipeline.canon.header import leaves
from pipeline.canon.nameless import nameless_doubts
from pipeline.canon.schema import Lane, TableSchema
from pipeline.canon.thousands import without_points
from pipeline.canon.tokens import Token
from pipeline.domain import LaneMatch, Matrix, MatrixCell, Origin, State

# What is left of doubt in a printed text whose place is certain: errors of the text layer or of the scrape itself.
_BASE_DOUBT = {Origin.TEXT_LAYER: 2e-4, Origin.HTML: 1e-4, Origin.SCRAPE: 4e-4, Origin.OCR: 5e-3}
_REVIEW_CONFIDENCE = 0.5
_LIKELY = math.log(0.01)


def build_matrix(
    candidate: Candidate,
    margin: float,
    table_doubt: str | None,
    origin: Origin,
    row_doubts: Mapping[str, str] | None = None,
    marks: bool = False,
) -> Matrix:
    """Makes the matrix of a candidate.

    Args:
        candidate: the chosen place and variant.
        margin: its score less that of the best other variant at the same place.
        table_doubt: why the table as a whole is doubtful, or None; it flags every cell.
        origin: origin of cells that the document lacks.
        row_doubts: why single rows are doubtful, by key.
        marks: whether the report is known to print marks of thousands.
    """
    table = candidate.table
    one_row = table.layout == "one_row"
    # Rulings and names that were read from pixels may be lost.
    nameless = nameless_doubts(candidate) if origin is Origin.OCR else {}
    rows, cells = [], []
    for i, lane in enumerate(table.rows):
        place = candidate.rows[0] if one_row else candidate.rows[i]
        rows.append(_row_match(lane, place, candidate, i) if one_row else _plain_row_match(lane, place))
        line = []
        doubt = table_doubt or (row_doubts or {}).get(lane.key)
        for k, leaf in enumerate(leaves(table)):
            if one_row and leaf.row != i:
                continue
            own = doubt or nameless.get(k)
            line.append(_cell(candidate, place, k, table.columns[leaf.column], own, origin, marks))
        cells.append(tuple(line))
    columns = tuple(_column_match(candidate, j) for j in range(len(table.columns)))
    placed = [p.placed for p in candidate.rows if p.placed is not None]
    tokens = [t for p in placed for t in p.tokens if t is not None]
    page = next((t.page_no for t in tokens if t.page_no is not None), None)
    unit = _unit(candidate, tokens)
    return Matrix(
        table.table,
        table.family,
        table.variant,
        unit,
        tuple(rows),
        columns,
        tuple(cells),
        round(candidate.score, 4),
        round(margin, 4),
        page,
    )


def _unit(candidate: Candidate, tokens: list[Token]) -> str | None:
    """The unit printed in the cells, where they agree, else the one that the header states."""
    units = Counter(t.value.unit for t in tokens if t.value.unit is not None)
    return next(iter(units)) if len(units) == 1 else candidate.unit


def _plain_row_match(lane: Lane, place: RowPlace) -> LaneMatch:
    """How a row of a grid was found."""
    doubt = place.doubt or (place.placed.doubt if place.placed is not None else None)
    return LaneMatch(lane.key, place.label, round(place.similarity, 4), round(min(place.margin, 9.0), 4), doubt is None, doubt)


def _row_match(lane: Lane, place: RowPlace, candidate: Candidate, row: int) -> LaneMatch:
    """How a row was found whose cells stand side by side in one printed row: through the header over them."""
    label, score = candidate.header.row_texts[row] or (None, 0.0)
    doubt = place.placed.doubt if place.placed is not None else place.doubt
    return LaneMatch(lane.key, label, round(score, 4), round(place.margin, 4), doubt is None, doubt)


@cache
def _leaves_of(table: TableSchema, column: int) -> tuple[int, ...]:
    """Indices of the printed columns that show one column of the schema."""
    return tuple(k for k, leaf in enumerate(leaves(table)) if leaf.column == column)


def _column_match(candidate: Candidate, column: int) -> LaneMatch:
    """How a column was found: by its header, or by an unbroken count."""
    header = candidate.header
    best = max(_leaves_of(candidate.table, column), key=lambda k: header.similarities[k])
    doubt = _column_doubt(candidate, best)
    key = candidate.table.columns[column].key
    return LaneMatch(
        key,
        header.texts[best],
        round(header.similarities[best], 4),
        round(min(header.margins[best], 9.0), 4),
        doubt is None,
        doubt,
    )


def _column_doubt(candidate: Candidate, leaf: int) -> str | None:
    """Why the column of a leaf is in doubt."""
    if leaf in candidate.header.conflicts:
        return "the header prints the columns in another order"
    return None


def _cell(
    candidate: Candidate, place: RowPlace, leaf: int, column: Lane, table_doubt: str | None, origin: Origin, marks: bool
) -> MatrixCell:
    """Makes one cell."""
    token = place.placed.tokens[leaf] if place.placed is not None else None
    if token is None:
        lack = place.doubt or (place.placed.doubt if place.placed else None) or "the document has no such column"
        return MatrixCell(None, "", State.MISSING, 0.0, True, origin, reason=lack)
    token = without_points(token, marks) if column.kind == "count" else token
    reason = _reason(candidate, place, leaf, token, column, table_doubt)
    state = token.value.state
    confidence = 0.0 if state is State.UNREADABLE else _confidence(candidate, place, leaf, token, reason)
    return MatrixCell(
        token.value.value,
        token.text,
        state,
        confidence,
        reason is not None,
        token.origin,
        token.page_no,
        token.bbox,
        token.char_span,
        reason,
        token.quad,
        token.readings,
        token.ruled,
    )


def _reason(candidate: Candidate, place: RowPlace, leaf: int, token: Token, column: Lane, table_doubt: str | None) -> str | None:
    """The first reason to show a cell to a person, or None."""
    if token.value.state is State.UNREADABLE:
        return f"{token.text[:40]!r} is no number"
    assert place.placed is not None
    reasons = (
        table_doubt,
        place.doubt,
        place.placed.doubt,
        _column_doubt(candidate, leaf),
        # What cannot stand in the column is no doubt that sums or a second reader could clear.
        _kind_doubt(token, column),
        _emptied(candidate, place, token),
        token.doubt,
        token.value.doubt,
    )
    return next((r for r in reasons if r is not None), None)


def _emptied(candidate: Candidate, place: RowPlace, token: Token) -> str | None:
    """Why a blank may have been filled: a figure of its row that cannot stand in its column may be what stood here.

    Where a ruling between two columns is lost, the figures of both are read as one and leave a blank behind.
    """
    if token.value.state is not State.BLANK or place.placed is None:
        return None
    table = candidate.table
    lanes = zip(place.placed.tokens, leaves(table), strict=True)
    counts = [(other, table.columns[leaf.column]) for other, leaf in lanes if table.columns[leaf.column].kind != "signed"]
    is_moved = any(other is not None and _kind_doubt(other, column) for other, column in counts)
    return "a figure of its row that cannot stand in its column may have stood here" if is_moved else None


def _kind_doubt(token: Token, column: Lane) -> str | None:
    """Why a number cannot stand in this column."""
    value = token.value.value
    if value is None:
        return None
    if token.value.unit == "%":
        return "a percentage where counts or amounts are printed"
    if column.kind != "decimal" and isinstance(value, float) and not value.is_integer():
        return "a fraction where only whole numbers are printed"
    if column.kind == "signed":
        negative = any(c.text == f"-{token.text}" and c.log_prob >= _LIKELY for c in token.readings)
        return "a dash may stand before it" if value > 0 and negative else None
    if value < 0:
        return "a negative number where only counts are printed"
    if token.value.signed:
        return "a number with a sign where only counts are printed"
    return None


def _confidence(candidate: Candidate, place: RowPlace, leaf: int, token: Token, reason: str | None) -> float:
    """Provisional probability that the value is right, from how well text, row and column were matched.

    Each source of doubt adds its share; calibration against measured errors replaces the weights later.
    """
    header = candidate.header
    column = header.similarities[leaf] if header.texts[leaf] is not None else 0.7
    row = place.similarity if candidate.table.layout == "grid" else 1.0
    doubt = _BASE_DOUBT.get(token.origin, 1e-2) + 4e-3 * (1 - row) ** 2 + 2e-3 * (1 - column) ** 2
    sure = max(0.0, 1.0 - doubt) * _read_probability(token)
    return round(sure if reason is None else min(_REVIEW_CONFIDENCE, sure * max(0.1, place.similarity)), 4)


def _read_probability(token: Token) -> float:
    """What the recogniser gives the text that was taken, 0 to 1; 1 for text that was not read from pixels."""
    return next((math.exp(r.log_prob) for r in token.readings if r.text == token.text), 1.0)
