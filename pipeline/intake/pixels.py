"""Pixels of any kind that Pillow opens (1-bit, palette, 16-bit, CMYK, with alpha ...) → RGB on white paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.raster import Rgb

if TYPE_CHECKING:
    from PIL import Image

_WITH_ALPHA = ("RGBA", "LA", "PA", "RGBa", "La")
_DEEP = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")


def to_rgb(image: Image.Image) -> Rgb:
    """Returns the pixels of a loaded picture, shape (height, width, 3); transparent ones as white.

    A CMYK JPEG without Adobe's marker does not say whether its inks are inverted: the lighter of both is taken, since a
    page is mostly paper.
    """
    import numpy as np

    if image.mode in _DEEP:
        return _deep(image)
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        return _over_white(image)
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        from PIL import ImageChops

        pair = [np.asarray(i.convert("RGB")) for i in (image, ImageChops.invert(image))]
        return max(pair, key=lambda pixels: float(pixels[::8, ::8].mean()))
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _over_white(image: Image.Image) -> Rgb:
    import numpy as np
    from PIL import Image

    see_through = image.convert("RGBA")
    paper = Image.new("RGB", image.size, (255, 255, 255))
    paper.paste(see_through, mask=see_through.getchannel("A"))
    return np.asarray(paper)


def _deep(image: Image.Image) -> Rgb:
    """Brings 12, 16 or 32 bits to 8; the lightest pixel, which is paper, tells how many there were."""
    import numpy as np

    gray = np.asarray(image)
    if np.issubdtype(gray.dtype, np.floating):
        gray = np.nan_to_num(gray, nan=0.0, posinf=0.0, neginf=0.0)
    most = float(gray.max())
    if np.issubdtype(gray.dtype, np.floating) and most <= 1.0:
        full = 1.0
    else:
        full = float(2 ** max(8, int(np.ceil(np.log2(max(most, 1.0) + 1.0)))) - 1)
    eight = np.empty(gray.shape, dtype=np.uint8)
    for start in range(0, len(gray), 256):  # in strips, so that no second deep copy of the page is held
        strip = gray[start : start + 256].astype(np.float32)
        eight[start : start + 256] = np.clip(strip * (255.0 / full) + 0.5, 0, 255).astype(np.uint8)
    return np.repeat(eight[:, :, None], 3, axis=2)
