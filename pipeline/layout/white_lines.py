"""White lines between filled cells, as office programs dress tables → dark lines, as every other ruling is.

White lines go with the fills that `shades` lightens to paper, so they are looked for on the page as it was before.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.layout.coarse import coarse, square
from pipeline.raster import Gray

Mask = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]

_GLANCE_DPI, _LOOK_DPI, _AROUND_IN = 60.0, 150.0, 0.3
_PRINT_IN, _LINE_IN, _PAPER_IN, _CELL_IN = 0.13, 0.06, 2.5, 0.13
_SHADE, _LEAST_IN2 = (0.4, 0.975), 0.5
_MEAN_IN, _LONG_IN, _SHORT_IN, _LIGHTER, _LEAST_STEP = 0.15, 0.3, 0.1, 0.35, 2
_THICK_IN, _SLOPE, _BENT_IN = 0.06, 0.1, 0.02
_CLEAN_IN, _CLEAN, _CLEAN_SHARE = 0.03, 0.85, 0.7
_JOIN_IN, _EDGE_IN, _LEAST_LINES, _WIDE_IN = 0.08, 0.04, 2, 0.6
_DEEP, _OBLONG = 40, 0.88
_PRINT, _AS_DARK = 0.7, 25.0
_CORNER_IN, _ALONG, _RECTANGLE = 0.3, 0.35, 4
_RULED_IN = 0.2


class _Seen(NamedTuple):
    """What is known of each place of a page.

    Attributes:
        page: its pixels.
        ground: without print; `fill` without thin lines too.
        shaded: 255 where a fill is, else 0.
        least: how much lighter than the fill a line must be.
        depth: how much darker than paper the fill is, in thousandths of it, 255 at most.
    """

    page: Gray
    ground: Gray
    fill: Gray
    shaded: Mask
    least: Gray
    depth: Gray

    def transposed(self) -> _Seen:
        return _Seen(*(np.asarray(cv2.transpose(part), dtype=np.uint8) for part in self))


def with_dark_lines(gray: Gray, filled: Gray, dpi: float) -> Gray:
    """Draws the white lines between filled cells, and the outline of what they divide, dark.

    A white line is thin, straight and lighter than the fill on both of its sides. The gap between boxes that are drawn around
    cells is no line: something darker lies beside it.

    Args:
        gray: a page whose fills are lightened, paper light; shape (height, width).
        filled: the same page with its fills.
        dpi: pixels an inch.

    Returns:
        The page itself where it has no such line.
    """
    glanced = _glance(filled, dpi)
    if glanced is None:
        return gray
    place, paper = glanced
    page, scale = coarse(filled[place], dpi, _LOOK_DPI)
    look = dpi * scale
    seen = _look_at(page, np.asarray(cv2.resize(paper, page.shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.uint8), look)
    drawn = _drawn(seen, look)
    if not drawn.any():
        return gray
    drawn = np.asarray(cv2.dilate(drawn, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    old = gray[place]
    whole = cv2.resize(drawn, old.shape[::-1], interpolation=cv2.INTER_LINEAR)
    # As dark as the print of the table: beside darker lines, pale print would be taken for what shines through the paper.
    print_ = page[page < _PRINT * seen.ground]
    dark = np.uint8(np.percentile(print_, _AS_DARK) if len(print_) else 0)
    done = gray.copy()
    done[place] = np.where(whole >= 128, np.minimum(old, dark), old)
    return done


def _glance(page: Gray, dpi: float) -> tuple[tuple[slice, slice], Gray] | None:
    """Returns where a page has fills that may be those of tables, and how light the paper is there; None where it has none.

    The paper has fewer pixels than the page.
    """
    small, scale = coarse(page, dpi, _GLANCE_DPI)
    own_dpi = dpi * scale
    ground = np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, square(_PRINT_IN * own_dpi)), dtype=np.uint8)
    paper = _paper(ground, own_dpi)
    fill = np.asarray(cv2.morphologyEx(ground, cv2.MORPH_OPEN, square(_LINE_IN * own_dpi)), dtype=np.uint8)
    shaded = _shaded(fill, paper)
    if cv2.countNonZero(shaded) < _LEAST_IN2 * own_dpi**2:
        return None
    _, parts, stats, _ = cv2.connectedComponentsWithStats(shaded, connectivity=4)
    depth = _depth(fill, paper)
    likely = [
        (y, x, y + height, x + width)
        for k, (x, y, width, height, _) in enumerate(stats.tolist())
        if k > 0 and max(width, height) >= _WIDE_IN * own_dpi and np.median(depth[parts == k]) >= _DEEP
    ]
    if not likely:
        return None
    around = round(_AROUND_IN * own_dpi)
    top, left = (max(0, min(box[n] for box in likely) - around) for n in (0, 1))
    bottom, right = (min(small.shape[n], max(box[n + 2] for box in likely) + around) for n in (0, 1))
    rows, columns = (slice(round(a / scale), round(b / scale)) for a, b in ((top, bottom), (left, right)))
    return (rows, columns), paper[top:bottom, left:right]


def _drawn(seen: _Seen, look: float) -> Mask:
    """Returns 255 on the lines of tables and on their outlines, else 0."""
    drawn: Mask = np.zeros_like(seen.page)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(seen.shaded, connectivity=4)
    level = _lines(seen, look)
    upright = [line[:, ::-1] for line in _lines(seen.transposed(), look)]
    found = _kept(level, upright, np.asarray(parts), look)
    if not found:
        return drawn
    ruled = _ruled(seen, look)
    for k in sorted(found):
        inside = parts == k
        if cv2.countNonZero(ruled[inside]) >= _RULED_IN * look:
            continue
        x, y, width, height = (int(n) for n in stats[k, :4])
        at_rim = min(x, y) <= 1 or x + width >= parts.shape[1] - 1 or y + height >= parts.shape[0] - 1
        if at_rim or max(width, height) < _WIDE_IN * look or sum(is_whole for _, is_whole in found[k]) < _LEAST_LINES:
            continue
        if float(np.median(seen.depth[inside])) < _DEEP or not _is_oblong(inside):
            continue
        for line, _ in found[k]:
            cv2.polylines(drawn, [np.rint(line).astype(np.int32)], False, (255,), 1)
        _outline(np.asarray(inside, dtype=np.uint8), drawn, look)
    return drawn


def _ruled(seen: _Seen, look: float) -> Mask:
    """Marks dark lines: cells that they part need no white ones, and what is darker there is the back that shines through."""
    dark = cv2.compare(seen.page, cv2.convertScaleAbs(seen.ground, alpha=_PRINT), cv2.CMP_LT)
    length = round(_RULED_IN * look)
    lines = (cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(size, np.uint8)) for size in ((1, length), (length, 1)))
    return np.asarray(cv2.max(*lines), dtype=np.uint8)


def _look_at(page: Gray, paper: Gray, look: float) -> _Seen:
    """Returns what lines are looked for on; `paper` has the shape of `page`."""
    ground = np.asarray(cv2.morphologyEx(cv2.blur(page, (3, 3)), cv2.MORPH_CLOSE, square(_PRINT_IN * look)), dtype=np.uint8)
    fill = np.asarray(cv2.morphologyEx(ground, cv2.MORPH_OPEN, square(_LINE_IN * look)), dtype=np.uint8)
    shaded = cv2.morphologyEx(_shaded(fill, paper), cv2.MORPH_OPEN, square(_CELL_IN * look))
    least = np.maximum(cv2.convertScaleAbs(cv2.subtract(paper, fill), alpha=_LIGHTER), np.uint8(_LEAST_STEP))
    return _Seen(page, ground, fill, np.asarray(shaded, dtype=np.uint8), np.asarray(least, dtype=np.uint8), _depth(fill, paper))


def _depth(fill: Gray, paper: Gray) -> Gray:
    """Returns how much darker than paper a fill is, in thousandths of it, 255 at most."""
    return np.asarray(cv2.divide(cv2.subtract(paper, fill), paper, scale=1000), dtype=np.uint8)


def _paper(ground: Gray, dpi: float) -> Gray:
    """Returns how light the paper around each place is: that beside a fill, or between its cells."""
    return np.asarray(cv2.morphologyEx(ground, cv2.MORPH_CLOSE, square(_PAPER_IN * dpi)), dtype=np.uint8)


def _shaded(fill: Gray, paper: Gray) -> Mask:
    low, high = (cv2.convertScaleAbs(paper, alpha=share) for share in _SHADE)
    return np.asarray(cv2.min(cv2.compare(fill, low, cv2.CMP_GT), cv2.compare(fill, high, cv2.CMP_LT)), dtype=np.uint8)


def _lines(seen: _Seen, look: float) -> list[Points]:
    """Returns the level lines that are lighter than the fill above and below them, as points (x, y) along each.

    The mean along a line tells it from the grain of the paper; the ground between rows of print is as light as the fill only.
    """
    page, ground, fill, shaded, least, _ = seen
    mean = max(3, round(_MEAN_IN * look))
    along = cv2.blur(ground, (mean, 1))
    lighter = cv2.min(shaded, cv2.compare(cv2.subtract(along, fill), least, cv2.CMP_GE))
    short = np.ones((1, max(3, round(_SHORT_IN * look))), np.uint8)
    lighter = cv2.morphologyEx(lighter, cv2.MORPH_OPEN, short)
    near = np.ones((2 * round(_CLEAN_IN * look) + 1, 1), np.uint8)
    darkest, beside = cv2.erode(page, near), cv2.erode(fill, near)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(lighter, connectivity=8)
    lines = []
    for k in range(1, count):
        x, y, width, height, _ = (int(n) for n in stats[k])
        if width < _SHORT_IN * look or height > _THICK_IN * look + _SLOPE * width:
            continue
        place = np.s_[y : y + height, x : x + width]
        inside = labels[place] == k
        if float((darkest[place] >= _CLEAN * beside[place])[inside].mean()) < _CLEAN_SHARE:
            continue
        weights = inside * (1.0 + cv2.subtract(ground[place], fill[place]).astype(np.float64))
        middle = (weights * np.arange(height)[:, None]).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-9) + y
        xs = np.arange(x, x + width, dtype=np.float64)
        course = np.polynomial.Polynomial.fit(xs, middle, 2 if width > look else 1)(xs)
        if float(np.median(np.abs(course - middle))) > max(1.0, _BENT_IN * look):
            continue
        inside_page = np.clip(course, 0, page.shape[0] - 1)
        lines.append(np.asarray(np.stack([xs, inside_page], axis=1), dtype=np.float64))
    return lines


def _kept(
    level: list[Points], upright: list[Points], parts: npt.NDArray[Any], look: float
) -> dict[int, list[tuple[Points, bool]]]:
    """Returns the lines that end at others or at the edge of their fill, by the number of the fill.

    With each is told whether both of its ends do so; of a long one, one end may be lost.

    A line divides cells: what ends in the middle of one is a mark or a trace of the paper.
    """
    edge = np.asarray(parts > 0, dtype=np.uint8)
    # At its edge a fill fades to the paper.
    inner = cv2.erode(edge, square(2 * _EDGE_IN * look + 1))
    edge = np.asarray(cv2.subtract(edge, cv2.erode(edge, square(3))), dtype=np.uint8)
    found: dict[int, list[tuple[Points, bool]]] = {}
    for ways, others in ((level, upright), (upright, level)):
        meets = edge.copy()
        for line in others:
            if len(line) >= _LONG_IN * look:
                cv2.polylines(meets, [np.rint(line).astype(np.int32)], False, (1,), 3)
        for line in ways:
            x, y = (int(n) for n in np.rint(line[len(line) // 2]))
            start, end = (_end(side, meets, look) for side in (line[::-1], line))
            is_whole = start is not None and end is not None
            if inner[y, x] and (len(line) >= _LONG_IN * look or is_whole):
                found.setdefault(int(parts[y, x]), []).append((_between(line, start, end), is_whole))
    return found


def _end(line: Points, meets: Mask, look: float) -> Points | None:
    """Returns where a line meets another, or the edge of its fill, close to its end; None where it does not."""
    reach = max(1, min(round(_JOIN_IN * look), len(line) - 1))
    way = (line[-1] - line[-1 - reach]) / reach
    steps = np.arange(-reach, reach + 1)
    steps = steps[np.argsort(np.abs(steps), kind="stable")]
    for point in line[-1] + steps[:, None] * way:
        x, y = (int(n) for n in np.rint(point))
        if 0 <= y < meets.shape[0] and 0 <= x < meets.shape[1] and meets[y, x]:
            return np.asarray(point, dtype=np.float64)
    return None


def _between(line: Points, start: Points | None, end: Points | None) -> Points:
    """Returns a line from one point to another; where there is none, its own end is kept."""
    along = int(np.ptp(line[:, 1]) > np.ptp(line[:, 0]))
    low, high = (line[k, along] if p is None else p[along] for k, p in ((0, start), (-1, end)))
    inner = line[(line[:, along] >= low) & (line[:, along] <= high)]
    parts = ([] if start is None else [start[None]], [inner], [] if end is None else [end[None]])
    return np.asarray(np.concatenate([part for some in parts for part in some]), dtype=np.float64)


def _is_oblong(inside: npt.NDArray[np.bool_]) -> bool:
    """True for what nearly fills a rectangle, as tables do; what is dark around print has a ragged edge."""
    contours, _ = cv2.findContours(np.asarray(inside, dtype=np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(contours, key=cv2.contourArea)
    width, height = cv2.minAreaRect(largest)[1]
    return cv2.contourArea(largest) >= _OBLONG * width * height


def _outline(part: Mask, drawn: Mask, look: float) -> None:
    """Draws the outer edge of a fill."""
    contours, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        if cv2.contourArea(contour) < (_CELL_IN * look) ** 2:
            continue
        smooth = _with_corners(cv2.approxPolyDP(contour, 2.0, True)[:, 0].astype(np.float64), _CORNER_IN * look)
        for a, b in zip(smooth, np.roll(smooth, -1, axis=0), strict=True):
            cv2.line(drawn, [round(n) for n in a], [round(n) for n in b], (255,), 1)


def _with_corners(outline: Points, most: float) -> Points:
    """Returns an outline whose sides go on to their corners where print beside one, or pale fill, has taken it off.

    Args:
        outline: corners in order, shape (n, 2).
        most: in pixels, how long the side is, at most, that stands in the place of a corner.
    """
    corners = list(outline)
    k = 0
    while k < len(corners) and len(corners) > _RECTANGLE:
        before, start, end, after = (corners[(k + step) % len(corners)] for step in (-1, 0, 1, 2))
        meeting = _meeting(before, start, end, after) if np.hypot(*(end - start)) <= most else None
        if meeting is not None and max(np.hypot(*(meeting - start)), np.hypot(*(meeting - end))) <= most:
            corners[k] = meeting
            del corners[(k + 1) % len(corners)]
            k = max(0, k - 1)
        else:
            k += 1
    return np.asarray(corners, dtype=np.float64)


def _meeting(before: Points, start: Points, end: Points, after: Points) -> Points | None:
    """Returns where the sides before and after a short one meet; None unless both are longer and about square to each other."""
    first, short, last = start - before, end - start, after - end
    length, least, other = (float(np.hypot(*side)) for side in (first, short, last))
    if min(length, other) <= least or abs(float(first @ last)) > _ALONG * length * other:
        return None
    along = np.linalg.solve(np.stack([first, -last], axis=1), end - start)
    return np.asarray(start + along[0] * first, dtype=np.float64) if along[0] >= 0 >= along[1] else None
