"""Reports of unusual structure or with figures written in unusual ways: nothing wrong leaves without a flag."""

from __future__ import annotations

import pytest

from bench.variant_run import judge, papers, read, run
from bench.variants import STRUCTURES, VARIANTS, WEB_ONLY

EXACT_IN_PAGES = (
    "remark_column", "share_column", "growth_column", "unit_column", "further_applicant", "further_court", "serial_column",
    "tables_beside", "tables_joined", "hidden_row", "tabs_of_years", "foot_first", "unit_items", "unit_brackets", "hidden_size",
    "input_number", "group_space",
)  # fmt: skip


@pytest.mark.parametrize("name", ["none", *VARIANTS])
def test_no_variant_of_a_web_page_is_wrong_without_a_flag(name: str) -> None:
    assert run(name, 4 if name in STRUCTURES else 1, "html")[1] == []


@pytest.mark.parametrize("style", ["tabs", "lines"])
@pytest.mark.parametrize("name", [n for n in VARIANTS if n not in WEB_ONLY][::2])
def test_no_variant_of_a_scrape_is_wrong_without_a_flag(name: str, style: str) -> None:
    assert run(name, 1, style)[1] == []


@pytest.mark.parametrize("name", ["none", *EXACT_IN_PAGES])
def test_what_a_grid_tells_by_its_names_is_exact(name: str) -> None:
    verdicts = [judge(paper, read(paper, "html", k)) for k, paper in enumerate(papers(name, 3))]
    assert [v.exact for v in verdicts] == [v.cells for v in verdicts]


def test_an_undamaged_page_has_no_flag() -> None:
    verdict, _ = run("none", 6, "html")
    assert (verdict.review, verdict.missing, verdict.silent) == (0, 0, [])
