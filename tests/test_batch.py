"""A batch goes on where it was, does nothing twice, and comes out the same however it was run."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from bench.kill import check_ledger, disturbed, ingest, make_corpus, results
from pipeline import cli
from pipeline.config import DEFAULT, load_config
from pipeline.run.job import Job
from pipeline.run.progress import DEATHS, TIMED_OUT, WHOLE, WORKER_DIED
from pipeline.run.retry import next_attempt
from pipeline.store.ledger import Ledger

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "fixtures" / "reports" / "tianshan-2024.txt"
N_MIXED = 32
"""Documents of all kinds in one run: enough to be in the middle of them."""
N_STOPPED = 64
"""Texts of a run that is stopped twice: several chunks for each worker."""


def run(*args) -> int:
    return cli.main([str(a) for a in args])


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "in"
    made.mkdir()
    for number in range(3):
        (made / f"r{number}.txt").write_bytes(REPORT.read_bytes() + b"\n" * number)
    return made


def stamps(out: Path) -> dict[str, int]:
    return {p.parent.name: p.stat().st_mtime_ns for p in out.glob("*/matrices.json")}


# --- nothing twice


def test_what_was_done_is_not_done_again(out, folder, capsys):
    assert run("ingest", folder, "--out", out) == 0
    before = stamps(out)
    capsys.readouterr()
    assert run("ingest", folder, "--out", out) == 0
    printed = capsys.readouterr().out
    assert stamps(out) == before and printed.count(", done before") == 3 and "3 of them done before" in printed
    assert run("ingest", folder, "--out", out, "--again") == 0
    assert set(stamps(out)) == set(before) and stamps(out) != before


def test_a_moved_or_copied_file_does_nothing(out, folder, capsys):
    assert run("ingest", folder, "--out", out) == 0
    before = stamps(out)
    (folder / "below").mkdir()
    (folder / "r0.txt").rename(folder / "below" / "r0.txt")
    (folder / "copy").mkdir()
    (folder / "copy" / "r1.txt").write_bytes((folder / "r1.txt").read_bytes())
    assert run("ingest", folder, "--out", out) == 0
    assert stamps(out) == before
    assert "kept once" in capsys.readouterr().err
    with Ledger(out, readonly=True) as ledger:
        (row,) = ledger.named("r0")
    assert row.place == str(folder / "below" / "r0.txt") and not row.superseded
    assert run("show", "r0", "--out", out) == 0


def test_a_copy_under_another_name_is_a_document_too_and_a_note_says_so(out, folder, capsys):
    (folder / "s.txt").write_bytes((folder / "r0.txt").read_bytes())
    (folder / "empty.txt").write_bytes(b"")
    (folder / "nothing.txt").write_bytes(b"")
    assert run("ingest", folder, "--out", out) == 1
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    assert notes == ["note: s.txt has the bytes of r0.txt under another name: both are kept"]
    assert len(list(out.glob("*~*"))) == 6
    assert run("ingest", folder, "--out", out) == 1
    assert "note: " not in capsys.readouterr().err


def test_a_changed_file_is_a_new_version_and_the_old_one_is_left_out_of_exports(out, folder, capsys):
    assert run("ingest", folder, "--out", out) == 0
    with Ledger(out, readonly=True) as ledger:
        (old,) = ledger.named("r0")
    (folder / "r0.txt").write_bytes(REPORT.read_bytes().replace(b"2024", b"2023"))
    assert run("ingest", folder, "--out", out) == 0
    with Ledger(out, readonly=True) as ledger:
        (new,) = ledger.named("r0")
        assert ledger.document(old.id).superseded
    assert (new.version, new.supersedes) == (2, old.id) and (out / old.id).is_dir()
    capsys.readouterr()
    assert run("export", "--out", out, "--format", "json") == 0
    panel = json.loads(Path(capsys.readouterr().out.strip()).read_text("utf8"))
    assert sorted(d["document"] for d in panel["documents"]) == sorted({p.name for p in out.glob("r*~*")} - {old.id})
    # As it was before: the first version holds again.
    (folder / "r0.txt").write_bytes(REPORT.read_bytes())
    assert run("ingest", folder, "--out", out) == 0
    with Ledger(out, readonly=True) as ledger:
        assert [row.id for row in ledger.named("r0")] == [old.id] and ledger.document(new.id).superseded


def test_other_settings_or_a_damaged_result_are_read_anew(out, folder, monkeypatch):
    assert run("ingest", folder, "--out", out) == 0
    before = stamps(out)
    monkeypatch.setenv("GOUJI_BATCH_PAGE_SECONDS", "77")  # nothing that results depend on
    assert run("ingest", folder, "--out", out) == 0
    assert stamps(out) == before
    (broken,) = out.glob("r1~*")
    (broken / "tables.json").write_text("")  # as a power cut leaves it
    assert run("ingest", folder, "--out", out) == 0
    assert {name for name, at in stamps(out).items() if at != before[name]} == {broken.name}
    assert (broken / "tables.json").stat().st_size > 0
    monkeypatch.setenv("GOUJI_ALIGN_TABLE_ACCEPT", "0.46")
    assert run("ingest", folder, "--out", out) == 0
    assert all(at != before[name] for name, at in stamps(out).items())


def test_what_a_manifest_says_anew_is_read_anew(out, folder):
    assert run("ingest", folder, "--out", out) == 0
    (folder / "manifest.csv").write_text("path,issuer,region_code,year,url\nr1.txt,某镇人民政府,411321,2021,\n", "utf8")
    assert run("ingest", folder, "--out", out) == 0
    with Ledger(out, readonly=True) as ledger:
        assert [row.issuer for row in ledger.named("r1")] == ["某镇人民政府"]


def test_a_manifest_speaks_of_its_own_folder(out, tmp_path):
    for name, issuer in (("a", "泽州县教育局"), ("b", "南召县教育局"), ("c", None)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "r.txt").write_bytes(REPORT.read_bytes() + b"\n" * ord(name))
        if issuer is not None:
            (tmp_path / name / "manifest.csv").write_text(f"path,issuer\nr.txt,{issuer}\n", "utf8")
    folders = [tmp_path / name for name in "abc"]
    assert run("ingest", *folders, "--out", out, "--quiet") == 0
    with Ledger(out) as ledger:
        told = {Path(row.place).parent.name: row.issuer for row in ledger.documents()}
    assert told == {"a": "泽州县教育局", "b": "南召县教育局", "c": "哈密市伊州区天山乡人民政府"}
    (tmp_path / "all.csv").write_text("path,issuer\nr.txt,泽州县\n", "utf8")
    assert run("ingest", *folders, "--out", out, "--quiet", "--manifest", tmp_path / "all.csv") == 0
    with Ledger(out) as ledger:
        assert {row.issuer for row in ledger.documents()} == {"泽州县"}


def test_names_that_are_no_utf8_and_archives_go_through_workers_and_back(out, folder, capsys, monkeypatch):
    import zipfile

    monkeypatch.setenv("GOUJI_BATCH_INLINE_DOCUMENTS", "0")
    (folder / os.fsdecode("报告".encode("gb18030") + b".txt")).write_bytes(REPORT.read_bytes() + b"\n" * 9)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("b/c.txt", REPORT.read_bytes() + b"\n" * 10)
    assert run("ingest", folder, "--out", out, "--workers", 2) == 0
    capsys.readouterr()
    assert run("ingest", folder, "--out", out, "--workers", 2) == 0
    assert capsys.readouterr().out.count(", done before") == 5
    assert run("reprocess", "--out", out, "--status", "accepted") == 0
    assert run("show", "c", "--out", out) == 0
    with Ledger(out, readonly=True) as ledger:
        assert {Path(row.place).name for row in ledger.documents()} >= {"c.txt", "\\udcb1\\udca8\\udcb8\\udce6.txt"}


# --- any number of workers, any moment


@dataclass(frozen=True)
class Undisturbed:
    """A run with three workers that nobody disturbed: its corpus, what it printed, its result files, and its seconds."""

    corpus: Path
    printed: str
    written: dict[str, bytes]
    seconds: float


def batch(corpus: Path, out: Path, workers: int) -> str:
    """Ingests as a person does; returns what was printed."""
    command = [sys.executable, "-m", "pipeline.cli", "ingest", str(corpus), "--out", str(out), "--workers", str(workers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(str(out), "OUT")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Undisturbed:
    base = tmp_path_factory.mktemp("undisturbed")
    make_corpus(base / "in", N_MIXED)
    began = time.monotonic()
    printed = batch(base / "in", base / "out", 3)
    return Undisturbed(base / "in", printed, results(base / "out"), time.monotonic() - began)


def test_any_number_of_workers_gives_the_same_bytes_and_the_same_table(undisturbed, tmp_path, capsys):
    one = batch(undisturbed.corpus, tmp_path / "1", 1)
    assert run("ingest", undisturbed.corpus, "--out", tmp_path / "0", "--workers", 0) == 0
    none = capsys.readouterr().out.replace(str(tmp_path / "0"), "OUT")
    assert none == one == undisturbed.printed
    assert results(tmp_path / "0") == results(tmp_path / "1") == undisturbed.written
    assert len(undisturbed.written) == 3 * N_MIXED


def test_killed_at_random_moments_every_input_ends_once(undisturbed, tmp_path):
    seed = random.randrange(10**6)
    print(f"moments chosen with seed {seed}")
    out = tmp_path / "out"
    disturbed(undisturbed.corpus, out, 5, 0.35 * undisturbed.seconds, seed, sooner=0.6)
    assert ingest(undisturbed.corpus, out).wait(120) == 0
    check_ledger(out, N_MIXED)
    assert results(out) == undisturbed.written


def test_a_run_that_is_stopped_says_so_and_goes_on(tmp_path):
    corpus, out = tmp_path / "in", tmp_path / "out"
    make_corpus(corpus, N_STOPPED, kinds=(".txt",))
    before = 0
    for how in (signal.SIGINT, signal.SIGTERM):
        # One that has no end where it is read for the first time: no run is over before it is stopped, on any machine.
        (corpus / f"loop-once-{how.name}.txt").write_bytes(REPORT.read_bytes() + how.name.encode())
        there = len(list(out.glob("*~*")))
        process = ingest(corpus, out, program="tests.faulty")
        # A folder stands a moment before the ledger knows it: two of three are kept in any case.
        while len(list(out.glob("*~*"))) < there + 3:
            assert process.poll() is None
            time.sleep(0.02)
        os.kill(process.pid, how)
        assert process.wait(60) == 130
        assert b"the same command goes on" in process.stderr.read()
        with Ledger(out, readonly=True) as ledger:
            last = ledger.runs(1)[0]
            done = len(list(ledger.documents()))
        assert last.state == "interrupted" and before < done < N_STOPPED and not (out / ".staged").exists()
        before = done
    assert ingest(corpus, out).wait(120) == 0
    check_ledger(out, N_STOPPED + 2)


def test_workers_end_with_their_parent(tmp_path):
    corpus, out = tmp_path / "in", tmp_path / "out"
    make_corpus(corpus, 80, kinds=(".txt",))
    process = ingest(corpus, out)
    while not list(out.glob(".staged/beats/*.beat")):
        assert process.poll() is None
        time.sleep(0.02)
    pids = [int(p.stem) for p in out.glob(".staged/beats/*.beat")]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


# --- what becomes of a document that ends its worker


def attempts(pages: list[int]) -> list[Job]:
    """Replays deaths, each with a page in hand, until the document fails; returns the attempts after the first."""
    job, made = Job(0, None), []  # type: ignore[arg-type]
    for page in pages:
        after = next_attempt(job, WORKER_DIED, page, DEFAULT)
        if not isinstance(after, Job):
            assert after.failure_class == WORKER_DIED
            return made
        job = after
        made.append(job)
    return made


def test_a_page_is_read_gently_then_left_out():
    gentle, without = attempts([3, 3])
    assert gentle.gentle == {3} and not gentle.skipped
    assert [page for page, _ in without.skipped] == [3]


def test_a_document_that_ends_its_worker_without_a_page_fails_at_the_second_time():
    assert len(attempts([WHOLE, WHOLE, WHOLE])) == 1


def test_one_whose_opening_does_it_fails_in_the_end():
    assert len(attempts([1] * 10)) == 3


def test_too_many_bad_pages_end_the_document():
    most = DEFAULT.batch.bad_pages
    deaths = [page for page in range(1, most + 3) for _ in range(2)]
    made = attempts(deaths)
    assert len(made[-1].skipped) == most


def test_a_failure_says_what_happened_and_what_to_do():
    job = next_attempt(Job(0, None), TIMED_OUT, WHOLE, DEFAULT)  # type: ignore[arg-type]
    error = next_attempt(job, TIMED_OUT, WHOLE, DEFAULT, " (60 s)")
    assert "60 s" in error.message and "batch.page_seconds" in error.advice


# --- seeing


def test_status_counts_and_json(out, folder, capsys):
    (folder / "empty.txt").write_bytes(b"")
    assert run("ingest", folder, "--out", out, "--quiet") == 1
    capsys.readouterr()
    assert run("status", "--out", out) == 0
    assert "1 empty" in capsys.readouterr().out
    assert run("status", "--out", out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["documents"] == {"accepted": 3, "failed": 1} and told["failures"] == {"empty": 1}
    assert told["inputs"] == {"done": 4} and told["runs"][0]["state"] == "done"
    assert run("status", "--out", out / "nothing") == 3


def test_a_json_log_has_one_line_for_each_thing(out, folder, capsys):
    assert run("ingest", folder, "--out", out, "--json-log", "--quiet") == 0
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["begin", *["start", "done"] * 3, "end"]
    assert lines[-1]["counts"] == {"accepted": 3}


def test_the_readme_says_what_every_class_of_failure_means():
    source = "".join(path.read_text("utf8") for path in (ROOT / "pipeline").rglob("*.py"))
    classes = set(re.findall(r'failure_class = "([a-z_]+)"|Failure\("([a-z_]+)"', source))
    named = {first or second for first, second in classes} - {"unreadable"} | DEATHS
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", (ROOT / "README.md").read_text("utf8"), re.M)
    assert named <= {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}


def test_every_setting_is_documented_with_its_default():
    documented = (ROOT / "docs" / "configuration.md").read_text("utf8")
    for name in ("batch", "limits"):
        for field, value in asdict(getattr(DEFAULT, name)).items():
            assert f"| `{field}` | {str(value).lower()} |" in documented, field


def test_a_variable_that_is_no_setting_is_named(capsys, monkeypatch):
    monkeypatch.setenv("GOUJI_LIMITS_FILE_BITES", "3")
    assert run("config", "show") == 5
    assert "GOUJI_LIMITS_FILE_BITES" in capsys.readouterr().err


def test_config_show_is_a_file_that_says_the_same(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GOUJI_SCAN_DPI", "150")
    assert run("config", "show") == 0
    printed = capsys.readouterr().out
    assert "dpi = 150.0  # default: 200.0" in printed
    monkeypatch.delenv("GOUJI_SCAN_DPI")
    (tmp_path / "all.toml").write_text(printed, "utf8")
    assert load_config(tmp_path / "all.toml") == load_config(None, {"GOUJI_SCAN_DPI": "150"})
