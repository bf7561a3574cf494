"""Text outside ruled tables → pieces of tables, by the alignment of the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.domain import BBox, TableCell, Word
from pipeline.geometry import contains_center
from pipeline.grid.align import Alignment, align, alignment_to_lattice, alignment_to_places
from pipeline.grid.blank_heads import find_blank_head
from pipeline.grid.close_heads import part_close_heads
from pipeline.grid.edges import Edge
from pipeline.grid.fill import fill_places, lattice_to_piece
from pipeline.grid.lanes import Lane
from pipeline.grid.lattice import CellBox, Lattice
from pipeline.grid.pieces import Piece
from pipeline.grid.runs import Run, is_tabular, lines_to_runs
from pipeline.grid.segments import Segment, SegmentLine, starts_item, words_to_segment_lines
from pipeline.grid.stacked import without_stacked_values

_MIN_RULE_PT = 18.0


def words_to_pieces(
    words: Sequence[Word],
    rules: Sequence[Edge],
    uprights: Sequence[Edge],
    taken: Sequence[BBox],
    page_no: int,
    text: tuple[float, float],
) -> list[Piece]:
    """Finds tables among words that lie in no ruled table.

    Args:
        words: of one page, outside all of `taken`.
        rules: horizontal lines that belong to no ruled table.
        uprights: vertical lines likewise; they part texts that stand on both sides of them.
        taken: places of the ruled tables; no run of lines goes past one.
        page_no: of the page.
        text: left and right edge of the page's text, in points.
    """
    long = sorted(r for r in rules if r.end - r.start >= _MIN_RULE_PT)
    runs: list[Run] = []
    for group in _between(words, taken):
        lines = table_lines(group, uprights)
        turned = [w for w in group if not w.upright]
        runs += [
            replace(found, turned=tuple(w for w in turned if contains_center(found.bbox, w.bbox)))
            for found in lines_to_runs(lines, long, text, turned)
        ]
    heads = [_head(run) for run in runs]
    pieces = []
    for k, run in enumerate(runs):
        is_sister = any(_is_same_head(heads[k], other) for i, other in enumerate(heads) if i != k)
        piece = run_to_piece(_widened(run, text[1]), page_no, is_sister=is_sister)
        if piece is not None:
            pieces.append(piece)
    return pieces


def _head(run: Run) -> Segment | None:
    """The first text of the head of a run: that over the labels of its rows."""
    return next((line.segments[0] for line in run.lines if len(line.segments) > 1 and not line.n_values), None)


def _is_same_head(head: Segment | None, other: Segment | None) -> bool:
    if head is None or other is None or head.text != other.text:
        return False
    return abs(head.x0 - other.x0) < head.bottom - head.top and abs(head.x1 - other.x1) < head.bottom - head.top


def _widened(run: Run, right: float) -> Run:
    """Gives a table without a figure and without lines all room to the right: a figure may stand beside its head."""
    if run.rules or any(line.n_values for line in run.lines):
        return run
    return replace(run, bbox=replace(run.bbox, x1=max(run.bbox.x1, right)))


def table_lines(words: Sequence[Word], uprights: Sequence[Edge] = ()) -> list[SegmentLine]:
    """Returns the lines of words that may be rows of a table without rulings.

    Args:
        words: of one page or a part of it.
        uprights: vertical lines; they part texts that stand on both sides of them.
    """
    return without_stacked_values(part_close_heads(words_to_segment_lines(words, uprights)))


def _between(words: Sequence[Word], taken: Sequence[BBox]) -> list[list[Word]]:
    """Parts the words by the tables that they stand above or below of."""
    groups: dict[int, list[Word]] = {}
    for word in words:
        above = sum(box.center[1] < word.bbox.center[1] for box in taken)
        groups.setdefault(above, []).append(word)
    return [groups[k] for k in sorted(groups)]


def first_line_to_piece(words: Sequence[Word], page_no: int) -> Piece | None:
    """Turns the first line of a page into a provisional row, where it holds words and figures apart from one another.

    A running head of one text may stand above it.

    Args:
        words: outside tables and page chrome, above the first table of the page.
        page_no: of the page.
    """
    lines = words_to_segment_lines(words)
    line = next((line for line in lines[:2] if len(line.segments) > 1), None)
    if line is None or not is_tabular(line) or not line.n_values:
        return None
    edges = [(a.x1 + b.x0) / 2 for a, b in pairwise(line.segments)]
    xs = (line.x0, *edges, line.x1)
    walls = tuple(False for _ in line.segments)
    places = [BBox(a, line.top, b, line.bottom) for a, b in pairwise(xs)]
    cells = tuple(TableCell(0, k, 1, 1, s.text, page_no, places[k]) for k, s in enumerate(line.segments))
    lanes = tuple((s.x0, s.x1) for s in line.segments)
    run = Run((line,), (), BBox(line.x0, line.top, line.x1, line.bottom))
    ys = (line.top, line.bottom)
    return Piece(page_no, xs, ys, cells, walls, walls, "alignment", lanes=lanes, run=run, provisional=True)


def run_to_piece(run: Run, page_no: int, lanes: Sequence[Lane] | None = None, *, is_sister: bool = False) -> Piece | None:
    """Turns a run of lines into a piece, or None where its text does not line up like a table.

    Args:
        run: the lines.
        page_no: of their page.
        lanes: the columns, where they are known from other pages.
        is_sister: whether another run begins with the same head at the same place, so that less evidence is asked for.
    """
    found = align(run.lines, run.bbox, run.rules, lanes, run.turned)
    if found is None or (lanes is None and not _is_table(found, run, is_sister)):
        return None
    lattice = alignment_to_lattice(found)
    places = alignment_to_places(found)
    placed = {id(word) for word, _, _ in places}
    filled = fill_places(lattice, places, [w for w in run.turned if id(w) not in placed])
    filled = replace(filled, irregular=frozenset(b for b in filled.irregular if _holds_figures(b, found)))
    piece = lattice_to_piece(_with_outer_walls(lattice, run.rules), filled, page_no, "alignment", found.doubts)
    cells = piece.cells
    if found.doubts:
        cells = tuple(replace(c, certain=False, doubt=c.doubt or found.doubts[0]) if c.text else c for c in cells)
    cells = _with_doubled_labels(cells)
    extents = tuple((lane.x0, lane.x1) for lane in found.lanes)
    return replace(piece, cells=cells, lanes=extents, run=run, head_rows=max(0, len(found.head_ys) - 1))


def _holds_figures(box: CellBox, found: Alignment) -> bool:
    """True for a cell over a column of figures: odd shapes among the labels of rows move no figure."""
    return any(found.lanes[k].figures for k in range(box.column, box.column_end))


def _with_doubled_labels(cells: tuple[TableCell, ...]) -> tuple[TableCell, ...]:
    """Doubts the rows in which one cell holds two labels with an enumeration each: a line of figures may be another's."""
    doubled = {c.row for c in cells if sum(map(starts_item, c.text.split("\n"))) > 1 and c.row_span == 1}
    doubt = "two labels stand in one row"
    return tuple(replace(c, certain=False, doubt=c.doubt or doubt) if c.row in doubled else c for c in cells)


