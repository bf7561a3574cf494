"""Schema files: what the bundled ones say, what a wrong one is told, and that the documents are true."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.canon.schema import SCHEMA_FOLDER, Schema, load_schema, load_schemas
from pipeline.config import Config, load_config
from pipeline.errors import EXIT_CONFIG, ConfigError
from pipeline.intake.text import read_text
from pipeline.run.document import finish, process

ROOT = Path(__file__).resolve().parents[1]

# --- the identifiers of the reports: others compute with them, so they never change ---

DENIED = [f"denied_{i}" for i in range(1, 9)]
UNABLE = [f"unable_{i}" for i in range(1, 4)]
NOT_PROCESSED = [f"not_processed_{i}" for i in range(1, 6)]
RESULTS = ["granted", "partly_granted", *DENIED, *UNABLE, *NOT_PROCESSED]
APPLICANTS = ["natural_person", "business", "research", "welfare", "legal_service", "other", "total"]
CHANGES = ["previous_year_items", "change", "decisions"]

IDENTIFIERS: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    ("art20_1", "2019"): (["rules", "normative_documents"], ["newly_made", "newly_disclosed", "total_disclosed"]),
    ("art20_1", "2021"): (["rules", "normative_documents"], ["issued", "repealed", "in_force"]),
    ("art20_5", "2019"): (["permits", "other_services"], CHANGES),
    ("art20_5", "2021"): (["permits"], ["decisions"]),
    ("art20_6", "2019"): (["penalties", "coercive_measures"], CHANGES),
    ("art20_6", "2021"): (["penalties", "coercive_measures"], ["decisions"]),
    ("art20_8", "2019"): (["fees"], ["previous_year_items", "change"]),
    ("art20_8", "2021"): (["fees"], ["amount_10k_yuan"]),
    ("art20_9", "2019"): (["central_procurement"], ["items", "amount"]),
    ("requests", "2019"): (["new", "carried_in", *RESULTS, "other", "total_results", "carried_out"], APPLICANTS),
    ("requests", "2021"): (
        ["new", "carried_in", *RESULTS, "other_1", "other_2", "other_3", "total_results", "carried_out"],
        APPLICANTS,
    ),
    ("litigation", "2019"): (
        ["reconsideration", "direct_suit", "suit_after_reconsideration"],
        ["upheld", "corrected", "other", "pending", "total"],
    ),
}


def family(name: str) -> Schema:
    return next(s for s in load_schemas() if s.family == name)


def test_identifiers_of_the_disclosure_reports() -> None:
    tables = family("cn-gov-disclosure").tables
    assert {(t.table, t.variant): ([r.key for r in t.rows], [c.key for c in t.columns]) for t in tables} == IDENTIFIERS
    assert list(dict.fromkeys(t.table for t in tables)) == list(dict.fromkeys(t for t, _ in IDENTIFIERS))
    assert {t.group for t in tables if t.table.startswith("art20_")} == {"art20"}


def test_formats_have_the_official_number_of_rows() -> None:
    assert {v: len(rows) for (t, v), (rows, _) in IDENTIFIERS.items() if t == "requests"} == {"2019": 23, "2021": 25}


@pytest.mark.parametrize("variant", ["2019", "2021"])
def test_equations_of_the_requests(variant: str) -> None:
    table = next(t for t in family("cn-gov-disclosure").tables if (t.table, t.variant) == ("requests", variant))
    others = ["other"] if variant == "2019" else ["other_1", "other_2", "other_3"]
    assert {e.rule: (e.over, e.left, e.right, e.totals) for e in table.equations} == {
        "row_total": ("rows", tuple(APPLICANTS[:-1]), ("total",), ("total",)),
        "column_balance": ("columns", ("new", "carried_in"), ("total_results", "carried_out"), ("new", "total_results")),
        "result_sum": ("columns", (*RESULTS, *others), ("total_results",), ("total_results",)),
    }


def test_equation_of_the_litigation_table() -> None:
    (table,) = family("cn-gov-disclosure").variants_of("litigation")
    assert table.layout == "one_row"
    assert [(e.rule, e.over, e.left, e.right, e.blank_details) for e in table.equations] == [
        ("litigation_total", "rows", ("upheld", "corrected", "other", "pending"), ("total",), "stop")
    ]


def test_no_equation_vouches_for_article_20() -> None:
    assert all(not t.equations for t in family("cn-gov-disclosure").tables if t.group == "art20")


def test_signed_and_decimal_columns() -> None:
    kinds = {c.key: c.kind for t in family("cn-gov-disclosure").tables for c in t.columns}
    assert {k for k, kind in kinds.items() if kind == "signed"} == {"change"}
    assert {k for k, kind in kinds.items() if kind == "decimal"} == {"amount_10k_yuan", "amount"}


def test_a_lane_has_one_meaning_in_all_variants_of_a_family() -> None:
    for schema in load_schemas():
        for table in schema.table_ids:
            kinds: dict[str, str] = {}
            for variant in schema.variants_of(table):
                for column in variant.columns:
                    assert kinds.setdefault(column.key, column.kind) == column.kind


def test_every_bundled_file_is_a_family_of_its_own() -> None:
    schemas = load_schemas()
    assert len({s.family for s in schemas}) == len(schemas) == len(list(SCHEMA_FOLDER.glob("*.yaml")))
    assert all(s.signs and s.title for s in schemas)


# --- what a wrong file is told ---

GOOD = """
family: toy
tables:
  - id: toys
    rows: [{id: cars, label: 车}, {id: dolls, label: 娃娃}]
    columns: [{id: red, label: 红}, {id: blue, label: 蓝}, {id: total, label: 合计}]
    equations:
      - {rule: row_total, over: rows, left: [red, blue], right: [total]}
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "toy.yaml"
    path.write_text(text, encoding="utf8")
    return path


