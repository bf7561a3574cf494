"""A row of dots, or of short dashes, as against the strokes of print."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

PERIOD_IN = 0.08
_DOTS, _EVEN, _REGULAR = 8, 0.3, 0.75
_DASHED_IN, _DASHED, _DASH_GAP_IN, _FEW_GAPS = 0.35, (0.4, 0.9), 0.037, 4
_ALIKE, _ALIKE_DASHES = 0.8, 0.5
_FEW_DOTS, _ON_COMB, _COMB, _GAP_LEVEL = 4, 0.15, 0.8, 0.5


def has_even_dots(level: npt.NDArray[np.float32], dpi: float, least: int) -> bool:
    """True for a row of dots, or of short dashes, that follow each other evenly.

    Args:
        level: shape (n,): how dark each place along the row is.
        dpi: pixels an inch.
        least: how many dots there are at least. Few ones must fit a comb, with paper between them.
    """
    low, high = float(level.min()), float(level.max())
    is_dot = level > (low + high) / 2
    starts = np.flatnonzero(is_dot[1:] & ~is_dot[:-1]) + 1
    if len(starts) < least:
        return False
    periods = np.diff(starts)
    usual = float(np.median(periods))
    if usual > PERIOD_IN * dpi:
        return False
    even = np.abs(periods - usual) <= max(1.0, _EVEN * usual)
    if len(starts) >= _DOTS:
        return float(even.mean()) >= _REGULAR
    return _are_on_comb(starts, usual) and float(level[~is_dot].mean()) <= _GAP_LEVEL * float(level[is_dot].mean())


def _are_on_comb(starts: npt.NDArray[np.int_], period: float) -> bool:
    """True where few dots begin at even distances, all but those that a line across touches, and none is left out."""
    finer = period * np.arange(0.94, 1.061, 0.01)
    waves = np.exp(2j * np.pi * starts[None, :] / finer[:, None]).mean(axis=1)
    best = int(np.abs(waves).argmax())
    turns = (starts / finer[best] - np.angle(waves[best]) / (2 * np.pi) + 0.5) % 1.0 - 0.5
    near = np.abs(turns) <= max(_ON_COMB, 1.0 / period)
    teeth = (starts[-1] - starts[0]) / finer[best] + 1
    return bool(near.sum() >= max(_FEW_DOTS, _COMB * len(starts), _COMB * teeth))


def is_dashed(drawn: npt.NDArray[np.bool_], dpi: float) -> bool:
    """True for a long row of short dashes with short gaps that are alike; the strokes of print leave gaps of all sizes.

    Args:
        drawn: shape (n,): where the row is dark.
        dpi: pixels an inch.
    """
    if len(drawn) < _DASHED_IN * dpi or not _DASHED[0] <= drawn.mean() <= _DASHED[1]:
        return False
    edges = np.flatnonzero(np.diff(drawn.astype(np.int8)))
    runs = np.diff(edges)
    is_gap = ~drawn[edges[:-1] + 1] if len(runs) else np.zeros(0, np.bool_)
    gaps, dashes = runs[is_gap], runs[~is_gap]
    if len(gaps) < _FEW_GAPS or float(gaps.max()) > _DASH_GAP_IN * dpi:
        return False
    return _alike(gaps) >= _ALIKE and _alike(dashes) >= _ALIKE_DASHES


def _alike(lengths: npt.NDArray[np.int_]) -> float:
    """Share of lengths that are the usual one, give or take a pixel or a third."""
    usual = float(np.median(lengths)) if len(lengths) else 0.0
    return float((np.abs(lengths - usual) <= max(1.0, usual / 3)).mean()) if len(lengths) else 0.0
