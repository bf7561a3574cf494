"""A run of lines without (enough) rulings → a lattice, by the alignment of its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain import BBox, Word
from pipeline.geometry import cluster
from pipeline.grid.blank_heads import blank_row
from pipeline.grid.body import body_rows, find_joins, leaf_lane, row_boundaries, rules_to_bands
from pipeline.grid.columns import lanes_of_head, lines_to_lanes
from pipeline.grid.edges import Edge
from pipeline.grid.groups import Group, blocks_to_groups
from pipeline.grid.header import Block, Head, parts_to_blocks, parts_to_head
from pipeline.grid.lanes import Lane, lanes_to_boundaries, without_nested
from pipeline.grid.lattice import Lattice
from pipeline.grid.rows import Part, Row, place_segments
from pipeline.grid.segments import Segment, SegmentLine

_BAND_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Alignment:
    """What the text of a table says of its grid.

    Attributes:
        head: blocks of the head; `rows` of the body; `groups` of row labels over several rows of the body.
        head_ys: boundaries of the rows of the head, its lower edge included; empty without a head.
        ys: boundaries of the rows of the body.
        joins: pairs `(row, column)`: no line parts this cell from the one above it, though lines part the rows.
        doubts: sentences.
    """

    lanes: tuple[Lane, ...]
    xs: tuple[float, ...]
    head: Head
    head_ys: tuple[float, ...]
    rows: tuple[Row, ...]
    ys: tuple[float, ...]
    groups: tuple[Group, ...]
    joins: tuple[tuple[int, int], ...]
    doubts: tuple[str, ...]


def align(
    lines: Sequence[SegmentLine],
    bbox: BBox,
    rules: Sequence[Edge],
    lanes: Sequence[Lane] | None = None,
    turned: Sequence[Word] = (),
) -> Alignment | None:
    """Finds columns and rows of a run of lines; None where there are not two columns.

    Args:
        lines: from top to bottom.
        bbox: the region; its left and right edge bound the outer columns where text does not go beyond.
        rules: horizontal lines in the region; they part rows where they run below the row labels.
        lanes: the columns, where they are known from other pages.
        turned: words in the region that are turned by 90 degrees; those above the figures head a column.
    """
    heads = turned_heads(turned, lines)
    row = blank_row(lines, rules)
    told = lanes or (lanes_of_head(lines) if row else lines_to_lanes(lines, rule_ends(rules), heads))
    lanes = without_nested(told)
    if len(lanes) < 2:
        return None
    placed = [place_segments(line, lanes) for line in lines]
    n_head = _head_length(placed, lanes)
    upright = [p for parts in placed[:n_head] for p in parts]
    head = parts_to_head([*upright, *_over_lanes(heads, lanes)], lanes, rules)
    leaf = leaf_lane(placed[n_head:], lanes)
    rows, loose, doubts = body_rows(placed[n_head:], lanes, leaf)
    bands = rules_to_bands(placed[n_head:], lanes, rules)
    joins: list[tuple[int, int]] = []
    if len(bands) > 2 and len(bands) >= _BAND_SHARE * len(rows):
        rows, loose, doubts = [row for _, row in bands], [], []
        joins = find_joins(bands, lanes, rules)
    bottom = _head_bottom(head)
    if not rows and bottom is None:
        return None
    ys = row_boundaries(rows, rules, bbox, head_bottom=bottom) if rows else [max(bbox.bottom, bottom or 0.0)]
    if row and not rows:
        rows, ys = [Row(())], [row[0].at, row[1].at]
    groups = blocks_to_groups(parts_to_blocks(loose), rows, ys) if loose else []
    xs = lanes_to_boundaries(lanes, bbox.x0, bbox.x1)
    if _heads_stray(head, rows, lanes):
        doubts = [*doubts, "a column of figures has no head, and a head has no figures"]
    if len(lanes) < len(told):
        doubts = [*doubts, "two columns lie in one another"]
    head_ys = tuple(_head_boundaries(head, ys[0], bbox))
    return Alignment(tuple(lanes), tuple(xs), head, head_ys, tuple(rows), tuple(ys), tuple(groups), tuple(joins), tuple(doubts))


def turned_heads(turned: Sequence[Word], lines: Sequence[SegmentLine]) -> list[Segment]:
    """Returns the turned words above the first line with figures: each is the head of a column, or a line of one."""
    limit = next((line.top for line in lines if line.n_values), float("inf"))
    return [Segment((word,)) for word in sorted(turned, key=lambda w: w.bbox.x0) if word.bbox.center[1] < limit]


def _over_lanes(heads: Sequence[Segment], lanes: Sequence[Lane]) -> list[Part]:
    """Puts each turned head in the column that it stands over or nearest to."""
    parts = []
    for head in heads:
        k = max(range(len(lanes)), key=lambda k: lanes[k].shares(head))
        parts.append(Part(head, k, k))
    return parts


def _heads_stray(head: Head, rows: Sequence[Row], lanes: Sequence[Lane]) -> bool:
    """True where a head stands over an empty column while a column of figures has none."""
    headed = {k for b in head.leaves for k in range(b.first, b.last + 1)}
    filled = {k for row in rows for p in row.parts for k in range(p.first, p.last + 1)}
    bare = [k for k, lane in enumerate(lanes) if lane.figures and k not in headed]
    return bool(headed and bare) and any(k not in filled for k in headed)


def rule_ends(rules: Sequence[Edge]) -> list[float]:
    """Returns the places where two rules or more begin, or end."""
    places: list[float] = []
    for ends in ([r.start for r in rules], [r.end for r in rules]):
        groups = cluster(ends, 1.0)
        places += [sum(g) / len(g) for g in groups if len(g) > 1]
    return places


def _head_length(placed: Sequence[Sequence[Part]], lanes: Sequence[Lane]) -> int:
    """Counts the leading lines that have words over columns of figures, before the first line with a figure there.

    Where no line has one, all of it is the head: the rest stands on the next page.
    """
    if not any(lane.figures for lane in lanes):
        return 0
    last = 0
    for k, parts in enumerate(placed):
        over = [p for p in parts if any(lanes[i].figures for i in range(p.first, p.last + 1))]
        if any(p.segment.is_value and p.first == p.last for p in over):
            return last
        if over:
            last = k + 1
    return last


def _head_bottom(head: Head) -> float | None:
    blocks = [*head.leaves, *(b for level in head.levels for b in level)]
    return max(b.bottom for b in blocks) if blocks else None


def _head_boundaries(head: Head, bottom: float, bbox: BBox) -> list[float]:
    """Boundaries of the rows of the head: above, below each level, and where the body begins."""
    blocks = [*head.leaves, *(b for level in head.levels for b in level)]
    if not blocks:
        return []
    bounds = [min(bbox.top, min(b.top for b in blocks))]
    for level in head.levels:
        below = [b.top for b in blocks if any(_under(b, o) for o in level)]
        edge = max(o.bottom for o in level)
        bounds.append(max((edge + min(below)) / 2 if below else edge, bounds[-1] + 0.1))
    return bounds if not head.leaves and len(bounds) > 1 else [*bounds, max(bottom, bounds[-1] + 0.1)]


def _under(block: Block, upper: Block) -> bool:
    return block is not upper and block.top >= upper.bottom - 1 and block.first <= upper.last and upper.first <= block.last


def alignment_to_lattice(found: Alignment) -> Lattice:
    """Draws the walls that the text implies: everywhere, but not through a label over several columns or rows."""
    n_head = max(0, len(found.head_ys) - 1)
    ys = [*found.head_ys[:-1], *found.ys] if n_head else list(found.ys)
    n_rows, n_columns = len(ys) - 1, len(found.lanes)
    walls_v = [[True] * (n_columns + 1) for _ in range(n_rows)]
    walls_h = [[True] * n_columns for _ in range(n_rows + 1)]
    _open_head(found, n_head, walls_v, walls_h)
    for r, row in enumerate(found.rows):
        _open_row(row, found, {k for i, k in found.joins if i in (r, r + 1)}, walls_v[n_head + r])
    for r, k in found.joins:
        walls_h[n_head + r][k] = False
    for group in found.groups:
        for r in range(group.top_row, group.last_row + 1):
            for k in range(group.block.first, group.block.last + 1):
                if r > group.top_row:
                    walls_h[n_head + r][k] = False
                if k > group.block.first:
                    walls_v[n_head + r][k] = False
    return Lattice(found.xs, tuple(ys), tuple(map(tuple, walls_v)), tuple(map(tuple, walls_h)))


def alignment_to_places(found: Alignment) -> list[tuple[Word, int, int]]:
    """Returns each word with the row and column of the lattice in which it stands."""
    n_head = max(0, len(found.head_ys) - 1)
    placed: list[tuple[Part, int, int]] = []
    for j, level in enumerate(found.head.levels):
        placed += [(p, j, b.first) for b in level for p in b.parts]
    placed += [(p, n_head - 1, b.first) for b in found.head.leaves for p in b.parts]
    placed += [(p, n_head + r, p.first) for r, row in enumerate(found.rows) for p in row.parts]
    placed += [(p, n_head + g.top_row, g.block.first) for g in found.groups for p in g.block.parts]
    return [(word, row, column) for part, row, column in placed for word in part.segment.words]


def _open_head(found: Alignment, n_head: int, walls_v: list[list[bool]], walls_h: list[list[bool]]) -> None:
    covered = [-1] * len(found.lanes)
    for j, level in enumerate(found.head.levels):
        for block in level:
            start = max(covered[block.first : block.last + 1]) + 1
            for r in range(start, j + 1):
                for k in range(block.first + 1, block.last + 1):
                    walls_v[r][k] = False
                for k in range(block.first, block.last + 1):
                    walls_h[r][k] = walls_h[r][k] and r == start
            covered[block.first : block.last + 1] = [j] * (block.last - block.first + 1)
    for k, level_no in enumerate(covered):
        for r in range(level_no + 2, n_head):
            walls_h[r][k] = False
    for leaf in found.head.leaves:
        for r in range(max(covered[leaf.first : leaf.last + 1]) + 1, n_head):
            for k in range(leaf.first + 1, leaf.last + 1):
                walls_v[r][k] = False


def _open_row(row: Row, found: Alignment, tied: set[int], walls: list[bool]) -> None:
    """Opens the walls that a part crosses, and those between a short label and the column of labels.

    Args:
        row: of the body.
        found: the alignment.
        tied: columns in which the cell of this row goes on from or into a neighbouring row.
        walls: of this row; changed.
    """
    own = [p for p in row.parts if p.first not in tied]
    if not own:
        return
    starts = sorted({p.first for p in row.parts} | tied)
    for part in row.parts:
        for k in range(part.first + 1, part.last + 1):
            walls[k] = False
    if len({(p.first, p.last) for p in row.parts}) == 1 and len(found.lanes) > 2:
        table_mid = (found.xs[0] + found.xs[-1]) / 2
        mids = [p.segment.mid for p in row.parts]
        if all(abs(m - table_mid) < 0.06 * (found.xs[-1] - found.xs[0]) for m in mids):
            walls[1:-1] = [False] * (len(walls) - 2)
            return
    first = min(own, key=lambda p: p.first)
    following = next((s for s in starts if s > first.last), None)
    values = next((k for k, lane in enumerate(found.lanes) if lane.figures and k > first.last), len(found.lanes))
    words = not first.segment.is_value and not found.lanes[first.first].figures
    if words and (following is None or following > first.last + 1):
        end = min(values, following if following is not None else values)
        for k in range(first.last + 1, end):
            walls[k] = False
