"""Thin lines of which a fax leaves a few dots are drawn through: many stand in one straight row."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.layout.salt import DARK, has_two_tones
from pipeline.raster import Gray

Ints = npt.NDArray[np.int64]
# Rows and columns of an upright line, one pixel a row.
Line = tuple[Ints, Ints]

_THIN, _SHORT, _CLEAR = 3, 14, 4
_OWN, _CLOSE, _MOST_CLOSE = 3, 10, 0.2
_ALONG, _ACROSS, _AROUND = 121, 3, 61
_DOTS, _DENSER = 8, 4.0
_END, _END_REACH = 3, 45
_WIDEST, _OFF, _STEEPEST, _GAP = 9, 1.6, 0.04, 60
_LEAST, _LEAST_DOTS = 100, 10
_SIDE_FROM, _SIDE_TO, _DENSER_THAN_SIDE = 4, 12, 5.0
_LEADER_GAP, _EVEN = 6.0, 0.7
_CROSSING, _OVER = 41, 30


def with_whole_lines(gray: Gray) -> Gray:
    """Draws lines through of which only dots are left, in a picture of two tones.

    Salt and shades are as dense beside such a row as in it, and marks beside print, points and colons, stand a line of text
    apart.

    Args:
        gray: the picture as it came in.

    Returns:
        The picture itself where there is no such line.
    """
    if not has_two_tones(gray):
        return gray
    dark = np.asarray(cv2.threshold(gray, DARK - 1, 1, cv2.THRESH_BINARY_INV)[1], dtype=np.uint8)
    _, found, stats, centers = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    labels = np.asarray(found, dtype=np.int32)
    # Paper, of which a black picture has none, comes first.
    centers[0] = 0.0
    x, y = np.rint(centers).astype(np.int64).T
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    paper = np.arange(len(stats)) == 0
    thin = np.asarray((wide <= _THIN) & (high <= _SHORT) & ~paper, dtype=np.bool_)
    upright = _lines(dark, _print(labels, thin, dark), x[thin], y[thin])
    thin = np.asarray((high <= _THIN) & (wide <= _SHORT) & ~paper, dtype=np.bool_)
    level = _lines(dark.T, _print(labels, thin, dark).T, y[thin], x[thin])
    if not upright and not level:
        return gray
    out = gray.copy()
    for picture, page, lines, others in ((out, dark, upright, level), (out.T, dark.T, level, upright)):
        crossing = _level_runs(page, others)
        for line in lines:
            _draw(picture, page, *_to_crossings(line, crossing))
    return out


def _print(labels: npt.NDArray[np.int32], dots: npt.NDArray[np.bool_], dark: Gray) -> Gray:
    """Returns 1 on what is dark and no dot."""
    return np.where(np.take(dots, labels), np.uint8(0), dark)


def _lines(page: Gray, print_: Gray, x: Ints, y: Ints) -> list[Line]:
    """Returns the upright lines of which dots are left.

    Args:
        page: 1 on what is dark.
        print_: likewise, without the dots.
        x: the middles of the dots.
        y: likewise.
    """
    free = _beside(print_, 0, _CLEAR)[y, x] == 0
    x, y = x[free], y[free]
    close = _beside(page, _OWN, _CLOSE)
    lines = []
    for places in _rows_of_dots(x, y, page.shape):
        line = _through(x[places], y[places], close[y[places], x[places]] == 0)
        # Thin strokes of a line of letters break into dots, too.
        if line is not None and close[line].mean() <= _MOST_CLOSE and _stands_out(line, x, y):
            lines.append(line)
    return lines


def _stands_out(line: Line, x: Ints, y: Ints) -> bool:
    """True where a line has enough dots, on each of its sides they are few, and they stand unevenly.

    In shades there are as many beside it, and leaders have one dot as far from the next as another.
    """
    rows, columns = line
    inside = (y >= rows[0]) & (y <= rows[-1])
    off = x[inside] - columns[y[inside] - rows[0]]
    own = int((np.abs(off) <= _OFF).sum())
    beside = max(int(((side >= _SIDE_FROM) & (side <= _SIDE_TO)).sum()) for side in (off, -off))
    share = (2 * int(_OFF) + 1) / (_SIDE_TO - _SIDE_FROM + 1)
    gaps = np.diff(np.sort(y[inside][np.abs(off) <= _OFF]))
    if own < max(_LEAST_DOTS, _DENSER_THAN_SIDE * beside * share):
        return False
    usual = float(np.median(gaps))
    return usual < _LEADER_GAP or float((np.abs(gaps - usual) <= _OFF).mean()) < _EVEN


def _beside(page: Gray, least: int, most: int) -> Gray:
    """Returns 1 where a dark pixel stands from `least` to `most` pixels to the left or right, else 0."""
    reach = most - least
    kernel = np.ones((1, 2 * most + 1), np.uint8)
    kernel[:, reach + 1 : most + least] = 0
    return np.asarray(cv2.dilate(np.ascontiguousarray(page), kernel), dtype=np.uint8)


def _level_runs(page: Gray, lines: list[Line]) -> Gray:
    """Returns 1 on level lines, both those that are whole and `lines`, whose rows and columns are swapped."""
    runs = cv2.morphologyEx(np.ascontiguousarray(page), cv2.MORPH_OPEN, np.ones((1, _CROSSING), np.uint8))
    for along, across in lines:
        inside = (along < runs.shape[1]) & (across < runs.shape[0])
        runs[across[inside], along[inside]] = 1
    return np.asarray(runs, dtype=np.uint8)


def _to_crossings(line: Line, crossing: Gray) -> Line:
    """Returns a line whose ends lie on the lines next to them: its dots stop short of those, or salt goes on behind them."""
    rows, columns = line
    slope = float(columns[-1] - columns[0]) / (len(rows) - 1)
    longer = np.arange(max(0, rows[0] - _OVER), min(crossing.shape[0], rows[-1] + _OVER + 1))
    there = np.clip(np.rint(columns[0] + slope * (longer - rows[0])).astype(np.int64), 0, crossing.shape[1] - 1)
    met = longer[crossing[longer, there] > 0]
    first, last = (_nearest(met, int(end)) for end in (rows[0], rows[-1]))
    kept = (longer >= first) & (longer <= last)
    return longer[kept], there[kept]


def _nearest(met: Ints, end: int) -> int:
    """Returns the row nearest to the end of a line at which it meets another, the end itself where there is none."""
    nearest = int(min(met, key=lambda row: abs(int(row) - end), default=end))
    return nearest if abs(nearest - end) <= _OVER else end


def _draw(out: Gray, dark: Gray, rows: Ints, columns: Ints) -> None:
    """Draws an upright line where there is paper: what stands in the way is print, or the line itself."""
    inside = (columns > 0) & (columns < dark.shape[1] - 1)
    rows, columns = rows[inside], columns[inside]
    paper = dark[rows, columns - 1] + dark[rows, columns] + dark[rows, columns + 1] == 0
    out[rows[paper], columns[paper]] = 0


def _rows_of_dots(x: Ints, y: Ints, shape: tuple[int, ...]) -> list[Ints]:
    """Returns the dots of each upright row that is much denser than what lies around it."""
    ones = np.zeros(shape, dtype=np.float32)
    ones[y, x] = 1.0
    here, around = (
        cv2.boxFilter(ones, -1, (width, _ALONG), normalize=False, borderType=cv2.BORDER_CONSTANT) for width in (_ACROSS, _AROUND)
    )
    dense = ((here >= _DOTS - 0.5) & (here * _AROUND >= _DENSER * around * _ACROSS)).astype(np.uint8)
    reach = cv2.dilate(dense, np.ones((_ALONG, 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(reach, connectivity=8, ltype=cv2.CV_32S)
    owner = labels[y, x]
    return [np.flatnonzero(owner == k) for k in range(1, count) if stats[k, 2] <= _WIDEST]


def _through(x: Ints, y: Ints, is_open: npt.NDArray[np.bool_]) -> Line | None:
    """Returns the line through dots, or None where they make no straight one.

    Args:
        x: the dots.
        y: likewise.
        is_open: true for those away from print: a line ends at one, not in letters behind its end.
    """
    if len(x) < _DOTS:
        return None
    kept = np.ones(len(x), dtype=bool)
    slope, start = 0.0, 0.0
    for _ in range(2):
        slope, start = (float(v) for v in np.polyfit(y[kept], x[kept], 1))
        kept = np.abs(x - (start + slope * y)) <= _OFF
        if kept.sum() < _DOTS:
            return None
    ends = _without_loose_ends(np.sort(y[kept & is_open]))
    if len(ends) < _DOTS:
        return None
    if abs(slope) > _STEEPEST or np.diff(ends).max() > _GAP or ends[-1] - ends[0] < _LEAST:
        return None
    rows = np.arange(ends[0], ends[-1] + 1)
    return rows, np.clip(np.rint(start + slope * rows).astype(np.int64), 0, None)


def _without_loose_ends(dots: Ints) -> Ints:
    """Leaves out dots at both ends that are followed by others only after a while: salt."""
    while len(dots) > _END and dots[_END] - dots[0] > _END_REACH:
        dots = dots[1:]
    while len(dots) > _END and dots[-1] - dots[-1 - _END] > _END_REACH:
        dots = dots[:-1]
    return dots
