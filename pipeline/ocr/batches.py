"""Crops → batches of like width, for both readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_SIZES = (64, 32, 16, 8, 4, 2, 1)
"""Crops in a batch. A runtime prepares itself for each new shape, which takes as long as reading ten crops: there are few."""


def batches(widths: Mapping[int, int], most_columns: int) -> Iterator[tuple[int, list[int]]]:
    """Yields the width of each batch, in pixels, with the indices of its crops.

    The width depends on the crop alone, so that its reading does not depend on its neighbours.

    Args:
        widths: index of a crop → width of its batch, in pixels.
        most_columns: columns of pixels that a batch has at most, where it holds more than one crop.
    """
    order: dict[int, list[int]] = {}
    for index, width in widths.items():
        order.setdefault(width, []).append(index)
    for width, indices in sorted(order.items()):
        start = 0
        while start < len(indices):
            size = next(s for s in _SIZES if s == 1 or (s <= len(indices) - start and s * width <= most_columns))
            yield width, indices[start : start + size]
            start += size
