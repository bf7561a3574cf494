"""A table read from two grids: where they give a cell different values, only the sums can vouch for the one that is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.canon.schema import Schema
from pipeline.check.cells import by_place
from pipeline.check.confidence import closed_equations
from pipeline.domain import Matrix, MatrixCell, State

_VOUCHED = 2
_CONFIDENCE = 0.5
_NONE = (State.BLANK, State.DASH)


def held_against(
    first: Sequence[Matrix], second: Sequence[Matrix], settled: Sequence[Matrix], families: Sequence[Schema]
) -> tuple[Matrix, ...]:
    """Flags the cells of the second grid that the first one gives another value, or does not have at all.

    Args:
        first: the tables of the first grid, after their sums were asked.
        second: those of the second grid as recognised.
        settled: the same after their sums were asked.
        families: the schemas, for the equations.

    Returns:
        `second`; a cell that two equations close over needs no second grid that agrees. Sums do not tell a blank from a nought,
        so they vouch for no blank, nor for a nought in a row or column with a blank that the first grid does not have.
    """
    tables = {(t.family, t.table, t.variant): t for s in families for t in s.tables}
    known = {(m.schema, m.table): by_place(m) for m in first}
    made = []
    for matrix, checked in zip(second, settled, strict=True):
        others = known.get((matrix.schema, matrix.table), {})
        closed = closed_equations(checked, tables[matrix.schema, matrix.table, matrix.variant].equations)
        bare = _unknown_blanks(matrix, others)
        cells = tuple(
            tuple(
                cell
                if closed[row.key, column.key] >= _VOUCHED and not _may_be_moved(cell, row.key, column.key, bare)
                else _held(cell, others.get((row.key, column.key)))
                for column, cell in zip(matrix.columns, line, strict=True)
            )
            for row, line in zip(matrix.rows, matrix.cells, strict=True)
        )
        made.append(replace(matrix, cells=cells))
    return tuple(made)


def _unknown_blanks(matrix: Matrix, others: Mapping[tuple[str, str], MatrixCell]) -> tuple[set[str], set[str]]:
    """Returns the rows and the columns with a blank or a dash that the first grid does not have there."""
    places = [
        place
        for place, cell in by_place(matrix).items()
        if cell.state in _NONE and not (place in others and do_agree(cell, others[place]))
    ]
    return {row for row, _ in places}, {column for _, column in places}


def _may_be_moved(cell: MatrixCell, row: str, column: str, bare: tuple[set[str], set[str]]) -> bool:
    """True for what counts nothing in a sum, where a figure that counts nothing may stand beside its cell."""
    return cell.state in _NONE or (cell.value == 0 and (row in bare[0] or column in bare[1]))


def _held(cell: MatrixCell, other: MatrixCell | None) -> MatrixCell:
    if cell.state in (State.MISSING, State.UNREADABLE) or (other is not None and do_agree(cell, other)):
        return cell
    said = "nothing" if other is None or other.state is State.MISSING else repr(other.text)
    reason = f"two grids of the table differ here: {cell.text!r} by its figures, {said} by its lines"
    return replace(cell, review=True, confidence=min(cell.confidence, _CONFIDENCE), reason=cell.reason if cell.review else reason)


def do_agree(cell: MatrixCell, other: MatrixCell) -> bool:
    """True where two grids give a cell the same number, or both none."""
    if cell.state in _NONE and other.state in _NONE:
        return cell.state is other.state
    return cell.state is State.PRINTED and other.state is State.PRINTED and cell.value == other.value
