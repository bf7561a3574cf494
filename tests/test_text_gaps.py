"""Scrapes in which labels, headers or blanks fell away: rows whose place alone names them are found, and stay in doubt."""

from __future__ import annotations

import pytest

from pipeline.domain import Matrix
from tests.test_alignment_properties import NAMES
from tests.test_text_guards import END, GROUPS, LABELS, SECTION, TITLE, requests_of, stream, values_of, wrong
from tests.test_text_losses import ART20, LITIGATION, cells_of, table_of

HEAD = [f"{c} |" for c in ["项目", *NAMES, "", ""]]


def is_doubtful(matrix: Matrix | None, row: str) -> bool:
    """True where every cell of a row is flagged."""
    assert matrix is not None
    at = [r.key for r in matrix.rows].index(row)
    return all(c.review for c in matrix.cells[at])


def flagged(matrix: Matrix | None) -> set[str]:
    """The rows with a flag."""
    assert matrix is not None
    return {r.key for r, cells in zip(matrix.rows, matrix.cells, strict=True) if any(c.review for c in cells)}


def cut_label(cells: list[str], at: int, keep: int) -> list[str]:
    """A stream row whose label fell over two lines, the first of them without a pipe."""
    label = cells[at]
    return [*cells[:at], label[:keep], label[keep:], *cells[at + 1 :]]


# ---------------------------------------------------------------- streams of cells


@pytest.mark.parametrize("row", ["denied_3", "unable_3", "not_processed_2"])
def test_a_row_without_label_behind_one_whose_label_fell_apart(row: str) -> None:
    keys = list(LABELS)
    lines = list(HEAD)
    for key in LABELS:
        own = stream(key, values_of(key))
        if key == keys[keys.index(row) - 1]:
            own = cut_label(own, 1 if key in GROUPS else 0, 3)
        lines += ["|", *own[1:]] if key == row else own
    matrix = requests_of(lines)
    assert matrix is not None and cells_of(matrix, row) == values_of(row) and is_doubtful(matrix, row)
    assert wrong(matrix) == [] and flagged(matrix) <= {row, keys[keys.index(row) - 1], keys[keys.index(row) + 1]}


def test_a_label_over_two_lines_does_not_end_the_rows_of_a_stream() -> None:
    values = {key: ["", *values_of(key)[1:6], str(sum(map(int, values_of(key)[1:6])))] for key in LABELS}
    lines = list(HEAD)
    for key in LABELS:
        own = stream(key, values[key])
        lines += cut_label(own, 1 if key in GROUPS else 0, 4) if key in ("partly_granted", "denied_5", "other_2") else own
    matrix = requests_of(lines)
    assert wrong(matrix, values) == []
    assert flagged(matrix) <= {"carried_out"}


@pytest.mark.parametrize("number", ["5", "12"])
def test_the_number_of_a_page_among_whole_rows_of_cells(number: str) -> None:
    lines = list(HEAD)
    for key in LABELS:
        lines += [*([number] if key == "denied_6" else []), *stream(key, values_of(key))]
    matrix = requests_of(lines)
    assert wrong(matrix) == [] and flagged(matrix) == set()


def test_the_number_of_a_label_behind_a_row_of_cells() -> None:
    lines = list(HEAD)
    for key in LABELS:
        own = stream(key, values_of(key))
        lines += cut_label(own, 0, 1) if key == "unable_3" else own
    matrix = requests_of(lines)
    assert wrong(matrix) == [] and flagged(matrix) == set()


def test_a_table_twice_as_wide_as_the_one_before_keeps_its_first_row() -> None:
    narrow = [f"{c} |" if c else "|" for k in range(5) for c in ("行政许可", str(k), "7", "8", "")]
    lines = [*narrow, *(x for key in LABELS for x in stream(key, values_of(key)))]
    matrix = requests_of(lines)
    assert matrix is not None and cells_of(matrix, "new") == values_of("new")


# ---------------------------------------------------------------- rows that only their place names


def test_the_first_row_of_a_small_table_that_lost_its_label() -> None:
    text = [TITLE, "二、主动公开政府信息情况", *[x for x in ART20 if x != "规章"], "第二十条第（五）项", "信息内容"]
    matrix = table_of([*text, "本年处理决定数量", "行政许可", "9"], "art20_1")
    assert matrix is not None and cells_of(matrix, "rules") == ["1", "2", "3"] and is_doubtful(matrix, "rules")


def test_a_row_under_the_label_of_its_group() -> None:
    lines = list(NAMES)
    for key, label in LABELS.items():
        own = [GROUPS[key]] if key in GROUPS else []
        lines += [*own, *([] if key == "denied_1" else [label]), *values_of(key)]
    matrix = requests_of(lines)
    assert matrix is not None and cells_of(matrix, "denied_1") == values_of("denied_1") and is_doubtful(matrix, "denied_1")
    assert wrong(matrix) == []


def test_a_row_that_another_format_lacks_is_no_reason_for_that_format() -> None:
    """A word like a row's label far in front of the table costs neither format anything."""
    front = [*ART20, "第二十条第（五）项", "信息内容", "本年处理决定数量", "行政许可", "9", "其他对外管理服务事项", "3"]
    lines = list(NAMES)
    for key, label in LABELS.items():
        own = [GROUPS[key]] if key in GROUPS else []
        lines += [*own, *([] if key == "other_1" else [label]), *values_of(key)]
    matrix = table_of([TITLE, "二、主动公开政府信息情况", *front, SECTION, *lines, END], "requests")
    assert matrix is not None and matrix.variant == "2021" and cells_of(matrix, "other_2") == values_of("other_2")


