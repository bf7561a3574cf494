"""Coloured seals → paper, without the black print under them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from pipeline.raster import Gray, Rgb

_CHROMA = 40
_LEAST_SHARE = 2e-4
_SEAL_IN = 0.55
_FILLED = 0.8
_PRINT_LEVEL = 120


def without_seals(pixels: Rgb, dpi: float) -> tuple[Gray, Gray | None]:
    """Returns the page in grey with its seals taken out, and where they were.

    A seal is large, strongly coloured and mostly hollow. Its own ink is bright in its brightest channel, where black print
    under it stays dark. Small coloured print and rulings are left as they are, coloured areas too.

    Args:
        pixels: RGB.
        dpi: pixels an inch.

    Returns:
        Grey, and a mask of 255 where a seal was, or None where there is none.
    """
    gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    brightest, darkest = pixels.max(axis=2), pixels.min(axis=2)
    colored = ((brightest - darkest) > _CHROMA).astype(np.uint8)
    if colored.mean() < _LEAST_SHARE:
        return gray, None
    seal = _seal_mask(colored, dpi)
    if seal is None:
        return gray, None
    # Around the ink its colour fades into the paper: what is pale there belongs to the seal as well.
    near = cv2.dilate(seal, np.ones((5, 5), np.uint8)) > 0
    gray = np.where(near & (brightest > _PRINT_LEVEL), np.uint8(255), np.where(near, brightest, gray))
    return np.asarray(gray, dtype=np.uint8), seal


def _seal_mask(colored: Gray, dpi: float) -> Gray | None:
    """Returns 255 on coloured groups as large as a seal, None where there are none."""
    step = max(3, round(0.04 * dpi)) | 1
    groups = cv2.morphologyEx(colored, cv2.MORPH_CLOSE, np.ones((step, step), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(groups, connectivity=8)
    chosen = [k for k in range(1, count) if _is_seal(stats[k], colored, labels, k, dpi)]
    if not chosen:
        return None
    return np.asarray(np.isin(labels, chosen) & (colored > 0), dtype=np.uint8) * np.uint8(255)


def _is_seal(stat: Any, colored: Gray, labels: Any, k: int, dpi: float) -> bool:
    x, y, width, height, _ = (int(v) for v in stat)
    if min(width, height) < _SEAL_IN * dpi or max(width, height) > 3 * min(width, height):
        return False
    part = colored[y : y + height, x : x + width] * (labels[y : y + height, x : x + width] == k)
    return float(part.mean()) < _FILLED
