"""Bands of white print on a dark ground, as heads of tables have them → dark print on white, as everything else is."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.layout.coarse import coarse, square
from pipeline.raster import Gray, grey_percentile

_LOOK_DPI = 150.0
_DARK, _PAPER = 0.72, 80
_STROKE_IN, _LINE_IN, _LEAST_IN, _WIDE_IN, _BAY_IN = 0.035, 0.03, 0.1, 0.3, 0.2
_LIGHTER, _DARKER, _OF_PAPER = 50, 40, 0.3
_PRINT = (0.015, 0.5)
_DARK_PRINT = 0.5
_SPREAD = 70.0
_AROUND_IN, _PAPER_AROUND, _AS_DARK = 0.15, 75, 25


def without_reversed(gray: Gray, dpi: float) -> Gray:
    """Turns bands of light print on a dark ground into dark print on paper.

    All that differs from the ground of a band becomes print, be it lighter or darker, and so does the edge of the band: it
    parts cells as a ruling does. Only what holds light print is turned: a dark bar without any may hide what it covers.

    Args:
        gray: a page, paper light; shape (height, width).
        dpi: pixels an inch.

    Returns:
        The page itself where it has no such band.
    """
    found = gray
    areas = _dark_areas(gray, dpi)
    ink = _print_level(gray, areas)
    for mask in areas:
        x, y, width, height = mask[1]
        there = np.s_[y : y + height, x : x + width]
        turned = _turned(gray[there], mask[0], _paper_around(gray, mask[1], dpi), ink)
        if turned is not None:
            found = gray.copy() if found is gray else found
            found[there] = np.where(mask[0] > 0, turned, found[there])
    return found


def _dark_areas(gray: Gray, dpi: float) -> list[tuple[Gray, tuple[int, int, int, int]]]:
    """Returns the larger dark areas inside a page: a mask of each, holes filled, and its box in pixels."""
    small, scale = coarse(gray, dpi, _LOOK_DPI)
    look = dpi * scale
    dark: npt.NDArray[Any] = np.asarray(small < _DARK * grey_percentile(small, _PAPER), dtype=np.uint8) * 255
    # Dark strokes and lines go first, so that print near a band is no part of it; then white lines between its cells.
    dark = cv2.morphologyEx(dark, cv2.MORPH_OPEN, square(_STROKE_IN * look))
    dark = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, square(_LINE_IN * look))
    # What lies around a page goes before holes are filled: the page is one of them.
    count, parts = cv2.connectedComponents(dark, connectivity=8)
    is_rim = np.zeros(count, dtype=np.bool_)
    for side in (parts[0], parts[-1], parts[:, 0], parts[:, -1]):
        is_rim[side] = True
    dark[is_rim[parts]] = 0
    filled = np.zeros_like(dark)
    outlines, _ = cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, outlines, -1, (255,), cv2.FILLED)
    dark = cv2.morphologyEx(filled, cv2.MORPH_OPEN, square(_LEAST_IN * look))
    contours, _ = cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = []
    for contour in contours:
        x, y, width, height = cv2.boundingRect(contour)
        at_rim = x == 0 or y == 0 or x + width == small.shape[1] or y + height == small.shape[0]
        if at_rim or width < _WIDE_IN * look:
            continue
        box = _scaled_box((x, y, width, height), 1 / scale, gray.shape)
        bay = max(3, round(_BAY_IN * look))
        mask: npt.NDArray[Any] = np.zeros((height + 2 * bay, width + 2 * bay), dtype=np.uint8)
        cv2.drawContours(mask, [contour], -1, (255,), cv2.FILLED, offset=(bay - x, bay - y))
        # Print at the edge of a band leaves bays in it.
        for size in ((bay, 1), (1, bay)):
            mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones(size, dtype=np.uint8))
        mask = mask[bay:-bay, bay:-bay]
        mask = cv2.resize(mask, box[2:], interpolation=cv2.INTER_LINEAR)
        mask = np.asarray(mask >= 128, dtype=np.uint8) * 255
        areas.append((mask, box))
    return areas


def _print_level(gray: Gray, areas: list[tuple[Gray, tuple[int, int, int, int]]]) -> float:
    """Returns how dark the print outside of dark areas is; 255 where there is none."""
    if not areas:
        return 255.0
    dark = np.asarray(gray < _DARK * grey_percentile(gray, _PAPER))
    for mask, (x, y, width, height) in areas:
        dark[y : y + height, x : x + width] &= mask == 0
    return float(np.percentile(gray[dark], _AS_DARK)) if dark.any() else 255.0


def _paper_around(gray: Gray, box: tuple[int, int, int, int], dpi: float) -> float:
    """Returns how light the paper around a box is."""
    x, y, width, height = box
    far = max(2, round(_AROUND_IN * dpi))
    around = np.asarray(gray[max(0, y - far) : y + height + far, max(0, x - far) : x + width + far])
    lighter = around[around > np.median(gray[y : y + height, x : x + width])]
    return float(np.percentile(lighter, _PAPER_AROUND)) if len(lighter) else float(around.max())


def _turned(part: Gray, mask: Gray, paper: float, ink: float) -> Gray | None:
    """Returns a dark area with its ground as paper, or None where it holds no light print on an even ground.

    Args:
        part: the box around the area.
        mask: not 0 on the area.
        paper: how light the paper around it is.
        ink: how dark the print of the page is.
    """
    inner = cv2.erode(mask, np.ones((5, 5), dtype=np.uint8), borderValue=(0,)) > 0
    values = part[inner].astype(np.int16)
    if not len(values):
        return None
    ground = int(np.median(values))
    # Thin strokes do not become as light as paper in a coarse picture, least so on a ground that is not black.
    share = min(1.0, _OF_PAPER * max(0.0, paper - ground) / _LIGHTER)
    white = _white_print(values, ground, 1.0)
    if white is None:
        white = _white_print(values, ground, share)
    if white is None:
        return None
    # In proportion, so that edges stay as soft as those of other print. What was white becomes as dark as the ground or as
    # other print: black beside the pale print of a poor scan would have that taken for what shines through the paper.
    away = np.abs(part.astype(np.float32) - ground) / max(1.0, white - ground)
    turned: Gray = np.asarray(paper - (paper - min(ink, ground)) * np.clip(away, 0, 1), dtype=np.uint8)
    return turned


def _white_print(values: npt.NDArray[np.int16], ground: int, share: float) -> float | None:
    """Returns how light the light print on a ground is, or None where there is none.

    Args:
        values: of the pixels of an area.
        ground: how light its ground is.
        share: of the difference from the ground that print has at least, as a rule.
    """
    lighter, darker = max(1.0, share * _LIGHTER), max(1.0, share * _DARKER)
    light, dark = float((values > ground + lighter).mean()), float((values < ground - darker).mean())
    spread = float(np.subtract(*np.percentile(values[values <= ground + lighter], (95, 5))))
    if not _PRINT[0] <= light <= _PRINT[1] or dark > _DARK_PRINT * light or spread > _SPREAD:
        return None
    return float(np.percentile(values[values > ground + lighter], 90))


def _scaled_box(box: tuple[int, int, int, int], factor: float, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    x0, y0 = int(box[0] * factor), int(box[1] * factor)
    x1, y1 = min(shape[1], round((box[0] + box[2]) * factor)), min(shape[0], round((box[1] + box[3]) * factor))
    return x0, y0, max(1, x1 - x0), max(1, y1 - y0)
