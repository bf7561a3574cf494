"""The three JSON files: what is in them, and that they come whole or not at all."""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sample_result import FORMULA, LONE, QUOTES, failed_result, pdf_result, text_result

from pipeline.domain import BBox, MatrixCell, Origin, State
from pipeline.errors import InputMissingError, OutputError
from pipeline.store import contract, files, jsontext
from pipeline.store.contract import result_to_matrices
from pipeline.store.contract_reading import text_to_state
from pipeline.store.files import clean_leftovers, document_id, read_results, write_result

ROOT = Path(__file__).resolve().parents[1]
SHA = "1f0c9a2b" + "0" * 56


def check_schema(value: Any, schema: dict[str, Any], root: dict[str, Any], where: str = "$") -> None:
    """A validator of just what `docs/contract.schema.json` uses."""
    known = {"$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "minItems", "maxItems"}
    known |= {"minimum", "maximum", "description", "$schema", "$id", "title", "$defs", "pattern", "anyOf"}
    assert set(schema) <= known, f"the test does not know {set(schema) - known}"
    if "$ref" in schema:
        return check_schema(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, where)
    if "anyOf" in schema:
        return check_any(value, schema["anyOf"], root, where)
    if "enum" in schema:
        assert value in schema["enum"], where
    types = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    if "type" in schema:
        allowed = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        fits = [
            (not isinstance(value, bool) and isinstance(value, int if name == "integer" else int | float))
            if name in ("number", "integer")
            else isinstance(value, types[name])
            for name in allowed
        ]
        assert any(fits), f"{where}: {value!r} is not {allowed}"
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value), where
        if schema.get("additionalProperties") is False:
            assert set(value) <= set(schema["properties"]), where
        for key, item in value.items():
            check_schema(item, schema.get("properties", {}).get(key, {}), root, f"{where}.{key}")
    if isinstance(value, list):
        assert schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf), where
        for number, item in enumerate(value):
            check_schema(item, schema.get("items", {}), root, f"{where}[{number}]")
    if isinstance(value, int | float) and not isinstance(value, bool):
        assert schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf), where


def check_any(value: Any, schemas: list[dict[str, Any]], root: dict[str, Any], where: str) -> None:
    failures = []
    for schema in schemas:
        try:
            return check_schema(value, schema, root, where)
        except AssertionError as error:
            failures.append(str(error))
    raise AssertionError(failures)


def test_every_rule_of_a_finding_is_told() -> None:
    code = "".join(path.read_text("utf8") for path in (ROOT / "pipeline").rglob("*.py"))
    rules = set(re.findall(r'Finding\(\s*"([a-z_]+)"|notes\.append\(\("([a-z_]+)"', code))
    told = (ROOT / "docs" / "contract.md").read_text("utf8")
    missing = {first or second for first, second in rules} - set(re.findall(r"`([a-z_]+)`", told))
    assert len(rules) > 10 and not missing


@pytest.mark.parametrize("result", [pdf_result(), text_result(), failed_result()], ids=["pdf", "text", "failed"])
def test_matrices_follow_the_schema(result: Any) -> None:
    schema = json.loads((ROOT / "docs" / "contract.schema.json").read_text(encoding="utf-8"))
    written = json.loads(jsontext.json_to_text(result_to_matrices(result)))
    check_schema(written, schema, schema)
    written["matrices"] = [{"table": "litigation"}]
    with pytest.raises(AssertionError):
        check_schema(written, schema, schema)


def test_matrices_as_the_contract_says() -> None:
    got = result_to_matrices(pdf_result())
    assert list(got) == ["document", "status", "failure", "page_results", "matrices", "findings", "absent", "unread"]
    assert got["document"]["id"] == "区 report~1f0c9a2b"
    assert got["document"]["source"] == "in/区 report.pdf"
    assert (got["document"]["kind"], got["document"]["pages"], got["document"]["year"]) == ("pdf", 2, 2024)
    matrix = got["matrices"][0]
    order = ["table", "schema", "variant", "unit", "rows", "row_labels", "columns", "column_labels", "cells", "alignment"]
    assert list(matrix) == order
    assert matrix["row_labels"][0] == FORMULA
    assert matrix["column_labels"] == ["结\n果", "", "", "", ""]
    assert matrix["cells"][0][1] == {
        "value": 2,
        "text": "2",
        "state": "printed",
        "confidence": 0.9998,
        "review": False,
        "origin": "text_layer",
        "page": 1,
        "bbox": [102.0, 310.5, 131.2, 322.0],
        "quad": None,
        "span": None,
        "reason": None,
    }
    assert [cell["state"] for cell in matrix["cells"][1]] == ["blank", "dash", "unreadable", "missing", "printed"]
    assert [cell["value"] for cell in matrix["cells"][1]] == [None, None, None, None, 7]
    assert matrix["alignment"]["rows"][1]["reason"] == "the label is cropped & <short>"
    assert matrix["alignment"]["columns"][1]["label"] is None
    assert got["findings"][1]["cells"] == [
        {"document": "区 report~1f0c9a2b", "table": "litigation", "row": "direct_suit", "column": "total"}
    ]
    assert (got["absent"], got["unread"]) == (["art20_1"], ["requests"])


