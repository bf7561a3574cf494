"""Runs the program under test on one case and keeps what it said, how long it took, or how it crashed."""

from __future__ import annotations

import tempfile
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cases import Case, Grid
from bench.score import Score, score_document
from pipeline.domain import Table


@dataclass(frozen=True)
class Outcome:
    """One case with its score.

    `crash` is the traceback where the program raised, `grids` the tables that it found, `ruled` those of them that were found
    by their rulings alone and without a doubt.
    """

    case: Case
    score: Score
    document: dict[str, Any] | None
    seconds: float
    crash: str = ""
    grids: tuple[Grid, ...] = ()
    ruled: tuple[Grid, ...] = ()


def read_case(case: Case) -> Outcome:
    """Reads one case, a text from memory and the others from a file, and scores it."""
    from pipeline.config import DEFAULT
    from pipeline.run.document import process, process_bytes
    from pipeline.store.contract import result_to_matrices

    is_text = case.file_name.endswith(".txt")
    folder = tempfile.TemporaryDirectory() if not is_text else None
    path = Path(folder.name if folder else "") / case.file_name
    if folder:
        path.write_bytes(case.data)
    start = time.perf_counter()
    try:
        name = case.file_name
        result = process_bytes(name, case.data, DEFAULT) if is_text else process(path, name, DEFAULT)
    except Exception:  # a bench that stops at the first crash tells nothing of the others
        score = score_document(None, case.truth, case.lost)
        score.tally.crashed += 1
        return Outcome(case, score, None, time.perf_counter() - start, traceback.format_exc(limit=-4))
    finally:
        if folder:
            folder.cleanup()
    seconds = time.perf_counter() - start
    document = result_to_matrices(result)
    tables = [b for b in (result.reading.blocks if result.reading else ()) if isinstance(b, Table)]
    ruled = [t for t in tables if t.reading == "rulings" and not t.doubts]
    score = score_document(document, case.truth, case.lost, case.unplaced)
    # A fault of the program that a batch lives through is a crash all the same.
    score.tally.crashed += result.failure is not None and result.failure.failure_class == "internal"
    return Outcome(case, score, document, seconds, grids=_grids_of(tables), ruled=_grids_of(ruled))


def _grids_of(tables: Iterable[Table]) -> tuple[Grid, ...]:
    return tuple(frozenset((c.row, c.column, c.row_span, c.column_span) for c in t.cells) for t in tables)
