"""The command line: exit codes as the README says, help worth reading, one run's output whole or not at all."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.canon.schema import load_schemas
from pipeline.domain import Equation
from pipeline.run.wording import table_lines

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT / "fixtures" / "reports" / "nanzhao-2020.txt"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def run(*args):
    return cli.main([str(a) for a in args])


def matrices(out, stem):
    (folder,) = out.glob(f"{stem}~*")
    return json.loads((folder / "matrices.json").read_text(encoding="utf8"))


def test_the_readme_documents_every_exit_code():
    rows = re.findall(r"^\| (\d+) \| (.+?) \|$", (ROOT / "README.md").read_text(encoding="utf8"), re.M)
    assert {int(code): text for code, text in rows} == cli.EXIT_CODES


def test_a_good_run_ends_with_0_and_says_where_the_results_are(out, capsys):
    assert run("ingest", SEED, "--out", out) == 0
    printed = capsys.readouterr().out
    assert "nanzhao-2020.txt" in printed and str(out) in printed
    result = matrices(out, "nanzhao-2020")
    assert result["document"]["source"] == "nanzhao-2020.txt"
    assert {p.name for p in next(out.glob("nanzhao*")).iterdir()} == {"matrices.json", "tables.json", "pages.json"}


def test_the_readme_shows_what_is_printed_and_written(out):
    shown = (ROOT / "README.md").read_text(encoding="utf8")
    assert run("ingest", ROOT / "fixtures" / "reports" / "zezhou-2024.txt", "--out", out) == 0
    result = matrices(out, "zezhou-2024")
    (cell,) = re.findall(r"```json\n(.+)\n```", shown)
    assert json.loads(cell) in [cell for m in result["matrices"] for row in m["cells"] for cell in row]
    (broken,) = re.findall(r"```text\n(.+?)\n```", shown, re.S)
    assert broken.splitlines() == [f["message"] for f in result["findings"] if f["severity"] == "error"]


def test_a_failed_document_makes_1_and_the_others_are_unharmed(out, tmp_path, capsys):
    (tmp_path / "empty.txt").write_bytes(b"")
    assert run("ingest", SEED, tmp_path / "empty.txt", "--out", out) == 1
    assert "empty.txt (empty)" in capsys.readouterr().out
    assert matrices(out, "empty")["failure"]["class"] == "empty"
    assert matrices(out, "nanzhao-2020")["status"] == "review"


def test_a_wrong_command_line_makes_2(out):
    with pytest.raises(SystemExit) as stop:
        run("ingest")
    assert stop.value.code == 2
    assert run("show", "no-such-document", "--out", out) == 2
    assert run("schema", "show", "no-such-family") == 2


@pytest.mark.parametrize(
    "given", [("--dpi", "nan"), ("--dpi", "-5"), ("--workers", "999"), ("--workers", "x"), ("--document",), ("--status", "done")]
)
def test_a_number_out_of_range_makes_2_and_names_the_option(out, given, capsys):
    with pytest.raises(SystemExit) as stop:
        run("reprocess", "--out", out, *given)
    said = capsys.readouterr().err
    assert stop.value.code == 2 and f"argument {given[0]}: " in said and " _" not in said


def test_a_family_that_is_not_there_is_named(capsys):
    assert run("schema", "show", "no-such-family") == 2
    assert "There is no family 'no-such-family'." in capsys.readouterr().err
    assert run("schema", "show", "cn-budget", "requests") == 2
    assert "no table 'requests' in a family 'cn-budget'" in capsys.readouterr().err


def test_reprocess_says_where_nothing_is_to_be_read(out, capsys):
    assert run("ingest", ROOT / "fixtures" / "reports" / "zezhou-2024.txt", "--out", out) == 0
    assert run("reprocess", "--out", out) == 0
    assert "No document of the folder is to be read anew." in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "setting", ["scan.dpi = 0", "scan.dpi = nan", "limits.span = -1", "review.lease_s = inf", "pdf.second_reading = 2"]
)
def test_a_setting_out_of_range_makes_5_and_is_named(out, tmp_path, setting, capsys):
    (tmp_path / "c.toml").write_text(setting)
    assert run("ingest", SEED, "--out", out, "--config", tmp_path / "c.toml") == 5
    section, _, name = setting.split(" ")[0].partition(".")
    assert f"[{section}] {name} = " in capsys.readouterr().err


def test_no_input_makes_3(out, tmp_path):
    (tmp_path / "nothing").mkdir()
    assert run("ingest", tmp_path / "nothing", "--out", out) == 3
    assert run("export", "--out", tmp_path / "nothing", "--format", "csv") == 3


def test_results_that_cannot_be_written_make_4(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert run("ingest", SEED, "--out", tmp_path / "file") == 4
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(("option", "text"), [("--config", "[nonsense]\nx = 1\n"), ("--manifest", "no header\n")])
def test_a_wrong_configuration_or_manifest_makes_5(out, tmp_path, option, text):
    path = tmp_path / "given"
    path.write_text(text)
    assert run("ingest", SEED, "--out", out, option, path) == 5


def test_a_fault_of_ours_makes_70_without_a_traceback(out, monkeypatch, capsys):
    def broken(*_):
        raise KeyError("a bug")

    monkeypatch.setattr("pipeline.run.batch.plan_run", broken)
    assert run("ingest", SEED, "--out", out) == 70
    error = capsys.readouterr().err
    assert "KeyError" in error and "Traceback" not in error


def test_ctrl_c_makes_130_and_keeps_what_was_finished(out, tmp_path, monkeypatch):
    from pipeline.run import job

    real = job.process

    def stop_at_second(path, *rest):
        if path.name == "z.txt":
            raise KeyboardInterrupt
        return real(path, *rest)

    (tmp_path / "z.txt").write_text("later")
    monkeypatch.setattr(job, "process", stop_at_second)
    assert run("ingest", SEED, tmp_path / "z.txt", "--out", out) == 130
    assert matrices(out, "nanzhao-2020")["status"] == "review"


def test_a_fault_inside_one_document_is_a_failed_document(out, tmp_path, monkeypatch):
    from pipeline.run import document

    def broken(*_):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(document, "finish", broken)
    assert run("ingest", SEED, "--out", out) == 1
    assert matrices(out, "nanzhao-2020")["failure"]["class"] == "internal"


def test_the_same_bytes_come_out_twice(tmp_path):
    for name in ("a", "b"):
        assert run("ingest", ROOT / "fixtures" / "reports", "--out", tmp_path / name) == 0
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").glob("*/*.json"))
    assert len(files) == 15
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_manifest_overrides_what_a_report_says(out, tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "r.txt").write_bytes(SEED.read_bytes())
    line = "r.txt,某某镇人民政府,411321,2021,http://e.cn/1"
    (folder / "manifest.csv").write_text(f"path,issuer,region_code,year,url\n{line}\n", "utf8")
    assert run("ingest", folder, "--out", out) == 0
    document = matrices(out, "r")["document"]
    assert (document["issuer"], document["year"], document["source"]) == ("某某镇人民政府", 2021, "r.txt")


def test_show_explains_a_document_by_file_and_by_id(out, capsys):
    assert run("ingest", SEED, "--out", out) == 0
    assert run("show", SEED, "--out", out) == 0
    first = Path(capsys.readouterr().out.splitlines()[-1])
    assert "四、结转下年度继续办理" in first.read_text(encoding="utf8")
    first.unlink()
    assert run("show", "nanzhao-2020", "--out", out) == 0
    assert first.exists()


def test_schema_list_and_show(capsys):
    assert run("schema", "list") == 0
    assert run("schema", "show", "cn-gov-disclosure", "requests") == 0
    printed = capsys.readouterr().out
    assert "litigation" in printed and "column_balance" in printed and "一、本年新收政府信息公开申请数量" in printed


def test_a_part_of_a_whole_is_not_shown_as_an_equality():
    table = load_schemas()[0].tables[0]
    rule = Equation("part", "rows", ("a",), ("b", "c"), ("b",), relation="at_most", severity="note")
    assert list(table_lines(replace(table, equations=(rule,))))[-1] == "  part: in each of the rows, a <= b + c  (a note)"


@pytest.mark.parametrize("fmt", ["csv", "xlsx", "parquet", "html", "json"])
def test_export_writes_a_panel_and_a_document(out, fmt, capsys):
    assert run("ingest", ROOT / "fixtures" / "reports", "--out", out) == 0
    capsys.readouterr()
    for documents in ((), ("zezhou-2024",)):
        assert run("export", *documents, "--out", out, "--format", fmt) == 0
        written = [Path(line) for line in capsys.readouterr().out.splitlines()]
        assert written and all(p.stat().st_size > 0 for p in written)


@pytest.mark.parametrize("command", [[], *([name] for name in cli._COMMANDS)])
def test_every_help_has_examples_and_exit_codes(command, capsys):
    with pytest.raises(SystemExit) as stop:
        run(*command, "--help")
    assert stop.value.code == 0
    printed = capsys.readouterr().out
    assert "exit codes:" in printed and (not command or "examples:" in printed)


def test_the_command_runs_without_a_terminal_and_with_a_latin_locale(out):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LC_")} | {"LANG": "C", "PYTHONIOENCODING": ""}
    command = [sys.executable, "-m", "pipeline.cli", "ingest", str(SEED), "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
