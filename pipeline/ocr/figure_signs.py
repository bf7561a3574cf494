"""The alphabet of the reader of figures."""

from __future__ import annotations

SIGNS = "0123456789.,-+/%()万元增减无"
"""Signs of numbers; the class of `SIGNS[i]` is `i + 1`, and class 0 is the blank."""

OTHER = "?"
"""Stands for print that is in no number: its class is the last."""

CLASSES = len(SIGNS) + 2
