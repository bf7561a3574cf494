"""Rows of a grid with more cells than columns, and headers whose names stand in another order."""

from __future__ import annotations

import pytest

from fixtures.gen.labels import REQUEST_ROWS
from pipeline.canon.header import fit_header
from pipeline.canon.schema import TableSchema, load_schemas
from pipeline.canon.tokens import Token
from pipeline.canon.values import parse_value
from pipeline.domain import Matrix, Origin, State
from tests.test_alignment_properties import ART20, NAMES, TITLE, matrix_of, requests_truth, text_result, wrong_cells
from tests.test_placing_recognised import flagged, scanned

SECTION = "三、收到和处理政府信息公开申请情况"


def table_schema(table: str, variant: str) -> TableSchema:
    return next(t for s in load_schemas() for t in s.tables if (t.table, t.variant) == (table, variant))


def row_of(texts: list[str], line: int) -> list[Token]:
    make = [Token(t, parse_value(t), Origin.HTML, True, line, table=0, column=k, column_end=k + 1) for k, t in enumerate(texts)]
    return make


def test_names_so_much_alike_that_they_fit_one_another_tell_their_order() -> None:
    table = table_schema("art20_1", "2021")
    right = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
    assert fit_header(row_of(right, 0), table).conflicts == frozenset()
    assert fit_header(row_of([right[0], right[2], right[1], right[3]], 0), table).conflicts == {0, 1, 2}


@pytest.mark.parametrize(("names", "moved"), [(("行政复议", "行政诉讼"), False), (("行政诉讼", "行政复议"), True)])
def test_groups_of_columns_tell_their_order(names: tuple[str, str], moved: bool) -> None:
    tokens = row_of(list(names), 0) + row_of(["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"] * 3, 1)
    assert bool(fit_header(tokens, table_schema("litigation", "2019")).conflicts) is moved


def matrix(lines: list[str]) -> Matrix | None:
    return matrix_of(text_result(lines), "requests")


def test_a_word_where_a_figure_should_stand_makes_its_row_doubtful() -> None:
    lines = [*ART20, "信息内容\t本年制发件数\t本年废止件数\t现行有效件数", "规章\t略\t\t5\t", "行政规范性文件\t1\t2\t3\t"]
    made = matrix_of(text_result(lines), "art20_1")
    assert made is not None
    assert all(c.review for c in made.cells[0])
    assert not any(c.review for c in made.cells[1])


@pytest.mark.parametrize(("text", "state"), [("5%", True), ("1.5", True), ("5", False), ("5（件）", False), ("5人次", False)])
def test_a_share_is_no_count(text: str, state: bool) -> None:
    lines = [*ART20, "信息内容\t本年制发件数\t本年废止件数\t现行有效件数", f"规章\t{text}\t2\t7", "行政规范性文件\t1\t2\t3"]
    made = matrix_of(text_result(lines), "art20_1")
    assert made is not None
    assert (made.cells[0][0].review, made.cells[0][0].state) == (state, State.PRINTED)


def test_a_blank_column_among_tabs_moves_no_figure_unseen() -> None:
    lines = [*TITLE, SECTION, "\t".join(["项目", NAMES[0], "", *NAMES[1:]])]
    for n, label in enumerate(REQUEST_ROWS["2021"].values()):
        values = [str(10 * n + j + 1) if (n + j) % 3 else "" for j in range(7)]
        lines.append("\t".join([label, values[0], "", *values[1:]]))

    def truth(row: str, column: str) -> int | None:
        value = requests_truth(row, column)
        j = (value - 1) % 10
        return value if ((value - 1) // 10 + j) % 3 else None

    assert wrong_cells(matrix(lines), truth) == []


def test_a_name_in_several_lines_tells_its_order() -> None:
    names = ["自然人", "商业\n企业", "科研\n机构", "社会\n公益\n组织", "其他", "法律\n服务\n机构", "总计"]
    table = table_schema("requests", "2021")
    assert fit_header(row_of(["", *names], 0), table).conflicts
    assert not fit_header(row_of(["", *names[:4], names[5], names[4], names[6]], 0), table).conflicts


def test_a_label_cell_with_the_labels_of_two_rows_makes_its_row_doubtful() -> None:
    labels = list(REQUEST_ROWS["2021"].values())
    rows = [["项目", *NAMES], *([label, *(str(10 * n + j + 1) for j in range(7))] for n, label in enumerate(labels))]
    rows[4][0], rows[5][0] = f"{labels[3]}\n{labels[4]}", ""
    made = scanned(rows)
    assert flagged(made).get("partly_granted") == 7


@pytest.mark.parametrize("end", ["", "\t", "\t\t"])
def test_a_further_name_in_a_scrape_leaves_no_value_of_its_column_without_a_flag(end: str) -> None:
    # The last column is blank: three values stand under four names, one of which is of no column of the table.
    lines = [
        "第二十条第（一）项",
        "信息内容\t上年件数\t本年制发件数\t本年废止件数\t现行有效件数",
        f"规章\t5\t3\t2{end}",
        f"行政规范性文件\t7\t4\t1{end}",
    ]
    matrix = matrix_of(text_result(lines), "art20_1")
    assert matrix is not None
    truth = ((3, 2, None), (4, 1, None))
    cells = [(c, t) for line, row in zip(matrix.cells, truth, strict=True) for c, t in zip(line, row, strict=True)]
    assert all(c.review or c.value == t for c, t in cells)
