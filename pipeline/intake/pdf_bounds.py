"""Bounds for what pdfminer (under pdfplumber and camelot) believes of a file.

pdfminer takes the numbers of a PDF at their word: a stream that grows a thousandfold is inflated whole, a font whose widths
go to 2^31 gets as many entries in a dictionary, objects that refer to one another in a ring are followed for ever. The
places where that happens are few; each is replaced here by one that stops. What stops raises TooLargeError.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from pipeline.config import Limits
from pipeline.errors import DamagedError, TooLargeError

_ADVICE = "Print it to a new PDF, or raise limits."
_CHUNK = 1 << 20
# A font has at most 65,536 glyphs by its format; maps of its codes are a little larger at most.
_MOST_CODES = 200_000
_LONGEST_CHAIN = 100


class Budget:
    """What one page may still use; `renew` before each page and before a file is opened.

    Attributes:
        limits: of the configuration.
        bytes_left: bytes to which streams may still grow; `operators_left` and `chars_left` likewise.
        lost: a stream was broken and gave nothing.
    """

    def __init__(self) -> None:
        self.renew(Limits())

    def renew(self, limits: Limits) -> None:
        """Begins a new page."""
        self.limits = limits
        self.bytes_left = limits.page_stream_bytes
        self.operators_left = limits.page_operators
        self.chars_left = limits.page_chars
        self.lost = False

    def spend_bytes(self, count: int) -> None:
        """Counts bytes of a decoded stream."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            most = self.limits.page_stream_bytes
            raise TooLargeError(f"What the page is drawn from grows to more than {most} bytes.", f"{_ADVICE}page_stream_bytes.")

    def spend_operator(self) -> None:
        """Counts one drawing operator."""
        self.operators_left -= 1
        if self.operators_left < 0:
            most = self.limits.page_operators
            raise TooLargeError(f"The page is drawn in more than {most} steps.", f"{_ADVICE}page_operators.")

    def spend_char(self) -> None:
        """Counts one character."""
        self.chars_left -= 1
        if self.chars_left < 0:
            most = self.limits.page_chars
            raise TooLargeError(f"The page has more than {most} characters.", f"{_ADVICE}page_chars.")


BUDGET = Budget()
"""Of the page that is being read; a process reads one at a time."""

_done: list[bool] = []


def bound_pdfminer() -> None:
    """Replaces, once in a process, what has no bounds in pdfminer."""
    if _done:
        return
    _done.append(True)
    from pdfminer import pdffont, pdfinterp, pdftypes, psparser

    _silence(psparser)
    _bound_streams(pdftypes)
    _bound_references(pdftypes.PDFObjRef)
    _bound_fonts(pdffont)
    _count_operators(pdfinterp)


def laid_out(page: Any) -> Any:
    """Returns the layout of a page of pdfplumber, as `page.layout` does, with its characters counted while they come."""
    from pdfminer.pdfinterp import PDFPageInterpreter
    from pdfplumber.page import PDFPageAggregatorWithMarkedContent

    class Device(PDFPageAggregatorWithMarkedContent):
        def render_char(self, *args: Any, **kwargs: Any) -> float:
            BUDGET.spend_char()
            return float(super().render_char(*args, **kwargs))

    device = Device(page.pdf.rsrcmgr, pageno=page.page_number, laparams=page.pdf.laparams)
    PDFPageInterpreter(page.pdf.rsrcmgr, device).process_page(page.page_obj)
    page._layout = device.get_result()
    if BUDGET.lost:
        raise DamagedError(
            "A part of what the page is drawn from is broken.", "Download the file again, or print it to a new PDF."
        )
    return page._layout


def too_large_in(error: BaseException) -> TooLargeError | None:
    """Returns the TooLargeError inside an error of the libraries, which wrap what they catch."""
    seen: list[BaseException | None] = [error, error.__cause__, error.__context__, *error.args]
    return next((e for e in seen if isinstance(e, TooLargeError)), None)


def _bound_streams(pdftypes: Any) -> None:
    """Counts what every filter that can grow makes, before it has made it."""
    run_length = pdftypes.rldecode

    def run_length_bounded(data: bytes) -> bytes:
        BUDGET.spend_bytes(_run_length_size(data))
        return bytes(run_length(data))

    pdftypes.zlib = SimpleNamespace(decompress=_inflate, decompressobj=zlib.decompressobj, error=zlib.error)
    pdftypes.lzwdecode, pdftypes.rldecode = _expand_lzw, run_length_bounded
    pdftypes.decompress_corrupted = _inflate_broken


