"""One document from its bytes to its result: identify, read, align, check, judge."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.canon.family import recognise
from pipeline.canon.schema import Schema, load_schemas
from pipeline.config import DEFAULT, Config
from pipeline.domain import (
    CellRef,
    DocumentFacts,
    DocumentResult,
    Failure,
    Finding,
    Origin,
    Reading,
    Source,
    SourceKind,
    Table,
)
from pipeline.errors import DocumentError, GoujiError, MislabelledError, TooLargeError
from pipeline.intake.encoding import decode
from pipeline.intake.identify import identify, unread_source
from pipeline.intake.text import read_text
from pipeline.run.judged import judge
from pipeline.run.progress import OUT_OF_MEMORY
from pipeline.run.retakes import Retakes
from pipeline.store.files import document_id
from pipeline.store.status import ELSEWHERE, status_of

_ORIGINS = {
    SourceKind.TEXT: Origin.SCRAPE,
    SourceKind.HTML: Origin.HTML,
    SourceKind.PDF: Origin.TEXT_LAYER,
    SourceKind.SCAN: Origin.OCR,
    SourceKind.IMAGE: Origin.OCR,
}


def process(path: Path, relative_path: str, config: Config = DEFAULT, manifest: DocumentFacts | None = None) -> DocumentResult:
    """Reads one file; whatever is wrong with the file becomes a failed result, never an exception.

    Args:
        path: the file.
        relative_path: how the result names it.
        config: settings.
        manifest: facts that override what the document says of itself.
    """
    source = unread_source(path, relative_path)
    try:
        source, data = identify(path, relative_path, config)
        reading, retakes = _read(source, data, config)
        return finish(source, reading, config, manifest, retakes=retakes)
    except Exception as error:
        # The one broad handler: a fault of ours or of a library ends this document, not the run.
        return failed(source, document_error(error), manifest)


def guarded(source: Source, manifest: DocumentFacts | None, read: Callable[[], DocumentResult]) -> DocumentResult:
    """Returns what `read` returns; whatever it raises becomes a failed result, as in `process`."""
    try:
        return read()
    except Exception as error:
        return failed(source, document_error(error), manifest)


def document_error(error: Exception) -> DocumentError:
    """Returns what an exception means for the document that was being read.

    Raises:
        GoujiError: it is one that ends the run, such as a recogniser that is missing.
    """
    if isinstance(error, DocumentError):
        return error
    if isinstance(error, GoujiError):
        raise error
    if isinstance(error, RecursionError):
        return TooLargeError("The document nests too deeply.", "Open it in a browser and print it to PDF.")
    name = type(error).__name__
    if isinstance(error, MemoryError):
        note = DocumentError(f"There was not enough memory ({name}).", "Lower scan.dpi, or give the pages one by one.")
        note.failure_class = OUT_OF_MEMORY
        return note
    note = DocumentError(f"Reading ended with {name}: {error}", "This is a fault of Gouji: report it with the file.")
    note.failure_class = "internal"
    return note


def process_bytes(name: str, data: bytes, config: Config = DEFAULT) -> DocumentResult:
    """Reads a text scrape from memory."""
    source = Source(name, name, hashlib.sha256(data).hexdigest(), len(data), SourceKind.TEXT, "txt")
    try:
        return finish(source, read_text(source, decode(data, None)[0], config), config)
    except DocumentError as error:
        return failed(source, error)


def failed(source: Source, error: DocumentError, manifest: DocumentFacts | None = None) -> DocumentResult:
    """Makes the result of a document that could not be read."""
    failure = Failure(error.failure_class, error.message, error.advice or "Look at the file.")
    identity = document_id(
        source.relative_path, source.sha256 or hashlib.sha256(source.relative_path.encode("utf8", "surrogateescape")).hexdigest()
    )
    return DocumentResult(identity, source, manifest or DocumentFacts(), "failed", failure, None)


def _read(source: Source, data: bytes, config: Config) -> tuple[Reading, Retakes | None]:
    """Opens a source with the reader of its kind; beside the reading stands what it takes to read its pages otherwise."""
    if source.kind is SourceKind.PDF:
        from pipeline.run.pdf import read_pdf

        retakes = Retakes()
        return read_pdf(source, Path(source.path), config, retakes), retakes
    if source.kind is SourceKind.IMAGE:
        from pipeline.run.pictures import read_pictures

        retakes = Retakes()
        return read_pictures(source, Path(source.path), config, retakes), retakes
    if source.kind is SourceKind.HTML:
        from pipeline.intake.html import read_html

        return read_html(source, data, config), None
    return read_text(source, decode(data, None)[0], config), None


def finish(
    source: Source,
    reading: Reading,
    config: Config = DEFAULT,
    manifest: DocumentFacts | None = None,
    schemas: Sequence[Schema] | None = None,
    retakes: Retakes | None = None,
) -> DocumentResult:
    """Aligns what was read with the schemas, checks it, and judges the document.

    Args:
        source: where it was read from.
        reading: its blocks.
        config: settings.
        manifest: facts that override what the document says of itself.
        schemas: the families to look for; all that are known where not given.
        retakes: scanned pages that can be read with another grid where the first one leaves doubt.

    Raises:
        MislabelledError: the extension promised another format and the content is no report.
    """
    families = load_schemas() if schemas is None else schemas
    source = reading.source
    found = recognise(reading, families, _ORIGINS[source.kind], config.align)
    if (
        not found.families
        and source.kind is SourceKind.HTML
        and source.declared_kind not in ("html", "htm", "shtml", "xhtml", "")
    ):
        raise MislabelledError(
            f"The file is called {Path(source.relative_path).suffix}, but holds a web page without a report; "
            "a crawler often saves an error page so.",
            "Fetch the document again from its address.",
        )
    identity = document_id(source.relative_path, source.sha256)
    judged = judge(reading, found, families, manifest)
    notes: tuple[Finding, ...] = ()
    if retakes is not None and retakes.pages and config.scan.second_grid and config.scan.read_text:
        from pipeline.run.rivals import with_rival_grids

        judged, notes = with_rival_grids(judged, retakes, families, config, manifest, _ORIGINS[source.kind])
    reading, found, facts = judged.reading, judged.found, judged.facts
    findings = [*reading.notes, *found.findings, *judged.unequal, *judged.narrative.findings, *notes]
    if not found.families:
        tables = any(isinstance(b, Table) for b in reading.blocks)
        detail = "its tables are in tables.json" if tables else "it has no tables"
        findings.append(Finding("no_schema", "undecided", "note", f"No schema fits this document; {detail}."))
    findings = [_with_document(f, identity) for f in findings]
    unreadable = [p for p in reading.pages if p.status == "failed"]
    hidden = bool(unreadable) or any(f.rule in ELSEWHERE for f in reading.notes)
    absent, unread = ((), found.absent) if hidden else (found.absent, ())
    # Print that no schema fits may be a report that was read badly: of pixels that is never certain.
    unknown = not found.families and source.kind in (SourceKind.SCAN, SourceKind.IMAGE)
    flagged = any(c.review for m in found.matrices for row in m.cells for c in row)
    lacking = bool(found.absent) or unknown or bool(unreadable)
    status = status_of(flagged, ((f.rule, f.kind, f.severity) for f in findings), lacking)
    return DocumentResult(
        identity, source, facts, status, None, reading, found.matrices, tuple(findings), absent, unread, found.families
    )


def _with_document(finding: Finding, identity: str) -> Finding:
    """Names the document in the cells of a finding."""
    return replace(finding, cells=tuple(CellRef(identity, c.table, c.row, c.column) for c in finding.cells))
