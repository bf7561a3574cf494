"""Damaged texts whose rows run into one another: what stands at the edge of a row moves no value unseen."""

from __future__ import annotations

import pytest

from fixtures.gen.labels import REQUEST_ROWS
from pipeline.domain import Matrix
from pipeline.run.document import process_bytes
from tests.test_alignment_properties import NAMES, matrix_of

TITLE = "云岭县人民政府2023年政府信息公开工作年度报告"
SECTION = "三、收到和处理政府信息公开申请情况"
END = "五、存在的主要问题及改进情况"
LABELS = REQUEST_ROWS["2021"]
GROUPS = {
    "granted": "三、本年度办理结果",
    "denied_1": "（三）不予公开",
    "unable_1": "（四）无法提供",
    "not_processed_1": "（五）不予处理",
}
GROUPS["other_1"] = "（六）其他处理"
FULL_WIDTH = ("new", "carried_in", "carried_out")
MIDDLE = ("granted", "partly_granted", "total_results")


def values_of(row: str) -> list[str]:
    """Seven values that no other row has, the last their sum."""
    k = list(LABELS).index(row)
    details = [10 * k + c + 1 for c in range(6)]
    return [*map(str, details), str(sum(details))]


def requests_of(lines: list[str]) -> Matrix | None:
    return matrix_of(process_bytes("a.txt", "\n".join([TITLE, SECTION, *lines, END]).encode()), "requests")


def wrong(matrix: Matrix | None, lost: dict[str, list[str]] | None = None) -> list[tuple[str, str, object]]:
    """Cells without a flag that say something else than the print; `lost` overrides the values of rows."""
    assert matrix is not None
    found = []
    for lane, cells in zip(matrix.rows, matrix.cells, strict=True):
        truth = (lost or {}).get(lane.key) or (values_of(lane.key) if lane.key in LABELS else [])
        for k, (column, cell) in enumerate(zip(NAMES, cells, strict=True)):
            want = truth[k] if truth else "no such row"
            got = "" if cell.value is None else str(cell.value)
            if not cell.review and got != want:
                found.append((lane.key, column, cell.value))
    return found


def as_lines(row: str, label: list[str] | None = None) -> list[str]:
    """A row of a scrape with a line for each cell."""
    return [*([GROUPS[row]] if row in GROUPS else []), *(label or [LABELS[row]]), *values_of(row)]


def table_of_lines(split: str, drop: str = "") -> list[str]:
    """The whole table, the label of `split` fallen apart behind its number, and the label of `drop` gone."""
    lines = list(NAMES)
    for row, label in LABELS.items():
        parts = [label[0], label[1:]] if row == split else None
        own = as_lines(row, parts)
        lines += [x for x in own if row != drop or x.isdigit()]
    return lines


NUMBERED = [r for r, label in LABELS.items() if label[0].isdigit()]
FIRST = ("denied_1", "unable_1", "not_processed_1", "other_1")


@pytest.mark.parametrize("row", [r for r in NUMBERED if r not in FIRST])
def test_the_number_of_a_split_label_goes_back_to_it(row: str) -> None:
    matrix = requests_of(table_of_lines(row))
    assert wrong(matrix) == []
    assert matrix is not None and not any(c.review for line in matrix.cells for c in line)


@pytest.mark.parametrize("row", ["denied_3", "denied_7", "not_processed_3", "other_3"])
def test_the_number_of_a_split_label_is_no_total_of_the_row_that_lost_it(row: str) -> None:
    before = list(LABELS)[list(LABELS).index(row) - 1]
    lines = table_of_lines(row)
    at = lines.index(LABELS[before])
    del lines[at + 7]
    assert wrong(requests_of(lines), {before: [*values_of(before)[:6], ""]}) == []


def test_a_split_label_behind_a_lost_one_keeps_the_format() -> None:
    """Fifteen numbers behind one label, the last the number of the next: two rows and a label's beginning."""
    matrix = requests_of(table_of_lines("other_3", drop="other_2"))
    assert matrix is not None and matrix.variant == "2021"
    assert wrong(matrix) == []


def test_rows_beside_a_row_that_found_no_place_are_in_doubt() -> None:
    lines = table_of_lines("")
    at = lines.index(LABELS["unable_2"])
    matrix = requests_of([*lines[:at], "九、另外的事项", *["5"] * 7, *lines[at:]])
    assert matrix is not None
    flagged = {r.key for r, cells in zip(matrix.rows, matrix.cells, strict=True) if all(c.review for c in cells)}
    assert {"unable_1", "unable_2"} <= flagged


