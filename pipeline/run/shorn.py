"""Columns that are cut off inside the picture: by the print area of a sheet, a strip of paper, another page laid upon it.

A table without outer lines ends in white space beside its figures; one that is cut off ends where its lines do, and its figures
run into that end. Those that end beside it may lack digits, and where the cell is blank a whole figure may be gone: both readers
agree on what is left of it. A figure that is the sum of those before it in its row lacks none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from pipeline.canon.values import parse_value
from pipeline.domain import Block, Ruling, Table, TableCell
from pipeline.grid.segments import is_value
from pipeline.run.cut_off import PageRim

SHORN = "its column ends without a line, and a figure runs into that end: it may be cut off"
_TOUCH_PT, _SPARE_PT, _NEAR_PT = 1.7, 0.7, 3.0
_CLOSED, _USUAL = 0.5, 0.25
_PARTS, _MANY_PARTS = 2, 4


def flag_shorn(block: Block, rims: Mapping[int, PageRim]) -> Block:
    """Marks the figures and blank cells of an outer column that is cut off.

    Args:
        block: in points of the straightened pages.
        rims: page number → its lines and its print; cells on other pages stay as they are.
    """
    if not isinstance(block, Table) or not rims:
        return block
    shorn = {id(c) for page_no, rim in rims.items() for is_right in (False, True) for c in _shorn(block, page_no, rim, is_right)}
    if not shorn:
        return block
    return replace(block, cells=tuple(replace(c, certain=False, doubt=SHORN) if id(c) in shorn else c for c in block.cells))


def _shorn(table: Table, page_no: int, rim: PageRim, is_right: bool) -> Iterable[TableCell]:
    """Returns the cells of one outer column on one page, where it is cut off."""
    cells = [c for c in table.cells if c.page_no == page_no and c.bbox is not None and (not c.text.strip() or is_value(c.text))]
    outer = [c for c in cells if (c.column + c.column_span == table.n_columns if is_right else c.column == 0)]
    if not outer or len(rim.runs) == 0 or _is_closed(outer, rim.rulings, is_right):
        return ()
    # Without upright lines between its columns a table has no ends that print could run into.
    if not _is_closed(outer, rim.rulings, not is_right):
        return ()
    cut = [g for c in outer if (g := _gaps(c, rim.runs, is_right)) is not None and g[0] < _TOUCH_PT and g[1] > g[0] + _SPARE_PT]
    if not cut:
        return ()
    # Figures that are set flush with their lines touch them in all columns.
    inner = [g for c in cells if c not in outer and (g := _gaps(c, rim.runs, is_right)) is not None]
    is_flush = sum(g[0] < _TOUCH_PT for g in inner) > _USUAL * len(inner)
    if is_flush:
        return ()
    # What could not be read stands in a column of figures: its row has no sum.
    columns = {c.column for c in cells if c.text.strip()}
    unread = {c.row for c in table.cells if c.column in columns and c.text.strip() and not is_value(c.text)}
    return [c for c in outer if c.certain and not (is_right and c.row not in unread and _is_sum(c, cells))]


def _is_sum(total: TableCell, cells: Sequence[TableCell]) -> bool:
    """True for a figure that all others of its row add up to, or the last four of them or more; blanks and dashes are nought."""
    value = parse_value(total.text)
    before = sorted((c for c in cells if c.row == total.row and c.column < total.column), key=lambda c: -c.column)
    if value.value is None or total.row_span > 1 or len(before) < _PARTS or any(c.row_span > 1 for c in before):
        return False
    parts = [parse_value(c.text) for c in before]
    sums = list(accumulate(Decimal(str(p.value or 0)) for p in parts))
    return Decimal(str(value.value)) in {*sums[_MANY_PARTS - 1 :], sums[-1]}


def _gaps(cell: TableCell, runs: npt.NDArray[np.float64], is_right: bool) -> tuple[float, float] | None:
    """Returns how far the print of a cell is from its outer and from its inner side, in points; None where there is none."""
    box = cell.bbox
    if box is None or not cell.text.strip():
        return None
    x, y = (runs[:, 0] + runs[:, 2]) / 2, (runs[:, 1] + runs[:, 3]) / 2
    own = runs[(x > box.x0) & (x < box.x1) & (y > box.top) & (y < box.bottom)]
    if len(own) == 0:
        return None
    left, right = float(own[:, 0].min()) - box.x0, box.x1 - float(own[:, 2].max())
    return (right, left) if is_right else (left, right)


def _is_closed(cells: Sequence[TableCell], rulings: Iterable[Ruling], is_right: bool) -> bool:
    """True where upright lines run along most of the outer side of some cells."""
    boxes = [c.bbox for c in cells if c.bbox is not None]
    uprights = [r for r in rulings if r.is_vertical]
    held = 0.0
    for box in boxes:
        at = box.x1 if is_right else box.x0
        near = [r for r in uprights if abs(r.x0 - at) <= _NEAR_PT]
        held += min(box.height, sum(max(0.0, min(r.bottom, box.bottom) - max(r.top, box.top)) for r in near))
    return held > _CLOSED * sum(box.height for box in boxes)
