"""Whatever is done to a document: a cell that leaves without a flag is right, and one damage flags no more than its lane.

The material is `bench/adversary.py`, whose habits differ from those of the fixtures' mangling. Faults that are known and
mended stand below with a minimal input; `OPEN` keeps what is still open out of the random tests.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bench.adversary import DAMAGE, WRITERS, Doc, build, drop_label, judge, make, mistype, read, write
from fixtures.gen.labels import LITIGATION_COLUMNS, REQUEST_COLUMNS, REQUEST_ROWS
from pipeline.canon.family import recognise
from pipeline.canon.schema import load_schemas
from pipeline.config import DEFAULT
from pipeline.domain import (
    DocumentResult,
    Matrix,
    MatrixCell,
    Origin,
    Reading,
    Source,
    SourceKind,
    State,
    Table,
    TableCell,
    TextBlock,
)
from pipeline.run.document import finish, process_bytes

# Damage → styles in which it is known to pass unseen.
OPEN: dict[str, tuple[str, ...]] = {
    "repeat_row_other": ("pipe_cells_open",),
    "drop_column_values": ("pipes_padded", "pipe_cells", "pipe_cells_open"),
}
OPEN_STYLES = ("pipe_cells_open", "glued")
STYLES = [s for s in WRITERS if s not in OPEN_STYLES]
KINDS = [d.__name__ for d in DAMAGE]

TITLE = ["云岭县人民政府2023年政府信息公开工作年度报告"]
ART20 = [*TITLE, "二、主动公开政府信息情况", "第二十条第（一）项"]
NAMES = list(REQUEST_COLUMNS.values())
TAB, SPACE = "\t".join, " ".join


def text_result(lines: Sequence[str]) -> DocumentResult:
    """The result of a text scrape."""
    return process_bytes("a.txt", "\n".join(lines).encode())


def matrix_of(result: DocumentResult, table: str) -> Matrix | None:
    """The matrix of one table."""
    return next((m for m in result.matrices if m.table == table), None)


def wrong_cells(matrix: Matrix | None, truth: Callable[[str, str], int | None]) -> list[tuple[str, str, object]]:
    """Cells without a flag that say something else than the truth."""
    if matrix is None:
        return []
    cells = [(r.key, c.key, matrix.cells[i][j]) for i, r in enumerate(matrix.rows) for j, c in enumerate(matrix.columns)]
    return [(r, c, x.value) for r, c, x in cells if not x.review and x.value != truth(r, c)]


def requests_lines(
    glue: Callable[[Sequence[str]], str], order: Sequence[int] = range(7), serial: bool = False, after: bool = False
) -> list[str]:
    """A report with `requests` alone: row n, column j holds 10 n + j + 1."""
    lines = [
        *TITLE,
        "三、收到和处理政府信息公开申请情况",
        glue([*(["序号"] if serial else []), "项目", *(NAMES[k] for k in order)]),
    ]
    for n, label in enumerate(REQUEST_ROWS["2021"].values()):
        values = [str(10 * n + j + 1) for j in order]
        lines.append(glue([*values, label] if after else [*([str(n + 1)] if serial else []), label, *values]))
    return lines


def requests_truth(row: str, column: str) -> int:
    """What `requests_lines` prints."""
    return 10 * list(REQUEST_ROWS["2021"]).index(row) + list(REQUEST_COLUMNS).index(column) + 1


# ---------------------------------------------------------------- random damage


@pytest.mark.parametrize("style", STYLES)
def test_undamaged_documents_are_exact_and_unflagged(style: str) -> None:
    for seed in range(6):
        doc, text = make(seed, 0, style)
        verdict = judge(doc, read(doc, text))
        assert verdict.silent == []
        if not style.startswith("commas"):
            # Commas are no cells to us: such a document may be missed, but not misread.
            assert (verdict.flagged, verdict.missing) == (0, 0)


@settings(derandomize=True, deadline=None, max_examples=260)
@given(st.integers(0, 10**6), st.sampled_from(STYLES), st.sampled_from(KINDS))
def test_one_damage_of_any_kind_passes_no_wrong_cell(seed: int, style: str, kind: str) -> None:
    assume(kind not in OPEN or (OPEN[kind] and style not in OPEN[kind]))
    doc, text = make(seed, 1, style, kind)
    verdict = judge(doc, read(doc, text))
    assert verdict.silent == [], (seed, style, kind, doc.done)
    assert not verdict.false_source, (seed, style, kind, doc.done)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    st.integers(0, 10**6),
    st.sampled_from(["pipes", "lines", "tabs", "html_padded", "wide_spaces"]),
    st.sampled_from([drop_label, mistype]),
)
def test_one_damaged_label_flags_at_most_its_row(seed: int, style: str, damage: Callable[[Doc, random.Random], None]) -> None:
    rng = random.Random(seed)
    doc = build(rng)
    doc.style = style
    damage(doc, rng)
    result = read(doc, write(doc, rng))
    # A row of `requests` has 7 cells; two rows of an art20 table that share a label's neighbourhood at most 6.
    assert judge(doc, result).flagged <= 7


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(["pipes", "tabs", "html", "html_padded"]), st.integers(0, 6))
def test_one_lost_column_name_flags_at_most_its_column(seed: int, style: str, column: int) -> None:
    rng = random.Random(seed)
    doc = build(rng)
    doc.style = style
    requests = next(s for s in doc.sheets if s.name == "requests")
    for row in requests.rows:
        if row.role == "head" and requests.names[column] in row.labels:
            row.labels.remove(requests.names[column])
            break
    verdict = judge(doc, read(doc, write(doc, rng)))
    assert verdict.silent == []
    assert verdict.flagged <= len(requests.body)


# ---------------------------------------------------------------- grids


def grid_result(rows: Sequence[Sequence[str]], label_columns: int = 1) -> DocumentResult:
    """The result of a document with one recovered grid; a row shorter than the grid has its first cell spanned."""
    width = max(map(len, rows))
    cells = []
    for i, row in enumerate(rows):
        column = 0
        for k, text in enumerate(row):
            span = width - len(row) + 1 if k == 0 else 1
            cells.append(TableCell(i, column, 1, span, text))
            column += span
    table = Table(tuple(cells), len(rows), width, 1, None, Origin.TEXT_LAYER, "rulings", pages=(1,))
    blocks = (TextBlock(TITLE[0], "heading"), TextBlock("三、收到和处理政府信息公开申请情况", "heading"), table)
    source = Source("a.pdf", "a.pdf", "0" * 64, 1, SourceKind.PDF, "pdf")
    return finish(source, Reading(source, blocks, (), TITLE[0]), DEFAULT)


def grid_rows(order: Sequence[int] = range(7)) -> list[list[str]]:
    """The rows of `requests` as a grid with a flat header."""
    rows = [["项目", *(NAMES[k] for k in order)]]
    return rows + [[label, *(str(10 * n + j + 1) for j in order)] for n, label in enumerate(REQUEST_ROWS["2021"].values())]


def requests_of(result: DocumentResult) -> Matrix | None:
    return matrix_of(result, "requests")


def test_a_clean_grid_is_exact() -> None:
    matrix = requests_of(grid_result(grid_rows()))
    assert matrix is not None
    assert wrong_cells(matrix, requests_truth) == []
    assert not any(c.review for row in matrix.cells for c in row)


@settings(derandomize=True, deadline=None, max_examples=120)
@given(st.data())
def test_grids_with_cropped_mistyped_lost_repeated_or_dropped_rows(data: st.DataObject) -> None:
    rows = grid_rows()
    for _ in range(data.draw(st.integers(1, 4))):
        i = data.draw(st.integers(1, len(rows) - 1))
        act = data.draw(st.sampled_from(["crop", "tail", "letter", "blank", "drop", "repeat", "page", "chrome", "header"]))
        label = rows[i][0]
        if act == "crop":
            rows[i] = [label[: data.draw(st.integers(0, 6))], *rows[i][1:]]
        elif act == "tail":
            rows[i] = [label[data.draw(st.integers(0, 6)) :], *rows[i][1:]]
        elif act == "letter" and label:
            k = data.draw(st.integers(0, len(label) - 1))
            rows[i] = [label[:k] + data.draw(st.sampled_from("的一第办申")) + label[k + 1 :], *rows[i][1:]]
        elif act == "blank":
            rows[i] = ["", *rows[i][1:]]
        elif act == "drop" and len(rows) > 12:
            del rows[i]
        elif act == "repeat":
            rows.insert(i, list(rows[i]))
        elif act == "page":
            rows.insert(i, ["- 3 -"])
        elif act == "chrome":
            rows.insert(i, [TITLE[0]])
        elif act == "header":
            rows.insert(i, list(rows[0]))
    assert wrong_cells(requests_of(grid_result(rows)), requests_truth) == []


@pytest.mark.parametrize("column", range(7))
def test_a_column_lost_from_a_grid_with_its_name(column: int) -> None:
    rows = [[c for k, c in enumerate(row) if k != column + 1] for row in grid_rows()]
    key = list(REQUEST_COLUMNS)[column]
    matrix = requests_of(grid_result(rows))
    assert matrix is not None
    assert wrong_cells(matrix, lambda r, c: None if c == key else requests_truth(r, c)) == []
    assert all(row[column].state is State.MISSING for row in matrix.cells)
    assert sum(c.review for row in matrix.cells for c in row) == len(matrix.rows)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 6), st.integers(0, 6), st.booleans())
def test_a_grid_with_one_column_elsewhere_and_one_more(taken: int, put: int, remarks: bool) -> None:
    order = [k for k in range(7) if k != taken]
    order.insert(put, taken)
    rows = grid_rows(order)
    if remarks:
        rows = [[*row, "" if i else "备注"] for i, row in enumerate(rows)]
    assert wrong_cells(requests_of(grid_result(rows)), requests_truth) == []


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.integers(1, 25), st.integers(1, 7), st.sampled_from(["drop", "merge", "text", "blank"]))
def test_one_lost_or_merged_cell_of_a_grid_moves_no_other(row: int, column: int, act: str) -> None:
    rows = grid_rows()
    here = rows[row]
    if act == "drop":
        del here[column]
    elif act == "merge":
        column = min(column, 6)
        here[column : column + 2] = [here[column] + "\n" + here[column + 1]]
    else:
        here[column] = "3（其中1件转办）" if act == "text" else ""
    keys, columns = list(REQUEST_ROWS["2021"]), list(REQUEST_COLUMNS)
    gone = (keys[row - 1], columns[column - 1])
    matrix = requests_of(grid_result(rows))
    wrong = wrong_cells(matrix, lambda r, c: None if (r, c) == gone and act == "blank" else requests_truth(r, c))
    assert wrong == []
    assert matrix is not None
    assert sum(c.review for line in matrix.cells for c in line) <= 7


# ---------------------------------------------------------------- open faults, each with a minimal input


def art20_truth(values: dict[str, Sequence[int]], columns: Sequence[str]) -> Callable[[str, str], int | None]:
    """Truth of an art20 table."""
    return lambda row, column: values[row][columns.index(column)] if column in columns and row in values else None


COLUMNS_2021 = ("issued", "repealed", "in_force")


@pytest.mark.parametrize("glue", [TAB, "|".join])
def test_columns_of_art20_in_another_order(glue: Callable[[Sequence[str]], str]) -> None:
    rows = [
        ["信息内容", "现行有效件数", "本年制发件数", "本年废止件数"],
        ["规章", "9", "1", "2"],
        ["行政规范性文件", "8", "3", "4"],
    ]
    matrix = matrix_of(text_result([*ART20, *map(glue, rows)]), "art20_1")
    assert wrong_cells(matrix, art20_truth({"rules": (1, 2, 9), "normative_documents": (3, 4, 8)}, COLUMNS_2021)) == []


@pytest.mark.parametrize("order", [[6, 0, 1, 2, 3, 4, 5], [0, 1, 2, 4, 3, 5, 6]])
def test_columns_in_another_order_under_a_header_with_single_spaces(order: list[int]) -> None:
    assert wrong_cells(matrix_of(text_result(requests_lines(SPACE, order)), "requests"), requests_truth) == []


def test_a_lost_value_does_not_change_the_variant() -> None:
    lines = [*TITLE, "第二十条第（八）项", "信息内容 上一年项目数量 本年增/减", "行政事业性收费 19425"]
    assert wrong_cells(matrix_of(text_result(lines), "art20_8"), lambda r, c: None) == []


@pytest.mark.parametrize("glue", [TAB, "|".join])
def test_a_serial_number_column_hides_the_header(glue: Callable[[Sequence[str]], str]) -> None:
    lines = requests_lines(glue, [6, 0, 1, 2, 3, 4, 5], serial=True)
    assert wrong_cells(matrix_of(text_result(lines), "requests"), requests_truth) == []


@pytest.mark.parametrize("glue", [TAB, "|".join])
def test_labels_behind_their_values(glue: Callable[[Sequence[str]], str]) -> None:
    assert wrong_cells(matrix_of(text_result(requests_lines(glue, after=True)), "requests"), requests_truth) == []


def test_labels_behind_their_values_a_cell_a_line() -> None:
    lines = [x for line in requests_lines(TAB, after=True) for x in line.split("\t")]
    assert wrong_cells(matrix_of(text_result(lines), "requests"), requests_truth) == []


@pytest.mark.parametrize("glue", [TAB, "|".join])
def test_a_row_without_values_does_not_take_those_of_the_next(glue: Callable[[Sequence[str]], str]) -> None:
    lines = [glue(x) for x in (["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"], ["规章"], ["4", "5", "6"])]
    matrix = matrix_of(text_result([*ART20, *lines]), "art20_1")
    assert wrong_cells(matrix, art20_truth({"normative_documents": (4, 5, 6)}, COLUMNS_2021)) == []


@pytest.mark.parametrize(
    "header",
    [
        ["本年制发件数", "本年废止件数", "现行有效件数"],
        [
            "2023年本年制发件数",
            "2022年本年制发件数",
            "2023年本年废止件数",
            "2022年本年废止件数",
            "2023年现行有效件数",
            "2022年现行有效件数",
        ],
    ],
)
def test_two_years_side_by_side(header: list[str]) -> None:
    lines = [
        *ART20,
        "信息内容",
        *header,
        "规章",
        "1",
        "11",
        "2",
        "12",
        "3",
        "13",
        "行政规范性文件",
        "4",
        "14",
        "5",
        "15",
        "6",
        "16",
    ]
    matrix = matrix_of(text_result(lines), "art20_1")
    assert wrong_cells(matrix, art20_truth({"rules": (1, 2, 3), "normative_documents": (4, 5, 6)}, COLUMNS_2021)) == []


@pytest.mark.parametrize("glue", [TAB, "|".join])
def test_the_rest_of_a_number_on_the_next_line(glue: Callable[[Sequence[str]], str]) -> None:
    rows = [
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", "1", "2", "483"],
        ["04"],
        ["规范性文件", "0", "39", "5"],
    ]
    matrix = matrix_of(text_result([*ART20, *map(glue, rows)]), "art20_1")
    assert wrong_cells(matrix, art20_truth({"rules": (1, 2, 48304), "normative_documents": (0, 39, 5)}, COLUMNS_2021)) == []


def litigation_lines(glue: Callable[[Sequence[str]], str]) -> list[str]:
    """The litigation table with two rows of figures."""
    names = list(LITIGATION_COLUMNS.values())
    head = [["行政复议", "行政诉讼"], [*names, "未经复议直接起诉", "复议后起诉"], [*names, *names]]
    body = [[str(k) for k in range(1, 16)], [str(k) for k in range(31, 46)]]
    return [*TITLE, "四、政府信息公开行政复议、行政诉讼情况", *(glue(x) for x in (*head, *body))]


@pytest.mark.parametrize("glue", [TAB, "|".join])
def test_two_rows_of_figures_where_one_is_expected(glue: Callable[[Sequence[str]], str]) -> None:
    result = text_result(litigation_lines(glue))
    matrix = matrix_of(result, "litigation")
    assert (
        matrix is None
        or all(c.review for row in matrix.cells for c in row)
        or any(f.rule == "second_candidate" for f in result.findings)
    )


@pytest.mark.parametrize("order", [[0, 3, 2, 6, 5, 1, 4]])
def test_columns_of_a_grid_in_any_other_order(order: list[int]) -> None:
    assert wrong_cells(requests_of(grid_result(grid_rows(order))), requests_truth) == []


def test_two_tables_of_one_form_are_not_mixed() -> None:
    lines = requests_lines(TAB)
    other = [TAB([p if k == 0 or not p.isdigit() else str(int(p) + 500) for k, p in enumerate(x.split("\t"))]) for x in lines[2:]]
    place = next(i for i, x in enumerate(lines) if x.startswith("3.要求"))
    lines[place] = TAB([p for k, p in enumerate(lines[place].split("\t")) if k != 3])
    matrix = matrix_of(text_result([*lines, *other]), "requests")
    assert matrix is not None
    pairs = [
        (requests_truth(r.key, c.key), matrix.cells[i][j])
        for i, r in enumerate(matrix.rows)
        for j, c in enumerate(matrix.columns)
    ]
    shifts = {cell.value - truth for truth, cell in pairs if cell.value is not None and not cell.review}
    assert len(shifts) == 1 or all(cell.review for _, cell in pairs)


def cell_lines(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """A pipe stream in which every row opens with a pipe and is padded to one width, as one of the seeds has it."""
    lines = []
    for row in rows:
        lines += ["|", *(f"{x} |" for x in row)]
        lines[-1] += " " * (width > len(row)) + "|" * (width - len(row))
    return lines


def test_rows_of_an_opened_pipe_stream_beside_narrower_tables() -> None:
    lines = ["本年增/减 |", "处理决定数量 |", "|", "行政处罚 |", "7 |", "0 |", "0 |", "|", "行政强制 |", "1 |", "0 |", "0 |", "|",
             "第二十条第（八）项 | ||", "|", "信息内容 |", "上一年项目数量 |", "0 |", "|", "2.重复申请 |", "0 |",
             "4.无正当理由大量反复申请 |",
             "0 |", "0 |", "0 |", "0 |", "0 |", "0 |", "0 | |", "|", "5.要求行政机关确认或重新出具已获取信息 |",
             "0 |", "0 |", "0 |", "0 |", "0 |",
             "0 |", "0 | |", "|", "（六）其他处理 |", "0 |", "0 |", "0 |", "0 |", "0 |", "0 |", "0 | |", "|"]  # fmt: skip
    matrix = matrix_of(text_result(lines), "art20_6")
    columns = ("previous_year_items", "change", "decisions")
    assert wrong_cells(matrix, art20_truth({"penalties": (7, 0, 0), "coercive_measures": (1, 0, 0)}, columns)) == []


def test_a_column_lost_from_every_row_of_a_padded_stream() -> None:
    rows = [["项目", *NAMES]] + [
        [label, *(str(10 * n + j + 1) for j in range(1, 7))] for n, label in enumerate(REQUEST_ROWS["2021"].values())
    ]
    lines = [*TITLE, "三、收到和处理政府信息公开申请情况"]
    for row in rows:
        lines += [f"{x} |" for x in row]
        lines[-1] += " |" * (8 - len(row))
    matrix = matrix_of(text_result(lines), "requests")
    assert wrong_cells(matrix, lambda r, c: None if c == "natural_person" else requests_truth(r, c)) == []


def test_a_value_glued_to_its_label() -> None:
    lines = [*ART20, "信息内容  本年制发件数  本年废止件数  现行有效件数", "规章0 5 95 263", "行政规范性文件1 2 3"]
    matrix = matrix_of(text_result(lines), "art20_1")
    assert wrong_cells(matrix, art20_truth({"rules": (0, 5, 95263), "normative_documents": (1, 2, 3)}, COLUMNS_2021)) == []


def test_recognise_survives_nothing() -> None:
    source = Source("a.txt", "a.txt", "0" * 64, 1, SourceKind.TEXT, "txt")
    found = recognise(Reading(source, (), ()), load_schemas(), Origin.SCRAPE, DEFAULT.align)
    assert found.matrices == ()


def test_a_flag_always_has_a_reason() -> None:
    for seed in range(12):
        doc, text = make(seed, 3, "tabs")
        cells: list[MatrixCell] = [c for m in read(doc, text).matrices for row in m.cells for c in row]
        assert all((c.reason is not None) == c.review for c in cells)
