"""What a scanned page shows and nobody read: a cell is blank, or a figure whole, only if its pixels say so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.domain import BBox, Block, Table, TableCell
from pipeline.grid.segments import is_value
from pipeline.layout.seal import TAKEN
from pipeline.ocr.words import BADLY_READ
from pipeline.ocr.words import UNREAD as LOST
from pipeline.raster import Gray, Sheet, TextLine
from pipeline.run.faded import is_faded, pale_print, run_levels, usual_level

Shares = npt.NDArray[np.float32]

_INSET_PT, _LEAST_PT, _MOST_PT = 1.8, 1.7, 60.0
_DARK, _PALEST = 0.45, 30.0
_THIN, _DASH_PT, _UPRIGHT_PT, _LEAST_STROKE_PT = 8.0, 30.0, 12.0, 6.0
_FRAME_PT, _RULED_SHARE = 6.0, 0.5
SEALED_SHARE = 0.02
"""Share of a place under a seal from which it may hide print."""
_SEAL_STEP_PT, _SEALED_PT2 = 3.0, 8.0
_UPRIGHT_LINES, _UPRIGHT_LETTERS = 4, 2
_LETTER = re.compile(r"[^\W\d_]")
UNREAD = "there is print in it that was not read"
SEALED = "a seal, a pen stroke or a picture lies over it"
NARROW = "it is too narrow for a figure: its own may stand in the cell beside it"
_GAP_PT, _NARROWEST_PT = 4.0, 12.0
_LEAST_BAD, _BAD_SHARE = 3, 0.15


@dataclass(frozen=True, slots=True, eq=False)
class PagePrint:
    """Where a straightened page shows print, small enough to be kept for all pages of a document.

    Attributes:
        centers: shape (n, 2): the middles of all pieces that are as large as a dash or a dot, in points.
        unread: shape (n,): true for those that lie in no run of print that was read.
        pale: shape (m, 2): the middles of pieces of print that only their surroundings tell from noise, on a page that fades.
        sealed: shape (rows, columns): share of each square of 3 points that a seal, a stroke of a pen or a picture covers; None:
            there is none.
    """

    centers: npt.NDArray[np.float64]
    unread: npt.NDArray[np.bool_]
    sealed: Shares | None
    pale: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))


def page_print(
    sheet: Sheet,
    contrast: Gray,
    ink_level: float,
    rulings: Gray,
    lines: Sequence[TextLine],
    rests: npt.NDArray[np.int64] | None = None,
) -> PagePrint:
    """Finds all print of a page, whatever was taken for a ruling, a speck or a mark.

    Args:
        sheet: the straightened page.
        contrast: how much darker than paper each of its pixels is.
        ink_level: contrast of dark print.
        rulings: 255 on rulings; print that touches one is seen without it, and all other print as it is.
        lines: the runs of print that were read.
        rests: boxes in pixels of what is left of worn rulings, shape (n, 4), which is no print.
    """
    levels = run_levels(contrast, lines, sheet.dpi)
    dark = (contrast >= max(_PALEST, _DARK * usual_level(levels, ink_level))).astype(np.uint8)
    seen = _pieces(dark, sheet.dpi, rulings)
    # Where nothing is ruled, all print is seen without rulings as it is.
    free, labels, too_large = _pieces(dark & (rulings == 0), sheet.dpi) if rulings.any() else seen
    centers = np.vstack([seen[0], free])
    if rests is not None and len(rests):
        grown = rests + np.asarray([-1, -1, 1, 1])
        centers = centers[_outside(centers * (sheet.dpi / 72.0), grown)]
    read = np.asarray([box for line in lines for box in line.boxes], dtype=np.float64).reshape(-1, 4)
    unread = _outside(centers * (sheet.dpi / 72.0), read)
    covered = None if sheet.seal is None else np.asarray((sheet.seal > TAKEN // 2) * np.uint8(255), dtype=np.uint8)
    if too_large.any():
        large = np.asarray(too_large[labels] * np.uint8(255), dtype=np.uint8)
        covered = large if covered is None else np.maximum(large, covered)
    pale = np.zeros((0, 2))
    if is_faded(levels, ink_level):
        pale, _, _ = _pieces(pale_print(contrast, ink_level, rulings), sheet.dpi)
    if covered is None or not covered.any():
        return PagePrint(centers, unread, None, pale)
    size = [max(1, round(n * 72.0 / sheet.dpi / _SEAL_STEP_PT)) for n in covered.shape[:2]]
    squares = np.asarray(cv2.resize(covered, (size[1], size[0]), interpolation=cv2.INTER_AREA), dtype=np.float32) / 255.0
    return PagePrint(centers, unread, squares, pale)


def _outside(places: npt.NDArray[np.float64], boxes: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Tells which places, in pixels, lie in none of the boxes, shape (n, 4)."""
    outside = np.ones(len(places), dtype=bool)
    for x0, top, x1, bottom in boxes:
        x, y = places[:, 0], places[:, 1]
        outside &= (x < x0) | (x > x1) | (y < top) | (y > bottom)
    return outside


