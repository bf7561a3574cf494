"""One pass over the elements of a page, in document order, without recursion: what a browser would show, and where.

The tree of libxml2 is taken as a sequence of start and end tags; a row or cell that begins closes the one before it, and
stray content between cells moves before the table, as the HTML standard has it, however the parser nested them.
"""

from __future__ import annotations

from lxml import etree
from lxml.etree import _Element

from pipeline.config import Limits
from pipeline.errors import TooLargeError
from pipeline.intake.html_elements import (
    chrome_of,
    document_name,
    is_hidden,
    is_icon,
    is_invisible,
    is_spacer,
    picture_addresses,
    role_of,
)
from pipeline.intake.html_flow import NOT_CHROME, Attachment, Flow, Picture, Style
from pipeline.intake.html_looks import Look, Sheets, declarations, is_gone, is_struck, look_of, read_sheets
from pipeline.intake.html_tables import Cell, TableBuilder
from pipeline.intake.html_vocabulary import (
    BLOCKS,
    CHROME_TAGS,
    HEADINGS,
    PICTURES,
    RAISED,
    STRUCK,
    STRUCTURE,
    TYPED,
    UNSEEN,
    VERBATIM,
)

# libxml2 stops at a depth of 2048 and drops the rest of the page: refused here, so that nothing is lost in silence.
_DEPTH = 2000
# Each table within a table is looked at again with the one around it.
_TABLE_DEPTH = 60


