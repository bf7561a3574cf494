"""Heads of tables that are known by their figures: where they begin, and which texts stand over several columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.domain import BBox, Ruling, Word
from pipeline.geometry import cluster
from pipeline.grid.segments import is_section

Line = tuple[float, float, float]
Lane = tuple[float, float]

SAME_PT = 4.0
_HEAD_EM, _APART_EM = 16.0, 0.6
_LONG, _NEAR_PT, _THROUGH = 0.3, 12.0, 0.15
_LETTER = re.compile(r"[\u3400-\u9fff]")


class Head:
    """What stands above the figures of one table."""

    def __init__(self, words: Sequence[Word], solid: Sequence[BBox], flat: Sequence[Ruling], above: float, em: float) -> None:
        self._words, self._solid, self._flat, self._above, self._em = words, solid, flat, above, em

    def top(self, bottom: float, left: float, xs: Sequence[float]) -> float:
        """Where the head begins: its upper line, or its first text.

        Args:
            bottom: where the figures begin; it is returned where there is no head.
            left: left edge of the table.
            xs: edges of the columns of figures.
        """
        low = max([self._above, bottom - _HEAD_EM * self._em, *self._headings(bottom)])
        lines = [r.top for r in self._flat if low <= r.top <= bottom - self._em and r.x1 - r.x0 > _LONG * (xs[-1] - left)]
        over = [b for b in self._solid if low < b.center[1] < bottom and b.x1 > xs[0] and b.x0 > left]
        if lines:
            return min(lines)
        return min(b.top for b in over) - 0.3 * self._em if len(over) > 1 else bottom

    def _headings(self, bottom: float) -> list[float]:
        """Lower edges of the headings above the figures."""
        above = (w for w in self._words if w.bbox.center[1] < bottom - self._em)
        return [w.bbox.bottom for w in above if is_section(w.text) and w.bbox.height > self._em]

    def lines(self, top: float, bottom: float, left: float, xs: Sequence[float]) -> tuple[list[Line], list[Line]]:
        """Returns the horizontal lines that are drawn, or end texts over several columns, and uprights between the names."""
        drawn = [r for r in self._flat if top + self._em <= r.top <= bottom - self._em]
        flat = [(top, left, xs[-1]), *((r.top, _snapped(r.x0, xs), _snapped(r.x1, xs)) for r in drawn)]
        wide = self._titles(top, bottom, xs)
        if not drawn:
            flat += [(b.bottom + 1, *_span(b, xs)) for b in wide]
        levels = [top, *(sum(c) / len(c) for c in cluster([y for y, _, _ in flat[1:]], SAME_PT)), bottom]
        tall = [(x, top, bottom) for x in (left, xs[0], xs[-1])]
        return flat, tall + [(x, a, b) for x in xs[1:-1] for a, b in free_stretches(x, levels, wide, self._em)]

    def _titles(self, top: float, bottom: float, xs: Sequence[float]) -> list[BBox]:
        """Texts over several columns: names stand below them, apart. Names that were read as one have none."""
        texts = [w.bbox for w in self._words if top < w.bbox.center[1] < bottom and _LETTER.search(w.text)]
        found = []
        for box in self._solid:
            if not top < box.center[1] < bottom or not any(_cuts(x, box, self._em) for x in xs[1:-1]):
                continue
            below = [b.top - box.bottom for b in texts if b.top > box.center[1] and b.x0 < box.x1 and b.x1 > box.x0]
            if below and min(below) >= _APART_EM * self._em:
                found.append(box)
        return found


def _span(box: BBox, xs: Sequence[float]) -> Lane:
    """The columns that a text of the head stands over."""
    return max((x for x in xs if x <= box.x0 + 1), default=xs[0]), min((x for x in xs if x >= box.x1 - 1), default=xs[-1])


def free_stretches(x: float, ys: Sequence[float], texts: Sequence[BBox], em: float) -> list[Lane]:
    """The rows beside which a vertical line stands: those whose texts it does not run through."""
    runs: list[Lane] = []
    for top, bottom in pairwise(ys):
        if any(top < b.center[1] < bottom and _cuts(x, b, em) for b in texts):
            continue
        if runs and runs[-1][1] == top:
            runs[-1] = runs[-1][0], bottom
        else:
            runs.append((top, bottom))
    return runs


def _cuts(x: float, box: BBox, em: float) -> bool:
    """True where a line at `x` runs through a text, not only along its rim."""
    rim = min(_THROUGH * box.width, 0.5 * em)
    return box.x0 + rim < x < box.x1 - rim


def _snapped(x: float, xs: Sequence[float]) -> float:
    """The boundary next to the end of a line, where one is near."""
    near = min(xs, key=lambda other: abs(other - x))
    return near if abs(near - x) <= _NEAR_PT else x
