"""Marks that are no print: strokes of a pen, a staple, the shadow of a fold in the margin; rests of a seal beside a figure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from pipeline.domain import BBox, Word
from pipeline.ocr.words import UNREAD

_SURE, _UNSURE = -0.15, -0.5
_FEW, _COLUMN = 3, 4
_STROKES = frozenset("/-1|")
_FIGURE = re.compile(r"\d[\d,.]*")
_STRAY_AREA, _BESIDE_STRAY, _SPECK = 0.75, math.log(0.8), 0.4


def is_margin_mark(words: Sequence[Word], cells: Sequence[BBox]) -> list[bool]:
    """Tells for each word whether it is badly read, short, and outside of all that is well read; or a stroke in a corner.

    What stands among well-read words is never a mark: it may be a figure of a table without rulings.

    Args:
        words: of one page.
        cells: its ruled cells.
    """
    read = [w for w in words if taken_score(w) >= _SURE]
    signs = np.asarray([w.bbox.center[0] for w in read if len(w.text) == 1])
    body = [*cells, *(w.bbox for w in read if len(w.text) > 1 or _is_in_column(w.bbox, signs))]
    if not body:
        return [False] * len(words)
    hull = BBox(min(b.x0 for b in body), min(b.top for b in body), max(b.x1 for b in body), max(b.bottom for b in body))
    return [(_is_bad(w) and _is_outside(w.bbox, hull)) or (w.text in _STROKES and _is_in_corner(w.bbox, hull)) for w in words]


def _is_in_column(box: BBox, signs: npt.NDArray[np.float64]) -> bool:
    """True where signs that are well read stand above or below a box, as in a column of dashes; strokes of a pen never line up.

    Args:
        box: of a sign.
        signs: the middles of all of them across the page.
    """
    return int((np.abs(signs - box.center[0]) <= box.height / 2).sum()) > _COLUMN


def _is_bad(word: Word) -> bool:
    return word.text == UNREAD or (len(word.text) <= _FEW and taken_score(word) < _UNSURE)


def _is_outside(box: BBox, hull: BBox) -> bool:
    return box.x1 <= hull.x0 or box.x0 >= hull.x1 or box.bottom <= hull.top or box.top >= hull.bottom


def _is_in_corner(box: BBox, hull: BBox) -> bool:
    """True where a box is outside both ways: a staple reads as a slash, and no figure stands there."""
    return (box.x1 <= hull.x0 or box.x0 >= hull.x1) and (box.bottom <= hull.top or box.top >= hull.bottom)


def taken_score(word: Word) -> float:
    """Log-probability a character of the reading that was taken."""
    taken = next((r for r in word.readings if r.text == word.text), None)
    return taken.log_prob / max(1, len(taken.text)) if taken else float("-inf")


def without_strays(words: Sequence[Word], cells: Sequence[int | None]) -> list[Word | None]:
    """Parts the one figure of a ruled cell from small marks in it: it is read with a doubt, and they are None.

    What may be its sign, left of it at its height, is no such mark. With its mark a cell would be no number at all, and no sum
    could be asked; several sums together may clear the doubt.

    Args:
        words: of one page.
        cells: for each word the ruled cell that it stands in, or None.
    """
    held: dict[int, list[int]] = {}
    for k, cell in enumerate(cells):
        if cell is not None:
            held.setdefault(cell, []).append(k)
    result: list[Word | None] = list(words)
    for members in held.values():
        figures = [k for k in members if _FIGURE.fullmatch(words[k].text)]
        if not figures or len(members) < 2:
            continue
        figure = max(figures, key=lambda k: words[k].bbox.width * words[k].bbox.height)
        others = [k for k in members if k != figure]
        # Many specks are what is left of a ruling, and more of the cell may be lost.
        alone = len(others) == 1 and _is_speck(words[others[0]], words[figure])
        if not alone and not all(_is_stray(words[k], words[figure]) for k in others):
            continue
        result[figure] = _doubted(words[figure])
        for k in others:
            result[k] = None
    return result


def _is_stray(word: Word, figure: Word) -> bool:
    """True for a small stroke, or a speck that could not be read, which is no sign of the figure."""
    mark, box = word.bbox, figure.bbox
    is_small = mark.width * mark.height <= _STRAY_AREA * box.width * box.height and mark.height <= box.height
    level = mark.top < box.bottom and mark.bottom > box.top
    return (
        is_small
        and (word.text in (UNREAD, "一") or (len(word.text) == 1 and not word.text.isalnum()))
        and not (level and mark.x0 < box.x0)
    )


def _is_speck(word: Word, figure: Word) -> bool:
    """True for what is narrower than any letter, stands above or below the figure, and reads badly, as whatever letter."""
    mark, box = word.bbox, figure.bbox
    level = mark.top < box.bottom and mark.bottom > box.top
    small = mark.width <= _SPECK * box.height and mark.height <= box.height
    return small and not level and len(word.text) == 1 and taken_score(word) < _UNSURE


def _doubted(figure: Word) -> Word:
    readings = tuple(replace(r, log_prob=min(r.log_prob, _BESIDE_STRAY)) for r in figure.readings)
    return replace(figure, readings=readings, doubt=figure.doubt or f"read as {figure.text!r}, with a mark beside it")
