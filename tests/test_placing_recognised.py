"""Tables read from pixels: a stroke that was read as text or as a figure moves no value unseen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.gen.report import sample_report
from pipeline.config import DEFAULT
from pipeline.domain import BBox, Matrix, Number, Origin, Reading, Source, SourceKind, Table, TableCell, TextBlock
from pipeline.run.document import finish
from tests.test_alignment_properties import REQUEST_ROWS, TITLE, grid_rows, matrix_of, wrong_cells

KEYS = list(REQUEST_ROWS["2021"])


REPORT = sample_report(5)
COLUMNS = REPORT.tables["requests"].columns


def printed_rows() -> list[list[str]]:
    """The rows of a report whose sums hold, so that a clean reading of it is not flagged."""
    cells = [[REPORT.text("requests", row, column) for column in COLUMNS] for row in KEYS]
    return [grid_rows()[0], *([row[0], *line] for row, line in zip(grid_rows()[1:], cells, strict=True))]


def requests_truth(row: str, column: str) -> Number | None:
    """What that report says."""
    return REPORT.value("requests", row, column)


def scanned(rows: Sequence[Sequence[str]], reading: str = "rulings") -> Matrix:
    """The matrix of `requests` from a grid that was read from a scan; every row has the same number of cells."""
    cells = tuple(TableCell(i, j, 1, 1, text) for i, row in enumerate(rows) for j, text in enumerate(row))
    return scanned_cells(cells, len(rows), max(map(len, rows)), reading)


def scanned_cells(cells: tuple[TableCell, ...], n_rows: int, n_columns: int, reading: str = "rulings") -> Matrix:
    """The matrix of `requests` from the cells of a grid."""
    cells = tuple(sorted(cells, key=lambda c: (c.row, c.column)))
    table = Table(cells, n_rows, n_columns, 1, None, Origin.OCR, reading, pages=(1,))
    blocks = (TextBlock(TITLE[0], "heading"), TextBlock("三、收到和处理政府信息公开申请情况", "heading"), table)
    source = Source("a.pdf", "a.pdf", "0" * 64, 1, SourceKind.SCAN, "pdf")
    matrix = matrix_of(finish(source, Reading(source, blocks, (), TITLE[0]), DEFAULT), "requests")
    assert matrix is not None
    return matrix


def flagged(matrix: Matrix) -> dict[str, int]:
    """How many cells of each row are flagged, rows without a flag left out."""
    counts = {r.key: sum(c.review for c in line) for r, line in zip(matrix.rows, matrix.cells, strict=True)}
    return {key: n for key, n in counts.items() if n}


def balanced(rows: list[list[str]]) -> list[list[str]]:
    """The rows with every figure 0, so that no sum tells where one stands."""
    return [rows[0], *([row[0], *["0"] * (len(row) - 1)] for row in rows[1:])]


@pytest.mark.parametrize("reading", ["rulings", "alignment", "rulings+alignment"])
def test_a_clean_scan_is_unflagged(reading: str) -> None:
    assert flagged(scanned(balanced(grid_rows()), reading)) == {}


@pytest.mark.parametrize(("reading", "wider", "count"), [("rulings", 0, 0), ("rulings", 40, 25), ("alignment", 0, 25)])
def test_a_blank_column_whose_name_is_lost_is_trusted_where_lines_close_its_cells(reading: str, wider: float, count: int) -> None:
    rows = balanced(grid_rows())
    for row in rows:
        row[4] = ""
    ends = [0.0, 200.0, *(200.0 + 30 * j for j in range(1, 8))]
    ends[4] -= wider / 2  # as where a line between two columns is lost, and another beside it is none
    cells = [
        TableCell(i, j, 1, 1, text, page_no=1, bbox=BBox(ends[j], 20.0 * i, ends[j + 1], 20.0 * i + 20))
        for i, row in enumerate(rows)
        for j, text in enumerate(row)
    ]
    assert sum(flagged(scanned_cells(tuple(cells), len(rows), 8, reading)).values()) == count


@pytest.mark.parametrize("column", range(1, 8))
def test_a_stroke_in_a_ruled_cell_is_a_doubt_of_that_cell_alone(column: int) -> None:
    rows = balanced(grid_rows())
    rows[5][column] = "丿乀"
    # The first text behind a label may be part of it; then the row has a value too few.
    assert flagged(scanned(rows)) == {KEYS[4]: 7 if column == 1 else 1}


@pytest.mark.parametrize("column", range(1, 8))
def test_a_stroke_among_figures_without_rulings_makes_the_row_doubtful(column: int) -> None:
    rows = balanced(grid_rows())
    rows[5][column] = "丿乀"
    assert flagged(scanned(rows, "alignment")) == {KEYS[4]: 7}


@pytest.mark.parametrize("text", ["\ufffd", "\ufffd 40"])
@pytest.mark.parametrize("column", range(1, 8))
def test_print_that_nobody_could_read_in_its_own_column_is_a_doubt_of_that_cell_alone(column: int, text: str) -> None:
    rows = balanced(grid_rows())
    rows[5][column] = text
    assert flagged(scanned(rows, "alignment")) == {KEYS[4]: 1}


@pytest.mark.parametrize("column", range(1, 8))
def test_print_that_nobody_could_read_over_two_columns_makes_the_row_doubtful(column: int) -> None:
    rows = balanced(grid_rows())
    cells = [TableCell(i, j, 1, 1, text) for i, row in enumerate(rows) for j, text in enumerate(row) if (i, j) != (5, column)]
    first = next(c for c in cells if c.row == 5 and c.column in (column - 1, column + 1) and c.column > 0)
    cells.remove(first)
    wide = TableCell(5, min(first.column, column), 1, 2, "\ufffd")
    assert flagged(scanned_cells((*cells, wide), len(rows), 8, "alignment")) == {KEYS[4]: 7}


@pytest.mark.parametrize(("blank", "count"), [(None, 1), (4, 7)])
def test_a_figure_with_a_stamp_beside_it_is_a_doubt_of_that_cell_alone_in_a_row_without_blanks(
    blank: int | None, count: int
) -> None:
    rows = balanced(grid_rows())
    rows[5][3] = "0\n理"
    if blank is not None:
        rows[5][blank] = ""
    assert flagged(scanned(rows, "alignment"))[KEYS[4]] == count


@pytest.mark.parametrize(("lost", "swapped", "doubted"), [((6, 7), False, False), ((6, 7), True, True), ((5, 6), False, True)])
def test_sums_tell_a_total_whose_name_is_lost_but_no_detail(lost: tuple[int, int], swapped: bool, doubted: bool) -> None:
    rows = printed_rows()
    for number, row in enumerate(rows):
        if swapped:
            row[lost[0]], row[lost[1]] = row[lost[1]], row[lost[0]]
        if number == 0:
            row[lost[0]] = row[lost[1]] = ""
    cells = [c for line in scanned(rows, "alignment").cells for c in line]
    assert (sum(c.review for c in cells) >= len(KEYS)) == doubted
    assert doubted or not any(c.review for c in cells)


@pytest.mark.parametrize("strokes", [{5: "1"}, {3: "丿", 8: "丿乀", 13: "1", 18: "—"}], ids=["one", "one of each kind"])
@pytest.mark.parametrize("blank", range(1, 8))
def test_a_stroke_beside_a_row_moves_no_value_of_it(strokes: dict[int, str], blank: int) -> None:
    rows = [[*row, ""] for row in printed_rows()]
    for number, text in strokes.items():
        rows[number][blank], rows[number][8] = "", text
    matrix = scanned(rows)
    gone = {(KEYS[number - 1], matrix.columns[blank - 1].key) for number in strokes}
    assert wrong_cells(matrix, lambda r, c: None if (r, c) in gone else requests_truth(r, c)) == []


@pytest.mark.parametrize("text", ["丿", "7"])
def test_a_stroke_between_label_and_figures_moves_no_value(text: str) -> None:
    rows = [[row[0], "", *row[1:]] for row in printed_rows()]
    rows[5][1], rows[5][8] = text, ""
    matrix = scanned(rows)
    assert wrong_cells(matrix, lambda r, c: None if (r, c) == (KEYS[4], "total") else requests_truth(r, c)) == []


@pytest.mark.parametrize(("first", "last"), [(1, 22), (0, 22), (8, 12)], ids=["rows", "header too", "some rows"])
@pytest.mark.parametrize("text", ["—", "1", "11"])
def test_a_stroke_before_the_labels_of_several_rows_is_no_value_of_them(first: int, last: int, text: str) -> None:
    rows = balanced(grid_rows())
    cells = [TableCell(i, j + 1, 1, 1, t) for i, row in enumerate(rows) for j, t in enumerate(row)]
    cells += [TableCell(first, 0, last - first + 1, 1, text)]
    cells += [TableCell(i, 0, 1, 1, "") for i in range(len(rows)) if not first <= i <= last]
    matrix = scanned_cells(tuple(cells), len(rows), len(rows[0]) + 1)
    assert flagged(matrix) == {} and all(c.value == 0 for line in matrix.cells for c in line)


def test_a_number_of_several_rows_behind_their_labels_is_a_value_of_each() -> None:
    rows = grid_rows()
    cells = [TableCell(i, j, 1, 1, t) for i, row in enumerate(rows) for j, t in enumerate(row) if (i, j) not in ((5, 1), (6, 1))]
    matrix = scanned_cells((*cells, TableCell(5, 1, 2, 1, "4")), len(rows), len(rows[0]))
    assert [matrix.cells[i][0].value for i in (4, 5)] == [4, 4] and all(matrix.cells[i][0].review for i in (4, 5))


def test_a_lone_row_that_does_not_stand_below_its_names_is_doubtful() -> None:
    rows = [["信息内容", "上一年项目数量", "本年增/减", ""], ["行政事业性收费", "", "3", "1"]]
    table = Table(
        tuple(TableCell(i, j, 1, 1, text) for i, row in enumerate(rows) for j, text in enumerate(row)),
        2, 4, 1, None, Origin.OCR, "alignment", pages=(1,),
    )  # fmt: skip
    blocks = (TextBlock(TITLE[0], "heading"), TextBlock("第二十条第（八）项", "heading"), table)
    source = Source("a.pdf", "a.pdf", "0" * 64, 1, SourceKind.SCAN, "pdf")
    matrix = matrix_of(finish(source, Reading(source, blocks, (), TITLE[0]), DEFAULT), "art20_8")
    assert matrix is None or all(c.review for line in matrix.cells for c in line)


@settings(derandomize=True, deadline=None, max_examples=36)
@given(st.data())
def test_strokes_lost_and_joined_cells_of_a_scan_pass_no_wrong_value(data: st.DataObject) -> None:
    rows = [[*row, ""] for row in printed_rows()]
    assert flagged(scanned(rows)) == {}
    blank: set[tuple[str, str]] = set()
    for _ in range(data.draw(st.integers(1, 3))):
        i, j = data.draw(st.integers(1, len(rows) - 1)), data.draw(st.integers(1, 8))
        act = data.draw(st.sampled_from(["stroke", "figure", "blank", "shift"]))
        if act == "blank" and j < 8:
            rows[i][j] = ""
            blank.add((KEYS[i - 1], COLUMNS[j - 1]))
        elif act == "stroke":
            rows[i][j] = data.draw(st.sampled_from(["丿", "乀一", "/;", "■"]))
        elif act == "figure" and j == 8:
            rows[i][8] = "1"
        elif act == "shift":
            rows[i][1:] = ["", *rows[i][1:-1]]
    matrix = scanned(rows, data.draw(st.sampled_from(["rulings", "alignment"])))
    assert wrong_cells(matrix, lambda r, c: None if (r, c) in blank else requests_truth(r, c)) == []


@pytest.mark.parametrize("reading", ["rulings", "alignment"])
@pytest.mark.parametrize("figure", ["0", ""])
def test_a_stroke_behind_a_label_is_no_number_where_lines_close_the_figures_of_its_row(reading: str, figure: str) -> None:
    rows = balanced(grid_rows())
    rows[5] = [rows[5][0] + "1", figure, *rows[5][2:]]
    assert flagged(scanned(rows, reading)) == ({} if (reading, figure) == ("rulings", "0") else {KEYS[4]: 7})


@pytest.mark.parametrize(("figure", "count"), [("0", 0), ("", 7)])
def test_a_number_outside_of_a_ruled_table_is_no_rest_of_a_whole_row(figure: str, count: int) -> None:
    rows = balanced(grid_rows())
    rows[-1][3] = figure
    first, last = rows[:-1], rows[-1:]
    cells = tuple(TableCell(i, j, 1, 1, text) for i, row in enumerate([*first, *last]) for j, text in enumerate(row))
    table = Table(cells, len(rows), 8, 1, None, Origin.OCR, "rulings", pages=(1,))
    blocks = (
        TextBlock(TITLE[0], "heading"),
        TextBlock("三、收到和处理政府信息公开申请情况", "heading"),
        table,
        TextBlock("1", "text"),
    )
    source = Source("a.pdf", "a.pdf", "0" * 64, 1, SourceKind.SCAN, "pdf")
    matrix = matrix_of(finish(source, Reading(source, blocks, (), TITLE[0]), DEFAULT), "requests")
    assert matrix is not None and sum(flagged(matrix).values()) == count


@pytest.mark.parametrize("reading", ["rulings", "alignment"])
@pytest.mark.parametrize("column", [1, 4])
def test_figures_above_the_line_of_their_row_may_be_those_that_it_lacks(reading: str, column: int) -> None:
    rows = balanced(grid_rows())
    apart = ["", *("0" if j in (column, column + 1) else "" for j in range(1, 8))]
    rows[5] = ["" if a else own for a, own in zip(apart, rows[5], strict=True)]
    made = flagged(scanned([*rows[:5], apart, *rows[5:]], reading))
    assert made[KEYS[4]] == 7 and made[KEYS[3]] == 7
