"""Letters that a page break leaves hanging over the end of a table belong to its last row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config import DEFAULT
from pipeline.domain import BBox, Table, Word
from pipeline.grid.hanging import reach_hanging, without_cut_rows
from pipeline.grid.lattice import Lattice
from pipeline.run.document import process

PRINTED = Path(__file__).resolve().parents[1] / "fixtures" / "generated"
CLOSED = Lattice(
    (0.0, 30.0, 60.0, 90.0),
    (100.0, 120.0, 140.0),
    ((True,) * 4,) * 2,
    ((True, True, True), (False, True, True), (True, True, True)),
)
OPEN = replace(CLOSED, walls_h=(*CLOSED.walls_h[:2], (False, True, True)))
OPEN_ABOVE = replace(CLOSED, walls_h=((False, True, True), *CLOSED.walls_h[1:]))


def letter(x: float, top: float, height: float = 10.0) -> Word:
    return Word("度", BBox(x, top, x + height, top + height), 1)


def test_an_open_last_row_reaches_the_letters_that_hang_over_its_end() -> None:
    assert reach_hanging(OPEN, [letter(10, 125), letter(10, 136)]).ys == (100.0, 120.0, 146.0)
    assert reach_hanging(OPEN_ABOVE, [letter(10, 93)]).ys == (93.0, 120.0, 140.0)


def test_what_stands_below_or_beside_an_open_row_or_below_a_closed_one_is_not_its() -> None:
    for word in (letter(10, 141), letter(10, 139), letter(40, 136), letter(100, 136), letter(10, 136, 40)):
        assert reach_hanging(OPEN, [word]) is OPEN or reach_hanging(OPEN, [word]).ys == OPEN.ys
    assert reach_hanging(CLOSED, [letter(10, 136)]) is CLOSED


@pytest.mark.parametrize(
    ("name", "n_rows"),
    [
        ("tuning/tuning-1009-chromium-wqy-thin", 28),
        # A row of uprights alone, and a header above a page number.
        ("seen/reporting-8009-chromium-wqy-boxes", 28),
        ("tuning/tuning-1020-reportlab-stsong-thick", 29),
    ],
)
def test_the_two_parts_of_a_table_are_one(name: str, n_rows: int) -> None:
    path = PRINTED / f"{name}.pdf"
    tables = [b for b in process(path, path.name, DEFAULT).reading.blocks if isinstance(b, Table)]
    assert [t.n_rows for t in tables if t.n_columns == 10 and len(t.pages) == 2] == [n_rows]


def test_a_row_of_which_only_uprights_are_drawn_is_none() -> None:
    cut = Lattice(
        (0.0, 30.0, 60.0),
        (90.0, 100.0, 120.0, 140.0, 160.0),
        ((True,) * 3,) * 4,
        ((False, False), (True, True), (True, True), (False, True), (False, False)),
    )
    whole = without_cut_rows(cut, [letter(10, 105), letter(10, 125)])
    assert whole.ys == (100.0, 120.0, 140.0) and (whole.n_rows, len(whole.walls_v), len(whole.walls_h)) == (2, 2, 3)
    # Text in it, or a line that closes it, makes it a row.
    assert without_cut_rows(cut, [letter(10, y) for y in (90, 105, 125, 145)]) is cut
    closed = replace(cut, walls_h=((True, True), *cut.walls_h[1:4], (True, True)))
    assert without_cut_rows(closed, [letter(10, 105)]) is closed
