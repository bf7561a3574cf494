"""One page → the pieces of tables on it and the text around them, in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.config import Pdf
from pipeline.domain import BBox, Page, Word
from pipeline.geometry import contains_center
from pipeline.grid.blocks import lines_to_blocks, words_to_text_lines
from pipeline.grid.edges import Edge, Network, edges_to_networks, rulings_to_edges
from pipeline.grid.fill import fill_lattice, lattice_to_piece
from pipeline.grid.lattice import network_to_lattice, walled
from pipeline.grid.pieces import Piece
from pipeline.grid.stitch import Item
from pipeline.grid.unruled import words_to_pieces


def page_to_items(page: Page, config: Pdf) -> list[Item]:
    """Finds the tables of a page and puts them and the text between them into reading order."""
    pieces = page_to_pieces(page, config)
    return order_items(page, pieces)


def page_to_pieces(page: Page, config: Pdf) -> list[Piece]:
    """Returns the pieces of tables on a page: those that rulings enclose, and those that text alignment shows."""
    networks = edges_to_networks(*rulings_to_edges(page.rulings, config), config.ruling_snap_pt)
    pieces: list[Piece] = []
    rules: list[Edge] = []
    for network in networks:
        piece = network_to_piece(network, page, config)
        if piece is None:
            rules += network.horizontals
        else:
            pieces.append(piece)
    pieces += uprights_to_pieces(networks, page, [p.bbox for p in pieces])
    boxes = [p.bbox for p in pieces]
    outside = _outside(page.words, boxes)
    rules = [r for r in rules if not any(_on(r, b) for b in boxes)]
    return pieces + words_to_pieces(outside, rules, boxes, page.page_no, _text_extent(page))


def network_to_piece(network: Network, page: Page, config: Pdf) -> Piece | None:
    """Returns the table that a network of rulings encloses; None where it encloses fewer than two cells."""
    lattice = network_to_lattice(network, config.ruling_snap_pt)
    if lattice is None or lattice.n_rows * lattice.n_columns < 2:
        return None
    piece = lattice_to_piece(lattice, fill_lattice(lattice, page.words), page.page_no, "rulings")
    return piece if len(piece.cells) > 1 and any(c.text for c in piece.cells) else None


def uprights_to_pieces(networks: Sequence[Network], page: Page, taken: Sequence[BBox]) -> list[Piece]:
    """Returns single rows that only upright lines part: what a page break leaves of a table without outer frame."""
    groups: dict[tuple[int, int], list[Edge]] = {}
    for network in networks:
        if not network.horizontals and len(network.verticals) == 1:
            edge = network.verticals[0]
            groups.setdefault((round(edge.start / 2), round(edge.end / 2)), []).append(edge)
    pieces = []
    for edges in groups.values():
        top, bottom = min(e.start for e in edges), max(e.end for e in edges)
        words = [w for w in _outside(page.words, taken) if top <= w.bbox.center[1] <= bottom]
        left, right = min((w.bbox.x0 for w in words), default=0.0), max((w.bbox.x1 for w in words), default=0.0)
        if not words or left >= min(e.at for e in edges) or right <= max(e.at for e in edges):
            continue
        xs = [left, *sorted(e.at for e in edges), right]
        lattice = walled(xs, [top, bottom], [], edges, 1.0)
        if lattice is not None and lattice.n_columns > 1:
            pieces.append(lattice_to_piece(lattice, fill_lattice(lattice, words), page.page_no, "rulings"))
    return pieces


def _on(rule: Edge, box: BBox) -> bool:
    return box.top - 3 <= rule.at <= box.bottom + 3 and rule.start < box.x1 and rule.end > box.x0


def _outside(words: Sequence[Word], boxes: Sequence[BBox]) -> list[Word]:
    return [w for w in words if not any(contains_center(b, w.bbox) for b in boxes)]


def _text_extent(page: Page) -> tuple[float, float]:
    """Left and right edge of the page's text, in points."""
    if not page.words:
        return 0.0, page.width_pt
    return min(w.bbox.x0 for w in page.words), max(w.bbox.x1 for w in page.words)


def order_items(page: Page, pieces: Sequence[Piece]) -> list[Item]:
    """Sets the lines outside the pieces between them, from top to bottom."""
    boxes = [p.bbox for p in pieces]
    outside = _outside(page.words, boxes)
    return _interleave(page, sorted(pieces, key=lambda p: (p.bbox.top, p.bbox.x0)), outside)


def _interleave(page: Page, pieces: Sequence[Piece], words: Sequence[Word]) -> list[Item]:
    lines = words_to_text_lines(words)
    items: list[Item] = []
    for piece in pieces:
        above = [line for line in lines if _is_above(line.bbox, piece.bbox)]
        lines = [line for line in lines if not _is_above(line.bbox, piece.bbox)]
        items += lines_to_blocks(above, page.width_pt, page.height_pt)
        items.append(piece)
    return items + list(lines_to_blocks(lines, page.width_pt, page.height_pt))


def _is_above(line: BBox, table: BBox) -> bool:
    return line.center[1] < table.top or (line.center[1] < table.bottom and line.center[0] < table.x0)
