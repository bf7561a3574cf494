"""The pixels of a picture on a web page: embedded in it, or in a file beside it; never from the network."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from pipeline.config import Config
from pipeline.domain import SourceKind
from pipeline.errors import DamagedError, DocumentError, FileAccessError, UnsupportedFormatError
from pipeline.intake.identify import identify

LEAST_SHORT_PX, LEAST_LONG_PX = 100, 300
"""A picture smaller than this holds no table that could be read."""

_DATA = re.compile(r"data:([^,;]{0,120})((?:;[^,;]{0,120}){0,8}),", re.IGNORECASE)
_SHOWN_CHARS = 80
_ADVICE = "Save the page complete, with its pictures, from a browser."


def find_picture(addresses: Sequence[str], page: Path, scratch: Path, config: Config) -> tuple[Path, str]:
    """Returns a file with the pixels of a picture of a page, and its sha256.

    Args:
        addresses: where it may be, best first: `data:` addresses, and those of files in the folder of the page or below it.
        page: the file of the page.
        scratch: a file to write embedded pixels to.
        config: for `limits.file_bytes`.

    Raises:
        DocumentError: it is at none of its addresses, or is no picture; the message says why of the last.
    """
    worst: DocumentError = UnsupportedFormatError("It is a drawing of the page itself, without a file.", _ADVICE)
    for address in addresses:
        try:
            path = _embedded(address, scratch) if address[:5].lower() == "data:" else _beside(address, page)
            source, _ = identify(path, path.name, config)
        except DocumentError as error:
            worst = error
            continue
        if source.kind is SourceKind.IMAGE:
            return path, source.sha256
        worst = UnsupportedFormatError(f"{shown(address)} is no picture of a kind that is read.", _ADVICE)
    raise worst


def may_hold_table(path: Path) -> bool:
    """True where a picture has the pixels to hold a table; also for one whose header is broken, which will be told later."""
    from PIL import Image

    from pipeline.intake.image import FORMATS

    try:
        with Image.open(path, formats=FORMATS) as image:
            size = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return True
    return min(size) >= LEAST_SHORT_PX and max(size) >= LEAST_LONG_PX


def shown(address: str) -> str:
    """Returns an address as a message may show it."""
    if address[:5].lower() == "data:":
        return "an embedded picture"
    return address if len(address) <= _SHOWN_CHARS else f"{address[:_SHOWN_CHARS]}..."


def _embedded(address: str, scratch: Path) -> Path:
    """Writes the pixels of a `data:` address (RFC 2397) to a file."""
    match = _DATA.match(address)
    if match is None:
        raise DamagedError("An embedded picture has no pixels.", _ADVICE)
    body = address[match.end() :]
    try:
        data = _base64(body) if ";base64" in match.group(2).lower() else unquote_to_bytes(body)
    except (binascii.Error, ValueError) as error:
        raise DamagedError("An embedded picture is cut off or broken.", _ADVICE) from error
    scratch.write_bytes(data)
    return scratch


def _base64(body: str) -> bytes:
    plain = "".join(unquote(body).split()).replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def _beside(address: str, page: Path) -> Path:
    """Returns the file that a relative address names, in the folder of the page or below it."""
    try:
        parts = urlsplit(address.replace("\\", "/"))
    except ValueError as error:
        raise FileAccessError(f"{shown(address)} is no address.", _ADVICE) from error
    if parts.scheme or parts.netloc:
        raise FileAccessError(f"{shown(address)} is on the network, where nothing is fetched from.", _ADVICE)
    if not parts.path or parts.path.startswith("/"):
        raise FileAccessError(f"{shown(address)} is not beside the page.", _ADVICE)
    folder = page.absolute().parent
    for name in dict.fromkeys((unquote(parts.path), parts.path)):
        try:
            path = folder / name
            if path.resolve().is_relative_to(folder.resolve()) and path.is_file():
                return path
        except (OSError, ValueError, RuntimeError):  # a name that no file can have, or a ring of links
            continue
    raise FileAccessError(f"{shown(address)} is not beside the page.", _ADVICE)
