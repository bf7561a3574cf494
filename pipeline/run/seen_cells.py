"""All that is held against the pixels once the tables of a document are stitched together."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.domain import Block
from pipeline.run.blanks import PagePrint, flag_unread_blanks
from pipeline.run.cut_off import PageRim, flag_cut_off
from pipeline.run.shorn import flag_shorn
from pipeline.run.spans import flag_wide_figures, mark_lone_letters


def hold_against_pixels(block: Block, shown: Mapping[int, PagePrint], rims: Mapping[int, PageRim]) -> Block:
    """Marks the cells of scanned pages that their pixels speak against.

    Args:
        block: in points of the straightened pages.
        shown: page number → all its print; other pages were not read from pixels.
        rims: page number → where its picture ends, its lines and its runs of print.
    """
    block = flag_wide_figures(flag_unread_blanks(mark_lone_letters(block, shown), shown), shown)
    return flag_shorn(flag_cut_off(block, rims), rims)
