"""Pictures of pages (PNG, JPEG, TIFF, BMP, WebP, GIF, JPEG 2000) → rasters, one page in memory at a time.

Sizes are looked at before anything is decoded. Nothing is guessed where data is missing: a picture that ends early is
refused, because a table cut off in it would look whole.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Config
from pipeline.errors import (
    DamagedError,
    EmptyDocumentError,
    FileAccessError,
    NoPagesError,
    TooLargeError,
    UnsupportedFormatError,
)
from pipeline.intake.pixels import to_rgb
from pipeline.intake.resolution import choose_dpi, square
from pipeline.intake.whole import require_whole_png
from pipeline.raster import Raster, Rgb

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "DIB", "GIF", "WEBP", "JPEG2000")
"""What Pillow is allowed to open; the others have readers that were never meant for foreign files."""

_SHORT_SIDE_PX, _LONG_SIDE_PX = 100, 200
# A progressive JPEG is held whole, at its full size, while it is decoded.
_PROGRESSIVE_LIMIT = 2.0
# A page of a finer JPEG, as cameras of 50 million pixels make, is decoded at half its size.
_ENOUGH_DPI = 300.0
_NEW_SUBFILE_TYPE, _REDUCED, _ORIENTATION = 254, 1, 0x0112
_AGAIN = "Scan or photograph the page again, or fetch the file again."
_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RuntimeError,
    struct.error,
)  # fmt: skip


def iter_image_rasters(path: Path, config: Config, left_out: Collection[int] = ()) -> Iterator[Raster]:
    """Yields the pages of a picture file: one, or every page of a TIFF (its previews left out).

    EXIF orientation is applied; colours of any kind become RGB, transparency white; pixels that are not square (fax) are
    made so. The resolution is the file's own where it is plausible for a page, else that of an A4 page.

    Args:
        path: the file.
        config: for `scan.max_page_pixels` and `scan.max_pages`.
        left_out: pages that are not to be decoded; they come as one white pixel.

    Raises:
        TooLargeError: more pages, or a page of more pixels, than the limits allow; nothing was decoded then.
        DamagedError: the file is cut off, or its structure is broken.
        EmptyDocumentError: too small to be a page.
        UnsupportedFormatError: an animation, or a format that is not read.
        FileAccessError: the file cannot be opened.
    """
    image = _open(path)
    try:
        frames = _frames(image, config)
    finally:
        image.close()
    for page_no, frame in enumerate(frames, 1):
        yield _nothing(page_no) if page_no in left_out else _read_page(path, frame, page_no, config)


def _nothing(page_no: int) -> Raster:
    """Returns what stands for a page that is not decoded."""
    import numpy as np

    return Raster(page_no, np.full((1, 1, 3), 255, np.uint8), 72.0)


def count_frames(path: Path, config: Config) -> int:
    """Returns how many pages `iter_image_rasters` would yield; raises as it does, but decodes nothing."""
    image = _open(path)
    try:
        return len(_frames(image, config))
    finally:
        image.close()


def _open(path: Path) -> Image.Image:
    """Reads the header of a picture."""
    # Pillow finds these readers by itself only where it may open every format.
    from PIL import Image, Jpeg2KImagePlugin, MpoImagePlugin, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

    assert all((Jpeg2KImagePlugin, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin))
    try:
        with _translated():
            return Image.open(path, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise DamagedError("The header of the picture is broken.", _AGAIN) from error


def _frames(image: Image.Image, config: Config) -> list[int]:
    """Returns the numbers of the frames that are pages."""
    with _translated():
        if image.format == "TIFF":
            return _tiff_pages(image, config)
        # The second picture of an MPO, which phones write, is a preview or depth map of the first.
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
            raise UnsupportedFormatError(
                "The picture is an animation, not a page.", "Save the frames that show pages as PNG, and give those."
            )
        return [0]


def _tiff_pages(image: Image.Image, config: Config) -> list[int]:
    """Returns the pages of a TIFF without reduced copies; each is only looked at, not decoded."""
    pages: list[int] = []
    frame = 0
    while _seek(image, frame):
        tags = getattr(image, "tag_v2", {})
        if not int(tags.get(_NEW_SUBFILE_TYPE, 0)) & _REDUCED:
            pages.append(frame)
        frame += 1
        if len(pages) > config.scan.max_pages or frame > 4 * config.scan.max_pages:
            raise TooLargeError(f"The TIFF has more than {config.scan.max_pages} pages.", "Split it, or raise scan.max_pages.")
    if not pages:
        raise NoPagesError("The TIFF holds no page.", _AGAIN)
    return pages


def _seek(image: Image.Image, frame: int) -> bool:
    try:
        image.seek(frame)
    except EOFError:
        return False
    return True


def _read_page(path: Path, frame: int, page_no: int, config: Config) -> Raster:
    """Opens the file for one page, so that nothing of Pillow's stays in memory while the page is worked on."""
    image = _open(path)
    try:
        if image.format == "PNG" and image.size[0] * image.size[1] <= config.scan.max_page_pixels:
            with _translated(page_no):
                require_whole_png(path)
        return _read_frame(image, frame, page_no, config)
    finally:
        image.close()


