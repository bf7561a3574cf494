"""The same scan read twice by one process, with another in between, writes the same files, byte for byte."""

from __future__ import annotations

from pathlib import Path

from committed import SCANS, order, result_of, written

from pipeline.run.document import process

NAME, OTHER = "turned.pdf", "worn.pdf"


def test_the_same_scan_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first = written(tmp_path / "first", result_of(NAME))
    # What another document leaves behind in the process must not show.
    result_of(OTHER)
    if order.index(OTHER) < order.index(NAME):
        process(SCANS / OTHER, OTHER)
    assert len(first) == 3
    assert written(tmp_path / "again", process(SCANS / NAME, NAME)) == first
