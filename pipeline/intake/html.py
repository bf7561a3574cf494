"""Reading an HTML page: its tables with spans as a browser shows them, and its text, in document order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element

from pipeline.config import Config, Limits
from pipeline.domain import Block, Finding, PageResult, Reading, Source, Table, TextBlock
from pipeline.errors import DamagedError, DocumentError, EmptyDocumentError, NeedsOcrError, TooLargeError
from pipeline.intake.encoding import decode, sniff_charset
from pipeline.intake.html_blocks import flow_to_blocks
from pipeline.intake.html_flow import NOT_CHROME, Attachment, Item, Line, Picture
from pipeline.intake.html_walk import PageWalk

_DATA_ADDRESS = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,60}(?:;[\w=.+-]{1,40}){0,4},[A-Za-z0-9+/=%_-]{200,}")
_EMBEDDED = "data:,"
_LONG_TAG_CHARS = 20_000
_MOST_ATTRIBUTES = 5_000
_SEPARATORS = re.compile(r"[\s\"'/]+")
_TAG_START = re.compile(r"<[a-zA-Z]")
_LEAST_TEXT_CHARS = 30


@dataclass(frozen=True, slots=True)
class WebPicture:
    """A picture of a page outside its navigation.

    Attributes:
        before: number of the page's blocks that come before it.
        addresses: where its pixels may be, best first; embedded ones are whole.
    """

    before: int
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebPage:
    """What a page holds: its blocks and, between them, its pictures, in document order.

    Attributes:
        has_data: it holds a table with more than one row and column.
        unread: findings that say where tables may be beside its text, its pictures among them.
        refusal: why its text alone is no document, or None.
    """

    blocks: tuple[Block, ...]
    pictures: tuple[WebPicture, ...]
    title: str | None
    has_data: bool
    unread: tuple[Finding, ...]
    refusal: DocumentError | None


def read_html(source: Source, data: bytes, config: Config) -> Reading:
    """Reads the text of a web page.

    Args:
        source: the identified input.
        data: its bytes.
        config: for the limits.

    Returns:
        The reading: tables and text blocks in document order, without pages or geometry; notes say where tables may be
        pictures, attachments or hidden.

    Raises:
        EmptyDocumentError: nothing to see.
        NeedsOcrError: pictures, and no text to speak of.
        TooLargeError: more characters, elements, depth or cells than the limits allow.
    """
    page = open_page(data, config)
    if page.refusal is not None:
        raise page.refusal
    notes = () if page.has_data else page.unread
    return Reading(source, page.blocks, (PageResult(1, "html", "ok"),), page.title, notes)


def open_page(data: bytes, config: Config) -> WebPage:
    """Returns what a web page holds, its pictures too.

    Raises:
        TooLargeError: more characters, elements, depth or cells than the limits allow.
    """
    text, _ = decode(data, sniff_charset(data))
    cleaned, embedded = _guarded(text, config.limits)
    root = _parse(cleaned)
    walk = PageWalk(config.limits)
    items = walk.run(root).items if root is not None else []
    blocks = flow_to_blocks(items)
    pictures, before = [], 0
    for item in items:
        if isinstance(item, Picture) and item.chrome == NOT_CHROME:
            pictures.append(WebPicture(before, tuple(_whole(a, embedded) for a in item.addresses)))
        before += isinstance(item, Line | Table)
    refusal = _refusal(blocks, items, cleaned)
    return WebPage(
        tuple(blocks), tuple(pictures), _title(root, blocks), _has_data(blocks), _notes(items, walk.hidden_tables), refusal
    )


def _whole(address: str, embedded: Sequence[str]) -> str:
    """Returns an address with its embedded file."""
    number = address.removeprefix(_EMBEDDED)
    return embedded[int(number)] if number != address and number.isdecimal() and int(number) < len(embedded) else address


def _guarded(text: str, limits: Limits) -> tuple[str, list[str]]:
    """Returns the text without its embedded files, and those; raises TooLargeError for what would cost the parser too much."""
    embedded: list[str] = []

    def number(match: re.Match[str]) -> str:
        embedded.append(match.group())
        return f"{_EMBEDDED}{len(embedded) - 1}"

    if len(text) > limits.text_chars:
        raise TooLargeError(f"The page has more than {limits.text_chars} characters.", "Split it, or raise limits.text_chars.")
    if "base64," in text:
        text = _DATA_ADDRESS.sub(number, text)
    if text.count("<") > limits.html_nodes and sum(1 for _ in _TAG_START.finditer(text)) > limits.html_nodes:
        raise TooLargeError(f"The page has more than {limits.html_nodes} elements.", "Split it, or raise limits.html_nodes.")
    # The parser compares each attribute of an element with all before it.
    if len(text) > _LONG_TAG_CHARS and any(_has_many_attributes(part) for part in text.split("<")):
        raise TooLargeError(f"An element of the page has more than {_MOST_ATTRIBUTES} attributes.", "Save the page again.")
    return text, embedded


def _has_many_attributes(part: str) -> bool:
    """True where what follows a `<` is a tag with thousands of attributes."""
    if len(part) < _LONG_TAG_CHARS or not part[:1].isalpha():
        return False
    tag = part.partition(">")[0]
    return len(tag) >= _LONG_TAG_CHARS and sum(1 for _ in _SEPARATORS.finditer(tag)) > _MOST_ATTRIBUTES


def _parse(text: str) -> _Element | None:
    """Returns the root of the page, or None where there is no element at all; raises TooLargeError where the parser gave up."""
    parser = etree.HTMLParser(
        encoding="utf-8", recover=True, huge_tree=True, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise TooLargeError("The elements of the page are nested too deeply.", "Save the page again from a browser.")
    return root


def _refusal(blocks: list[Block], items: list[Item], text: str) -> DocumentError | None:
    """Returns what is wrong where there is nothing to read, saying which nothing it is."""
    seen = sum(len(b.text) for b in blocks if isinstance(b, TextBlock) and b.kind != "chrome")
    tables = any(isinstance(block, Table) for block in blocks)
    pictures = sum(isinstance(item, Picture) for item in items)
    if pictures and not tables and seen < _LEAST_TEXT_CHARS:
        return NeedsOcrError(
            f"The page holds {pictures} picture{'s' * (pictures > 1)} and no text to speak of.",
            "Save the page complete, with its pictures, from a browser, or give the report as PDF.",
        )
    if blocks:
        return None
    if re.search(r"<html\b", text, re.IGNORECASE) and not re.search(r"</(html|body|frameset)\s*>", text, re.IGNORECASE):
        return DamagedError("The page is cut off before its text begins.", "Fetch the page again.")
    if re.search(r"<i?frame\b", text, re.IGNORECASE):
        return EmptyDocumentError("The page is only a frame around another page.", "Save the page inside the frame.")
    if re.search(r"<script\b", text, re.IGNORECASE):
        return EmptyDocumentError(
            "The page has no text: a script would fetch it.", "Save the page from a browser after it has been shown."
        )
    return EmptyDocumentError("The page has no content.", "Fetch the report again.")


def _has_data(blocks: list[Block]) -> bool:
    """True where the page holds a table with more than one row and column."""
    return any(isinstance(block, Table) and block.n_rows > 1 and block.n_columns > 1 for block in blocks)


def _notes(items: list[Item], hidden_tables: int) -> tuple[Finding, ...]:
    """Returns where the tables of a page without tables may be."""
    pictures = sum(isinstance(item, Picture) and item.chrome == NOT_CHROME for item in items)
    attached = [item.name for item in items if isinstance(item, Attachment) and item.chrome == NOT_CHROME]
    notes = []
    if pictures:
        notes.append(("pictures", f"The page has no data table, but {pictures} picture(s): its tables may be pictures."))
    if attached:
        names = ", ".join(dict.fromkeys(attached))[:300]
        notes.append(("attachment", f"The page has no data table, but attached documents: {names}."))
    if hidden_tables:
        notes.append(("hidden_table", f"The page shows no data table, but hides {hidden_tables} element(s) with one."))
    return tuple(Finding(rule, "undecided", "note", message) for rule, message in notes)


def _title(root: _Element | None, blocks: list[Block]) -> str | None:
    """Returns the page's title: `title`, else the `ArticleTitle` of government sites, else the first heading."""
    if root is None:
        return None
    element = root.find(".//title")
    text = "".join(map(str, element.itertext())) if element is not None else ""
    if not text.strip():
        metas = (meta.get("content") for meta in root.iter("meta") if (meta.get("name") or "").lower() == "articletitle")
        text = next((content for content in metas if content), "")
    if not text.strip():
        text = next((block.text for block in blocks if isinstance(block, TextBlock) and block.kind == "heading"), "")
    return " ".join(text.split()) or None
