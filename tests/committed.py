"""The committed scans as this process reads them: each once, for all tests that ask what comes of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pipeline.domain import DocumentResult
from pipeline.run.document import process
from pipeline.store.files import write_result

SCANS = Path(__file__).resolve().parents[1] / "fixtures" / "scans"
order: list[str] = []
"""The scans in the order in which they were read."""


@cache
def result_of(name: str) -> DocumentResult:
    """What a scan says; read when it is first asked for."""
    order.append(name)
    return process(SCANS / name, name)


def written(out: Path, result: DocumentResult) -> dict[str, bytes]:
    """The result files of one scan, by folder and name."""
    folder = write_result(out, result)
    return {f"{folder.name}/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}
