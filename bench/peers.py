"""Readers side by side on one file: how many cells of its truth each gives, and how long it takes."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bench.picture import Picture
from bench.rowwise import Json, PrintedRow, exact_cells, grid_rows, group_rows
from bench.score import score_document

NOT_INSTALLED = "not installed"


@dataclass(frozen=True)
class Measured:
    """One reader on one file: cells exact, seconds by the clock and of all its threads; `exact` None where it is not there."""

    exact: int | None
    seconds: float
    busy: float
    note: str = ""
    silent: int = 0


def _now() -> tuple[float, float]:
    """Returns the clock, and the seconds that all threads of this process have worked."""
    return time.perf_counter(), time.process_time()


def _since(start: tuple[float, float]) -> tuple[float, float]:
    clock, busy = _now()
    return clock - start[0], busy - start[1]


def read_with_gouji(path: Path, truth: Json) -> Measured:
    from pipeline.store.contract import result_to_matrices

    start = _now()
    result = read(path)
    seconds, busy = _since(start)
    document = result_to_matrices(result)
    wanted = {**document, "matrices": [m for m in document["matrices"] if m["table"] in truth["tables"]]}
    tally = score_document(wanted, truth).tally
    return Measured(tally.exact, seconds, busy, silent=tally.silent)


def read(path: Path) -> Any:
    from pipeline.config import DEFAULT
    from pipeline.run.document import process

    return process(path, path.name, DEFAULT)


def read_with_paddle(path: Path, truth: Json) -> Measured:
    if importlib.util.find_spec("paddleocr") is None:
        return Measured(None, 0.0, 0.0, NOT_INSTALLED)
    start = _now()
    rows = [row for page in _paddle_pages(path) for row in page]
    return Measured(exact_cells(rows, truth), *_since(start))


def paddle_seconds(paths: Sequence[Path]) -> tuple[float, float]:
    """Returns the seconds that PaddleOCR takes for files, one after the other, by the clock and of all its threads; 0 where
    it is not installed.
    """
    if importlib.util.find_spec("paddleocr") is None:
        return 0.0, 0.0
    start = _now()
    for path in paths:
        for _ in _paddle_pages(path):
            pass
    return _since(start)


def _paddle_pages(path: Path) -> Iterator[list[PrintedRow]]:
    import pypdfium2

    from pipeline.config import DEFAULT
    from pipeline.intake.raster_pdf import iter_pdf_rasters
    from pipeline.ocr.paddle import read_page_with_paddleocr

    document = pypdfium2.PdfDocument(path)
    numbers = range(1, len(document) + 1)
    document.close()
    for raster in iter_pdf_rasters(path, numbers, DEFAULT):
        yield group_rows([(text, box) for text, box, _ in read_page_with_paddleocr(raster.pixels)])


def read_with_img2table(picture: Picture, truth: Json) -> Measured:
    if importlib.util.find_spec("img2table") is None:
        return Measured(None, 0.0, 0.0, NOT_INSTALLED)
    from img2table.document import Image  # type: ignore[import-not-found]

    data, recogniser = picture.encode("png"), _rapidocr()
    start = _now()
    try:
        tables = Image(src=data).extract_tables(ocr=recogniser, implicit_rows=False, borderless_tables=False)
    except Exception as error:  # a peer that fails on a page has read nothing of it
        return Measured(0, *_since(start), type(error).__name__)
    spent = _since(start)
    rows = [row for t in tables for row in grid_rows([[c.value or "" for c in cells] for cells in t.content.values()])]
    return Measured(exact_cells(rows, truth), *spent)


@cache
def _rapidocr() -> Any:
    from img2table.ocr import RapidOCR  # type: ignore[import-not-found]

    return RapidOCR()