def stream(row: str, values: list[str], padding: bool = True) -> list[str]:
    """A row of a stream of pipes, blanks as lone pipes, padded to ten cells."""
    cells = [*([GROUPS[row]] if row in GROUPS else []), LABELS[row], *values]
    cells += [""] * (10 - len(cells)) if padding else []
    return [f"{c} |" if c else "|" for c in cells]


@pytest.mark.parametrize("blanks", [(), (0,), (0, 1), (0, 1, 3)])
@pytest.mark.parametrize("next_blank", [0, 1, 2])
def test_the_last_row_ends_before_the_table_that_runs_on(blanks: tuple[int, ...], next_blank: int) -> None:
    """The next table has lost its header, and the last row of this one the blanks that pad the others."""
    lines = [f"{c} |" for c in [*NAMES, "", "", ""]]
    for row in LABELS:
        last = row == "carried_out"
        values = ["" if last and c in blanks else v for c, v in enumerate(values_of(row))]
        lines += stream(row, values, padding=not last)
    lines += ["|"] * next_blank + [f"{900 + k} |" for k in range(15 - next_blank)]
    carried_out = ["" if c in blanks else v for c, v in enumerate(values_of("carried_out"))]
    assert wrong(requests_of(lines), {"carried_out": carried_out}) == []


@pytest.mark.parametrize("column", range(6))
@pytest.mark.parametrize("style", ["| {} |", "{}"])
def test_a_blank_behind_a_short_label_is_no_cell_of_a_table_that_lost_a_column(column: int, style: str) -> None:
    lines = []
    for row in LABELS:
        values = [v for c, v in enumerate(values_of(row)) if c != column]
        label = LABELS[row]
        head = [label, "", ""] if row in FULL_WIDTH else ["", label, ""] if row in MIDDLE else ["", "", label]
        cells = [*head, *values]
        lines.append(style.format(" | ".join(cells)) if "|" in style else "\t".join(cells))
    lost = {row: ["" if c == column else v for c, v in enumerate(values_of(row))] for row in LABELS}
    assert wrong(requests_of(lines), lost) == []


def test_words_among_numbers_make_their_row_doubtful() -> None:
    head = [f"| {' | '.join(['', *NAMES])} |"]
    rows = [f"| {' | '.join([LABELS[r], *values_of(r)])} |" for r in LABELS if r != "new"]
    merged = [LABELS["new"], "1", "总计", "2", "3", "4", "5", "15"]
    matrix = requests_of([*head, f"| {' | '.join(merged)} |", *rows])
    assert matrix is not None
    cells = matrix.cells[[r.key for r in matrix.rows].index("new")]
    assert all(c.review for c in cells)


@pytest.mark.parametrize("figures", [["", "+6", ""], ["", "6", ""], ["5", "", ""]])
def test_a_row_of_several_numbers_says_that_its_table_has_several_columns(figures: list[str]) -> None:
    """The table has lost its header and has three columns: the lone number of the first row is in none for certain."""
    rows = [["行政处罚", *figures], ["行政强制", "47", "-1", ""]]
    lines = [f"{c} |" if c else "|" for c in ["第二十条第（六）项", "", "", "", *rows[0], *rows[1]]]
    matrix = matrix_of(process_bytes("a.txt", "\n".join([TITLE, *lines, END]).encode()), "art20_6")
    assert matrix is None or all(c.review for line in matrix.cells for c in line)


def test_a_count_has_no_sign() -> None:
    lines = ["第二十条第（六）项", "信息内容", "本年处理决定数量", "行政处罚", "+6", "行政强制", "47"]
    matrix = matrix_of(process_bytes("a.txt", "\n".join([TITLE, *lines, END]).encode()), "art20_6")
    assert matrix is not None and matrix.cells[0][0].review


@pytest.mark.parametrize("row", ["denied_4", "not_processed_1"])
def test_a_page_number_is_no_total_of_a_row_of_dashes_that_lost_one(row: str) -> None:
    """Six dashes and a number make seven values; nothing is there that the number could fail to add up."""
    lines = list(NAMES)
    for key in LABELS:
        label = [*([GROUPS[key]] if key in GROUPS else []), LABELS[key]]
        lines += [*label, *["-"] * 6, "4"] if key == row else as_lines(key)
    matrix = requests_of(lines)
    assert matrix is not None
    cells = matrix.cells[[r.key for r in matrix.rows].index(row)]
    assert all(c.review for c in cells)
    assert sum(c.review for line in matrix.cells for c in line) == len(cells)
