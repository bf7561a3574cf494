"""Signs of the size of the dashes around them that read as some letter: dashes, most likely.

A coarse copy leaves a dash so few pixels that a reader is sure of one and takes the next for a dot, though they are the same
sign. Where their pixels say so they are read alike; where only their boxes do they stay in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from pipeline.domain import Word
from pipeline.ocr.marks import taken_score
from pipeline.ocr.words import UNREAD
from pipeline.raster import FlatSign

_DASHES = frozenset("-—–")
_SURE, _LEAST, _SIZE, _REACH = -0.35, 4, 1.4, 0.5
_LEAST_ALIKE, _WIDER, _HIGHER, _ASIDE = 8, 2, 1, 0.2


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


def with_like_dashes(words: Sequence[Word], signs: Sequence[FlatSign | None], is_covered: Sequence[bool]) -> list[Word]:
    """Reads lone flat pieces of print as the dashes of the page are read that look like them.

    Args:
        words: of one page.
        signs: for each word the flat piece that it consists of, or None.
        is_covered: for each word, whether a seal or a stroke of a pen lies over it.

    Returns:
        The words. One that is as wide and as high as most dashes of which the reader is sure, to two pixels and to one, and
        stands in the middle of its row as they do has their text and the readings of a usual one of them. Where a figure looks
        so too, and is read well, nothing is said of any.
    """
    known = [(word, sign) for word, sign, hidden in zip(words, signs, is_covered, strict=True) if sign is not None and not hidden]
    sure = [(w, s) for w, s in known if w.text in _DASHES and w.doubt is None and taken_score(w) >= _SURE]
    if len(sure) < _LEAST_ALIKE:
        return list(words)
    width, height = median(s.width for _, s in sure), median(s.height for _, s in sure)
    aside = median(s.aside for _, s in sure)

    def is_like(sign: FlatSign) -> bool:
        near = abs(sign.aside - aside) <= _ASIDE
        return near and abs(sign.width - width) <= _WIDER and abs(sign.height - height) <= _HIGHER

    if any(is_like(s) and _is_figure(w) and taken_score(w) >= _SURE for w, s in known):
        return list(words)
    usual = sorted((w for w, s in sure if is_like(s)), key=taken_score)
    if len(usual) < _LEAST_ALIKE:
        return list(words)
    twin = usual[len(usual) // 2]
    taken = {id(w) for w, s in known if is_like(s)} - {id(w) for w, _ in sure}
    return [replace(w, text=twin.text, readings=twin.readings, doubt=None) if id(w) in taken else w for w in words]


def _is_figure(word: Word) -> bool:
    return word.text == "一" or any(c.isdigit() for c in word.text)


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
