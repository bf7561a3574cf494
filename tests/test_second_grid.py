"""Scanned tables whose lines are lost: a rival grid is taken where it explains more, and its doubts are kept."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from lying_reader import read_once

from pipeline.canon.schema import load_schemas
from pipeline.config import DEFAULT
from pipeline.domain import BBox, DocumentResult, LaneMatch, Matrix, MatrixCell, Origin, State, Table, Word
from pipeline.grid.image_rulings import ImageRulings, find_rulings
from pipeline.intake.raster_pdf import rasterise_page
from pipeline.ocr.engine import LineReading
from pipeline.raster import Gray
from pipeline.run import retake, rivals, scan, two_grids
from pipeline.run.document import process
from pipeline.run.explained import is_explained
from pipeline.run.two_grids import held_against

SCAN = Path(__file__).resolve().parents[1] / "fixtures" / "scans" / "office-200.pdf"
WITHOUT = replace(DEFAULT, scan=replace(DEFAULT.scan, second_grid=False))


@pytest.fixture(autouse=True)
def read_the_page_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read_once(monkeypatch)


def without_some_uprights(gray: Gray, dpi: float) -> ImageRulings:
    """The rulings of a page of which every other upright was not found, and others only for a part."""
    found = find_rulings(gray, dpi)
    kept = [replace_end(r, 0.3) if k % 4 == 0 else r for k, r in enumerate(found.verticals) if k % 2 == 0]
    return ImageRulings(found.horizontals, tuple(kept), found.mask)


def replace_end(rule, share):  # type: ignore[no-untyped-def]
    return rule._replace(end=rule.start + share * (rule.end - rule.start))


def flags(result: DocumentResult) -> int:
    return sum(c.review for m in result.matrices for line in m.cells for c in line)


def silent(result: DocumentResult) -> list[str]:
    truth = json.loads(SCAN.with_suffix("").with_suffix(".truth.json").read_text(encoding="utf8"))["tables"]
    return [
        f"{m.table} {row.key} {column.key}"
        for m in result.matrices
        for row, line in zip(m.rows, m.cells, strict=True)
        for column, cell in zip(m.columns, line, strict=True)
        if not cell.review
        and cell.value
        != truth[m.table]["values"][truth[m.table]["rows"].index(row.key)][truth[m.table]["columns"].index(column.key)]
    ]


@cache
def by_the_lines_alone() -> DocumentResult:
    """What one grid gives of the scan, whose rulings are those of `without_some_uprights` when this is first asked."""
    return process(SCAN, SCAN.name, WITHOUT)


def test_a_grid_of_its_figures_brings_back_a_table_whose_lines_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "find_rulings", without_some_uprights)
    first, second = by_the_lines_alone(), process(SCAN, SCAN.name)
    assert flags(first) > 40
    assert first.absent == ("litigation",) and not second.absent
    assert 2 * flags(second) < flags(first)
    assert not silent(second) and not silent(first)
    assert [f.rule for f in second.findings if f.rule == "second_grid"] == ["second_grid"]
    tables = [b for b in (second.reading.blocks if second.reading else ()) if isinstance(b, Table)]
    assert any("lines left doubt" in (t.reason or "") for t in tables)


def test_a_table_without_doubt_pays_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*rest: object) -> None:
        raise AssertionError("a second grid was tried")

    monkeypatch.setattr(retake.Retake, "read", never)
    assert process(SCAN, SCAN.name).failure is None


def test_no_crop_is_read_twice_and_print_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting:
        def read(self, crops: Sequence[Gray]) -> list[LineReading]:
            asked.extend((c.shape, c.tobytes()) for c in crops)
            return list(real.read(crops))

    asked: list[object] = []
    real = scan.load_engine(DEFAULT.ocr)
    scanned, again = retake.take(rasterise_page(SCAN, 1, DEFAULT), DEFAULT)
    assert again is not None
    monkeypatch.setattr(retake, "load_engine", lambda _: Counting())
    looks, find_ink = [], retake.find_ink
    monkeypatch.setattr(retake, "find_ink", lambda *args: looks.append(args) or find_ink(*args))
    assert again.read(again.rulings).page.words == scanned.page.words
    assert not asked
    again.bare()
    again.read(())
    assert len(asked) == len(set(asked))
    assert len(looks) == 1


def lane(key: str) -> LaneMatch:
    return LaneMatch(key, key, 1.0, 1.0, True)


def litigation(*numbers: int | None) -> Matrix:
    """The table of suits with one row of numbers, and two rows of noughts."""
    schema = next(t for s in load_schemas() for t in s.tables if t.table == "litigation")
    lines = [numbers, (0,) * 5, (0,) * 5]
    cells = tuple(tuple(cell(n) for n in line) for line in lines)
    rows, columns = (tuple(lane(x.key) for x in lanes) for lanes in (schema.rows, schema.columns))
    return Matrix(schema.table, schema.family, schema.variant, None, rows, columns, cells, 1.0, 1.0)


def cell(number: int | None) -> MatrixCell:
    state = State.BLANK if number is None else State.PRINTED
    return MatrixCell(number, "" if number is None else str(number), state, 0.999, False, Origin.OCR)


def held(first: Sequence[Matrix], second: Matrix) -> list[bool]:
    return [c.review for c in held_against(first, [second], [second], load_schemas())[0].cells[0]]


def test_cells_of_which_two_grids_differ_are_asked_for() -> None:
    assert held([litigation(4, 57, 27, 92, 180)], litigation(4, 57, 27, 92, 180)) == [False] * 5
    assert held([litigation(4, 57, 92, 27, 180)], litigation(4, 57, 27, 92, 180)) == [False, False, True, True, False]
    assert held([litigation(4, 57, None, 92, 180)], litigation(4, 57, 0, 92, 180))[2]


def test_a_table_that_the_first_grid_did_not_find_is_asked_for() -> None:
    assert all(held([], litigation(4, 57, 27, 92, 180)))


def test_sums_vouch_for_no_blank_and_for_no_nought_beside_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_grids, "closed_equations", lambda *_: defaultdict(lambda: 2))
    assert held([litigation(4, 0, 27, 92, 123)], litigation(4, None, 27, 92, 123)) == [False, True, False, False, False]
    assert held([], litigation(4, None, 0, 92, 96)) == [False, True, True, False, False]
    assert held([], litigation(4, 1, 0, 92, 97)) == [False] * 5
    assert held([litigation(4, None, 0, 92, 96)], litigation(4, None, 0, 92, 96)) == [False] * 5


def test_a_fault_of_a_second_grid_costs_nothing_but_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*rest: object) -> None:
        raise ValueError("not a grid")

    monkeypatch.setattr(scan, "find_rulings", without_some_uprights)
    first = by_the_lines_alone()
    monkeypatch.setattr(retake, "figure_grids", fault)
    second = process(SCAN, SCAN.name)
    assert second.matrices == first.matrices
    assert any("not a grid" in f.message for f in second.findings)


def word(text: str, x: float, y: float) -> Word:
    return Word(text, BBox(x, y, x + 8 * len(text), y + 10), 1)


def explained(words: Sequence[Word], matrix: Matrix) -> bool:
    return is_explained(words, [w.bbox for w in words], 1, [matrix])


def test_a_page_with_nothing_beside_its_certain_tables_is_not_read_again() -> None:
    boxes = [[BBox(100 + 40 * k, 200 + 20 * i, 140 + 40 * k, 220 + 20 * i) for k in range(5)] for i in range(3)]
    matrix = litigation(4, 57, 27, 92, 180)
    lines = tuple(
        tuple(replace(c, page_no=1, bbox=b) for c, b in zip(line, row, strict=True))
        for line, row in zip(matrix.cells, boxes, strict=True)
    )
    matrix = replace(matrix, cells=lines)
    inside = [word("4", 110, 205), word("57", 150, 205), word("行政复议", 30, 205), word("12", 290, 800)]
    assert explained(inside, matrix)
    # Two things that may be figures of another table, be they joined, or not read at all.
    assert not explained([*inside, word("3 0 0", 150, 400)], matrix)
    assert not explained([*inside, word("?", 150, 400)], matrix)
    # A table in doubt, or of another page.
    doubted = tuple(replace(c, review=True) for c in lines[0])
    assert not explained(inside, replace(matrix, cells=(doubted, *lines[1:])))
    assert not is_explained(inside, [w.bbox for w in inside], 2, [matrix])


def taken(scores: dict[str, float]) -> set[str]:
    """Which options of one page are taken, by their worth; the first grid is worth nothing."""

    class Worth(rivals._Trial):
        def __init__(self) -> None:
            self._left = 20
            self._first = SimpleNamespace(raw=SimpleNamespace(matrices=()))  # type: ignore[assignment]

        def read(self, choice: rivals.Choice) -> tuple[Any, Any]:
            return None, SimpleNamespace(matrices=[scores[o.name] for o in choice.values()])

        def _score(self, matrices: Any) -> float:
            return float(sum(matrices))

    counts = {"figures": 2, "words": 2, "figures in table 1": 1, "figures in table 2": 1}
    options = [rivals.Option(name, 1, cast(Any, None), (), n) for name, n in counts.items()]
    return {o.name for o in Worth().best(options).values()}


def test_a_rival_of_one_table_is_taken_where_it_explains_as_much() -> None:
    alike = {"figures": 50.0, "words": 10.0, "figures in table 1": 20.0, "figures in table 2": 50.0}
    assert taken(alike) == {"figures in table 2"}
    assert taken({**alike, "figures": 51.0}) == {"figures"}
    assert taken(dict.fromkeys(alike, 0.0)) == set()
