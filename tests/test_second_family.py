"""A family that is not the disclosure reports, from one YAML file: the “三公” table of departmental budgets.

The fixtures are ours, with invented numbers; the real budgets are read where they are at hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain import DocumentResult, Matrix, State, Table
from pipeline.run.document import process, process_bytes

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "fixtures" / "budget"
FILES = sorted(p for p in FOLDER.iterdir() if p.suffix in (".txt", ".html"))
SHANGHAI = ("total", "travel_abroad", "reception", "vehicles", "vehicle_purchase", "vehicle_running", "agency_running")
HEADING = "2026年部门“三公”经费和机关运行经费预算表"

# Read off the pages with the eye: a blank cell is a blank, not a 0.
REAL: dict[str, tuple[int, tuple[float | None, ...]]] = {
    "上海市普陀区人民政府万里街道办事处25年预算.pdf": (29, (37.91, 0, 1.35, 36.56, 15, 21.56, 464.64)),
    "上海市普陀区人民政府办公室25年预算.pdf": (20, (867.5, 839, 28.5, None, None, None, 213.28)),
    "上海市普陀区商务委员会25年预算.pdf": (21, (1, None, 1, None, None, None, 171.01)),
}


def read(name: str, text: str, tmp_path: Path) -> DocumentResult:
    """Reads a changed fixture."""
    if name.endswith(".txt"):
        return process_bytes(name, text.encode())
    path = tmp_path / name
    path.write_text(text, encoding="utf8")
    return process(path, name)


@cache
def read_budget(path: Path) -> DocumentResult:
    """Reads a real budget once for all tests."""
    return process(path, path.name)


def only_matrix(result: DocumentResult) -> Matrix:
    assert [(m.schema, m.table) for m in result.matrices] == [("cn-budget", "three_public")]
    return result.matrices[0]


def values(matrix: Matrix) -> list[float | None]:
    return [c.value for c in matrix.cells[0]]


def flags(matrix: Matrix) -> list[bool]:
    return [c.review for c in matrix.cells[0]]


def truth_of(path: Path) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(path.with_suffix(".truth.json").read_text(encoding="utf8"))["tables"]["three_public"]
    return table


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_fixture_is_exact_and_needs_no_review(path: Path) -> None:
    result = process(path, path.name)
    matrix, truth = only_matrix(result), truth_of(path)
    assert [r.key for r in matrix.rows] == truth["rows"]
    assert [c.key for c in matrix.columns] == truth["columns"]
    assert [values(matrix)] == truth["values"]
    assert matrix.unit == truth["unit"]
    assert not any(flags(matrix))
    assert all(c.state in (State.PRINTED, State.BLANK, State.DASH) for c in matrix.cells[0])
    assert [f for f in result.findings if f.severity == "error"] == []
    assert (result.status, result.absent, result.unread, result.families) == ("accepted", (), (), ("cn-budget",))


def test_states_are_as_printed() -> None:
    by_name = {p.name: only_matrix(process(p, p.name)).cells[0] for p in FILES}
    printed, blank, dash = State.PRINTED, State.BLANK, State.DASH
    assert [c.state for c in by_name["cells.txt"]] == [printed, dash, printed, printed, dash, printed, printed]
    assert [c.state for c in by_name["tabs.txt"]] == [printed, blank, printed, blank, blank, blank, printed]
    assert [c.state for c in by_name["spans.html"]] == [printed] * 7


# file, printed sum, what is printed instead, the equation that fails, its two sides
BROKEN = [
    ("pipes.txt", "| 61.37 |", "| 61.73 |", "three_public_total", 61.37, 61.73),
    ("cells.txt", "\n9.6\n", "\n6.9\n", "three_public_total", 9.6, 6.9),
    ("spans.html", "<td>0</td>", "<td>10</td>", "vehicles_total", 42.5, 32.5),
    ("padded.html", "<td>2.75</td>", "<td>27.5</td>", "three_public_total", 45.75, 21),
    ("national.html", "<td>24.80</td>", "<td>28.40</td>", "vehicles_total", 55.9, 52.3),
]


@pytest.mark.parametrize(("name", "old", "new", "rule", "left", "right"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_sum_printed_wrong_is_a_source_error(
    name: str, old: str, new: str, rule: str, left: float, right: float, tmp_path: Path
) -> None:
    text = (FOLDER / name).read_text(encoding="utf8")
    assert text.count(old) == 1
    result = read(name, text.replace(old, new), tmp_path)
    errors = [f for f in result.findings if f.severity == "error"]
    assert [(f.rule, f.kind, f.left, f.right) for f in errors] == [(rule, "source", left, right)]
    assert {c.row for c in errors[0].cells} == {"budget"}
    assert not any(flags(only_matrix(result)))
    assert result.status == "accepted"


# file, a cell with its delimiter, what a scrape that lost it holds
LOST = [
    ("cells.txt", "\n2.35\n", "\n"),
    ("cells.txt", "\n9.6\n", "\n"),
    ("cells.txt", "\n88.04\n", "\n"),
    ("pipes.txt", " 24.50 |", ""),
    ("pipes.txt", " 1,208.46 |", ""),
    ("tabs.txt", "5.20\t\t5.20", "5.20\t5.20"),
    ("tabs.txt", "\t310.77", ""),
    ("spans.html", "<td>12</td>", ""),
    ("spans.html", "<td>965.13</td>", ""),
    ("padded.html", "<td>2.75</td>", ""),
    ("national.html", "<td>6.26</td>", ""),
]


@pytest.mark.parametrize(("name", "old", "new"), LOST, ids=[f"{b[0]} {b[1].strip()}" for b in LOST])
def test_a_lost_cell_flags_what_may_have_moved(name: str, old: str, new: str, tmp_path: Path) -> None:
    text = (FOLDER / name).read_text(encoding="utf8")
    assert text.count(old) == 1
    result = read(name, text.replace(old, new), tmp_path)
    assert all(flags(only_matrix(result)))
    assert all(f.kind == "undecided" for f in result.findings if f.severity == "error")
    assert result.status == "review"


LABELS = {".txt": r"[^\s|>]*[\u4e00-\u9fff][^\s|>]*", ".html": r"(?<=>)[^<>\n]*[\u4e00-\u9fff][^<>\n]*(?=<)"}
DAMAGES: dict[str, Callable[[str], str]] = {
    "cropped": lambda t: t[: max(1, len(t) // 2)],
    "mistyped": lambda t: "囗" + t[1:],
    "lost": lambda t: "",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_one_damaged_text_moves_no_value_and_flags_at_most_its_column(path: Path, damage: str, tmp_path: Path) -> None:
    text, truth = path.read_text(encoding="utf8"), truth_of(path)["values"][0]
    for match in re.finditer(LABELS[path.suffix], text):
        if match.group().startswith("20"):  # a sentence with figures
            continue
        changed = text[: match.start()] + DAMAGES[damage](match.group()) + text[match.end() :]
        matrix = only_matrix(read(path.name, changed, tmp_path))
        wrong = [v != t and not f for v, t, f in zip(values(matrix), truth, flags(matrix), strict=True)]
        assert not any(wrong), f"{match.group()!r} {damage}: {values(matrix)}"
        assert sum(flags(matrix)) <= 1, f"{match.group()!r} {damage}: {[c.reason for c in matrix.cells[0]]}"


def test_columns_in_another_order_are_flagged(tmp_path: Path) -> None:
    text = (FOLDER / "spans.html").read_text(encoding="utf8")
    swapped = text.replace("<td>购置费</td><td>运行费</td>", "<td>运行费</td><td>购置费</td>")
    assert swapped != text
    matrix = only_matrix(read("swapped.html", swapped, tmp_path))
    assert [c.review for k, c in zip(SHANGHAI, matrix.cells[0], strict=True) if k.startswith("vehicle_")] == [True, True]


MOVED = """2026年部门“三公”经费和机关运行经费预算表
单位：万元
{0}“三公”经费预算数{1}{1}{1}{1}{1}{1}机关运行经费预算数{2}
{0}合计{1}因公出国（境）费{1}公务用车购置及运行费{1}{1}{1}公务接待费{1}{2}
{0}{1}{1}小计{1}购置费{1}运行费{1}{1}{2}
{0}50{1}11{1}30{1}12{1}18{1}9{1}400{2}
"""


@pytest.mark.parametrize(
    "marks", [("|", "|", "|"), ("", "\t", ""), ("<tr><td>", "</td><td>", "</td></tr>")], ids=["pipes", "tabs", "html"]
)
def test_a_group_of_columns_in_another_place_is_flagged(marks: tuple[str, str, str], tmp_path: Path) -> None:
    text = MOVED.format(*marks)
    if marks[0].startswith("<"):
        text = f"<html><meta charset='utf-8'><body><table>{text[text.index('<tr>') :]}</table></body></html>"
    result = read("moved.html" if marks[0].startswith("<") else "moved.txt", text, tmp_path)
    printed = (30, 12, 18, 9)
    cells = only_matrix(result).cells[0][2:6]
    # A grid shows which name stands over which value; where nothing does, all that may have moved is asked for.
    assert all(c.value in (None, true) or c.review for c, true in zip(cells, printed, strict=True))
    assert marks[0].startswith("<") or all(c.value is None or c.review for c in cells)
    assert all(f.kind == "undecided" for f in result.findings if f.severity == "error")


@pytest.mark.parametrize("labels", [("", ""), ("2025年", "2026年"), ("本部", "下属中心")], ids=["bare", "years", "offices"])
@pytest.mark.parametrize("name", ["pipes.txt", "spans.html"])
def test_a_second_row_under_the_header_flags_the_first(name: str, labels: tuple[str, str], tmp_path: Path) -> None:
    text = (FOLDER / name).read_text(encoding="utf8")
    row = next(line for line in text.splitlines() if re.search(r"61\.37 \||<td>48\.9<", line))
    front, cell = ("<tr>", "<td>{}</td>") if name.endswith(".html") else ("", "| {} ")
    rows = [front + (cell.format(label) if label else "") + row.removeprefix(front) for label in labels]
    result = read(name, text.replace(row, "\n".join(rows)), tmp_path)
    assert all(flags(only_matrix(result)))


def test_a_table_of_contents_makes_no_other_table_this_one(tmp_path: Path) -> None:
    rows = "<tr><td>科目</td><td>名称</td><td>合计</td></tr><tr><td>行政运行</td><td>500</td><td>200</td><td>300</td></tr>"
    text = f"<html><meta charset='utf-8'><body><p>9. {HEADING}</p><table>{rows}</table></body></html>"
    result = read("contents.html", text, tmp_path)
    assert (result.matrices, result.absent, result.status) == ((), ("three_public",), "review")


def test_a_budget_that_announces_the_table_and_lacks_it() -> None:
    text = f"某局2026年部门预算\n目 录\n9. {HEADING}\n六、其他相关情况说明\n2026年“三公”经费预算数为5万元。\n"
    result = process_bytes("announced.txt", text.encode())
    assert (result.matrices, result.absent, result.status) == ((), ("three_public",), "review")


@pytest.mark.parametrize(
    "text",
    [
        "某县2024年政务公开总结\n公开部门预算、部门决算和“三公”经费等财政信息120条。\n",
        "某局2024年度部门决算\n七、财政拨款“三公”经费支出决算表\n2024年度“三公”经费支出决算为3.2万元。\n",
    ],
    ids=["speaks of budgets", "settled accounts"],
)
def test_a_document_of_another_kind_lacks_nothing(text: str) -> None:
    result = process_bytes("other.txt", text.encode())
    assert (result.matrices, result.families, result.absent, result.status) == ((), (), (), "accepted")


DISCLOSURE = [
    *sorted((ROOT / "fixtures" / "reports").glob("*.txt")),
    *sorted((ROOT / "fixtures" / "generated" / "tuning").glob("*.html"))[:6],
    *sorted((ROOT / "fixtures" / "generated" / "tuning").glob("*.pdf"))[:3],
]


@pytest.mark.parametrize("path", DISCLOSURE, ids=lambda p: p.name)
def test_disclosure_reports_hold_no_budget(path: Path) -> None:
    result = process(path, path.name)
    assert result.families == ("cn-gov-disclosure",)
    assert {m.schema for m in result.matrices} == {"cn-gov-disclosure"}
    assert "three_public" not in result.absent


@pytest.mark.parametrize("name", ["hongze-2023.pdf", "shanghai-office-2019.html"])
def test_real_disclosure_reports_hold_no_budget(name: str, shared_data: Path) -> None:
    result = process(shared_data / "real" / name, name)
    assert result.families == ("cn-gov-disclosure",)


@pytest.mark.parametrize("name", REAL)
def test_real_budget_is_exact(name: str, shared_data: Path) -> None:
    page, expected = REAL[name]
    result = read_budget(shared_data / "real" / "budget" / name)
    matrix = only_matrix(result)
    assert tuple(c.key for c in matrix.columns) == SHANGHAI
    assert tuple(values(matrix)) == expected
    states = tuple(State.BLANK if v is None else State.PRINTED for v in expected)
    assert tuple(c.state for c in matrix.cells[0]) == states
    assert (matrix.unit, matrix.page_no, {c.page_no for c in matrix.cells[0]}) == ("万元", page, {page})
    assert not any(flags(matrix))
    assert {f.severity for f in result.findings} <= {"note"}
    assert {f.rule for f in result.findings} <= {"vehicles_total", "second_reading"}  # a blank total; doubtful pages elsewhere
    assert (result.status, result.absent, result.families) == ("accepted", (), ("cn-budget",))


@pytest.mark.parametrize("name", REAL)
def test_the_other_tables_of_a_real_budget_stay_recovered_tables(name: str, shared_data: Path) -> None:
    result = read_budget(shared_data / "real" / "budget" / name)
    assert result.reading is not None
    tables = [b for b in result.reading.blocks if isinstance(b, Table)]
    assert len(tables) >= 9  # nine are statutory
    page, _ = REAL[name]
    here = [t for t in tables if page in t.pages]
    assert [(t.n_columns, t.n_rows) for t in here] == [(7, 4)]
