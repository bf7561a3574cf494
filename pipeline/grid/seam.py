"""Do two pieces on following pages belong to one table, and which cells does the page break cut?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.domain import TableCell
from pipeline.grid.pieces import Piece
from pipeline.grid.repeats import is_repeated, row_content, whole_rows

_SAME_PT = 4.0
_APART_PT = 6.0
_NUMBER = re.compile(r"^[\s\d,，.．:%％+＋()（）\-－—–/元件万个项增减]*\d[\s\d,，.．%％()（）\-元件万个项]*$")
_MARKER = re.compile(
    r"^\s*([（(]?\s*([一二三四五六七八九十]+|\d{1,2}|[a-zA-Z])\s*[)）、.．:：]|[①-⑳]|第[一二三四五六七八九十\d]+)"
)
_MARKED_SHARE, _WORDS = 0.6, 3


def is_number(text: str) -> bool:
    """True for a cell that holds a figure rather than words."""
    return bool(_NUMBER.match(text))


def same_columns(upper: Piece, lower: Piece) -> bool:
    """True where the columns of both pieces can be those of one table.

    The outer edges agree (a shift of the whole, as between left and right pages, is allowed), and the inner boundaries
    of one are among those of the other; where they are fewer, some row of either piece shows the same boundaries.
    """
    if _same_inner(upper, lower):
        return True
    a, b = _offsets(upper), _offsets(lower)
    if abs(a[-1] - b[-1]) > _SAME_PT or min(upper.n_columns, lower.n_columns) < 1:
        return False
    few, many = (a, b) if len(a) <= len(b) else (b, a)
    matched = [min(abs(x - y) for y in many) for x in few]
    if any(d > _SAME_PT for d in matched):
        return False
    if len(few) == len(many):
        return True
    rows_a, rows_b = _row_patterns(upper), _row_patterns(lower)
    return figures_fit(upper, lower) or any(_like(p, q) for p in rows_a for q in rows_b if len(p) > 2)


def _same_inner(upper: Piece, lower: Piece) -> bool:
    """True where all inner boundaries agree; without an outer frame, text may not reach the outer ones."""
    a, b = upper.xs[1:-1], lower.xs[1:-1]
    return len(a) == len(b) > 0 and all(abs(x - y) <= _SAME_PT for x, y in zip(a, b, strict=True))


def figures_fit(upper: Piece, lower: Piece) -> bool:
    """True where the first row of `lower` carries figures, each in a cell as wide as some cell of `upper`."""
    extents = [_extent(upper, c) for c in upper.cells]
    figures = [_extent(lower, c) for c in lower.cells if c.row == 0 and is_number(c.text)]
    return bool(figures) and all(any(_like(f, e) for e in extents) for f in figures)


def _offsets(piece: Piece) -> list[float]:
    return [x - piece.xs[0] for x in piece.xs]


def _row_patterns(piece: Piece) -> list[tuple[float, ...]]:
    """For each row the boundaries of its cells, from the left edge of the piece."""
    patterns = []
    for row in range(piece.n_rows):
        cells = [c for c in piece.cells if c.row <= row < c.row + c.row_span]
        ends = {c.column for c in cells} | {c.column + c.column_span for c in cells}
        patterns.append(tuple(piece.xs[k] - piece.xs[0] for k in sorted(ends)))
    return patterns


def _like(p: tuple[float, ...], q: tuple[float, ...]) -> bool:
    return len(p) == len(q) and all(abs(x - y) <= _SAME_PT for x, y in zip(p, q, strict=True))


def is_cut(upper: Piece, lower: Piece, room_pt: float, first: Piece) -> bool:
    """True where the page break, and not an end of the table, parts two pieces of like columns.

    Args:
        upper: last on its page.
        lower: first on the next.
        room_pt: blank height below `upper` down to where text ends on other pages.
        first: the piece in which the table begins, for its header.
    """
    ruled = not (upper.lanes or lower.lanes)
    if not ruled and not lower.head_rows and any(is_number(c.text) for c in lower.cells):
        return True
    if ruled and not all(upper.bottom_walls) and not all(lower.top_walls):
        return True
    if repeated_header(first, lower):
        return True
    if lower.head_rows and any(is_number(c.text) for c in upper.cells):
        return False
    block = max((lower.ys[c.row + c.row_span] - lower.ys[0] for c in lower.cells if c.row == 0), default=0.0)
    if room_pt < block + _APART_PT:
        return True
    return figures_fit(upper, lower)


def repeated_header(first: Piece, lower: Piece) -> int:
    """Counts the leading rows of `lower` that repeat rows of `first`, begun at one of its first four rows."""
    is_read = any(c.readings for p in (first, lower) for c in p.cells)
    for start in range(min(4, first.n_rows)):
        count = 0
        while (
            start + count < first.n_rows
            and count < lower.n_rows
            and is_repeated(row_content(first, start + count), row_content(lower, count), is_read)
            and any(c[3] for c in row_content(lower, count))
        ):
            count += 1
        count = whole_rows(lower, count)
        texts = [c.text for c in lower.cells if c.row < count and c.text]
        if count and not any(is_number(t) for t in texts):
            return count
    return 0


def cut_cells(upper: Piece, lower: Piece, skipped: int) -> tuple[tuple[TableCell, TableCell], ...]:
    """Pairs the cells of the last row and the first row that the page break cut in two.

    Where lines are drawn over some columns only, a cell goes on exactly where there is none. Where there are none at
    all, the whole row was cut, unless both parts carry figures. Where the seam is closed, an empty label cell goes on
    from the label above it, and a row without figures whose label lacks the number that the others have is the rest
    of the row above.

    Args:
        upper: last on its page.
        lower: first on the next.
        skipped: leading rows of `lower` that repeat the header.
    """
    pairs = _facing_pairs(upper, lower, skipped)
    if not pairs:
        return ()
    ruled = not (upper.lanes or lower.lanes)
    is_open = [ruled and not skipped and not _walled(upper, lower, u, low) for u, low in pairs]
    if any(is_open) and not all(is_open):
        return tuple(p for p, free in zip(pairs, is_open, strict=True) if free)
    values = _value_columns(upper, lower)
    paired = {id(low) for _, low in pairs}
    new = any(c.text and id(c) not in paired for c in lower.cells if c.row == skipped)
    if not new and _is_rest_of_row(pairs, values, upper, lower, seam_open=all(is_open)):
        return tuple(pairs)
    return tuple(p for p in pairs if _label_goes_on(p, values, upper, lower))


def _facing_pairs(upper: Piece, lower: Piece, skipped: int) -> list[tuple[TableCell, TableCell]]:
    heads = {_extent(lower, c): c for c in lower.cells if c.row == skipped}
    body = min((c.row for c in upper.cells if is_number(c.text)), default=upper.n_rows)
    words = not any(is_number(c.text) for c in lower.cells)
    feet = [c for c in upper.cells if c.row + c.row_span == upper.n_rows and (c.row >= body or words)]
    pairs = []
    for foot in feet:
        x0, x1 = _extent(upper, foot)
        for (a, b), head in heads.items():
            if abs(a - x0) <= _SAME_PT and abs(b - x1) <= _SAME_PT:
                pairs.append((foot, head))
    return pairs


def _extent(piece: Piece, cell: TableCell) -> tuple[float, float]:
    return piece.xs[cell.column] - piece.xs[0], piece.xs[cell.column + cell.column_span] - piece.xs[0]


def _walled(upper: Piece, lower: Piece, foot: TableCell, head: TableCell) -> bool:
    return any(upper.bottom_walls[foot.column : foot.column + foot.column_span]) or any(
        lower.top_walls[head.column : head.column + head.column_span]
    )


def _value_columns(upper: Piece, lower: Piece) -> list[tuple[float, float]]:
    """Extents of the columns that mostly hold figures."""
    figures: dict[tuple[int, int], list[bool]] = {}
    for piece in (upper, lower):
        for cell in piece.cells:
            if cell.text and cell.row_span == 1:
                key = (round(_extent(piece, cell)[0]), round(_extent(piece, cell)[1]))
                figures.setdefault(key, []).append(is_number(cell.text))
    return [key for key, flags in figures.items() if sum(flags) * 2 >= len(flags)]


def _is_value(piece: Piece, cell: TableCell, values: Sequence[tuple[float, float]]) -> bool:
    x0, x1 = _extent(piece, cell)
    return any(abs(a - x0) <= _SAME_PT and abs(b - x1) <= _SAME_PT for a, b in values)


def _is_rest_of_row(
    pairs: Sequence[tuple[TableCell, TableCell]],
    values: Sequence[tuple[float, float]],
    upper: Piece,
    lower: Piece,
    seam_open: bool,
) -> bool:
    """True where the first row of `lower` is the rest of the last row of `upper`."""
    figures = [(u.text, low.text) for u, low in pairs if _is_value(upper, u, values)]
    labels = [(u.text, low.text) for u, low in pairs if not _is_value(upper, u, values)]
    above, below = any(u for u, _ in figures), any(low for _, low in figures)
    if not labels or (above and below):
        return False
    new = [low for _, low in labels if low]
    if any(_MARKER.match(text) for text in new):
        return False
    if seam_open:
        return True
    if not new:
        return below and not above and any(u for u, _ in labels)
    return above and not below and _labels_are_marked(upper, lower, values)


def _labels_are_marked(upper: Piece, lower: Piece, values: Sequence[tuple[float, float]]) -> bool:
    labels = [
        bool(_MARKER.match(c.text))
        for piece in (upper, lower)
        for c in piece.cells
        if c.text and not is_number(c.text) and c.row > 0 and not _is_value(piece, c, values)
    ]
    return bool(labels) and sum(labels) >= _MARKED_SHARE * len(labels)


def _same_words(foot: TableCell, head: TableCell) -> bool:
    """True where a label is printed again, but for marks that a scan may have lost."""
    words = [re.sub(r"[\W_]", "", c.text) for c in (foot, head)]
    return len(words[0]) >= _WORDS and words[0] == words[1]


def _label_goes_on(pair: tuple[TableCell, TableCell], values: Sequence[tuple[float, float]], upper: Piece, lower: Piece) -> bool:
    """True where a label cell that spans rows was cut, though lines are drawn at both edges."""
    foot, head = pair
    if _is_value(upper, foot, values) or (foot.text and head.text and (_MARKER.match(head.text) or _same_words(foot, head))):
        return False
    spans = any(
        c.row_span > 1
        and abs(_extent(p, c)[0] - _extent(upper, foot)[0]) <= _SAME_PT
        and abs(_extent(p, c)[1] - _extent(upper, foot)[1]) <= _SAME_PT
        for p in (upper, lower)
        for c in p.cells
        if c.row > 0 or p is lower
    )
    if not spans:
        return False
    if not head.text:
        return bool(foot.text)
    if not foot.text:
        return foot.row_span > 1
    return foot.row_span > 1 and head.row_span > 1 and _labels_are_marked(upper, lower, values)
