"""Painted paths → rulings: lines, thin boxes, outlines of boxes and of coloured fills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.config import Pdf
from pipeline.domain import BBox, Ruling

Point = tuple[float, float]
_SLANT_PT = 0.6
_BACKGROUND_SHARE = 0.85


class Painted(NamedTuple):
    """One painted path.

    Attributes:
        corners: its points in points (origin top left); a closed path repeats the first.
        straight: true where it has no curved segment.
        stroked: drawn with a visible line; `filled`: filled with a colour that is not white.
    """

    corners: Sequence[Point]
    straight: bool
    stroked: bool
    filled: bool


def is_white(colour: object) -> bool:
    """True for white in gray, RGB or CMYK; an unknown colour counts as visible."""
    values = colour if isinstance(colour, tuple | list) else (colour,)
    if not values or not all(isinstance(v, int | float) for v in values):
        return False
    if len(values) == 4:
        return all(v <= 0.02 for v in values)
    return all(v >= 0.98 for v in values)


def paths_to_rulings(paths: Iterable[Painted], page_box: BBox, page_no: int, config: Pdf) -> list[Ruling]:
    """Returns the axis-parallel lines of a page, cut to the page, in drawing order.

    A box thinner than `config.ruling_max_thickness_pt` is one line along its middle; a stroked or coloured box gives
    its four sides. White is invisible, and a fill over nearly the whole page is its background.

    Args:
        paths: of the page.
        page_no: of the page.
        config: for the thickness.
        page_box: the visible page, `(0, 0, width, height)`.
    """
    rulings: list[Ruling] = []
    for path in paths:
        for x0, top, x1, bottom in _path_to_lines(path, page_box, config.ruling_max_thickness_pt):
            cut = (max(x0, 0.0), max(top, 0.0), min(x1, page_box.x1), min(bottom, page_box.bottom))
            if cut[0] <= cut[2] and cut[1] <= cut[3]:
                rulings.append(Ruling(*cut, page_no))
    return rulings


def _path_to_lines(path: Painted, page_box: BBox, thickness: float) -> Iterator[tuple[float, float, float, float]]:
    if not (path.stroked or path.filled) or not path.corners:
        return
    xs, ys = [p[0] for p in path.corners], [p[1] for p in path.corners]
    x0, top, x1, bottom = min(xs), min(ys), max(xs), max(ys)
    width, height = x1 - x0, bottom - top
    if min(width, height) <= thickness:
        yield from _thin(x0, top, x1, bottom, thickness)
        return
    background = width * height >= _BACKGROUND_SHARE * page_box.width * page_box.height
    box = path.filled and len(path.corners) in (4, 5) and not background
    if path.straight and (path.stroked or box):
        yield from _sides(path.corners)


def _thin(x0: float, top: float, x1: float, bottom: float, thickness: float) -> Iterator[tuple[float, float, float, float]]:
    """A thin box as its middle line; a dot (as of a dotted line) as one in each direction."""
    x, y = (x0 + x1) / 2, (top + bottom) / 2
    dot = max(x1 - x0, bottom - top) <= thickness
    if x1 - x0 >= bottom - top or dot:
        yield x0, y, x1, y
    if x1 - x0 < bottom - top or dot:
        yield x, top, x, bottom


def _sides(corners: Sequence[Point]) -> Iterator[tuple[float, float, float, float]]:
    for (ax, ay), (bx, by) in zip(corners, corners[1:], strict=False):
        if abs(ay - by) <= _SLANT_PT < abs(ax - bx):
            y = (ay + by) / 2
            yield min(ax, bx), y, max(ax, bx), y
        elif abs(ax - bx) <= _SLANT_PT < abs(ay - by):
            x = (ax + bx) / 2
            yield x, min(ay, by), x, max(ay, by)
