"""What was read of the pages of a document → its blocks; a page of it can be exchanged for another reading of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain import Block
from pipeline.grid.place_back import Placer, place_back
from pipeline.grid.stitch import Item
from pipeline.run.assemble import items_to_blocks, title_of, with_chrome

if TYPE_CHECKING:
    from pipeline.run.blanks import PagePrint
    from pipeline.run.cut_off import PageRim


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The pages of a document, in reading order.

    Attributes:
        items: of each page, by its number, in the order of the pages.
        heights: of the pages in points; `placers` of those that were read from pixels, `turners` of those that were turned.
        shown: all print of the pages that were read from pixels, read or not; `rims`: where their pictures end.
    """

    items: Mapping[int, Sequence[Item]]
    heights: dict[int, float]
    placers: Mapping[int, Placer]
    shown: Mapping[int, PagePrint]
    rims: Mapping[int, PageRim]
    turners: Mapping[int, Placer]

    def blocks(self) -> tuple[list[Block], str | None]:
        """Returns the blocks with their places on the pages as they came in, and the title of the document."""
        items = with_chrome([item for page in self.items.values() for item in page], self.heights)
        found = items_to_blocks(items, self.heights, self.placers.keys())
        if self.shown:
            from pipeline.run.seen_cells import hold_against_pixels

            found = [hold_against_pixels(b, self.shown, self.rims) for b in found]
        places = {**self.placers, **self.turners}
        return [place_back(b, places) for b in found], title_of(items)

    def exchanged(self, page_no: int, items: Sequence[Item], shown: PagePrint, rim: PageRim) -> Parts:
        """Returns the parts with another reading of one page."""
        return replace(
            self,
            items={**self.items, page_no: items},
            shown={**self.shown, page_no: shown},
            rims={**self.rims, page_no: rim},
        )
