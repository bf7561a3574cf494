"""Which lines are running heads: they stand in the margin of several pages, at one height, with one text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from pipeline.domain import TextBlock
from pipeline.grid.blocks import in_margin

_LONGEST, _LONG = 80, 8
_SAME_PT = 9.0
_ALIKE = 80.0
_COMPARED = 64


@dataclass(slots=True)
class _Head:
    """A text in the margin: where it stands, and on which pages."""

    text: str
    top: float
    pages: set[int] = field(default_factory=set)


def mark_running_heads(blocks: Sequence[TextBlock], heights: dict[int, float]) -> list[TextBlock]:
    """Marks as chrome what stands in the margin of three or more pages (of two in short files, or where it is long).

    Texts are alike where a letter or two were read otherwise; digits aside. Scans are cut a little differently from page to
    page, so heights need not agree to the point.

    Args:
        blocks: of the whole document.
        heights: page number → height in points.
    """
    heads: list[_Head] = []
    found = [_head_of(block, heads, heights) for block in blocks]
    needed = max(2, min(3, len(heights)))
    return [
        replace(block, kind="chrome") if head is not None and len(head.pages) >= _needed(head, needed) else block
        for block, head in zip(blocks, found, strict=True)
    ]


def _needed(head: _Head, usual: int) -> int:
    return 2 if len(head.text) >= _LONG else usual


def _head_of(block: TextBlock, heads: list[_Head], heights: dict[int, float]) -> _Head | None:
    """Returns the head that a block is like, a new one where there is none; None outside the margins."""
    if block.bbox is None or block.page_no is None or len(block.text) > _LONGEST:
        return None
    height = heights[block.page_no]
    if not in_margin(block.bbox, height):
        return None
    text = re.sub(r"\d+", "#", block.text)
    # The latest first: a running head changes with the chapter, and of many different texts only some are compared.
    for head in heads[: -_COMPARED - 1 : -1]:
        if abs(head.top - block.bbox.top) <= _SAME_PT and _are_alike(head.text, text):
            head.pages.add(block.page_no)
            return head
    heads.append(_Head(text, block.bbox.top, {block.page_no}))
    return heads[-1]


def _are_alike(a: str, b: str) -> bool:
    return a == b or (min(len(a), len(b)) >= _LONG and fuzz.ratio(a, b) >= _ALIKE)
