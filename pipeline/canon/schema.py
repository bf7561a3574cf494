"""Families of tables, read from YAML: rows, columns, labels, aliases and equations.

`docs/schemas.md` describes the file format. Nothing else in the code knows the name of a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.domain import Equation
from pipeline.errors import ConfigError

SCHEMA_FOLDER = Path(__file__).resolve().parent.parent / "schemas"
_ADVICE = "See docs/schemas.md for the format of a schema file."
_KINDS = ("count", "signed", "decimal")


# Schema objects are made once and compared by identity: hashing them by value would cost more than what is cached by it.
@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """A row or column of a schema.

    Attributes:
        under: labels of the merged cells above (columns) or left (rows) of its own, outermost first.
        kind: `count` (whole, not negative), `signed` or `decimal`.
    """

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    kind: str = "count"

    @property
    def labels(self) -> tuple[str, ...]:
        """The label and its aliases; empty where the lane is printed without one."""
        return tuple(x for x in (self.label, *self.aliases) if x)


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


def _lane(data: Mapping[str, Any], where: str) -> Lane:
    """Reads one row or column."""
    unknown = set(data) - {"id", "label", "aliases", "under", "kind"}
    if unknown or "id" not in data:
        raise ConfigError(f"{where}: {'unknown key ' + sorted(unknown)[0] if unknown else 'a lane without id'}", _ADVICE)
    kind = str(data.get("kind", "count"))
    if kind not in _KINDS:
        raise ConfigError(f"{where}.{data['id']}: kind {kind!r} is none of {', '.join(_KINDS)}", _ADVICE)
    return Lane(
        str(data["id"]),
        str(data.get("label", "")),
        tuple(map(str, data.get("aliases", ()))),
        tuple(map(str, data.get("under", ()))),
        kind,
    )


def _expand(patterns: Sequence[str], keys: Sequence[str]) -> tuple[str, ...]:
    """Returns the keys that match any of the patterns, in the order of the table."""
    return tuple(k for k in keys if any(fnmatchcase(k, p) for p in patterns))


def _equation(data: Mapping[str, Any], rows: Sequence[Lane], columns: Sequence[Lane], where: str) -> Equation:
    """Reads one equation; the lanes summed are the columns where it holds in every row, and the other way round."""
    try:
        over = str(data["over"])
        keys = [lane.key for lane in (columns if over == "rows" else rows)]
        left, right = _expand(data["left"], keys), _expand(data["right"], keys)
        totals = _expand(data.get("totals", data["right"]), keys)
        rule = str(data["rule"])
    except KeyError as error:
        raise ConfigError(f"{where}: an equation lacks {error}", _ADVICE) from None
    if over not in ("rows", "columns") or not left or not right:
        raise ConfigError(f"{where}: equation {rule} names no lane or holds over neither rows nor columns", _ADVICE)
    blanks = str(data.get("blank_details", "zero"))
    if blanks not in ("zero", "some", "stop"):
        raise ConfigError(f"{where}: equation {rule}: blank_details {blanks!r} is none of zero, some, stop", _ADVICE)
    return Equation(rule, over, left, right, totals, blanks)


def _table(family: str, data: Mapping[str, Any], where: str) -> list[TableSchema]:
    """Reads one table in all its variants."""
    found = []
    for variant, own in (data.get("variants") or {"": {}}).items():
        merged = {**data, **(own or {})}
        try:
            rows = tuple(_lane(r, where) for r in merged["rows"])
            columns = tuple(_lane(c, where) for c in merged["columns"])
        except KeyError as error:
            raise ConfigError(f"{where}, variant {variant!r}: no {error}", _ADVICE) from None
        layout = str(merged.get("layout", "grid"))
        if layout not in ("grid", "one_row"):
            raise ConfigError(f"{where}: layout {layout!r} is neither grid nor one_row", _ADVICE)
        texts = {k: tuple(map(str, merged.get(k, ()))) for k in ("headings", "sections", "corner")}
        equations = tuple(_equation(e, rows, columns, where) for e in merged.get("equations", ()))
        found.append(
            TableSchema(
                family,
                str(data["id"]),
                str(data.get("group", data["id"])),
                str(variant),
                str(data.get("title", data["id"])),
                layout,
                texts["headings"],
                texts["sections"],
                texts["corner"],
                rows,
                columns,
                equations,
            )
        )
    return found


def load_schema(path: Path) -> Schema:
    """Reads one schema file.

    Raises:
        ConfigError: the file cannot be read or does not follow the format; the message names the place.
    """
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        data = yaml.load(path.read_text(encoding="utf8"), loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path.name}: {error}", _ADVICE) from error
    if not isinstance(data, dict) or "family" not in data or not data.get("tables"):
        raise ConfigError(f"{path.name}: a schema needs `family` and `tables`", _ADVICE)
    family = str(data["family"])
    tables = [t for item in data["tables"] for t in _table(family, item, f"{path.name}: {item.get('id', '?')}")]
    optional = frozenset(str(item["id"]) for item in data["tables"] if item.get("optional"))
    return Schema(family, str(data.get("title", family)), tuple(map(str, data.get("signs", ()))), tuple(tables), optional)


@cache
def load_schemas(folder: Path = SCHEMA_FOLDER) -> tuple[Schema, ...]:
    """Reads every `*.yaml` of a folder, sorted by name; read once for each process."""
    return tuple(load_schema(p) for p in sorted(folder.glob("*.yaml")))
