"""The page of one document: what intake, grid and alignment saw, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.config import DEFAULT, Config
from pipeline.domain import DocumentResult, Page, PageResult, SourceKind, Table
from pipeline.errors import DocumentError
from pipeline.grid.place_back import Placer
from pipeline.show.alignment import alignment_to_html
from pipeline.show.explanation import explain
from pipeline.show.grids import table_to_html
from pipeline.show.matrix_grid import explanations_to_html
from pipeline.show.page_overlay import Sheet, sheet_to_html
from pipeline.show.page_picture import Picture, draw_pages
from pipeline.show.scanned import reread_scans
from pipeline.show.scrape import blocks_to_html, legend, matrices_to_marks
from pipeline.show.style import CSS
from pipeline.store.contract import result_to_matrices
from pipeline.store.contract_reading import block_pages, tables_of
from pipeline.store.export_html import document_head, document_title, findings_to_html
from pipeline.store.targets import write_text
from pipeline.store.webpage import esc, web_page

MAX_PAGES = 60
MAX_TABLES = 300
_UNREAD_PAGES = 5
_WITH_PAGES = (SourceKind.PDF, SourceKind.SCAN, SourceKind.IMAGE)
_HINT = '<p class="soft">Each cell of a matrix opens its explanation: what was read, what vouches for it, what does not.</p>'
_NO_PICTURE = Picture("", 595.0, 842.0)


def show_document(result: DocumentResult, destination: Path, config: Config = DEFAULT, max_pages: int = MAX_PAGES) -> list[Path]:
    """Writes one web page with what each step saw of a document; it needs no script and loads nothing.

    Args:
        result: the document; its source is opened again for the pictures of its pages.
        destination: the folder to write to.
        config: settings for reading the words and rulings of a PDF again.
        max_pages: pages of a PDF to draw at most; those with tables come first.

    Returns:
        The files written: `destination/<document id>.html`.

    Raises:
        OutputError: the page cannot be written.
    """
    parts = list(_body(result, config, max_pages))
    title = document_title(result_to_matrices(result))
    return [write_text(destination / f"{result.document_id}.html", web_page(title, parts, CSS))]


def _body(result: DocumentResult, config: Config, max_pages: int) -> Iterator[str]:
    """Yields the sections of the page."""
    whole = result_to_matrices(result)
    yield from document_head(whole)
    matrices = [alignment_to_html(matrix, whole["findings"]) for matrix in result.matrices]
    source = _source(result, config, max_pages)
    drawn = [page for page in choose_pages(result, max_pages) if f'id="picture-{page}"' in source]
    panels = explanations_to_html(explain(result), drawn)
    sections = {
        "matrices": (_HINT + "".join(matrices) + panels if matrices else "") or "<p>No table of a known family was found.</p>",
        "findings": findings_to_html(whole["findings"]),
        "source": source,
        "tables": _tables(tables_of(result)),
    }
    shown = {name: body for name, body in sections.items() if body}
    yield "<nav>" + "".join(f'<a href="#{name}">{name}</a>' for name in shown) + "</nav>"
    for name, body in shown.items():
        yield f'<section id="{name}"><h2>{_HEADINGS[name]}</h2>\n{body}\n</section>'


_HEADINGS = {
    "matrices": "Canonical matrices and their alignment",
    "findings": "Findings",
    "source": "What was read",
    "tables": "Recovered tables, before any schema",
}


def _tables(tables: Sequence[Table]) -> str:
    """Returns the recovered tables; of very many the first."""
    rest = len(tables) - MAX_TABLES
    note = f'<p class="soft">{rest} more are in tables.json.</p>' if rest > 0 else ""
    return "\n".join(table_to_html(number, table) for number, table in enumerate(tables[:MAX_TABLES])) + note


def _source(result: DocumentResult, config: Config, max_pages: int) -> str:
    """Returns the pages of a PDF with overlays, the coloured text of a scrape, or nothing."""
    if result.source.kind in _WITH_PAGES:
        return "\n".join(_pages(result, config, max_pages))
    if result.reading is None:
        return ""
    if result.source.kind is SourceKind.TEXT:
        marks = matrices_to_marks(result.matrices)
        return legend(result.matrices) + blocks_to_html(result.reading.blocks, marks)
    return blocks_to_html([block for block in result.reading.blocks if not isinstance(block, Table)], [])


def _pages(result: DocumentResult, config: Config, max_pages: int) -> Iterator[str]:
    """Yields the chosen pages of a PDF; of one that could not be read the first, as far as they can be drawn."""
    path = Path(result.source.path)
    endings = {page.page_no: page for page in result.reading.pages} if result.reading else {}
    chosen = choose_pages(result, max_pages)
    if len(chosen) < len(endings):
        yield f'<p class="soft">{len(chosen)} of {len(endings)} pages are drawn, those with tables first.</p>'
    is_picture = result.source.kind is SourceKind.IMAGE
    pictures = {} if is_picture else dict(draw_pages(path, chosen))
    seen = {} if is_picture or result.source.kind is SourceKind.SCAN else _reread(path, chosen, config)
    placers: dict[int, Placer] = {}
    from_pixels = {n: endings[n].width_pt or 1.0 for n in chosen if n in endings and endings[n].transform is not None}
    for page_no, page, place, picture in reread_scans(path, result.source.kind, from_pixels, config):
        seen[page_no], placers[page_no], pictures[page_no] = page, place, picture
    for page_no in chosen if result.reading else sorted(pictures):
        picture = pictures.get(page_no, _NO_PICTURE)
        ending = endings.get(page_no) or PageResult(page_no, "", "failed")
        size = (ending.width_pt or picture.width, ending.height_pt or picture.height)
        failure = f" — {ending.failure.message} {ending.failure.advice}" if ending.failure else ""
        yield f'<h3 id="page-{page_no}">Page {page_no} <span class="soft">{esc(ending.kind)}{esc(failure)}</span></h3>'
        tables = _on_page(result, page_no)
        shown = Sheet(page_no, *size, picture.address, seen.get(page_no), tables, result.matrices, placers.get(page_no))
        yield sheet_to_html(shown)


def choose_pages(result: DocumentResult, max_pages: int) -> list[int]:
    """Returns the pages to draw, in order; where they are too many, those of matrices and then of tables are kept.

    Of a document that could not be read, the first few that it may have.
    """
    if result.reading is None:
        return list(range(1, min(max_pages, _UNREAD_PAGES) + 1))
    pages = [page.page_no for page in result.reading.pages]
    with_cells = {cell.page_no for matrix in result.matrices for row in matrix.cells for cell in row}
    with_tables = {page for table in tables_of(result) for page in block_pages(table)}
    ranked = sorted(pages, key=lambda page: (page not in with_cells, page not in with_tables, page))
    return sorted(ranked[:max_pages])


def _on_page(result: DocumentResult, page_no: int) -> list[tuple[int, Table]]:
    """Returns the tables that lie on a page with their numbers in the document."""
    return [(number, table) for number, table in enumerate(tables_of(result)) if page_no in block_pages(table)]


def _reread(path: Path, page_nos: Sequence[int], config: Config) -> dict[int, Page]:
    """Returns words and rulings of the chosen pages, read again; nothing where the file has gone or is broken."""
    from pipeline.intake.pdf import iter_pages

    found: dict[int, Page] = {}
    if not page_nos:
        return found
    try:
        for page in iter_pages(path, config):
            if page.page_no in page_nos:
                found[page.page_no] = page
            if page.page_no >= page_nos[-1]:
                break
    except DocumentError:
        pass
    return found
