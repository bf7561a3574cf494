"""A first look with whole numbers of eight bits: half the time of the full network, and enough for clear print.

What is taken of it is only what it is sure of; all other print is read by the full network, as if nobody had looked before.
Such a network's probabilities differ a little between runtimes and processors, because each rounds at a few places otherwise:
about half a thousandth for clear figures, a hundredth for lines of text. So figures keep theirs, and how far a bracket or an O
for a 0 was considered is forgotten; a line of text gets the least probability with which it would have been taken.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from pipeline.domain import Candidate
from pipeline.ocr.engine import LineReading
from pipeline.ocr.numbers import FOLDED, folded_text
from pipeline.ocr.second import UP_TO as FIGURE
from pipeline.ocr.strokes import ink_height, is_flat_stroke
from pipeline.ocr.sureness import BARS, SMALL
from pipeline.raster import Gray

_TEXT, _SHORT_TEXT, _SHORT = 0.8, 0.9, 3
"""Least probabilities of text that is taken: of a line, and of so few letters or what holds figures. That of a figure is the one
from which it is not read twice."""

_LEAD = 0.1
"""Text that leads the next by less may be second on another machine."""

_BAR = 0.005
"""With more probability than this on a reading that holds a bar, a figure may have a ruling beside it."""


_STEPS = ((128, 16), (256, 32), (640, 64))
_WIDEST_STEP = 128


def roomy(width: int) -> int:
    """Returns the width of the batch that a crop of `width` pixels at height 48 goes into: in wider steps the wider it is, since
    each width that was not seen before takes time, and a quick look need not be like another network's.
    """
    step = next((step for most, step in _STEPS if width <= most), _WIDEST_STEP)
    return math.ceil(width / step) * step


def is_large(crop: Gray) -> bool:
    """Tells whether print is large enough for a quick look; of smaller print the full network's rivals are wanted, but for a
    dash, which is low in all sizes.
    """
    return ink_height(crop) >= SMALL or is_flat_stroke(crop)


def settled(reading: LineReading, crop: Gray) -> LineReading | None:
    """Returns what is taken of a quick look, or None where the full network is to read.

    Signs without a figure (`-`, `/`) are told by their shape beside the full network's reading; only where a dash has the shape
    of one, this look is enough: its probability is that of the shape then.

    Args:
        reading: of the network of eight bits.
        crop: the print.
    """
    best = reading.candidates[0]
    if best.text and set(best.text) <= set(FOLDED["-"]):
        is_dash = best.log_prob >= math.log(_SHORT_TEXT) and is_flat_stroke(crop)
        return LineReading((Candidate(best.text, math.log(_SHORT_TEXT)),)) if is_dash else None
    return _settled_figure(reading) if reading.numeric else _settled_text(reading.candidates)


def _settled_text(candidates: Sequence[Candidate]) -> LineReading | None:
    best = candidates[0]
    digits = sum(sign.isdigit() for sign in best.text)
    if 2 * digits >= len(best.text):
        # +509 and 70件 are values: how sure they are counts.
        return None
    is_short = len(best.text) <= _SHORT or digits > 0
    least = _SHORT_TEXT if is_short else _TEXT
    # Half the doubts of a line are whether a bracket is a wide one, or a space stands behind it.
    alike = sum(math.exp(c.log_prob) for c in candidates if _plain(c.text) == _plain(best.text))
    lead = math.exp(best.log_prob) - max((math.exp(c.log_prob) for c in candidates[1:]), default=0.0)
    if alike < least or lead < _LEAD or folded_text(best.text) is not None:
        return None
    return LineReading((Candidate(best.text, math.log(least)),))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")


def _settled_figure(reading: LineReading) -> LineReading | None:
    figure = reading.numeric[0]
    if figure.log_prob < math.log(FIGURE) or not any(sign.isdigit() for sign in figure.text):
        return None
    if (folded_text(reading.text) or "").replace(" ", "") != figure.text:
        return None
    if any(set(c.text) & BARS and c.log_prob > math.log(_BAR) for c in reading.candidates):
        return None
    return LineReading((Candidate(figure.text, figure.log_prob),), reading.numeric)
