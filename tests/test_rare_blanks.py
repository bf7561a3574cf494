"""A few blanks among many zeros are asked for; where blanks are the habit of a report, or pixels were not read, none is."""

from dataclasses import replace

import pytest

from pipeline.canon.schema import load_schemas
from pipeline.check.rare_blanks import are_blanks_rare
from pipeline.domain import LaneMatch, Matrix, MatrixCell, Origin, State
from pipeline.review.reasons import in_language
from pipeline.run.settling import settle_matrices

ZERO = MatrixCell(0, "0", State.PRINTED, 0.999, False, Origin.OCR)
BLANK = MatrixCell(None, "", State.BLANK, 0.999, False, Origin.OCR)
DASH = MatrixCell(None, "-", State.DASH, 0.999, False, Origin.OCR)


def matrix(cells: list[MatrixCell]) -> Matrix:
    lanes = tuple(LaneMatch(str(k), str(k), 1.0, 5.0, True) for k in range(len(cells)))
    return Matrix("t", "s", "v", None, (LaneMatch("r", "r", 1.0, 5.0, True),), lanes, (tuple(cells),), 1.0, 1.0)


@pytest.mark.parametrize(
    ("zeros", "blanks", "rare"),
    [(140, 2, True), (140, 14, True), (140, 15, False), (85, 54, False), (140, 0, False), (9, 1, False)],
)
@pytest.mark.parametrize("zero", [ZERO, DASH])
def test_few_blanks_among_many_zeros_are_rare(zero: MatrixCell, zeros: int, blanks: int, rare: bool) -> None:
    assert are_blanks_rare([matrix([zero] * zeros), matrix([BLANK] * blanks)]) == rare


def test_what_was_not_read_from_pixels_does_not_count() -> None:
    given = [replace(c, origin=Origin.TEXT_LAYER) for c in [ZERO] * 40 + [BLANK] * 2]
    assert not are_blanks_rare([matrix(given)])


@pytest.mark.parametrize(("blanks", "asked"), [(2, True), (80, False)])
def test_a_rare_blank_is_asked_for_though_all_sums_close(blanks: int, asked: bool) -> None:
    families = load_schemas()
    table = next(t for s in families for t in s.tables if t.table == "requests")
    rows, columns = (tuple(LaneMatch(x.key, x.key, 1.0, 5.0, True) for x in lanes) for lanes in (table.rows, table.columns))
    flat = [BLANK] * blanks + [ZERO] * (len(rows) * len(columns) - blanks)
    cells = tuple(tuple(flat[k : k + len(columns)]) for k in range(0, len(flat), len(columns)))
    whole = Matrix(table.table, table.family, table.variant, None, rows, columns, cells, 1.0, 1.0)
    (settled,), _ = settle_matrices([whole], families, ())
    asked_for = [c for line in settled.cells for c in line if c.state is State.BLANK and c.review]
    assert len(asked_for) == (blanks if asked else 0)
    assert all("prints its zeros" in (c.reason or "") and c.confidence <= 0.9999 for c in asked_for)
    # The reviewer is told in Chinese as well.
    assert all(in_language(c.reason or "", "zh") != c.reason for c in asked_for)
