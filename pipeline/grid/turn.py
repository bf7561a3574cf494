"""Boxes found on a page that was turned to be read → their places on the page as it is."""

from __future__ import annotations

from pipeline.domain import BBox, Page
from pipeline.grid.place_back import Placer


def original_size(page: Page) -> tuple[float, float]:
    """Returns width and height of the page as it is, in points."""
    turned = page.turn_deg in (90, 270)
    return (page.height_pt, page.width_pt) if turned else (page.width_pt, page.height_pt)


def original_box(box: BBox, turn: int, width: float, height: float) -> BBox:
    """Moves a box back from the frame in which the text is upright.

    Args:
        box: in that frame.
        turn: clockwise angle of the text on the page, in degrees.
        width: of the page as it is, in points.
        height: of the page as it is, in points.
    """
    if turn == 90:
        return BBox(width - box.bottom, box.x0, width - box.top, box.x1)
    if turn == 270:
        return BBox(box.top, height - box.x1, box.bottom, height - box.x0)
    if turn == 180:
        return BBox(width - box.x1, height - box.bottom, width - box.x0, height - box.top)
    return box


def turner(page: Page) -> Placer:
    """Returns what maps a box from the frame in which the text of `page` is upright to the page as it is."""
    width, height = original_size(page)
    return lambda box: (original_box(box, page.turn_deg, width, height), None)
