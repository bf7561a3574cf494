"""Marks in the margin that are no print: strokes of a pen, a staple, the shadow of a fold."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain import BBox, Word
from pipeline.ocr.words import UNREAD

_SURE, _UNSURE = -0.15, -0.5
_FEW = 3
_STROKES = frozenset("/-1|")


def is_margin_mark(words: Sequence[Word], cells: Sequence[BBox]) -> list[bool]:
    """Tells for each word whether it is badly read, short, and outside of all that is well read; or a stroke in a corner.

    What stands among well-read words is never a mark: it may be a figure of a table without rulings.

    Args:
        words: of one page.
        cells: its ruled cells.
    """
    body = [*cells, *(w.bbox for w in words if len(w.text) > 1 and _score(w) >= _SURE)]
    if not body:
        return [False] * len(words)
    hull = BBox(min(b.x0 for b in body), min(b.top for b in body), max(b.x1 for b in body), max(b.bottom for b in body))
    return [(_is_bad(w) and _is_outside(w.bbox, hull)) or (w.text in _STROKES and _is_in_corner(w.bbox, hull)) for w in words]


def _is_bad(word: Word) -> bool:
    return word.text == UNREAD or (len(word.text) <= _FEW and _score(word) < _UNSURE)


def _is_outside(box: BBox, hull: BBox) -> bool:
    return box.x1 <= hull.x0 or box.x0 >= hull.x1 or box.bottom <= hull.top or box.top >= hull.bottom


def _is_in_corner(box: BBox, hull: BBox) -> bool:
    """True where a box is outside both ways: a staple reads as a slash, and no figure stands there."""
    return (box.x1 <= hull.x0 or box.x0 >= hull.x1) and (box.bottom <= hull.top or box.top >= hull.bottom)


def _score(word: Word) -> float:
    """Log-probability a character of the reading that was taken."""
    taken = next((r for r in word.readings if r.text == word.text), None)
    return taken.log_prob / max(1, len(taken.text)) if taken else float("-inf")
