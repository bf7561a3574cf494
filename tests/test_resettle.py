"""Damaged texts: a lost value never moves another unseen, and sums say where the rest of its row stands."""

from __future__ import annotations

import pytest

from pipeline.domain import DocumentResult, Matrix, State
from pipeline.run.document import process_bytes
from tests.test_alignment_properties import NAMES, REQUEST_ROWS, matrix_of

TITLE = "云岭县人民政府2023年政府信息公开工作年度报告"
SECTION = "四、政府信息公开行政复议、行政诉讼情况"
GROUPS = ["行政复议", "行政诉讼", "未经复议直接起诉", "复议后起诉"]
LEAVES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
ROWS = ("reconsideration", "direct_suit", "suit_after_reconsideration")
FIGURES = [11, 2, 3, 4, 20, 5, 6, 7, 8, 26, 9, 10, 21, 12, 52]
REQUESTS_TITLE = "三、收到和处理政府信息公开申请情况"


def text_result(lines: list[str]) -> DocumentResult:
    return process_bytes("a.txt", "\n".join([TITLE, *lines]).encode())


def litigation_of(result: DocumentResult) -> Matrix | None:
    return matrix_of(result, "litigation")


def silent_in(matrix: Matrix | None, truth: list[int | None]) -> list[tuple[int, object]]:
    cells = [c for row in matrix.cells for c in row] if matrix else []
    return [(k, c.value) for k, (c, want) in enumerate(zip(cells, truth, strict=False)) if not c.review and c.value != want]


@pytest.mark.parametrize("label", range(15))
@pytest.mark.parametrize("value", [0, 4, 7, 12])
def test_a_lost_label_and_a_lost_value_of_a_lone_row_need_not_be_of_one_column(label: int, value: int) -> None:
    leaves = [x for k, x in enumerate(LEAVES * 3) if k != label]
    figures = [str(n) for k, n in enumerate(FIGURES) if k != value]
    result = text_result([SECTION, *GROUPS[:2], *leaves[:5], *GROUPS[2:], *leaves[5:], *figures, "五、问题"])
    truth: list[int | None] = [None if k == value else n for k, n in enumerate(FIGURES)]
    assert silent_in(litigation_of(result), truth) == []


@pytest.mark.parametrize(("pads", "value"), [*((4, v) for v in range(15)), *((1, v) for v in range(5, 15))])
def test_blanks_in_front_of_a_lone_row_do_not_stand_for_its_lost_value(pads: int, value: int) -> None:
    figures = [str(n) for k, n in enumerate(FIGURES) if k != value]
    width = pads + 14
    head = [["行政复议", "", "", "", "", "行政诉讼"], [*LEAVES, "未经复议直接起诉", "", "", "", "", "复议后起诉"]]
    rows = [*head, [""] * pads + figures]
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
    result = text_result([SECTION, *lines, "五、问题"])
    truth: list[int | None] = [None if k == value else n for k, n in enumerate(FIGURES)]
    assert silent_in(litigation_of(result), truth) == []


def test_a_row_of_fifteen_under_what_is_left_of_its_header_is_found() -> None:
    cells = ["行政复议", "行政诉讼", *[""] * 13, *LEAVES, "未经复议直接起诉", "复议后起诉", *[""] * 8, *map(str, FIGURES)]
    matrix = litigation_of(text_result([f"{c} |" if c else "|" for c in cells] + ["五、问题"]))
    assert matrix is not None
    assert [c.value for row in matrix.cells for c in row] == FIGURES


def test_a_row_of_fifteen_in_a_line_of_its_own_is_found_without_any_header() -> None:
    rows = [["", "一、本年新收政府信息公开申请数量", *["1"] * 6, "6"], ["", "二、上年结转政府信息公开申请数量", *["0"] * 7]]
    lines = ["| " + " | ".join(r) + " |" for r in [*rows, [str(n) for n in FIGURES]]]
    matrix = litigation_of(text_result([REQUESTS_TITLE, *lines, "五、问题"]))
    assert matrix is not None
    assert [c.value for row in matrix.cells for c in row] == FIGURES
    assert all(c.review for row in matrix.cells for c in row)


