"""Signs of the size of the dashes around them that read as some letter: dashes, most likely, and always doubted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from pipeline.domain import Word
from pipeline.ocr.marks import taken_score
from pipeline.ocr.words import UNREAD

_DASHES = frozenset("-—–")
_SURE, _LEAST, _SIZE, _REACH = -0.35, 4, 1.4, 0.5


def with_dashes(words: Sequence[Word], is_free: Sequence[bool]) -> list[Word]:
    """Takes badly read signs for dashes where a page prints dashes: as a letter, one would move the other values of its row.

    Args:
        words: of one page, with boxes as high and as wide as their print was cut out.
        is_free: for each word, whether it stands outside of ruled cells.

    Returns:
        The words; a sign that is small as the dashes are, reads as no figure and stands above, below or beside one of them is
        `-` with a doubt.
    """
    dashes = [w for w in words if w.text in _DASHES and taken_score(w) >= _SURE]
    if len(dashes) < _LEAST:
        return list(words)
    width, height = median(d.bbox.width for d in dashes), median(d.bbox.height for d in dashes)
    return [
        _dash(word) if free and _is_sign(word) and _is_small(word, width, height) and _is_in_line(word, dashes) else word
        for word, free in zip(words, is_free, strict=True)
    ]


def _is_sign(word: Word) -> bool:
    """True for one character that is no figure, or for what could not be read."""
    if word.text == UNREAD:
        return True
    return (
        len(word.text) == 1
        and not word.text.isdigit()
        and word.text not in _DASHES
        and (taken_score(word) < _SURE or word.text == "一")
    )


def _is_small(word: Word, width: float, height: float) -> bool:
    return word.bbox.width <= _SIZE * width and word.bbox.height <= _SIZE * height


def _is_in_line(word: Word, dashes: Sequence[Word]) -> bool:
    """True where a dash stands in the row or in the column of a sign."""
    x, y = word.bbox.center
    return any(
        abs(d.bbox.center[1] - y) <= _REACH * d.bbox.height or abs(d.bbox.center[0] - x) <= _REACH * d.bbox.height for d in dashes
    )


def _dash(word: Word) -> Word:
    # No doubt of reading, which sums may clear: they close over a dash as over the 0 that it may have been.
    return replace(word, text="-", doubt=f"{word.text!r} is as small as the dashes around it, and may be one")