def _read_frame(image: Image.Image, frame: int, page_no: int, config: Config) -> Raster:
    """Decodes one page."""
    with _translated(page_no):
        if image.tell() != frame:
            image.seek(frame)
        shrunk = _guard_size(image, config)
        image.load()
        dpi = _file_dpi(image)
        rgb = _upright(to_rgb(image), image)
        if shrunk != 1.0 and dpi is not None:
            dpi = (dpi[0] / shrunk, dpi[1] / shrunk)
        if dpi is not None and _is_on_its_side(image):
            dpi = (dpi[1], dpi[0])
        rgb, one_dpi = square(rgb, dpi, config.scan.max_page_pixels)
        return Raster(page_no, rgb, choose_dpi(rgb.shape[1], rgb.shape[0], one_dpi))


def _guard_size(image: Image.Image, config: Config) -> float:
    """Refuses what is too small or too large; a fine or large JPEG is set to be decoded smaller.

    Returns:
        By how much it will be smaller, at least 1.
    """
    width, height = image.size
    if min(width, height) < _SHORT_SIDE_PX or max(width, height) < _LONG_SIDE_PX:
        raise EmptyDocumentError(
            f"The picture has {width} by {height} pixels: too few to hold a page.", "Give the picture in full size."
        )
    limit = config.scan.max_page_pixels
    share = width * height / limit
    if image.format in ("JPEG", "MPO") and (share <= _PROGRESSIVE_LIMIT or not image.info.get("progressive")):
        half = 1
        while half < 8 and (share > half * half or choose_dpi(width // half, height // half, None) >= 2 * _ENOUGH_DPI):
            half *= 2
        # Decoders of JPEG leave out detail by halves at no cost.
        image.draft(None, (width // half, height // half))
    if image.size[0] * image.size[1] <= limit:
        return width / image.size[0]
    raise TooLargeError(
        f"The picture has {width} by {height} pixels, more than {limit} in all.",
        "Give it in fewer pixels (300 dpi are enough), or raise scan.max_page_pixels.",
    )


def _file_dpi(image: Image.Image) -> tuple[float, float] | None:
    """Returns what the file says of its resolution, in pixels an inch across and down, or None."""
    found = image.info.get("dpi")
    try:
        across, down = (float(n) for n in found) if found is not None else (0.0, 0.0)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if across > 0 and down > 0 else None


def _orientation(image: Image.Image) -> int:
    """Returns the EXIF orientation, 1 where it is absent or broken (Pillow applies that of a TIFF by itself)."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
        return int(found) if 1 <= int(found) <= 8 else 1
    except _BROKEN:
        return 1


def _is_on_its_side(image: Image.Image) -> bool:
    return _orientation(image) >= 5


def _upright(rgb: Rgb, image: Image.Image) -> Rgb:
    """Turns and mirrors pixels as the EXIF orientation asks (TIFF 6.0, tag 274)."""
    import numpy as np

    orientation = _orientation(image)
    if orientation >= 5:
        rgb = rgb.transpose(1, 0, 2)
    # Beyond the transposition: left to right for 2, 3, 6, 7; upside down for 3, 4, 7, 8.
    if orientation in (2, 3, 6, 7):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 7, 8):
        rgb = rgb[::-1]
    return np.ascontiguousarray(rgb)


@contextmanager
def _translated(page_no: int = 1) -> Iterator[None]:
    """Turns whatever Pillow raises at a bad file into an error of ours."""
    from PIL import Image, UnidentifiedImageError

    place = f" on page {page_no}" if page_no > 1 else ""
    try:
        with warnings.catch_warnings():
            # The size is guarded here, by our own limit; broken EXIF data is no concern of ours.
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        raise TooLargeError(
            "The picture declares more pixels than any page has.", "Give it in fewer pixels (300 dpi are enough)."
        ) from error
    except UnidentifiedImageError:
        raise
    except (FileNotFoundError, PermissionError) as error:
        raise FileAccessError("The picture cannot be opened.", "Check its name and that it may be read.") from error
    except MemoryError as error:
        raise TooLargeError("The picture does not fit in memory.", "Give it in fewer pixels (300 dpi are enough).") from error
    except _BROKEN as error:
        if "too large for PngImagePlugin" in str(error):
            raise TooLargeError("A part of the picture beside its pixels grows out of bounds.", "Save it anew as PNG.") from error
        cut = "truncated" in str(error) or isinstance(error, EOFError)
        what = "is cut off before its end" if cut else "has broken data"
        raise DamagedError(f"The picture {what}{place}.", _AGAIN) from error
