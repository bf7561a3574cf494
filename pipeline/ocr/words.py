"""What a recogniser proposes for a run of print → the word that is taken, its rivals, and why it may be wrong."""

from __future__ import annotations

import math
import re

from pipeline.config import Ocr
from pipeline.domain import BBox, Candidate, Word
from pipeline.ocr.engine import LineReading
from pipeline.ocr.sureness import doubt as unsure

UNREAD = "\ufffd"
"""Stands for print that no reading was found for: what has ink is never taken for a blank."""

_FIGURES = re.compile(r"[\d０-９,，.．%％+\-—–－/／]+(?:万元|元|件|项|条|次|个|份)?")
_NUMERIC_MASS = 0.3


def reading_to_word(reading: LineReading, box: BBox, page_no: int, config: Ocr, doubt: str | None = None) -> Word:
    """Chooses between the free and the numeric reading of a run of print.

    A figure is taken where the free reading is one, or where at least a third of the probability lies on figures (a
    lone 0 is often seen as 〇 or O). Only figures can be doubted here: how well a label is read shows when it is matched.

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
    if not free.text.strip():
        return Word(UNREAD, box, page_no, readings=reading.candidates, doubt="print that could not be read")
    return Word(free.text, box, page_no, readings=reading.candidates, doubt=doubt if _FIGURES.fullmatch(free.text) else None)
