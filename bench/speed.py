"""Speed beside the peers, in one process and warm: absolute times differ between machines, the ratios less so."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.cases import ROOT, seed_cases, speed_pdfs, twin_cases
from bench.tables import format_table

TEXT_LIMIT_MS = 20.0
START_LIMIT_S = 0.5
PDFPLUMBER_LIMIT = 1.5
CAMELOT_LIMIT = 0.25
LOAD_LIMIT_S = 2.0
WORKER_LIMIT_GIB = 1.5
WORKER_PAGES = 20
WORKER_PROFILES = ("office_200", "photo", "clean_300")


@dataclass(frozen=True)
class PdfTimes:
    """Seconds for one PDF; `second` says that a second reading was asked for."""

    name: str
    pages: int
    gouji_s: float
    pdfplumber_s: float
    camelot_s: float
    second: bool


def speed_report() -> str:
    """Returns the tables of PDF, text, keeping results, and start-up."""
    from bench.keeping import keeping_table

    return "\n\n".join((_pdf_table(), _text_table(), keeping_table(), _start_table()))


def best_seconds(run: Callable[[], object], repeats: int = 3, clock: Callable[[], float] = time.process_time) -> float:
    """Returns the median of `repeats` runs after one run to warm up: of processor time, which other programs disturb less."""
    run()
    times = []
    for _ in range(repeats):
        start = clock()
        run()
        times.append(clock() - start)
    return statistics.median(times)


def _children_seconds() -> float:
    """Returns the processor time of the programs that this one started, and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _pdf_table() -> str:
    times = [_time_pdf(path) for path in speed_pdfs()]
    if not times:
        return "no PDF to measure"
    rows = [_pdf_row(t.name, [t]) for t in times]
    plain = [t for t in times if not t.second]
    if plain:
        rows.append(_pdf_row(f"ALL {len(plain)} that need no second reading", plain))
    rows.append([f"need a second reading: {sum(t.second for t in times)} of {len(times)}", *[""] * 6])
    rows.append(["asked for", "", "", "", f"<= {PDFPLUMBER_LIMIT}", "", f"<= {CAMELOT_LIMIT}"])
    header = ("digital PDF, s of processor time", "pages", "gouji", "pdfplumber", "gouji/pdfplumber", "camelot", "gouji/camelot")
    return format_table(header, rows)


def _pdf_row(name: str, times: list[PdfTimes]) -> list[str]:
    ours, plumber, camelot = (sum(getattr(t, f) for t in times) for f in ("gouji_s", "pdfplumber_s", "camelot_s"))
    mark = " (second reading)" if len(times) == 1 and times[0].second else ""
    return [name + mark, str(sum(t.pages for t in times)), f"{ours:.3f}", f"{plumber:.3f}", f"{ours / plumber:.2f}",
            f"{camelot:.3f}", f"{ours / camelot:.2f}"]  # fmt: skip


def _time_pdf(path: Path) -> PdfTimes:
    from pipeline.config import DEFAULT
    from pipeline.run.document import process

    result = process(path, path.name, DEFAULT)
    pages = len(result.reading.pages) if result.reading else 0
    second = bool(result.reading) and any(getattr(b, "reason", None) for b in result.reading.blocks)
    return PdfTimes(
        path.stem, pages, best_seconds(lambda: process(path, path.name, DEFAULT)), best_seconds(lambda: _pdfplumber(path)),
        best_seconds(lambda: _camelot(path), repeats=1), second,
    )  # fmt: skip


def _pdfplumber(path: Path) -> object:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return [page.extract_tables() for page in pdf.pages]


def _camelot(path: Path) -> object:
    import camelot

    return camelot.read_pdf(str(path), pages="all", flavor="lattice")  # type: ignore[attr-defined]


def _text_table() -> str:
    from pipeline.config import DEFAULT
    from pipeline.run.document import process_bytes

    cases = [*seed_cases(), *twin_cases(7000, 4)]
    times = {c.name: 1000 * best_seconds(lambda c=c: process_bytes(c.file_name, c.data, DEFAULT)) for c in cases}  # type: ignore[misc]
    rows = [[c.name, f"{len(c.data) / 1024:.0f}", f"{times[c.name]:.1f}"] for c in seed_cases()]
    rows.append(["median of seeds and twins", "", f"{statistics.median(times.values()):.1f}"])
    rows.append(["slowest", "", f"{max(times.values()):.1f}"])
    rows.append(["asked for (median)", "", f"<= {TEXT_LIMIT_MS:.0f}"])
    return format_table(("text scrape, bytes to matrices, ms of processor time", "KiB", "ms"), rows)


