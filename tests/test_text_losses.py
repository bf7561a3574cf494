"""Scrapes that lost a label, a column or a header: what is left is found, and nothing of it stands in a wrong place unseen."""

from __future__ import annotations

import pytest

from fixtures.gen.labels import LITIGATION_COLUMNS, REQUEST_ROWS
from pipeline.config import DEFAULT
from pipeline.domain import Matrix, Source, SourceKind
from pipeline.intake.html import read_html
from pipeline.run.document import finish, process_bytes
from tests.test_alignment_properties import NAMES, matrix_of
from tests.test_text_guards import END, GROUPS, LABELS, SECTION, TITLE, as_lines, requests_of, stream, values_of, wrong

LITIGATION = "四、政府信息公开行政复议、行政诉讼情况"


def cells_of(matrix: Matrix, row: str) -> list[str]:
    """What was read of one row, as text; blanks as nothing."""
    at = [r.key for r in matrix.rows].index(row)
    return ["" if c.value is None else str(c.value) for c in matrix.cells[at]]


def table_of(text: list[str], table: str) -> Matrix | None:
    return matrix_of(process_bytes("a.txt", "\n".join(text).encode()), table)


# ---------------------------------------------------------------- sums that speak against the columns


def padded_stream(width: int, lost: int) -> list[str]:
    """A stream of pipes padded to `width` cells in which every row has lost its value in column `lost`."""
    lines = [f"{c} |" for c in ["项目", *NAMES]]
    lines += ["|"] * (width - 8)
    for row, label in LABELS.items():
        values = [v for c, v in enumerate(values_of(row)) if c != lost]
        cells = [*([GROUPS[row]] if row in GROUPS else []), label, *values]
        lines += [f"{c} |" for c in cells] + ["|"] * (width - len(cells))
    return lines


@pytest.mark.parametrize("lost", range(7))
@pytest.mark.parametrize("width", [9, 10])
def test_a_column_lost_from_a_padded_stream_moves_nothing_unseen(width: int, lost: int) -> None:
    gone = {row: ["" if c == lost else v for c, v in enumerate(values_of(row))] for row in LABELS}
    matrix = requests_of(padded_stream(width, lost))
    if matrix is not None:
        assert wrong(matrix, gone) == []


def test_totals_that_no_row_reaches_make_the_columns_doubtful() -> None:
    """The total stands first, and no header says so."""
    lines = [" | ".join(["", LABELS[r], values_of(r)[-1], *values_of(r)[:-1], ""]).strip() for r in LABELS]
    matrix = requests_of(lines)
    assert matrix is not None and all(c.review for line in matrix.cells for c in line)


def test_a_few_wrong_totals_are_mistakes_of_the_print() -> None:
    lines = list(NAMES)
    for row in LABELS:
        lines += as_lines(row)
        if row in ("granted", "denied_3", "unable_1"):
            lines[-1] = str(int(lines[-1]) + 5)
    matrix = requests_of(lines)
    assert matrix is not None and not any(c.review for line in matrix.cells for c in line)


@pytest.mark.parametrize("row", ["denied_3", "other_2"])
def test_a_page_number_is_no_total_of_the_row_that_lost_a_value(row: str) -> None:
    lines = list(NAMES)
    for r in LABELS:
        own = as_lines(r)
        if r == row:
            del own[-5]
            own += ["2"]
        lines += own
    assert wrong(requests_of(lines), {row: ["?"] * 7}) == []


# ---------------------------------------------------------------- rows


def test_a_row_printed_again_with_a_value_that_is_no_number() -> None:
    lines = [f"| {' | '.join(['', *NAMES])} |"]
    for row in LABELS:
        lines.append(f"| {' | '.join([LABELS[row], *values_of(row)])} |")
        if row == "denied_7":
            lines.append(f"| {' | '.join([LABELS[row], '约3', *map(str, range(70, 76))])} |")
    assert wrong(requests_of(lines), {"denied_7": ["?"] * 7}) == []


