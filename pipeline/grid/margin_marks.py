"""What a reader makes of strokes of a pen in the margin: a few letters, between a table and its rest on the next page."""

from __future__ import annotations

import re

from pipeline.domain import BBox
from pipeline.grid.segments import is_section, starts_item

_FEW, _MARGIN_SHARE = 8, 0.1
_PAGE_NUMBER = re.compile(r"第\s*\d{1,4}\s*[页面]")


def may_be_mark(text: str) -> bool:
    """True for a few letters that begin no section and no item, and for a page number that a stroke was read into."""
    if is_section(text) or starts_item(text):
        return False
    return len(re.sub(r"\s", "", text)) <= _FEW or _PAGE_NUMBER.search(text) is not None


def is_near_edge(box: BBox, height_pt: float) -> bool:
    """True for what stands at the head or the foot of a page."""
    return not _MARGIN_SHARE * height_pt < box.center[1] < (1 - _MARGIN_SHARE) * height_pt


def is_beside(box: BBox, table: BBox) -> bool:
    """True where the middle of a box lies left or right of a table."""
    return not table.x0 <= box.center[0] <= table.x1