def _pieces(
    dark: Gray, dpi: float, rulings: Gray | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Returns the middles of pieces of print, the number of each pixel's piece, and for each number whether it is too large
    for print: a stroke of a pen, a picture. With `rulings`, frames of cells that touch no others are no print.
    """
    _, labels, stats, middles = cv2.connectedComponentsWithStats(dark, connectivity=8)
    scale = dpi / 72.0
    sides = stats[1:, 2:4] / scale
    longer, shorter = sides.max(axis=1), np.maximum(sides.min(axis=1), 1e-6)
    # A dash lies flat and is as long as two letters at most; nothing upright is as thin and as high as a ruling.
    most = np.where(sides[:, 0] > sides[:, 1], _DASH_PT, _UPRIGHT_PT)
    is_line = (longer > most) & (longer > _THIN * shorter)
    kept = (longer >= _LEAST_PT) & (longer <= _MOST_PT) & (stats[1:, 4] >= _LEAST_PT * scale) & ~is_line
    if rulings is not None:
        # A letter that was taken for a ruling is as thin as one; a frame is high and wide.
        ruled = np.bincount(labels[rulings > 0], minlength=len(stats))[1:]
        kept &= ~((sides.min(axis=1) >= _FRAME_PT) & (ruled >= _RULED_SHARE * stats[1:, 4]))
    too_large = np.concatenate([[False], (longer > _MOST_PT) & (sides.min(axis=1) > _LEAST_STROKE_PT) & ~is_line])
    return np.asarray(middles[1:][kept] / scale, dtype=np.float64), np.asarray(labels, dtype=np.int32), too_large


def flag_unread_blanks(block: Block, pages: Mapping[int, PagePrint]) -> Block:
    """Marks cells in which the picture shows print that was not read; blank ones also under a seal, beside a
    doubtful mark, or where no figure would have room.

    Args:
        block: in points of the straightened pages.
        pages: page number → its print; cells on other pages stay as they are.
    """
    if not isinstance(block, Table) or not pages:
        return block
    # A figure that was read as a mark may have come to its label.
    marked = {c.row for c in block.cells if not c.certain and _LETTER.search(c.text) and not _is_upright_label(c)}
    if _is_badly_read(block):
        marked = {c.row for c in block.cells}
    return replace(block, cells=tuple(_checked(c, pages, c.row in marked) for c in block.cells))


def _is_badly_read(table: Table) -> bool:
    """True for a table without rulings of which so much could hardly be read that whole figures may be lost, or lie elsewhere."""
    if table.reading == "rulings":
        return False
    filled = [c for c in table.cells if c.text.strip() and not _is_upright_label(c)]
    bad = sum(not c.certain and (c.doubt == BADLY_READ or LOST in c.text) for c in filled)
    return bad >= _LEAST_BAD and bad >= _BAD_SHARE * len(filled)


def _is_upright_label(cell: TableCell) -> bool:
    """True for the name of several rows, its letters one below the other: a bad one among them is no figure of its first row."""
    lines = cell.text.split()
    return cell.row_span > 1 and len(lines) >= _UPRIGHT_LINES and all(len(line) <= _UPRIGHT_LETTERS for line in lines)


def _checked(cell: TableCell, pages: Mapping[int, PagePrint], is_marked: bool) -> TableCell:
    page = pages.get(cell.page_no or 0)
    if page is None or cell.bbox is None or not cell.certain:
        return cell
    if cell.text.strip():
        lost = is_value(cell.text) and _holds_print(page.centers[page.unread], cell.bbox)
        return replace(cell, certain=False, doubt=UNREAD) if lost else cell
    if _is_sealed(page, cell.bbox):
        return replace(cell, certain=False, doubt=SEALED)
    if is_marked:
        return replace(cell, certain=False, doubt=BADLY_READ)
    if _GAP_PT <= cell.bbox.width < _NARROWEST_PT:
        # Wider than the gap of a double line: a ruling was lost beside it.
        return replace(cell, certain=False, doubt=NARROW)
    shows = _holds_print(page.centers, cell.bbox) or _holds_print(page.pale, cell.bbox)
    return replace(cell, certain=False, doubt=UNREAD) if shows else cell


def _holds_print(centers: npt.NDArray[np.float64], box: BBox) -> bool:
    x, y = centers[:, 0], centers[:, 1]
    inside = (x > box.x0 + _INSET_PT) & (x < box.x1 - _INSET_PT) & (y > box.top + _INSET_PT) & (y < box.bottom - _INSET_PT)
    return bool(inside.any())


def _is_sealed(page: PagePrint, box: BBox) -> bool:
    """True where so much of a box lies under a seal that a figure may be lost with it: a small one, in a wide box."""
    part = sealed_part(page.sealed, box)
    return part.size > 0 and (float(part.mean()) > SEALED_SHARE or float(part.sum()) * _SEAL_STEP_PT**2 > _SEALED_PT2)


def sealed_part(sealed: Shares | None, box: BBox) -> Shares:
    """Returns the squares of `PagePrint.sealed` that a box, in points, lies on; none where nothing is covered."""
    if sealed is None:
        return np.zeros((0, 0), dtype=np.float32)
    x0, top, x1, bottom = (max(0, round(v / _SEAL_STEP_PT)) for v in (box.x0, box.top, box.x1, box.bottom))
    return sealed[top : max(bottom, top + 1), x0 : max(x1, x0 + 1)]
