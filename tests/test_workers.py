"""The same bytes out for the same bytes in, with any number of workers and either runtime; the recogniser is a choice."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from committed import SCANS, result_of, written

from pipeline import cli
from pipeline.config import DEFAULT
from pipeline.ocr import paddle, runtime
from pipeline.run.document import process
from pipeline.store.contract import result_to_matrices

ROOT = Path(__file__).resolve().parents[1]
PAIR = ("turned.pdf", "seal.pdf")
SAMPLE = ROOT / "fixtures" / "reports" / "nanzhao-2020.txt"


def start(out: Path, threads: int, name: str) -> subprocess.Popen[bytes]:
    """Reads one scan in a process of its own, with so many threads of every kind."""
    command = [sys.executable, "-m", "pipeline.cli", "ingest", str(SCANS / name), "--out", str(out), "--quiet"]
    native = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
    environment = os.environ | dict.fromkeys((*native, "GOUJI_OCR_THREADS"), str(threads))
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@pytest.mark.parametrize(("name", "threads"), list(zip(PAIR, (1, 2), strict=True)))
def test_one_process_and_two_with_any_number_of_threads_write_the_same_bytes(tmp_path, name, threads):
    # It has another number of threads than this process or the other one, and is first in its own.
    worker = start(tmp_path / "own", threads, name)
    said = worker.communicate(timeout=180)[1].decode()
    assert worker.returncode == 0, said
    (folder,) = (tmp_path / "own").glob("*~*")
    own = {f"{folder.name}/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}
    assert len(own) == 3
    assert own == written(tmp_path / "here", result_of(name))


@pytest.mark.parametrize("name", PAIR)
def test_both_runtimes_give_the_same_values_states_and_flags(name):
    config = replace(DEFAULT, ocr=replace(DEFAULT.ocr, runtime="onnxruntime"))
    found = process(SCANS / name, name, config)
    assert decided(result_to_matrices(found)) == decided(result_to_matrices(result_of(name)))


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