@pytest.mark.parametrize("gap", [0, 1, 3])
def test_the_first_rows_behind_the_header_are_found_without_their_labels(gap: int) -> None:
    lines = [*NAMES[:6], "总计", *[]]
    rows = list(LABELS)
    for row in rows:
        own = as_lines(row)
        lines += [x for x in own if rows.index(row) >= gap or x.isdigit()]
    matrix = requests_of(lines)
    assert matrix is not None and wrong(matrix) == []
    assert all(cells_of(matrix, row) == values_of(row) for row in rows)
    flagged = {r.key for r, line in zip(matrix.rows, matrix.cells, strict=True) if any(c.review for c in line)}
    assert set(rows[:gap]) <= flagged and (gap > 1 or flagged == set(rows[:gap]))


def test_a_header_above_rows_without_labels_tells_the_order_of_all_columns() -> None:
    order = [0, 1, 2, 4, 3, 5, 6]
    lines = ["项目", *(NAMES[k] for k in order)]
    for k, row in enumerate(LABELS):
        own = [x for x in as_lines(row) if k > 2 or x.isdigit()]
        lines += [*own[:-7], *(own[-7:][c] for c in order)]
    matrix = requests_of(lines)
    assert matrix is not None and wrong(matrix) == []


def test_labels_behind_their_numbers_stay_in_doubt_under_a_header() -> None:
    """The first run of numbers has no label in front, the last label no numbers behind."""
    lines = list(NAMES)
    for row in LABELS:
        lines += [*values_of(row), LABELS[row]]
    matrix = requests_of(lines)
    assert matrix is None or wrong(matrix) == []


def test_a_nought_that_sticks_to_a_label_is_a_doubt() -> None:
    lines = [f"项目 {' '.join(NAMES)}"]
    for row in LABELS:
        values = [*values_of(row), "5"] if row != "new" else ["o", *values_of(row)[1:], "5"]
        lines.append(LABELS[row] + " ".join(values))
    assert wrong(requests_of(lines), {r: ["?"] * 7 for r in LABELS}) == [] or requests_of(lines) is None


# ---------------------------------------------------------------- a table that runs on into the next


def last_row_and_litigation(blank: int) -> list[str]:
    """A stream whose last row has lost its padding, then the figures of the next table without a header."""
    lines = [f"{c} |" for c in ["项目", *NAMES, "", ""]]
    for row in LABELS:
        lines += stream(row, values_of(row), padding=row != "carried_out")
    lines += ["|"] * blank
    for k in range(3):
        four = [100 * k + n for n in (1, 2, 3, 4)]
        figures = [*map(str, four), str(sum(four))]
        lines += [f"{x} |" for x in (figures[blank:] if k == 0 else figures)]
    return lines


@pytest.mark.parametrize("blank", [0, 1, 2])
def test_figures_that_run_on_behind_an_unpadded_row_are_the_next_table(blank: int) -> None:
    text = [TITLE, SECTION, *last_row_and_litigation(blank), END]
    litigation, requests = table_of(text, "litigation"), table_of(text, "requests")
    assert wrong(requests) == [] and requests is not None
    assert cells_of(requests, "carried_out") == values_of("carried_out")
    assert litigation is not None and cells_of(litigation, "suit_after_reconsideration") == ["201", "202", "203", "204", "810"]
    assert all(c.review for line in litigation.cells for c in line)


def test_a_lone_pipe_behind_a_heading_is_a_blank_cell() -> None:
    lines = [TITLE, SECTION, *[f"{c} |" for c in ["项目", *NAMES, "", ""]]]
    for row in LABELS:
        lines += stream(row, values_of(row), padding=row != "carried_out")
    figures = ["", "2", "3", "4", "9", "1", "2", "3", "4", "10", "5", "6", "7", "8", "26"]
    text = [*lines, LITIGATION, *(f"{x} |" if x else "|" for x in figures), END]
    matrix = table_of(text, "litigation")
    assert matrix is not None and cells_of(matrix, "reconsideration") == ["", "2", "3", "4", "9"]
    assert len(LITIGATION_COLUMNS) == 5


def test_a_row_of_blanks_without_its_label_is_a_row_of_a_stream() -> None:
    lines = [f"{c} |" for c in ["项目", *NAMES, "", ""]]
    for row in LABELS:
        values = [""] * 7 if row in ("denied_4", "denied_5") else values_of(row)
        own = stream(row, values)
        lines += ["|", *own[1:]] if row == "denied_5" else own
    matrix = requests_of(lines)
    assert matrix is not None
    at = [r.key for r in matrix.rows].index("denied_5")
    assert [c.state.value for c in matrix.cells[at]] == ["blank"] * 7 and all(c.review for c in matrix.cells[at])
    assert wrong(matrix, {"denied_4": [""] * 7, "denied_5": [""] * 7}) == []