def test_failed_document_tells_why() -> None:
    got = result_to_matrices(failed_result())
    assert got["status"] == "failed"
    assert got["failure"] == {"class": "encrypted", "message": "It needs a password.", "advice": "Save it without one."}
    assert (got["page_results"], got["matrices"], got["document"]["pages"]) == ([], [], 0)


def test_infinite_value_never_leaves_as_a_number() -> None:
    cell = MatrixCell(math.inf, "1e999", State.PRINTED, 1.0, False, Origin.SCRAPE)
    got = contract.matrix_cell_to_json(cell)
    assert (got["value"], got["state"], got["review"]) == (None, "unreadable", True)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        *((text, "blank") for text in ("", " \n\u3000")),
        *((text, "dash") for text in ("-", "—", "——", "－", "/", "／", " 无 ")),
        *((text, "printed") for text in ("-5", "0", "无效", "-/")),
    ],
)
def test_state_of_a_table_cell(text: str, state: str) -> None:
    assert text_to_state(text) == state


def test_tables_and_pages(tmp_path: Path) -> None:
    folder = write_result(tmp_path, pdf_result())
    table = json.loads((folder / "tables.json").read_text(encoding="utf-8"))["tables"][0]
    assert (table["page"], table["pages"], table["bbox"]) == (1, [1, 2], [10.0, 10.0, 110.0, 50.0])
    assert (table["reading"], table["reason"], table["doubts"]) == ("rulings", "closed grid", ["a ruling is missing"])
    assert [(c["row"], c["column"], c["column_span"], c["state"], c["review"]) for c in table["cells"]] == [
        (0, 0, 2, "printed", False),
        (1, 0, 1, "dash", True),
        (1, 1, 1, "blank", False),
    ]
    assert table["cells"][1]["reason"] == "two texts <overlap>"
    assert table["cells"][1]["confidence"] < table["cells"][0]["confidence"] < 1
    pages = json.loads((folder / "pages.json").read_text(encoding="utf-8"))["pages"]
    assert [page["page"] for page in pages] == [1, 2]
    assert pages[0]["headings"][0]["text"].startswith("一、<script>")
    assert pages[1]["narrative"] == [
        {"kind": "paragraph", "text": QUOTES, "page": 2, "bbox": [10.0, 60.0, 90.0, 70.0], "span": None}
    ]
    assert [region["bbox"] for region in pages[0]["regions"]] == [[10.0, 1.0, 50.0, 9.0], [10.0, 10.0, 110.0, 50.0]]
    assert pages[1]["regions"][0] == {"kind": "table", "table": 0, "page": 2, "bbox": [10.0, 10.0, 60.0, 50.0]}
    assert (pages[0]["width"], pages[0]["transform"]) == (595.3, None)


def test_regions_name_their_table(tmp_path: Path) -> None:
    result = pdf_result()
    assert result.reading is not None
    table = result.reading.blocks[1]
    three = replace(result, reading=replace(result.reading, blocks=(table, table, table)))
    folder = write_result(tmp_path, three)
    pages = json.loads((folder / "pages.json").read_text(encoding="utf-8"))["pages"]
    assert [[region["table"] for region in page["regions"]] for page in pages] == [[0, 1, 2], [0, 1, 2]]


def test_page_without_a_block_keeps_its_slot(tmp_path: Path) -> None:
    result = pdf_result()
    assert result.reading is not None
    empty = replace(result, reading=replace(result.reading, blocks=()))
    folder = write_result(tmp_path, empty)
    pages = json.loads((folder / "pages.json").read_text(encoding="utf-8"))["pages"]
    assert [(page["page"], page["narrative"]) for page in pages] == [(1, []), (2, [])]


def test_text_lines_lie_on_the_one_page(tmp_path: Path) -> None:
    folder = write_result(tmp_path, text_result())
    pages = json.loads((folder / "pages.json").read_text(encoding="utf-8"))["pages"]
    assert len(pages) == 1
    assert [line["span"] for line in pages[0]["narrative"]] == [[0, 6], [7, 9], [10, 12], [13, 22]]


