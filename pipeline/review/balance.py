"""The equations of a table as it stands after corrections: which are out of balance, and which cells they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pipeline.canon.schema import TableSchema, load_schemas
from pipeline.check.equations import Instance, check_instance, instances
from pipeline.domain import Finding, LaneMatch, Matrix, MatrixCell, Origin, State
from pipeline.store.ledger_rows import CellRow, TableRow, Value

CellPlace = tuple[str, str]
"""Row and column of a cell by their keys."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An equation that is out of balance.

    Attributes:
        lane: the row or column in which it should hold.
        reason: true where a person gave one: a cell in it is printed so.
    """

    rule: str
    lane: str
    over: str
    left: Value
    right: Value
    cells: tuple[CellPlace, ...]
    reason: bool
    severity: str


@cache
def _schemas() -> dict[tuple[str, str, str], TableSchema]:
    return {(t.family, t.table, t.variant): t for schema in load_schemas() for t in schema.tables}


def schema_of(table: TableRow) -> TableSchema | None:
    """Returns the schema of a table, or None where it is not among the bundled ones."""
    return _schemas().get((table.schema, table.key, table.variant))


def matrix_of(table: TableRow, cells: Sequence[CellRow]) -> Matrix:
    """Returns a table with what holds in its cells, as the checks take it."""
    grid: dict[CellPlace, MatrixCell] = {(c.row_key, c.column_key): _cell(c) for c in cells}
    rows = tuple(LaneMatch(m.key, m.label, m.similarity, m.margin, m.certain) for m in table.rows)
    columns = tuple(LaneMatch(m.key, m.label, m.similarity, m.margin, m.certain) for m in table.columns)
    lines = tuple(tuple(grid[r.key, c.key] for c in columns) for r in rows)
    return Matrix(table.key, table.schema, table.variant, table.unit, rows, columns, lines, table.score, table.margin)


def _cell(cell: CellRow) -> MatrixCell:
    state = State(cell.state)
    review = cell.review or state in (State.UNREADABLE, State.MISSING)
    return MatrixCell(cell.value, cell.text, state, cell.confidence, review, Origin(cell.origin))


def broken_equations(table: TableRow, cells: Sequence[CellRow]) -> list[Broken]:
    """Returns the equations of severity `error` that are out of balance, with what holds now."""
    schema = schema_of(table)
    if schema is None:
        return []
    so = {(c.row_key, c.column_key) for c in cells if c.correction is not None and c.correction.action == "printed_so"}
    found = []
    for instance in instances(matrix_of(table, cells), schema.equations):
        finding = check_instance(instance)
        if isinstance(finding, Finding) and finding.severity == "error":
            places = tuple((ref.row, ref.column) for ref, _ in (*instance.left, *instance.right))
            reason = any(place in so for place in places) or finding.kind == "source"
            found.append(
                Broken(instance.rule, instance.lane, instance.over, finding.left, finding.right, places, reason, finding.severity)
            )
    return found


def closes(table: TableRow, cells: Sequence[CellRow], place: CellPlace, value: Value, state: str) -> int:
    """Returns how many of the equations of a cell hold, less those that do not, were this its value."""
    schema = schema_of(table)
    if schema is None:
        return 0
    told = State(state)
    tried = MatrixCell(value, "", told, 1.0, told in (State.UNREADABLE, State.MISSING), Origin.REVIEW)
    score = 0
    for instance in instances(matrix_of(table, cells), schema.equations):
        if not any((ref.row, ref.column) == place for ref, _ in (*instance.left, *instance.right)):
            continue
        outcome = check_instance(_with(instance, place, tried))
        score += 1 if outcome == "ok" else -1 if isinstance(outcome, Finding) else 0
    return score


def _with(instance: Instance, place: CellPlace, cell: MatrixCell) -> Instance:
    """Returns an equation with another cell in one place."""
    left = tuple((ref, cell if (ref.row, ref.column) == place else own) for ref, own in instance.left)
    right = tuple((ref, cell if (ref.row, ref.column) == place else own) for ref, own in instance.right)
    return replace(instance, left=left, right=right)


def equations_json(table: TableRow) -> list[dict[str, Any]]:
    """Returns the equations of a table, for the page that evaluates them while a value is typed."""
    schema = schema_of(table)
    return [] if schema is None else schema_equations_json(schema)


def schema_equations_json(schema: TableSchema) -> list[dict[str, Any]]:
    """Returns the equations of a schema in the same form."""
    return [
        {
            "rule": e.rule, "over": e.over, "left": list(e.left), "right": list(e.right), "totals": list(e.totals),
            "blank_details": e.blank_details, "relation": e.relation, "severity": e.severity,
        }
        for e in schema.equations
    ]  # fmt: skip


def doubt_order(table: TableRow, cells: Sequence[CellRow], wanted: Iterable[CellRow]) -> list[CellRow]:
    """Returns cells in the order in which an answer settles most.

    First those in which failing equations meet: a cell whose row and column both fail is the likeliest culprit, and its
    value closes both. Then by confidence, lowest first; then as they stand in the table.
    """
    failing: dict[CellPlace, int] = {}
    for broken in broken_equations(table, cells):
        for place in broken.cells:
            failing[place] = failing.get(place, 0) + 1

    def rank(cell: CellRow) -> tuple[float, ...]:
        return (-min(failing.get((cell.row_key, cell.column_key), 0), 3), cell.confidence, cell.row, cell.column)

    return sorted(wanted, key=rank)
