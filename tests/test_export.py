"""Exports read back by other libraries: the values, the flags, and that no text becomes a formula or a tag."""

from __future__ import annotations

import csv
import hashlib
import html.parser
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sample_result import COLUMNS, FORMULA, QUOTES, SCRIPT, failed_result, pdf_result, text_result

from pipeline.errors import InputMissingError, OutputError, UsageError
from pipeline.store import export_xlsx, panel, xlsx_plan
from pipeline.store.codebook import CodebookEntry
from pipeline.store.export import FORMATS, export
from pipeline.store.export_csv import guard_text
from pipeline.store.fields import CELLS, names
from pipeline.store.files import write_result
from pipeline.store.xlsx_plan import sheet_names

ROOT = Path(__file__).resolve().parents[1]
PDF_ID = "区 report~1f0c9a2b"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    for result in (pdf_result(), text_result(), failed_result()):
        write_result(folder, result)
    return folder


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def one(rows: list[dict[str, Any]], row: str, column: str, document: str = PDF_ID) -> dict[str, Any]:
    found = [r for r in rows if (r["document"], r["row"], r["column"]) == (document, row, column)]
    assert len(found) == 1
    return found[0]


def test_csv_panel(out: Path, tmp_path: Path) -> None:
    written = export(out, "csv", tmp_path / "csv")
    assert [path.name for path in written] == [
        "cells.csv", "documents.csv", "findings.csv", "codebook.csv", "codebook.md", "datapackage.json",
    ]  # fmt: skip
    assert written[0].read_bytes().startswith(b"\xef\xbb\xbfdocument,source,")
    rows = read_csv(written[0])
    assert list(rows[0]) == names(CELLS)
    assert len(rows) == 15 + 2
    cell = one(rows, "reconsideration", "corrected")
    assert (cell["value"], cell["value_text"], cell["text"], cell["state"]) == ("2", "2", "2", "printed")
    assert (cell["page"], cell["x0"], cell["top"], cell["x1"], cell["bottom"]) == ("1", "102", "310.5", "131.2", "322")
    assert (cell["year"], cell["region_code"], cell["unit"], cell["status"]) == ("2024", "140525", "件", "review")
    assert cell["confidence"] == "0.9998"
    spans = one(rows, "rules", "repealed", "text~aaaaaaaa")
    assert (spans["span_start"], spans["span_end"], spans["page"], spans["issuer"]) == ("13", "22", "", "")


def test_csv_numbers_are_untouched_and_text_is_guarded(out: Path, tmp_path: Path) -> None:
    export(out, "csv", tmp_path)
    rows = read_csv(tmp_path / "cells.csv")
    third = [one(rows, "suit_after_reconsideration", column) for column in COLUMNS]
    assert [cell["value"] for cell in third] == ["9007199254740993", "-5", "0.1", "1250000.0", "0"]
    assert [cell["text"] for cell in third] == ["9007199254740993", "-5", "0.1", "1,250,000.0", "0"]
    second = [one(rows, "direct_suit", column) for column in COLUMNS]
    assert [cell["value"] for cell in second] == ["", "", "", "", "7"]
    assert [cell["state"] for cell in second] == ["blank", "dash", "unreadable", "missing", "printed"]
    assert [cell["review"] for cell in second] == ["false", "false", "true", "true", "true"]
    assert second[1]["text"] == "—"
    assert second[2]["text"] == "'=cmd|' /C calc'!A0"
    assert second[2]["reason"] == "'@reason <b>"
    assert third[0]["row_label"] == QUOTES
    assert one(rows, "reconsideration", "upheld")["row_label"] == "'" + FORMULA
    assert read_csv(tmp_path / "findings.csv")[0]["message"] == "'=note"


def test_no_csv_field_is_a_formula(out: Path, tmp_path: Path) -> None:
    for path in export(out, "csv", tmp_path):
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as stream:
                for field in (field for row in csv.reader(stream) for field in row):
                    assert not field.startswith(("=", "+", "@", "\t", "\r")), field
                    assert not field.startswith("-") or field.lstrip("-").replace(".", "").isdigit(), field


