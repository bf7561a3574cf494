"""The times of the review page: `python -m bench.review_speed [--cells 100000] [--rounds 9] [--profile PAGE]`.

A ledger of that many cells (each document a picture with one table of requests; in three of five of them cells are in doubt) is
made in a temporary folder, and every page and change is asked for in turn, without a network. Shown are the median and the
longest time in milliseconds, and the median of processor time, which other programs on the machine do not lengthen. The goal:
pages under 100 ms, a crop under 50 ms where its page is kept and under 500 ms where it is not.
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from review_helpers import COLUMNS, DPI, PAGE, ROWS, Person, app_of, draw, matrix, place_of

from pipeline.config import Review
from pipeline.domain import (
    CellRef,
    DocumentFacts,
    DocumentResult,
    Finding,
    Origin,
    PageResult,
    Reading,
    Source,
    SourceKind,
)
from pipeline.store.files import publish_result, stage_result
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_rows import InputRow, Outcome

_DOUBTFUL = (0, 0, 4, 16, 40)
_AT_ONCE = 64
_PUBLISHED = 40


def fill(out: Path, sources: Path, cells: int) -> int:
    """Makes the folder of results; returns how many cells its ledger holds. The files of most documents are left out."""
    sources.mkdir(parents=True)
    out.mkdir(parents=True)
    picture = sources / "page.png"
    draw(picture)
    data = picture.read_bytes()
    documents = -(-cells // (len(ROWS) * len(COLUMNS)))
    tables = {n: matrix(n, Origin.OCR) for n in set(_DOUBTFUL)}
    with Ledger(out) as ledger:
        run = ledger.begin_run("ingest", "0", "code", "config", {}, 1, [])
        for start in range(0, documents, _AT_ONCE):
            with ledger.unit() as db:
                for number in range(start, min(start + _AT_ONCE, documents)):
                    path = sources / f"p{number}.png"
                    content = data + b"\0" * number  # another content each
                    path.write_bytes(content)
                    doubtful = _DOUBTFUL[number % len(_DOUBTFUL)]
                    result = _document(path, content, number, tables[doubtful], doubtful)
                    if number < _PUBLISHED:
                        publish_result(out, stage_result(out, result), result.document_id)
                    ledger.record(db, InputRow.of(path.name, [path]), result, "null", Outcome(), run)
        ledger.end_run(run, "done", 1.0)
        return int(ledger.connection.execute("SELECT count(*) FROM cells").fetchone()[0])


def _document(path: Path, content: bytes, number: int, found: Any, doubtful: int) -> DocumentResult:
    digest = hashlib.sha256(content).hexdigest()
    identity = f"{path.stem}~{digest[:8]}"
    source = Source(str(path), path.name, digest, len(content), SourceKind.IMAGE, "image")
    reading = Reading(source, (), (PageResult(1, "image", "ok", width_pt=PAGE[0], height_pt=PAGE[1]),))
    refs = tuple(CellRef(identity, "requests", "granted", c) for c in COLUMNS)
    broken = (Finding("row_total", "undecided", "error", "row_total in granted: 20 is not 12", refs, 20, 12),)
    facts = DocumentFacts(f"第{number % 90}镇", 2015 + number % 10)
    # Some reports lack a table.
    absent = ("litigation",) if number % 25 == 2 else ()
    status: Any = "review" if doubtful or absent else "accepted"
    return DocumentResult(identity, source, facts, status, None, reading, (found,), broken if doubtful else (), absent)


def measure(out: Path, rounds: int, profile: str = "") -> list[tuple[str, float, float, float]]:
    """Returns name, median, longest and processor time in milliseconds of every page and change."""
    person = Person(app_of(out, Review()), "A")
    shown = person.next()
    with Ledger(out, readonly=True) as ledger:
        query = "SELECT id FROM documents WHERE review_state = 'open' ORDER BY id LIMIT 200"
        documents = [str(row[0]) for row in ledger.connection.execute(query)]
        lacks = ledger.connection.execute("SELECT id FROM documents WHERE absent <> '[]' ORDER BY id LIMIT 1").fetchone()[0]
    fresh = iter(documents)

    def answer_and_next() -> None:
        nonlocal shown
        person.answer(shown, "10")
        shown = person.next(place_of(shown))

    def crop(document: str) -> None:
        person.get("/image/crop", params={**place_of(shown), "document": document})

    lacking = {"document": str(lacks), "table": "litigation"}
    asked: list[tuple[str, Callable[[], object]]] = [
        ("queue", lambda: person.get("/queue")),
        ("queue, filtered", lambda: person.get("/queue?issuer=第3镇&year=2018")),
        ("card (page)", lambda: person.get("/card")),
        ("next card", lambda: person.next()),
        ("one card", lambda: person.post("/api/card", place_of(shown))),
        ("answer and next card", answer_and_next),
        ("undo and redo", lambda: (person.post("/api/undo", {}), person.post("/api/redo", {}))),
        ("table to look for", lambda: person.post("/api/table", lacking)),
        ("done", lambda: person.get("/done")),
        ("statistics", lambda: person.get("/statistics")),
        ("crop, page kept", lambda: crop(documents[0])),
        ("strip, page kept", lambda: person.get("/image/strip", params={**place_of(shown), "document": documents[0]})),
        ("crop, page not kept", lambda: crop(next(fresh))),
        ("page, not kept", lambda: person.get("/image/page", params={"document": next(fresh), "page": 1})),
    ]
    return [(name, *_timed(ask, rounds, name == profile)) for name, ask in asked]


def _timed(ask: Callable[[], object], rounds: int, profiled: bool) -> tuple[float, float, float]:
    ask()
    wall, processor = [], []
    profiler = cProfile.Profile()
    for _ in range(rounds):
        if profiled:
            profiler.enable()
        began, worked = time.perf_counter(), time.process_time()
        ask()
        wall.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - worked))
        profiler.disable()
    if profiled:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)
    return statistics.median(wall), max(wall), statistics.median(processor)


def main() -> None:
    """Prints the times."""
    parser = argparse.ArgumentParser(prog="python -m bench.review_speed", description="Times of the review page.")
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--profile", default="", help="name of a line whose profile is printed")
    parser.add_argument("--keep", default="", help="folder to make the results in, and to use again if it is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.keep or temporary) / "review-speed"
        began = time.perf_counter()
        if not (folder / "out").is_dir():
            count = fill(folder / "out", folder / "sources", options.cells)
            print(f"{count} cells, made in {time.perf_counter() - began:.0f} s; pictures at {DPI:.0f} dpi")
        print("\n| ms | median | longest | processor |\n|---|---:|---:|---:|")
        for name, median, longest, processor in measure(folder / "out", options.rounds, options.profile):
            print(f"| {name} | {median:.0f} | {longest:.0f} | {processor:.0f} |", flush=True)


if __name__ == "__main__":
    main()
