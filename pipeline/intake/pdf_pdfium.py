"""The second reader of PDF pages: pdfium, for files in which pdfplumber finds fewer pages.

pdfium must never be called from two threads; here it runs in the caller's one.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.domain import BBox, Failure, Page
from pipeline.errors import DamagedError, TooLargeError
from pipeline.intake.pdf_chars import Char, drop_doubles, plain_text, turn_of
from pipeline.intake.pdf_quality import judge_text
from pipeline.intake.pdf_rulings import Painted, paths_to_rulings
from pipeline.intake.pdf_words import chars_to_words

_ADVICE = "Download the file again, or print it to a new PDF."
_SEGMENT_CURVE, _SEGMENT_MOVE = 1, 2


def count_pages(path: Path) -> int | None:
    """Returns the number of pages that pdfium sees, or None where it cannot open the file.

    Its error code says nothing for certain: a failure without a code shows that of the file before.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return None
    try:
        return len(document)
    finally:
        document.close()


def iter_pages(
    path: Path, n_pages: int, config: Config, apart: Mapping[int, Failure | None] | None = None, first: int = 1
) -> Iterator[Page]:
    """Yields the pages from `first` on as pdfium reads them; one that cannot be read carries its failure.

    Pages that have a failure in `apart` are left out with it.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise DamagedError("The structure of the PDF is broken.", _ADVICE) from error
    try:
        for number in range(first, n_pages + 1):
            left_out = (apart or {}).get(number)
            if left_out is not None:
                yield Page(number, 0.0, 0.0, failure=left_out)
                continue
            try:
                yield _read_page(document, number, config)
            except TooLargeError as error:
                yield Page(number, 0.0, 0.0, failure=Failure(error.failure_class, error.message, error.advice))
            except (pypdfium2.PdfiumError, ValueError, IndexError) as error:
                name = type(error).__name__
                yield Page(number, 0.0, 0.0, failure=Failure("damaged", f"The page is broken ({name}).", _ADVICE))
    finally:
        document.close()


def _read_page(document: Any, number: int, config: Config) -> Page:
    page = document[number - 1]
    try:
        to_page = _Turn(page)
        chars = list(_chars(page, to_page, config.limits.page_chars))
        reason = judge_text([c.text for c in chars], config.pdf.junk_share)
        if not chars and any(o.type == 3 for o in page.get_objects(max_depth=2)):
            reason = "it is a picture"
        if reason:
            failure = Failure("needs_ocr", f"The page has no usable text: {reason}.", "Read it by character recognition.")
            return Page(number, to_page.width, to_page.height, failure=failure)
        box = BBox(0, 0, to_page.width, to_page.height)
        rulings = paths_to_rulings(_paths(page, to_page), box, number, config.pdf)
        words = chars_to_words(drop_doubles(chars), rulings, number, config.pdf)
        return Page(number, to_page.width, to_page.height, tuple(words), tuple(rulings))
    finally:
        page.close()


class _Turn:
    """Maps user space (y up, before rotation) to the visible page (origin top left, y down)."""

    def __init__(self, page: Any) -> None:
        self.x0, self.y0, self.x1, self.y1 = page.get_bbox()
        self.rotation = page.get_rotation()
        self.width, self.height = page.get_size()

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Returns the place of a point in points from the top left."""
        if self.rotation == 90:
            return y - self.y0, x - self.x0
        if self.rotation == 180:
            return self.x1 - x, y - self.y0
        if self.rotation == 270:
            return self.y1 - y, self.x1 - x
        return x - self.x0, self.y1 - y


def _chars(page: Any, to_page: _Turn, limit: int) -> Iterator[Char]:
    from pypdfium2 import raw

    text = page.get_textpage()
    box, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    count = text.count_chars()
    if count > limit:
        raise TooLargeError(f"The page has more than {limit} characters.", "Print it to a new PDF, or raise limits.page_chars.")
    for i in range(count):
        char = chr(raw.FPDFText_GetUnicode(text, i))
        if raw.FPDFText_IsGenerated(text, i) == 1 or not raw.FPDFText_GetLooseCharBox(text, i, box):
            continue
        raw.FPDFText_GetMatrix(text, i, matrix)
        angle = math.radians(-to_page.rotation)
        a = matrix.a * math.cos(angle) - matrix.b * math.sin(angle)
        b = matrix.a * math.sin(angle) + matrix.b * math.cos(angle)
        turn = turn_of(a, b)
        if turn is None:
            continue
        (ax, ay), (bx, by) = to_page.point(box.left, box.top), to_page.point(box.right, box.bottom)
        yield Char(plain_text(char), min(ax, bx), min(ay, by), max(ax, bx), max(ay, by), turn)


def _paths(page: Any, to_page: _Turn) -> Iterator[Painted]:
    """Yields the painted paths of the page's own content, without those within forms."""
    from pypdfium2 import raw

    for item in page.get_objects(filter=(raw.FPDF_PAGEOBJ_PATH,), max_depth=1):
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(item, fill, stroke)
        filled = bool(fill.value) and not _is_white(item, raw.FPDFPageObj_GetFillColor)
        stroked = bool(stroke.value) and not _is_white(item, raw.FPDFPageObj_GetStrokeColor)
        for corners, straight in _subpaths(item, to_page):
            yield Painted(corners, straight, stroked, filled)


def _is_white(item: Any, getter: Any) -> bool:
    channels = [ctypes.c_uint() for _ in range(4)]
    return bool(getter(item, *channels)) and all(c.value >= 250 for c in channels[:3])


def _subpaths(item: Any, to_page: _Turn) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    from pypdfium2 import raw

    matrix = item.get_matrix()
    corners: list[tuple[float, float]] = []
    straight = True
    x, y = ctypes.c_float(), ctypes.c_float()
    for i in range(raw.FPDFPath_CountSegments(item)):
        segment = raw.FPDFPath_GetPathSegment(item, i)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == _SEGMENT_MOVE and corners:
            yield corners, straight
            corners, straight = [], True
        corners.append(to_page.point(*matrix.on_point(x.value, y.value)))
        straight = straight and kind != _SEGMENT_CURVE
        if raw.FPDFPathSegment_GetClose(segment):
            corners.append(corners[0])
    if corners:
        yield corners, straight
