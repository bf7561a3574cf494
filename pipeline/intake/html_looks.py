"""How the pieces of a text look: what a page hides, strikes out, or sets apart, so that pieces of two numbers become no third.

Only what an element says itself, and the simplest rules of the page's own style sheets, are read; pages saved by a crawler
rarely come with the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml.etree import _Element

Look = Mapping[str, str]

_DECLARATION = re.compile(r"([a-z-]{2,30})\s*:\s*([^;]{1,80})")
_RULE = re.compile(r"([^{};]{1,200})\{([^{}]*)\}")
_AT_BLOCK = re.compile(r"@[^{};]{1,200}\{(?:[^{}]|\{[^{}]*\})*\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"(?:[a-z][a-z0-9]*)?([.#][\w-]+)")
_NAME = re.compile(r"[.#][\w-]+")
_ZERO = re.compile(r"0(?:\.0*)?(?:px|pt|em|rem|%|cm|mm)?")
_WHITE = re.compile(r"white|#fff(?:fff)?|transparent|rgba?\(\s*255\s*,\s*255\s*,\s*255[^)]*\)|rgba\([^)]*,\s*0(?:\.0*)?\s*\)")
_MOST_CSS_CHARS = 60_000

_SHIFTS = ("margin-left", "margin-right", "padding-left", "padding-right", "text-indent", "top", "bottom", "left", "right")
_RAISED = frozenset({"super", "sub", "top", "bottom", "text-top", "text-bottom"})
# What sets an element apart from its neighbours, even if they look like it.
_APART = frozenset({*_SHIFTS, "a", "float", "display", "position"})
_TAGS = {"a": "a", "small": "small", "big": "big"}
# Marks of a word processor's spelling check and of its styles, which change nothing of a number.
_PLAIN_CLASSES = re.compile(r"Gram|Spell|Mso|Apple|MSO", re.IGNORECASE)


def is_gone(style: Mapping[str, str]) -> bool:
    """True for declarations that leave nothing to see: no size, no opacity, or Word's hidden text."""
    return (
        _ZERO.fullmatch(style.get("font-size", "")) is not None
        or _ZERO.fullmatch(style.get("opacity", "")) is not None
        or style.get("mso-hide") == "all"
    )


def is_struck(style: Mapping[str, str]) -> bool:
    """True for declarations that draw a line through the text."""
    return "line-through" in style.get("text-decoration", "") + style.get("text-decoration-line", "")


def declarations(element: _Element) -> Mapping[str, str]:
    """Returns what the style attribute of an element declares, in lower case."""
    return parse_declarations(element.get("style") or "")


@lru_cache(maxsize=4096)
def parse_declarations(text: str) -> Mapping[str, str]:
    """Returns declarations by property, in lower case, without `!important`."""
    return {m.group(1): m.group(2).replace("!important", "").strip() for m in _DECLARATION.finditer(text[:4000].lower())}


def look_of(element: _Element, tag: str, style: Mapping[str, str], around: Look, number: int) -> Look:
    """Returns how text in an element is set apart from other text: size, shift, box, raised, faint, link, class.

    Args:
        element: any element.
        tag: its name.
        style: its own declarations.
        around: the look of the text around it.
        number: of the element, so that two boxes or links beside one another differ.
    """
    own = {}
    if tag in _TAGS:
        own[tag] = "1"
    if tag == "font":
        own |= {name: value for name, value in (("size", element.get("size")), ("faint", element.get("color"))) if value}
        if "faint" in own and not _WHITE.fullmatch(own["faint"].strip().lower()):
            del own["faint"]
    named = element.get("class")
    if named and tag in ("span", "font", "i", "b", "em", "strong", "u", "label", "code") and not _PLAIN_CLASSES.match(named):
        own["class"] = named
    if style:
        own |= _declared(style)
    if not own:
        return around
    apart = {"apart": str(number)} if own.keys() & _APART else {}
    return {**around, **own, **apart}


def _declared(style: Mapping[str, str]) -> dict[str, str]:
    """What declarations change of the look of a piece of a number."""
    own = {name: style[name] for name in _SHIFTS if name in style and not _ZERO.fullmatch(style[name])}
    if "font-size" in style:
        own["size"] = style["font-size"]
    if style.get("vertical-align") in _RAISED or "mso-text-raise" in style:
        own["raised"] = "1"
    if style.get("float", "none") != "none":
        own["float"] = style["float"]
    if style.get("display", "inline").startswith("inline-"):
        own["display"] = style["display"]
    if style.get("position") in ("absolute", "fixed"):
        own["position"] = style["position"]
    if _WHITE.fullmatch(style.get("color", "")):
        own["faint"] = "1"
    return own


@dataclass(frozen=True, slots=True)
class Sheets:
    """What the style sheets within a page say in their simplest rules: the `.class` and `#id` that they hide."""

    hidden: frozenset[str] = frozenset()

    def hides(self, element: _Element) -> bool:
        """True for an element that a rule hides."""
        if not self.hidden:
            return False
        names = {f".{name}" for name in (element.get("class") or "").split()} | {f"#{element.get('id')}"}
        return bool(names & self.hidden)


def read_sheets(root: _Element) -> Sheets:
    """Reads the `style` elements of a page; rules for print or narrow screens, and names that other rules show, hide nothing."""
    text = "\n".join(element.text or "" for element in root.iter("style"))[:_MOST_CSS_CHARS].lower()
    if "none" not in text:
        return Sheets()
    text = _AT_BLOCK.sub("", _COMMENT.sub("", text))
    hidden: set[str] = set()
    shown: set[str] = set()
    for match in _RULE.finditer(text):
        display = parse_declarations(match.group(2)).get("display")
        if display is None:
            continue
        for selector in match.group(1).split(","):
            plain = _SELECTOR.fullmatch(selector.strip().removeprefix("<!--").strip())
            if display == "none" and plain:
                hidden.add(plain.group(1))
            elif display != "none":
                shown.update(_NAME.findall(selector))
    return Sheets(frozenset(hidden - shown))
