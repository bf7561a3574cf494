"""One page → the pieces of tables on it and the text around them, in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.config import Pdf
from pipeline.domain import BBox, Page, Word
from pipeline.geometry import contains_center
from pipeline.grid.blocks import body_words, lines_to_blocks, words_to_text_lines
from pipeline.grid.edges import Edge
from pipeline.grid.pieces import Piece
from pipeline.grid.ruled import Ruled, page_to_ruled
from pipeline.grid.stitch import Item
from pipeline.grid.unruled import first_line_to_piece, words_to_pieces

_HEAD_SHARE = 0.1


def page_to_pieces(page: Page, config: Pdf) -> list[Piece]:
    """Returns the pieces of tables on a page: those that rulings enclose, and those that text alignment shows.

    A grid that parts only some of its rows or columns by lines is read by alignment, with its lines as a help; where
    that finds nothing, the lines decide after all.
    """
    ruled = page_to_ruled(page, config)
    pieces = list(ruled.pieces)
    found = _aligned(page, pieces, ruled)
    for weak in ruled.weak:
        if not any(_overlap(weak.bbox, piece.bbox) for piece in found):
            pieces.append(weak)
    if len(pieces) > len(ruled.pieces):
        found = _aligned(page, pieces, ruled)
    pieces += found
    top = min((p.bbox.top for p in pieces), default=page.height_pt)
    bare = next((b for b in sorted(ruled.bare, key=lambda b: b.bbox.top) if _begins(page, b.bbox, top)), None)
    if bare is not None:
        return [*pieces, bare]
    first = first_line_to_piece([w for w in body_words(page) if w.bbox.bottom < top], page.page_no)
    return [*pieces, first] if first else pieces


def _begins(page: Page, box: BBox, top: float) -> bool:
    """True for what stands above all tables of a page, with nothing above it but its margin's text."""
    margin = _HEAD_SHARE * page.height_pt
    return box.bottom <= top and not any(margin < w.bbox.center[1] < box.top for w in page.words)


def _aligned(page: Page, pieces: Sequence[Piece], ruled: Ruled) -> list[Piece]:
    boxes = [p.bbox for p in pieces]
    rules = [r for r in ruled.rules if not any(_on(r, b) for b in boxes)]
    words = outside(body_words(page), boxes)
    return words_to_pieces(words, rules, ruled.uprights, boxes, page.page_no, text_extent(page))


def _overlap(a: BBox, b: BBox) -> bool:
    return min(a.x1, b.x1) > max(a.x0, b.x0) and min(a.bottom, b.bottom) > max(a.top, b.top)


def _on(rule: Edge, box: BBox) -> bool:
    return box.top - 3 <= rule.at <= box.bottom + 3 and rule.start < box.x1 and rule.end > box.x0


def outside(words: Sequence[Word], boxes: Sequence[BBox]) -> list[Word]:
    """Returns the words whose centre lies in none of `boxes`."""
    return [w for w in words if not any(contains_center(b, w.bbox) for b in boxes)]


def text_extent(page: Page) -> tuple[float, float]:
    """Left and right edge of the page's text, in points."""
    if not page.words:
        return 0.0, page.width_pt
    return min(w.bbox.x0 for w in page.words), max(w.bbox.x1 for w in page.words)


def order_items(page: Page, pieces: Sequence[Piece]) -> list[Item]:
    """Sets the lines outside the pieces between them, from top to bottom."""
    words = outside(page.words, [p.bbox for p in pieces])
    lines = words_to_text_lines(words)
    extent = text_extent(page)
    items: list[Item] = []
    for piece in sorted(pieces, key=lambda p: (p.bbox.top, p.bbox.x0)):
        above = [line for line in lines if _is_above(line.bbox, piece.bbox)]
        lines = [line for line in lines if not _is_above(line.bbox, piece.bbox)]
        items += lines_to_blocks(above, page.width_pt, page.height_pt, extent)
        items.append(piece)
    return items + list(lines_to_blocks(lines, page.width_pt, page.height_pt, extent))


def _is_above(line: BBox, table: BBox) -> bool:
    return line.center[1] < table.top or (line.center[1] < table.bottom and line.center[0] < table.x0)
