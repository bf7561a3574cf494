"""The bench of certainty: lines of a run are merged, tables put into their page, bounds are those of Clopper and Pearson."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from bench.certainty import at_most, write
from bench.charts import draw_burden, draw_reliability
from bench.inject import main, record, run, tables
from bench.inject_tally import Record, Tally, append_record, read_records
from bench.pages import put_into
from models import CERTAINTY
from pipeline.ocr.agreement import load_weights
from pipeline.run.settling import load_calibration

SEED = 100_000


def one(seed: int = 1, **changes: object) -> Record:
    """A table of three cells, two of them read wrong."""
    fates = (("drop", "cells", 2), ("drop", "flagged", 1), ("drop", "repaired rightly", 1))
    content = {"seed": seed, "kinds": fates, "verdicts": {"reading, right": 1}, "false_flags": 0, "right_cells": 1, "wrong": 2,
               "processor": 0.25, "wall": 0.5, "load": 1.0, "bad": ()}  # fmt: skip
    return Record(**(content | changes))  # type: ignore[arg-type]


def test_records_survive_a_run_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append_record(path, one(1))
    append_record(path, one(2))
    path.write_text(path.read_text() + '{"seed": 3, "ki', encoding="utf8")
    assert list(read_records(path)) == [one(1), one(2)]


def test_counts_are_those_of_all_tables() -> None:
    report = Tally([one(1), one(2, wrong=4, processor=0.75)]).report()
    assert "2 tables, seeds 1 to 2" in report
    (line,) = [row for row in report.splitlines() if row.startswith("| drop")]
    assert [part.strip() for part in line.split("|")[2:-1]] == ["4", "4", "2", "0", "2", "0", "0"]
    assert Tally([one(bad=("x",))]).bad == ["x"]
    assert Tally([]).report()


def test_a_run_goes_on_where_it_stopped_and_is_merged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    common = ["--set", "tuning", "--keep"]
    assert main([*common, str(first), "--count", "1"]) == 0
    assert main([*common, str(first), "--count", "2"]) == 0
    assert main([*common, str(second), "--from", "2", "--count", "1"]) == 0
    capsys.readouterr()
    assert main([*common, str(first), "--merge", str(second), "--only"]) == 0
    assert f"3 tables, seeds {SEED} to {SEED + 2}" in capsys.readouterr().out
    again = record(SEED, run(SEED, next(tables(SEED, 1))[1]))
    (kept, *_) = read_records(first)
    assert (again.kinds, again.verdicts, again.wrong) == (kept.kinds, kept.verdicts, kept.wrong)


def test_text_is_put_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x -->\nold\n<!-- /x -->\nb\n", encoding="utf8")
    put_into(page, "x", "new\n")
    assert page.read_text(encoding="utf8") == "a\n<!-- x -->\nnew\n<!-- /x -->\nb\n"
    with pytest.raises(ValueError, match="y"):
        put_into(page, "y", "new")


def test_bounds() -> None:
    assert at_most(0, 30_000) == pytest.approx(1e-4, rel=0.01)
    assert at_most(1, 1_000) > at_most(0, 1_000) > 0
    assert at_most(0, 0) == 1.0 == at_most(3, 3)


def test_charts_are_drawn_alike_each_time(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw_burden(tmp_path / name, {"photo": [(0.01, 0.0), (0.02, 1e-3)], "all, measured": [(0.4, 0.5)]})
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    draw_reliability(tmp_path / "c.png", [(0.99, 1.0, 10), (0.5, 0.4, 3)], [0.3, 0.9], 1e-3)
    with Image.open(tmp_path / "c.png") as image:
        assert image.width > 600


def test_a_fit_leaves_the_rates_that_were_fitted_to_more(tmp_path: Path) -> None:
    path = tmp_path / "certainty.toml"
    path.write_text(CERTAINTY.read_text(encoding="utf8"), encoding="utf8")
    write(load_weights(), load_calibration(), 14284, 72, path)
    assert path.read_text(encoding="utf8") == CERTAINTY.read_text(encoding="utf8")
