"""Heads of narrow columns that are written downwards outside of ruled cells: found, read as labels, and set in rows."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.domain import BBox, Candidate, Word
from pipeline.layout.textlines import find_ink, find_lines
from pipeline.ocr.engine import LineReading
from pipeline.ocr.marks import is_margin_mark
from pipeline.raster import Gray, TextLine
from pipeline.run.downward_heads import head_boxes, part_downward, read_downward
from tests.test_textlines import GLYPH, chinese, context, lines_of, paper, zero

STEP = GLYPH + 5


def heads(page: Gray, lengths: Sequence[int], step: int = STEP, x0: int = 200, pitch: int = 80) -> None:
    """Draws heads of as many letters as told, all ending at one height."""
    for k, n in enumerate(lengths):
        for i in range(n):
            chinese(page, x0 + pitch * k, 40 + step * (max(lengths) - n + i))


def stacks_of(lines: Sequence[TextLine]) -> list[int]:
    return [len(line.boxes) for line in sorted(lines, key=lambda line: line.hull[0]) if line.is_stack]


def test_heads_beside_one_another_are_a_run_each():
    page = paper()
    heads(page, (3, 4, 2))
    context(page)
    _, lines = lines_of(page)
    assert stacks_of(lines) == [3, 4, 2]


def test_letters_that_touch_are_told_by_the_pitch_of_all():
    page = paper()
    heads(page, (4, 4, 2), GLYPH)
    for k, n in enumerate((4, 4, 2)):
        x = 200 + 80 * k + GLYPH // 2
        cv2.line(page, (x, 42 + GLYPH * (4 - n)), (x, 36 + GLYPH * 4), 20, 2)
    context(page)
    _, lines = lines_of(page)
    assert stacks_of(lines) == [4, 4, 2]


def test_two_columns_and_letters_apart_are_read_across():
    for lengths, step in (((4, 4), STEP), ((3, 3, 3), 2 * GLYPH)):
        page = paper()
        heads(page, lengths, step)
        context(page)
        _, lines = lines_of(page)
        assert stacks_of(lines) == []


def test_lines_of_text_are_read_across():
    page = paper()
    for y in (40, 70, 100):
        for k in range(12):
            chinese(page, 20 + 30 * k, y)
    context(page)
    _, lines = lines_of(page)
    assert stacks_of(lines) == []


def test_figures_close_below_one_another_are_read_across():
    page = paper()
    for x in (200, 280, 360):
        for y in (40, 64, 88):
            zero(page, x, y)
    context(page)
    _, lines = lines_of(page)
    assert stacks_of(lines) == []


def test_small_figures_on_a_page_of_large_print_are_read_across():
    page = paper()
    for x in (60, 200, 340, 480):
        for y in range(40, 202, 18):
            # Digits that run into one another.
            cv2.rectangle(page, (x, y), (x + 44, y + 11), 20, 2)
    for k in range(12):
        chinese(page, 10 + 48 * k, 340, 44)
    for k in range(12):
        chinese(page, 10 + 48 * k, 280, 44)
    _, lines = lines_of(page)
    assert stacks_of(lines) == []


def test_lone_ones_in_a_row_are_read_across():
    page = paper()
    for x in (200, 280, 360, 440):
        cv2.line(page, (x, 40), (x, 60), 20, 3)
    context(page)
    _, lines = lines_of(page)
    assert stacks_of(lines) == []


def reading(text: str) -> LineReading:
    return LineReading((Candidate(text, -0.02 * len(text)),), ())


def read_again(said: Sequence[str]) -> list[tuple[str, bool]]:
    """Reads heads of two letters that read as told; what is read a second time reads as 无."""
    page = paper()
    heads(page, (2,) * len(said))
    context(page)
    ink = find_ink(page, np.zeros_like(page), 200.0)
    lines = [line for line in find_lines(ink, [], 200.0) if line.is_stack]
    crops = [page[:4, :4]] * len(lines)
    kept, pictures, readings = read_downward(
        lambda fresh: [reading("无")] * len(fresh), page, np.zeros_like(page), ink, lines, crops, [reading(t) for t in said]
    )
    assert len(kept) == len(pictures) == len(readings)
    return [(r.candidates[0].text, line.is_stack) for r, line in zip(readings, kept, strict=True)]


def test_what_reads_as_a_label_stays_and_all_else_is_read_across():
    assert read_again(("其他", "合计", "总计")) == [("其他", True), ("合计", True), ("总计", True)]
    assert read_again(("无一", "一无", "总计")) == [("总计", True), *[("无", False)] * 4]
    # A column of one sign or of figures is no label.
    assert read_again(("其他", "无无", "12")) == [("其他", True), *[("无", False)] * 4]


def test_beside_labels_what_can_hardly_be_read_is_one_but_figures_are_not():
    assert read_again(("其他", "#", "总计")) == [("其他", True), ("#", True), ("总计", True)]
    assert read_again(("其他", "合计", "12", "总计")) == [("其他", True), ("合计", True), ("总计", True), *[("无", False)] * 2]


def test_the_letters_of_heads_stand_in_rows_down_to_the_lowest():
    def stack(x: int, top: int, n: int) -> TextLine:
        return TextLine(tuple((x, top + 24 * i, x + 20, top + 24 * i + 20) for i in range(n)))

    lines = [stack(100, 90, 2), stack(200, 80, 3), TextLine(((20, 200, 90, 220),))]
    words = [Word(t, BBox(0, 0, 1, 1), 1, readings=(Candidate(t, -0.3),)) for t in ("其他", "自然人", "新收")]
    parted, runs = part_downward(words, lines, 72.0)
    assert [w.text for w in parted] == [*"其他自然人", "新收"]
    tops = {w.text: round(w.bbox.top) for w in parted}
    assert tops["其"] == tops["然"] and tops["他"] == tops["人"] and tops["然"] - tops["自"] == 24
    assert abs(max(w.bbox.bottom for w in parted[:5]) - 148) < 1
    # What is printed is looked for where it stands.
    assert [run.hull[1] for run in runs] == [90, 114, 80, 104, 128, 200]


def test_letters_are_dealt_out_where_one_was_not_read():
    for text, boxes in (("总计", 3), ("话", 2), ("合并计", 2)):
        line = TextLine(tuple((100, 24 * i, 120, 24 * i + 20) for i in range(boxes)))
        parted, runs = part_downward([Word(text, BBox(0, 0, 1, 1), 1)], [line], 72.0)
        assert "".join(w.text for w in parted) == text and all(w.text for w in parted)
        assert [box for run in runs for box in run.boxes] == list(line.boxes) and len(runs) == len(parted)


def test_a_head_that_could_hardly_be_read_is_no_mark_in_the_margin():
    lines = [TextLine(((20, 100, 90, 120),)), TextLine(((300, 40, 320, 60), (300, 64, 320, 84)))]
    words = [
        Word("新收申请", BBox(20, 100, 90, 120), 1, readings=(Candidate("新收申请", -0.01),)),
        Word("话", BBox(300, 40, 320, 84), 1, readings=(Candidate("话", -2.6),)),
    ]
    (box,) = head_boxes(lines, 72.0)
    assert is_margin_mark(words, []) == [False, True]
    assert is_margin_mark(part_downward(words, lines, 72.0)[0], [box]) == [False, False]
