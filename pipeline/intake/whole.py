"""Whether all pixels of a picture arrived: a table cut off in a picture that ends early would look whole.

Decoders fill what is missing with black or white and say nothing; so what is declared is counted here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.errors import DamagedError

_CHUNK = 1 << 20
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: the first column and row of each pass, and the steps between its columns and rows (PNG, 8.2).
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_AGAIN = "Scan or photograph the page again, or fetch the file again."
_JPEG_END, _JPEG_TAIL = b"\xff\xd9", 4096


def require_whole_png(path: Path) -> None:
    """Raises DamagedError where a PNG has fewer pixels than it declares, or a wrong checksum in them."""
    with path.open("rb") as file:
        file.seek(8)
        needed, had = 0, 0
        machine = zlib.decompressobj()
        for kind, body in _chunks(file):
            if kind == b"IHDR" and len(body) == 13:
                needed = _png_bytes(*struct.unpack(">IIBBBBB", body))
            elif kind == b"IDAT":
                had += _inflated(machine, body, needed - had)
    if had < needed:
        raise DamagedError("The picture is cut off: it has fewer rows than it declares.", _AGAIN)


def require_whole_picture(item: Any, page: Any) -> None:
    """Raises DamagedError where a picture of a PDF page cannot be decoded, or ends before its last row.

    Args:
        item: an image object of pdfium.
        page: its page.
    """
    from pypdfium2 import raw

    filters = item.get_filters()
    about = raw.FPDF_IMAGEOBJ_METADATA()
    raw.FPDFImageObj_GetImageMetadata(item, page, about)
    if about.bits_per_pixel == 0 or "JBIG2Decode" in filters:
        bitmap = raw.FPDFImageObj_GetBitmap(item)
        if not bitmap:
            raise DamagedError("A picture on the page is broken: it cannot be decoded.", _AGAIN)
        raw.FPDFBitmap_Destroy(bitmap)
    if filters == ["DCTDecode"]:
        whole = _JPEG_END in bytes(item.get_data())[-_JPEG_TAIL:]
    elif filters == ["FlateDecode"]:
        row = (about.width * about.bits_per_pixel + 7) // 8
        whole = _inflated(zlib.decompressobj(), bytes(item.get_data()), row * about.height) >= row * about.height
    else:
        return
    if not whole:
        raise DamagedError("A picture on the page is cut off before its end.", _AGAIN)


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yields the chunks of a PNG that matter here; a wrong checksum raises."""
    while len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            return
        if kind not in (b"IHDR", b"IDAT"):
            file.seek(size + 4, 1)
            continue
        body, check = file.read(size), file.read(4)
        if len(body) < size or zlib.crc32(kind + body) != int.from_bytes(check, "big"):
            raise DamagedError("The picture has broken data: a checksum in it is wrong.", _AGAIN)
        yield kind, body


def _png_bytes(width: int, height: int, depth: int, colours: int, _method: int, _filter: int, interlaced: int) -> int:
    """Returns how many bytes the rows of a PNG have before they are deflated, each with its filter byte."""
    bits = depth * _CHANNELS.get(colours, 1)
    if not interlaced:
        return height * (1 + (width * bits + 7) // 8)
    total = 0
    for x, y, across, down in _PASSES:
        columns, rows = max(0, -(-(width - x) // across)), max(0, -(-(height - y) // down))
        total += rows * (1 + (columns * bits + 7) // 8) if columns else 0
    return total


def _inflated(machine: Any, data: bytes, needed: int) -> int:
    """Returns to how many bytes data grows, counted no further than needed; broken data ends the count."""
    count = 0
    try:
        while data and count < needed and not machine.eof:
            count += len(machine.decompress(data, _CHUNK))
            data = machine.unconsumed_tail
    except zlib.error:
        pass
    return count