@pytest.mark.parametrize("text", ["=1", "+a", "-1+1", "@x", "\tx", "\r=1", " =1", "\n=1", "＝1", "'=1", "'"])
def test_guard_is_set_and_can_be_taken_off(text: str) -> None:
    assert guard_text(text) == "'" + text


@pytest.mark.parametrize("text", ["", "-5", "+5", "－５", "-1,234.5", "-3%", "-", "——", "—", "规章", "a=1", " x", "(=1)"])
def test_numbers_and_dashes_are_left_alone(text: str) -> None:
    assert guard_text(text) == text


def test_documents_and_findings_tell_of_failed_documents(out: Path, tmp_path: Path) -> None:
    export(out, "csv", tmp_path)
    documents = {row["document"]: row for row in read_csv(tmp_path / "documents.csv")}
    broken = documents["broken~bbbbbbbb"]
    assert (broken["status"], broken["failure_class"], broken["cells"]) == ("failed", "encrypted", "0")
    assert (documents[PDF_ID]["cells"], documents[PDF_ID]["review_cells"], documents[PDF_ID]["absent"]) == ("15", "3", "art20_1")
    finding = read_csv(tmp_path / "findings.csv")[1]
    assert (finding["finding"], finding["left"], finding["right"]) == ("2", "0", "7")
    assert finding["cells"] == "litigation.direct_suit.total"


