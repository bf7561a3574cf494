"""Reports of one issuer over the years: who is linked, what is compared, and what comes out."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from pipeline.canon.schema import load_schemas
from pipeline.check.issuers import issuer_key
from pipeline.check.years import YearCell, YearMatrix, YearReport, compare_years
from pipeline.check.years_schema import load_year_rules, year_rules
from pipeline.domain import Number
from pipeline.errors import ConfigError
from pipeline.run.across import across_content, report_of, write_across
from pipeline.run.document import process
from pipeline.store.files import write_result

FAMILY = "cn-gov-disclosure"
COLUMNS = ("natural_person", "total")


def report(
    year: int | None,
    carried: tuple[Number | None, Number | None] = (0, 0),
    documents: tuple[Number | None, Number | None, Number | None] = (0, 0, 0),
    issuer: str | None = "泽州县人民政府",
    region: str | None = None,
    name: str | None = None,
    sure: bool = True,
) -> YearReport:
    """A report with `carried` in and out, and `documents` issued, repealed and in force."""
    requests = tuple(tuple(YearCell(v, sure) for _ in COLUMNS) for v in carried)
    art20 = (tuple(YearCell(v, sure) for v in documents),)
    return YearReport(
        name or f"{issuer}-{year}",
        issuer,
        region,
        year,
        (
            YearMatrix(FAMILY, "art20_1", ("normative_documents",), ("issued", "repealed", "in_force"), art20),
            YearMatrix(FAMILY, "requests", ("carried_in", "carried_out"), COLUMNS, requests),
        ),
    )


@pytest.mark.parametrize(
    "issuer",
    [
        "泽州县人民政府", "泽州县教育局", "南召县城关镇人民政府", "邓州市穰东镇", "邓州市政府办公室", "沛县人民政府",
        "哈密市伊州区天山乡人民政府", "上海市人民政府办公厅", "上海市普陀区人民政府万里街道办事处", "洪泽区人民政府",
        "浦东新区人民政府", "云南省教育厅", "达斡尔族自治旗", "恩施土家族苗族自治州人民政府", "鄂托克旗人民政府",
        "邓州市市场监督管理局",
    ],
)  # fmt: skip
def test_a_name_with_its_county_identifies_a_body(issuer: str) -> None:
    assert issuer_key(issuer, None) is not None


@pytest.mark.parametrize(
    "issuer",
    [
        None, "", "城关镇", "城关镇人民政府", "白勉峡镇人民政府", "万里街道办事处", "教育局", "市教育局", "县教育局",
        "区教育局", "市政府办公室", "我县", "本市", "市场监督管理局", "城市管理局", "城市管理综合执法局", "住建和城市管理局",
        "农贸市场管理中心", "朝阳区人民政府", "鼓楼区人民政府", "城区人民政府", "朝阳社区居委会", "高新区管委会",
        "经济开发区管委会", "新区管委会", "天山乡人民政府", "县人民政府", "人民政府", "市中区人民政府", "市政工程管理处",
    ],
)  # fmt: skip
def test_a_name_without_its_county_does_not(issuer: str | None) -> None:
    assert issuer_key(issuer, None) is None


def test_the_manifest_identifies_a_bare_name() -> None:
    assert issuer_key("城关镇人民政府", "411321") == issuer_key("城关镇政府", "411321") != issuer_key("城关镇", "411322")
    assert issuer_key(None, "411321") is None
    assert issuer_key("泽州县人民政府", None) == issuer_key("泽州县政府", None) == issuer_key(" 泽州县 ", None)
    assert issuer_key("泽州县人民政府办公室", None) != issuer_key("泽州县人民政府", None)


def test_what_was_carried_over() -> None:
    good = [report(2022, (1, 5)), report(2023, (5, 0))]
    assert compare_years(good) == ()
    found = compare_years([report(2022, (1, 5)), report(2023, (3, 0))])
    assert [(f.rule, f.kind, f.severity, f.left, f.right) for f in found] == [("carried_over", "source", "error", 5, 3)] * 2
    assert {(c.document, c.row, c.column) for c in found[0].cells} == {
        ("泽州县人民政府-2022", "carried_out", "natural_person"),
        ("泽州县人民政府-2023", "carried_in", "natural_person"),
    }
    assert "2022" in found[0].message and "2023" in found[0].message


def test_a_doubtful_cell_leaves_it_undecided() -> None:
    found = compare_years([report(2022, (1, 5), sure=False), report(2023, (3, 0))])
    assert {f.kind for f in found} == {"undecided"}


def of_pixels(confidence: float, *, review: bool = False, origin: str = "ocr") -> list[str]:
    """Kinds of what two reports say of one another, one of whose cells was read with this probability."""
    found = []
    for year, value in ((2022, 5), (2023, 3)):
        cell = {"value": value, "confidence": 0.9999, "review": False, "origin": origin}
        last = cell | {"confidence": confidence, "review": review} if year == 2023 else cell
        matrix = {"schema": FAMILY, "table": "requests", "rows": ["carried_in", "carried_out"], "columns": ["total"],
                  "cells": [[last], [last]]}  # fmt: skip
        document = {"id": f"d{year}", "issuer": "泽州县人民政府", "year": year}
        found.append(report_of({"document": document, "matrices": [matrix]}))
    return [finding["kind"] for finding in across_content(found)["findings"]]


@pytest.mark.parametrize(
    "confidence, review, kind",
    [(0.9999, False, "source"), (0.9952, False, "source"), (0.994, False, "undecided"), (0.9999, True, "undecided")],
)
def test_a_cell_of_a_scan_is_as_sure_as_its_probability(confidence: float, review: bool, kind: str) -> None:
    assert of_pixels(confidence, review=review) == [kind]


def test_cells_that_are_sure_one_by_one_may_not_be_so_together() -> None:
    def report(year: int, value: int) -> YearReport:
        matrix = YearMatrix(FAMILY, "requests", ("carried_in", "carried_out"), ("total",), ((YearCell(value, True, 0.996),),) * 2)
        return YearReport(str(year), "泽州县人民政府", None, year, (matrix,))

    assert [f.kind for f in compare_years([report(2022, 5), report(2023, 3)])] == ["undecided"]
    assert [f.kind for f in compare_years([report(2022, 5), report(2023, 3)], least=0.99)] == ["source"]


def test_text_and_web_pages_are_sure_whatever_their_alignment_gives() -> None:
    assert of_pixels(0.97, origin="html") == ["source"]


def test_a_blank_says_nothing() -> None:
    assert compare_years([report(2022, (1, None)), report(2023, (3, 0))]) == ()
    assert compare_years([report(2022, (1, 5)), report(2023, (None, 0))]) == ()


def test_documents_in_force_are_a_note() -> None:
    assert compare_years([report(2022, documents=(1, 0, 20)), report(2023, documents=(3, 2, 21))]) == ()
    found = compare_years([report(2022, documents=(1, 0, 20)), report(2023, documents=(3, 2, 20))])
    assert [(f.rule, f.severity, f.left, f.right) for f in found] == [("in_force", "note", 20, 19)]


@pytest.mark.parametrize(
    "reports",
    [
        [report(2022, (0, 5)), report(2024, (3, 0))],
        [report(None, (0, 5)), report(2023, (3, 0))],
        [report(2022, (0, 5)), report(2023, (3, 0), issuer="云岭县人民政府")],
        [report(2022, (0, 5), issuer="城关镇人民政府"), report(2023, (3, 0), issuer="城关镇人民政府")],
        [report(2022, (0, 5), issuer=None), report(2023, (3, 0), issuer=None)],
        [report(2022, (0, 5), region="140525"), report(2023, (3, 0), region="140526")],
    ],
)
def test_what_is_not_linked(reports: list[YearReport]) -> None:
    assert compare_years(reports) == ()


def test_a_region_code_links() -> None:
    pair = [report(y, c, issuer="城关镇人民政府", region="411321") for y, c in ((2022, (0, 5)), (2023, (3, 0)))]
    assert len(compare_years(pair)) == 2


def test_two_reports_on_one_year_are_linked_with_nothing() -> None:
    reports = [report(2022, (0, 5)), report(2023, (3, 0)), report(2023, (5, 0), name="again"), report(2024, (9, 0))]
    found = compare_years(reports)
    assert [(f.rule, f.severity, f.cells) for f in found] == [("same_year", "note", ())]
    assert "again" in found[0].message


def test_order_of_the_documents_does_not_matter() -> None:
    reports = [report(y, (y % 3, y % 4), (y % 2, 1, y % 5), issuer=i) for y in range(2019, 2025) for i in ("泽州县", "云岭县")]
    expected = across_content(reports)
    assert expected["findings"]
    for seed in range(5):
        shuffled = random.Random(seed).sample(reports, len(reports))
        assert across_content(shuffled) == expected


def test_the_rules_name_what_the_schema_has() -> None:
    schemas = {s.family: s for s in load_schemas()}
    for family, rules in year_rules().items():
        for rule in rules:
            forms = schemas[family].variants_of(rule.table)
            keys = {k.key for f in forms for k in (f.columns if rule.over == "rows" else f.rows)}
            assert {key for _, key in (*rule.last, *rule.this)} <= keys


def test_a_folder_of_results(tmp_path: Path) -> None:
    seed = Path(__file__).parent.parent / "fixtures" / "reports" / "zezhou-2024.txt"
    text = seed.read_text(encoding="utf8")
    out = tmp_path / "out"
    for year in (2024, 2025):
        path = tmp_path / f"zezhou-{year}.txt"
        path.write_text(text if year == 2024 else text.replace("2025", "2026").replace("2024", "2025"), encoding="utf8")
        result = process(path, path.name)
        assert result.facts.year == year
        write_result(out, result)
    before = {p: p.read_bytes() for p in out.rglob("matrices.json")}
    content = json.loads(write_across(out).read_text(encoding="utf8"))
    # 18 in force, and 2 issued and 2 repealed: that holds in the year after too.
    assert content == {"findings": []}
    assert {p: p.read_bytes() for p in out.rglob("matrices.json")} == before
    (folder,) = [p.parent for p in before if "2025" in p.parent.name]
    stored = json.loads((folder / "matrices.json").read_text(encoding="utf8"))
    requests = next(m for m in stored["matrices"] if m["table"] == "requests")
    requests["cells"][requests["rows"].index("carried_in")][0]["value"] = 4
    (folder / "matrices.json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf8")
    (found,) = json.loads(write_across(out).read_text(encoding="utf8"))["findings"]
    assert (found["rule"], found["left"], found["right"]) == ("carried_over", 0, 4)
    assert [c["row"] for c in found["cells"]] == ["carried_out", "carried_in"]
    (folder / "matrices.json").write_text("{", encoding="utf8")
    assert json.loads(write_across(out).read_text(encoding="utf8")) == {"findings": []}


def test_a_folder_without_results(tmp_path: Path) -> None:
    assert json.loads(write_across(tmp_path).read_text(encoding="utf8")) == {"findings": []}


def test_a_document_without_tables_is_no_second_report() -> None:
    letter = YearReport("letter", "泽州县人民政府", None, 2023, ())
    assert len(compare_years([report(2022, (0, 5)), report(2023, (3, 0)), letter])) == 2


@pytest.mark.parametrize(
    "wrong",
    ["{rule: a, table: t, over: cells, last: [x], this: [y]}", "{rule: a, table: t, over: rows, this: [y]}", "{rules: a}", "a"],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"family: f\nyears:\n  - {wrong}\n", encoding="utf8")
    with pytest.raises(ConfigError, match="years"):
        load_year_rules(path)
