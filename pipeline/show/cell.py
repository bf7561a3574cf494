"""One cell, or a few, explained on the command line: words, and a picture of each cut out of its page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.domain import DocumentResult, SourceKind
from pipeline.errors import DocumentError, OutputError, UsageError
from pipeline.show.explanation import Explanation, explain

_MARGIN_PT, _LEAST_HEIGHT_PX, _MOST_WIDTH_PX, _MOST_PICTURES = 14.0, 160, 1200, 40
_LINE = (47, 95, 208)


def explain_cells(result: DocumentResult, pattern: str) -> list[Explanation]:
    """Explains the cells of a document that a pattern names.

    Args:
        result: the document.
        pattern: `TABLE/ROW/COLUMN`, each an identifier, or a pattern with `*`; `review` is all that are to be reviewed.

    Raises:
        UsageError: the document has no such cell.
    """
    known = explain(result)
    if pattern == "review":
        return [e for e in known.values() if e.review]
    wanted = tuple(pattern.split("/"))
    if len(wanted) != 3:
        raise UsageError(f"{pattern!r} is no cell.", "Write TABLE/ROW/COLUMN, such as requests/new/total or 'requests/new/*'.")
    found = [e for place, e in known.items() if all(map(fnmatchcase, place, wanted))]
    if not found:
        raise UsageError(f"This document has no cell {pattern}.", _what_there_is(result, wanted[0]))
    return found


def _what_there_is(result: DocumentResult, table: str) -> str:
    """Says which tables there are, or which rows and columns one has."""
    if not result.matrices:
        return "No table of a known family was found in it."
    matrix = next((m for m in result.matrices if m.table == table), None)
    if matrix is None:
        return f"Its tables: {' '.join(m.table for m in result.matrices)}."
    rows, columns = (" ".join(lane.key for lane in lanes) for lanes in (matrix.rows, matrix.columns))
    return f"Rows of {table}: {rows}. Columns: {columns}."


def to_lines(explanation: Explanation) -> Iterator[str]:
    """Yields an explanation as lines of plain text."""
    yield f"{'/'.join(explanation.place)}   {explanation.labels[0]} × {explanation.labels[1]}"
    yield f"  {explanation.verdict}"
    for heading, lines in explanation.sections:
        yield f"  {heading}"
        yield from (f"    - {line}" for line in lines)


def draw_cells(
    result: DocumentResult,
    explanations: Sequence[Explanation],
    destination: Path,
    config: Config,
    files: Sequence[Path] = (),
) -> dict[tuple[str, str, str], Path]:
    """Writes a picture of each cell, cut out of its page as it came in; cells without a place have none.

    Args:
        result: the document; its source is opened again.
        explanations: of the cells; the first 40 are drawn.
        destination: the folder to write to.
        config: settings.
        files: where its source lies now, if not where the result says: members of an archive, or the pictures of a group.

    Returns:
        The files written, by cell: `destination/<document id>.<table>.<row>.<column>.png`.

    Raises:
        OutputError: a picture cannot be written.
    """
    placed = [e for e in explanations if e.page_no is not None and e.bbox is not None][:_MOST_PICTURES]
    widths = {page.page_no: page.width_pt for page in result.reading.pages} if result.reading else {}
    found: dict[tuple[str, str, str], Path] = {}
    source = list(files) or [Path(result.source.path)]
    for page_no, pixels in _pages(result.source.kind, source, sorted({e.page_no for e in placed if e.page_no}), config):
        scale = pixels.shape[1] / (widths.get(page_no) or pixels.shape[1])
        for explanation in (e for e in placed if e.page_no == page_no):
            path = destination / f"{result.document_id}.{'.'.join(explanation.place)}.png"
            try:
                destination.mkdir(parents=True, exist_ok=True)
                _cut(pixels, explanation, scale).save(path)
            except OSError as error:
                raise OutputError(f"{path} cannot be written: {error.strerror or error}", "Choose another --out.") from error
            found[explanation.place] = path
    return found


def _pages(kind: SourceKind, files: Sequence[Path], page_nos: Sequence[int], config: Config) -> Iterator[tuple[int, Any]]:
    """Yields number and pixels of the wanted pages; none where the source has gone or is broken."""
    try:
        if kind is SourceKind.IMAGE and page_nos:
            from pipeline.intake.image import iter_image_rasters

            if len(files) > 1:
                for page_no in (n for n in page_nos if n <= len(files)):
                    yield page_no, next(iter_image_rasters(files[page_no - 1], config)).pixels
                return
            for raster in islice(iter_image_rasters(files[0], config), max(page_nos)):
                if raster.page_no in page_nos:
                    yield raster.page_no, raster.pixels
        elif kind in (SourceKind.PDF, SourceKind.SCAN) and page_nos:
            from pipeline.intake.raster_pdf import iter_pdf_rasters

            for raster in iter_pdf_rasters(files[0], page_nos, config):
                yield raster.page_no, raster.pixels
    except (DocumentError, OSError):
        return


def _cut(pixels: Any, explanation: Explanation, scale: float) -> Any:
    """Returns the cell with a little of what is around it and a line around it, large enough to be looked at."""
    from PIL import Image, ImageDraw

    box = explanation.bbox
    assert box is not None
    height, width = pixels.shape[:2]
    x0, top = max(0, int((box.x0 - _MARGIN_PT) * scale)), max(0, int((box.top - _MARGIN_PT) * scale))
    x1, bottom = min(width, int((box.x1 + _MARGIN_PT) * scale) + 1), min(height, int((box.bottom + _MARGIN_PT) * scale) + 1)
    image: Any = Image.fromarray(pixels[top : max(bottom, top + 1), x0 : max(x1, x0 + 1)]).convert("RGB")
    factor = max(1.0, min(_LEAST_HEIGHT_PX / image.height, _MOST_WIDTH_PX / image.width))
    image = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS)
    corners = explanation.quad or ((box.x0, box.top), (box.x1, box.top), (box.x1, box.bottom), (box.x0, box.bottom))
    points = [((x * scale - x0) * factor, (y * scale - top) * factor) for x, y in corners]
    ImageDraw.Draw(image).polygon(points, outline=_LINE, width=2)
    return image
