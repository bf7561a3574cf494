"""Figures of the text: which are taken, which are left alone, and what they say of the tables."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from time import perf_counter

import pytest

from pipeline.canon.schema import load_schemas
from pipeline.check.narrative import NarrativeCheck, check_narrative
from pipeline.check.narrative_schema import SCHEMA_FOLDER, load_figures, narrative_figures
from pipeline.domain import Block, DocumentFacts, LaneMatch, Matrix, MatrixCell, Number, Origin, State, TextBlock
from pipeline.errors import ConfigError
from pipeline.run.document import process
from tests.narrative_sentences import NONE, OTHERS, PLAIN, TRAPS, WEB

FAMILY = "cn-gov-disclosure"
FACTS = DocumentFacts("泽州县人民政府", 2024)


def cell(value: Number | None) -> MatrixCell:
    """A printed cell, or a blank one."""
    state = State.BLANK if value is None else State.PRINTED
    return MatrixCell(value, "" if value is None else str(value), state, 0.99, False, Origin.TEXT_LAYER)


def matrices(values: Mapping[tuple[str, str, str], Number | None] | None = None) -> list[Matrix]:
    """All tables of the 2021 format, 0 but for some cells."""
    found = []
    schema = next(s for s in load_schemas() if s.family == FAMILY)
    for table in schema.table_ids:
        if table == "art20_9":
            continue
        form = schema.variants_of(table)[-1]
        rows = tuple(tuple(cell((values or {}).get((table, r.key, c.key), 0)) for c in form.columns) for r in form.rows)
        lanes = [tuple(LaneMatch(k.key, k.label, 1.0, 1.0, True) for k in side) for side in (form.rows, form.columns)]
        found.append(Matrix(table, FAMILY, form.variant, None, lanes[0], lanes[1], rows, 1.0, 1.0))
    return found


def check(text: str | list[Block], values: Mapping[tuple[str, str, str], Number | None] | None = None) -> NarrativeCheck:
    """Checks a text against the tables."""
    blocks = [TextBlock(text)] if isinstance(text, str) else text
    return check_narrative(blocks, matrices(values), FACTS)


def stated(text: str) -> dict[str, Number]:
    """The figures of a text by name."""
    return {f.figure: f.value for f in check(text).figures}


@pytest.mark.parametrize(("sentence", "expected"), [*PLAIN, *NONE], ids=lambda v: v[:40] if isinstance(v, str) else "")
def test_what_is_read_from_a_sentence(sentence: str, expected: dict[str, float]) -> None:
    assert stated(sentence) == expected


@pytest.mark.parametrize(("issuer", "sentence", "expected"), [*OTHERS, *WEB])
def test_a_report_speaks_of_its_issuer(issuer: str, sentence: str, expected: dict[str, float]) -> None:
    found = check_narrative([TextBlock(sentence)], matrices(), DocumentFacts(issuer, 2024)).figures
    assert {f.figure: f.value for f in found} == expected


@pytest.mark.parametrize("sentence", TRAPS)
def test_what_is_ambiguous_is_no_figure(sentence: str) -> None:
    assert stated(sentence) == {}


@pytest.mark.parametrize("sentence", [s for s, _ in PLAIN])
def test_a_figure_is_found_in_running_text(sentence: str) -> None:
    around = f"全县政务公开工作扎实推进，成效明显。{sentence}下一步，继续抓好落实。"
    assert stated(around) == stated(sentence)


NEW = ("requests", "new", "total")
REVIEWED = ("litigation", "reconsideration", "total")


def test_what_agrees_is_vouched_for() -> None:
    found = check("全年新收政府信息公开申请35件；因政府信息公开被申请行政复议6件。", {NEW: 35, REVIEWED: 6})
    assert found.vouched == {NEW, REVIEWED}
    assert not found.findings and not found.contradicted


def test_what_disagrees_is_a_note() -> None:
    found = check("全年新收政府信息公开申请35件。", {NEW: 36})
    (finding,) = found.findings
    assert (finding.rule, finding.kind, finding.severity) == ("narrative", "undecided", "note")
    assert (finding.left, finding.right) == (35, 36)
    assert [(c.table, c.row, c.column) for c in finding.cells] == [NEW]
    assert "新收政府信息公开申请35件" in finding.message
    assert found.contradicted == {NEW} and not found.vouched


def test_a_zero_vouches_for_nothing() -> None:
    for sentence in ("全年收到政府信息公开申请0件。", "全年未收到政府信息公开申请。"):
        assert not check(sentence).vouched
        assert not check(sentence).findings
        assert [(f.left, f.right) for f in check(sentence, {NEW: 3}).findings] == [(0, 3)]


def test_a_sum_vouches_for_no_cell() -> None:
    text = "收到政府信息公开申请20件，不予公开5件。"
    five = {NEW: 20, ("requests", "denied_1", "total"): 2, ("requests", "denied_6", "total"): 3}
    assert check(text, five).vouched == {NEW}
    assert not check(text, five).findings
    (finding,) = check(text, {NEW: 20, ("requests", "denied_1", "total"): 4}).findings
    assert (finding.left, finding.right, len(finding.cells)) == (5, 4, 8)


def test_a_number_that_may_mean_another_sum_is_no_contradiction() -> None:
    both = {NEW: 43, ("requests", "carried_in", "total"): 2}
    found = check("全年收到政府信息公开申请45件。", both)
    assert not found.findings and not found.vouched


def test_a_blank_cell_is_not_compared() -> None:
    found = check("全年新收政府信息公开申请35件。", {NEW: None})
    assert [f.value for f in found.figures] == [35]
    assert not found.findings and not found.vouched


def test_two_numbers_for_one_cell_say_nothing() -> None:
    text = "全年收到政府信息公开申请35件。\n本年度收到政府信息公开申请36件。"
    for value in (35, 36, 40):
        found = check(text, {NEW: value})
        assert not found.findings and not found.vouched


def test_the_same_number_twice_is_one_finding() -> None:
    text = "全年收到政府信息公开申请35件。\n本年度收到政府信息公开申请35件。"
    assert len(check(text, {NEW: 36}).findings) == 1
    assert check(text, {NEW: 35}).vouched == {NEW}


def test_an_amount_rounded_in_the_text_says_nothing() -> None:
    fees = ("art20_8", "fees", "amount_10k_yuan")
    assert check("全年收取行政事业性收费6360.31万元。", {fees: 6360.31}).vouched == {fees}
    for text in ("全年收取行政事业性收费6360.3万元。", "全年收取行政事业性收费6360万元。"):
        assert not check(text, {fees: 6360.31}).findings
        assert not check(text, {fees: 6360.31}).vouched
    assert check("全年收取行政事业性收费6361.31万元。", {fees: 6360.31}).findings


def test_a_column_that_the_variant_lacks_is_not_compared() -> None:
    old = [m for m in matrices() if m.table != "art20_1"]
    found = check_narrative([TextBlock("全年制发规范性文件2件，收到依申请公开3件。")], old, FACTS)
    assert [f.figure for f in found.figures] == ["new"]


def lines(*texts: str) -> list[Block]:
    """Lines of a text scrape."""
    blocks: list[Block] = []
    start = 0
    for text in texts:
        blocks.append(TextBlock(text, "line", char_span=(start, start + len(text))))
        start += len(text) + 1
    return blocks


def test_the_place_of_a_figure_in_a_scrape() -> None:
    texts = ("一、总体情况", "", "　　2024 年，全县共收到政府信息公开申", "请 45 件，均已办结。")
    whole = "\n".join(texts)
    (figure,) = check(lines(*texts), {NEW: 45}).figures
    assert figure.block == 2 and figure.char_span is not None
    start, end = figure.char_span
    assert whole[start:end] == "收到政府信息公开申\n请 45 件"
    assert lines(*texts)[2].text[figure.start :].startswith("收到")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "texts",
    [
        ("2024 年，全县共收到政府信息公开申请 4", "5 件，均已办结。"),
        ("2024 年，全县共收到政府信息公开申请 4 5 件，均已办结。",),
        ("2024 年，全县共收到政府信息公开申请", "", "45 件，均已办结。"),
        ("收到申请", "45件"),
        ("2024 年，全县共收到政府信息公开申请", "（二）45 件，均已办结。"),
    ],
)
def test_a_figure_in_broken_lines_is_none(texts: tuple[str, ...]) -> None:
    assert not check(lines(*texts), {NEW: 45}).figures


def test_running_heads_do_not_part_a_sentence() -> None:
    blocks: list[Block] = [
        TextBlock("2024年，全县共收到政府信息公开", page_no=1),
        TextBlock("- 1 -", "chrome", page_no=1),
        TextBlock("申请45件。", page_no=2),
    ]
    (figure,) = check(blocks, {NEW: 45}).figures
    assert (figure.value, figure.page_no, figure.block) == (45, 1, 0)


def test_lines_of_a_table_are_no_text() -> None:
    texts = ("规章", "2", "全年制发规范性文件5件。", "3", "全年收到政府信息公开申请45件。")
    blocks = lines(*texts)
    placed = [
        MatrixCell(int(t), t, State.PRINTED, 0.9, False, Origin.SCRAPE, char_span=b.char_span)  # type: ignore[union-attr]
        for t, b in zip(texts, blocks, strict=True)
        if t.isdigit()
    ]
    lane = LaneMatch("rules", None, 1.0, 1.0, True)
    spread = Matrix("art20_1", FAMILY, "2021", None, (lane,), (lane, lane), (tuple(placed),), 1.0, 1.0)
    tables = [*(m for m in matrices() if m.table != "art20_1"), spread]
    assert [f.figure for f in check_narrative(blocks, tables, FACTS).figures] == ["new"]


def test_without_a_year_figures_of_a_named_year_are_left_alone() -> None:
    facts = DocumentFacts("泽州县人民政府", None)
    for text, expected in (("2024年收到依申请公开3件。", []), ("全年收到依申请公开3件。", ["new"])):
        assert [f.figure for f in check_narrative([TextBlock(text)], matrices(), facts).figures] == expected


def test_no_matrix_no_figure() -> None:
    assert check_narrative([TextBlock("全年收到政府信息公开申请35件。")], [], FACTS) == NarrativeCheck()


def test_every_cell_that_a_figure_names_is_in_a_schema() -> None:
    schemas = {s.family: s for s in load_schemas()}
    for family, rules in narrative_figures().items():
        for rule in rules:
            for table, row, column in (*rule.cells, *(a for one in rule.also for a in one)):
                forms = schemas[family].variants_of(table)
                assert any(
                    any(fnmatchcase(r.key, row) for r in f.rows) and column in [c.key for c in f.columns] for f in forms
                ), (rule.name, table, row, column)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("  lead:\n", "  leads:\n"), "unknown key"),
        (("cells: [requests.new.total]", "cells: [requests.new]"), "no table.row.column"),
        (("'<request>'", "'<requests>'"), "no word is called"),
        (("'未收到过?|", "'(未收到过?|"), "narrative"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    text = (SCHEMA_FOLDER / "cn-gov-disclosure.yaml").read_text(encoding="utf8")
    assert change[0] in text
    path = tmp_path / "wrong.yaml"
    path.write_text(text.replace(*change), encoding="utf8")
    with pytest.raises(ConfigError, match=message):
        load_figures(path)


@pytest.mark.parametrize(
    "text",
    [
        "共" * 200_000,
        "1" * 200_000,
        "收到" * 100_000,
        "因政府信息公开" * 30_000,
        "未" * 200_000,
        "一百" * 100_000,
        "2024年" * 40_000,
    ],
)
def test_no_text_makes_it_slow(text: str) -> None:
    start = perf_counter()
    check(text)
    assert perf_counter() - start < 5


@pytest.mark.parametrize("name", ["zezhou-2024", "rangdong-2024", "baimianxia-2025", "nanzhao-2020", "tianshan-2024"])
def test_the_reports_agree_with_themselves(name: str) -> None:
    path = Path(__file__).parent.parent / "fixtures" / "reports" / f"{name}.txt"
    result = process(path, path.name)
    assert result.reading is not None
    found = check_narrative(result.reading.blocks, result.matrices, result.facts)
    assert not found.findings and not found.contradicted
    if name == "zezhou-2024":
        assert {(r, c) for _, r, c in found.vouched} == {
            ("new", "total"),
            ("reconsideration", "total"),
            ("direct_suit", "total"),
            ("suit_after_reconsideration", "total"),
            ("normative_documents", "issued"),
            ("normative_documents", "in_force"),
        }


def test_a_real_report_agrees_with_itself(shared_data: Path) -> None:
    path = shared_data / "real" / "hongze-2023.pdf"
    result = process(path, path.name)
    assert result.reading is not None
    found = check_narrative(result.reading.blocks, result.matrices, result.facts)
    assert found.vouched == {NEW}
    (figure,) = found.figures
    assert (figure.page_no, figure.value) == (1, 21)
