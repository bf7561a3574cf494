"""Scans beside other readers, in one process and run: PaddleOCR's whole-page pipeline, and img2table with RapidOCR.

Each gets the same file of one scanned page for each profile, and PaddleOCR a whole report too. What they cannot know, which row
of a schema a printed row is, they are told; see `bench.rowwise`.
"""

from __future__ import annotations

import importlib.util
import io
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.cases import FIRST_SEED, Case, hongze_cases, pdf_cases
from bench.degrade import NAMES, degrade_pdf
from bench.peers import Measured, read, read_with_gouji, read_with_img2table, read_with_paddle
from bench.picture import Picture, encode_pages
from bench.rowwise import Json
from bench.score import score_document
from bench.tables import format_table
from bench.throughput import Throughput, measure

TABLE_PAGE_LIMIT, REPORT_LIMIT = 1 / 8, 1 / 4
_RULED = ("thin", "thick", "double", "frame_thick", "rects", "no_frame")
_OFFICE = "office_200"
FOLDER_PAGES, FOLDER_REPORTS = 6, 2


@dataclass(frozen=True)
class TablePage:
    """A page of the PDF `data` that holds the whole table of requests, and the truth of the tables that are whole on it."""

    data: bytes
    page_no: int
    truth: Json

    def scan(self, profile: str, seed: int, chosen: str) -> Picture:
        """Returns it as a scan."""
        # The print of the next page may show through; nothing else of it is needed.
        follows = [self.page_no + 1] if profile == "bleed" else []
        return degrade_pdf(_some_pages(self.data, [self.page_no, *follows]), profile, seed, chosen)[0]


@dataclass(frozen=True)
class Compared:
    """One scanned page read by all."""

    profile: str
    cells: int
    gouji: Measured
    paddle: Measured
    img2table: Measured


def baseline_report(chosen: str, profiles: Sequence[str] = (), pages: int = 1) -> str:
    """Returns the tables of the comparison.

    Args:
        chosen: `tuning` or `reporting`: the prints and the strengths of damage.
        profiles: those that are wanted; all where empty.
        pages: table pages read for each profile.
    """
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loaded = _warm_up(folder, chosen)
        compared = list(_compare_profiles(folder, chosen, [p for p in NAMES if not profiles or p in profiles], pages))
        report = _compare_report(folder, chosen)
        folder_table = _compare_folder(folder, chosen)
    rows = [_row(p, members) for p in NAMES if (members := [c for c in compared if c.profile == p])]
    header = ("scan of one table page, read alone", "pages", "cells", "gouji exact", "silent", "PaddleOCR + rows exact",
              "img2table exact", "gouji s", "PaddleOCR s", "img2table s", "gouji / PaddleOCR", "of processor time")  # fmt: skip
    rows += [_row("ALL", compared), ["asked for", *[""] * 9, f"<= {TABLE_PAGE_LIMIT:.3f}", ""]] if compared else []
    cores = len(os.sched_getaffinity(0))
    load = f"{cores} cores, load average before {before:.1f}; PaddleOCR loaded in {loaded:.1f} s"
    note = "Read alone, a page has all cores of both readers, by the clock; its share of processor time adds up all threads."
    return "\n\n".join([format_table(header, rows), folder_table, report, note, load])


def table_pages(chosen: str) -> Iterator[TablePage]:
    """Yields the pages of the ruled prints on which the table of requests is whole."""
    for case in pdf_cases(chosen, 500):
        if case.detail.removeprefix("border ") in _RULED and (page := _table_page(case)) is not None:
            yield page


def _table_page(case: Case) -> TablePage | None:
    """Finds the page by reading the print itself; None where its table of requests is cut or not read right."""
    from pipeline.store.contract import result_to_matrices

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / case.file_name
        path.write_bytes(case.data)
        document = result_to_matrices(read(path))
    on_pages = {m["table"]: {cell["page"] for row in m["cells"] for cell in row} for m in document["matrices"]}
    place = on_pages.get("requests", set())
    tally = score_document(document, case.truth).tally
    if len(place) != 1 or tally.exact < tally.cells:
        return None
    tables = {name: t for name, t in case.truth["tables"].items() if on_pages.get(name) == place}
    return TablePage(case.data, next(iter(place)), {**case.truth, "tables": tables})


def _some_pages(data: bytes, page_nos: Sequence[int]) -> bytes:
    """Returns a PDF of some pages of a PDF, from 1; after its last page comes its first."""
    import pypdfium2

    source, target, out = pypdfium2.PdfDocument(data), pypdfium2.PdfDocument.new(), io.BytesIO()
    target.import_pages(source, [(n - 1) % len(source) for n in page_nos])
    target.save(out)
    target.close()
    source.close()
    return out.getvalue()


def _compare_profiles(folder: Path, chosen: str, profiles: Sequence[str], pages: int) -> Iterator[Compared]:
    prints = table_pages(chosen)
    taken: list[TablePage] = []
    for k, profile in enumerate(profiles):
        for i in range(pages):
            # A print for each page as long as they last, then again from the first.
            if (fresh := next(prints, None)) is not None:
                taken.append(fresh)
            if not taken:
                return
            page = taken[(k * pages + i) % len(taken)]
            yield _compare(folder, profile, page.scan(profile, FIRST_SEED[chosen] + i, chosen), page.truth)