def _start_table() -> str:
    command = Path(sys.executable).with_name("gouji")
    line = [str(command)] if command.exists() else [sys.executable, "-m", "pipeline.cli"]

    def start() -> None:
        subprocess.run([*line, "--help"], check=True, capture_output=True, cwd=ROOT)

    clocks = (time.perf_counter, _children_seconds)
    rows = [["gouji --help", *(f"{best_seconds(start, repeats=5, clock=c):.3f}" for c in clocks)]]
    return format_table(("start-up", "s", "of processor time"), [*rows, ["asked for", f"< {START_LIMIT_S}", ""]])


def worker_table(chosen: str) -> str:
    """Measures one worker in a process of its own: loading, a document twice, and memory after `WORKER_PAGES` pages or more."""
    with tempfile.TemporaryDirectory() as folder:
        files = _worker_files(Path(folder), chosen)
        if not files:
            return "no scans to measure"
        code = "import sys; from bench.speed import run_worker; run_worker(sys.argv[1:])"
        done = subprocess.run([sys.executable, "-c", code, *files], check=True, capture_output=True, cwd=ROOT, text=True)
    seen = json.loads(done.stdout.splitlines()[-1])
    rows = [
        ["models loaded, s", f"{seen['load']:.2f}", f"< {LOAD_LIMIT_S:.0f}"],
        ["models loaded, s of processor time", f"{seen['load_busy']:.2f}", ""],
        ["first document, s a page", f"{seen['first']:.2f}", ""],
        ["the same again, s a page", f"{seen['again']:.2f}", "no loading"],
        ["of processor time, first and again, s a page", f"{seen['first_busy']:.2f}, {seen['again_busy']:.2f}", ""],
        ["resident with the models, GiB", f"{seen['loaded_gib']:.2f}", ""],
        [f"most resident, {seen['pages']} pages, GiB", f"{seen['peak_gib']:.2f}", f"<= {WORKER_LIMIT_GIB}"],
    ]
    return format_table(("one worker on scans", "measured", "asked for"), rows)


def _worker_files(folder: Path, chosen: str) -> list[str]:
    """Writes scans of one report in several profiles, the largest pages among them."""
    from bench.cases import FIRST_SEED, hongze_cases, pdf_cases
    from bench.degrade import degrade_pdf
    from bench.picture import encode_pages

    case = next(hongze_cases(), None) or next(pdf_cases(chosen, 1), None)
    if case is None:
        return []
    files = []
    for profile in WORKER_PROFILES:
        path = folder / f"{profile}.pdf"
        path.write_bytes(encode_pages(degrade_pdf(case.data, profile, FIRST_SEED[chosen], chosen), "pdf"))
        files.append(str(path))
    return files


def run_worker(files: Sequence[str]) -> None:
    """Reads `files` in turn until `WORKER_PAGES` pages are done and prints what it took, as JSON; for a process of its own."""
    from pipeline.config import DEFAULT
    from pipeline.ocr.engine import load_engine
    from pipeline.run.document import process

    start, busy = time.perf_counter(), time.process_time()
    load_engine(DEFAULT.ocr)
    seen: dict[str, float] = {"load": time.perf_counter() - start, "load_busy": time.process_time() - busy}
    seen["loaded_gib"] = _memory_gib("VmRSS")
    pages = 0
    # The first file twice: the second reading has nothing left to load.
    order = [files[0], *files]
    for i in range(WORKER_PAGES):
        start, busy = time.perf_counter(), time.process_time()
        path = Path(order[i % len(order)])
        reading = process(path, path.name, DEFAULT).reading
        count = len(reading.pages) if reading else 1
        pages += count
        if i < 2:
            name = "again" if i else "first"
            seen[name] = (time.perf_counter() - start) / count
            seen[f"{name}_busy"] = (time.process_time() - busy) / count
        if pages >= WORKER_PAGES and i >= len(files):
            break
    print(json.dumps({**seen, "pages": pages, "peak_gib": _memory_gib("VmHWM")}))


def _memory_gib(field: str) -> float:
    """Returns a line of the process's status; what `getrusage` calls its peak is that of the parent, where that was larger."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024**2
    return 0.0
