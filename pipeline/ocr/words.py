"""What a recogniser proposes for a run of print → the word that is taken, its rivals, and why it may be wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from pipeline.config import Ocr
from pipeline.domain import BBox, Candidate, Word
from pipeline.ocr.engine import LineReading
from pipeline.ocr.sureness import doubt as unsure

UNREAD = "\ufffd"
"""Stands for print that no reading was found for: what has ink is never taken for a blank."""

_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
_FULL, _DIGIT, _LOWER = 0.97, 0.72, 1.6

BADLY_READ = "a mark or a letter that could hardly be read"

_SHORT, _BAD = 2, -1.0
_FIGURES = re.compile(r"[\d０-９,，.．%％+\-—–－/／]+(?:万元|元|件|项|条|次|个|份)?")
_NUMERIC_MASS = 0.3
_MARK = r"(?:[A-Za-z\u3040-\u30ff]|[^\w\s.,，、:：;；()（）%％+\-—–/／￥¥])"
_MARKED = re.compile(rf"(?:{_MARK}\s?)?(\d{{1,7}})(?:\s?{_MARK}|\s-)?")
_BESIDE_MARK = math.log(0.5)


def reading_to_word(reading: LineReading, box: BBox, page_no: int, config: Ocr, doubt: str | None = None) -> Word:
    """Chooses between the free and the numeric reading of a run of print.

    A figure is taken where the free reading is one, or where at least a third of the probability lies on figures (a
    lone 0 is often seen as 〇 or O). Only figures and short marks can be doubted here: how well a label is read shows when
    it is matched.

    Args:
        reading: of the recogniser.
        box: place in points.
        page_no: from 1.
        config: `sure` is the least probability of a figure that needs no second look.
        doubt: why the print itself is not sure (under a seal, too small), or None.
    """
    free = reading.candidates[0] if reading.candidates else Candidate("", 0.0)
    figure = reading.numeric[0] if reading.numeric else None
    why = unsure(reading, config.sure)
    if figure is not None and (_FIGURES.fullmatch(free.text) or math.exp(figure.log_prob) >= _NUMERIC_MASS):
        return Word(figure.text, box, page_no, readings=reading.numeric, doubt=why or doubt)
    marked = _MARKED.fullmatch(free.text)
    if marked:
        # A stroke of a pen beside a figure: no number is better than a wrong one, but this one sums may bear out.
        rest = tuple(c for c in reading.numeric if c.text != marked[1])
        own = Candidate(marked[1], min(free.log_prob, _BESIDE_MARK))
        return Word(marked[1], box, page_no, readings=(own, *rest), doubt=f"read as {marked[1]!r}, but freely as {free.text!r}")
    if not free.text.strip():
        return Word(UNREAD, box, page_no, readings=reading.candidates, doubt="print that could not be read")
    is_bad = len(free.text) <= _SHORT and free.log_prob < _BAD * len(free.text)
    figure_doubt = doubt if _FIGURES.fullmatch(free.text) else None
    return Word(free.text, box, page_no, readings=reading.candidates, doubt=BADLY_READ if is_bad else figure_doubt)


def em_boxes(words: Sequence[Word]) -> list[Word]:
    """Gives words the boxes that a text layer would: as high as the em of their letters, whatever ink they have.

    Rows and columns without rulings are found by the places of words, and 一 or 1 stand in their row like 国. How high an em
    is, ideographs tell; figures and dashes take it from those that they stand beside, and so does a lone ideograph, which is
    often a figure that was taken for one.
    """
    told = [(w.bbox, (w.bbox.bottom - w.bbox.top) / _FULL, len(w.text)) for w in words if _IDEOGRAPH.search(w.text)]
    ems = [(box, em) for box, em, n in told if n > 1] or [(box, em) for box, em, _ in told]
    usual = median(em for _, em in ems) if ems else 0.0
    return [_boxed(w, ems, usual) for w in words]


def _boxed(word: Word, ems: Sequence[tuple[BBox, float]], usual: float) -> Word:
    box = word.bbox
    height = box.bottom - box.top
    middle = (box.top + box.bottom) / 2
    beside = [(abs(b.x0 - box.x0), em) for b, em in ems if b is not box and b.top <= middle <= b.bottom and em >= height]
    if _IDEOGRAPH.search(word.text):
        lone = len(word.text) == 1 and beside and min(beside)[1] <= _LOWER * height
        em = min(beside)[1] if lone else height / _FULL
    else:
        em = min(beside)[1] if beside else min(max(usual, height), height / _DIGIT)
    room = max(0.0, em - height) / 2
    return replace(word, bbox=BBox(box.x0, box.top - room, box.x1, box.bottom + room))