def _compare(folder: Path, profile: str, scan: Picture, truth: Json) -> Compared:
    path = folder / f"{profile}.pdf"
    path.write_bytes(scan.encode("pdf"))
    ours, theirs = read_with_gouji(path, truth), read_with_paddle(path, truth)
    return Compared(profile, _cells(truth), ours, theirs, read_with_img2table(scan, truth))


def _cells(truth: Json) -> int:
    return sum(len(row) for table in truth["tables"].values() for row in table["values"])


def _warm_up(folder: Path, chosen: str) -> float:
    """Has both readers load what they need; returns the seconds that PaddleOCR took."""
    page = next(table_pages(chosen), None)
    if page is None:
        return 0.0
    path = folder / "warm.pdf"
    path.write_bytes(page.scan(_OFFICE, 1, chosen).encode("pdf"))
    read(path)
    if importlib.util.find_spec("paddleocr") is None:
        return 0.0
    import numpy as np

    from pipeline.ocr.paddle import read_page_with_paddleocr

    start = time.perf_counter()
    read_page_with_paddleocr(np.full((64, 256, 3), 255, dtype=np.uint8))
    return time.perf_counter() - start


def _compare_report(folder: Path, chosen: str) -> str:
    """Returns the table of one whole report: the real one where it is there, else a generated one."""
    case = next(hongze_cases(), None) or next(pdf_cases(chosen, 1), None)
    if case is None:
        return "no report to measure"
    pages = degrade_pdf(case.data, _OFFICE, FIRST_SEED[chosen], chosen)
    path = folder / f"{case.name}.pdf"
    path.write_bytes(encode_pages(pages, "pdf"))
    ours, theirs = read_with_gouji(path, case.truth), read_with_paddle(path, case.truth)
    row = [f"{case.name} {_OFFICE}", str(len(pages)), str(_cells(case.truth)), _exact(ours), str(ours.silent), _exact(theirs),
           _seconds(ours), _seconds(theirs), *_ratios([ours], [theirs])]  # fmt: skip
    header = ("scan of a whole report", "pages", "cells", "gouji exact", "silent", "PaddleOCR + rows exact", "gouji s",
              "PaddleOCR s", "gouji / PaddleOCR", "of processor time")  # fmt: skip
    return format_table(header, [row, ["asked for", *[""] * 7, f"<= {REPORT_LIMIT:.3f}", ""]])


def _compare_folder(folder: Path, chosen: str) -> str:
    """Returns the table of table pages and of whole reports at 200 dpi, which both read with all cores."""
    pages, reports = [], []
    for k, page in enumerate(islice(table_pages(chosen), FOLDER_PAGES)):
        pages.append(folder / f"folder-{k}.pdf")
        pages[-1].write_bytes(page.scan(_OFFICE, FIRST_SEED[chosen] + k, chosen).encode("pdf"))
    case = next(hongze_cases(), None) or next(pdf_cases(chosen, 1), None)
    for k in range(FOLDER_REPORTS):
        if case is None:
            break
        reports.append(folder / f"report-{k}.pdf")
        reports[-1].write_bytes(encode_pages(degrade_pdf(case.data, _OFFICE, FIRST_SEED[chosen] + k, chosen), "pdf"))
    header = ("a folder, read with all cores", "files", "gouji s a file", "PaddleOCR s a file", "gouji / PaddleOCR",
              "of processor time", "asked for")  # fmt: skip
    kinds = ((f"table pages, {_OFFICE}", pages, TABLE_PAGE_LIMIT), (f"whole reports, {_OFFICE}", reports, REPORT_LIMIT))
    return format_table(header, [_folder_row(name, measure(files), limit) for name, files, limit in kinds if files])


def _folder_row(name: str, seen: Throughput, limit: float) -> list[str]:
    seconds = [f"{s / seen.files:.2f}" for s in (seen.ours, seen.theirs)]
    how = f"{name}: {seen.cores} workers with one thread, PaddleOCR with {seen.cores}"
    return [how, str(seen.files), *seconds, seen.ratio, seen.busy_ratio, f"<= {limit:.3f}"]


def _row(name: str, members: Sequence[Compared]) -> list[str]:
    ours, theirs, other = ([getattr(c, f) for c in members] for f in ("gouji", "paddle", "img2table"))
    counts = [str(len(members)), str(sum(c.cells for c in members))]
    exact = [_exact(*ours), str(sum(m.silent for m in ours)), _exact(*theirs), _exact(*other)]
    return [name, *counts, *exact, _seconds(*ours), _seconds(*theirs), _seconds(*other), *_ratios(ours, theirs)]


def _exact(*measured: Measured) -> str:
    known = [m.exact for m in measured if m.exact is not None]
    notes = [m.note for m in measured if m.note]
    return str(sum(known)) if known else notes[0] if notes else "-"


def _seconds(*measured: Measured) -> str:
    """Seconds a page, or a dash."""
    return f"{sum(m.seconds for m in measured) / len(measured):.2f}" if any(m.seconds for m in measured) else "-"


def _ratios(ours: Sequence[Measured], theirs: Sequence[Measured]) -> tuple[str, str]:
    """Returns our part of their time by the clock, and of their processor time, which another program disturbs less."""
    clock, busy = sum(m.seconds for m in theirs), sum(m.busy for m in theirs)
    if not clock or not busy:
        return "-", "-"
    return f"{sum(m.seconds for m in ours) / clock:.3f}", f"{sum(m.busy for m in ours) / busy:.3f}"
