"""The head of a table without rulings: which labels stand over several columns, and which are the columns' own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.grid.edges import Edge
from pipeline.grid.lanes import Lane
from pipeline.grid.rows import Part

_BLOCK_GAP_EM = 0.6
_CENTRE_EM = 0.8


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand closely one below the other over the columns `first` to `last`."""

    parts: tuple[Part, ...]
    first: int
    last: int

    @property
    def top(self) -> float:
        """Upper edge."""
        return min(p.top for p in self.parts)

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return max(p.bottom for p in self.parts)

    @property
    def y(self) -> float:
        """Middle height."""
        return (self.top + self.bottom) / 2

    @property
    def mid(self) -> float:
        """Middle between left and right edge."""
        return (min(p.segment.x0 for p in self.parts) + max(p.segment.x1 for p in self.parts)) / 2


@dataclass(frozen=True, slots=True)
class Head:
    """The head as blocks: `levels[j]` stand over several columns each, `leaves` are the columns' own labels."""

    levels: tuple[tuple[Block, ...], ...]
    leaves: tuple[Block, ...]


def parts_to_blocks(parts: Sequence[Part]) -> list[Block]:
    """Joins parts over the same columns that stand within 0.6 em of one another, from top to bottom."""
    blocks: list[Block] = []
    ordered = sorted(parts, key=lambda p: p.top)
    for i, part in enumerate(ordered):
        above = next((k for k in range(len(blocks) - 1, -1, -1) if _over(blocks[k], part)), None)
        if above is not None and _goes_on(blocks[above], part, ordered[i + 1 :]):
            block = blocks[above]
            blocks[above] = Block((*block.parts, part), min(block.first, part.first), max(block.last, part.last))
        else:
            blocks.append(Block((part,), part.first, part.last))
    return sorted(blocks, key=lambda b: b.y)


def _over(block: Block, part: Part) -> bool:
    return block.first <= part.last and part.first <= block.last


def _goes_on(block: Block, part: Part, below: Sequence[Part]) -> bool:
    """True where a part is the next line of a block: close below it, and alone under it or over the same columns."""
    if part.top - block.bottom >= _BLOCK_GAP_EM * part.em:
        return False
    if (block.first, block.last) == (part.first, part.last):
        return True
    inside = block.first <= part.first and part.last <= block.last
    return inside and not any(_over(block, other) and not _same_place(part, other) for other in below)


def _same_place(part: Part, other: Part) -> bool:
    return part.first <= other.last and other.first <= part.last


def parts_to_head(parts: Sequence[Part], lanes: Sequence[Lane], rules: Sequence[Edge]) -> Head:
    """Sorts the blocks of a head into levels and leaves.

    A block is a leaf where nothing stands below it in its column. A block above others stretches over the columns
    below it: as far as a rule under it, or else over the widest free neighbourhood of which it is the middle.

    Args:
        parts: all text of the head.
        lanes: the columns.
        rules: horizontal lines within the table.
    """
    blocks = parts_to_blocks(parts)
    upper = [b for b in blocks if any(_below(b, o) for o in blocks)]
    leaves = tuple(b for b in blocks if b not in upper)
    stretched: list[Block] = []
    for block in upper:
        stretched.append(_stretch(block, blocks, stretched, leaves, lanes, rules))
    levels: list[list[Block]] = []
    for block in stretched:
        if levels and block.top < levels[-1][0].bottom - 0.3 * (levels[-1][0].bottom - levels[-1][0].top):
            levels[-1].append(block)
        else:
            levels.append([block])
    return Head(tuple(map(tuple, levels)), leaves)


def _below(block: Block, other: Block) -> bool:
    return other is not block and other.top >= block.bottom - 1 and other.first <= block.last and block.first <= other.last


def _stretch(
    block: Block,
    blocks: Sequence[Block],
    done: Sequence[Block],
    leaves: Sequence[Block],
    lanes: Sequence[Lane],
    rules: Sequence[Edge],
) -> Block:
    em = block.parts[0].em
    ruled = _ruled_span(block, lanes, rules, em)
    if ruled:
        return replace(block, first=ruled[0], last=ruled[1])
    parents = [(d.first, d.last) for d in done if d.bottom <= block.top + 1 and d.first <= block.first and block.last <= d.last]
    low, high = parents[-1] if parents else (0, len(lanes) - 1)
    busy = {
        k
        for o in (*blocks, *done)
        if o.parts != block.parts and min(o.bottom, block.bottom) - max(o.top, block.top) > 0.2 * em
        for k in range(o.first, o.last + 1)
    }
    spans = []
    for a in range(low, block.first + 1):
        for b in range(block.last, high + 1):
            if any(k in busy for k in range(a, b + 1)) or (parents and (a, b) == (low, high) and low != high):
                continue
            over_leaves = _is_middle_of_leaves(block.mid, a, b, leaves, em)
            if over_leaves or _is_middle(block.mid, a, b, lanes, em):
                level = _leaves_level(a, b, leaves, em)
                spans.append((level, over_leaves, b - a, a, b))
    if not spans:
        return block
    *_, a, b = max(spans)
    return replace(block, first=a, last=b)


def _is_middle(mid: float, a: int, b: int, lanes: Sequence[Lane], em: float) -> bool:
    """True where `mid` is the middle of the columns `a` to `b`, by their text, their middles or their boundaries."""
    left, right = lanes[a], lanes[b]
    edge_left = (lanes[a - 1].x1 + left.x0) / 2 if a else left.x0
    edge_right = (right.x1 + lanes[b + 1].x0) / 2 if b + 1 < len(lanes) else right.x1
    middles = (
        (left.x0 + right.x1) / 2,
        (left.x0 + left.x1 + right.x0 + right.x1) / 4,
        (edge_left + edge_right) / 2,
    )
    return any(abs(middle - mid) <= _CENTRE_EM * em for middle in middles)


def _is_middle_of_leaves(mid: float, a: int, b: int, leaves: Sequence[Block], em: float) -> bool:
    """True where `mid` is the middle between the heads of the columns `a` and `b`, wherever their figures stand."""
    left = next((leaf.mid for leaf in leaves if leaf.first == leaf.last == a), None)
    right = next((leaf.mid for leaf in leaves if leaf.first == leaf.last == b), None)
    return left is not None and right is not None and abs((left + right) / 2 - mid) <= _CENTRE_EM * em


def _leaves_level(a: int, b: int, leaves: Sequence[Block], em: float) -> bool:
    """True where the leaves of the columns `a` to `b` stand at one height."""
    ys = [leaf.y for leaf in leaves if a <= leaf.first and leaf.last <= b]
    return not ys or max(ys) - min(ys) <= 0.6 * em


def _ruled_span(block: Block, lanes: Sequence[Lane], rules: Sequence[Edge], em: float) -> tuple[int, int] | None:
    """The columns under which a rule runs close below the block, where it is shorter than the table."""
    for rule in rules:
        over = [k for k, lane in enumerate(lanes) if rule.start - em <= (lane.x0 + lane.x1) / 2 <= rule.end + em]
        short = over and len(over) < len(lanes)
        if short and -0.3 * em <= rule.at - block.bottom <= em and rule.start - em <= block.mid <= rule.end + em:
            return min(over), max(over)
    return None
