"""Least squares that outliers do not sway."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Windows overlap: so many of them tell as much as one that stands alone.
_OVERLAP = 6.0


def robust_fit(terms: Floats, target: Floats, weight: Floats, prior: Floats, scales: tuple[float, ...]) -> Floats:
    """Fits `terms @ result = target` by reweighted least squares with Cauchy's weights.

    Args:
        terms: shape (n, k).
        target: shape (n,).
        weight: shape (n,): how much each place counts, 0 to 1.
        prior: shape (k,): how large each coefficient may well be; what the places say little about stays near 0.
        scales: the spread of residuals that counts as usual, from the first pass to the last.

    Returns:
        Shape (k,).
    """
    done: Floats = np.zeros(terms.shape[1])
    if not len(target):
        return done
    for scale in scales:
        rest = (target - terms @ done) / scale
        w = weight / (1.0 + rest**2) / (_OVERLAP * scale**2)
        normal = (terms * w[:, None]).T @ terms + np.diag(1.0 / prior**2)
        done = np.asarray(np.linalg.solve(normal, (terms * w[:, None]).T @ target), dtype=np.float64)
    return done


def usual_size(values: Floats, weight: Floats, trusted: float) -> float:
    """Returns the weighted mean of the sizes of values, without the largest, which tell of no line.

    Args:
        values: shape (n,).
        weight: shape (n,).
        trusted: the share of the weight that counts.
    """
    total = float(weight.sum())
    if total <= 0:
        return 0.0
    order = np.argsort(np.abs(values))
    kept = order[np.cumsum(weight[order]) <= trusted * total]
    return float((np.abs(values[kept]) * weight[kept]).sum() / max(1e-9, float(weight[kept].sum())))


def share_above(values: Floats, weight: Floats, size: float) -> float:
    """Returns the weighted share of values that are larger than a size, either way; those near to it count in part.

    Args:
        values: shape (n,).
        weight: shape (n,).
        size: a value that counts half.
    """
    total = float(weight.sum())
    squares = values**2
    return 0.0 if total <= 0 else float((weight * squares / (squares + size**2)).sum() / total)


def bends(order: int, at: Floats) -> tuple[Floats, Floats]:
    """Returns a Chebyshev polynomial and its derivative at places from -1 to 1.

    Args:
        order: from 0.
        at: any shape.
    """
    poly = np.polynomial.Chebyshev.basis(order)
    return np.asarray(poly(at), dtype=np.float64), np.asarray(poly.deriv()(at), dtype=np.float64)