def _is_table(found: Alignment, run: Run, is_sister: bool) -> bool:
    """True where there is evidence enough: figures, or rules, or three columns over three rows, or a table with the same head."""
    rows, columns = len(found.rows) + max(0, len(found.head_ys) - 1), len(found.lanes)
    values = sum(line.n_values for line in run.lines)
    rules = sum(r.end - r.start > 0.5 * run.bbox.width for r in run.rules)
    if rows < 2:
        return False
    if values >= 3 or (values and all(len(line.segments) > 1 for line in run.lines)):
        return True
    blank = is_sister and find_blank_head(run.lines) is not None
    return blank or rules >= 2 or (rows >= 3 and columns >= 3)


def _with_outer_walls(lattice: Lattice, rules: Sequence[Edge]) -> Lattice:
    """Keeps the top and bottom walls only where a rule is drawn, so that a cut at the page break shows."""
    heads = []
    for y in (lattice.ys[0], lattice.ys[-1]):
        near = [r for r in rules if abs(r.at - y) <= 3.0]
        middles = [(a + b) / 2 for a, b in zip(lattice.xs, lattice.xs[1:], strict=False)]
        heads.append(tuple(any(r.start <= m <= r.end for r in near) for m in middles))
    return Lattice(lattice.xs, lattice.ys, lattice.walls_v, (heads[0], *lattice.walls_h[1:-1], heads[1]))
