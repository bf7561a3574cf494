"""What sums cannot see has a guard of its own: each fault is made here, and its cells are flagged or right nevertheless."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from lying_reader import Place, boxes, cells_of, read_as, read_painted, silent

from fixtures.gen.labels import REQUEST_ROWS
from pipeline.canon.schema import load_schemas
from pipeline.domain import Candidate, DocumentResult, LaneMatch, Matrix, MatrixCell, Origin, State
from pipeline.raster import Rgb
from pipeline.run.settling import settle_matrices
from tests.test_alignment_properties import NAMES, TITLE, grid_rows, matrix_of, text_result, wrong_cells
from tests.test_placing_recognised import balanced, printed_rows, requests_truth, scanned

KEYS = list(REQUEST_ROWS["2021"])
PAPER = 244
ZERO, FIGURE = ("requests", "carried_out", "business"), ("requests", "unable_3", "other")
DETAILS = range(3, 21)
"""Rows of the grid that are details of one sum."""


# ------------------------------------------------------------ two rows or columns exchanged within a block


@pytest.mark.parametrize("row", DETAILS)
def test_two_rows_that_are_exchanged_keep_their_labels(row: int) -> None:
    rows = printed_rows()
    rows[row], rows[row + 1] = rows[row + 1], rows[row]
    assert wrong_cells(scanned(rows), requests_truth) == []


@pytest.mark.parametrize("row", DETAILS)
def test_two_rows_that_are_exchanged_and_lost_their_labels_are_flagged(row: int) -> None:
    rows = printed_rows()
    rows[row], rows[row + 1] = ["", *rows[row + 1][1:]], ["", *rows[row][1:]]
    assert wrong_cells(scanned(rows), requests_truth) == []


@pytest.mark.parametrize("column", range(1, 6))
def test_two_columns_that_are_exchanged_keep_their_names(column: int) -> None:
    rows = [[*row[:column], row[column + 1], row[column], *row[column + 2 :]] for row in printed_rows()]
    assert wrong_cells(scanned(rows), requests_truth) == []


@pytest.mark.parametrize("column", range(1, 6))
def test_two_columns_that_are_exchanged_and_lost_their_names_are_flagged(column: int) -> None:
    rows = [[*row[:column], row[column + 1], row[column], *row[column + 2 :]] for row in printed_rows()]
    rows[0][column] = rows[0][column + 1] = ""
    assert wrong_cells(scanned(rows), requests_truth) == []


# ------------------------------------------------------------ a whole row that is lost


@pytest.mark.parametrize("row", range(1, 24))
def test_a_row_of_zeros_that_is_lost_is_missing_and_moves_no_other(row: int) -> None:
    rows = balanced(grid_rows())
    del rows[row]
    matrix = scanned(rows)
    lost = KEYS[row - 1]
    assert all(c.review for r, line in zip(matrix.rows, matrix.cells, strict=True) for c in line if r.key == lost)
    assert wrong_cells(matrix, lambda r, c: None if r == lost else 0) == []


# ------------------------------------------------------------ a table of another year or issuer


def sound(number: int) -> list[str]:
    """A table whose sums all hold: so many requests of natural persons, all granted."""
    rows = [(label, number * (key in ("new", "granted", "total_results"))) for key, label in REQUEST_ROWS["2021"].items()]
    return ["\t".join(["项目", *NAMES]), *("\t".join([label, str(n), *["0"] * 5, str(n)]) for label, n in rows)]


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(
    "heading",
    [
        "附：2022年收到和处理政府信息公开申请情况",
        "附件：北坡县收到和处理政府信息公开申请情况（2023年）",
        "北坡县2022年政府信息公开工作年度报告",
    ],
)
def test_of_two_tables_of_which_one_is_of_another_year_or_body_all_is_flagged(heading: str, before: bool) -> None:
    own = ["三、收到和处理政府信息公开申请情况", *sound(5)]
    other = [heading, *sound(9)]
    result = text_result([TITLE[0], *(other + own if before else own + other)])
    matrix = matrix_of(result, "requests")
    assert matrix is not None and all(cell.review for line in matrix.cells for cell in line)
    assert result.status == "review" and "second_candidate" in [f.rule for f in result.findings]
    alone = matrix_of(text_result([TITLE[0], *own]), "requests")
    assert alone is not None and not any(cell.review for line in alone.cells for cell in line)


# ------------------------------------------------------------ misread figures whose sums close


def cell(place: Place) -> Callable[[DocumentResult], MatrixCell]:
    """Finds a cell of a result."""
    return lambda result: cells_of(result)[place]


@pytest.mark.parametrize("reader", ["first", "second"])
@pytest.mark.parametrize(
    "lies, places",
    [
        ({"335": "385", "1503": "1553"}, ("upheld", "total")),  # a value and its total misread alike
        ({"335": "385", "925": "875"}, ("upheld", "corrected")),  # two mistakes that offset
    ],
)
def test_mistakes_of_one_reader_that_close_their_row_are_seen_by_the_other(
    lies: dict[str, str], places: tuple[str, ...], reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = read_as(monkeypatch, *((lies, {}) if reader == "first" else ({}, lies)))
    assert silent(result) == []
    assert all(cells_of(result)["litigation", "direct_suit", column].review for column in places)


@pytest.mark.parametrize(
    "lies, columns",
    [
        ({"3149": "3749", "24496": "25096"}, ("natural_person", "total")),  # a value and its total misread alike
        ({"815": "875", "4118": "4058"}, ("research", "legal_service")),  # two mistakes that offset
    ],
)
def test_mistakes_of_both_readers_that_close_their_row_are_seen_by_the_columns(
    lies: dict[str, str], columns: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = read_as(monkeypatch, lies)
    assert [f.rule for f in result.findings if f.severity == "error"], "the columns do not close"
    assert result.status == "review" and silent(result) == []


def test_a_large_number_that_no_sum_knows_needs_both_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    for lies in (({"679976": "579976"}, {}), ({}, {"679976": "579976"})):
        result = read_as(monkeypatch, *lies)
        assert cells_of(result)["art20_1", "normative_documents", "newly_made"].review


# ------------------------------------------------------------ what is painted on the page


def cleared(picture: Rgb, place: Place) -> None:
    """Leaves nothing in a cell but paper."""
    box = boxes()[place]
    picture[int(box.top) + 4 : int(box.bottom) - 3, int(box.x0) + 4 : int(box.x1) - 3] = PAPER


def test_a_blank_is_no_0_though_all_sums_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = read_painted(monkeypatch, tmp_path, lambda picture: cleared(picture, ZERO))
    assert cell(ZERO)(result).state is State.BLANK and silent(result, {ZERO: None}) == []


@pytest.mark.parametrize("radius", [1, 3, 5])
def test_a_speck_in_a_blank_is_flagged(radius: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def paint(picture: Rgb) -> None:
        cleared(picture, ZERO)
        middle = tuple(map(int, boxes()[ZERO].center))
        cv2.circle(picture, middle, radius, (60, 60, 60), 1 if radius > 3 else -1, cv2.LINE_AA)

    assert silent(read_painted(monkeypatch, tmp_path, paint), {ZERO: None}) == []


@pytest.mark.parametrize("color", [(200, 30, 40), (40, 50, 180), (40, 40, 40)], ids=["seal", "blue pen", "black pen"])
@pytest.mark.parametrize("reach, slant", [(0.0, 0.0), (0.5, 0.3)])
def test_a_stroke_is_no_1_even_where_the_sums_would_have_it(
    color: tuple[int, int, int], reach: float, slant: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stroke(picture: Rgb, place: Place, at: float) -> None:
        box = boxes()[place]
        x, quarter, more = int(box.x0 + at * box.width), 0.25 * box.height, reach * box.height
        low, high = (x, int(box.bottom - quarter + more)), (int(x + slant * box.height), int(box.top + quarter - more))
        cv2.line(picture, low, high, color, 2, cv2.LINE_AA)

    def paint(picture: Rgb) -> None:
        cleared(picture, ZERO)
        stroke(picture, ZERO, 0.5)
        stroke(picture, FIGURE, 0.12)

    # Both totals are read as they would be were the strokes figures.
    changed: dict[Place, int | None] = {
        ZERO: None,
        ("requests", "carried_out", "total"): 817,
        ("requests", "unable_3", "total"): 3042,
    }
    assert silent(read_painted(monkeypatch, tmp_path, paint, {"816": "817", "2042": "3042"}), changed) == []


@pytest.mark.parametrize("place", [("requests", "unable_1", "business"), ("litigation", "direct_suit", "upheld")])
def test_digits_of_a_neighbour_are_seen_where_a_figure_stands_on_the_ruling(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def paint(picture: Rgb) -> None:
        box = boxes()[place]
        rows, x0, x1 = slice(int(box.top) + 4, int(box.bottom) - 3), int(box.x0) + 4, int(box.x1) - 3
        print_ = picture[rows, x0:x1].copy()
        picture[rows, x0:x1] = PAPER
        moved = picture[rows, x0 + 25 : x1 + 25]
        np.minimum(moved, print_, out=moved)

    assert silent(read_painted(monkeypatch, tmp_path, paint)) == []


@pytest.mark.parametrize("place", [("requests", "denied_8", "business"), ("litigation", "direct_suit", "other")])
def test_digits_of_a_neighbour_are_seen_where_the_ruling_between_is_lost(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def paint(picture: Rgb) -> None:
        box = boxes()[place]
        picture[int(box.top) + 3 : int(box.bottom) - 2, int(box.x1) - 4 : int(box.x1) + 5] = PAPER

    result = read_painted(monkeypatch, tmp_path, paint)
    # It may be told all the same, by where its figures stand; that it was told so is for a person to see.
    assert silent(result) == [] and cell(place)(result).review


# ------------------------------------------------------------ the text of the report


def litigation(share: float) -> Matrix:
    """A row of `litigation` whose sum closes, read by both readers with this probability."""
    keys = ("upheld", "corrected", "other", "pending", "total")
    values = (385, 925, 165, 78, 1553)
    said = tuple((name, math.log(share)) for name in ("lines", "figures"))
    cells = tuple(
        MatrixCell(v, str(v), State.PRINTED, 0.99, False, Origin.OCR, 1, readings=(Candidate(str(v), math.log(share), said),))
        for v in values
    )
    zeros = tuple(replace(c, value=0, text="0", readings=(replace(c.readings[0], text="0"),)) for c in cells)
    rows = tuple(LaneMatch(k, k, 1.0, 1.0, True) for k in ("reconsideration", "direct_suit", "suit_after_reconsideration"))
    columns = tuple(LaneMatch(k, k, 1.0, 1.0, True) for k in keys)
    return Matrix("litigation", "cn-gov-disclosure", "2019", None, rows, columns, (zeros, cells, zeros), 1.0, 1.0, 1)


def test_a_text_that_gives_another_number_than_a_lone_row_flags_its_cell() -> None:
    place = ("litigation", "direct_suit", "total")
    for against, flagged in (((), False), ((place,), True)):
        (matrix,), _ = settle_matrices([litigation(0.995)], load_schemas(), (), against)
        assert matrix.cells[1][4].review is flagged
    assert "text of the report" in (matrix.cells[1][4].reason or "")
