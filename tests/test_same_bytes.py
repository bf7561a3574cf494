"""The same scan read twice by one process, with another in between, writes the same files, byte for byte."""

from __future__ import annotations

from pathlib import Path

from pipeline.run.document import process
from pipeline.store.files import write_result

SCANS = Path(__file__).resolve().parents[1] / "fixtures" / "scans"


def written(out: Path, name: str) -> dict[str, bytes]:
    """The result files of one scan, by name."""
    folder = write_result(out, process(SCANS / name, name))
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_scan_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first = written(tmp_path / "first", "turned.pdf")
    # What another document leaves behind in the process must not show.
    written(tmp_path / "between", "worn.pdf")
    assert len(first) == 3
    assert written(tmp_path / "again", "turned.pdf") == first
