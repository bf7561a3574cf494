"""Text scrapes: lines with their place in the text."""

from __future__ import annotations

from pipeline.config import Config
from pipeline.domain import PageResult, Reading, Source, TextBlock
from pipeline.errors import EmptyDocumentError, TooLargeError


def read_text(source: Source, text: str, config: Config) -> Reading:
    """Splits a decoded text into lines; `char_span` counts characters of `text`.

    Raises:
        EmptyDocumentError: nothing but white space.
        TooLargeError: more characters than the limit.
    """
    if len(text) > config.limits.scrape_chars:
        raise TooLargeError(f"The text has {len(text)} characters.", "Split the file, or raise limits.scrape_chars.")
    if not text.strip():
        raise EmptyDocumentError("The file holds nothing but white space.", "Fetch the report again.")
    blocks = []
    start = 0
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
        blocks.append(TextBlock(body, "line", char_span=(start, start + len(body))))
        start += len(line)
    return Reading(source, tuple(blocks), (PageResult(1, "text", "ok"),))
