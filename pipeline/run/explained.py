"""Scanned pages on which no other grid could find more: they are not read a second time."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pipeline.domain import BBox, Matrix, Word

_FEW_FLAGS, _FEW_WORDS = 3, 2
_LETTER = re.compile(r"[^\W\d_]")
_SLACK_PT = 2.0


def is_explained(words: Sequence[Word], placed: Sequence[BBox], page_no: int, matrices: Sequence[Matrix]) -> bool:
    """True where nothing of a page is left to another grid: its tables are certain, and no figure stands outside of them.

    All that is no text counts for a figure, be it a dash, several figures in one, or print that nobody could read; one may be
    the number of the page.

    Args:
        words: of the page.
        placed: where they stand on the page as it came in, in their order.
        page_no: of the page.
        matrices: the tables of the document.
    """
    cells = [c for m in matrices for line in m.cells for c in line if c.page_no == page_no]
    if not cells or sum(c.review for c in cells) >= _FEW_FLAGS:
        return False
    bare = [box.center for word, box in zip(words, placed, strict=True) if not _LETTER.search(word.text)]
    hulls = [c.bbox for c in cells if c.bbox is not None]
    x0, top, x1, bottom = np.asarray([(b.x0, b.top, b.x1, b.bottom) for b in hulls], dtype=np.float64).reshape(-1, 4).T
    x, y = np.asarray(bare, dtype=np.float64).reshape(-1, 2).T[:, :, None]
    slack = _SLACK_PT
    inside = (x0 - slack <= x) & (x <= x1 + slack) & (top - slack <= y) & (y <= bottom + slack)
    return int((~inside.any(axis=1)).sum()) < _FEW_WORDS
