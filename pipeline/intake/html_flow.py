"""The content of a page or cell in reading order: lines, pictures, attachments and finished tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.domain import Table

NOT_CHROME, CHROME_BY_NAME, CHROME = 0, 1, 2

_SPACES = re.compile(r"[ \t\r\n\f]+")
# A browser shows a no-break space as a space, and soft hyphens, joiners and marks not at all.
_SHOWN = {0xA0: " ", **dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))}
_RAISED = str.maketrans("0123456789+-()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾")
_ENDS_IN_DIGIT, _BEGINS_WITH_DIGIT = re.compile(r"[0-9０-９][,，.．]?$"), re.compile(r"^[,，.．]?[0-9０-９]")
_RAISED_BESIDE = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]\s*[0-9０-９]|[0-9０-９]\s*[⁰¹²³⁴⁵⁶⁷⁸⁹]")


@dataclass(slots=True)
class Line:
    """One line as a browser shows it.

    Attributes:
        heading: inside `h1` to `h6`.
        linked: number of its characters that are links.
        chrome: `CHROME` inside navigation or a footer, `CHROME_BY_NAME` where only a class name says so.
        verbatim: inside `pre`, white space kept.
    """

    text: str
    heading: bool = False
    linked: int = 0
    chrome: int = NOT_CHROME
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, drawing or embedded object that is larger than an icon.

    Attributes:
        addresses: where its pixels may be, as the page names them, best first; empty for a drawing.
    """

    chrome: int
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A link to, or frame around, a document: the report may be in there."""

    name: str
    chrome: int


Item = Line | Picture | Attachment | Table


@dataclass(slots=True)
class Style:
    """What the open elements say about text that comes now; `look` is how it is set apart (`html_looks`)."""

    look: Mapping[str, str] = field(default_factory=dict)
    links: int = 0
    headings: int = 0
    struck: int = 0
    raised: int = 0
    verbatim: int = 0


@dataclass(slots=True)
class Flow:
    """Collects the content of the page, or of one cell; `doubts` are reasons not to trust its text."""

    items: list[Item] = field(default_factory=list)
    doubts: dict[str, None] = field(default_factory=dict)
    _parts: list[str] = field(default_factory=list)
    _look: Mapping[str, str] = field(default_factory=dict)
    _linked: int = 0
    _heading: bool = False
    _verbatim: bool = False

    def add_text(self, text: str, style: Style, chrome: int) -> None:
        """Adds the text of a node."""
        if style.verbatim:
            self._add_verbatim(text, chrome)
            return
        if style.raised or style.struck:
            text = self._unusual(text, style)
        if self._parts and style.look != self._look and self._joins_digits(text):
            self.doubts["a number is put together of pieces that look different"] = None
        if text:
            self._look = style.look
        self._parts.append(text)
        if style.links:
            self._linked += len(text.strip())
        if style.headings:
            self._heading = True

    def _joins_digits(self, text: str) -> bool:
        """True where a digit of this text follows one of the text before it with nothing between."""
        before = next((part for part in reversed(self._parts) if part), "")
        return bool(_ENDS_IN_DIGIT.search(before[-2:]) and _BEGINS_WITH_DIGIT.search(text[:2]))

    def break_line(self, chrome: int) -> None:
        """Ends the line; a line without visible text is none."""
        if not self._parts:
            return
        if self._verbatim:
            self._end_verbatim(chrome)
            self._verbatim = False
            return
        raw = self._parts[0] if len(self._parts) == 1 else "".join(self._parts)
        text = _SPACES.sub(" ", raw)
        if not text.isascii():
            text = text.translate(_SHOWN)
        text = text.strip(" ")
        if text:
            self.items.append(Line(text, self._heading, self._linked, chrome))
            if not text.isascii():
                self._doubt(text)
        self._parts, self._linked, self._heading = [], 0, False

    def _add_verbatim(self, text: str, chrome: int) -> None:
        """Adds text of a `pre`, line by line, with its white space."""
        self._verbatim = True
        first, *rest = text.replace("\r\n", "\n").split("\n")
        self._parts.append(first)
        for line in rest:
            self._end_verbatim(chrome)
            self._parts.append(line)

    def _end_verbatim(self, chrome: int) -> None:
        text = "".join(self._parts).translate(_SHOWN).rstrip()
        if text:
            self.items.append(Line(text, chrome=chrome, verbatim=True))
        self._parts, self._linked, self._heading = [], 0, False

    def _unusual(self, text: str, style: Style) -> str:
        """Returns raised or struck-out text so that it cannot be read as a part of the number beside it."""
        if style.struck and text.strip():
            self.doubts["the cell holds struck-out text"] = None
            return f"〔{text.strip()}〕"
        return text.translate(_RAISED) if style.raised else text

    def _doubt(self, text: str) -> None:
        """Notes what of a finished line should not be trusted."""
        if "\ufffd" in text:
            self.doubts["the cell holds bytes that are no characters"] = None
        if _RAISED_BESIDE.search(text):
            self.doubts["a raised or lowered number stands beside a number"] = None


def lines_text(items: list[Item]) -> str:
    """Returns the text of a cell: its lines, and the cells of tables within it, joined by `\\n`."""
    texts: list[str] = []
    for item in items:
        if isinstance(item, Line):
            texts.append(item.text)
        elif isinstance(item, Table):
            texts += [cell.text for cell in item.cells if cell.text]
    return "\n".join(texts)
