"""Matrices as read → checked: equations asked, wrong readings located, every cell given its probability."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache

from models import fitted
from pipeline.canon.schema import Schema, TableSchema
from pipeline.canon.values import parse_value
from pipeline.check.beliefs import Place, Proposal
from pipeline.check.cells import by_place
from pipeline.check.confidence import Calibration, reading_probabilities, to_calibration, with_confidence
from pipeline.check.misreading import Rates, common_mistakes
from pipeline.check.rare_blanks import are_blanks_rare
from pipeline.check.settle import settle
from pipeline.domain import Finding, Matrix, MatrixCell, State


@cache
def load_calibration() -> Calibration:
    """Returns the coefficients that were fitted.

    Raises:
        ConfigError: their file is not there or not well formed.
    """
    return to_calibration(fitted("confidence"))


@cache
def load_rates() -> Rates:
    """Returns how often two readers that agree are wrong together, as it was fitted.

    Raises:
        ConfigError: the file is not there or not well formed.
    """
    return Rates(**fitted("misreading"))


def settle_matrices(
    matrices: Sequence[Matrix],
    families: Sequence[Schema],
    told: Collection[tuple[str, str, str]],
    against: Collection[tuple[str, str, str]] = (),
) -> tuple[tuple[Matrix, ...], list[Finding]]:
    """Asks the equations of every matrix, and gives every cell its probability.

    Args:
        matrices: of one document.
        families: the schemas that they were recognised with.
        told: `(table, row, column)` of cells whose number the text of the report gives.
        against: those of which it gives another number.

    Returns:
        The matrices, with cells repaired, flagged or cleared, and the findings.
    """
    tables = {(t.family, t.table, t.variant): t for s in families for t in s.tables}
    blanks_are_rare = are_blanks_rare(matrices)
    done: list[Matrix] = []
    findings: list[Finding] = []
    for matrix in matrices:
        table = tables[(matrix.schema, matrix.table, matrix.variant)]
        here, other = ({(r, c) for t, r, c in places if t == matrix.table} for places in (told, against))
        checked, found = _settled(matrix, table, here, other, blanks_are_rare)
        done.append(checked)
        findings += found
    return tuple(done), findings


def _settled(
    matrix: Matrix, table: TableSchema, told: set[Place], against: set[Place], blanks_are_rare: bool
) -> tuple[Matrix, tuple[Finding, ...]]:
    calibration = load_calibration()
    kinds = {column.key: column.kind for column in table.columns}
    sure = reading_probabilities(matrix, calibration)
    common = common_mistakes(matrix, load_rates())
    settled = settle(matrix, table.equations, _proposals(matrix), sure=sure, common=common, kinds=kinds)
    repaired = {repair.place for repair in settled.repairs}
    judged = with_confidence(settled.matrix, table.equations, told, calibration, repaired, against, blanks_are_rare)
    return judged, settled.findings


def _proposals(matrix: Matrix) -> Mapping[Place, tuple[Proposal, ...]]:
    """Returns the readings of every cell as numbers, the present one first."""
    return {place: _of_cell(cell) for place, cell in by_place(matrix).items() if cell.readings}


def _of_cell(cell: MatrixCell) -> tuple[Proposal, ...]:
    ordered = sorted(cell.readings, key=lambda c: c.text != cell.text)
    values = [(c, parse_value(c.text)) for c in ordered]
    return tuple(Proposal(v.value, c.log_prob, c.text) for c, v in values if v.state in (State.PRINTED, State.DASH, State.BLANK))
