"""Percentiles of a few numbers are those of numpy, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.layout.percentile import column_percentile, percentile


@pytest.mark.parametrize("percent", [5, 70, 75, 90, 97, 100])
def test_it_is_that_of_numpy(percent: float) -> None:
    rng = np.random.default_rng(7)
    for n in [1, 2, 3, 7, 16, 40, 333]:
        for values in (rng.normal(20.0, 6.0, n), rng.integers(3, 40, n).astype(np.float64)):
            assert percentile(values, percent) == float(np.percentile(values, percent))


@pytest.mark.parametrize("percent", [5, 50, 80])
def test_those_of_columns_are_that_of_numpy(percent: float) -> None:
    rng = np.random.default_rng(8)
    for n in [1, 2, 3, 7, 16, 41]:
        values = rng.integers(0, 256, (n, 5)).astype(np.uint8)
        assert np.array_equal(column_percentile(values, percent), np.percentile(values, percent, axis=0))
        assert np.array_equal(column_percentile(values, 50), np.median(values, axis=0))
