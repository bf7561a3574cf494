"""What the schema files say of figures in the text: which phrase states which cells (key `narrative` of a file).

The format is told in `docs/schemas.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError
from pipeline.schema_files import ADVICE, SCHEMA_FOLDER, checked_keys, listed, listed_texts, read_schema_file

_WORD = re.compile(r"(?<!\?P)<([a-z_]+)>")
# Filled in later: the number with its unit, and the years, which differ from document to document.
_LATER = frozenset({"n", "last_year", "this_year", "next_year"})
_FIGURE_KEYS = {"figure", "cells", "also", "units", "phrases", "none_phrases", "context", "lead", "not_after", "not_before"}
_FIGURE_KEYS |= {"foreign", "of_which"}
_TEXT_KEYS = {"words", "lead", "not_before", "own_body", "figures"}

Address = tuple[str, str, str]
"""`table, row, column`; the row may be a pattern such as `denied_*`."""


# Compared by identity, as the schema objects are: a rule is made once, and patterns are cached by it.
@dataclass(frozen=True, slots=True, eq=False)
class FigureRule:
    """How a figure of the tables is stated in the text.

    Attributes:
        name: identifier, for messages.
        cells: addresses whose sum the text states.
        also: other sums that such a phrase may mean as well; a figure that equals one of them contradicts nothing.
        phrases: regular expressions; `<n>` stands for the number with its unit.
        none_phrases: regular expressions of phrases which say that there was none (未收到…申请).
        units: what may stand behind the number.
        context: what must stand in the sentence up to the end of the phrase, or in the sentence before; None for nothing.
        lead: what may stand between the beginning of the clause and the phrase.
        own_body: so may this, where its group `kind` is how the name of the issuer ends.
        not_after: what must not stand between the last number before the phrase and the phrase.
        not_before: what must not follow the number at once.
        foreign: what must not stand in the sentence before the phrase.
        of_which: true where the phrase means the same behind 其中.
    """

    name: str
    cells: tuple[Address, ...]
    also: tuple[tuple[Address, ...], ...]
    phrases: tuple[str, ...]
    none_phrases: tuple[str, ...]
    units: tuple[str, ...]
    context: str | None
    lead: tuple[str, ...]
    own_body: str | None
    not_after: str | None
    not_before: str | None
    foreign: str | None
    of_which: bool


@dataclass(frozen=True, slots=True)
class Common:
    """What a file says for all of its figures; see `FigureRule`."""

    words: Mapping[str, str]
    lead: tuple[str, ...]
    own_body: str | None
    not_before: str | None


def _address(text: str, where: str) -> Address:
    parts = text.split(".")
    if len(parts) != 3:
        raise ConfigError(f"{where}: {text!r} is no table.row.column", ADVICE)
    return parts[0], parts[1], parts[2]


def _filled(pattern: str, words: Mapping[str, str], where: str) -> str:
    """Puts the named parts into a pattern, and looks that it is one."""

    def part(match: re.Match[str]) -> str:
        name = match[1]
        if name in _LATER:
            return match[0]
        if name not in words:
            raise ConfigError(f"{where}: no word is called {name!r}", ADVICE)
        return f"(?:{words[name]})"

    filled = _WORD.sub(part, pattern)
    try:
        re.compile(_WORD.sub("0", filled))
    except re.error as error:
        raise ConfigError(f"{where}: {pattern!r}: {error}", ADVICE) from error
    return filled


def _figure(item: object, common: Common, where: str) -> FigureRule:
    """Reads one figure."""
    data = checked_keys(item, _FIGURE_KEYS, where)
    name = str(data.get("figure", ""))
    place = f"{where}, figure {name}"
    if not name or not data.get("cells"):
        raise ConfigError(f"{place}: a figure needs `figure` and `cells`", ADVICE)

    def several(key: str) -> tuple[str, ...]:
        return tuple(_filled(p, common.words, place) for p in listed_texts(data, key, place))

    also = data.get("also", [])
    if not isinstance(also, list) or not all(isinstance(one, list) for one in also):
        raise ConfigError(f"{place}: also must be a list of lists", ADVICE)
    own_not_before = _optional(data, "not_before", common.words, place)
    return FigureRule(
        name,
        tuple(_address(a, place) for a in listed_texts(data, "cells", place)),
        tuple(tuple(_address(str(a), place) for a in one) for one in also),
        several("phrases"),
        several("none_phrases"),
        listed_texts(data, "units", place) or ("件",),
        _optional(data, "context", common.words, place),
        (*common.lead, *several("lead")),
        common.own_body,
        _optional(data, "not_after", common.words, place),
        "|".join(p for p in (common.not_before, own_not_before) if p) or None,
        _optional(data, "foreign", common.words, place),
        bool(data.get("of_which", False)),
    )


def _optional(data: Mapping[str, Any], key: str, words: Mapping[str, str], where: str) -> str | None:
    """Returns a pattern; None where the key is not there."""
    return _filled(str(data[key]), words, where) if data.get(key) else None


def _words(items: Sequence[object], where: str) -> dict[str, str]:
    """Reads the named parts of patterns; each may use those above it."""
    words: dict[str, str] = {}
    for item in items:
        data = checked_keys(item, {"word", "pattern"}, where)
        if not data.get("word") or not data.get("pattern"):
            raise ConfigError(f"{where}: a word needs `word` and `pattern`", ADVICE)
        words[str(data["word"])] = _filled(str(data["pattern"]), words, where)
    return words


def load_figures(path: Path) -> tuple[str, tuple[FigureRule, ...]]:
    """Reads what one schema file says of figures in the text.

    Returns:
        The family, and its figures; none where the file has no `narrative`.

    Raises:
        ConfigError: the file cannot be read or does not follow the format.
    """
    data = read_schema_file(path)
    family = str(data.get("family", ""))
    if "narrative" not in data:
        return family, ()
    where = f"{path.name}: narrative"
    text = checked_keys(data["narrative"], _TEXT_KEYS, where)
    words = _words(listed(text, "words", where), where)
    lead = tuple(_filled(p, words, where) for p in listed_texts(text, "lead", where))
    own_body, not_before = (_optional(text, key, words, where) for key in ("own_body", "not_before"))
    return family, tuple(
        _figure(item, Common(words, lead, own_body, not_before), where) for item in listed(text, "figures", where)
    )


@cache
def narrative_figures(folder: Path = SCHEMA_FOLDER) -> dict[str, tuple[FigureRule, ...]]:
    """Returns the figures of every family; read once for each process."""
    found = (load_figures(path) for path in sorted(folder.glob("*.yaml")))
    return {family: figures for family, figures in found if figures}
