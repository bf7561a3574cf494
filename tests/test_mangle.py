"""The text mangler: the same arguments give the same text, and its truth is what the print still holds."""

from __future__ import annotations

import re

import pytest

from fixtures.gen.mangle import STRENGTHS, STYLES, UNDAMAGED, Damage, Mangled, mangle, mangle_report, text_case
from fixtures.gen.mangle_damage import REPORTING, TUNING
from fixtures.gen.report import Report, sample_report

ALL = [(s, style) for s in REPORTING for style in STYLES]


def _values_in_order(report: Report) -> list[str]:
    return [t for rows in report.texts.values() for row in rows for t in row]


@pytest.fixture(scope="module")
def report() -> Report:
    """Every value of four digits or more stands once in it."""
    return sample_report(4711, art20_variant="2019", requests_variant="2021", magnitude="dense")


@pytest.mark.parametrize("style", STYLES)
def test_undamaged_text_holds_every_value_in_order(style: str, report: Report) -> None:
    text = mangle(report, style, 1)
    body = text[text.index("第二十条") :]
    alone = re.findall(r"(?<=[\n\t|])\s*(-?\d+(?:\.\d+)?)\s*(?=[\n\t|])", body)
    assert alone == _values_in_order(report)


@pytest.mark.parametrize("style", STYLES)
def test_undamaged_truth_is_that_of_the_report(style: str, report: Report) -> None:
    m = mangle_report(report, style, 1)
    assert not m.lost and not m.unplaced
    assert m.truth["absent"] == []
    assert {k: tuple(map(tuple, t["values"])) for k, t in m.truth["tables"].items()} == {
        k: t.values for k, t in report.tables.items()
    }


@pytest.mark.parametrize(("strength", "style"), ALL)
def test_same_seed_same_text(strength: str, style: str) -> None:
    first, second = (text_case(5123, REPORTING, strength, style) for _ in range(2))
    assert first == second


def _cases(damage: Damage, report: Report) -> list[Mangled]:
    return [mangle_report(report, style, seed, damage) for style in STYLES for seed in range(6)]


def test_lost_cells_have_neither_truth_nor_print(report: Report) -> None:
    cases = _cases(Damage(drop_rows=2, drop_cells=3), report)
    assert sum(bool(m.lost) for m in cases) > len(cases) // 2
    for m in cases:
        truth = [
            ((name, row, column), value)
            for name, t in m.truth["tables"].items()
            for row, values in zip(t["rows"], t["values"], strict=True)
            for column, value in zip(t["columns"], values, strict=True)
        ]
        assert {place for place, value in truth if value is None} == m.lost
        alone = re.findall(r"(?<=[\n\t|])\s*(-?\d+(?:\.\d+)?)\s*(?=[\n\t|])", m.text[m.text.index("第二十条") :])
        assert [float(n) for n in alone] == [float(value) for _, value in truth if value is not None]


def test_a_lost_body_is_absent_from_truth(report: Report) -> None:
    for m in _cases(Damage(lose_body=1), report):
        assert m.truth["absent"]
        assert not set(m.truth["absent"]) & set(m.truth["tables"])


def test_only_an_empty_column_is_dropped() -> None:
    empty = sample_report(3, magnitude="township")
    for m in _cases(Damage(drop_column=1), empty):
        columns = {c for _, _, c in m.lost}
        assert len(columns) == 1 and len(m.lost) == 25
        values = empty.tables["requests"].values
        index = empty.tables["requests"].columns.index(columns.pop())
        assert not any(row[index] for row in values)


def test_reporting_has_strengths_that_tuning_lacks() -> None:
    assert not [n for n, d in REPORTING.items() if d in TUNING.values() and d is not UNDAMAGED]
    assert set(STRENGTHS) == {"tuning", "reporting"}
