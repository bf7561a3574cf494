"""Cells that the edge of a picture or a seal cuts off: what is missing of a figure, or a whole figure, may lie beyond it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np
import numpy.typing as npt

from pipeline.domain import BBox, Block, Ruling, Table, TableCell
from pipeline.grid.segments import is_value
from pipeline.raster import Transform
from pipeline.run.blanks import SEALED_SHARE, Shares, sealed_part

Floats = npt.NDArray[np.float64]

CUT_OFF = "the edge of the picture cuts it off"
UNDER_SEAL = "no line closes it, and what lies beside it may hide print"
_NEAR_PT, _HELD, _SAMPLES = 3.0, 0.5, 7
_STRIP_PT = 15.0


@dataclass(frozen=True, slots=True, eq=False)
class PageRim:
    """Where a straightened page has no picture, and the lines that close its cells.

    Attributes:
        transform: from pixels of the straightened page to those of the picture; `dpi` of the straightened page.
        size: width and height of the picture in pixels.
        rulings: in points of the straightened page.
        sealed: as in `PagePrint`.
        runs: boxes of the runs of print that were read, shape (n, 4), in points of the straightened page.
    """

    transform: Transform
    dpi: float
    size: tuple[int, int]
    rulings: tuple[Ruling, ...]
    sealed: Shares | None = None
    runs: Floats = field(default_factory=lambda: np.zeros((0, 4)))

    def is_beyond(self, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
        """Tells which places, in points of the straightened page, lie beyond the picture or next to its edge."""
        scale = self.dpi / 72.0
        there = self.transform.apply(np.column_stack([x, y]) * scale)
        width, height = self.size
        # One pixel of the straightened page is about so many of the picture.
        near = _NEAR_PT * scale * sqrt(abs(float(np.linalg.det(np.asarray(self.transform.matrix).reshape(3, 3)[:2, :2]))))
        inside = (there >= near).all(axis=1) & (there[:, 0] <= width - near) & (there[:, 1] <= height - near)
        return np.asarray(~inside)


def flag_cut_off(block: Block, rims: Mapping[int, PageRim]) -> Block:
    """Marks figures and blank cells that reach the edge of their picture and have no line there.

    Args:
        block: in points of the straightened pages.
        rims: page number → its rim; cells on other pages stay as they are.
    """
    if not isinstance(block, Table) or not rims:
        return block
    at_rim = {id(c) for page_no, rim in rims.items() for c in _at_rim(block.cells, page_no, rim)}
    return replace(block, cells=tuple(_checked(c, rims.get(c.page_no or 0), id(c) in at_rim) for c in block.cells))


def _at_rim(cells: Iterable[TableCell], page_no: int, rim: PageRim) -> Iterator[TableCell]:
    """Yields the cells of a page of which a corner lies at the rim: few pages have any."""
    here = [c for c in cells if c.page_no == page_no and c.bbox is not None]
    boxes = [c.bbox for c in here if c.bbox is not None]
    x = np.asarray([(b.x0, b.x1, b.x1, b.x0) for b in boxes], dtype=np.float64).reshape(-1)
    y = np.asarray([(b.top, b.top, b.bottom, b.bottom) for b in boxes], dtype=np.float64).reshape(-1)
    beyond = rim.is_beyond(x, y).reshape(-1, 4)
    yield from (c for c, corners in zip(here, beyond, strict=True) if corners.any())


def _checked(cell: TableCell, rim: PageRim | None, is_at_rim: bool) -> TableCell:
    if rim is None or cell.bbox is None or not cell.certain or (cell.text.strip() and not is_value(cell.text)):
        return cell
    why = _cut_by(cell.bbox, rim, is_at_rim) if is_at_rim or rim.sealed is not None else None
    return cell if why is None else replace(cell, certain=False, doubt=why)


def _cut_by(box: BBox, rim: PageRim, is_at_rim: bool) -> str | None:
    """Says what lies beyond a side of a cell that no line closes, if it may hide something."""
    sides = (
        (False, box.x0, BBox(box.x0 - _STRIP_PT, box.top, box.x0, box.bottom)),
        (False, box.x1, BBox(box.x1, box.top, box.x1 + _STRIP_PT, box.bottom)),
        (True, box.top, BBox(box.x0, box.top - _STRIP_PT, box.x1, box.top)),
        (True, box.bottom, BBox(box.x0, box.bottom, box.x1, box.bottom + _STRIP_PT)),
    )
    for flat, at, strip in sides:
        span = (box.x0, box.x1) if flat else (box.top, box.bottom)
        is_at_edge = is_at_rim and _lies_beyond(rim, flat, at, span)
        part = sealed_part(rim.sealed, strip)
        is_at_seal = part.size > 0 and float(part.mean()) > SEALED_SHARE
        if (is_at_edge or is_at_seal) and not _is_closed(rim.rulings, flat, at, span):
            return CUT_OFF if is_at_edge else UNDER_SEAL
    return None


def _lies_beyond(rim: PageRim, flat: bool, at: float, span: tuple[float, float]) -> bool:
    """True where most of a side lies beyond the picture."""
    along, level = np.linspace(*span, _SAMPLES), np.full(_SAMPLES, at)
    return float((rim.is_beyond(along, level) if flat else rim.is_beyond(level, along)).mean()) > _HELD


def _is_closed(rulings: Iterable[Ruling], flat: bool, at: float, span: tuple[float, float]) -> bool:
    """True where a line runs along most of a side of a cell."""
    held = 0.0
    for line in rulings:
        position, ends = (line.x0, (line.top, line.bottom)) if line.is_vertical else (line.top, (line.x0, line.x1))
        if line.is_vertical != flat and abs(position - at) <= _NEAR_PT:
            held += max(0.0, min(ends[1], span[1]) - max(ends[0], span[0]))
    return held > _HELD * (span[1] - span[0])
