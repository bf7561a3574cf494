"""A page as the bench hands it in: pixels with a resolution, and the files that they are put in."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]
A4_WIDTH_IN = 8.27


@dataclass(frozen=True)
class Picture:
    """One page.

    Attributes:
        pixels: (height, width) gray or (height, width, 3) RGB.
        dpi: pixels an inch; None where the camera does not know.
        dpi_down: where it differs from `dpi`, as in a fax.
        bilevel: one bit a pixel.
        quality: of JPEG, 1 to 95.
    """

    pixels: Pixels
    dpi: float | None
    dpi_down: float | None = None
    bilevel: bool = False
    quality: int = 85

    def image(self) -> Image.Image:
        """Returns it as Pillow holds it."""
        image = Image.fromarray(self.pixels)
        return image.convert("1", dither=Image.Dither.NONE) if self.bilevel else image

    def encode(self, kind: str) -> bytes:
        """Returns the bytes of a `png`, `jpg` or `tif` file."""
        return encode_pages([self], kind)


def encode_pages(pages: Sequence[Picture], kind: str) -> bytes:
    """Returns the bytes of one file: an image-only `pdf`, a `tif` of all pages, or the only page as `png` or `jpg`.

    Raises:
        ValueError: more than one page for a format of one.
    """
    images = [p.image() for p in pages]
    first, out = pages[0], io.BytesIO()
    if kind == "pdf":
        # The dates are fixed, so that the same pages give the same bytes.
        fixed = time.gmtime(0)
        dpi = first.dpi or first.pixels.shape[1] / A4_WIDTH_IN
        quality = {} if first.bilevel else {"quality": first.quality}
        images[0].save(out, "PDF", dpi=(dpi, first.dpi_down or dpi), save_all=True, append_images=images[1:],
                       creationDate=fixed, modDate=fixed, **quality)  # fmt: skip
        return out.getvalue()
    options: dict[str, object] = {} if first.dpi is None else {"dpi": (first.dpi, first.dpi_down or first.dpi)}
    if kind == "tif":
        options["compression"] = "group4" if first.bilevel else "tiff_lzw" if first.pixels.ndim == 2 else "jpeg"
        images[0].save(out, "TIFF", save_all=True, append_images=images[1:], **options)
        return out.getvalue()
    if len(images) > 1:
        raise ValueError(f"{len(images)} pages do not fit in one {kind}")
    if kind == "jpg":
        images[0].save(out, "JPEG", quality=first.quality, **options)
    else:
        images[0].save(out, "PNG", compress_level=6, **options)
    return out.getvalue()
