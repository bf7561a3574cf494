"""A small sample of mangled text without a silent error; `make bench` runs the large one."""

from __future__ import annotations

import pytest

from bench.cases import Case, text_cases
from bench.reading import read_case

# Seeds of neither tuning nor reporting, strengths of both.
CASES = [*text_cases("tuning", 49, first_seed=8000), *text_cases("reporting", 56, first_seed=8100)]


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_no_silent_error(case: Case) -> None:
    outcome = read_case(case)
    assert not outcome.crash, outcome.crash
    assert outcome.score.tally.silent == 0, [n for n in outcome.score.notes if n.kind == "silent"][:5]


@pytest.mark.parametrize("case", [c for c in CASES if c.detail == "undamaged"], ids=lambda c: c.name)
def test_undamaged_text_is_exact_and_needs_no_review(case: Case) -> None:
    tally = read_case(case).score.tally
    assert (tally.exact, tally.missed, tally.false) == (tally.cells, 0, 0)
    assert tally.review <= tally.cells * 0.005
