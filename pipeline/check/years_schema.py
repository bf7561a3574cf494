"""What the schema files say of two years, one after the other (key `years` of a file)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.schema_files import ADVICE, SCHEMA_FOLDER, checked_keys, listed, listed_texts, read_schema_file


@dataclass(frozen=True, slots=True)
class YearRule:
    """An equation between the tables of two years: `sum(last year) = sum(this year)`, in every row or column.

    Attributes:
        over: `rows` or `columns`: where it holds.
        last: lanes of the year before with their signs; `this` those of the year after.
        soft: true where a report may break it for good reasons.
    """

    rule: str
    table: str
    over: str
    last: tuple[tuple[int, str], ...]
    this: tuple[tuple[int, str], ...]
    soft: bool


def _signed(texts: Sequence[str]) -> tuple[tuple[int, str], ...]:
    return tuple((-1 if t.startswith("-") else 1, t.lstrip("-+")) for t in texts)


def load_year_rules(path: Path) -> tuple[str, tuple[YearRule, ...]]:
    """Reads the equations over the years of one schema file; raises ConfigError where it does not follow the format."""
    data = read_schema_file(path)
    rules = []
    where = f"{path.name}: years"
    for item in listed(data, "years", path.name):
        own = checked_keys(item, {"rule", "table", "over", "last", "this", "soft"}, where)
        last, this = _signed(listed_texts(own, "last", where)), _signed(listed_texts(own, "this", where))
        if own.get("over") not in ("rows", "columns") or not (own.get("rule") and own.get("table") and last and this):
            raise ConfigError(f"{where}: an equation needs rule, table, over (rows or columns), last and this", ADVICE)
        rules.append(YearRule(str(own["rule"]), str(own["table"]), str(own["over"]), last, this, bool(own.get("soft", False))))
    return str(data.get("family", "")), tuple(rules)


@cache
def year_rules(folder: Path = SCHEMA_FOLDER) -> dict[str, tuple[YearRule, ...]]:
    """Returns the equations over the years of every family; read once for each process."""
    found = (load_year_rules(path) for path in sorted(folder.glob("*.yaml")))
    return {family: rules for family, rules in found if rules}
