"""Labels at the top of a page that go on a table without rulings: rows whose figures are blank."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain import BBox, Page
from pipeline.geometry import hull
from pipeline.grid.align import rule_ends, turned_heads
from pipeline.grid.blank_heads import blank_rows_end
from pipeline.grid.blocks import body_words, in_margin
from pipeline.grid.columns import lines_to_lanes
from pipeline.grid.pieces import Piece
from pipeline.grid.runs import Run
from pipeline.grid.segments import SegmentLine, is_section, starts_item
from pipeline.grid.unruled import run_to_piece, table_lines

_LEAST_LABELS = 2
_RUNNING_HEADS = 2


def with_label_rows(page: Page, pieces: Sequence[Piece], above: Piece | None) -> list[Piece]:
    """Returns the pieces of a page, with the rows that labels at its top make.

    They stand in the columns of labels of the table above, in letters of its size and as evenly as rows, and one of them has
    an enumeration. Where the page's first piece has no head and stands right below them, they are rows of it.

    Args:
        page: that the pieces are on.
        pieces: found on it.
        above: what the page before ends with, if that is a piece of a table.
    """
    if above is None or above.run is None or above.page_no != page.page_no - 1:
        return list(pieces)
    run = above.run
    lanes = lines_to_lanes(run.lines, rule_ends(run.rules), turned_heads(run.turned, run.lines))
    edge = min((lane.x0 for lane in lanes if lane.figures), default=run.bbox.x0)
    sure = sorted((p for p in pieces if not p.provisional), key=lambda p: p.bbox.top)
    top = sure[0].bbox.top if sure else page.height_pt
    words = [w for w in body_words(page) if w.bbox.bottom <= top + 1]
    lines = table_lines(words)
    em = sorted(line.em for line in run.lines)[len(run.lines) // 2]
    span = _label_lines(lines, min(line.x0 for line in run.lines), edge, em, page.height_pt)
    if span is None:
        return list(pieces)
    labels, end = tuple(lines[slice(*span)]), span[1]
    first = sure[0] if sure and end == len(lines) and sure[0].run is not None and not sure[0].head_rows else None
    whole = Run(labels, (), _hull(labels))
    if first is not None and first.run is not None:
        box = hull([whole.bbox, first.run.bbox])
        whole = Run((*labels, *first.run.lines), first.run.rules, box, first.run.turned)
    piece = (run_to_piece(whole, page.page_no) if first else None) or run_to_piece(whole, page.page_no, lanes)
    return [piece, *(p for p in pieces if p is not first and not p.provisional)] if piece else list(pieces)


def _label_lines(lines: Sequence[SegmentLine], left: float, edge: float, em: float, height_pt: float) -> tuple[int, int] | None:
    """Returns the first and last number (the latter not included) of the labels at the top of a page, below its running head."""
    for start in range(min(_RUNNING_HEADS + 1, len(lines))):
        end = blank_rows_end(lines, start, left, edge, em)
        labels = lines[start:end]
        if len(labels) >= _LEAST_LABELS and any(starts_item(x.text) and not is_section(x.text) for x in labels):
            return start, end
        if not in_margin(_hull(lines[start : start + 1]), height_pt):
            return None
    return None


def _hull(lines: Sequence[SegmentLine]) -> BBox:
    return hull(w.bbox for line in lines for s in line.segments for w in s.words)
