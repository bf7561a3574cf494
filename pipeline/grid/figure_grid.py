"""Bodies of figures and what is left of rulings → the rulings that the table would have, were they whole.

Where a line is left between two columns or rows, it is made whole along them; where none is left, the middle of the gap between
the figures parts them. No line is led through a text. What comes out goes the way of rulings that were found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.domain import BBox, Ruling, Word
from pipeline.geometry import cluster, overlap
from pipeline.grid.figure_body import Body, find_bodies
from pipeline.grid.figure_head import SAME_PT, Head, Lane, free_stretches
from pipeline.grid.segments import is_figure

_SLACK_PT, _LEAST_ROW_PT = 2.0, 7.0
_REACH_EM, _GROUPED, _SECOND = 1.2, 0.2, 0.5
_TEXT = re.compile(r"[\u3400-\u9fff].*[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class FigureGrid:
    """One table as its figures show it.

    Attributes:
        bbox: the table; all rulings in it are those of the grid.
        rulings: in points.
        columns: number of columns of figures; `rows` likewise.
    """

    bbox: BBox
    rulings: tuple[Ruling, ...]
    columns: int
    rows: int


def figure_grids(
    words: Sequence[Word], rulings: Sequence[Ruling], page_no: int, counts: Collection[int] = ()
) -> list[FigureGrid]:
    """Finds the tables of a page by their figures, and draws the rulings that they would have.

    Args:
        words: of the page, none of them cut at rulings.
        rulings: that were found, broken or not.
        page_no: of the page.
        counts: numbers of columns that are to be expected.

    Returns:
        The tables from top to bottom; none lies on another.
    """
    bodies = find_bodies(words, counts)
    grids: list[FigureGrid] = []
    for k, body in enumerate(bodies):
        above = grids[-1].bbox.bottom if grids else 0.0
        below = bodies[k + 1].bbox.top if k + 1 < len(bodies) else float("inf")
        grids.append(_Drawing(body, words, rulings, (above, below)).grid(page_no))
    return grids


class _Drawing:
    """The drawing of one table."""

    def __init__(self, body: Body, words: Sequence[Word], rulings: Sequence[Ruling], room: tuple[float, float]) -> None:
        self._body, self._em, self._above = body, body.em, room[0]
        box = body.bbox
        self._flat = [r for r in rulings if not r.is_vertical and room[0] < r.top < room[1] and r.x1 > box.x0 and r.x0 < box.x1]
        self._tall = [r for r in rulings if r.is_vertical and r.bottom > box.top and r.top < box.bottom]
        self._words = [w for w in words if w.upright and room[0] < w.bbox.center[1] < room[1]]
        # Rests of lines and specks are no texts that a line must not run through.
        figures = {id(w) for row in body.rows for w in row}
        self._solid = [w.bbox for w in self._words if id(w) in figures or _TEXT.search(w.text)]
        texts = [w for w in self._words if not is_figure(w.text)]
        self._labels = [w.bbox for w in texts if w.bbox.center[0] < box.x0 and box.top - self._em < w.bbox.center[1]
                        < box.bottom + self._em and len(w.text) > 1]  # fmt: skip

    def grid(self, page_no: int) -> FigureGrid:
        """Draws all rulings."""
        ys = self._row_edges()
        xs = self._column_edges(ys)
        left = self._left_edge(xs[0], ys)
        head = Head(self._words, self._solid, self._flat, self._above, self._em)
        top = head.top(ys[0], left, xs)
        lanes = self._label_lanes(left, xs[0], ys)
        flat = [(y, left, xs[-1]) for y in ys]
        # Between figures no text belongs to two columns: a label that runs on into a figure was read with it.
        tall = [(x, ys[0], ys[-1]) for x in (left, *xs)]
        tall += [(x, a, b) for x in lanes for a, b in free_stretches(x, ys, self._solid, self._em)]
        if top < ys[0]:
            head_flat, head_tall = head.lines(top, ys[0], left, xs)
            flat, tall = flat + head_flat, tall + head_tall
        rulings = [Ruling(a, y, b, y, page_no) for y, a, b in flat] + [Ruling(x, a, x, b, page_no) for x, a, b in tall]
        return FigureGrid(BBox(left, top, xs[-1], ys[-1]), tuple(rulings), len(xs) - 1, len(ys) - 1)

    def _row_edges(self) -> list[float]:
        """Boundaries of the rows of figures; a gap with two lines or more has a row without figures."""
        rows = [(min(w.bbox.top for w in r), max(w.bbox.bottom for w in r)) for r in self._body.rows]
        found = [self._outer(rows[0][0], -1)]
        for (_, bottom), (top, _) in pairwise(rows):
            found += self._lines_between(bottom - _SLACK_PT, top + _SLACK_PT) or [self._label_gap((bottom + top) / 2)]
        return [*found, self._outer(rows[-1][1], 1)]

    def _lines_between(self, low: float, high: float) -> list[float]:
        """Places of horizontal lines between two rows, those that are near one another as one; the longest where rows would
        be too low for print.
        """
        near = [r for r in self._flat if low <= r.top <= high]
        lanes = cluster([r.top for r in near], SAME_PT)
        chosen: list[tuple[float, float]] = []
        for lane in lanes:
            length = sum(r.x1 - r.x0 for r in near if lane[0] <= r.top <= lane[-1])
            at = sum(lane) / len(lane)
            if chosen and at - chosen[-1][0] < max(_LEAST_ROW_PT, self._em):
                chosen[-1] = max(chosen[-1], (at, length), key=lambda c: c[1])
            else:
                chosen.append((at, length))
        longest = max((length for _, length in chosen), default=0.0)
        kept: list[tuple[float, float]] = []
        for at, length in (c for c in chosen if c[1] >= _SECOND * longest):
            if kept and not any(kept[-1][0] < b.center[1] < at for b in self._labels):
                # A row without figures has its label.
                kept[-1] = max(kept[-1], (at, length), key=lambda c: c[1])
            else:
                kept.append((at, length))
        return [at for at, _ in kept]

    def _label_gap(self, at: float) -> float:
        """The place next to `at` where no line of a label is cut."""
        cut = [b for b in self._labels if b.top + 1 < at < b.bottom - 1]
        if not cut:
            return at
        low, high = min(b.top for b in cut), max(b.bottom for b in cut)
        return low if at - low < high - at else high

    def _outer(self, edge: float, side: int) -> float:
        """The line above the first row or below the last one, or a place right beyond its figures."""
        reach = _REACH_EM * self._em
        near = [r.top for r in self._flat if -_SLACK_PT <= side * (r.top - edge) <= 2 * reach]
        if near:
            return min(near, key=lambda y: abs(y - edge))
        own = [b for b in self._labels if abs(b.center[1] - edge) <= reach]
        spread = max((side * ((b.bottom if side > 0 else b.top) - edge) for b in own), default=0.0)
        return edge + side * (max(spread, 0.0) + 0.25 * self._em)

    def _column_edges(self, ys: Sequence[float]) -> list[float]:
        columns = self._body.columns
        inside = [b.x1 for b in self._labels if ys[0] < b.center[1] < ys[-1]]
        labels = max(inside, default=columns[0][0] - self._em)
        edges = [self._upright_between(min(labels, columns[0][0] - 1), columns[0][0], ys)]
        edges += [self._upright_between(*self._river(a, b), ys) for a, b in pairwise(columns)]
        ends = [r.x1 for r in self._flat if ys[0] - 1 <= r.top <= ys[-1] + 1]
        beyond = [r.x0 for r in self._tall if columns[-1][1] - _SLACK_PT <= r.x0 <= columns[-1][1] + 4 * self._em]
        last = max(ends, default=0.0)
        return [*edges, last if last > columns[-1][1] else min(beyond, default=columns[-1][1] + 0.5 * self._em)]

    def _river(self, left: Lane, right: Lane) -> Lane:
        """The widest gap between two columns that the fewest figures reach into."""
        if left[1] <= right[0]:
            return left[1], right[0]
        low, high = (left[0] + left[1]) / 2, (right[0] + right[1]) / 2
        words = [w.bbox for row in self._body.rows for w in row if w.bbox.x1 > low and w.bbox.x0 < high]
        places = sorted({low, high, *(x for b in words for x in (b.x0, b.x1) if low < x < high)})
        gaps = [(sum(b.x0 < (a + z) / 2 < b.x1 for b in words), a - z, a, z) for a, z in pairwise(places)]
        return min(gaps)[2:] if gaps else (low, high)

    def _upright_between(self, low: float, high: float, ys: Sequence[float]) -> float:
        """The place of the line that is drawn longest between two columns, or the middle between them."""
        low, high = min(low, high), max(low, high)
        lanes = cluster([r.x0 for r in self._tall if low - _SLACK_PT <= r.x0 <= high + _SLACK_PT], _SLACK_PT)
        if not lanes:
            return (low + high) / 2
        return max(((sum(lane) / len(lane)) for lane in lanes), key=lambda x: self._drawn(x, ys[0], ys[-1]))

    def _drawn(self, x: float, top: float, bottom: float) -> float:
        return sum(overlap(r.top, r.bottom, top, bottom) for r in self._tall if abs(r.x0 - x) <= _SLACK_PT)

    def _left_edge(self, first: float, ys: Sequence[float]) -> float:
        inside = [b.x0 for b in self._labels if ys[0] < b.center[1] < ys[-1]]
        lines = [r.x0 for r in self._tall if r.x0 < first] + [r.x0 for r in self._flat if ys[0] - 1 <= r.top <= ys[-1] + 1]
        if not inside:
            return first
        return min([first - self._em, *lines, *(x - 0.3 * self._em for x in inside)])

    def _label_lanes(self, left: float, first: float, ys: Sequence[float]) -> list[float]:
        """Lines between columns of labels: those that are drawn, or the rivers between their texts."""
        lanes = cluster([r.x0 for r in self._tall if left + self._em < r.x0 < first - self._em], SAME_PT)
        drawn = [sum(lane) / len(lane) for lane in lanes]
        least = _GROUPED * (ys[-1] - ys[0])
        return [x for x in drawn if self._drawn(x, ys[0], ys[-1]) >= least]
