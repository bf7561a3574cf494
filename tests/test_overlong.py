"""Rows whose label was lost stand behind the row before them, tables of blanks behind what is left of their header."""

from __future__ import annotations

import pytest

from pipeline.domain import Matrix
from tests.test_alignment_properties import NAMES
from tests.test_text_guards import END, GROUPS, LABELS, SECTION, TITLE, requests_of, stream, values_of, wrong
from tests.test_text_losses import LITIGATION, cells_of, table_of

LEAVES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]


def run_of_two(first: str, drop: tuple[str, int] | None, number: str = "", column: int = -1) -> list[str]:
    """A cell a line; the row behind `first` has no label. One value may be lost, the number of a page may follow both rows."""
    keys = list(LABELS)
    second = keys[keys.index(first) + 1]
    lines = [name for c, name in enumerate(NAMES) if c != column]
    for key, label in LABELS.items():
        values = values_of(key)
        if column >= 0:
            values[6] = str(int(values[6]) - int(values[column]))
        own = [v for c, v in enumerate(values) if (key, c) != drop and c != column]
        lines += [*([GROUPS[key]] if key in GROUPS and key != second else []), *([label] if key != second else []), *own]
        lines += [number] if number and key == second else []
    return lines


def is_doubtful(matrix: Matrix | None, row: str) -> bool:
    """True where every cell of a row is flagged."""
    assert matrix is not None
    return all(c.review for c in matrix.cells[[r.key for r in matrix.rows].index(row)])


@pytest.mark.parametrize("lost", [0, 3, 5])
@pytest.mark.parametrize("short", ["denied_2", "denied_3"])
def test_two_rows_of_which_one_lost_a_value(short: str, lost: int) -> None:
    matrix = requests_of(run_of_two("denied_2", (short, lost)))
    assert matrix is not None
    for key in ("denied_2", "denied_3"):
        want = [v for c, v in enumerate(values_of(key)) if (key, c) != (short, lost)]
        assert [x for x in cells_of(matrix, key) if x] == want and is_doubtful(matrix, key)
        assert cells_of(matrix, key)[-1] == want[-1]
    assert wrong(matrix) == []


def test_the_number_of_a_page_behind_two_rows() -> None:
    matrix = requests_of(run_of_two("denied_2", None, "5"))
    assert matrix is not None
    for key in ("denied_2", "denied_3"):
        assert cells_of(matrix, key) == values_of(key) and is_doubtful(matrix, key)
    assert wrong(matrix) == []


def test_two_rows_of_a_table_that_lost_a_column() -> None:
    matrix = requests_of(run_of_two("denied_2", None, column=2))
    assert matrix is not None
    for key in ("denied_2", "denied_3"):
        assert cells_of(matrix, key)[:6] == [v if c != 2 else "" for c, v in enumerate(values_of(key)[:6])]
        assert is_doubtful(matrix, key)


def test_a_lone_row_of_fifteen_is_no_two_rows() -> None:
    """Twice seven and one more, behind the word that names a column here and a row there."""
    figures = ["1", "2", "3", "4", "10"] * 3
    lines = [f for key in LABELS for f in (LABELS[key], *values_of(key))]
    text = [TITLE, SECTION, *NAMES, *lines, LITIGATION, "行政复议", "行政诉讼", *LEAVES * 3, *figures, END]
    matrix = table_of(text, "litigation")
    assert matrix is not None and [str(c.value) for line in matrix.cells for c in line] == figures


# ---------------------------------------------------------------- blanks


def stream_of(values: dict[str, list[str]], padding: bool) -> list[str]:
    lines = [f"{c} |" if c else "|" for c in ["项目", *NAMES, "", ""]]
    for row in LABELS:
        lines += stream(row, values[row], padding=padding or row != "carried_out")
    return lines


def test_a_line_of_blanks_under_the_title_of_its_table() -> None:
    rows = [TITLE, SECTION, "\t".join(["项目", *NAMES])]
    rows += ["\t".join([label, *values_of(key)]) for key, label in LABELS.items()]
    matrix = table_of([*rows, LITIGATION, "\t" * 14, END], "litigation")
    assert matrix is not None and all(c.review and c.value is None for line in matrix.cells for c in line)


def test_more_blanks_than_the_lines_of_a_header_are_padded_with() -> None:
    head = ["行政复议", "行政诉讼", *[""] * 13, *LEAVES, "未经复议直接起诉", "复议后起诉", *[""] * 8]
    cells = [f"{c} |" if c else "|" for c in [*head, *[""] * 15]]
    matrix = table_of([TITLE, SECTION, *stream_of({key: values_of(key) for key in LABELS}, False), *cells, END], "litigation")
    assert matrix is not None and all(c.review and c.value is None for line in matrix.cells for c in line)


def test_more_blanks_than_the_last_row_is_padded_with() -> None:
    matrix = table_of([TITLE, SECTION, *stream_of({key: [""] * 7 for key in LABELS}, False), *["|"] * 15, END], "litigation")
    assert matrix is not None and all(c.review and c.value is None for line in matrix.cells for c in line)


@pytest.mark.parametrize("lost", [1, 4])
def test_blank_rows_lack_the_column_that_their_header_lacks(lost: int) -> None:
    names = [n for c, n in enumerate(NAMES) if c != lost]
    rows = [["项目", *names], *([label, *[""] * 6] for label in LABELS.values())]
    matrix = requests_of(["| " + " | ".join(row) + " |" for row in rows])
    assert matrix is not None
    states = {tuple(c.state.value for c in line) for line in matrix.cells}
    assert states == {tuple("missing" if c == lost else "blank" for c in range(7))}


# ---------------------------------------------------------------- small tables


def test_a_small_table_under_its_whole_header_with_one_cropped_label() -> None:
    lines = [
        "第二十条第（五）项",
        "信息内容",
        "上一年项目数量",
        "本年增/减",
        "处理决定数量",
        "行政许",
        "11",
        "2",
        "3",
        "4",
        "5",
        "6",
    ]
    matrix = table_of([TITLE, "二、主动公开政府信息情况", *lines, "第二十条第（六）项", END], "art20_5")
    assert matrix is not None and matrix.variant == "2019"
    assert [[c.value for c in line] for line in matrix.cells] == [[11, 2, 3], [4, 5, 6]]
    assert all(c.review for c in matrix.cells[1])


def test_a_stream_of_blanks_under_the_title_of_its_table() -> None:
    requests = stream_of({key: values_of(key) for key in LABELS}, False)
    matrix = table_of([TITLE, SECTION, *requests, LITIGATION, *["|"] * 17, END], "litigation")
    assert matrix is not None and all(c.review and c.value is None for line in matrix.cells for c in line)
