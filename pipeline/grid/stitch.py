"""Pieces on following pages → tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.domain import BBox, Block, Origin, Table, TableCell, TextBlock
from pipeline.grid.conform import conform
from pipeline.grid.joint import in_joint_columns
from pipeline.grid.margin_marks import is_beside, is_near_edge, may_be_mark
from pipeline.grid.pieces import Piece
from pipeline.grid.seam import cut_cells, is_cut, repeated_header, same_columns

_SAME_PT, _HANGING_PT = 4.0, 12.0
Item = Piece | TextBlock


def stitch(
    items: Sequence[Item], body_bottoms: dict[int, float], heights_of_pictures: Mapping[int, float] | None = None
) -> list[Block]:
    """Joins the pieces of tables that go on over a page break, and turns every piece into a table.

    Between two pieces of one table only chrome (page numbers, running heads) may stand, the end of a label that the break cuts,
    and on a picture marks in the margin; it is put behind the table.

    Args:
        items: of the whole document in reading order.
        body_bottoms: page number → height in points down to which text may run on that page.
        heights_of_pictures: page number → height in points, of the pages that were read from pixels.
    """
    blocks: list[Block] = []
    chain: list[Piece] = []
    waiting: list[TextBlock] = []
    for k, item in enumerate(items):
        if isinstance(item, TextBlock):
            is_aside = item.kind == "chrome" or (chain and _hangs_out(item, chain[-1]))
            if chain and (is_aside or _is_mark(items, k, chain[-1], heights_of_pictures or {})):
                waiting.append(item)
                continue
            blocks += _closed(chain, waiting)
            chain, waiting = [], []
            blocks.append(item)
            continue
        joined = _joined(chain, item, body_bottoms) if chain else None
        if joined:
            chain = joined
            continue
        if chain and item.provisional and _is_mark(items, k, chain[-1], heights_of_pictures or {}):
            waiting += _as_text(item)
            continue
        blocks += _closed(chain, waiting)
        chain, waiting = ([], []) if item.provisional else ([item], [])
        blocks += _as_text(item) if item.provisional else []
    return blocks + _closed(chain, waiting)


def _hangs_out(block: TextBlock, upper: Piece) -> bool:
    """True for the last lines of a label whose cell the page break cuts: they stand right below its open side."""
    if block.bbox is None or block.page_no != upper.page_no or not 0 <= block.bbox.top - upper.ys[-1] + _SAME_PT <= _HANGING_PT:
        return False
    return any(
        upper.xs[c.column] <= block.bbox.x0
        and block.bbox.x1 <= upper.xs[c.column + c.column_span]
        and not any(upper.bottom_walls[c.column : c.column + c.column_span])
        for c in upper.cells
        if c.row + c.row_span == upper.n_rows and c.text
    )


def _is_mark(items: Sequence[Item], k: int, upper: Piece, heights: Mapping[int, float]) -> bool:
    """True where the k-th item is a mark in the margin between a piece and the next one, on the page of either."""
    lower = next((i for i in items[k + 1 :] if isinstance(i, Piece) and not i.provisional), None)
    item = items[k]
    block = item if isinstance(item, TextBlock) else piece_to_text(item)
    page_no, box = block.page_no, block.bbox
    if lower is None or lower.page_no != upper.page_no + 1 or page_no not in (upper.page_no, lower.page_no):
        return False
    if box is None or page_no not in heights or not may_be_mark(block.text):
        return False
    return is_near_edge(box, heights[page_no]) or is_beside(box, (upper if page_no == upper.page_no else lower).bbox)


def _joined(chain: Sequence[Piece], lower: Piece, body_bottoms: dict[int, float]) -> list[Piece] | None:
    """Returns the chain with `lower`, both in columns that agree, or None where a new table begins."""
    if lower.page_no != chain[-1].page_no + 1:
        return None
    together = [*chain, lower]
    joint = in_joint_columns(chain, lower) if lower.run and chain[-1].run else None
    if joint is not None:
        together = joint
    elif lower.lanes and (chain[-1].lanes or lower.provisional):
        widest = max(together, key=lambda p: p.n_columns)
        conformed = [conform(piece, widest) for piece in together]
        together = [p for p in conformed if p is not None]
        if len(together) < len(conformed):
            return None
    upper, lower = together[-2:]
    if not same_columns(upper, lower):
        return None
    room = body_bottoms.get(upper.page_no, upper.ys[-1]) - upper.ys[-1]
    return together if is_cut(upper, lower, room, together[0]) else None


def _as_text(piece: Piece) -> list[TextBlock]:
    return [piece_to_text(piece)] if any(c.text for c in piece.cells) else []


def piece_to_text(piece: Piece) -> TextBlock:
    """Returns the text of a piece as one paragraph."""
    return TextBlock(" ".join(c.text for c in piece.cells if c.text), "paragraph", piece.page_no, piece.bbox)


def _closed(chain: Sequence[Piece], waiting: Sequence[TextBlock]) -> list[Block]:
    return [pieces_to_table(chain), *waiting] if chain else []


def pieces_to_table(pieces: Sequence[Piece]) -> Table:
    """Joins the pieces of one table, top to bottom; repeated headers are dropped and cut cells made whole."""
    xs = _common_columns(pieces)
    cells: list[TableCell] = []
    n_rows = 0
    last: dict[TableCell, int] = {}
    for k, piece in enumerate(pieces):
        skipped = repeated_header(pieces[0], piece) if k else 0
        # Rows without any text are rows: nothing in them goes on.
        is_bare = not any(c.text for c in piece.cells)
        pairs = cut_cells(pieces[k - 1], piece, skipped) if k and skipped < piece.n_rows and not is_bare else ()
        heads = {low: last[u] for u, low in pairs if u in last}
        places: dict[TableCell, int] = {}
        for cell in piece.cells:
            if cell.row < skipped:
                continue
            moved = _in_common_columns(cell, piece, xs, n_rows - skipped)
            if cell in heads:
                places[cell] = heads[cell]
                cells[heads[cell]] = _one_cell(cells[heads[cell]], moved)
            else:
                places[cell] = len(cells)
                cells.append(moved)
        if piece.n_rows > skipped:
            n_rows += piece.n_rows - skipped
            last = places
    cells, n_rows = _without_idle_rows(cells, n_rows)
    return _table(pieces, sorted(cells, key=lambda c: (c.row, c.column)), n_rows, len(xs) - 1)


def _common_columns(pieces: Sequence[Piece]) -> list[float]:
    """Boundaries of all pieces, from the left edge of each."""
    common: list[float] = []
    for piece in pieces:
        for x in piece.xs:
            place = x - piece.xs[0]
            if all(abs(place - other) > _SAME_PT for other in common):
                common.append(place)
    return sorted(common)


def _in_common_columns(cell: TableCell, piece: Piece, xs: list[float], row_shift: int) -> TableCell:
    first, last = (
        min(range(len(xs)), key=lambda k: abs(xs[k] - (piece.xs[end] - piece.xs[0])))
        for end in (cell.column, cell.column + cell.column_span)
    )
    return replace(cell, row=cell.row + row_shift, column=first, column_span=max(1, last - first))


def _one_cell(upper: TableCell, lower: TableCell) -> TableCell:
    """Joins two parts of one cell; its place is that of the first part that holds text."""
    shown = lower if lower.text and not upper.text else upper
    return replace(
        upper,
        row_span=lower.row + lower.row_span - upper.row,
        text="\n".join(t for t in (upper.text, lower.text) if t),
        page_no=shown.page_no,
        bbox=shown.bbox,
        certain=upper.certain and lower.certain,
        doubt=upper.doubt or lower.doubt,
        readings=shown.readings if not (upper.text and lower.text) else (),
    )


def _without_idle_rows(cells: list[TableCell], n_rows: int) -> tuple[list[TableCell], int]:
    """Drops boundaries between rows at which no cell begins or ends."""
    ends = {c.row for c in cells} | {c.row + c.row_span for c in cells} | {0, n_rows}
    order = {row: k for k, row in enumerate(sorted(ends))}
    kept = [replace(c, row=order[c.row], row_span=order[c.row + c.row_span] - order[c.row]) for c in cells]
    return kept, len(order) - 1


def _table(pieces: Sequence[Piece], cells: list[TableCell], n_rows: int, n_columns: int) -> Table:
    first = pieces[0]
    readings = list(dict.fromkeys(p.reading for p in pieces))
    reasons = list(dict.fromkeys(p.reason for p in pieces if p.reason))
    box: BBox = first.bbox
    return Table(
        cells=tuple(cells),
        n_rows=n_rows,
        n_columns=n_columns,
        page_no=first.page_no,
        bbox=box,
        origin=Origin.TEXT_LAYER,
        reading="+".join(readings),
        reason="; ".join(reasons) or None,
        doubts=tuple(dict.fromkeys(d for p in pieces for d in p.doubts)),
        pages=tuple(dict.fromkeys(p.page_no for p in pieces)),
    )
