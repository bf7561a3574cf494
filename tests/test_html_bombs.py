"""Pages made to exhaust time or memory end soon, with a reason, or are read within bounds."""

from __future__ import annotations

import contextlib
import time

import pytest

from pipeline.config import Config, Limits
from pipeline.domain import Source, SourceKind, Table
from pipeline.errors import EmptyDocumentError, TooLargeError
from pipeline.intake.html import read_html

SOURCE = Source("page.html", "page.html", "0" * 64, 1, SourceKind.HTML, "html")
SMALL = Config(limits=Limits(html_nodes=50_000, html_cells=50_000, text_chars=5_000_000))


def read(html: str, config: Config = SMALL):
    start = time.process_time()
    try:
        return read_html(SOURCE, html.encode(), config)
    finally:
        assert time.process_time() - start < 20


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "x",
        "<b>" * 100_000 + "x",
        "<p>x" * 100_000,
        "<table><tr><td>" * 5_000 + "x",
        "<table>" * 300 + "<tr><td>x" + "</table>" * 300,
        "<div>" * 3_000 + "x" + "</div>" * 3_000 + "<p>after</p>",
        "</b>" * 200 + "<div>" * 3_000 + "x" + "</div>" * 3_000 + "<p>after</p>",
        "<p>x</p><div hidden>" + "<i>" * 3_000 + "</div><p>after</p>",
        "<table>" + "<tr><td>1<td>2" * 40_000 + "</table>",
        "<table><tr>" + "<td rowspan=0 colspan=1000>1" * 5_000,
        "<a " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x</a>",
        "x" * 5_000_001,
    ],
    ids=lambda html: html[:24],
)
def test_too_large(html):
    with pytest.raises(TooLargeError) as caught:
        read(html)
    assert caught.value.message
    assert caught.value.advice


def test_a_colspan_of_a_hundred_million():
    reading = read("<table><tr><td colspan=100000000>a<td>b<tr><td>1<td rowspan=100000000>2</table>")
    (table,) = (block for block in reading.blocks if isinstance(block, Table))
    assert (table.n_rows, table.n_columns) == (2, 3)


def test_nested_tables_of_layout_stay_linear():
    html = "<p>x</p>" * 5_000
    for _ in range(50):
        html = f"<table><tr><td>a</td><td>{html}</td></tr></table>"
    assert len(read(html).blocks) == 5_050


def test_embedded_pictures_are_dropped_before_parsing():
    data = "A" * 3_000_000
    assert [block.text for block in read(f"<p>正文</p><img width=1 src='data:image/png;base64,{data}'>").blocks] == ["正文"]


@pytest.mark.parametrize("html", ["<!--" * 100_000, "</b>" * 100_000, "<" * 100_000, "&" * 100_000, "\x00" * 1000])
def test_floods_of_broken_markup_end(html):
    with contextlib.suppress(EmptyDocumentError):
        read(html)
