"""Resampling of a picture through a homography and a bend."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray

Matrix = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float64]

_SHARPEST_SHRINK = 0.8
_BLUR = 0.35


def warped(
    image: Gray, matrix: Matrix, size: tuple[int, int], scale: float, border: int, curl: Floats | None = None
) -> Gray:
    """Resamples a picture once; one that is made smaller is blurred first, as its pixels are then means of several.

    Args:
        image: gray or RGB.
        matrix: homography from `image` to the result.
        size: width and height of the result.
        scale: pixels of the result for one of `image`.
        border: gray of what lies outside of `image`.
        curl: shape (rows, columns): how many pixels further down the result's picture is found, before the homography is
            inverted, at the nodes of a regular mesh over the result; None where it is flat.
    """
    if scale < _SHARPEST_SHRINK:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), _BLUR / scale), dtype=np.uint8)
    if curl is None and np.allclose(matrix, np.eye(3)) and image.shape[:2] == (size[1], size[0]):
        return image
    paper = (border, border, border)
    if curl is None:
        done = cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=paper)
    else:
        x, y = _sources(matrix, size, curl)
        done = cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=paper)
    return np.asarray(done, dtype=np.uint8)


def _sources(
    matrix: Matrix, size: tuple[int, int], curl: Floats
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Returns for each pixel of the result where it comes from."""
    width, height = size
    back = np.linalg.inv(matrix).astype(np.float32)
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None] + _spread(curl, size)
    depth = back[2, 0] * x + back[2, 1] * y + back[2, 2]
    return (
        np.asarray((back[0, 0] * x + back[0, 1] * y + back[0, 2]) / depth, dtype=np.float32),
        np.asarray((back[1, 0] * x + back[1, 1] * y + back[1, 2]) / depth, dtype=np.float32),
    )


def _spread(mesh: Floats, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Fills a mesh out bilinearly, its nodes where `Transform.bend` has them."""
    width, height = size
    across = _weights(width, mesh.shape[1])
    down = _weights(height, mesh.shape[0])
    return np.asarray(down @ mesh @ across.T, dtype=np.float32)


def _weights(n: int, nodes: int) -> Floats:
    """Returns how much each node counts at each of `n` pixels, shape (n, nodes)."""
    places = np.clip(np.arange(n) / max(1, n) * (nodes - 1), 0, nodes - 1 - 1e-9)
    low = places.astype(int)
    weights = np.zeros((n, nodes))
    weights[np.arange(n), low] = 1 - (places - low)
    weights[np.arange(n), low + 1] = places - low
    return weights
