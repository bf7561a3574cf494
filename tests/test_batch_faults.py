"""What one document, a disk, a lock or a clock does to a run: the others are unharmed, it is said, and a rerun completes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.run.progress import read_beats
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import pages_of
from pipeline.store.ledger_status import status_of

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "fixtures" / "reports" / "tianshan-2024.txt"
PAGED = ROOT / "fixtures" / "generated" / "seen" / "reporting-8000-reportlab-stsong-thin.pdf"
LIMITS = {"GOUJI_BATCH_DOCUMENT_SECONDS": "10", "GOUJI_BATCH_PAGE_SECONDS": "10", "GOUJI_BATCH_WORKER_MEMORY_MB": "700"}
HARMS = {
    "exits": ("worker_died", "exit code 3"),
    "leaves": ("internal", "SystemExit"),
    "segfault": ("worker_died", "SIGSEGV"),
    "loop": ("timed_out", "10 s"),
    "hang": ("timed_out", "10 s"),
    "hog": ("out_of_memory", "MiB"),
    "raises": ("internal", "RuntimeError"),
    "memory": ("out_of_memory", "memory"),
    "garbage": ("internal", "no result"),
}
"""What a document does to its worker: class of its failure, and what the reason says."""
PAGE_HARMS = ("exits", "segfault", "hang", "hog", "raises", "memory")


def command(out: Path, *inputs: Path | str, workers: int = 2) -> list[str]:
    return [sys.executable, "-m", "tests.faulty", "ingest", *map(str, inputs), "--out", str(out), "--workers", str(workers)]


def run(out: Path, *inputs: Path | str, workers: int = 2, **environment: str) -> subprocess.CompletedProcess[str]:
    """Ingests with faults and by workers, texts too."""
    settings = os.environ | LIMITS | {"GOUJI_BATCH_INLINE_DOCUMENTS": "0"} | environment
    asked = command(out, *inputs, workers=workers)
    return subprocess.run(asked, cwd=ROOT, env=settings, capture_output=True, text=True, errors="replace", timeout=200)


def ingest(out: Path, *inputs: Path) -> int:
    """Ingests without faults, in this process."""
    return cli.main(["ingest", *map(str, inputs), "--out", str(out), "--quiet"])


def add_good(folder: Path) -> Path:
    """Four good reports, among which each test puts bad ones."""
    folder.mkdir()
    for number in range(4):
        (folder / f"good-{number}.txt").write_bytes(REPORT.read_bytes() + b"\n" * number)
    return folder


@pytest.fixture
def folder(tmp_path):
    return add_good(tmp_path / "in")


def failure_of(out: Path, stem: str) -> dict | None:
    (path,) = out.glob(f"{stem}~*/matrices.json")
    return json.loads(path.read_text("utf8"))["failure"]


def states(out: Path) -> tuple[dict[str, int], dict[str, int]]:
    with Ledger(out, readonly=True) as ledger:
        status = status_of(ledger)
    return status.documents, status.failures


# --- what a document does to its worker


@dataclass(frozen=True)
class Harmed:
    """A run in which documents harm their workers."""

    out: Path
    done: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def harmed(tmp_path_factory) -> Harmed:
    """One run for all kinds: what one does to its worker must not show in what is said of another."""
    base = tmp_path_factory.mktemp("harmed")
    folder, out = add_good(base / "in"), base / "out"
    for kind in (*HARMS, "prints", "segfault-once"):
        (folder / f"{kind}.txt").write_bytes(REPORT.read_bytes())
    for kind in PAGE_HARMS:
        shutil.copy(PAGED, folder / f"page2-{kind}.pdf")
    # Most of it is waiting for those that hang: side by side.
    return Harmed(out, run(out, folder, workers=4))


def test_documents_that_harm_their_workers_fail_alone(harmed):
    done, out = harmed.done, harmed.out
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    failures = dict.fromkeys(sorted(c for c, _ in HARMS.values()), 0)
    for failure_class, _ in HARMS.values():
        failures[failure_class] += 1
    assert states(out) == ({"accepted": 6, "failed": len(HARMS), "review": len(PAGE_HARMS)}, failures)
    assert not list(out.glob(".staged/*"))


@pytest.mark.parametrize("kind", HARMS)
def test_a_document_that_harms_its_worker_says_what_it_did(harmed, kind):
    failure_class, says = HARMS[kind]
    failure = failure_of(harmed.out, kind)
    assert f"{kind}.txt ({failure_class})" in harmed.done.stdout
    assert failure["class"] == failure_class and says in failure["message"]
    assert len(failure["advice"]) > 10


def test_a_worker_that_hangs_ends_with_a_killed_run(tmp_path):
    (tmp_path / "hang.txt").write_bytes(REPORT.read_bytes())
    settings = os.environ | LIMITS | {"GOUJI_BATCH_INLINE_DOCUMENTS": "0", "GOUJI_BATCH_DOCUMENT_SECONDS": "900"}
    out = tmp_path / "out"
    process = subprocess.Popen(command(out, tmp_path / "hang.txt"), cwd=ROOT, env=settings, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (beats := [b for b in read_beats(out / ".staged" / "beats") if b.job is not None]):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 10
    try:
        while any(Path(f"/proc/{beat.pid}").exists() for beat in beats):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        for beat in beats:
            with contextlib.suppress(ProcessLookupError):
                os.kill(beat.pid, signal.SIGKILL)


def test_a_document_that_harms_its_worker_once_is_read_gently(harmed):
    with Ledger(harmed.out, readonly=True) as ledger:
        (row,) = ledger.named("segfault-once")
    assert (row.status, row.attempts) == ("accepted", 2) and "gentler" in row.gentle


def test_output_of_a_library_is_no_output_of_ours(harmed):
    with Ledger(harmed.out, readonly=True) as ledger:
        (row,) = ledger.named("prints")
    assert row.status == "accepted" and row.attempts == 1


@pytest.mark.parametrize("kind", PAGE_HARMS)
def test_a_page_that_harms_its_worker_costs_that_page_alone(harmed, kind):
    failure_class = HARMS[kind][0]
    with Ledger(harmed.out, readonly=True) as ledger:
        (row,) = ledger.named(f"page2-{kind}")
        pages = pages_of(ledger, row.id)
    assert row.status == "review" and row.failure_class is None and row.attempts == 3
    assert [(p.page_no, p.state, p.failure_class, p.attempts) for p in pages] == [
        (1, "done", None, 1), (2, "failed", failure_class, 3), (3, "done", None, 1)
    ]  # fmt: skip
    assert pages[0].duration_s is not None
    (path,) = harmed.out.glob(f"page2-{kind}~*/matrices.json")
    result = json.loads(path.read_text("utf8"))
    failure = result["page_results"][1]["failure"]
    assert failure["class"] == failure_class and failure["message"].startswith("Page 2") and len(failure["advice"]) > 10
    assert result["unread"] and not result["absent"]


def test_what_the_other_pages_say_is_the_same_whatever_one_page_did(harmed):
    written = [next(harmed.out.glob(f"page2-{kind}~*/matrices.json")).read_text("utf8") for kind in PAGE_HARMS]
    assert len({str(json.loads(text)["matrices"]) for text in written}) == 1


def test_once_the_fault_is_mended_what_failed_is_read_and_nothing_else(harmed, tmp_path, capsys):
    out = shutil.copytree(harmed.out, tmp_path / "out")
    folder = harmed.out.parent / "in"
    n_files = 6 + len(HARMS) + len(PAGE_HARMS)
    assert cli.main(["ingest", str(folder), "--out", str(out)]) == 1
    assert capsys.readouterr().out.count(", done before") == n_files
    assert cli.main(["reprocess", "--out", str(out), "--workers", "0"]) == 0, capsys.readouterr().out
    assert states(out) == ({"accepted": n_files}, {})


# --- the disk


def test_a_full_disk_ends_the_run_with_advice_and_a_rerun_completes(folder, tmp_path):
    out = tmp_path / "out"
    assert ingest(out, folder / "good-0.txt") == 0
    done = run(out, folder, FAULTY_FSIZE="20000")
    assert done.returncode == 4 and "Traceback" not in done.stderr, done.stderr
    assert "ulimit" in done.stderr or "limit of file sizes" in done.stderr
    assert not list(out.glob(".staged/*")) and len(list(out.glob("good-*"))) == 1
    assert ingest(out, folder) == 0
    assert states(out)[0] == {"accepted": 4}


def test_results_that_grow_out_of_bounds_fail_alone(folder, tmp_path, monkeypatch):
    out = tmp_path / "out"
    (folder / "small.txt").write_text("春季清扫通知\n\n阅览室本周五闭馆清扫。\n", "utf8")
    monkeypatch.setenv("GOUJI_LIMITS_OUTPUT_BYTES", "20000")
    assert ingest(out, folder) == 1
    assert states(out) == ({"accepted": 1, "failed": 4}, {"too_large": 4})
    failure = failure_of(out, "good-0")
    assert "20000 bytes" in failure["message"] and "limits.output_bytes" in failure["advice"]
    assert not list(out.glob(".staged/*"))
    monkeypatch.delenv("GOUJI_LIMITS_OUTPUT_BYTES")
    assert ingest(out, folder) == 0 and states(out) == ({"accepted": 5}, {})


def test_a_folder_that_cannot_be_written_ends_the_run(folder, capsys):
    assert cli.main(["ingest", str(folder), "--out", "/proc/gouji", "--workers", "2"]) == 4
    said = capsys.readouterr().err
    assert "--out" in said and "Traceback" not in said


# --- the ledger


def test_a_second_run_into_the_same_folder_leaves(folder, tmp_path, capsys):
    out = tmp_path / "out"
    (folder / "hang.txt").write_bytes(REPORT.read_bytes())
    settings = os.environ | {"GOUJI_BATCH_INLINE_DOCUMENTS": "0"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    first = subprocess.Popen(command(out, folder), cwd=ROOT, env=settings, **quiet)
    while len(list(out.glob("good-*"))) < 4:
        assert first.poll() is None
        time.sleep(0.02)
    assert ingest(out, folder) == 6
    assert f"process {first.pid}" in capsys.readouterr().err
    assert first.poll() is None
    first.terminate()
    assert first.wait(60) == 130
    assert ingest(out, folder) == 0
    assert states(out) == ({"accepted": 5}, {})


def test_a_ledger_that_another_program_holds_is_said_to_be_so(folder, tmp_path, monkeypatch):
    from pipeline.store import ledger as module

    out = tmp_path / "out"
    assert ingest(out, folder / "good-0.txt") == 0
    other = sqlite3.connect(out / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(module.Ledger.__init__, "__defaults__", (0.2, False))
    assert ingest(out, folder) == 6
    other.execute("ROLLBACK")
    assert ingest(out, folder) == 0
    assert states(out)[0] == {"accepted": 4}


def test_a_ledger_damaged_in_the_middle_is_found(folder, tmp_path, capsys):
    out = tmp_path / "out"
    assert ingest(out, folder) == 0
    data = bytearray((out / "ledger.sqlite").read_bytes())
    data[len(data) // 3 : len(data) // 2] = os.urandom(len(data) // 2 - len(data) // 3)
    (out / "ledger.sqlite").write_bytes(data)
    assert ingest(out, folder) == 7
    assert "damaged" in capsys.readouterr().err


def test_a_clock_that_jumps_back_harms_nothing(folder, tmp_path):
    (folder / "hang.txt").write_bytes(REPORT.read_bytes())
    done = run(tmp_path / "out", folder, FAULTY_CLOCK="1", GOUJI_BATCH_DOCUMENT_SECONDS="6")
    assert done.returncode == 1, done.stderr
    assert states(tmp_path / "out") == ({"accepted": 4, "failed": 1}, {"timed_out": 1})