def test_json_is_a_cell_a_line_and_reads_back() -> None:
    whole = result_to_matrices(pdf_result())
    text = jsontext.json_to_text(whole)
    assert json.loads(text) == whole
    assert text.endswith("}\n")
    assert sum(line.lstrip().startswith('{"value"') for line in text.splitlines()) == 15
    assert "泽州县" in text


def test_iterators_are_arrays() -> None:
    value = {"a": iter([{"b": [1, [2]]}, 3]), "c": iter(()), "d": {}, "e": []}
    assert json.loads(jsontext.json_to_text(value)) == {"a": [{"b": [1, [2]]}, 3], "c": [], "d": {}, "e": []}


def test_lone_surrogate_is_spelled_out(tmp_path: Path) -> None:
    result = replace(pdf_result(), source=replace(pdf_result().source, relative_path=f"{LONE}.pdf"))
    folder = write_result(tmp_path, result)
    raw = (folder / "matrices.json").read_bytes()
    assert json.loads(raw.decode("utf-8"))["document"]["source"] == "bad\\udcff.pdf"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a/b/zezhou-2024.txt", "zezhou-2024"),
        ("区" * 100 + ".pdf", "区" * 66),
        ("x" * 199 + "区.pdf", "x" * 199),
        (".txt", "_txt"),
        ("..", "_."),
        ("", "_"),
        ("a\nb\0.pdf", "a_b_"),
        (f"{LONE}.pdf", "bad_"),
        ('it\'s "a" b.c.html', 'it\'s "a" b.c'),
    ],
)
def test_document_id(name: str, stem: str, tmp_path: Path) -> None:
    got = document_id(name, SHA)
    assert got == f"{stem}~1f0c9a2b"
    (tmp_path / got).mkdir()
    assert [path.name for path in tmp_path.iterdir()] == [got]


def test_writing_again_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    folder = write_result(tmp_path, pdf_result())
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "stale.txt").write_text("old", encoding="utf-8")
    assert write_result(tmp_path, pdf_result()) == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert set(before) == {"matrices.json", "tables.json", "pages.json"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", folder.name]


def test_failure_half_way_leaves_the_older_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_result(tmp_path, pdf_result())
    before = (folder / "matrices.json").read_bytes()

    def full(result: object) -> object:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(files, "result_to_pages", full)
    with pytest.raises(OutputError, match="No space") as caught:
        write_result(tmp_path, replace(pdf_result(), status="accepted"))
    assert "free some space" in caught.value.advice
    assert (folder / "matrices.json").read_bytes() == before
    assert not (tmp_path / ".partial").exists()


def test_failure_of_the_second_rename_brings_the_older_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_result(tmp_path, pdf_result())
    rename = Path.rename

    def stubborn(self: Path, target: Path) -> Path:
        if self.parent.name == ".staged":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stubborn)
    with pytest.raises(OutputError):
        write_result(tmp_path, pdf_result())
    assert (folder / "matrices.json").is_file()


def test_leftovers_of_a_killed_run_are_cleaned(tmp_path: Path) -> None:
    folder = write_result(tmp_path, pdf_result())
    old = tmp_path / ".partial" / "old"
    old.mkdir(parents=True)
    folder.rename(old / folder.name)
    (tmp_path / ".partial" / "new").mkdir()
    (tmp_path / ".partial" / "new" / "matrices.json").write_text("{half", encoding="utf-8")
    clean_leftovers(tmp_path)
    assert [r["document"]["id"] for r in read_results(tmp_path)] == [folder.name]
    assert not (tmp_path / ".partial").exists()


def test_out_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        write_result(tmp_path / "out", pdf_result())
    assert "another folder" in caught.value.advice


def test_a_file_in_the_way_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / pdf_result().document_id).write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError):
        write_result(tmp_path, pdf_result())
    assert (tmp_path / pdf_result().document_id).read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission"):
        write_result(tmp_path / "out", pdf_result())


def test_read_results_sorted_and_whole(tmp_path: Path) -> None:
    for result in (text_result(), pdf_result(), failed_result()):
        write_result(tmp_path, result)
    (tmp_path / "notes").mkdir()
    ids = [result["document"]["id"] for result in read_results(tmp_path)]
    assert ids == sorted(ids) and len(ids) == 3
    assert [r["document"]["id"] for r in read_results(tmp_path / ids[0])] == [ids[0]]


def test_reading_what_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError):
        list(read_results(tmp_path))
    folder = write_result(tmp_path, pdf_result())
    (folder / "matrices.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputMissingError, match=r"matrices\.json"):
        list(read_results(tmp_path))


def test_boxes_have_no_negative_zero() -> None:
    assert str(contract.bbox_to_json(BBox(-0.001, 0, 1, 1))) == "[0.0, 0.0, 1.0, 1.0]"
