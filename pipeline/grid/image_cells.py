"""Rulings of a page that has no words yet → the boxes of its ruled cells, so that each can be read by itself."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.config import Pdf
from pipeline.domain import BBox, Page, Ruling
from pipeline.grid.fill import cell_bbox
from pipeline.grid.lattice import lattice_to_cells, network_to_lattice
from pipeline.grid.ruled import page_to_networks


def ruled_cells(rulings: Sequence[Ruling], ink_points: Sequence[tuple[float, float]], config: Pdf) -> list[BBox]:
    """Returns the boxes of all cells that rulings enclose, in points.

    Args:
        rulings: of one page.
        ink_points: centres of the print, which show where a table goes on beyond its last line.
        config: settings of the grid.
    """
    if not rulings:
        return []
    extent = max(max(r.x1 for r in rulings), max(r.bottom for r in rulings))
    page = Page(rulings[0].page_no, extent, extent, (), tuple(rulings))
    found: list[BBox] = []
    for network in page_to_networks(page, config, ink_points):
        lattice = network_to_lattice(network, config.ruling_snap_pt, ink_points)
        if lattice is None:
            continue
        boxes, _ = lattice_to_cells(lattice)
        if len(boxes) > 1:
            found += [cell_bbox(lattice, box) for box in boxes]
    return found
