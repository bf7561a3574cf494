"""Figures of which a coarse copy has left crumbs alone: dots that stand as close as those of one letter do.

Each of them is as small as the dirt of the page and is taken for it. Together they are more than dirt can be: how much of it
falls on the place of a letter is known from the page itself (a compound Poisson process), and so is how much that may vary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.layout.dirt import SMALL
from pipeline.layout.ink import Ink
from pipeline.raster import Gray, PixelBox

_DARK = 0.45
_NEAR, _LEAST_HEIGHT, _MOST_SIDE = 0.16, 0.3, 1.3
_LEAST_AREA = 0.012
_SIGMAS = 10.0
_LEAST_PIECES = 2
_THIN, _SIDE = 0.1, 0.15
_RIM = 2


@dataclass(frozen=True, slots=True, eq=False)
class Crumbs:
    """Dark pixels of a page, and how many of them are dirt.

    Attributes:
        dark: 1 for each that belongs to no ruling, else 0; shape of the page.
        usual: how many of them dirt puts on the place of a letter, on the mean; `spread` is the standard deviation.
        letter: usual height of a letter in pixels.
    """

    dark: Gray
    usual: float
    spread: float
    letter: float


def find_crumbs(ink: Ink) -> Crumbs:
    """Gathers the dark pixels of a page, and tells from those that were taken for dirt how much dirt it has.

    Args:
        ink: the print of the page.
    """
    dark = ((ink.contrast >= _DARK * ink.level) & (ink.near == 0)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(dark * (ink.labels == 0), connectivity=8)
    sides = stats[1:, 2:4].max(axis=1) if len(stats) > 1 else np.zeros(0, dtype=np.int64)
    areas = stats[1:, 4][sides < SMALL * ink.letter].astype(np.float64)
    share = ink.letter**2 / max(1.0, float((ink.near == 0).sum()))
    return Crumbs(dark, share * float(areas.sum()), math.sqrt(share * float((areas**2).sum())), ink.letter)


def crumbled_print(crumbs: Crumbs, cell: PixelBox) -> PixelBox | None:
    """Returns where a cell without print shows the crumbs of a figure, or None.

    Args:
        crumbs: of the page.
        cell: inner box of a cell in pixels.
    """
    x0, top = max(0, cell[0]) + _RIM, max(0, cell[1]) + _RIM
    dark = crumbs.dark[top : max(top, cell[3] - _RIM), x0 : max(x0, cell[2] - _RIM)]
    least = max(_LEAST_AREA * crumbs.letter**2, crumbs.usual + _SIGMAS * crumbs.spread)
    if float(dark.sum()) < least:
        return None
    size = max(3, round(2 * _NEAR * crumbs.letter)) | 1
    _, labels, _, _ = cv2.connectedComponentsWithStats(cv2.dilate(dark, np.ones((size, size), np.uint8)), connectivity=8)
    labels = np.where(dark > 0, labels, 0)
    pieces = np.asarray(cv2.connectedComponents(dark, connectivity=8)[1])
    found = []
    for number in np.unique(labels[labels > 0]):
        rows, columns = np.nonzero(labels == number)
        # One piece alone was judged as a speck.
        if len(rows) >= least and len(np.unique(pieces[rows, columns])) >= _LEAST_PIECES:
            box = x0 + int(columns.min()), top + int(rows.min()), x0 + int(columns.max()) + 1, top + int(rows.max()) + 1
            found += [(len(rows), box)] if _is_as_large_as_a_figure(box, cell, crumbs.letter) else []
    return max(found)[1] if found else None


def _is_as_large_as_a_figure(box: PixelBox, cell: PixelBox, letter: float) -> bool:
    """True for a box of the size of a figure, but for what is left of the sides of its cell."""
    width, height = box[2] - box[0], box[3] - box[1]
    aside = min(box[0] - cell[0], cell[2] - box[2])
    if width < _THIN * letter and aside < _SIDE * letter:
        return False
    return height >= _LEAST_HEIGHT * letter and max(height, width) <= _MOST_SIDE * letter
