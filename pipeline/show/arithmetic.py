"""Equations and numbers as a person writes them."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.check.equations import Instance
from pipeline.domain import CellRef, MatrixCell, Number

_TOLERANCE = 1e-6
_FAULTS = {
    "source": "Readings are certain, so the document itself is printed so.",
    "reading": "A reading is at fault.",
    "undecided": "Whose fault it is cannot be told, so the cells that may be wrong are flagged.",
}


def held_out(value: Number) -> str:
    """Returns a number in full, without an exponent."""
    return str(value) if isinstance(value, int) else f"{value:.10f}".rstrip("0").rstrip(".")


def fault(kind: str) -> str:
    """Returns what the kind of a finding means, as a sentence."""
    return _FAULTS.get(kind, "")


def sides(instance: Instance) -> str:
    """Returns `3 + 12 (and 2 of 0) = 15`, or both sums where they differ; zeros and blanks are only counted."""
    left, right = _total(instance.left), _total(instance.right)
    if abs(left - right) <= _TOLERANCE:
        return f"{_side(instance.left)} = {_side(instance.right)}"
    sign = "≠" if instance.relation == "equal" else "≤" if left < right else ">"
    return f"{_side(instance.left, left)} {sign} {_side(instance.right, right)}"


def _total(cells: Sequence[tuple[CellRef, MatrixCell]]) -> float:
    return float(sum(cell.value for _, cell in cells if cell.value is not None))


def _side(cells: Sequence[tuple[CellRef, MatrixCell]], total: float | None = None) -> str:
    """The numbers that are not 0, joined; `total` is told too where there are several."""
    shown = [held_out(cell.value) for _, cell in cells if cell.value]
    blank = sum(cell.value is None for _, cell in cells)
    zeros = len(cells) - len(shown) - blank
    # A side of zeros alone is one 0.
    zeros -= not shown and zeros > 0
    left_out = [f"{n} {what}" for n, what in ((zeros, "of 0"), (blank, "without a number")) if n]
    rest = f" (and {', '.join(left_out)})" if left_out else ""
    result = f" = {held_out(round(total, 6))}" if total is not None and len(shown) > 1 else ""
    return f"{' + '.join(shown) or '0'}{rest}{result}"
