"""Figures of a page → the bodies of its tables: rows and columns of figures, whatever lines are drawn between them.

Rulings of a scan break, and rests of them lie between the words; but figures stand in rows, and most rows of a table have one
figure in each column. So the rows of the commonest count tell the columns, and all other figures are held against these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pipeline.domain import BBox, Word
from pipeline.grid.segments import is_figure

_LEVEL, _NEAR, _TALL = 0.5, 0.85, (0.4, 2.0)
_GAP_EM = 7.0
_LEAST_COLUMNS, _ALONE = 2, 4
_ALIKE = 0.8
_TEXT = re.compile(r"[\u3400-\u9fff]{2}")
_LETTER = re.compile(r"[\u3400-\u9fff]")
_HINTED = 1.5
_WEAK, _PITCH, _FEW_ROWS = 0.3, 0.7, 3

Row = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """Figures that stand in rows and columns.

    Attributes:
        rows: the figures of each row from left to right, from top to bottom; only those that stand in a column.
        columns: from where to where the figures of each column run, in points.
        em: usual height of a figure.
    """

    rows: tuple[Row, ...]
    columns: tuple[tuple[float, float], ...]
    em: float

    @property
    def bbox(self) -> BBox:
        """Hull of the figures."""
        words = [w.bbox for row in self.rows for w in row]
        return BBox(self.columns[0][0], min(b.top for b in words), self.columns[-1][1], max(b.bottom for b in words))


def find_bodies(words: Sequence[Word], counts: Collection[int] = ()) -> list[Body]:
    """Finds the bodies of tables among the words of a page.

    Args:
        words: of one page, each run of print for itself.
        counts: numbers of columns that are to be expected; they decide where the figures leave a choice.
    """
    upright = [w for w in words if w.upright]
    figures = [w for w in upright if is_figure(w.text.strip())]
    if not figures:
        return []
    em = median(w.bbox.height for w in figures)
    figures = [w for w in figures if _TALL[0] * em <= w.bbox.height <= _TALL[1] * em]
    texts = [w.bbox for w in upright if _TEXT.search(w.text)]
    letters = [w.bbox for w in upright if _LETTER.search(w.text)]
    rows = [row for row in _to_rows(figures, em) if not _is_head(row, letters)]
    bodies = (_to_body(run, em, counts) for run in _runs(rows, texts, em))
    return [b for b in bodies if b is not None]


def _to_rows(figures: Iterable[Word], em: float) -> list[Row]:
    rows: list[list[Word]] = []
    for word in sorted(figures, key=lambda w: (w.bbox.center[1], w.bbox.x0)):
        if rows and word.bbox.center[1] - median(w.bbox.center[1] for w in rows[-1]) <= _LEVEL * em:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [tuple(sorted(row, key=lambda w: w.bbox.x0)) for row in _merged(rows, em)]


def _merged(rows: Iterable[list[Word]], em: float) -> list[list[Word]]:
    """Joins rows so near that no two could be printed: rests of a line hang on a figure, and its box is higher."""
    merged: list[list[Word]] = []
    for row in rows:
        if merged and _middle(row) - _middle(merged[-1]) < _NEAR * em and not _overlap_across(merged[-1], row):
            merged[-1] += row
        else:
            merged.append(row)
    return merged


def _overlap_across(a: Sequence[Word], b: Sequence[Word]) -> bool:
    return any(v.bbox.x0 < w.bbox.x1 and w.bbox.x0 < v.bbox.x1 for v in a for w in b)


def _is_head(row: Row, letters: Sequence[BBox]) -> bool:
    """True where more letters than figures stand beside and behind the first figure: a stroke of a name was read as 1."""
    left, y = row[0].bbox.x0, _middle(row)
    beside = sum(b.top < y < b.bottom and b.center[0] > left for b in letters)
    return beside > len(row)


def _runs(rows: Sequence[Row], texts: Sequence[BBox], em: float) -> list[list[Row]]:
    """Parts the rows where a wide gap is between them, or a text stands between them over their figures."""
    runs: list[list[Row]] = []
    for row in rows:
        if runs and not _are_apart(runs[-1][-1], row, texts, em):
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _are_apart(upper: Row, lower: Row, texts: Sequence[BBox], em: float) -> bool:
    y0, y1 = _middle(upper), _middle(lower)
    if y1 - y0 > _GAP_EM * em:
        return True
    left = min(upper[0].bbox.x0, lower[0].bbox.x0)
    return any(y0 < box.center[1] < y1 and box.center[0] > left for box in texts)


def _middle(row: Sequence[Word]) -> float:
    return median(w.bbox.center[1] for w in row)


def _to_body(rows: Sequence[Row], em: float, counts: Collection[int]) -> Body | None:
    columns = _columns(rows, counts)
    if len(columns) < (_LEAST_COLUMNS if len(rows) > 1 else _ALONE):
        return None
    placed = [tuple(w for w in row if _column_of(w, columns) is not None) for row in rows]
    kept = _without_strays([row for row in placed if row], len(columns))
    return Body(tuple(kept), tuple(_hulls(kept, columns)), em) if kept else None


def _without_strays(rows: Sequence[Row], n_columns: int) -> list[Row]:
    """Leaves out rows of hardly a figure that stand nearer to a full one than rows do: rests of uprights read as 1."""
    weak = [len(row) <= max(1, _WEAK * n_columns) for row in rows]
    full = [_middle(row) for row, is_weak in zip(rows, weak, strict=True) if not is_weak]
    if len(full) < _FEW_ROWS:
        return list(rows)
    least = _PITCH * median(b - a for a, b in pairwise(full))
    return [
        row for row, is_weak in zip(rows, weak, strict=True) if not is_weak or min(abs(y - _middle(row)) for y in full) >= least
    ]


def _columns(rows: Sequence[Row], counts: Collection[int]) -> list[tuple[float, float]]:
    """The columns that the most figures in rows of one count agree on."""
    best: tuple[float, list[tuple[float, float]]] = (0.0, [])
    for n in sorted(Counter(len(row) for row in rows), reverse=True):
        alike = [row for row in rows if len(row) == n]
        found = _agreed(alike)
        worth = n * len(alike) * (_HINTED if n in counts else 1.0)
        if n >= _LEAST_COLUMNS and found and worth > best[0]:
            best = worth, found
    return best[1]


def _agreed(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """The columns of rows with as many figures each, or none where the figures of one do not stand under one another."""
    lanes = list(zip(*rows, strict=True))
    middles = [median(w.bbox.center[0] for w in lane) for lane in lanes]
    edges = [float("-inf"), *((a + b) / 2 for a, b in pairwise(middles)), float("inf")]
    inside = [edges[k] < w.bbox.center[0] < edges[k + 1] for k, lane in enumerate(lanes) for w in lane]
    if sum(inside) < _ALIKE * len(inside):
        return []
    hulls = []
    for k, lane in enumerate(lanes):
        own = [w.bbox for w in lane if edges[k] < w.bbox.center[0] < edges[k + 1]]
        if not own:
            return []
        hulls.append((min(b.x0 for b in own), max(b.x1 for b in own)))
    return hulls if all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(hulls)) else []


def _column_of(word: Word, columns: Sequence[tuple[float, float]]) -> int | None:
    """The column that a figure stands in, or None: one that stands beside all columns, or in several, is none of theirs."""
    x0, x1 = word.bbox.x0, word.bbox.x1
    shared = [k for k, (a, b) in enumerate(columns) if min(b, x1) > max(a, x0)]
    if len(shared) == 1:
        return shared[0]
    gaps = [max(a - x1, x0 - b, 0.0) for a, b in columns]
    near = min(range(len(columns)), key=lambda k: gaps[k])
    return near if not shared and gaps[near] <= word.bbox.height else None


def _hulls(rows: Sequence[Row], columns: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    hulls = [list(c) for c in columns]
    for word in (w for row in rows for w in row):
        k = _column_of(word, columns)
        if k is not None:
            hulls[k] = [min(hulls[k][0], word.bbox.x0), max(hulls[k][1], word.bbox.x1)]
    return [(a, b) for a, b in hulls]
