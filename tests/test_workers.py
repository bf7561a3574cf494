"""The same bytes out for the same bytes in, with any number of workers and either runtime; the recogniser is a choice."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli
from pipeline.config import DEFAULT
from pipeline.ocr import paddle, runtime
from pipeline.run.document import process
from pipeline.store.contract import result_to_matrices

ROOT = Path(__file__).resolve().parents[1]
SCANS = ROOT / "fixtures" / "scans"
PAIR = ("turned.pdf", "seal.pdf")
SAMPLE = ROOT / "fixtures" / "reports" / "nanzhao-2020.txt"


def start(out: Path, threads: int, *names: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipeline.cli", "ingest", *(str(SCANS / n) for n in names), "--out", str(out), "--quiet"]
    environment = os.environ | {"GOUJI_OCR_THREADS": str(threads)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def results(out: Path) -> dict[str, bytes]:
    return {f"{p.parent.name}/{p.name}": p.read_bytes() for p in sorted(out.glob("*~*/*.json"))}


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> dict[str, bytes]:
    """What one worker writes that has the machine for itself; read once, whichever processes the tests are spread over."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    out = shared / "one"
    with (shared / "one.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "one.done").exists():
            worker = start(out, 2, *PAIR)
            assert worker.wait(180) == 0, worker.stderr and worker.stderr.read().decode()
            (shared / "one.done").touch()
    return results(out)


def test_one_worker_and_two_write_the_same_bytes(alone, tmp_path):
    # Each has half of the machine, in another process, beside another document, and is first in its own.
    two = [start(tmp_path / str(number), 1, name) for number, name in enumerate(PAIR)]
    assert [worker.wait(180) for worker in two] == [0, 0]
    assert len(alone) == 3 * len(PAIR)
    assert alone == results(tmp_path / "0") | results(tmp_path / "1")


@pytest.mark.parametrize("name", PAIR)
def test_both_runtimes_give_the_same_values_states_and_flags(alone, name):
    (written,) = (json.loads(data) for path, data in alone.items() if path.startswith(name[:-4]) and "matrices" in path)
    config = replace(DEFAULT, ocr=replace(DEFAULT.ocr, runtime="onnxruntime"))
    assert decided(result_to_matrices(process(SCANS / name, name, config))) == decided(written)


def decided(document: dict[str, Any]) -> dict[str, Any]:
    """What a user goes by: values, states, flags and their reasons, findings, and the status."""
    kept = ("value", "state", "review", "text", "reason")
    tables = {m["table"]: [[[c[k] for k in kept] for c in row] for row in m["cells"]] for m in document["matrices"]}
    return {**tables, "findings": document["findings"], "status": document["status"]}


# --- the choice


@pytest.mark.parametrize(("option", "package"), [("--engine", "paddleocr"), ("--runtime", "openvino")])
def test_a_recogniser_that_is_not_installed_ends_the_run_with_what_to_install(tmp_path, monkeypatch, capsys, option, package):
    monkeypatch.setenv("GOUJI_OCR_THREADS", "1" + "0" * len(package))  # not loaded before in this process
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else find(name))
    paddle._paddleocr.cache_clear()
    code = cli.main(["ingest", str(SCANS / "fax.tif"), "--out", str(tmp_path / "out"), option, package])
    paddle._paddleocr.cache_clear()
    said = capsys.readouterr().err
    assert code == cli.EXIT_CONFIG and "not installed" in said and f"pip install {package}" in said.replace("'", "")
    assert not (tmp_path / "out").exists()


def test_a_run_without_scans_needs_no_recogniser(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "_installed", lambda name: False)
    assert cli.main(["ingest", str(SAMPLE), "--out", str(tmp_path), "--runtime", "onnxruntime", "--quiet"]) == 0


def test_the_command_line_goes_before_the_configuration(tmp_path):
    (tmp_path / "c.toml").write_text('[ocr]\nengine = "paddleocr"\nruntime = "openvino"\n')
    parse = cli.build_parser().parse_args
    given = ["ingest", "x", "--out", "y", "--config", str(tmp_path / "c.toml")]
    assert cli._configured(parse(given)).ocr.engine == "paddleocr"
    chosen = cli._configured(parse([*given, "--engine", "ppocr", "--runtime", "onnxruntime"])).ocr
    assert (chosen.engine, chosen.runtime) == ("ppocr", "onnxruntime")
    with pytest.raises(SystemExit):
        parse([*given, "--engine", "nothing"])