def test_the_toy_is_right(tmp_path: Path) -> None:
    schema = load_schema(write(tmp_path, GOOD))
    (table,) = schema.tables
    assert (schema.title, schema.signs, schema.optional) == ("toy", (), frozenset())
    assert (table.group, table.title, table.variant, table.layout) == ("toys", "toys", "", "grid")
    assert table.equations[0].totals == ("total",)


# what is replaced, by what, and what the message must hold
WRONG = {
    "no YAML": ("family: toy", "family: [", ["toy.yaml"]),
    "no family": ("family: toy", "title: toy", ["toy.yaml", "family"]),
    "no tables": (GOOD[GOOD.index("tables:") :], "", ["toy.yaml", "tables"]),
    "empty tables": (GOOD[GOOD.index("tables:") :], "tables: []", ["toy.yaml", "tables"]),
    "no rows": ("rows: [{id: cars, label: 车}, {id: dolls, label: 娃娃}]", "title: 玩具", ["toys", "rows"]),
    "no columns": ("    columns: ", "    corner: ", ["toys", "columns"]),
    "lane without id": ("{id: blue, label: 蓝}", "{label: 蓝}", ["toys", "id"]),
    "unknown key of a lane": ("{id: blue, label: 蓝}", "{id: blue, lable: 蓝}", ["toys", "lable"]),
    "unknown kind": ("{id: blue, label: 蓝}", "{id: blue, label: 蓝, kind: float}", ["toys", "blue", "float", "decimal"]),
    "unknown layout": ("    rows:", "    layout: sheet\n    rows:", ["toys", "sheet", "one_row"]),
    "equation without rule": ("rule: row_total, ", "", ["toys", "rule"]),
    "equation without over": ("over: rows, ", "", ["toys", "over"]),
    "equation without left": ("left: [red, blue], ", "", ["toys", "left"]),
    "equation without right": (", right: [total]", "", ["toys", "right"]),
    "equation over what": ("over: rows", "over: cells", ["toys", "row_total"]),
    "equation of nothing": ("left: [red, blue]", "left: []", ["toys", "row_total"]),
    "equation of rows over rows": ("left: [red, blue]", "left: [cars]", ["toys", "row_total"]),
    "unknown blank_details": ("right: [total]}", "right: [total], blank_details: skip}", ["toys", "row_total", "skip", "some"]),
    "unknown key of the file": ("family: toy", "family: toy\nsign: [玩具]", ["sign"]),
    "unknown key of a table": ("    rows:", "    heading: [玩具]\n    rows:", ["toys", "heading"]),
    "unknown key of an equation": ("over: rows", "over: rows, total: [total]", ["toys", "equations", "total"]),
    "table without id": ("  - id: toys", "  - title: toys", ["tables", "id"]),
    "identifier that YAML reads as no": ("id: dolls", "id: no", ["toys", "rows", "False"]),
    "identifier in Chinese": ("id: dolls", "id: 娃娃", ["toys", "rows", "娃娃"]),
    "two rows of one id": ("id: dolls", "id: cars", ["toys", "rows", "cars"]),
    "empty rows": ("rows: [{id: cars, label: 车}, {id: dolls, label: 娃娃}]", "rows: []", ["toys", "rows"]),
    "a row that is a text": ("{id: cars, label: 车}", "cars", ["toys", "rows", "cars"]),
    "signs that are one text": ("family: toy", "family: toy\nsigns: 玩具", ["signs", "list"]),
    "aliases that are one text": ("label: 红", "label: 红, aliases: 红色", ["toys", "red", "aliases"]),
    "side that is one text": ("right: [total]", "right: total", ["toys", "row_total", "right"]),
    "side that names what is not there": ("[red, blue]", "[red, bleu]", ["toys", "row_total", "bleu"]),
    "totals that name what is not there": ("right: [total]}", "right: [total], totals: [sum]}", ["row_total", "totals", "sum"]),
    "variants in a list": ("    rows:", "    variants: [old, new]\n    rows:", ["toys", "variants"]),
    "unknown key of a variant": ("    rows:", '    variants: {"2019": {row: []}}\n    rows:', ["toys", "2019", "row"]),
    "tables that are a mapping": ("  - id: toys", "    id: toys", ["tables", "list"]),
}