class PageWalk:
    """Walks a page once; the result is `root`, the flow of its body.

    Attributes:
        root: the content in reading order.
        hidden_tables: number of hidden elements that hold a table.
    """

    def __init__(self, limits: Limits) -> None:
        self.root = Flow()
        self.hidden_tables = 0
        self._limits = limits
        self._tables: list[TableBuilder] = []
        self._style = Style()
        self._sheets = Sheets()
        self._entered = 0
        # Before each open element: how text looked around it, and whether it strikes its own out.
        self._looks: list[tuple[Look, int]] = []
        self._frames: list[tuple[str, int, TableBuilder | Cell | list[Cell] | None]] = []

    def run(self, root: _Element) -> Flow:
        """Returns the content of the page; raises TooLargeError beyond the limits of nodes, depth or cells."""
        self._sheets = read_sheets(root)
        walker = etree.iterwalk(root, events=("start", "end"))
        nodes = 0
        for event, element in walker:
            if event == "start":
                nodes += 1
                if nodes > self._limits.html_nodes or len(self._frames) >= _DEPTH or len(self._tables) > _TABLE_DEPTH:
                    raise TooLargeError(
                        f"The page has more than {self._limits.html_nodes} elements, or too many within one another.",
                        "Save the page again from a browser, or raise limits.html_nodes.",
                    )
                if self._start(element):
                    if element.text:
                        self._text(element.text)
                else:
                    walker.skip_subtree()
            else:
                self._end()
                if element.tail and self._frames:
                    self._text(element.tail)
        while self._tables:
            self._finish_table()
        self.root.break_line(NOT_CHROME)
        return self.root

    @property
    def _flow(self) -> Flow:
        """Where content goes now."""
        if not self._tables:
            return self.root
        table = self._tables[-1]
        return table.cell.flow if table.cell is not None else table.before

    @property
    def _chrome(self) -> int:
        return self._frames[-1][1] if self._frames else NOT_CHROME

    def _text(self, text: str) -> None:
        """Adds the text of a node; text between rows that stand outside a table ends them."""
        if self._tables and self._tables[-1].depth is not None and self._tables[-1].row is None and text.strip():
            self._finish_table()
        self._flow.add_text(text, self._style, self._chrome)

    def _start(self, element: _Element) -> bool:
        """Opens an element; returns False where its content is not to be read."""
        tag = element.tag
        attributes = element.attrib
        style = declarations(element) if "style" in attributes else {}
        self._enter(element, tag, style)
        if tag in UNSEEN or (attributes and (is_gone(style) or self._is_hidden(element, tag))):
            self._frames.append(("", self._chrome, None))
            if tag == "select":
                self._flow.doubts["the cell holds a form field"] = None
            elif tag == "script" and "document.write" in (element.text or ""):
                self._flow.doubts["a script writes into the cell"] = None
            return False
        role = tag if tag in STRUCTURE or not attributes else role_of(element, tag)
        chrome = max(self._chrome, chrome_of(element, tag)) if attributes or tag in CHROME_TAGS else self._chrome
        if role in STRUCTURE:
            self._frames.append((role, chrome, self._open_structure(element, role)))
            return not (attributes and is_invisible(element))
        if self._tables and self._tables[-1].depth is not None and self._tables[-1].row is None:
            self._finish_table()
        if role in BLOCKS:
            self._flow.break_line(self._chrome)
        self._frames.append((role, chrome, None))
        self._set_style(role, 1)
        if role in PICTURES:
            return self._picture(element, role)
        if role == "a":
            self._attach(element.get("href"))
        elif role == "input" and (element.get("type") or "text").lower() in TYPED:
            self._text(element.get("value") or "")
            if element.get("placeholder") and not element.get("value"):
                self._flow.doubts["the cell holds a form field"] = None
        elif role == "bdo":
            self._flow.doubts["the cell holds text in another direction"] = None
        return True

    def _enter(self, element: _Element, tag: str, style: Look) -> None:
        """Notes how text in an element looks."""
        self._entered += 1
        struck = int(bool(style) and is_struck(style))
        self._looks.append((self._style.look, struck))
        self._style.struck += struck
        if style or element.attrib or tag in ("small", "big"):
            self._style.look = look_of(element, tag, style, self._style.look, self._entered)

    def _end(self) -> None:
        """Closes the element that was opened last."""
        role, chrome, opened = self._frames[-1]
        self._style.look, struck = self._looks.pop()
        self._style.struck -= struck
        if role in STRUCTURE:
            self._close_structure(role, opened)
        elif role in BLOCKS:
            self._flow.break_line(chrome)
        self._frames.pop()
        self._set_style(role, -1)
        if self._tables and self._tables[-1].depth is not None and len(self._frames) < self._tables[-1].depth:
            self._finish_table()

    def _set_style(self, role: str, step: int) -> None:
        """Counts the open elements that change what text means."""
        style = self._style
        if role == "a":
            style.links += step
        elif role in HEADINGS:
            style.headings += step
        elif role in STRUCK:
            style.struck += step
        elif role in RAISED:
            style.raised += step
        elif role in VERBATIM:
            style.verbatim += step

    def _open_structure(self, element: _Element, role: str) -> TableBuilder | Cell | list[Cell] | None:
        """Opens a table, or a part of the innermost one; rows outside any table get one of their own."""
        if role == "table":
            self._flow.break_line(self._chrome)
            bordered = (element.get("border") or "0").strip() not in ("0", "0px")
            self._tables.append(TableBuilder((element.get("role") or "").lower(), bordered))
            return self._tables[-1]
        if role == "caption":
            self._flow.break_line(self._chrome)
            return None
        if not self._tables:
            self.root.break_line(self._chrome)
            self._tables.append(TableBuilder(depth=len(self._frames)))
        table = self._tables[-1]
        if role == "tr":
            table.open_row()
            return table.row
        if role in ("td", "th"):
            return table.open_cell(element, role == "th")
        table.open_group(role)
        return None

    def _close_structure(self, role: str, opened: TableBuilder | Cell | list[Cell] | None) -> None:
        """Closes what the element opened, unless something that began later closed it already."""
        if role == "table":
            while self._tables and opened in self._tables and self._finish_table() is not opened:
                pass
            return
        if not self._tables:
            return
        table = self._tables[-1]
        if role in ("td", "th") and table.cell is opened:
            table.close_cell()
        elif role == "tr" and table.row is opened:
            table.close_row()
        elif role in ("thead", "tbody", "tfoot"):
            table.close_group()
        elif role == "caption":
            self._flow.break_line(self._chrome)

    def _finish_table(self) -> TableBuilder:
        """Closes the innermost table and hands its content to what is around it."""
        table = self._tables.pop()
        items = table.finish(self._limits)
        self._flow.break_line(self._chrome)
        self._flow.items += items
        return table

    def _is_hidden(self, element: _Element, tag: str) -> bool:
        """True where the element itself says that it is not shown; counts those with a table."""
        if not is_hidden(element, tag) and not self._sheets.hides(element):
            return False
        if tag in ("table", "tr", "td") or next(element.iter("td"), None) is not None:
            self.hidden_tables += 1
        return True

    def _picture(self, element: _Element, tag: str) -> bool:
        """Notes a picture or embedded object; returns True where it has content of its own to read."""
        if tag == "picture":
            return True
        address = element.get("src") or element.get("data") or ""
        if tag in ("iframe", "object", "embed") and self._attach(address):
            return False
        addresses = picture_addresses(element) if tag == "img" else ()
        icon = is_icon(element, addresses[0] if addresses else address)
        if (tag == "iframe" or (icon and not is_spacer(element, addresses[0] if addresses else address))) and self._tables:
            self._flow.doubts["the cell holds something that is no text"] = None
        if tag == "iframe" or icon:
            return False
        self._flow.break_line(self._chrome)
        self._flow.items.append(Picture(self._chrome, addresses))
        return False

    def _attach(self, address: str | None) -> bool:
        """Notes a link to a document; returns False for any other address."""
        name = document_name(address)
        if name is None:
            return False
        flow = self._tables[-1].before if self._tables else self.root
        flow.items.append(Attachment(name, self._chrome))
        return True
