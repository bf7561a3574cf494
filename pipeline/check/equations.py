"""The equations of a schema, evaluated on a matrix: what does not add up, and whose fault that can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.domain import CellRef, Equation, Finding, Matrix, MatrixCell, Number, Origin, State

# Printed decimals are sums of hundredths; only the error of binary fractions is forgiven.
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Instance:
    """One equation in one row or column: its cells by key of the lane that is summed."""

    rule: str
    lane: str
    left: tuple[tuple[CellRef, MatrixCell], ...]
    right: tuple[tuple[CellRef, MatrixCell], ...]
    totals: frozenset[str]
    blank_details: str
    over: str
    relation: Literal["equal", "at_most"] = "equal"
    severity: Literal["error", "note"] = "error"


def instances(matrix: Matrix, equations: Sequence[Equation]) -> Iterator[Instance]:
    """Yields every equation of a table in every row or column where it should hold."""
    rows = {m.key: i for i, m in enumerate(matrix.rows)}
    columns = {m.key: j for j, m in enumerate(matrix.columns)}
    for equation in equations:
        over_rows = equation.over == "rows"
        for lane in rows if over_rows else columns:

            def side(
                keys: Sequence[str], lane: str = lane, over_rows: bool = over_rows
            ) -> tuple[tuple[CellRef, MatrixCell], ...]:
                pairs = [(lane, k) if over_rows else (k, lane) for k in keys]
                return tuple((CellRef("", matrix.table, r, c), matrix.cells[rows[r]][columns[c]]) for r, c in pairs)

            yield Instance(
                equation.rule,
                lane,
                side(equation.left),
                side(equation.right),
                frozenset(equation.totals),
                equation.blank_details,
                equation.over,
                equation.relation,
                equation.severity,
            )


def check_matrix(matrix: Matrix, equations: Sequence[Equation]) -> list[Finding]:
    """Evaluates the equations of one matrix.

    A blank or dash among the details counts as 0, and the message says so; a blank total makes the equation not
    evaluable, and the schema may say the same of details that are all blank (`some`) or of any blank detail (`stop`).
    A failed equation is a `source` error only where every cell in it is free of doubt and none was read from pixels by
    one reader alone, else it is `undecided`.

    Returns:
        Findings of severity `error` for failed equations, `note` for what could not be evaluated.
    """
    found = []
    not_evaluable: dict[str, list[Instance]] = {}
    for instance in instances(matrix, equations):
        finding = check_instance(instance)
        if finding == "blank":
            not_evaluable.setdefault(instance.rule, []).append(instance)
        elif isinstance(finding, Finding):
            found.append(finding)
    for rule, group in not_evaluable.items():
        lanes = "、".join(i.lane for i in group)
        refs = tuple(ref for i in group for ref, cell in (*i.left, *i.right) if cell.value is None)
        found.append(Finding(rule, "source", "note", f"{matrix.table} {rule}: not evaluable, blank cells in {lanes}", refs))
    return found


def check_instance(instance: Instance) -> Finding | Literal["blank", "ok"]:
    """Evaluates one equation."""
    cells = [*instance.left, *instance.right]
    if any(c.state in (State.MISSING, State.UNREADABLE) for _, c in cells):
        return "blank"
    keys = [ref.column if instance.over == "rows" else ref.row for ref, _ in cells]
    if any(c.value is None and key in instance.totals for key, (_, c) in zip(keys, cells, strict=True)):
        return "blank"
    details = [c for key, (_, c) in zip(keys, cells, strict=True) if key not in instance.totals]
    blanks = sum(c.value is None for c in details)
    if blanks and (instance.blank_details == "stop" or (instance.blank_details == "some" and blanks == len(details))):
        return "blank"
    left, right = _sum(instance.left), _sum(instance.right)
    if abs(left - right) <= _TOLERANCE or (instance.relation == "at_most" and left < right):
        return "ok"
    kind: Literal["source", "undecided"] = "undecided" if any(_is_unsure(c) for _, c in cells) else "source"
    note = f" ({blanks} blank cells counted as 0)" if blanks else ""
    relation = "is not" if instance.relation == "equal" else "is more than"
    message = f"{instance.rule} in {instance.lane}: {_text(left)} {relation} {_text(right)}{note}"
    return Finding(instance.rule, kind, instance.severity, message, tuple(ref for ref, _ in cells), left, right)


def _is_unsure(cell: MatrixCell) -> bool:
    """True for a flagged cell, and for one that a single recogniser read."""
    return cell.review or cell.origin is Origin.OCR


def _sum(cells: Sequence[tuple[CellRef, MatrixCell]]) -> Number:
    """Sum of the printed values; whole where all are whole."""
    total = sum(c.value for _, c in cells if c.value is not None)
    return round(total, 6) if isinstance(total, float) else total


def _text(value: Number) -> str:
    """A number as a person writes it."""
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
