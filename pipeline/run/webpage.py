"""The pictures of a web page: those that hold tables are read, in their places among the tables of its text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config import Config
from pipeline.domain import Block, DocumentFacts, DocumentResult, Failure, Finding, PageResult, Reading, Table
from pipeline.errors import DocumentError
from pipeline.intake.html import WebPage, open_page
from pipeline.intake.html_pictures import find_picture, may_hold_table
from pipeline.intake.identify import identify
from pipeline.intake.image import iter_image_rasters
from pipeline.run.document import finish
from pipeline.run.pictures import Pages
from pipeline.run.progress import WHOLE, begin_page, pages_left_out, watched

_SCREEN_DPI, _A4_WIDTH_IN = 96.0, 8.27
_NAMED = 10


@dataclass(frozen=True, slots=True)
class _Read:
    """What the pictures of a page gave.

    Attributes:
        blocks: place among the page's blocks, and what was read there.
        pages: how each picture that was looked at ended; they count from 2, the page itself is 1.
        lost: why pictures could not be had.
    """

    blocks: tuple[tuple[int, tuple[Block, ...]], ...]
    pages: tuple[PageResult, ...]
    lost: tuple[str, ...]

    @property
    def has_table(self) -> bool:
        """True where a picture holds a table with more than one row and column."""
        return any(_is_data(b) for _, blocks in self.blocks for b in blocks)


def with_pictures(result: DocumentResult, config: Config, manifest: DocumentFacts | None = None) -> DocumentResult:
    """Reads the pictures of a web page too.

    They are taken from the page itself (`data:` addresses) or from files beside it, never from the network. The text around
    the tables of a picture is kept where the page has none of its own, or where the picture holds a table.

    Args:
        result: of the text of the page.
        config: settings.
        manifest: facts that override what the page says of itself.

    Returns:
        The result with the tables of its pictures; `result` where the page has no picture that may hold a table. Pictures
        that cannot be had are a finding.
    """
    try:
        source, data = identify(Path(result.source.path), result.source.relative_path, config)
        page = open_page(data, config)
        if not page.pictures or (result.failure is not None and page.refusal is None):
            return result
        read = _read_pictures(page, Path(source.path), config)
        if result.failure is not None and not any(blocks for _, blocks in read.blocks):
            return _still_failed(result, read)
        broken = any(p.failure is not None for p in read.pages)
        if result.failure is None and not read.has_table and not broken and not read.lost:
            return result
        notes = _notes(page, read)
        reading = Reading(source, _merged(page, read), (PageResult(1, "html", "ok"), *read.pages), page.title, notes)
        done = finish(source, reading, config, manifest)
        if read.lost:
            done = replace(done, absent=(), unread=(*done.unread, *done.absent))
        if done.families or any(note.rule == "pictures" for note in notes):
            return done
        # Print that no schema fits may be a report that was read badly: of pixels that is never certain.
        said = Finding("pictures", "undecided", "note", "Tables were read from pictures of the page, and no schema fits them.")
        return finish(source, replace(reading, notes=(*notes, said)), config, manifest)
    except DocumentError:
        return result


def _read_pictures(page: WebPage, path: Path, config: Config) -> _Read:
    """Reads the pictures of a page; those with nothing between them go on from one another like pages."""
    runs: list[tuple[int, Pages]] = []
    lost: list[str] = []
    met: set[str] = set()
    number = 1
    with tempfile.TemporaryDirectory() as folder:
        for index, picture in enumerate(page.pictures):
            try:
                file, sha256 = find_picture(picture.addresses, path, Path(folder) / f"picture-{index}", config)
            except DocumentError as error:
                lost.append(error.message)
                continue
            # The same picture again (a line, a mark of a list) holds the same.
            if sha256 in met or not may_hold_table(file):
                continue
            met.add(sha256)
            if number > config.scan.max_pages:
                lost.append(f"The page has more than {config.scan.max_pages} pictures; raise scan.max_pages to read the rest.")
                break
            if not runs or runs[-1][0] != picture.before:
                runs.append((picture.before, Pages()))
            number = _add(runs[-1][1], file, number, config)
            begin_page(WHOLE)
    blocks = tuple((before, tuple(pages.blocks())) for before, pages in runs)
    return _Read(blocks, tuple(r for _, pages in runs for r in pages.results), tuple(lost))


def _add(pages: Pages, file: Path, number: int, config: Config) -> int:
    """Reads one picture file; returns the number of the last page."""
    try:
        for raster in watched(iter_image_rasters(file, config, pages_left_out(number)), number + 1):
            number += 1
            # What a screen shows has its 96 pixels an inch, what is wider than paper more; files of the web rarely say.
            dpi = max(_SCREEN_DPI, raster.pixels.shape[1] / _A4_WIDTH_IN)
            pages.add_guarded(replace(raster, page_no=number, dpi=dpi), config)
    except DocumentError as error:
        number += 1
        pages.add_failed(number, Failure(error.failure_class, error.message, error.advice or "Look at the picture."))
    return number


def _merged(page: WebPage, read: _Read) -> tuple[Block, ...]:
    """Puts what was read of the pictures in its place among the blocks of the page."""
    keep_text = page.refusal is not None
    merged: list[Block] = []
    at = 0
    for before, blocks in read.blocks:
        merged += page.blocks[at:before]
        at = before
        if keep_text or any(_is_data(b) for b in blocks):
            merged += blocks
    return (*merged, *page.blocks[at:])


def _notes(page: WebPage, read: _Read) -> tuple[Finding, ...]:
    """Says which pictures were read, which could not be had, and where else tables may be."""
    return (*_about(page, read), *(n for n in page.unread if n.rule != "pictures" and not page.has_data and not read.has_table))


def _about(page: WebPage, read: _Read) -> Iterator[Finding]:
    good = [p for p in read.pages if p.failure is None]
    if good:
        yield Finding("pictures_read", "reading", "note", f"{len(good)} picture(s) of the page were read like scans.")
    if read.lost:
        # Where no table at all was found the lost ones are to be feared for.
        rule = "pictures_lost" if page.has_data or read.has_table else "pictures"
        yield Finding(rule, "undecided", "note", _lost(read.lost))


def _lost(lost: Sequence[str]) -> str:
    reasons = list(dict.fromkeys(lost))
    rest = " ..." if len(reasons) > _NAMED else ""
    return f"{len(lost)} picture(s) of the page were not read; a table in them is lost: {' '.join(reasons[:_NAMED])}{rest}"


def _still_failed(result: DocumentResult, read: _Read) -> DocumentResult:
    """Says in the failure of a page without text why its pictures did not help."""
    assert result.failure is not None
    if read.lost:
        return replace(result, failure=replace(result.failure, message=f"{result.failure.message} {_lost(read.lost)}"))
    said = "No print was found in them." if read.pages else "They are too small to hold a table."
    return replace(result, failure=replace(result.failure, message=f"{result.failure.message} {said}"))


def _is_data(block: Block) -> bool:
    return isinstance(block, Table) and block.n_rows > 1 and block.n_columns > 1
