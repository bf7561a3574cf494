"""Blank cells of a scanned page: one is blank only if its pixels say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pipeline.domain import BBox, TableCell
from pipeline.grid.pieces import Piece
from pipeline.raster import Sheet

_INSET_IN, _LEAST_PT = 0.025, 2.0
_DARK, _PALEST = 0.5, 30.0
_PAPER_PERCENTILE = 75
_EDGE_PX = 3
UNREAD = "there is print in it that was not read"


def flag_unread_blanks(pieces: Sequence[Piece], sheet: Sheet, ink_level: float) -> list[Piece]:
    """Marks the blank cells in which the picture shows print.

    The pixels are looked at anew, whatever was taken for a ruling, a speck or a mark before.

    Args:
        pieces: tables of a page, in points of the straightened page.
        sheet: the straightened page.
        ink_level: how much darker than paper its print is, in gray levels.
    """
    return [replace(p, cells=tuple(_checked(c, sheet, ink_level) for c in p.cells)) for p in pieces]


def _checked(cell: TableCell, sheet: Sheet, ink_level: float) -> TableCell:
    if cell.text.strip() or cell.bbox is None or not cell.certain:
        return cell
    if not holds_print(sheet, cell.bbox, ink_level):
        return cell
    return replace(cell, certain=False, doubt=UNREAD)


def holds_print(sheet: Sheet, box: BBox, ink_level: float) -> bool:
    """True where a piece as large as a dash or a dot, and as dark as print, lies inside a box.

    Args:
        sheet: the straightened page.
        box: in its points.
        ink_level: how much darker than paper its print is, in gray levels.
    """
    scale, inset = sheet.dpi / 72.0, max(2, round(_INSET_IN * sheet.dpi))
    left, top = max(0, round(box.x0 * scale) + inset), max(0, round(box.top * scale) + inset)
    region = sheet.gray[top : round(box.bottom * scale) - inset, left : round(box.x1 * scale) - inset]
    if min(region.shape) < 2 * _EDGE_PX:
        return False
    paper = float(np.percentile(region, _PAPER_PERCENTILE))
    dark = (region < paper - max(_PALEST, _DARK * ink_level)).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    least = _LEAST_PT * scale
    return any(_is_print(stats[k], region.shape, least) for k in range(1, count))


def _is_print(stat: Sequence[int], shape: tuple[int, ...], least: float) -> bool:
    x, y, width, height, area = (int(v) for v in stat)
    # The rest of a ruling runs along an edge.
    at_side = (x == 0 or x + width == shape[1]) and width <= _EDGE_PX
    at_top = (y == 0 or y + height == shape[0]) and height <= _EDGE_PX
    return not at_side and not at_top and max(width, height) >= least and area >= least
