"""What a worn ruling leaves among the print of a table without verticals."""

import numpy as np

from pipeline.domain import BBox, Word
from pipeline.grid.runs import lines_to_runs
from pipeline.grid.segments import words_to_segment_lines
from pipeline.layout.ink import Ink
from pipeline.layout.rests import ruling_rests, without_rests

LETTER = 24


def row_of_letters(y, first=60, count=10):
    return [(first + 30 * k, y, first + 30 * k + LETTER, y + LETTER) for k in range(count)]


def flat(y, *places):
    return [(a, y, b, y + 3) for a, b in places]


def found(*groups):
    boxes = np.asarray([b for group in groups for b in group], dtype=np.int64)
    return ruling_rests(boxes, float(LETTER)).tolist()


def test_flat_pieces_of_all_lengths_between_rows_are_rests():
    rests = flat(110, (60, 67), (80, 130), (170, 260), (400, 412), (420, 500))
    assert found(rests) == [True] * 5
    assert found(row_of_letters(60), rests, row_of_letters(140)) == [False] * 10 + [True] * 5 + [False] * 10


def test_dashes_beside_the_label_of_their_row_are_print():
    dashes = flat(70, (400, 424), (500, 524), (600, 624), (700, 724))
    assert not any(found(row_of_letters(60), dashes))


def test_long_dashes_of_one_length_are_print():
    assert not any(found(flat(70, (400, 448), (500, 549), (600, 648), (700, 748))))


def test_strokes_in_a_line_of_letters_are_print():
    """一 and rests of a ruling may be alike, but one has letters on both sides."""
    strokes = flat(72, (380, 420), (440, 460), (500, 520))
    assert not any(found(strokes, row_of_letters(60, 350, 8)))


def test_a_label_with_brackets_goes_on_with_its_table():
    def word(text, x0, y, height=10.0):
        return Word(text, BBox(x0, y - height / 2, x0 + 10 * len(text), y + height / 2), 1)

    figures = [[word("12", x, y) for x in (300, 360, 420)] for y in (100, 124, 140)]
    labels = [
        word("予以公开", 50, 100),
        word("（部分公开）", 50, 118, 11.8),
        word("其他情形", 50, 130),
        word("属于国家秘密", 50, 140),
    ]
    lines = words_to_segment_lines([*labels, *(w for row in figures for w in row)])
    assert len(lines_to_runs(lines, [], (50.0, 500.0))) == 1


def test_a_speck_in_the_gap_of_a_ruling_is_a_rest():
    boxes = np.asarray([*row_of_letters(60), (200, 99, 208, 102), (200, 112, 208, 115)], dtype=np.int64)
    numbers, areas = np.arange(1, 13), np.full(12, 24)
    blank = np.zeros((200, 500), np.uint8)
    ink = Ink(blank, blank.astype(np.int32), boxes, numbers, areas, float(LETTER), blank, 200.0, blank)
    kept, rests = without_rests(ink, [], [(100.0, 50.0, 450.0)])
    assert rests.tolist() == [[200, 99, 208, 102]] and len(kept.boxes) == 11
    assert len(without_rests(ink, [(190, 90, 220, 110)], [(100.0, 50.0, 450.0)])[1]) == 0


def test_a_sentence_under_figures_ends_the_table():
    def word(text, x0, y, width=None):
        return Word(text, BBox(x0, y, x0 + (width or 10 * len(text)), y + 10), 1)

    table = [word("合计", 50, 100), *(word("12", x, 100) for x in (200, 260, 320, 380))]
    heading = [word("五、存在的主要问题", 50, 118)]
    sentence = "一是公开内容的深度和广度有待提升，二是队伍建设有待加强，三是信息更新不够及时，四是解读不多"
    prose = [word("问题：", 50, 134), word(sentence, 100, 134, 330), word("1", 470, 134)]
    lines = words_to_segment_lines([*table, *heading, *prose])
    runs = lines_to_runs(lines, [], (50.0, 480.0))
    assert all("存在" not in line.text and sentence not in line.text for line in runs[0].lines), runs
