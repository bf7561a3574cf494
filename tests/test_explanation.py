"""What `gouji show` says of a cell: what was read, what vouches, what speaks against it, flagged or not; and its picture."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from sample_result import SCRIPT, pdf_result, text_result

from pipeline.cli import main
from pipeline.config import DEFAULT
from pipeline.domain import Candidate, DocumentResult, LaneMatch, Matrix, MatrixCell, Number, Origin, Reading, State, TextBlock
from pipeline.errors import UsageError
from pipeline.run.document import process
from pipeline.show import show_document
from pipeline.show.cell import draw_cells, explain_cells, to_lines
from pipeline.show.explanation import Explanation, explain

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = ("upheld", "corrected", "other", "pending", "total")
ROWS = ("reconsideration", "direct_suit", "suit_after_reconsideration")


def pixel(value: Number | None, *rivals: tuple[str, float], second: float = 0.999, **changes: object) -> MatrixCell:
    """A cell that two readers read; `rivals` are other readings of the first."""
    text = "" if value is None else str(value)
    first = 1.0 - sum(share for _, share in rivals)
    readings = (
        Candidate(text, math.log(first), (("lines", math.log(first)), ("figures", math.log(second)))),
        *(Candidate(other, math.log(share), (("lines", math.log(share)),)) for other, share in rivals),
    )
    state = State.BLANK if value is None else State.PRINTED
    cell = MatrixCell(value, text, state, 0.9996, False, Origin.OCR, 2, readings=readings if text else ())
    return replace(cell, **changes)  # type: ignore[arg-type]


def scanned(*rows: tuple[MatrixCell, ...], text: str = "") -> DocumentResult:
    """A document with one `litigation` read from pixels."""
    result = pdf_result()
    lanes = tuple(LaneMatch(key, f"结果{key}", 1.0, 0.9, True) for key in COLUMNS)
    labels = tuple(LaneMatch(key, key, 1.0, 0.9, True) for key in ROWS)
    matrix = Matrix("litigation", "cn-gov-disclosure", "2019", None, labels, lanes, rows, 5.0, 1.0, 2)
    assert result.reading is not None
    reading = Reading(result.source, (TextBlock(text, "paragraph", 1),), result.reading.pages)
    return replace(result, matrices=(matrix,), findings=(), reading=reading)


ZEROS = tuple(pixel(0) for _ in COLUMNS)


def section(explanation: Explanation, heading: str) -> str:
    return "\n".join(dict(explanation.sections)[heading])


def told(result: DocumentResult, row: str, column: str) -> Explanation:
    return explain(result)["litigation", row, column]


def test_what_each_reader_said_is_told_with_its_probability() -> None:
    result = scanned(ZEROS, (pixel(41, ("11", 0.02)), pixel(73), pixel(7), pixel(7), pixel(128)), ZEROS)
    words = section(told(result, "direct_suit", "upheld"), "What was read")
    assert "first reader (PP-OCR) says '41' 0.9800, '11' 0.0200." in words
    assert "second reader (our network for figures) says '41' 0.9990." in words


def test_an_equation_that_closes_is_told_with_its_figures() -> None:
    result = scanned(ZEROS, (pixel(41), pixel(73), pixel(0), pixel(0), pixel(114)), ZEROS)
    found = told(result, "direct_suit", "upheld")
    assert "litigation_total closes in direct_suit: 41 + 73 (and 2 of 0) = 114." in section(found, "What vouches for it")
    assert "Both readers" in section(found, "What vouches for it")
    assert found.verdict == "Needs no review." and section(found, "What speaks against it") == "Nothing."
    assert "needs 0.995 to go without review" in section(found, "Flagged or not")


def test_a_failed_equation_is_told_with_the_verdict_that_was_passed() -> None:
    from pipeline.canon.schema import load_schemas
    from pipeline.run.settling import settle_matrices

    result = scanned(ZEROS, tuple(map(pixel, (41, 73, 7, 7, 129))), ZEROS)
    (matrix,), findings = settle_matrices(result.matrices, load_schemas(), ())
    found = told(replace(result, matrices=(matrix,), findings=tuple(findings)), "direct_suit", "total")
    (error,) = [f for f in findings if f.severity == "error"]
    meaning = {"undecided": "cannot be told", "source": "printed so", "reading": "at fault"}[error.kind]
    against = section(found, "What speaks against it")
    assert "litigation_total does not close in direct_suit: 41 + 73 + 7 + 7 = 128 ≠ 129." in against and meaning in against


def test_the_text_of_the_report_is_quoted() -> None:
    row = tuple(map(pixel, (41, 73, 7, 7, 128)))
    text = "2021年，因政府信息公开产生的行政复议33件;行政诉讼未经复议直接起诉的128件;复议后起诉的11件。"
    result = scanned(ZEROS, row, ZEROS, text=text)
    result = replace(result, facts=replace(result.facts, year=2021))
    assert "The text of the report says the same on page 1" in section(
        told(result, "direct_suit", "total"), "What vouches for it"
    )
    other = replace(result, reading=replace(result.reading, blocks=(TextBlock(text.replace("128", "182"), "paragraph", 1),)))
    assert "another number" in section(told(other, "direct_suit", "total"), "What speaks against it")


def test_readers_that_differ_and_a_blank_are_told() -> None:
    differ = pixel(3, second=0.2)
    readings = (*differ.readings, Candidate("8", math.log(1e-3), (("figures", math.log(0.8)),)))
    row = (replace(differ, readings=readings), pixel(None), pixel(0), pixel(0), pixel(3))
    result = scanned(ZEROS, row, ZEROS)
    assert "do not agree" in section(told(result, "direct_suit", "upheld"), "What speaks against it")
    blank = told(result, "direct_suit", "corrected")
    assert "No print was found in its pixels" in section(blank, "What was read")
    assert section(blank, "What it holds").startswith("Blank: nothing is printed there")


def test_a_doubt_of_place_and_one_of_reading_are_told_apart() -> None:
    place = pixel(3, review=True, reason="a seal or a pen stroke lies over it")
    reading = pixel(3, review=True, reason="read as '3', or '8'")
    result = scanned(ZEROS, (place, reading, pixel(0), pixel(0), pixel(6)), ZEROS)
    for column, words in (("upheld", "neither readers nor sums"), ("corrected", "too much doubt about what is printed")):
        found = told(result, "direct_suit", column)
        assert found.review and words in section(found, "Flagged or not")
        assert found.verdict.startswith("To be reviewed:") and "In doubt:" in section(found, "What speaks against it")


def test_text_that_was_not_read_from_pixels_says_so() -> None:
    result = pdf_result()
    found = told(result, "direct_suit", "total")
    assert "text layer of the PDF" in section(found, "What was read")
    assert "Its row is not certain: the label is cropped & <short>." in section(found, "What speaks against it")
    lines = list(to_lines(found))
    assert lines[0].startswith("litigation/direct_suit/total") and lines[1].startswith("  To be reviewed:")


def test_a_cell_without_an_equation_says_so() -> None:
    found = explain(text_result())["art20_1", "rules", "issued"]
    assert "No equation stands over this cell" in section(found, "What speaks against it")
    assert "at characters 10 to 12" in section(found, "What it holds")


def test_every_cell_of_the_page_opens_its_explanation(tmp_path: Path) -> None:
    result = pdf_result()
    (path,) = show_document(result, tmp_path)
    page = path.read_text(encoding="utf8")
    for table, row, column in explain(result):
        assert page.count(f'id="why-{table}-{row}-{column}"') == 1
        assert page.count(f'href="#why-{table}-{row}-{column}"') == 1
    assert SCRIPT not in page and "<use" not in page, "no picture is shown of a page that could not be drawn"


def test_patterns_name_cells() -> None:
    result = pdf_result()
    assert [e.place for e in explain_cells(result, "litigation/direct_suit/total")] == [("litigation", "direct_suit", "total")]
    assert len(explain_cells(result, "litigation/*/total")) == 3
    assert all(e.review for e in explain_cells(result, "review")) and len(explain_cells(result, "review")) == 3
    with pytest.raises(UsageError) as error:
        explain_cells(result, "requests/new/total")
    assert "litigation" in (error.value.advice or "")
    with pytest.raises(UsageError) as error:
        explain_cells(result, "litigation/new/total")
    assert "direct_suit" in (error.value.advice or "")
    with pytest.raises(UsageError):
        explain_cells(result, "total")


@cache
def scan() -> DocumentResult:
    return process(ROOT / "fixtures" / "scans" / "seal.pdf", "seal.pdf")


def test_a_scan_is_explained_with_a_picture_of_each_cell(tmp_path: Path) -> None:
    from PIL import Image

    flagged = explain_cells(scan(), "requests/new/*")
    pictures = draw_cells(scan(), flagged, tmp_path, DEFAULT)
    assert set(pictures) == {e.place for e in flagged}
    for path in pictures.values():
        with Image.open(path) as image:
            assert image.height >= 100 and image.width <= 1200
    for explanation in explain(scan()).values():
        if explanation.review:
            assert section(explanation, "What speaks against it") != "Nothing."


def test_nothing_is_drawn_of_a_source_that_has_gone(tmp_path: Path) -> None:
    result = pdf_result()
    assert draw_cells(result, explain_cells(result, "*/*/*"), tmp_path, DEFAULT) == {}


def test_the_command_prints_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = str(ROOT / "fixtures" / "reports" / "zezhou-2024.txt")
    assert main(["show", seed, "--out", str(tmp_path), "--cell", "requests/new/total"]) == 0
    printed = capsys.readouterr().out
    assert "requests/new/total" in printed and "row_total closes in new" in printed and "column_balance" in printed
    assert main(["show", seed, "--out", str(tmp_path), "--cell", "requests/none/total"]) == 2
    assert "Rows of requests" in capsys.readouterr().err
