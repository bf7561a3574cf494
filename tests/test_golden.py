"""Golden files: what is read of a few reports, in a form whose differences a person can review.

`make golden` is their one writer.
"""

import os
from pathlib import Path

import pytest

from pipeline.run.document import process

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).resolve().parent / "golden"
WRITE = os.environ.get("GOUJI_WRITE_GOLDEN") == "1"


def cases():
    generated = ROOT / "fixtures" / "generated" / "tuning"
    texts = sorted((ROOT / "fixtures" / "reports").glob("*.txt"))
    return [*texts, *sorted(generated.glob("*.html"))[:3], *sorted(generated.glob("*.pdf"))[:24:4]]


def listing(result):
    """The result as lines: one a row of every matrix, flags and states marked, then the findings."""
    lines = [f"status {result.status}", f"issuer {result.facts.issuer}", f"year {result.facts.year}"]
    lines += [f"absent {' '.join(result.absent)}", f"unread {' '.join(result.unread)}"]
    for matrix in result.matrices:
        lines.append(f"\n{matrix.table} {matrix.variant} unit {matrix.unit} page {matrix.page_no}")
        lines.append("  columns " + " | ".join(f"{c.key}={c.label}" for c in matrix.columns).replace("\n", "/"))
        for match, cells in zip(matrix.rows, matrix.cells, strict=True):
            values = " ".join(("?" if c.review else "") + (c.state if c.value is None else str(c.value)) for c in cells)
            label = (match.label or "").replace("\n", "/")
            lines.append(f"  {match.key:<16} {values}  <- {label} {match.similarity:.2f}")
    lines.append("")
    lines += [f"{f.kind} {f.severity} {f.rule}: {f.message}" for f in result.findings]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", cases(), ids=lambda p: p.stem)
def test_golden(path):
    text = listing(process(path, path.name))
    golden = GOLDEN / f"{path.name}.golden"
    if WRITE:
        GOLDEN.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf8")
    assert golden.read_text(encoding="utf8") == text


def test_nothing_writes_golden_files_in_a_test_run():
    if "CI" in os.environ:
        assert not WRITE


def test_there_is_no_golden_file_without_its_report():
    assert {p.name for p in GOLDEN.glob("*")} == {f"{p.name}.golden" for p in cases()}
