"""Equations in schema files: relations, severities, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.canon.schema import load_schema, load_schemas
from pipeline.domain import Equation
from pipeline.errors import ConfigError

FILE = """
family: items
tables:
  - id: items
    rows: [{id: permits, label: 行政许可}]
    columns: [{id: new, label: 新}, {id: all, label: 总}]
    equations:
      - {rule: part, over: rows, left: [new], right: [all]%s}
"""


def load(folder: Path, extra: str) -> Equation:
    """The one equation of the file, with `extra` keys."""
    path = folder / "items.yaml"
    path.write_text(FILE % extra, encoding="utf8")
    return load_schema(path).tables[0].equations[0]


def test_what_is_not_said_is_an_equality_that_must_hold(tmp_path: Path) -> None:
    equation = load(tmp_path, "")
    assert (equation.relation, equation.severity) == ("equal", "error")


def test_a_bound_and_a_soft_one(tmp_path: Path) -> None:
    equation = load(tmp_path, ", relation: at_most, severity: note")
    assert (equation.relation, equation.severity) == ("at_most", "note")


@pytest.mark.parametrize(
    ("extra", "word"), [(", relation: less", "relation"), (", severity: high", "severity"), (", bound: 3", "bound")]
)
def test_another_word_is_refused_with_its_place(tmp_path: Path, extra: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        load(tmp_path, extra)


def test_the_shipped_equations_are_all_hard_equalities() -> None:
    equations = [e for schema in load_schemas() for t in schema.tables for e in t.equations]
    assert equations and {(e.relation, e.severity) for e in equations} == {("equal", "error")}
