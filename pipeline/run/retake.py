"""A scanned page that can be read again with other rulings: what was read once is not read a second time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.config import Config
from pipeline.domain import BBox, Ruling, Word
from pipeline.grid.figure_grid import FigureGrid, figure_grids
from pipeline.grid.page import order_items, page_to_pieces
from pipeline.grid.stitch import Item
from pipeline.layout.ink import Ink, find_ink
from pipeline.ocr.engine import LineReading, load_engine
from pipeline.ocr.recalled import Crop, Once, Recalled, crop_key, recalled
from pipeline.raster import Gray, Raster, Sheet
from pipeline.run.scan import (
    ScannedPage,
    cleaned,
    lay_out,
    look_at_raster,
    read_seen,
    with_labels,
    with_second_reader,
)

_ON_PT = 6.0
_FEW_LINES = 12
_REASONS = {
    "figures": "its lines left doubt; it is parted as its figures stand, along its lines where they are left",
    "words": "its lines left doubt; its words alone were aligned",
}


@dataclass(slots=True, eq=False)
class Retake:
    """One page of a document, with all that it takes to read it otherwise.

    Attributes:
        rulings: that were found, in points of the straightened page.
        known: what all readers say of each crop that was read.
        words: of the first reading, in points of the straightened page.
        lying: what was read of print lying on its side.
    """

    sheet: Sheet
    mask: Gray
    rulings: tuple[Ruling, ...]
    raster: Raster
    page_dpi: float | None
    config: Config
    known: dict[Crop, LineReading]
    words: tuple[Word, ...] = ()
    lying: Recalled = field(default_factory=Recalled)
    _bare: ScannedPage | None = field(default=None, init=False)
    _ink: Ink | None = field(default=None, init=False)

    def bare(self) -> ScannedPage:
        """The page as if no ruling were drawn: each run of print for itself."""
        if self._bare is None:
            self._bare = self.read(())
        return self._bare

    def grids(self, counts: Collection[int]) -> list[FigureGrid]:
        """The tables of the page as their figures show them; `counts` are numbers of columns to be expected."""
        return figure_grids(self.bare().page.words, self.rulings, self.sheet.page_no, counts)

    def without(self, boxes: Sequence[BBox]) -> tuple[Ruling, ...]:
        """The rulings that were found, without those in `boxes`."""
        return tuple(r for r in self.rulings if not any(_lies_on(r, box) for box in boxes))

    def read(self, rulings: Sequence[Ruling]) -> ScannedPage:
        """Reads the page as if it had these rulings."""
        if self._ink is None:
            self._ink = find_ink(self.sheet.gray, self.mask, self.sheet.dpi)
        seen = lay_out(self.sheet, self.mask, self._ink, rulings, self.config)
        # Labels as the first look joins them: without them columns lose their names.
        turner = Once(load_engine(self.config.ocr), self.lying)
        seen = with_labels(seen, self._read(seen.crops), turner, self._read)
        scanned = read_seen(seen, seen.readings, self.raster, self.config, self.page_dpi)
        # What closes a cell is what is drawn.
        return replace(scanned, rim=replace(scanned.rim, rulings=self.rulings))

    def items(self, scanned: ScannedPage, grids: Sequence[FigureGrid], method: str) -> list[Item]:
        """Returns the tables and texts of a page in reading order.

        Args:
            scanned: the page as it was read again.
            grids: the tables in doubt: what stands in their place says why it was chosen.
            method: `figures` where the rulings of these grids were drawn; `words` where there are none.
        """
        named = []
        for piece in page_to_pieces(scanned.page, self.config.pdf):
            if any(_same_place(piece.bbox, g.bbox) for g in grids):
                drawn = method == "figures" and piece.reading == "rulings"
                piece = replace(piece, reading="figures" if drawn else piece.reading, reason=_REASONS[method])
            named.append(piece)
        return order_items(scanned.page, named)

    def _read(self, crops: Sequence[Gray]) -> list[LineReading]:
        engine = load_engine(self.config.ocr)
        return recalled(self.known, crops, lambda fresh: with_second_reader(engine.read(fresh), fresh, self.config))


def take(raster: Raster, config: Config, page_dpi: float | None = None) -> tuple[ScannedPage, Retake | None]:
    """Reads one picture of a page, as `read_raster` does, and keeps what it takes to read it otherwise.

    Returns:
        The page, and its retake; None where so little is printed on it that no table is.
    """
    raster = cleaned(raster)
    lying = Recalled()
    seen = look_at_raster(raster, config, lying)
    joined = with_second_reader(seen.readings, seen.crops, config)
    scanned = read_seen(seen, joined, raster, config, page_dpi)
    if len(seen.lines) < _FEW_LINES:
        return scanned, None
    known = dict(zip(map(crop_key, seen.crops), joined, strict=True))
    kept = raster if seen.sheet.seal is not None else _blank(raster)
    return scanned, Retake(seen.sheet, seen.mask, seen.rulings, kept, page_dpi, config, known, scanned.page.words, lying)


def _blank(raster: Raster) -> Raster:
    """A picture of the same size that takes no room: its pixels are asked for only where a seal lies on the page."""
    return replace(raster, pixels=np.broadcast_to(np.uint8(255), raster.pixels.shape), covered=None)


def _lies_on(ruling: Ruling, box: BBox) -> bool:
    x, y = (ruling.x0 + ruling.x1) / 2, (ruling.top + ruling.bottom) / 2
    return box.x0 - _ON_PT <= x <= box.x1 + _ON_PT and box.top - _ON_PT <= y <= box.bottom + _ON_PT


def _same_place(a: BBox, b: BBox) -> bool:
    (x, y), (u, v) = a.center, b.center
    return b.x0 <= x <= b.x1 and b.top <= y <= b.bottom and a.x0 <= u <= a.x1 and a.top <= v <= a.bottom
