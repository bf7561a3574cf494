"""Scrapes that lost a column or a cell: all rows and the header together say where the rest stands; the flags stay."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pipeline.canon.resettle import least_wrong
from pipeline.domain import Matrix, State
from tests.test_alignment_properties import NAMES
from tests.test_text_guards import END, GROUPS, LABELS, TITLE, requests_of
from tests.test_text_losses import LITIGATION, table_of


def lines_of(figures: dict[str, list[str]], lost: int, names: list[str]) -> list[str]:
    """A cell a line; every row without one column."""
    lines = list(names)
    for key, label in LABELS.items():
        values = figures.get(key, ["0"] * 7)
        lines += [*([GROUPS[key]] if key in GROUPS else []), label, *(v for c, v in enumerate(values) if c != lost)]
    return lines


def padded(figures: dict[str, list[str]], names: list[str], width: int = 10) -> list[str]:
    """Rows between pipes, each padded to the same number of cells."""
    rows = [["项目", *names]]
    rows += [[*([GROUPS[key]] if key in GROUPS else []), label, *figures[key]] for key, label in LABELS.items()]
    return ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]


def missing(matrix: Matrix | None) -> set[str]:
    """The columns of which cells are missing."""
    assert matrix is not None
    return {
        column.key
        for line in matrix.cells
        for column, cell in zip(matrix.columns, line, strict=True)
        if cell.state is State.MISSING
    }


def test_rows_of_noughts_lack_the_same_column_as_the_others() -> None:
    """No sum of their own says so: nearly all rows are noughts alone."""
    figures = {"new": ["4", "0", "0", "0", "0", "0", "4"], "denied_3": ["4", "0", "0", "0", "0", "0", "4"]}
    matrix = requests_of(lines_of(figures | {"total_results": figures["new"]}, 4, []))
    assert len(missing(matrix)) == 1 and missing(matrix).isdisjoint({"natural_person", "total"})
    assert matrix is not None and all(c.review for line in matrix.cells for c in line)


@pytest.mark.parametrize("lost", [1, 3, 5])
def test_the_header_names_all_columns_but_the_lost_one(lost: int) -> None:
    """Dashes add up to nothing; blanks in front of the total stand as well for the lost column as for padding."""
    figures = {key: ["" if c < 6 else "0" for c in range(7) if c != lost] for key in LABELS}
    figures |= {key: ["0"] * 6 for key in ("new", "carried_in", "total_results")}
    matrix = requests_of(padded(figures, [n for c, n in enumerate(NAMES) if c != lost]))
    assert matrix is not None and missing(matrix) == {matrix.columns[lost].key}
    assert [line[-1].value for line in matrix.cells] == [0] * len(LABELS)


@pytest.mark.parametrize("cells", [["", "", "5", "", "", "5"], ["3", "", "5", "", "", "8"], ["", "", "", "", "", "0"]])
def test_the_total_of_a_padded_row_that_lost_a_cell_stands_last(cells: list[str]) -> None:
    figures = {key: ["1", "", "2", "", "", "3", "6"] for key in LABELS}
    figures["denied_3"] = [*cells, *[""] * (7 - len(cells))]
    matrix = requests_of(padded(figures, NAMES))
    assert matrix is not None
    row = matrix.cells[[r.key for r in matrix.rows].index("denied_3")]
    assert row[-1].value == max(int(v or 0) for v in cells) and all(c.review for c in row)


def test_two_of_three_values_stand_where_the_fewest_would_be_wrong() -> None:
    lines = [
        "第二十条第（一）项",
        "信息内容",
        "本年制发件数",
        "本年废止件数",
        "现行有效件数",
        "规章",
        "6",
        "3",
        "行政规范性文件",
        "1",
        "2",
        "3",
    ]
    matrix = table_of([TITLE, "二、主动公开政府信息情况", *lines, END], "art20_1")
    assert matrix is not None
    assert [c.value for c in matrix.cells[0]] == [6, None, 3] and all(c.review for c in matrix.cells[0])


def test_a_number_with_a_sign_is_no_count() -> None:
    lines = ["第二十条第（八）项", "信息内容", "上一年项目数量", "本年增/减", "行政事业性收费", "-7"]
    matrix = table_of([TITLE, "二、主动公开政府信息情况", *lines, END], "art20_8")
    assert matrix is not None
    assert [c.value for c in matrix.cells[0]] == [None, -7] and all(c.review for c in matrix.cells[0])


def test_the_least_wrong_of_equal_placements_lies_between_the_others() -> None:
    tokens = [SimpleNamespace(value=SimpleNamespace(value=v)) for v in (1, 2, 3)]
    options = [(*tokens[:k], None, *tokens[k:]) for k in range(4)]
    assert least_wrong(options, [1.0] * 4) in (1, 2)  # type: ignore[arg-type]
    assert least_wrong(options, [1.0, 0.1, 0.1, 0.1]) == 0  # type: ignore[arg-type]


def test_a_name_of_the_header_that_reaches_down_into_the_first_row_is_no_value() -> None:
    """The last line of the header is lost, and the names beside it span the row below."""
    rows = [["项目", NAMES[0], *["法人或其他组织"] * 5, NAMES[6], ""]]
    rows += [["项目", NAMES[0], LABELS["new"], "1", "2", "总计", "3", "4", "5", "6", "21"]]
    rows += [["", "", label, *["0"] * 7] for key, label in LABELS.items() if key != "new"]
    matrix = requests_of(["| " + " | ".join(row) + " |" for row in rows])
    assert matrix is not None
    assert [c.value for c in matrix.cells[0]] == [1, 2, 3, 4, 5, 6, 21] and all(c.review for c in matrix.cells[0])


def test_a_blank_behind_the_only_row_is_no_blank_total() -> None:
    """One value is lost from the second group, and the total of the third is printed wrong."""
    names = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    figures = ["67", "89", "6", "8", "170", "420", "417", "1", "841", "754", "56", "98", "943", "1842", ""]
    head = [["行政复议", *[""] * 4, "行政诉讼", *[""] * 9], [*[""] * 5, "未经复议直接起诉", *[""] * 4, "复议后起诉", *[""] * 4]]
    lines = ["| " + " | ".join(row) + " |" for row in [*head, names * 3, figures]]
    matrix = table_of([TITLE, LITIGATION, *lines, END], "litigation")
    assert matrix is not None and all(c.review for line in matrix.cells for c in line)
    assert [c.value for c in matrix.cells[2]] == [754, 56, 98, 943, 1842]