def request_values() -> dict[str, list[int]]:
    """Values that obey every equation, each column with figures of its own."""
    keys = list(REQUEST_ROWS["2021"])
    ends = ("new", "carried_in", "total_results", "carried_out")
    values = {k: [(7 * i + 3 * j) % 11 + 10 * j + 1 for j in range(6)] for i, k in enumerate(keys) if k not in ends}
    total = [sum(v[j] for v in values.values()) for j in range(6)]
    values |= {"total_results": total, "carried_out": [j + 2 for j in range(6)], "carried_in": [2 * j + 1 for j in range(6)]}
    values["new"] = [total[j] + values["carried_out"][j] - values["carried_in"][j] for j in range(6)]
    return {k: [*values[k], sum(values[k])] for k in keys}


def label_of(key: str) -> str:
    return REQUEST_ROWS["2021"][key]


def requests_lines(drop: tuple[str, int] | None) -> list[str]:
    lines = [REQUESTS_TITLE, *NAMES]
    for key, row in request_values().items():
        lines.append(label_of(key))
        lines += [str(n) for j, n in enumerate(row) if (key, j) != drop]
    return [*lines, "四、其他"]


@pytest.mark.parametrize("column", range(7))
@pytest.mark.parametrize("key", ["new", "denied_3", "not_processed_2", "total_results"])
def test_sums_tell_where_the_values_of_a_row_stand_that_lost_one(key: str, column: int) -> None:
    result = text_result(requests_lines((key, column)))
    matrix = matrix_of(result, "requests")
    assert matrix is not None
    row = matrix.cells[[m.key for m in matrix.rows].index(key)]
    want = [None if j == column else n for j, n in enumerate(request_values()[key])]
    assert [c.value for c in row] == want
    assert row[column].state is State.MISSING
    assert all(c.review for c in row)


def test_a_sum_printed_wrong_moves_no_row() -> None:
    lines = requests_lines(None)
    lines[lines.index(label_of("denied_3")) + 7] = "999"
    matrix = matrix_of(text_result(lines), "requests")
    assert matrix is not None
    row = matrix.cells[[m.key for m in matrix.rows].index("denied_3")]
    assert [c.value for c in row] == [*request_values()["denied_3"][:6], 999]
    assert not any(c.review for c in row)


def test_a_nought_with_a_point_is_no_enumeration() -> None:
    cells = ["第二十条第（五）项 | |", "信息内容 |", "本年处理决定数量 |", "行政许可 |", "0. |", "|"]
    matrix = matrix_of(text_result(["二、主动公开政府信息情况", *cells, "五、问题"]), "art20_5")
    assert matrix is None or matrix.cells[0][0].review


def test_a_heading_without_a_body_is_absent_in_whatever_variant_the_others_are() -> None:
    cells = [
        "第二十条第（五）项",
        "信息内容",
        "本年处理决定数量",
        "行政许可",
        "3",
        "第二十条第（九）项",
        "信息内容",
        "采购总金额",
    ]
    result = text_result(["二、主动公开政府信息情况", *cells, "五、问题"])
    assert "art20_9" in result.absent
    assert "art20_5" not in result.absent


def test_a_row_of_another_table_is_no_total_of_a_table_that_lost_it() -> None:
    lines = requests_lines(None)
    at = lines.index(label_of("total_results"))
    head = [*GROUPS[:2], *LEAVES, *GROUPS[2:], *LEAVES, *LEAVES]
    result = text_result([*lines[:at], *lines[at + 8 : -1], SECTION, *head, *map(str, FIGURES), "五、问题"])
    matrix = litigation_of(result)
    assert matrix is not None
    assert [c.value for row in matrix.cells for c in row] == FIGURES
