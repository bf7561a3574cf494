"""What one element says about itself: hidden, navigation, a picture or an icon, a link to a document."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from lxml.etree import _Element

from pipeline.intake.html_flow import CHROME, CHROME_BY_NAME, NOT_CHROME
from pipeline.intake.html_vocabulary import (
    ARIA_ROLES,
    ARIA_TAGS,
    ATTACHED_SUFFIXES,
    BLOCKS,
    CHROME_NAMES,
    CHROME_ROLES,
    CHROME_TAGS,
    NAMED_TAGS,
    STYLE_ROLES,
)

_DISPLAY = re.compile(r"display\s*:\s*([a-z-]+)", re.IGNORECASE)
_INVISIBLE = re.compile(r"visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_PIXELS = re.compile(r"\s*(\d{1,6})")
_ICON_PX = 60
_SPACERS = re.compile(r"(?:spacer|blank|space|transparent|dot|line|icon|logo)[^/]{0,20}\.(?:gif|png)$", re.IGNORECASE)


def is_hidden(element: _Element, tag: str) -> bool:
    """True where the element itself says that it is not shown (style sheets are not read)."""
    if element.get("hidden") is not None or (tag == "input" and (element.get("type") or "").lower() == "hidden"):
        return True
    style = element.get("style")
    if not style:
        return False
    display = _DISPLAY.search(style)
    if display and display.group(1).lower() == "none":
        return True
    return tag not in ("td", "th") and is_invisible(element)


def is_invisible(element: _Element) -> bool:
    """True for an element that takes its place but shows nothing."""
    return bool(_INVISIBLE.search(element.get("style") or ""))


def role_of(element: _Element, tag: str) -> str:
    """Returns the tag that the element behaves like, by its `display` or ARIA role."""
    style = element.get("style")
    if style and "display" in style.lower():
        match = _DISPLAY.search(style)
        if match and match.group(1).lower() in STYLE_ROLES:
            meant = STYLE_ROLES[match.group(1).lower()]
            return tag if meant == "div" and tag in BLOCKS else meant
    if tag in ARIA_TAGS:
        return ARIA_ROLES.get((element.get("role") or "").lower(), tag)
    return tag


def chrome_of(element: _Element, tag: str) -> int:
    """Returns how surely the element is navigation, banner or footer."""
    if tag in CHROME_TAGS or (element.get("role") or "").lower() in CHROME_ROLES:
        return CHROME
    if tag in NAMED_TAGS:
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if len(names) > 1 and any(part.lower() in CHROME_NAMES for part in _NAME_PARTS.findall(names[:200])):
            return CHROME_BY_NAME
    return CHROME_BY_NAME if tag == "header" else NOT_CHROME


def is_icon(element: _Element, address: str) -> bool:
    """True for pictures that are too small to hold a table, and for spacers."""
    for side in ("width", "height"):
        match = _PIXELS.match(element.get(side) or "")
        if match and int(match.group(1)) <= _ICON_PX and "%" not in (element.get(side) or ""):
            return True
    return bool(_SPACERS.search(address[-120:].partition("?")[0]))


def is_spacer(element: _Element, address: str) -> bool:
    """True for pictures that show nothing: a pixel or two wide or high, or called so."""
    for side in ("width", "height"):
        match = _PIXELS.match(element.get(side) or "")
        if match and int(match.group(1)) <= 2 and "%" not in (element.get(side) or ""):
            return True
    return bool(_SPACERS.search(address[-120:].partition("?")[0]))


def picture_addresses(element: _Element) -> tuple[str, ...]:
    """Returns where the pixels of an `img` may be: pages that load pictures late name a placeholder in `src`."""
    found = (element.get(name) for name in ("data-original", "data-src", "data-lazy-src", "data-actualsrc", "src"))
    return tuple(dict.fromkeys(address.strip() for address in found if address and address.strip()))


def document_name(address: str | None) -> str | None:
    """Returns the file name of an address that ends in a document's extension, or None."""
    if not address or len(address) > 4000:
        return None
    try:
        name = PurePosixPath(unquote(urlsplit(address.strip()).path)).name
    except ValueError:
        return None
    return name if PurePosixPath(name).suffix.lower() in ATTACHED_SUFFIXES else None
