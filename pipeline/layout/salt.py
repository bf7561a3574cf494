"""Salt: lone black pixels of a picture in black and white, as faxes have them by the thousand. They are no print."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DARK = 128
_SPECK_PX, _SPECK_LONG, _BLOB_PX, _BLOB_SIDE, _CRUMB_PX = 2, 3, 4, 3, 12
_LEAST, _OFTEN = 200, 2.0
_BLACK, _LIGHT, _WHITE, _CLEAN, _STEP = 64, 192, 250, 0.95, 3
_NEAR, _FAR = 5, 8
_CLUSTER, _AROUND, _CLUSTER_SPECKS, _DENSER = 15, 61, 6, 2.5
# Length and width of a row in pixels, how many specks make one, and how much denser than around it they are: dotted lines and
# fills, and what a fax leaves of thin lines.
_ROWS = ((41, 2, 6, 0.0), (121, 3, 8, 2.5))


def without_salt(gray: Gray) -> Gray:
    """Takes lone specks of a few pixels out of a picture that has many of them.

    A picture has salt where specks of one or two pixels outnumber the larger crumbs that broken letters are made of. Close to
    print only what stands quite alone is taken out: thin strokes break into dots. So do pale figures and dotted lines as a
    whole, which are denser than the salt around them, or stand in rows: they stay.

    Args:
        gray: the picture as it came in, its pixels its own.

    Returns:
        The picture itself where it has no salt.
    """
    if not has_two_tones(gray):
        return gray
    dark = np.asarray(cv2.threshold(gray, DARK - 1, 1, cv2.THRESH_BINARY_INV)[1], dtype=np.uint8)
    _, found, stats, centers = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    labels = np.asarray(found, dtype=np.int32)
    areas, sides = stats[1:, cv2.CC_STAT_AREA], stats[1:, 2:4]
    # Of a coarse fax a pixel becomes three, one above the other.
    speck = (areas <= _SPECK_PX) | ((areas <= _SPECK_LONG) & (sides.min(axis=1) == 1))
    if (count := int(speck.sum())) < _LEAST or count < _OFTEN * int(((areas <= _CRUMB_PX) & ~speck).sum()):
        return gray
    small = (areas <= _BLOB_PX) & (sides.max(axis=1) <= _BLOB_SIDE)
    numbers = np.flatnonzero(small) + 1
    x, y = np.rint(centers[numbers]).astype(np.int64).T
    salt = _is_salt(x, y, speck[small], dark, np.take(np.concatenate([[False], small]), labels))
    chosen = np.zeros(len(stats), dtype=bool)
    chosen[numbers[salt]] = True
    taken = np.take(chosen, labels)
    # Resampled, a lone pixel has a pale rim.
    rim = (cv2.dilate(taken.view(np.uint8), np.ones((3, 3), np.uint8)) > 0) & (dark == 0)
    out = gray.copy()
    out[taken | rim] = 255
    return out


def has_two_tones(gray: Gray) -> bool:
    """True for black and white, resampled or not: paper without any grain, and little between it and print."""
    sample = gray[::_STEP, ::_STEP]
    counts = np.bincount(sample.reshape(-1), minlength=256)
    black, between, light = int(counts[:_BLACK].sum()), int(counts[_BLACK:_LIGHT].sum()), int(counts[_LIGHT:].sum())
    return black > 0 and between <= black and int(counts[_WHITE:].sum()) >= _CLEAN * light


def _is_salt(x: Places, y: Places, tiny: Flags, dark: Gray, small: Flags) -> Flags:
    """Tells which small pieces are salt.

    Args:
        x: their middles in pixels.
        y: likewise.
        tiny: true for those of a pixel or two.
        dark: 1 on what is dark, small or not.
        small: true on the small pieces.
    """
    ones = np.zeros(dark.shape, dtype=np.float32)
    ones[y, x] = 1.0
    print_ = np.where(small, np.uint8(0), dark)
    alone = _counts(ones, (2 * _NEAR + 1, 2 * _NEAR + 1))[y, x] < 1.5
    free, near = ~_within(print_, _FAR)[y, x], _within(print_, _NEAR)[y, x]
    here, around = (_counts(ones, (side, side))[y, x] for side in (_CLUSTER, _AROUND))
    cluster = (here >= _CLUSTER_SPECKS - 0.5) & (here * _AROUND**2 > _DENSER * around * _CLUSTER**2)
    rows = np.zeros(len(x), dtype=bool)
    for long, wide, least, denser in _ROWS:
        for width, height in ((long, wide), (wide, long)):
            counts = _counts(ones, (width, height))
            reach = cv2.dilate(counts, np.ones((height, width), np.uint8))[y, x]
            rows |= (reach >= least - 0.5) & (reach * _AROUND**2 > denser * around * width * height)
    return np.asarray((np.where(free, tiny | alone, tiny & alone & ~near)) & ~cluster & ~rows)


def _counts(ones: npt.NDArray[np.float32], size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Returns how many pieces lie in the window of `size` (width, height) around each pixel."""
    return np.asarray(cv2.boxFilter(ones, -1, size, normalize=False, borderType=cv2.BORDER_CONSTANT), dtype=np.float32)


def _within(mask: Gray, reach: int) -> Flags:
    return np.asarray(cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0)
