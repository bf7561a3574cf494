"""Families of tables, read from YAML: rows, columns, labels, aliases and equations.

`docs/schemas.md` describes the file format. Nothing else in the code knows the name of a table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.domain import Equation
from pipeline.errors import ConfigError
from pipeline.schema_files import ADVICE, SCHEMA_FOLDER, checked_keys, listed, listed_texts, read_schema_file

_KINDS = ("count", "signed", "decimal")
_ID = re.compile(r"[a-z][a-z0-9_]*")
_LISTS = ("headings", "sections", "corner")
_VARIANT_KEYS = {"layout", *_LISTS, "rows", "columns", "equations"}
_EQUATION_KEYS = {"rule", "over", "left", "right", "totals", "blank_details", "relation", "severity"}
_TABLE_KEYS = {"id", "group", "title", "optional", "variants", *_VARIANT_KEYS}


# Schema objects are made once and compared by identity: hashing them by value would cost more than what is cached by it.
@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """A row or column of a schema.

    Attributes:
        under: labels of the merged cells above (columns) or left (rows) of its own, outermost first.
        kind: `count` (whole, not negative), `signed` or `decimal`.
        labels: the label and its aliases; empty where the lane is printed without one.
    """

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    kind: str = "count"
    labels: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Collects the labels once: they are asked for more often than anything else."""
        object.__setattr__(self, "labels", tuple(x for x in (self.label, *self.aliases) if x))


