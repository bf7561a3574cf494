"""Pictures of PDF pages, as small PNG data addresses; a page that cannot be drawn has none."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DPI = 100
MAX_PIXELS = 4_000_000
_COLORS = 48


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn page: `data:image/png;base64,...`, and its size in points."""

    address: str
    width: float
    height: float


def draw_pages(path: Path, page_nos: list[int]) -> Iterator[tuple[int, Picture]]:
    """Yields `(page_no, picture)` for each page of a PDF that can be drawn.

    Args:
        path: the PDF; where it cannot be opened nothing is yielded.
        page_nos: pages wanted, from 1; those that do not exist are left out.
    """
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(path)
    except (pdfium.PdfiumError, OSError):
        return
    try:
        for page_no in page_nos:
            drawn = _draw(document, page_no)
            if drawn is not None:
                yield page_no, drawn
    finally:
        document.close()


def _draw(document: Any, page_no: int) -> Picture | None:
    """Returns one page, or None where it cannot be drawn."""
    import pypdfium2 as pdfium

    if not 1 <= page_no <= len(document):
        return None
    try:
        page = document[page_no - 1]
    except pdfium.PdfiumError:
        return None
    try:
        width, height = page.get_size()
        scale = min(DPI / 72, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
        if min(width, height) * scale < 1:
            return None
        image = page.render(scale=scale).to_pil()
    except pdfium.PdfiumError:
        return None
    finally:
        page.close()
    return Picture(image_to_address(image), width, height)


def image_to_address(image: Any) -> str:
    """Returns a PIL image as `data:image/png;base64,...`, in few colours: a page of text needs no more."""
    buffer = io.BytesIO()
    image.convert("RGB").quantize(_COLORS).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
