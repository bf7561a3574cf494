"""Figures read from pixels that stand in an equation which does not close → flagged for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.check.equations import check_instance, instances
from pipeline.domain import Equation, Finding, Matrix, MatrixCell, Origin

Place = tuple[str, str]


def flag_unequal(matrix: Matrix, equations: Sequence[Equation]) -> Matrix:
    """Flags the cells that a failed equation makes suspect, of those that were read from pixels.

    A wrong reading breaks every equation that it stands in. So a cell is suspect where none of its equations closes; where
    that leaves nobody in a failed equation, or only flagged cells elsewhere, all of its cells are.

    Args:
        matrix: checked matrix.
        equations: of its table.
    """
    closes: dict[Place, bool] = {}
    failed: list[list[Place]] = []
    for instance in instances(matrix, equations):
        places = [(ref.row, ref.column) for ref, _ in (*instance.left, *instance.right)]
        outcome = check_instance(instance)
        if outcome == "ok":
            closes.update(dict.fromkeys(places, True))
        elif isinstance(outcome, Finding):
            failed.append(places)
    suspects: set[Place] = set()
    for places in failed:
        alone = [p for p in places if not closes.get(p)]
        suspects.update(alone or places)
    if not suspects:
        return matrix
    rows = tuple(
        tuple(_flagged(c) if (r.key, k.key) in suspects else c for k, c in zip(matrix.columns, line, strict=True))
        for r, line in zip(matrix.rows, matrix.cells, strict=True)
    )
    return replace(matrix, cells=rows)


def _flagged(cell: MatrixCell) -> MatrixCell:
    if cell.origin is not Origin.OCR or cell.review:
        return cell
    return replace(cell, review=True, reason="the sum that it stands in does not close", confidence=min(cell.confidence, 0.5))