def _inflate(data: bytes) -> bytes:
    """Inflates a stream (RFC 1950) piece by piece; raises zlib.error for one that is broken or ends early."""
    before = BUDGET.bytes_left
    out, whole = _inflated(data)
    if not whole:
        BUDGET.bytes_left = before  # the second way, for broken streams, counts them again
        raise zlib.error("the stream ends early")
    return out


def _inflate_broken(data: bytes) -> bytes:
    """Returns what a stream without its end or with a wrong checksum holds; raises zlib.error for a fault before that.

    pdfminer takes such a stream for an empty one, so that its print would be missing in silence: it is noted.
    """
    try:
        return _inflated(data[:-4])[0]
    except zlib.error:
        BUDGET.lost = True
        raise


def _inflated(data: bytes) -> tuple[bytes, bool]:
    """Returns to what data grows, and whether its end was there."""
    machine = zlib.decompressobj()
    parts: list[bytes] = []
    rest = data
    while rest and not machine.eof:
        part = machine.decompress(rest, _CHUNK)
        BUDGET.spend_bytes(len(part))
        parts.append(part)
        rest = machine.unconsumed_tail
    return b"".join(parts), machine.eof


def _expand_lzw(data: bytes) -> bytes:
    from pdfminer.lzw import LZWDecoder

    parts: list[bytes] = []
    for part in LZWDecoder(BytesIO(data)).run():
        BUDGET.spend_bytes(len(part))
        parts.append(part)
    return b"".join(parts)


def _run_length_size(data: bytes) -> int:
    """Returns to how many bytes run-length data grows."""
    at, size = 0, 0
    while at < len(data) and data[at] != 128:
        size += data[at] + 1 if data[at] < 128 else 257 - data[at]
        at += data[at] + 2 if data[at] < 128 else 2
    return size


def _bound_references(reference: Any) -> None:
    """Ends chains of references that come back to themselves, with nothing at their end."""
    resolve = reference.resolve

    def bounded(self: Any, default: object = None) -> Any:
        value = resolve(self, default)
        for _ in range(_LONGEST_CHAIN):
            if not isinstance(value, reference):
                return value
            value = resolve(value, default)
        return default

    reference.resolve = bounded


def _bound_fonts(pdffont: Any) -> None:
    """Refuses maps of more codes than a font can have."""
    get_widths, get_widths2 = pdffont.get_widths, pdffont.get_widths2

    def widths(seq: Iterable[object]) -> Any:
        known = list(seq)
        _require_codes(known, 3)
        return get_widths(known)

    def widths2(seq: Iterable[object]) -> Any:
        known = list(seq)
        _require_codes(known, 5)
        return get_widths2(known)

    class FileUnicodeMap(pdffont.FileUnicodeMap):  # type: ignore[misc]
        def add_cid2unichr(self, cid: int, code: Any) -> None:
            if len(self.cid2unichr) > _MOST_CODES:
                raise _too_many_codes()
            super().add_cid2unichr(cid, code)

    pdffont.get_widths, pdffont.get_widths2, pdffont.FileUnicodeMap = widths, widths2, FileUnicodeMap


def _require_codes(seq: list[object], size: int) -> None:
    """Raises where runs `first last width ...` of a /W or /W2 array cover more codes than a font has."""
    from pdfminer.pdftypes import resolve1

    run: list[float] = []
    total = 0
    for item in seq:
        value = resolve1(item)
        if isinstance(value, list):
            run = []
        elif isinstance(value, int | float):
            run.append(value)
            if len(run) == size:
                total += max(0, int(run[1]) - int(run[0]))
                run = []
        if total > _MOST_CODES:
            raise _too_many_codes()


def _too_many_codes() -> TooLargeError:
    return TooLargeError(f"A font of the page has more than {_MOST_CODES} codes, which no font has.", "Print it to a new PDF.")


def _silence(psparser: Any) -> None:
    """Drops what pdfminer tells of every token: to ask each time whether anybody listens is a twelfth of reading a page."""
    psparser.log.debug = lambda *args, **kwargs: None


def _count_operators(pdfinterp: Any) -> None:
    """Counts the operators of all content, forms within forms included."""

    class PDFContentParser(pdfinterp.PDFContentParser):  # type: ignore[misc]
        def do_keyword(self, pos: int, token: Any) -> None:
            BUDGET.spend_operator()
            super().do_keyword(pos, token)

    pdfinterp.PDFContentParser = PDFContentParser
