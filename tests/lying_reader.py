"""A committed scan that can be painted on, and readers that misread chosen figures for sure; readings are kept between runs."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.config import DEFAULT, Config, Ocr, Scan
from pipeline.domain import BBox, Candidate, DocumentResult, MatrixCell
from pipeline.intake.raster_pdf import rasterise_page
from pipeline.layout.straighten import Levelled, level_page, to_sheet
from pipeline.ocr.engine import LineReading, load_engine
from pipeline.ocr.figures import load_figure_reader
from pipeline.raster import Gray, Raster, Rgb, Sheet
from pipeline.run import scan
from pipeline.run.document import process
from pipeline.run.scan import SeenPage

SCAN = Path(__file__).resolve().parents[1] / "fixtures" / "scans" / "office-150.pdf"
TRUTH = json.loads(SCAN.with_suffix(".truth.json").read_text(encoding="utf8"))["tables"]
DPI = 150
SURE = math.log(0.99999)
Place = tuple[str, str, str]
_KNOWN: dict[tuple[str, bytes], Any] = {}
_LEVELLED: dict[bytes, Levelled] = {}
_SHEETS: dict[tuple[bytes, bool], Sheet] = {}
_FOUND: dict[tuple[bytes, bool, Config, Any], SeenPage] = {}


class Lying:
    """A reader that says what another one says, but for `lies`: text as printed → text as read, with great certainty."""

    def __init__(self, reader: Any, name: str, lies: Mapping[str, str]) -> None:
        self._reader, self.name, self._lies = reader, name, lies

    def read(self, crops: Sequence[Gray]) -> list[Any]:
        """Reads crops; each is read once in all tests."""
        return [self._told(found) for found in _remembered(self.name, crops, self._reader.read)]

    def glance(self, crops: Sequence[Gray]) -> list[Any]:
        """Reads crops cheaply, as the reader itself does: nobody lies about how a page stands."""
        return _remembered(f"{self.name}, cheaply", crops, self._reader.glance)

    def _told(self, reading: Any) -> Any:
        if isinstance(reading, LineReading):
            lie = self._lies.get(reading.text)
            sure = (Candidate(lie, SURE),) if lie is not None else ()
            return replace(reading, candidates=sure, numeric=sure) if sure else reading
        lie = self._lies.get(reading[0].text) if reading else None
        return reading if lie is None else (Candidate(lie, SURE),)


def _remembered(name: str, crops: Sequence[Gray], read: Callable[[Sequence[Gray]], Sequence[Any]]) -> list[Any]:
    keys = [(name, hashlib.sha256(repr(c.shape).encode() + c.tobytes()).digest()) for c in crops]
    new = {key: crop for key, crop in zip(keys, crops, strict=True) if key not in _KNOWN}
    _KNOWN.update(zip(new, read(list(new.values())), strict=True))
    return [_KNOWN[key] for key in keys]


def lie(patch: pytest.MonkeyPatch, first: Mapping[str, str], second: Mapping[str, str] | None = None) -> None:
    """Has the first reader misread figures, and the second one (alike where it is not given)."""

    def engine(ocr: Ocr) -> Lying:
        return Lying(load_engine(ocr), "lines", first)

    def figures(ocr: Ocr) -> Lying:
        return Lying(load_figure_reader(ocr), "figures", first if second is None else second)

    patch.setattr("pipeline.run.scan.load_engine", engine)
    patch.setattr("pipeline.run.retake.load_engine", engine)
    patch.setattr("pipeline.run.scan.load_figure_reader", figures)


def read_once(patch: pytest.MonkeyPatch) -> None:
    """Has each crop and each page read once in all tests that ask for this: their subject is what comes before and after."""
    lie(patch, {})
    find_print_once(patch)


def find_print_once(patch: pytest.MonkeyPatch) -> None:
    """Has the print of a page found once in all tests that read the scan as it is: what its readers say changes nothing of it."""
    seen: dict[int, Any] = {}

    def level(raster: Raster, config: Scan) -> Levelled:
        # Whether a table gets a second grid is asked when all this is done.
        parts = (raster.page_no, raster.pixels.shape, raster.dpi, replace(config, second_grid=True), raster.covered is None)
        covered = b"" if raster.covered is None else raster.covered.tobytes()
        key = hashlib.sha256(repr(parts).encode() + raster.pixels.tobytes() + covered).digest()
        if key not in _LEVELLED:
            _LEVELLED[key] = level_page(raster, config)
        seen[id(_LEVELLED[key])] = key
        return _LEVELLED[key]

    def sheet(page: Levelled, config: Scan, is_upside_down: bool = False) -> Sheet:
        key = seen[id(page)], is_upside_down
        if key not in _SHEETS:
            _SHEETS[key] = to_sheet(page, config, is_upside_down)
        seen[id(_SHEETS[key])] = key
        return _SHEETS[key]

    def find(page: Sheet, page_no: int, config: Config) -> SeenPage:
        # With other rulings another print.
        key = *seen[id(page)], replace(config, scan=replace(config.scan, second_grid=True)), scan.find_rulings
        if key not in _FOUND:
            _FOUND[key] = find_print(page, page_no, config)
        return _FOUND[key]

    find_print = scan._find_print
    patch.setattr(scan, "level_page", level)
    patch.setattr(scan, "to_sheet", sheet)
    patch.setattr(scan, "_find_print", find)


@cache
def pixels() -> Rgb:
    """The second page of the scan as pixels."""
    return rasterise_page(SCAN, 2, DEFAULT).pixels


@cache
def boxes() -> Mapping[Place, BBox]:
    """Where the cells of its second page lie, in pixels."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        result = read_painted(patch, Path(folder), lambda picture: None)
    scale = DPI / 72
    return {
        place: BBox(*(side * scale for side in (box.x0, box.top, box.x1, box.bottom)))
        for place, cell in cells_of(result).items()
        if (box := cell.bbox) is not None
    }


def cells_of(result: DocumentResult) -> dict[Place, MatrixCell]:
    """All cells of a document."""
    return {
        (m.table, r.key, c.key): cell
        for m in result.matrices
        for r, line in zip(m.rows, m.cells, strict=True)
        for c, cell in zip(m.columns, line, strict=True)
    }


def printed(place: Place) -> int | None:
    """What the scan shows in a cell."""
    table = TRUTH[place[0]]
    value: int | None = table["values"][table["rows"].index(place[1])][table["columns"].index(place[2])]
    return value


def silent(result: DocumentResult, changed: Mapping[Place, int | None] | None = None) -> list[tuple[Place, object]]:
    """Cells without a flag that say something else than what is printed; `changed` is what was printed otherwise."""
    truth = changed or {}
    return [
        (place, cell.value)
        for place, cell in cells_of(result).items()
        if not cell.review and cell.value != (truth[place] if place in truth else printed(place))
    ]


def read_as(patch: pytest.MonkeyPatch, first: Mapping[str, str], second: Mapping[str, str] | None = None) -> DocumentResult:
    """Reads the scan with readers that lie."""
    lie(patch, first, second)
    find_print_once(patch)
    return process(SCAN, SCAN.name)


def read_painted(
    patch: pytest.MonkeyPatch, folder: Path, paint: Callable[[Rgb], None], lies: Mapping[str, str] | None = None
) -> DocumentResult:
    """Reads the second page of the scan after something was painted on it."""
    lie(patch, lies or {})
    picture = np.array(pixels())
    paint(picture)
    path = folder / "painted.png"
    Image.fromarray(picture).save(path, dpi=(DPI, DPI), compress_level=1)
    return process(path, path.name)