@pytest.mark.parametrize(("old", "new", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_told_the_place(old: str, new: str, words: list[str], tmp_path: Path) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(ConfigError) as caught:
        load_schema(write(tmp_path, GOOD.replace(old, new)))
    assert caught.value.exit_code == EXIT_CONFIG
    assert "docs/schemas.md" in caught.value.advice
    assert [w for w in ("toy.yaml", *words) if w not in caught.value.message] == []


@pytest.mark.parametrize("data", [b"", b"- a\n- b\n", b"text", b"\xff\xfe\xfa", b"family: \x00"])
def test_a_file_that_is_no_mapping(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "toy.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"toy\.yaml"):
        load_schema(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"toy\.yaml"):
        load_schema(tmp_path / "toy.yaml")


def test_two_tables_of_one_id(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"toy\.yaml.*'toys'"):
        load_schema(write(tmp_path, GOOD + GOOD[GOOD.index("  - id: toys") :]))


def test_a_pattern_may_match_nothing(tmp_path: Path) -> None:
    (table,) = load_schema(write(tmp_path, GOOD.replace("[red, blue]", '["re*", "other*", blue]'))).tables
    assert table.equations[0].left == ("red", "blue")


# --- docs/schemas.md ---

SCHEMAS_MD = (ROOT / "docs" / "schemas.md").read_text(encoding="utf8")
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```$", SCHEMAS_MD, re.MULTILINE | re.DOTALL)


def load_snippet(text: str, tmp_path: Path) -> Schema:
    """Loads a whole file, or a list of tables."""
    if not text.startswith("family:"):
        text = "family: example\ntables:\n" + text
    return load_schema(write(tmp_path, text))


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: re.search(r"(?:family|id): ([\w-]+)", s)[1])  # type: ignore[index]
def test_a_snippet_of_the_docs_is_a_schema(snippet: str, tmp_path: Path) -> None:
    schema = load_snippet(snippet, tmp_path)
    assert all(t.rows and t.columns for t in schema.tables)


def keys_of(data: Any) -> set[str]:
    """All keys of nested mappings, names of variants apart."""
    if isinstance(data, list):
        return {k for item in data for k in keys_of(item)}
    if not isinstance(data, dict):
        return set()
    return {k for key, value in data.items() for k in ({key} | keys_of(list(value.values()) if key == "variants" else value))}


def test_the_docs_explain_and_show_every_key() -> None:
    bundled = {k for path in SCHEMA_FOLDER.glob("*.yaml") for k in keys_of(yaml.safe_load(path.read_text(encoding="utf8")))}
    shown = {k for text in SNIPPETS for k in keys_of(yaml.safe_load(text))}
    explained = {
        k for line in SCHEMAS_MD.splitlines() if line.startswith("| `") for k in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert bundled <= explained
    assert shown == explained


def test_the_worked_example_reads_its_document(tmp_path: Path) -> None:
    schema = load_snippet(SNIPPETS[0], tmp_path)
    path = ROOT / "fixtures" / "budget" / "pipes.txt"
    reading = process(path, path.name).reading
    assert reading is not None
    printed = re.search(r"^```\n(.*?)^```$", SCHEMAS_MD, re.MULTILINE | re.DOTALL)
    assert printed and printed[1] in path.read_text(encoding="utf8")
    for text in (path.read_text(encoding="utf8"), printed[1]):
        result = finish(reading.source, read_text(reading.source, text, Config()), schemas=[schema])
        (matrix,) = result.matrices
        assert [c.value for c in matrix.cells[0]] == [61.37, 24.5, 3.87, 33, 18.2, 14.8, 1208.46]
        assert (matrix.unit, result.status) == ("万元", "accepted")


def test_the_worked_example_is_the_bundled_file_without_its_second_variant(tmp_path: Path) -> None:
    (shown,) = load_snippet(SNIPPETS[0], tmp_path).tables
    bundled = next(t for t in family("cn-budget").tables if t.variant == "shanghai")
    assert [(c.key, c.label, c.under, c.kind) for c in shown.columns] == [
        (c.key, c.label, c.under, c.kind) for c in bundled.columns
    ]
    assert shown.equations == bundled.equations


# --- docs/configuration.md ---

CONFIGURATION_MD = (ROOT / "docs" / "configuration.md").read_text(encoding="utf8")
Row = tuple[str, str, str, str, str]  # field, default, unit, meaning, variable


def documented() -> dict[str, dict[str, Row]]:
    """The rows of each section of docs/configuration.md by field."""
    found: dict[str, dict[str, Row]] = {}
    for part in re.split(r"^## ", CONFIGURATION_MD, flags=re.MULTILINE)[1:]:
        rows = [[c.strip() for c in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("| `")]
        assert all(len(r) == 5 and all(r) for r in rows)
        found[part.splitlines()[0]] = {r[0].strip("`"): (r[0], r[1], r[2], r[3], r[4]) for r in rows}
    return found


def test_the_docs_list_exactly_the_fields_that_exist() -> None:
    sections = {f.name: getattr(Config(), f.name) for f in fields(Config)}
    assert {s: list(rows) for s, rows in documented().items()} == {s: [f.name for f in fields(v)] for s, v in sections.items()}
    for name, section in sections.items():
        for key, (_, default, _, _, variable) in documented()[name].items():
            value = getattr(section, key)
            assert default == ("(none)" if value == "" else str(value).lower() if isinstance(value, bool) else str(value))
            assert variable == f"`GOUJI_{name}_{key}`".upper()


def test_the_variables_of_the_docs_are_read() -> None:
    for name, rows in documented().items():
        for key, (_, default, _, _, variable) in rows.items():
            value = {"true": "false"}.get(default, "7")
            section = getattr(load_config(environ={variable.strip("`"): value}), name)
            plain = getattr(Config(), name)
            expected = "7" if isinstance(getattr(plain, key), str) else 7
            assert getattr(section, key) == (False if value == "false" else expected)


def test_the_docs_say_which_fields_have_no_effect() -> None:
    sources = [p for p in (ROOT / "pipeline").rglob("*.py") if p.name != "config.py"]
    code = "\n".join(p.read_text(encoding="utf8") for p in sources)
    for rows in documented().values():
        for key, row in rows.items():
            assert ("no effect" in row[3]) == (re.search(rf"\.{key}\b", code) is None), key


def test_the_example_of_the_docs_is_a_configuration(tmp_path: Path) -> None:
    example = re.search(r"^```toml\n(.*?)^```$", CONFIGURATION_MD, re.MULTILINE | re.DOTALL)
    assert example
    path = tmp_path / "gouji.toml"
    path.write_text(example[1], encoding="utf8")
    config = load_config(path, {})
    assert (config.limits.file_bytes, config.pdf.junk_share) == (1073741824, 0.3)