def test_a_number_behind_tabs_alone_is_a_row_without_a_label() -> None:
    lines = ["\t".join(["项目", "", *NAMES])]
    for key, label in LABELS.items():
        values = ["", "", "", "", "", "", values_of(key)[-1]]
        lines.append("\t".join(["" if key == "denied_4" else label, "", *values]))
    matrix = requests_of(lines)
    assert (
        matrix is not None and cells_of(matrix, "denied_4")[-1] == values_of("denied_4")[-1] and is_doubtful(matrix, "denied_4")
    )


# ---------------------------------------------------------------- columns and blank rows


def test_totals_in_the_column_before_the_last_tell_of_a_lost_column() -> None:
    names = [n for n in NAMES if n != NAMES[1]]
    lines = [f"{c} |" if c else "|" for c in ["项目", *names, "", "", ""]]
    for key, label in LABELS.items():
        cells = [*([GROUPS[key]] if key in GROUPS else []), label, "", "", "", "", "", "0"]
        lines += [f"{c} |" if c else "|" for c in [*cells, *[""] * (10 - len(cells))]]
    matrix = requests_of(lines)
    assert matrix is not None and all(c.review for line in matrix.cells for c in line)
    assert [line[-1].value for line in matrix.cells] == [0] * len(LABELS)


def test_more_blanks_than_a_header_has_are_a_row_of_blanks() -> None:
    names = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    lines = [*[f"{c} |" for c in ("行政复议", "行政诉讼")], *["|"] * 13, *[f"{c} |" for c in ("未经复议直接起诉", "复议后起诉")]]
    lines += [*["|"] * 8, *[f"{c} |" for c in names * 3], *["|"] * 16]
    matrix = table_of([TITLE, LITIGATION, *lines, END], "litigation")
    assert matrix is not None and all(c.review and c.value is None for line in matrix.cells for c in line)


def test_the_padding_of_a_header_is_no_row() -> None:
    names = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    lines = [*[f"{c} |" for c in ("行政复议", "行政诉讼")], *["|"] * 13, *[f"{c} |" for c in names * 3], *["|"] * 2]
    assert table_of([TITLE, LITIGATION, *lines, END], "litigation") is None


BEFORE_FEES = [TITLE, "第二十条第（六）项", "信息内容", "上一年项目数量", "本年增/减", "处理决定数量"]
BEFORE_FEES += ["行政处罚", "1", "2", "3", "行政强制", "4", "-5", "6", "第二条", "信息内容", "上一年"]


@pytest.mark.parametrize("labels", [["行事"], ["某"], []])
def test_a_table_that_only_its_neighbours_name(labels: list[str]) -> None:
    """The heading and the label of `art20_8` are lost, but not its figures between two tables that were found."""
    text = [*BEFORE_FEES]
    text += [
        "在年增",
        *labels,
        "72",
        "-610",
        "第二十条第（九）项",
        "信息内容",
        "采购项目数量",
        "采购总金额",
        "政府集中采购",
        "7",
        "8",
    ]
    matrix = table_of(text, "art20_8")
    assert matrix is not None and cells_of(matrix, "fees") == ["72", "-610"] and is_doubtful(matrix, "fees")


def test_another_count_between_two_tables_is_none() -> None:
    text = [*BEFORE_FEES]
    text += ["某", "72", "-610", "8", "第二十条第（九）项", "信息内容", "采购项目数量", "采购总金额", "政府集中采购", "7", "8"]
    assert table_of(text, "art20_8") is None


def test_chrome_between_rows_that_open_with_a_pipe_takes_no_cell() -> None:
    lines = [f"| {c}" for c in ["项目", *NAMES, "", ""]]
    for key in LABELS:
        cells = [*([GROUPS[key]] if key in GROUPS else []), LABELS[key], *values_of(key)]
        chrome = ["返回顶部"] if key == "denied_5" else []
        lines += ["|", *(x for c in [*cells, *[""] * (10 - len(cells))] for x in ([c, "|"] if c else ["|"])), *chrome]
    matrix = requests_of(lines)
    assert wrong(matrix) == []


@pytest.mark.parametrize("lost", [0, 3])
def test_a_column_lost_from_bare_lines_whose_header_is_lost_too(lost: int) -> None:
    """A single row cannot tell which column is wanting; all of them together can tell that it is not the last."""
    lines = [NAMES[0]]
    for key, label in LABELS.items():
        values = values_of(key)
        left = [v for c, v in enumerate(values[:6]) if c != lost]
        lines += [*([GROUPS[key]] if key in GROUPS else []), label, *left, str(sum(map(int, left)))]
    matrix = requests_of(lines)
    assert matrix is not None and all(c.review for line in matrix.cells for c in line)
    sums = {key: sum(int(v) for c, v in enumerate(values_of(key)[:6]) if c != lost) for key in LABELS}
    assert [line[-1].value for line in matrix.cells] == list(sums.values())
