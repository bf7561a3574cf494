"""Digital PDF → pages of words and rulings, one at a time and in bounded memory."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.domain import BBox, Failure, Page
from pipeline.errors import DamagedError, DocumentError, EncryptedError, FileAccessError, NoPagesError, TooLargeError
from pipeline.intake import pdf_pdfium
from pipeline.intake.pdf_bounds import BUDGET, bound_pdfminer, laid_out, too_large_in
from pipeline.intake.pdf_chars import drop_doubles, glyphs_to_chars
from pipeline.intake.pdf_quality import judge_text
from pipeline.intake.pdf_rulings import Painted, is_white, paths_to_rulings
from pipeline.intake.pdf_turn import turn_of_page, upright_char, upright_ruling
from pipeline.intake.pdf_words import chars_to_words

OCR_ADVICE = "Read it by character recognition: this page is a picture, or its text layer is junk."
_DAMAGED_ADVICE = "Download the file again, or print it to a new PDF."
_FORGET_EVERY = 32
_HEAD_BYTES, _TAIL_BYTES = 1024, 1 << 20
_LINEARIZED = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d{1,15})\b")
_PICTURE_SHARE = 0.5
_OUTLINE_PATHS = 300
_FEW_CHARS = 12
_MAX_DEPTH = 12


def iter_pages(path: Path, config: Config, apart: Mapping[int, Failure | None] | None = None) -> Iterator[Page]:
    """Yields every page of a PDF; one that cannot be read carries its failure, the others go on.

    pdfplumber reads the pages; where it finds fewer of them than pdfium does, pdfium reads all of them.

    Args:
        path: the file.
        config: settings.
        apart: pages to be treated otherwise: left out with a failure, or (None) read by pdfium; 0 has pdfium read all.

    Raises:
        EncryptedError: a password is needed. NoPagesError: no pages. DamagedError: cut off or broken.
        TooLargeError: more pages than the limit. FileAccessError: the file cannot be opened.
    """
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    bound_pdfminer()
    check_complete(path)
    n_pdfium = pdf_pdfium.count_pages(path)
    try:
        document = _open(path, config) if 0 not in (apart or {}) else None
    except DamagedError:
        if not n_pdfium:
            raise
        document = None
    n_pages = max(n_pdfium or 0, len(document.pages) if document else 0)
    if n_pages == 0:
        _close(document)
        raise NoPagesError("The PDF has no pages.", _DAMAGED_ADVICE)
    if n_pages > config.limits.pdf_pages:
        _close(document)
        raise TooLargeError(f"The PDF has {n_pages} pages; the limit is {config.limits.pdf_pages}.", "Raise limits.pdf_pages.")
    if document is None or len(document.pages) < n_pages:
        _close(document)
        yield from pdf_pdfium.iter_pages(path, n_pages, config, apart)
        return
    try:
        for number in range(1, n_pages + 1):
            if apart and number in apart:
                yield next(pdf_pdfium.iter_pages(path, number, config, apart, number))
            else:
                yield _read_page(document, number, config)
    finally:
        _close(document)


def check_complete(path: Path) -> None:
    """Raises DamagedError where the file ends before its trailer, FileAccessError where it cannot be read.

    Servers and tape leave zeros, white space and pieces of web pages behind the end: they do no harm, unless objects stand
    there, which belong to a version of the document that did not arrive. A linearised file says how long it is.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
    except OSError as error:
        raise FileAccessError(f"The file cannot be opened: {error.strerror or error}.", "Check its permissions.") from error
    whole = _LINEARIZED.search(head)
    end = max(tail.rfind(b"%%EOF"), tail.rfind(b"startxref"))
    if end >= 0 and b" obj" not in tail[end:] and not (whole and int(whole[1]) > size):
        return
    raise DamagedError("The PDF is cut off: its end is missing.", _DAMAGED_ADVICE)


