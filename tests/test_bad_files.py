"""Hundreds of malformed files in one run: each ends with a reason and advice, within limits, and harms no other."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from fixtures.broken.corpus import SPECIAL, write_corpus
from fixtures.broken.sample import READ, Sample
from pipeline import cli

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "fixtures"
HEALTHY = {
    "healthy-scrape.txt": "reports/zezhou-2024.txt",
    "healthy.pdf": "generated/seen/reporting-8001-reportlab-stsong-thin.pdf",
}
CLASSES = {
    "empty", "unsupported", "mislabelled", "damaged", "encrypted", "no_pages", "needs_ocr", "too_large", "unreadable_file",
}  # fmt: skip
"""The classes of failure that a file alone can bring about; README says what each means."""

# Bombs go off early, so that the test need not wait for them.
SETTINGS = """
[limits]
page_chars = 20000
page_operators = 50000
page_stream_bytes = 33554432
scrape_chars = 300000
[batch]
page_seconds = 30
document_seconds = 30
"""
# A machine that does other things too takes its time; by itself, with two cores, it takes half a minute.
MOST_SECONDS, MOST_MIB = 300, 1200


@dataclass(frozen=True)
class Ran:
    """A run over the corpus."""

    out: Path
    made: list[Sample]
    results: dict[str, dict[str, Any]]
    done: Ended
    seconds: float


@dataclass(frozen=True)
class Ended:
    """How a command ended; `memory_mb` is the most that one of its processes held."""

    code: int
    errors: str
    memory_mb: float


def ingest(folder: Path, out: Path, settings: Path) -> Ended:
    command = [sys.executable, "-m", "pipeline.cli", "ingest", str(folder), "--out", str(out), "--config", str(settings)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    said = out.with_name(out.name + ".said")
    with said.open("w") as file:
        child = subprocess.Popen([*command, "--workers", "2", "--quiet"], cwd=ROOT, env=environment, stdout=file, stderr=file)
        until = time.monotonic() + MOST_SECONDS
        memory = 0.0
        while child.poll() is None and time.monotonic() < until:
            memory = max(memory, largest(child.pid))
            time.sleep(0.1)
        if child.poll() is None:
            child.kill()
            pytest.fail(f"the run took more than {MOST_SECONDS} seconds")
    return Ended(child.returncode, said.read_text(encoding="utf8", errors="replace"), memory)


def largest(pid: int) -> float:
    """Returns the memory (MiB) of the largest process among one and all below it."""
    found = 0.0
    try:
        for process in (parent := psutil.Process(pid), *parent.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                found = max(found, process.memory_info().rss / (1 << 20))
    except psutil.Error:
        pass
    return found


def read_results(out: Path) -> dict[str, dict[str, Any]]:
    found = (json.loads(path.read_text(encoding="utf8")) for path in out.glob("*/matrices.json"))
    return {result["document"]["source"]: result for result in found}


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Ran:
    base = tmp_path_factory.mktemp("bad")
    settings = base / "settings.toml"
    settings.write_text(SETTINGS)
    made = write_corpus(base / "in", 1)
    (base / "in" / "expected.json").unlink()
    for name, source in HEALTHY.items():
        shutil.copy(FIXTURES / source, base / "in" / name)
    growing = base / "in" / "growing.txt"
    growing.write_text("总体情况\n")
    stop = threading.Event()

    def grow() -> None:
        while not stop.wait(0.002):
            with growing.open("a") as file:
                file.write("总体情况\n")

    writer = threading.Thread(target=grow, daemon=True)
    writer.start()
    began = time.monotonic()
    try:
        done = ingest(base / "in", base / "out", settings)
    finally:
        stop.set()
        writer.join()
    seconds = time.monotonic() - began
    return Ran(base / "out", made, read_results(base / "out"), done, seconds)


def ends_of(result: dict[str, Any]) -> str:
    return str(result["failure"]["class"] if result["status"] == "failed" else result["status"])


def results_of(ran: Ran, name: str) -> list[dict[str, Any]]:
    """Returns the result of a file, or those of the members of an archive."""
    return [r for source, r in ran.results.items() if source == name or source.startswith(name + "/")]


def test_there_are_enough_of_them(ran):
    assert len(ran.made) >= 200
    assert len({sample.name for sample in ran.made}) == len(ran.made)


def test_each_ends_as_it_may(ran):
    wrong = []
    for sample in ran.made:
        results = results_of(ran, sample.name.decode())
        ends = {ends_of(result) for result in results}
        if not results or not ends <= set(sample.ends):
            wrong.append((sample.name, sorted(ends), [r["failure"] for r in results][:2]))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_is_no_file_ends_as_it_may(ran):
    for name, ends in SPECIAL.items():
        assert {ends_of(result) for result in results_of(ran, name)} <= set(ends), name
        assert bool(results_of(ran, name)) == bool(ends), name
    (growing,) = results_of(ran, "growing.txt")
    assert ends_of(growing) in (*READ, "unreadable_file")


def test_each_failure_has_a_class_a_reason_and_advice(ran):
    for source, result in ran.results.items():
        if result["status"] != "failed":
            assert result["failure"] is None
            continue
        failure = result["failure"]
        assert failure["class"] in CLASSES, (source, failure)
        assert 15 < len(failure["message"]) < 1500 and failure["message"].rstrip().endswith("."), (source, failure)
        assert 10 < len(failure["advice"]) < 500 and failure["advice"].endswith("."), (source, failure)
        assert "Traceback" not in str(failure) and "0x" not in str(failure)
        assert result["matrices"] == []


def test_failures_say_what_is_the_matter(ran):
    for sample in ran.made:
        for result in results_of(ran, sample.name.decode()):
            if sample.says and result["status"] == "failed":
                said = result["failure"]["message"] + result["failure"]["advice"]
                assert any(word in said for word in sample.says), (sample.name, said)


def test_the_run_ends_well(ran):
    assert ran.done.code == 1, ran.done.errors[-2000:]
    assert "Traceback" not in ran.done.errors, ran.done.errors[-2000:]


def test_time_and_memory(ran):
    assert ran.seconds < MOST_SECONDS
    assert 50 < ran.done.memory_mb < MOST_MIB


def test_nothing_is_left_half_written(ran):
    for path in ran.out.iterdir():
        if path.is_dir() and not path.name.startswith("."):
            assert {file.name for file in path.iterdir()} == {"matrices.json", "tables.json", "pages.json"}, path
            for file in path.iterdir():
                json.loads(file.read_text(encoding="utf8"))
    assert not list((ran.out / ".partial").glob("*")) if (ran.out / ".partial").exists() else True


def test_nothing_is_read_that_was_not_given(ran):
    """No link, address, entity or name led to a file outside the input."""
    secret = Path("/etc/passwd").read_text(encoding="utf8").splitlines()[0]
    for path in ran.out.glob("*/*.json"):
        assert secret not in path.read_text(encoding="utf8"), path


@pytest.fixture(scope="module")
def alone(ran, tmp_path_factory) -> dict[str, dict[str, Any]]:
    """The results of the healthy files, and of the reports that damaged ones are copies of, without any other beside them."""
    base = tmp_path_factory.mktemp("alone")
    (base / "in").mkdir()
    (base / "settings.toml").write_text(SETTINGS)
    for name, source in HEALTHY.items():
        shutil.copy(FIXTURES / source, base / "in" / name)
    for report in {s.damaged_report for s in ran.made if s.damaged_report}:
        shutil.copy(FIXTURES / report, base / "in")
    command = ["ingest", str(base / "in"), "--out", str(base / "out"), "--config", str(base / "settings.toml")]
    assert cli.main([*command, "--workers", "0", "--quiet"]) == 0
    return read_results(base / "out")


def test_others_are_unharmed(ran, alone):
    for name in HEALTHY:
        assert alone[name]["status"] == "accepted"
        assert ran.results[name] == alone[name]


def test_damaged_copies_of_a_report_hold_no_silent_error(ran, alone):
    wrong = []
    for sample in ran.made:
        if sample.damaged_report is None:
            continue
        known = cells(alone[Path(sample.damaged_report).name])
        for result in results_of(ran, sample.name.decode()):
            wrong += [(sample.name, k, c) for k, c in cells(result).items() if not c[1] and known.get(k, (None,))[0] != c[0]]
    assert not wrong, wrong[:10]


def cells(result: dict[str, Any]) -> dict[tuple[str, str, str], tuple[Any, bool]]:
    return {
        (m["table"], m["rows"][i], m["columns"][j]): (cell["value"], cell["review"])
        for m in result["matrices"]
        for i, row in enumerate(m["cells"])
        for j, cell in enumerate(row)
    }
