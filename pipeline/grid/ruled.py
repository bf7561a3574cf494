"""Rulings of a page → the tables that they enclose, sure and weak ones."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from pipeline.config import Pdf
from pipeline.domain import BBox, Page, Word
from pipeline.geometry import contains_center
from pipeline.grid.blocks import body_words
from pipeline.grid.edges import Edge, Network, edges_to_networks, rulings_to_edges
from pipeline.grid.fill import Filled, fill_lattice, lattice_to_piece
from pipeline.grid.hanging import reach_hanging, without_cut_rows
from pipeline.grid.lattice import Lattice, network_to_lattice, walled
from pipeline.grid.open_bands import close_open_bands, holds_any
from pipeline.grid.pieces import Piece
from pipeline.grid.runs import is_tabular
from pipeline.grid.segments import SegmentLine, is_figure, is_value, words_to_segment_lines
from pipeline.grid.slivers import without_slivers
from pipeline.grid.stripes import is_stripe

_MAX_EDGES = 6_000
_CROWDED_SHARE = 0.5
_BOX_GAP_PT = 9.0
_MARGIN_SHARE = 0.08
_BARE_COLUMNS, _RULED_ROWS = 3, 3


@dataclass(frozen=True, slots=True)
class Ruled:
    """What rulings say of a page.

    Attributes:
        pieces: tables whose every row and column is parted by lines.
        weak: grids that hold several rows of text in one row, or bands of a table that has no lines elsewhere.
        rules: horizontal lines that belong to no sure table; `uprights`: vertical ones likewise.
        bare: grids of several columns without any text: charts, or blank rows of a table that begins on the page before.
    """

    pieces: tuple[Piece, ...]
    weak: tuple[Piece, ...]
    rules: tuple[Edge, ...]
    uprights: tuple[Edge, ...] = ()
    bare: tuple[Piece, ...] = ()


def page_to_ruled(page: Page, config: Pdf) -> Ruled:
    """Sorts the networks of rulings of a page into tables, weak grids and single lines."""
    points = [w.bbox.center for w in page.words]
    networks = page_to_networks(page, config, points)
    grids: list[tuple[Network, Lattice, Filled]] = []
    rules: list[Edge] = []
    uprights: list[Edge] = []
    bare: list[Piece] = []
    for network in networks:
        lattice = network_to_lattice(network, config.ruling_snap_pt, points)
        lattice = reach_hanging(without_cut_rows(lattice, page.words), page.words) if lattice else None
        filled = fill_lattice(lattice, page.words) if lattice else None
        if lattice is not None and filled is not None and lattice.n_columns >= _BARE_COLUMNS and not any(filled.words):
            bare.append(replace(lattice_to_piece(lattice, filled, page.page_no, "rulings"), provisional=True))
        if lattice is None or filled is None or _is_no_table(filled):
            rules += network.horizontals
            uprights += network.verticals
        else:
            grids.append((network, lattice, filled))
    lines = _lines_outside(page, [n.bbox for n, _, _ in grids])
    lattices = [lattice for _, lattice, _ in grids]
    is_weak = [is_crowded(g, f) or _is_band(g, f, lines) or is_stripe(g, lattices, lines) for _, g, f in grids]
    hulls = [network.bbox for (network, _, _), w in zip(grids, is_weak, strict=True) if w]
    pieces: list[Piece] = []
    weak: list[Piece] = []
    for (network, lattice, filled), unsure in zip(grids, is_weak, strict=True):
        piece = without_slivers(lattice_to_piece(lattice, filled, page.page_no, "rulings"))
        if unsure or any(contains_center(hull, network.bbox) for hull in hulls):
            weak.append(piece)
            rules += network.horizontals
            uprights += network.verticals
        else:
            pieces.append(piece)
    pieces += _single_rows(networks, page, [p.bbox for p in [*pieces, *weak]])
    return Ruled(tuple(pieces), tuple(weak), tuple(rules), tuple(uprights), tuple(bare))


def _is_no_table(filled: Filled) -> bool:
    """True for a single cell, and for a grid without text (a chart)."""
    return len(filled.boxes) < 2 or not any(filled.words)


def page_to_networks(page: Page, config: Pdf, points: Sequence[tuple[float, float]]) -> list[Network]:
    """Returns the networks of a page; cells drawn as boxes apart from one another are brought together first.

    Args:
        page: with its rulings.
        config: settings of the grid.
        points: middles of its words, or of its print where no words are known yet.
    """
    horizontals, verticals = rulings_to_edges(page.rulings, config)
    if len(horizontals) + len(verticals) > _MAX_EDGES:
        return []
    verticals += close_open_bands(horizontals, verticals, 72.0, partial(holds_any, points))[1]
    networks = edges_to_networks(horizontals, verticals, config.ruling_snap_pt)
    gap = _box_gap(networks)
    if gap is None:
        return networks
    inflated = [_inflated(n, gap / 2) if n.horizontals and n.verticals else (n.horizontals, n.verticals) for n in networks]
    horizontals = [e for pair in inflated for e in pair[0]]
    verticals = [e for pair in inflated for e in pair[1]]
    return edges_to_networks(horizontals, verticals, config.ruling_snap_pt)


def _box_gap(networks: Sequence[Network]) -> float | None:
    """Returns the distance of single boxes that stand in rows, or None where there are not six of them."""
    boxes = [n.bbox for n in networks if len(n.horizontals) == 2 and len(n.verticals) == 2]
    if len(boxes) < 6:
        return None
    gaps = []
    for box in boxes:
        right = [b.x0 - box.x1 for b in boxes if b.x0 >= box.x1 and abs(b.top - box.top) < 2]
        below = [b.top - box.bottom for b in boxes if b.top >= box.bottom and abs(b.x0 - box.x0) < 2]
        gaps += [min(g) for g in (right, below) if g]
    near = sorted(g for g in gaps if g <= _BOX_GAP_PT)
    if len(near) < len(boxes) // 2:
        return None
    usual = near[len(near) // 2]
    return max(g for g in near if g <= 1.5 * usual + 0.5)


def _inflated(network: Network, by: float) -> tuple[list[Edge], list[Edge]]:
    """Moves the outer edges of a network outwards and lengthens the others up to them."""
    box = network.bbox

    def stretch(value: float, low: float, high: float) -> float:
        return value - by if value < low + 1 else value + by if value > high - 1 else value

    horizontals = [
        Edge(stretch(e.at, box.top, box.bottom), stretch(e.start, box.x0, box.x1), stretch(e.end, box.x0, box.x1))
        for e in network.horizontals
    ]
    verticals = [
        Edge(stretch(e.at, box.x0, box.x1), stretch(e.start, box.top, box.bottom), stretch(e.end, box.top, box.bottom))
        for e in network.verticals
    ]
    return horizontals, verticals


def is_crowded(lattice: Lattice, filled: Filled) -> bool:
    """True where cells hold rows of figures or figures of several columns: three of them in one, or most of the words."""
    crowded = 0
    total = 0
    for row in range(lattice.n_rows):
        cells = [(box, w) for box, w in zip(filled.boxes, filled.words, strict=True) if box.row == row and w]
        words = sum(len(w) for _, w in cells)
        total += words
        if any((box.column_end - box.column > 2 or lattice.n_columns < 3) and _is_row(w, 3) for box, w in cells):
            return True
        if sum(_is_headed_figure(w) for _, w in cells) > 2:
            return True
        if any(_is_stack(w) or (box.column_end - box.column > 1 and _is_row(w, 1)) for box, w in cells):
            crowded += words
    return crowded > _CROWDED_SHARE * max(1, total)


def _is_stack(words: Sequence[Word]) -> bool:
    """True for a cell of three or more lines, mostly figures, or with two lines or more of several texts with figures."""
    if len(words) < 3:
        return False
    lines = words_to_segment_lines(words)
    rows = sum(line.n_values > 0 and is_tabular(line) for line in lines)
    stacked = sum(line.n_values == len(line.segments) for line in lines)
    return rows > 1 or (len(lines) >= 3 and (rows + stacked) * 3 >= len(lines) * 2)


def _is_headed_figure(words: Sequence[Word]) -> bool:
    """True for a cell with words in its upper lines and a figure alone in the last: a head and a row not parted by a line."""
    if len(words) < 2 or not is_figure(max(words, key=lambda w: w.bbox.bottom).text):
        return False
    lines = words_to_segment_lines(words)
    return len(lines) > 1 and lines[-1].n_values == len(lines[-1].segments) and lines[0].n_values == 0


def _is_row(words: Sequence[Word], figures: int) -> bool:
    """True for a cell with a line of several texts of which at least so many are figures."""
    return len(words) > 1 and any(line.n_values >= figures and is_tabular(line) for line in words_to_segment_lines(words))


def _is_band(lattice: Lattice, filled: Filled, lines: Sequence[SegmentLine]) -> bool:
    """True for ruled or coloured rows right above or below rows of the same table that have no lines."""
    is_head = not any(is_value(w.text) for words in filled.words for w in words)
    is_whole = _is_headed_body(lattice, filled)
    heights = (lattice.ys[1] - lattice.ys[0], lattice.ys[-1] - lattice.ys[-2])
    for line in lines:
        above, below = lattice.ys[0] - line.bottom, line.top - lattice.ys[-1]
        near = -1 <= above < 0.8 * heights[0] or -1 <= below < 0.8 * heights[1]
        beside = near and (is_tabular(line) or line.n_values) and line.x0 < lattice.xs[-1] and line.x1 > lattice.xs[0]
        figures = line.n_values == len(line.segments) > 2 and is_head
        if beside and (lattice.n_rows == 1 or figures or (not is_whole and _fits_columns(line, lattice))):
            return True
    return False


def _is_headed_body(lattice: Lattice, filled: Filled) -> bool:
    """True where a head and several rows of figures below it are ruled: a note or a formula beside the frame is no row of it."""
    rows: dict[int, bool] = {}
    for box, words in zip(filled.boxes, filled.words, strict=True):
        rows[box.row] = rows.get(box.row, False) or any(is_value(w.text) for w in words)
    return not rows.get(0, True) and sum(rows.values()) >= _RULED_ROWS


def _fits_columns(line: SegmentLine, lattice: Lattice) -> bool:
    """True where three or more texts of a line (or figures alone) stand in columns of their own, with no sign of a note."""
    pair = len(line.segments) == lattice.n_columns == 2 and line.n_values > 0
    # One figure alone is a page number.
    figures = line.n_values == len(line.segments) > 1 and lattice.n_columns > 2
    if not (len(line.segments) > 2 or pair or figures) or re.search("[:：=＝]", line.text):
        return False
    columns = [bisect_right(lattice.xs, s.mid) for s in line.segments]
    inside = all(0 < c < len(lattice.xs) for c in columns)
    return inside and len(set(columns)) == len(columns)


def _lines_outside(page: Page, boxes: Sequence[BBox]) -> list[SegmentLine]:
    # The dashes and the figure of a page number, - 2 -, are no row of figures below a head.
    return words_to_segment_lines(w for w in body_words(page) if not any(contains_center(b, w.bbox) for b in boxes))


def _single_rows(networks: Sequence[Network], page: Page, taken: Sequence[BBox]) -> list[Piece]:
    """Returns single rows that only upright lines part: what a page break leaves of a table without outer frame."""
    groups: dict[tuple[int, int], list[Edge]] = {}
    for network in networks:
        if not network.horizontals and len(network.verticals) == 1:
            edge = network.verticals[0]
            groups.setdefault((round(edge.start / 2), round(edge.end / 2)), []).append(edge)
    pieces = []
    for edges in groups.values():
        top, bottom = min(e.start for e in edges), max(e.end for e in edges)
        words = [
            w for w in page.words if top <= w.bbox.center[1] <= bottom and not any(contains_center(b, w.bbox) for b in taken)
        ]
        left, right = min((w.bbox.x0 for w in words), default=0.0), max((w.bbox.x1 for w in words), default=0.0)
        if not words or left >= min(e.at for e in edges) or right <= max(e.at for e in edges):
            continue
        if not _is_cut_off(page, top, bottom):
            continue
        xs = [left, *sorted(e.at for e in edges), right]
        lattice = walled(xs, [top, bottom], [], edges, 1.0)
        if lattice is not None and lattice.n_columns > 1:
            pieces.append(lattice_to_piece(lattice, fill_lattice(lattice, words), page.page_no, "rulings"))
    return pieces


def _is_cut_off(page: Page, top: float, bottom: float) -> bool:
    """True for a stretch with nothing above it, or nothing below it, but what stands in the page's margin."""
    low, high = _MARGIN_SHARE * page.height_pt, (1 - _MARGIN_SHARE) * page.height_pt
    heights = [w.bbox.center[1] for w in page.words]
    return not any(low < y < top for y in heights) or not any(bottom < y < high for y in heights)
