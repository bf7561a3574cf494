"""Runs the program under test on one case and keeps what it said, how long it took, or how it crashed."""

from __future__ import annotations

import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cases import Case
from bench.score import Score, score_document


@dataclass(frozen=True)
class Outcome:
    """One case with its score; `crash` is the traceback where the program raised."""

    case: Case
    score: Score
    document: dict[str, Any] | None
    seconds: float
    crash: str = ""


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
    return Outcome(case, score_document(document, case.truth, case.lost), document, seconds)
