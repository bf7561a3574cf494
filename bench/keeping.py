"""What it costs to keep results: the JSON files and the ledger, beside the reading itself."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from bench.cases import ROOT, seed_cases, twin_cases
from bench.tables import format_table

TEXT_LIMIT_MS, SCAN_LIMIT = 10.0, 0.05
SCANS = ("office-200.pdf",)


def keeping_table() -> str:
    """Returns milliseconds a document for text scrapes and scans."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = [folder / f"{n:03d}-{c.file_name}" for n, c in enumerate((*seed_cases(), *twin_cases(7000, 4)))]
        for path, case in zip(texts, (*seed_cases(), *twin_cases(7000, 4)), strict=True):
            path.write_bytes(case.data)
        text = measure(texts, folder / "texts")
        scan = measure([ROOT / "fixtures" / "scans" / n for n in SCANS], folder / "scans")
    share = 100 * (scan[1] + scan[2]) / sum(scan)
    rows = [
        ["text scrapes", *(f"{ms:.1f}" for ms in text), f"<= {TEXT_LIMIT_MS:.0f} ms"],
        ["scans", *(f"{ms:.1f}" for ms in scan), f"{share:.1f} % of all, <= {100 * SCAN_LIMIT:.0f} %"],
    ]
    head = ("results kept, ms of processor a document (median)", "reading", "JSON files", "ledger", "asked of both")
    return format_table(head, rows)


def measure(paths: Iterable[Path], out: Path) -> tuple[float, float, float]:
    """Returns the medians of reading, staging and keeping a document, in milliseconds of processor time."""
    from pipeline.config import DEFAULT
    from pipeline.intake.discover import Input
    from pipeline.run.batch import keep
    from pipeline.run.identity import config_hash, program_hash
    from pipeline.run.job import Job, read_input, stage
    from pipeline.run.resume import tasks_of
    from pipeline.store.ledger import Ledger

    tasks = tasks_of([Input(path, path.name) for path in paths], [None] * len(paths))
    out.mkdir()
    times: list[tuple[float, float, float]] = []
    with Ledger(out) as ledger:
        run = ledger.begin_run("ingest", "0", program_hash(), config_hash(DEFAULT), {}, 1, [task.row for task in tasks])
        for task in (tasks[0], *tasks):  # the first once more, to warm up
            marks = [time.process_time()]
            result = read_input(task.item, DEFAULT)
            marks.append(time.process_time())
            done = stage(Job(task.number, task.item), result, out, time.monotonic())
            marks.append(time.process_time())
            ledger.start([task.row.place], 60.0)
            keep(ledger, task, done, run)
            marks.append(time.process_time())
            times.append((marks[1] - marks[0], marks[2] - marks[1], marks[3] - marks[2]))
    read, staged, kept = (1000 * statistics.median(column) for column in zip(*times[1:], strict=True))
    return read, staged, kept