@dataclass(frozen=True, slots=True, eq=False)
class TableSchema:
    """One table in one variant.

    Attributes:
        layout: `grid` (a line for each row) or `one_row` (one line; its columns are the rows times the columns).
        headings: titles printed in or just above the table; `sections` titles of the part of the document.
        corner: texts of the header that name no column.
    """

    family: str
    table: str
    group: str
    variant: str
    title: str
    layout: str
    headings: tuple[str, ...]
    sections: tuple[str, ...]
    corner: tuple[str, ...]
    rows: tuple[Lane, ...]
    columns: tuple[Lane, ...]
    equations: tuple[Equation, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A family: its tables, each in one or more variants, in the order of the file."""

    family: str
    title: str
    signs: tuple[str, ...]
    tables: tuple[TableSchema, ...]
    optional: frozenset[str] = field(default=frozenset())

    def variants_of(self, table: str) -> tuple[TableSchema, ...]:
        """Returns the variants of one table."""
        return tuple(t for t in self.tables if t.table == table)

    @property
    def table_ids(self) -> tuple[str, ...]:
        """The table identifiers in the order of the file, each once."""
        return tuple(dict.fromkeys(t.table for t in self.tables))


def _identifier(data: Mapping[str, Any], where: str) -> str:
    """Returns the `id`: lower-case letters, digits and `_`; `no` and `on` without quotes are no texts in YAML."""
    found = data.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise ConfigError(f"{where}: id {found!r} is no identifier", ADVICE)
    return found


def _lanes(data: Mapping[str, Any], key: str, where: str) -> tuple[Lane, ...]:
    """Reads the rows or columns of a table, at least one, each with an id of its own."""
    lanes = tuple(_lane(item, f"{where}, {key}") for item in listed(data, key, where))
    if not lanes:
        raise ConfigError(f"{where}: no {key}", ADVICE)
    keys = [lane.key for lane in lanes]
    twice = [k for k in keys if keys.count(k) > 1]
    if twice:
        raise ConfigError(f"{where}, {key}: two with the id {twice[0]!r}", ADVICE)
    return lanes


def _lane(item: object, where: str) -> Lane:
    """Reads one row or column."""
    data = checked_keys(item, {"id", "label", "aliases", "under", "kind"}, where)
    key = _identifier(data, where)
    kind = str(data.get("kind", "count"))
    if kind not in _KINDS:
        raise ConfigError(f"{where}.{key}: kind {kind!r} is none of {', '.join(_KINDS)}", ADVICE)
    place = f"{where}.{key}"
    return Lane(key, str(data.get("label", "")), listed_texts(data, "aliases", place), listed_texts(data, "under", place), kind)


def _expand(data: Mapping[str, Any], name: str, keys: Sequence[str], where: str) -> tuple[str, ...]:
    """Returns the keys that a list of keys and patterns names, in the order of the table; a pattern may match none."""
    patterns = listed_texts(data, name, where)
    lost = [p for p in patterns if p not in keys and not any(c in p for c in "*?[")]
    if lost:
        raise ConfigError(f"{where}: {name} names {lost[0]!r}, which the table does not have", ADVICE)
    return tuple(k for k in keys if any(fnmatchcase(k, p) for p in patterns))


def _equation(item: object, rows: Sequence[Lane], columns: Sequence[Lane], where: str) -> Equation:
    """Reads one equation; the lanes summed are the columns where it holds in every row, and the other way round."""
    data = checked_keys(item, _EQUATION_KEYS, f"{where}, equations")
    lacking = [k for k in ("rule", "over", "left", "right") if k not in data]
    if lacking:
        raise ConfigError(f"{where}: an equation lacks {lacking[0]!r}", ADVICE)
    rule, over, blanks = str(data["rule"]), str(data["over"]), str(data.get("blank_details", "zero"))
    place = f"{where}, equation {rule}"
    if over not in ("rows", "columns"):
        raise ConfigError(f"{place}: over {over!r} is neither rows nor columns", ADVICE)
    if blanks not in ("zero", "some", "stop"):
        raise ConfigError(f"{place}: blank_details {blanks!r} is none of zero, some, stop", ADVICE)
    keys = [lane.key for lane in (columns if over == "rows" else rows)]
    left, right = _expand(data, "left", keys, place), _expand(data, "right", keys, place)
    if not left or not right:
        raise ConfigError(f"{place}: a side names nothing", ADVICE)
    totals = _expand(data, "totals", keys, place) if "totals" in data else right
    relation, severity = data.get("relation", "equal"), data.get("severity", "error")
    if relation not in ("equal", "at_most"):
        raise ConfigError(f"{place}: relation {relation!r} is neither equal nor at_most", ADVICE)
    if severity not in ("error", "note"):
        raise ConfigError(f"{place}: severity {severity!r} is neither error nor note", ADVICE)
    return Equation(rule, over, left, right, totals, blanks, relation, severity)


def _table(family: str, item: object, file: str) -> list[TableSchema]:
    """Reads one table in all its variants."""
    data = checked_keys(item, _TABLE_KEYS, f"{file}: {item.get('id', 'tables') if isinstance(item, dict) else 'tables'}")
    key = _identifier(data, f"{file}: tables")
    variants = data.get("variants") or {"": {}}
    if not isinstance(variants, dict):
        raise ConfigError(f"{file}: {key}: variants must map names to what differs", ADVICE)
    return [_variant(family, key, data, str(name), own, f"{file}: {key}") for name, own in variants.items()]


def _variant(family: str, key: str, data: Mapping[str, Any], name: str, own: object, table: str) -> TableSchema:
    """Reads one variant: what the table says, overridden by what the variant says."""
    where = f"{table}, variant {name}" if name else table
    merged = {**data, **checked_keys(own or {}, _VARIANT_KEYS, where)}
    rows, columns = _lanes(merged, "rows", where), _lanes(merged, "columns", where)
    layout = str(merged.get("layout", "grid"))
    if layout not in ("grid", "one_row"):
        raise ConfigError(f"{where}: layout {layout!r} is neither grid nor one_row", ADVICE)
    headings, sections, corner = (listed_texts(merged, k, where) for k in _LISTS)
    equations = tuple(_equation(e, rows, columns, where) for e in listed(merged, "equations", where))
    group, title = str(data.get("group", key)), str(data.get("title", key))
    return TableSchema(family, key, group, name, title, layout, headings, sections, corner, rows, columns, equations)


def load_schema(path: Path) -> Schema:
    """Reads one schema file.

    Raises:
        ConfigError: the file cannot be read or does not follow the format; the message names the place.
    """
    # `narrative` and `years` are read by `check.narrative_schema` and `check.years_schema`.
    data = read_schema_file(path)
    if not data.get("family") or not data.get("tables"):
        raise ConfigError(f"{path.name}: a schema needs `family` and `tables`", ADVICE)
    family, items = str(data["family"]), listed(data, "tables", path.name)
    tables = [t for item in items for t in _table(family, item, path.name)]
    keys = [item["id"] for item in items]
    twice = [k for k in keys if keys.count(k) > 1]
    if twice:
        raise ConfigError(f"{path.name}: two tables with the id {twice[0]!r}", ADVICE)
    optional = frozenset(item["id"] for item in items if item.get("optional"))
    return Schema(family, str(data.get("title", family)), listed_texts(data, "signs", path.name), tuple(tables), optional)


@cache
def load_schemas(folder: Path = SCHEMA_FOLDER) -> tuple[Schema, ...]:
    """Reads every `*.yaml` of a folder, sorted by name; read once for each process."""
    return tuple(load_schema(p) for p in sorted(folder.glob("*.yaml")))
