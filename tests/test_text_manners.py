"""Scrapes of several manners at once, signs among figures, and what a few lines of a header say."""

from __future__ import annotations

import pytest

from fixtures.gen.labels import LITIGATION_COLUMNS
from pipeline.domain import Matrix
from pipeline.run.document import process_bytes
from tests.test_alignment_properties import NAMES, matrix_of
from tests.test_text_guards import END, LABELS, SECTION, TITLE, as_lines, requests_of, stream, values_of, wrong

LITIGATION = "四、政府信息公开行政复议、行政诉讼情况"
HEADS = [
    "行政复议",
    "行政诉讼",
    *LITIGATION_COLUMNS.values(),
    "未经复议直接起诉",
    "复议后起诉",
    *[*LITIGATION_COLUMNS.values()] * 2,
]


def litigation_of(lines: list[str]) -> Matrix | None:
    return matrix_of(process_bytes("a.txt", "\n".join([TITLE, *lines, END]).encode()), "litigation")


def markdown(rows: list[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return [lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]


def all_cells(matrix: Matrix | None) -> list[object]:
    assert matrix is not None
    return [c.value for line in matrix.cells for c in line]


def test_a_table_of_whole_rows_among_streams_keeps_its_row_of_blanks() -> None:
    lines = [x for row in LABELS for x in stream(row, values_of(row))]
    names = [*LITIGATION_COLUMNS.values()]
    table = [
        [*["行政复议"] * 5, *["行政诉讼"] * 10],
        [*names, *["未经复议直接起诉"] * 5, *["复议后起诉"] * 5],
        names * 3,
        [""] * 15,
    ]
    matrix = litigation_of([SECTION, *NAMES, *lines, LITIGATION, *markdown(table)])
    assert all_cells(matrix) == [None] * 15


def test_a_stream_among_tables_of_whole_rows_keeps_its_blanks() -> None:
    table = [[LABELS[row], *values_of(row)] for row in LABELS]
    values = ["", "4", "", "1", "5", *[""] * 5, "7", "", "", "", "7"]
    lines = ["|", "行政复议 |", "行政诉讼 | ||||||||||||||", "|", *(f"{h} |" for h in HEADS[2:9]), "| |||||||||", "|"]
    lines += [
        *(f"{h} |" for h in HEADS[9:-1]),
        f"{HEADS[-1]} | ||||||",
        "|",
        *(f"{v} |" if v else "|" for v in values[:-1]),
        "7 | |",
    ]
    matrix = litigation_of([SECTION, *markdown([["", *NAMES], *table]), LITIGATION, *lines])
    assert all_cells(matrix) == [int(v) if v else None for v in values]


def test_the_number_of_a_page_between_two_prints_of_a_header_does_not_cut_it() -> None:
    """The first print names the columns of the totals, the second one the last line of the header alone."""
    named = [n for n in NAMES if n != "科研机构"]
    left = {row: [v for c, v in enumerate(values_of(row)) if c != 2] for row in LABELS}
    rows = [x for row in LABELS for x in [LABELS[row], *left[row][:5], str(sum(map(int, left[row][:5])))]]
    matrix = requests_of(["申请人情况", "自然人", "法人或其他组织", "总计", *named[1:-1], "3", *named[1:-1], *rows])
    assert matrix is not None
    assert all(line[2].value is None for line in matrix.cells)
    assert [line[0].value for line in matrix.cells] == [int(values_of(row)[0]) for row in LABELS]


@pytest.mark.parametrize("figures", [["4", "1", "5"], ["1", "1", "85", "8", "6", "99"], ["0", "0", "0"]])
def test_the_few_figures_that_blanks_leave_under_a_whole_header_are_shown(figures: list[str]) -> None:
    matrix = litigation_of([LITIGATION, *HEADS, *figures])
    assert sorted(str(v) for v in all_cells(matrix) if v is not None) == sorted(figures)
    assert matrix is not None and all(c.review for line in matrix.cells for c in line)


def test_groups_that_lost_cells_end_in_their_totals() -> None:
    matrix = litigation_of([LITIGATION, *HEADS, "525", "9", "534", "8", "280", "846", "1134", "527", "4956", "8", "5491"])
    assert matrix is not None
    assert [line[-1].value for line in matrix.cells] == [534, 1134, 5491]
    assert all(c.review for line in matrix.cells for c in line)


def test_a_pipe_in_place_of_a_figure_delimits_nothing() -> None:
    """Where labels and nearly all figures stand on bare lines, it is a figure that nobody can read."""
    lines = list(NAMES)
    for row in LABELS:
        cells = as_lines(row)
        lines += ["|" if row in ("denied_2", "other_1") and c == cells[-3] else c for c in cells]
    matrix = requests_of(lines)
    assert wrong(matrix) == []
    assert matrix is not None
    said = {r.key: [c.review for c in line] for r, line in zip(matrix.rows, matrix.cells, strict=True)}
    assert said["denied_2"][4] and said["other_1"][4]
    assert sum(map(sum, said.values())) <= 14


@pytest.mark.parametrize("a", [1, 2, 3, 4])
def test_names_on_one_line_tell_that_columns_changed_places(a: int) -> None:
    order = list(range(7))
    order[a], order[a + 1] = order[a + 1], order[a]
    rows = [f"{LABELS[row]} " + " ".join(values_of(row)[c] for c in order) for row in LABELS]
    head = " ".join(NAMES[c] for c in order[1:6])
    matrix = requests_of(["申请人情况", "自然人 法人或其他组织 总计", head, *rows])
    assert wrong(matrix) == []


def test_a_number_that_a_small_table_leaves_over_makes_an_unclear_label_doubtful() -> None:
    text = [TITLE, "二、主动公开政府信息情况", "第二十条第（五）项", "信息内容", "本年处理决定数量", "行政", "1", "第二十"]
    text += ["信息内容", "本年处理决定数量", "行来处", "0", "行政强制", "0", END]
    matrix = matrix_of(process_bytes("a.txt", "\n".join(text).encode()), "art20_6")
    if matrix is not None:
        at = [r.key for r in matrix.rows].index("penalties")
        assert matrix.cells[at][0].review or matrix.cells[at][0].value == 0


def test_a_line_of_chrome_above_the_row_of_a_table_without_a_header() -> None:
    figures = ["181", "84", "62", "30", "357", "89", "206", "883", "3418", "4596", "0", "0", "15", "32", "47"]
    rows = ["\t".join([LABELS[row], *values_of(row)]) for row in LABELS]
    matrix = litigation_of([SECTION, "\t".join(["", *NAMES]), *rows, "TOP", "\t".join(figures)])
    assert all_cells(matrix) == list(map(int, figures))
    assert matrix is not None and all(c.review for line in matrix.cells for c in line)


@pytest.mark.parametrize("lost", [1, 2])
def test_nearly_all_figures_under_the_title_of_a_table_alone(lost: int) -> None:
    figures = ["3", "0", "0", "3", "6", "0", "0", "0", "0", "0", "0", "0", "0", "73", "73"][lost:]
    matrix = litigation_of([LITIGATION, *figures])
    assert matrix is not None and all(c.review for line in matrix.cells for c in line)
    assert all_cells(matrix)[-2:] == [73, 73]


def test_the_format_is_the_one_whose_columns_add_up() -> None:
    """Two rows of 其他处理 have lost their labels: the first one, with that of the group, looks like the row of 2019."""
    figures = {row: [*["1"] * 6, "6"] for row in LABELS}
    results = [row for row in LABELS if row not in ("new", "carried_in", "total_results", "carried_out")]
    figures["total_results"] = [*[str(len(results))] * 6, str(6 * len(results))]
    figures["new"] = figures["total_results"]
    lines = ["\t".join(["", "", "", *NAMES])]
    for row, label in LABELS.items():
        group = "（六）其他处理" if row == "other_1" else ""
        own = "" if row in ("other_1", "other_2") else label
        lines.append("\t".join(["", group, own, *figures[row]]))
    matrix = requests_of(lines)
    assert matrix is not None and matrix.variant == "2021"
    assert all(c.value == 1 for r, line in zip(matrix.rows, matrix.cells, strict=True) if r.key == "other_3" for c in line[:6])


@pytest.mark.parametrize("column", [2, 3])
def test_a_figure_without_a_total_stands_where_the_other_rows_of_its_stream_begin(column: int) -> None:
    """Printed so by mistake: its column would add up without it, and no total speaks against the column beside it."""
    figures = {row: ["24", "", "", "", "", "", "24"] if row == "granted" else [""] * 7 for row in LABELS}
    figures["new"] = figures["total_results"] = ["24", "", "5", "5", "", "", "34"]
    figures["partly_granted"] = ["", "", "5", "5", "", "", "10"]
    figures["denied_6"] = ["1" if c == column else "" for c in range(7)]
    matrix = requests_of([*(f"{c} |" for c in ["项目", *NAMES, "", ""]), *(x for r in LABELS for x in stream(r, figures[r]))])
    assert matrix is not None
    at = [r.key for r in matrix.rows].index("denied_6")
    assert [c.value for c in matrix.cells[at]] == [1 if c == column else None for c in range(7)]
