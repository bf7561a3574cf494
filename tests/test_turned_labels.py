"""Labels turned by a quarter are one run that reads forwards; stacked labels and figures stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from pipeline.config import DEFAULT
from pipeline.domain import Candidate
from pipeline.ocr.engine import LineReading
from pipeline.ocr.recalled import crop_key
from pipeline.raster import Gray, Sheet, TextLine
from pipeline.run import retake
from pipeline.run.scan import SeenPage
from pipeline.run.turned_labels import read_turned

PAGE = np.full((400, 300), 250, np.uint8)


def reading(text: str, score: float = -0.02) -> LineReading:
    return LineReading((Candidate(text, score * max(1, len(text))),), ())


class Fake:
    """Reads every crop alike."""

    def __init__(self, said: LineReading) -> None:
        self.said = said
        self.shapes: list[tuple[int, ...]] = []

    def read(self, crops: Sequence[Gray]) -> list[LineReading]:
        self.shapes += [c.shape for c in crops]
        return [self.said for _ in crops]


def column(letters: str, cell: int | None = 0, width: int = 20) -> tuple[list[TextLine], list[LineReading]]:
    """Letters below each other, each a run of its own."""
    lines = [TextLine(((50, 40 + 24 * k, 50 + width, 60 + 24 * k),), cell) for k in range(len(letters))]
    return lines, [reading(letter, -0.1) for letter in letters]


def texts(lines: list[TextLine], readings: list[LineReading], said: LineReading) -> tuple[list[str], Fake]:
    engine = Fake(said)
    crops = [np.zeros((20, 20), np.uint8)] * len(lines)
    kept, pictures, found = read_turned(engine, PAGE, lines, crops, readings, 20.0)  # type: ignore[arg-type]
    assert len(kept) == len(pictures) == len(found)
    return [r.candidates[0].text for r in found], engine


def test_a_label_from_bottom_to_top_is_one_run() -> None:
    found, engine = texts(*column("人然自"), reading("自然人"))
    assert found == ["自然人"]
    ((height, width),) = engine.shapes
    assert width > 2 * height


def test_two_letters_beside_a_speck_are_a_label_all_the_same() -> None:
    assert texts(*column("计总", width=34), reading("总计"))[0] == ["总计"]
    # One run as wide as high is no column of letters.
    assert not texts([TextLine(((50, 40, 84, 84),), 0)], [reading("三", -2.0)], reading("总计"))[1].shapes


@pytest.mark.parametrize(
    ("letters", "said"),
    [("自然人", reading("关果苦", -1.7)), ("自然人", reading("入然目")), ("101", reading("101")), ("1", reading("一一"))],
)
def test_other_columns_of_letters_stay(letters: str, said: LineReading) -> None:
    assert texts(*column(letters), said)[0] == list(letters)


def test_letters_taken_for_a_stack_are_read_lying_down_too() -> None:
    boxes = tuple((50, 40 + 24 * k, 70, 60 + 24 * k) for k in range(6))
    stack = [TextLine(boxes, 0)]
    assert texts(stack, [reading("构机务服律法")], reading("法律服务 机构"))[0] == ["法律服务 机构"]
    assert texts(stack, [reading("法律服务机构")], reading("构机务"))[0] == ["法律服务机构"]


def test_what_reads_badly_from_top_to_bottom_may_lie() -> None:
    lines, _ = column("三三三")
    found, _ = texts(lines, [reading("三", -2.0)] * 3, reading("法律服务机构"))
    assert found == ["法律服务机构"]


def test_nothing_is_asked_outside_of_cells_or_of_narrow_strokes() -> None:
    assert not texts(*column("人然自", cell=None), reading("自然人"))[1].shapes
    assert not texts(*column("111", width=6), reading("自然人"))[1].shapes


def test_what_reads_as_nothing_at_a_glance_is_not_read() -> None:
    class Glancing(Fake):
        def glance(self, crops: Sequence[Gray]) -> list[LineReading]:
            return [reading("关果苦", -1.7) for _ in crops]

    engine = Glancing(reading("自然人"))
    lines, readings = column("人然自")
    found = read_turned(engine, PAGE, lines, [np.zeros((20, 20), np.uint8)] * 3, readings, 20.0)  # type: ignore[arg-type]
    assert [r.candidates[0].text for r in found[2]] == list("人然自") and not engine.shapes


def test_another_grid_reads_turned_labels_too_and_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, said = column("人然自")
    crops = [np.full((20, 20), shade, np.uint8) for shade in (10, 20, 30)]
    engine, sheet = Fake(reading("自然人")), Sheet(1, PAGE, 200.0, cast(Any, None))
    ink = cast(Any, SimpleNamespace(letter=20.0))
    seen = SeenPage(sheet, (), PAGE, ink, np.zeros((0, 4), np.int32), (), tuple(lines), tuple(crops), ())
    taken: list[list[str]] = []
    monkeypatch.setattr(retake, "load_engine", lambda _: engine)
    monkeypatch.setattr(retake, "find_ink", lambda *_: ink)
    monkeypatch.setattr(retake, "lay_out", lambda *_: seen)
    monkeypatch.setattr(retake, "read_seen", lambda s, joined, *_: taken.append([r.candidates[0].text for r in joined]) or Told())
    known = {crop_key(c): r for c, r in zip(crops, said, strict=True)}
    again = retake.Retake(sheet, PAGE, (), cast(Any, None), None, DEFAULT, known)
    again.read(())
    again.read(())
    assert taken == [["自然人"], ["自然人"]] and len(engine.shapes) == 1


@dataclass(frozen=True)
class Told:
    """Stands for a page that was read."""

    @dataclass(frozen=True)
    class Rim:
        rulings: tuple[object, ...] = ()

    rim: Rim = Rim()


@pytest.mark.parametrize("letter", [20.0, 40.0])
def test_heads_on_their_side_outside_of_cells_read_forwards_and_keep_their_letters(letter: float) -> None:
    """Also where large headings make the usual letter of the page larger than theirs."""
    boxes = tuple((50, 40 + 24 * k, 70, 60 + 24 * k) for k in range(3))
    engine = Fake(reading("自然人"))
    stack = [TextLine(boxes)]
    crops = [np.zeros((20, 20), np.uint8)]
    kept, _, found = read_turned(engine, PAGE, stack, crops, [reading("人然自")], letter)  # type: ignore[arg-type]
    assert [r.candidates[0].text for r in found] == ["自然人"]
    assert kept == stack
