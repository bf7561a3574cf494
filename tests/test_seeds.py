"""The five seed reports and their numbered twins come out exact, with nothing to review."""

from __future__ import annotations

import re

import pytest

from bench.cases import Case, seed_cases, twin_cases
from bench.reading import Outcome, read_case
from bench.score import failed_equations
from fixtures.gen.twins import SEEDS, load_seed, make_twin, value_spans

SEED_CASES = {c.name: c for c in seed_cases()}
TWIN_CASES = {c.name: c for c in twin_cases(7000, 4)}
ZEZHOU = {
    ("row_total", "requests", "unable_1"),
    ("row_total", "requests", "unable_3"),
    ("row_total", "requests", "other"),
    ("result_sum", "requests", "total"),
}


def _assert_exact(outcome: Outcome) -> dict[str, object]:
    tally, notes = outcome.score.tally, outcome.score.notes[:5]
    assert not outcome.crash, outcome.crash
    assert (tally.exact, tally.silent, tally.flagged, tally.review) == (tally.cells, 0, 0, 0), notes
    assert (tally.missed, tally.false, tally.absent_missed, tally.absent_false) == (0, 0, 0, 0), notes
    assert outcome.document is not None
    return outcome.document


@pytest.mark.parametrize("case", SEED_CASES.values(), ids=SEED_CASES.keys())
def test_seed_is_exact(case: Case) -> None:
    document = _assert_exact(read_case(case))
    assert document["absent"] == case.truth["absent"]
    assert document["unread"] == []
    assert document["status"] == ("review" if case.truth["absent"] else "accepted")


def test_zezhou_prints_four_equations_wrong() -> None:
    document = _assert_exact(read_case(SEED_CASES["zezhou-2024"]))
    errors = [f for f in document["findings"] if f["severity"] == "error"]  # type: ignore[attr-defined]
    assert [f["kind"] for f in errors] == ["source"] * 4
    assert sorted(f["rule"] for f in errors) == ["result_sum", "row_total", "row_total", "row_total"]


@pytest.mark.parametrize("name", [n for n in SEEDS if n != "zezhou-2024"])
def test_clean_seed_has_no_error(name: str) -> None:
    document = _assert_exact(read_case(SEED_CASES[name]))
    assert [f for f in document["findings"] if f["severity"] == "error"] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("case", TWIN_CASES.values(), ids=TWIN_CASES.keys())
def test_twin_is_exact(case: Case) -> None:
    document = _assert_exact(read_case(case))
    errors = [f for f in document["findings"] if f["severity"] == "error"]  # type: ignore[attr-defined]
    assert {f["kind"] for f in errors} <= {"source"}


# What the fixtures themselves promise.


@pytest.mark.parametrize("name", SEEDS)
def test_truth_agrees_with_a_second_reading(name: str) -> None:
    """Reads the numbers that stand alone between separators, in order, without looking at any label."""
    text, truth = load_seed(name)
    body = text[text.index("二、主动公开政府信息情况\n") :]
    alone = re.findall(r"(?<=[\n\t|]) *(\d+(?:\.\d+)?) *(?=[\n\t|])", body)
    values = [v for t in truth["tables"].values() for row in t["values"] for v in row]
    assert [float(n) for n in alone] == [float(v) for v in values if v is not None]


def test_truth_breaks_the_equations_that_zezhou_prints_wrong_and_no_other() -> None:
    for name in SEEDS:
        _, truth = load_seed(name)
        assert set(failed_equations(truth["tables"])) == (ZEZHOU if name == "zezhou-2024" else set())


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize("name", SEEDS)
def test_twin_differs_in_every_value_and_nowhere_else(name: str, balanced: bool) -> None:
    text, truth = load_seed(name)
    for seed in range(5):
        twin, new = make_twin(text, truth, seed, balanced)
        assert bool(failed_equations(new["tables"])) is not balanced
        assert _without_values(twin, {**new, "document": name}) == _without_values(text, truth)
        for key, table in truth["tables"].items():
            for old_row, new_row in zip(table["values"], new["tables"][key]["values"], strict=True):
                for old, value in zip(old_row, new_row, strict=True):
                    assert (old is None) == (value is None)
                    assert old is None or old != value


def _without_values(text: str, truth: dict[str, object]) -> str:
    spans = sorted(s for rows in value_spans(text, truth).values() for row in rows for s in row)
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text
