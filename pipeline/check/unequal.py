"""The cells that failed equations leave suspect, told without weighing anything: the fallback where no explanation is found."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.check.beliefs import Place
from pipeline.check.equations import check_instance, instances
from pipeline.domain import Equation, Finding, Matrix


def suspects(matrix: Matrix, equations: Sequence[Equation]) -> set[Place]:
    """Returns the cells that a failed equation makes suspect.

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
        elif isinstance(outcome, Finding) and outcome.severity == "error":
            failed.append(places)
    found: set[Place] = set()
    for places in failed:
        alone = [p for p in places if not closes.get(p)]
        found.update(alone or places)
    return found