def test_datapackage_describes_the_files(out: Path, tmp_path: Path) -> None:
    export(out, "csv", tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert [resource["name"] for resource in package["resources"]] == ["cells", "documents", "findings", "codebook"]
    for resource in package["resources"]:
        data = (tmp_path / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["bytes"] == len(data)
        rows = read_csv(tmp_path / resource["path"])
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == list(rows[0])
        for field in fields:
            for row in rows:
                check_value(row[field["name"]], field)
        key = resource["schema"].get("primaryKey", [])
        keys = [tuple(row[name] for name in key) for row in rows]
        assert not key or len(set(keys)) == len(keys)


def check_value(text: str, field: dict[str, Any]) -> None:
    constraints = field.get("constraints", {})
    if text == "":
        assert not constraints.get("required"), field["name"]
        return
    {"integer": int, "number": float, "boolean": ["true", "false"].index, "string": str}[field["type"]](text)
    assert text in constraints.get("enum", [text]), field["name"]


def test_parquet_panel(out: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    export(out, "parquet", tmp_path)
    table = pq.read_table(tmp_path / "cells.parquet")
    assert table.column_names == names(CELLS)
    types = {field.name: str(field.type) for field in table.schema}
    wanted = {"value": "double", "value_text": "string", "year": "int64", "page": "int64", "review": "bool", "x0": "double"}
    assert {name: types[name] for name in wanted} == wanted
    assert not table.schema.field("document").nullable
    rows = table.to_pylist()
    third = [one(rows, "suit_after_reconsideration", column) for column in COLUMNS]
    assert [cell["value"] for cell in third] == [9007199254740992.0, -5.0, 0.1, 1250000.0, 0.0]
    assert [cell["value_text"] for cell in third] == ["9007199254740993", "-5", "0.1", "1250000.0", "0"]
    assert third[0]["row_label"] == QUOTES
    assert one(rows, "reconsideration", "upheld")["row_label"] == FORMULA
    second = [one(rows, "direct_suit", column) for column in COLUMNS]
    assert [cell["value"] for cell in second] == [None, None, None, None, 7.0]
    assert [cell["review"] for cell in second] == [False, False, True, True, True]
    assert pq.read_table(tmp_path / "documents.parquet").num_rows == 3
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert package["resources"][0]["format"] == "parquet"


def test_parquet_of_a_number_beyond_floats(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    result = text_result()
    matrix = result.matrices[0]
    huge = replace(matrix.cells[0][0], value=10**400)
    write_result(tmp_path / "out", replace(result, matrices=(replace(matrix, cells=((huge, matrix.cells[0][1]),)),)))
    export(tmp_path / "out", "parquet", tmp_path / "x")
    row = pq.read_table(tmp_path / "x" / "cells.parquet").to_pylist()[0]
    assert (row["value"], row["value_text"]) == (None, "1" + "0" * 400)


def test_batches_make_one_file(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    export(out, "csv", tmp_path / "whole")
    monkeypatch.setattr(panel, "BATCH_ROWS", 4)
    export(out, "csv", tmp_path / "parts")
    export(out, "parquet", tmp_path / "parts")
    assert (tmp_path / "whole" / "cells.csv").read_bytes() == (tmp_path / "parts" / "cells.csv").read_bytes()
    assert pq.ParquetFile(tmp_path / "parts" / "cells.parquet").num_row_groups == 5


@pytest.mark.parametrize("fmt", FORMATS)
def test_nothing_but_failed_documents(fmt: str, tmp_path: Path) -> None:
    write_result(tmp_path / "out", failed_result())
    assert all(path.stat().st_size for path in export(tmp_path / "out", fmt, tmp_path / "x"))


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("documents", [None, [PDF_ID]])
def test_same_bytes_again(fmt: str, documents: list[str] | None, out: Path, tmp_path: Path) -> None:
    written = export(out, fmt, tmp_path / "a", documents)
    code = (
        "import sys; from pathlib import Path; from pipeline.store.export import export;"
        f"export(Path(sys.argv[1]), {fmt!r}, Path(sys.argv[2]), {documents!r})"
    )
    env = {"PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-c", code, str(out), str(tmp_path / "b")], check=True, env=env, cwd=ROOT)
    for path in written:
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_xlsx_of_one_document(out: Path, tmp_path: Path) -> None:
    import openpyxl

    (path,) = export(out, "xlsx", tmp_path / "one.xlsx", [PDF_ID])
    assert path == tmp_path / "one.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["litigation", "findings", "provenance", "documents", "codebook"]
    assert book.properties.created.year == book.properties.modified.year == 2000
    sheet = book["litigation"]
    assert [cell.value for cell in sheet[2]] == ["row", "row_label", *COLUMNS]
    assert sheet["C1"].value == "结 果"
    assert [cell.value for cell in sheet[3]] == ["reconsideration", FORMULA, 0, 2, 0, 1, 3]
    assert [cell.value for cell in sheet[4]][1:] == [SCRIPT, None, "—", "unreadable", "missing", 7]
    assert [cell.value for cell in sheet[5]][2:] == ["9007199254740993", -5, 0.1, 1250000, 0]
    flagged = {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb == "FFFFE699"}
    assert flagged == {"E4", "F4", "G4"}
    assert sheet["G4"].comment is not None
    assert sheet["G4"].comment.text == "one of the row's cells is lost\nprinted: ７"
    assert sheet["C3"].comment is None
    assert book["provenance"].max_row == 16
    assert [cell.value for cell in book["provenance"][1]] == names(CELLS)
    assert [cell.value for cell in book["findings"][2]][-2] == "=note"


def test_no_xlsx_cell_is_a_formula_or_link(out: Path, tmp_path: Path) -> None:
    import openpyxl

    (path,) = export(out, "xlsx", tmp_path)
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n", "b", "inlineStr"), (sheet.title, cell.coordinate)
                assert cell.hyperlink is None


def test_xlsx_panel(out: Path, tmp_path: Path) -> None:
    import openpyxl

    write_result(out, replace(pdf_result("other.pdf"), document_id="other~1f0c9a2b"))
    (path,) = export(out, "xlsx", tmp_path)
    assert path == tmp_path / "panel.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["litigation", "art20_1", "findings", "provenance", "documents", "codebook"]
    rows = [[cell.value for cell in row] for row in book["litigation"].iter_rows(min_row=2)]
    assert rows[0] == ["document", "issuer", "region_code", "year", "variant", "row", "row_label", *COLUMNS]
    assert [row[0] for row in rows[1:]] == ["other~1f0c9a2b"] * 3 + [PDF_ID] * 3
    assert rows[1][1:8] == ["泽州县人民政府", "140525", 2024, "2021", "reconsideration", FORMULA, 0]
    assert len(list(book["provenance"].iter_rows())) == 1 + 15 + 15 + 2
    assert len(list(book["documents"].iter_rows())) == 1 + 4


def test_xlsx_columns_of_two_variants_do_not_shift(tmp_path: Path) -> None:
    import openpyxl

    first = text_result()
    matrix = first.matrices[0]
    swapped = replace(matrix, columns=matrix.columns[1:], cells=(matrix.cells[0][1:],))
    second = replace(first, document_id="z~aaaaaaaa", matrices=(swapped,))
    for result in (first, second):
        write_result(tmp_path / "out", result)
    (path,) = export(tmp_path / "out", "xlsx", tmp_path)
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(path)["art20_1"].iter_rows(min_row=2)]
    assert [row[7:] for row in rows] == [["issued", "repealed"], [12, 34], [None, 34]]


def test_xlsx_that_cannot_hold_the_rows(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_plan, "SHEET_ROWS", 18)
    with pytest.raises(OutputError, match="17 rows do not fit") as caught:
        export(out, "xlsx", tmp_path / "x")
    assert "CSV or Parquet" in caught.value.advice
    assert not (tmp_path / "x").exists()


def test_xlsx_cuts_a_text_that_no_cell_holds(tmp_path: Path) -> None:
    import openpyxl

    result = text_result()
    matrix = result.matrices[0]
    long = replace(matrix.cells[0][0], text="长" * 40_000)
    write_result(tmp_path / "out", replace(result, matrices=(replace(matrix, cells=((long, matrix.cells[0][1]),)),)))
    (path,) = export(tmp_path / "out", "xlsx", tmp_path)
    texts = [cell.value for cell in openpyxl.load_workbook(path)["provenance"]["O"]]
    assert len(texts[1]) == export_xlsx.MAX_TEXT and texts[1].endswith("长…")


def test_sheet_names_are_valid_and_unique() -> None:
    long = "x" * 40
    tables = [("a", "t"), ("b", "t"), *(("a", name) for name in ("Findings", long, long + "y", "a/b:c", "'"))]
    got = sheet_names(tables, ["findings"])
    chosen = list(got.values())
    assert len({name.lower() for name in chosen} | {"findings"}) == 8
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in chosen)
    assert chosen[:2] == ["t a", "t b"]


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parse(path: Path) -> Tags:
    tags = Tags()
    tags.feed(path.read_text(encoding="utf-8"))
    return tags


def check_page(path: Path) -> Tags:
    """A page that runs nothing and loads nothing."""
    page = parse(path)
    kinds = {tag for tag, _ in page.tags}
    assert not kinds & {"script", "iframe", "object", "embed", "link", "form"}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "xlink:href"):
            target = attributes.get(name) or ""
            assert target.startswith(("data:image/png", "#", "")) and "://" not in target and "javascript" not in target
    return page


def test_html_of_one_document(out: Path, tmp_path: Path) -> None:
    (path,) = export(out, "html", tmp_path, [PDF_ID])
    page = check_page(path)
    assert SCRIPT in page.text
    flagged = [attributes for tag, attributes in page.tags if tag == "td" and "flag" in (attributes.get("class") or "")]
    assert len(flagged) == 3
    assert "@reason <b>" in (flagged[0]["title"] or "")
    for wanted in ("one of the row's cells is lost", "no reason given", "art20_1", "requests", "7 is not 0", "9007199254740993"):
        assert wanted in page.text


def test_html_of_a_panel(out: Path, tmp_path: Path) -> None:
    index, *pages = export(out, "html", tmp_path / "x")
    assert index.name == "index.html" and len(pages) == 3
    links = [attributes["href"] for tag, attributes in check_page(index).tags if tag == "a"]
    assert len(links) == 3 and all(" " not in (link or "") for link in links)
    assert "It needs a password." in check_page(tmp_path / "x" / "broken~bbbbbbbb.html").text


def test_json_panel(out: Path, tmp_path: Path) -> None:
    (path,) = export(out, "json", tmp_path / "all.json")
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert list(whole) == ["documents", "cells", "findings", "codebook"]
    assert [len(whole[name]) for name in ("documents", "cells", "findings")] == [3, 17, 2]
    assert one(whole["cells"], "suit_after_reconsideration", "upheld")["value"] == 9007199254740993
    assert list(whole["cells"][0]) == [name for name in whole["cells"][0] if name in names(CELLS)]
    assert set(whole["cells"][0]) == set(names(CELLS))


def test_codebook_takes_plain_entries(out: Path, tmp_path: Path) -> None:
    entries = [
        CodebookEntry("cn-gov-disclosure", "2021", "litigation", "table", "litigation", "行政复议|诉讼"),
        CodebookEntry("cn-gov-disclosure", "2021", "litigation", "row", "direct_suit", "未经\n复议"),
    ]
    export(out, "csv", tmp_path, codebook=entries)
    rows = read_csv(tmp_path / "codebook.csv")
    assert [(row["table"], row["key"], row["label"]) for row in rows] == [
        ("litigation", "litigation", "行政复议|诉讼"),
        ("litigation", "direct_suit", "未经\n复议"),
        ("art20_1", "art20_1", ""),
        ("art20_1", "rules", "规章"),
        ("art20_1", "issued", ""),
        ("art20_1", "repealed", ""),
    ]
    text = (tmp_path / "codebook.md").read_text(encoding="utf-8")
    assert "| row | `direct_suit` | 未经 复议 |" in text and "行政复议\\|诉讼" in text


def test_codebook_of_the_bundled_schemas(out: Path, tmp_path: Path) -> None:
    export(out, "csv", tmp_path)
    labels = {(r["variant"], r["table"], r["axis"], r["key"]): r["label"] for r in read_csv(tmp_path / "codebook.csv")}
    assert labels["2021", "requests", "row", "denied_1"].endswith("1.属于国家秘密")
    assert labels["2021", "requests", "column", "natural_person"].endswith("自然人")


def test_default_destinations(out: Path) -> None:
    assert export(out, "xlsx") == [out / "export" / "panel.xlsx"]
    assert export(out, "xlsx", None, ["text"]) == [out / "export" / "text~aaaaaaaa.xlsx"]
    assert export(out / PDF_ID, "html") == [out / "export" / f"{PDF_ID}.html"]
    assert export(out, "csv")[0] == out / "export" / "panel-csv" / "cells.csv"
    assert export(out, "json") == [out / "export" / "panel.json"]


@pytest.mark.parametrize("name", [PDF_ID, "区 report", "区 report.pdf", f"out/{PDF_ID}"])
def test_documents_are_found_by_id_stem_and_file(name: str, out: Path, tmp_path: Path) -> None:
    export(out, "csv", tmp_path, [name])
    assert {row["document"] for row in read_csv(tmp_path / "cells.csv")} == {PDF_ID}


def test_wrong_requests(out: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no format"):
        export(out, "xls", tmp_path)
    with pytest.raises(UsageError, match="no such document"):
        export(out, "csv", tmp_path, ["nobody"])
    with pytest.raises(UsageError, match="several files"):
        export(out, "csv", tmp_path / "cells.csv")
    with pytest.raises(InputMissingError):
        export(tmp_path / "nowhere", "csv", tmp_path)
    write_result(out, replace(text_result(), document_id="text~bbbbbbbb"))
    with pytest.raises(UsageError, match="2 documents"):
        export(out, "csv", tmp_path, ["text"])


@pytest.mark.parametrize("fmt", FORMATS)
def test_destination_that_cannot_be_written(fmt: str, out: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError):
        export(out, fmt, tmp_path / "file" / "x")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("fmt", FORMATS)
def test_disk_full_leaves_nothing(fmt: str, out: Path, tmp_path: Path) -> None:
    """`/dev/full` in the place of each file that is written."""
    target = tmp_path / "x"
    target.mkdir()
    with FullDisk(), pytest.raises(OutputError) as caught:
        export(out, fmt, target)
    assert "free some space" in caught.value.advice
    assert [path.name for path in target.iterdir()] == []


class FullDisk:
    """Every file that an export writes is a link to `/dev/full`."""

    def __enter__(self) -> None:
        from pipeline.store import targets

        self._unpatched = targets.partial_path

        def linked(path: Path) -> Path:
            temporary = self._unpatched(path)
            temporary.unlink(missing_ok=True)
            temporary.symlink_to("/dev/full")
            return temporary

        targets.partial_path = linked

    def __exit__(self, *error: object) -> None:
        from pipeline.store import targets

        targets.partial_path = self._unpatched


def test_import_is_light() -> None:
    heavy = "{'pandas', 'pyarrow', 'xlsxwriter', 'yaml', 'numpy', 'pypdfium2', 'pdfplumber', 'PIL'}"
    code = f"import sys, pipeline.store.export, pipeline.show; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert shown.stdout.strip() == "[]"