def _open(path: Path, config: Config) -> Any:
    """Opens a PDF with pdfplumber and finds its pages; every error of the library becomes one of ours."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect

    try:
        BUDGET.renew(config.limits)
        document = pdfplumber.open(path, password="", raise_unicode_errors=False)
        len(document.pages)
        return document
    except OSError as error:
        raise FileAccessError(f"The file cannot be opened: {error.strerror or error}.", "Check its permissions.") from error
    except Exception as error:  # whatever a broken file makes the library raise
        if (too_large := too_large_in(error)) is not None:
            raise too_large from error
        causes = (error, *error.args)
        if any(isinstance(c, PDFPasswordIncorrect | PDFEncryptionError) for c in causes):
            raise EncryptedError("The PDF is encrypted and needs a password.", "Save it without a password.") from error
        raise DamagedError("The structure of the PDF is broken.", _DAMAGED_ADVICE) from error


def _close(document: Any) -> None:
    if document is not None:
        document.close()


def _read_page(document: Any, number: int, config: Config) -> Page:
    """Reads one page and lets the library forget it."""
    page = document.pages[number - 1]
    width, height = 0.0, 0.0
    BUDGET.renew(config.limits)
    try:
        box, crop = _boxes(page)
        width, height = crop.width, crop.height
        return _layout_to_page(laid_out(page), box, crop, number, config)
    except DocumentError as error:
        return Page(number, width, height, failure=Failure(error.failure_class, error.message, error.advice))
    except Exception as error:  # a broken page must not take the others with it
        name = type(error).__name__
        if (too_large := too_large_in(error)) is not None:
            return Page(number, width, height, failure=Failure("too_large", too_large.message, too_large.advice))
        return Page(number, width, height, failure=Failure("damaged", f"The page is broken ({name}).", _DAMAGED_ADVICE))
    finally:
        page.close()
        if hasattr(page, "_layout"):
            del page._layout
        if number % _FORGET_EVERY == 0:
            document.doc._cached_objs.clear()


def _boxes(page: Any) -> tuple[BBox, BBox]:
    """Returns media box and visible part after rotation, origin top left of the media box, in points."""
    mx0, my0, mx1, my1 = _sorted_box(page.page_obj.mediabox)
    cx0, cy0, cx1, cy1 = _sorted_box(page.page_obj.cropbox)
    cx0, cy0, cx1, cy1 = max(mx0, cx0), max(my0, cy0), min(mx1, cx1), min(my1, cy1)
    if cx0 >= cx1 or cy0 >= cy1:
        cx0, cy0, cx1, cy1 = mx0, my0, mx1, my1
    left, right, low, high = cx0 - mx0, mx1 - cx1, cy0 - my0, my1 - cy1
    width, height = mx1 - mx0, my1 - my0
    turns = int(page.page_obj.rotate) // 90 % 4
    for _ in range(turns):
        left, high, right, low = low, left, high, right
        width, height = height, width
    return BBox(0, 0, width, height), BBox(left, high, width - right, height - low)


def _sorted_box(box: Any) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(v) for v in box)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _layout_to_page(layout: Any, box: BBox, crop: BBox, number: int, config: Config) -> Page:
    glyphs: list[Any] = []
    paths: list[Any] = []
    pictures: list[Any] = []
    _collect(layout, glyphs, paths, pictures, 0)
    share = _largest_share(pictures, crop, box.height)
    reason = judge_layer([g._text for g in glyphs], share, len(paths), config.pdf.junk_share)
    if reason:
        return Page(number, crop.width, crop.height, picture_share=share, failure=Failure("needs_ocr", reason, OCR_ADVICE))
    chars = drop_doubles(list(glyphs_to_chars(glyphs, crop, box.height)))
    painted = (_painted(p, crop, box.height) for p in paths)
    rulings = paths_to_rulings(painted, BBox(0, 0, crop.width, crop.height), number, config.pdf)
    width, height, turn = crop.width, crop.height, turn_of_page(chars)
    if turn:
        chars = [upright_char(c, turn, width, height) for c in chars]
        rulings = [upright_ruling(r, turn, width, height) for r in rulings]
        width, height = (height, width) if turn != 180 else (width, height)
    words = chars_to_words(chars, rulings, number, config.pdf)
    return Page(number, width, height, tuple(words), tuple(rulings), share, turn_deg=turn)


def judge_layer(texts: list[str], picture_share: float, n_paths: int, junk_share: float) -> str | None:
    """Returns why a page needs character recognition, or None."""
    n_chars = sum(1 for t in texts if not t.isspace())
    if n_chars < _FEW_CHARS and picture_share >= _PICTURE_SHARE:
        return "The page is a picture without text."
    if n_chars < _FEW_CHARS and n_paths > _OUTLINE_PATHS:
        return "The text of the page is drawn as outlines."
    junk = judge_text(texts, junk_share)
    return f"The text layer is junk: {junk}." if junk else None


def _collect(container: Any, glyphs: list[Any], paths: list[Any], pictures: list[Any], depth: int) -> None:
    """Sorts the objects of a pdfminer layout, forms included, by kind."""
    from pdfminer.layout import LTChar, LTCurve, LTFigure, LTImage

    for item in container:
        if isinstance(item, LTChar):
            glyphs.append(item)
        elif isinstance(item, LTCurve):
            paths.append(item)
        elif isinstance(item, LTImage):
            pictures.append(item)
        elif isinstance(item, LTFigure) and depth < _MAX_DEPTH:
            _collect(item, glyphs, paths, pictures, depth + 1)


def _largest_share(pictures: list[Any], crop: BBox, height: float) -> float:
    """Returns the share of the visible page that its largest picture covers."""
    area = max(crop.width * crop.height, 1.0)
    shares = [0.0]
    for p in pictures:
        width = min(p.x1, crop.x1) - max(p.x0, crop.x0)
        tall = min(height - p.y0, crop.bottom) - max(height - p.y1, crop.top)
        shares.append(max(0.0, width) * max(0.0, tall) / area)
    return min(1.0, max(shares))


def _painted(path: Any, crop: BBox, height: float) -> Painted:
    corners = [(x - crop.x0, height - y - crop.top) for x, y in path.pts]
    straight = not any(op[0] in "cvy" for op in path.original_path or ())
    closed = type(path).__name__ == "LTRect" or bool(path.original_path and path.original_path[-1][0] == "h")
    if closed and corners and corners[0] != corners[-1]:
        corners.append(corners[0])
    stroked = bool(path.stroke) and not is_white(path.stroking_color)
    return Painted(corners, straight, stroked, bool(path.fill) and not is_white(path.non_stroking_color))