# ---------------------------------------------------------------- a heading and as many numbers as its table has


ART20 = [
    "第二十条第（一）项",
    "信息内容",
    "本年制发件数",
    "本年废止件数",
    "现行有效件数",
    "规章",
    "1",
    "2",
    "3",
    "行政规范性文件",
    "4",
    "5",
    "6",
]


@pytest.mark.parametrize("heading", [["第二十条第（六）项"], ["第二十条", "第（六）项"], ["第二十条（六）项"]])
@pytest.mark.parametrize("labels", [("", ""), ("章", "动制")])
def test_numbers_under_a_heading_without_row_labels_are_its_table(heading: list[str], labels: tuple[str, str]) -> None:
    rows = [x for label, value in zip(labels, ("77", "88"), strict=True) for x in (label, value) if x]
    text = [TITLE, "二、主动公开政府信息情况", *ART20, *heading, "信息内容", "本年处理决定数量", *rows, "第二十条第（八）项",
            "信息内容", "本年收费金额（单位：万元）", "行政事业性收费", "9"]  # fmt: skip
    matrix = table_of(text, "art20_6")
    assert matrix is not None and matrix.variant == "2021"
    assert [line[0].value for line in matrix.cells] == [77, 88] and all(c.review for line in matrix.cells for c in line)


@pytest.mark.parametrize("numbers", [["77"], ["77", "88", "99"]])
def test_another_count_of_numbers_is_no_table(numbers: list[str]) -> None:
    text = [TITLE, "二、主动公开政府信息情况", *ART20, "第二十条第（六）项", "信息内容", *numbers, "第二十条第（八）项"]
    assert table_of(text, "art20_6") is None
    assert len(REQUEST_ROWS) == 2


@pytest.mark.parametrize("value", ["-", "7"])
def test_a_lost_value_does_not_change_the_format_of_a_table_without_a_header(value: str) -> None:
    """The tables beside it have the format in which this one has two columns."""
    changes = ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"]
    text = [TITLE, "第二十条第（五）项", *changes, "行政许可", "1", "2", "3", "其他对外管理服务事项", "4", "5", "6",
            "第二十条第（六）项", *changes, "行政处罚", "1", "2", "3", "行政强制", "4", "5", "6",
            "第二十条第（八）项", "行政事业性收费", value, "第二十条第（九）项", "信息内容", "采购项目数量", "采购总金额",
            "政府集中采购", "1", "2"]  # fmt: skip
    matrix = table_of(text, "art20_8")
    assert matrix is None or all(c.review for line in matrix.cells for c in line)


@pytest.mark.parametrize("total, doubtful", [("", True), ("-", False)])
def test_a_blank_total_beside_figures_is_a_doubt_and_a_dash_is_print(total: str, doubtful: bool) -> None:
    """Most rows add up; the row that lost a value has the blank of the column of remarks for a total."""
    cells = [f"<td>{c}</td>" for c in ["项目", *NAMES]]
    rows = [f"<tr>{''.join(cells)}</tr>"]
    for row in LABELS:
        values = [*values_of(row)[:6], total] if row == "denied_3" else values_of(row)
        rows.append(f"<tr><td>{LABELS[row]}</td>{''.join(f'<td>{v}</td>' for v in values)}</tr>")
    page = f"<html><body><p>{TITLE}</p><p>{SECTION}</p><table>{''.join(rows)}</table></body></html>".encode()
    source = Source("a.html", "a.html", "0" * 64, len(page), SourceKind.HTML, "html")
    matrix = matrix_of(finish(source, read_html(source, page, DEFAULT), DEFAULT), "requests")
    assert matrix is not None
    at = [r.key for r in matrix.rows].index("denied_3")
    assert all(c.review == doubtful for c in matrix.cells[at])
    assert not any(c.review for k, line in enumerate(matrix.cells) for c in line if k != at)
