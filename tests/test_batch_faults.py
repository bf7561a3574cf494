"""What one document, a disk, a lock or a clock does to a run: the others are unharmed, it is said, and a rerun completes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import pages_of
from pipeline.store.ledger_status import status_of

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "fixtures" / "reports" / "tianshan-2024.txt"
LIMITS = {"GOUJI_BATCH_DOCUMENT_SECONDS": "6", "GOUJI_BATCH_PAGE_SECONDS": "6", "GOUJI_BATCH_WORKER_MEMORY_MB": "700"}


def run(out: Path, *inputs: Path | str, program: str = "tests.faulty", **environment: str) -> subprocess.CompletedProcess[str]:
    """Ingests with two workers, texts too."""
    command = [sys.executable, "-m", program, "ingest", *map(str, inputs), "--out", str(out), "--workers", "2"]
    settings = os.environ | LIMITS | {"GOUJI_BATCH_INLINE_DOCUMENTS": "0"} | environment
    return subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, errors="replace", timeout=120)


@pytest.fixture
def folder(tmp_path):
    """Four good reports, among which each test puts a bad one."""
    made = tmp_path / "in"
    made.mkdir()
    for number in range(4):
        (made / f"good-{number}.txt").write_bytes(REPORT.read_bytes() + b"\n" * number)
    return made


def failure_of(out: Path, stem: str) -> dict | None:
    (path,) = out.glob(f"{stem}~*/matrices.json")
    return json.loads(path.read_text("utf8"))["failure"]


def states(out: Path) -> tuple[dict[str, int], dict[str, int]]:
    with Ledger(out, readonly=True) as ledger:
        status = status_of(ledger)
    return status.documents, status.failures


@pytest.mark.parametrize(
    ("kind", "failure_class", "says"),
    [
        ("exits", "worker_died", "exit code 3"),
        ("leaves", "internal", "SystemExit"),
        ("segfault", "worker_died", "SIGSEGV"),
        ("loop", "timed_out", "6 s"),
        ("hang", "timed_out", "6 s"),
        ("hog", "out_of_memory", "MiB"),
        ("raises", "internal", "RuntimeError"),
        ("memory", "out_of_memory", "memory"),
        ("garbage", "internal", "no result"),
    ],
)
def test_a_document_that_harms_its_worker_fails_alone(folder, tmp_path, kind, failure_class, says):
    out = tmp_path / "out"
    (folder / f"{kind}.txt").write_bytes(REPORT.read_bytes())
    done = run(out, folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{kind}.txt ({failure_class})" in done.stdout and "Traceback" not in done.stdout + done.stderr
    assert says in failure_of(out, kind)["message"]
    assert len(failure_of(out, kind)["advice"]) > 10
    assert states(out) == ({"accepted": 4, "failed": 1}, {failure_class: 1})
    assert not list(out.glob(".staged/*"))
    # The fault is mended: what failed is read by `reprocess`, what was done stays done.
    again = run(out, folder, program="pipeline.cli")
    assert again.returncode == 1 and again.stdout.count(", done before") == 5
    healed = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "reprocess", "--out", str(out)], cwd=ROOT, capture_output=True, text=True
    )
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert states(out) == ({"accepted": 5}, {})


def test_a_document_that_harms_its_worker_once_is_read_gently(folder, tmp_path):
    (folder / "segfault-once.txt").write_bytes(REPORT.read_bytes())
    assert run(tmp_path / "out", folder).returncode == 0
    with Ledger(tmp_path / "out", readonly=True) as ledger:
        (row,) = ledger.named("segfault-once")
    assert (row.status, row.attempts) == ("accepted", 2) and "gentler" in row.gentle


def test_output_of_a_library_is_no_output_of_ours(folder, tmp_path):
    (folder / "prints.txt").write_bytes(REPORT.read_bytes())
    done = run(tmp_path / "out", folder)
    assert done.returncode == 0 and states(tmp_path / "out")[0] == {"accepted": 5}


def test_a_page_that_kills_its_worker_costs_that_page_alone(tmp_path):
    paged = next(p for p in sorted((ROOT / "fixtures" / "generated").rglob("*.pdf")) if _n_pages(p) >= 3)
    slow = {"GOUJI_BATCH_PAGE_SECONDS": "60", "GOUJI_BATCH_DOCUMENT_SECONDS": "60"}
    done = run(tmp_path / "out", paged, FAULTY_PAGES="segfault:2", **slow)
    assert done.returncode == 0, done.stdout + done.stderr
    with Ledger(tmp_path / "out", readonly=True) as ledger:
        (row,) = ledger.documents()
        pages = pages_of(ledger, row.id)
    assert row.status == "review" and row.attempts == 3
    assert [p.failure_class for p in pages if p.state == "failed"] == ["worker_died"]
    assert pages[1].state == "failed" and pages[1].attempts == 3 and pages[0].duration_s is not None


def _n_pages(path: Path) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return len(document)
    finally:
        document.close()


# --- the disk


def test_a_full_disk_ends_the_run_with_advice_and_a_rerun_completes(folder, tmp_path):
    out = tmp_path / "out"
    assert run(out, folder / "good-0.txt").returncode == 0
    done = run(out, folder, FAULTY_FSIZE="20000")
    assert done.returncode == 4 and "Traceback" not in done.stderr, done.stderr
    assert "ulimit" in done.stderr or "limit of file sizes" in done.stderr
    assert not list(out.glob(".staged/*")) and len(list(out.glob("good-*"))) == 1
    assert run(out, folder).returncode == 0
    assert states(out)[0] == {"accepted": 4}


def test_a_folder_that_cannot_be_written_ends_the_run(folder):
    done = run(Path("/proc/gouji"), folder)
    assert done.returncode == 4 and "--out" in done.stderr and "Traceback" not in done.stderr


# --- the ledger


def test_a_second_run_into_the_same_folder_leaves(folder, tmp_path):
    out = tmp_path / "out"
    (folder / "hang.txt").write_bytes(REPORT.read_bytes())
    settings = os.environ | LIMITS | {"GOUJI_BATCH_INLINE_DOCUMENTS": "0"}
    command = [sys.executable, "-m", "tests.faulty", "ingest", str(folder), "--out", str(out), "--workers", "1"]
    first = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (out / "ledger.sqlite").exists():
        assert first.poll() is None
    second = run(out, folder)
    assert second.returncode == 6 and f"process {first.pid}" in second.stderr
    assert first.wait(60) == 1


def test_a_ledger_that_another_program_holds_is_said_to_be_so(folder, tmp_path, monkeypatch):
    from pipeline import cli
    from pipeline.store import ledger as module

    out = tmp_path / "out"
    assert cli.main(["ingest", str(folder / "good-0.txt"), "--out", str(out), "--quiet"]) == 0
    other = sqlite3.connect(out / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(module.Ledger.__init__, "__defaults__", (0.2, False))
    assert cli.main(["ingest", str(folder), "--out", str(out), "--quiet"]) == 6
    other.execute("ROLLBACK")
    assert cli.main(["ingest", str(folder), "--out", str(out), "--quiet"]) == 0
    assert states(out)[0] == {"accepted": 4}


def test_a_ledger_damaged_in_the_middle_is_found(folder, tmp_path, capsys):
    from pipeline import cli

    out = tmp_path / "out"
    assert cli.main(["ingest", str(folder), "--out", str(out), "--quiet"]) == 0
    data = bytearray((out / "ledger.sqlite").read_bytes())
    data[len(data) // 3 : len(data) // 2] = os.urandom(len(data) // 2 - len(data) // 3)
    (out / "ledger.sqlite").write_bytes(data)
    assert cli.main(["ingest", str(folder), "--out", str(out), "--quiet"]) == 7
    assert "damaged" in capsys.readouterr().err


def test_a_clock_that_jumps_back_harms_nothing(folder, tmp_path):
    (folder / "hang.txt").write_bytes(REPORT.read_bytes())
    done = run(tmp_path / "out", folder, FAULTY_CLOCK="1")
    assert done.returncode == 1, done.stderr
    assert states(tmp_path / "out") == ({"accepted": 4, "failed": 1}, {"timed_out": 1})
