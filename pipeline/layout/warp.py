"""Resampling of a picture through a homography and a bend."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray

Matrix = npt.NDArray[np.float64]
Mesh = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

_SHARPEST_SHRINK = 0.8
_BLUR = 0.35


def warped(
    image: Gray, matrix: Matrix, size: tuple[int, int], border: int, bend: Mesh | None = None, method: int = cv2.INTER_CUBIC
) -> Gray:
    """Resamples a picture once; one that is made smaller is blurred first, as its pixels are then means of several.

    Args:
        image: gray or RGB.
        matrix: homography from `image` to the result.
        size: width and height of the result.
        border: gray of what lies outside of `image`.
        bend: shape (rows, columns, 2): `dx, dy` that go to a place of the result before the homography is inverted, at the
            nodes of a regular mesh over the result; None where it is flat.
        method: how pixels are made of those around.
    """
    scale = scale_of(matrix, size)
    if scale < _SHARPEST_SHRINK:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), _BLUR / scale), dtype=np.uint8)
    if bend is None and np.allclose(matrix, np.eye(3)) and image.shape[:2] == (size[1], size[0]):
        return image
    paper = (border, border, border)
    if bend is not None:
        x, y = _sources(matrix, size, bend)
        done = cv2.remap(image, x, y, method, borderMode=cv2.BORDER_CONSTANT, borderValue=paper)
    elif np.array_equal(matrix[2], (0, 0, 1)):
        done = cv2.warpAffine(image, matrix[:2], size, flags=method, borderMode=cv2.BORDER_CONSTANT, borderValue=paper)
    else:
        done = cv2.warpPerspective(image, matrix, size, flags=method, borderMode=cv2.BORDER_CONSTANT, borderValue=paper)
    return np.asarray(done, dtype=np.uint8)


def scale_of(matrix: Matrix, size: tuple[int, int]) -> float:
    """Returns how many pixels of the result a homography makes of one of its source, in the middle of the result.

    Args:
        matrix: homography to the result.
        size: width and height of the result.
    """
    back = np.linalg.inv(matrix)
    depth = float(back[2] @ (size[0] / 2, size[1] / 2, 1.0))
    return float(np.sqrt(abs(depth**3 / np.linalg.det(back))))


def _sources(matrix: Matrix, size: tuple[int, int], bend: Mesh) -> tuple[Singles, Singles]:
    """Returns for each pixel of the result where it comes from."""
    width, height = size
    back = np.linalg.inv(matrix).astype(np.float32)
    across, down = _weights(width, bend.shape[1]), _weights(height, bend.shape[0])
    x = np.arange(width, dtype=np.float32)[None, :] + (down @ bend[..., 0] @ across.T).astype(np.float32)
    y = np.arange(height, dtype=np.float32)[:, None] + (down @ bend[..., 1] @ across.T).astype(np.float32)
    depth = back[2, 0] * x + back[2, 1] * y + back[2, 2]
    return (
        np.asarray((back[0, 0] * x + back[0, 1] * y + back[0, 2]) / depth, dtype=np.float32),
        np.asarray((back[1, 0] * x + back[1, 1] * y + back[1, 2]) / depth, dtype=np.float32),
    )


def _weights(n: int, nodes: int) -> Matrix:
    """Returns how much each node counts at each of `n` pixels, shape (n, nodes), as `Transform.bend` has it."""
    places = np.clip(np.arange(n) / max(1, n) * (nodes - 1), 0, nodes - 1 - 1e-9)
    low = places.astype(int)
    weights = np.zeros((n, nodes))
    weights[np.arange(n), low] = 1 - (places - low)
    weights[np.arange(n), low + 1] = places - low
    return weights
