"""The codebook: which identifier means which row, column or table, for every export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Literal

from pipeline.store.fields import CODEBOOK, names
from pipeline.store.records import Record

if TYPE_CHECKING:
    from pipeline.canon.schema import Schema, TableSchema

_AXES = ("table", "row", "column")


@dataclass(frozen=True, slots=True)
class CodebookEntry:
    """One identifier and its label; `variant` is empty where it holds for all variants of the schema."""

    schema: str
    variant: str
    table: str
    axis: Literal["table", "row", "column"]
    key: str
    label: str


def results_to_entries(results: Iterable[dict[str, Any]]) -> list[CodebookEntry]:
    """Returns the entries that occur in `results`, each with its most frequent printed label.

    Only a second best: labels are as the documents print them. Where the schemas are at hand, give their entries.
    """
    labels: dict[tuple[str, str, str, str, str], Counter[str]] = {}
    for result in results:
        for matrix in result["matrices"]:
            head = (matrix["schema"], matrix["variant"], matrix["table"])
            labels.setdefault((*head, "table", matrix["table"]), Counter())
            for axis in ("row", "column"):
                for key, label in zip(matrix[f"{axis}s"], matrix[f"{axis}_labels"], strict=True):
                    labels.setdefault((*head, axis, key), Counter())[label] += bool(label)
    tables = list(dict.fromkeys(key[:3] for key in labels))
    ordered = sorted(labels.items(), key=lambda item: (tables.index(item[0][:3]), _AXES.index(item[0][3])))
    return [_entry(key, counts) for key, counts in ordered]


def schemas_to_entries(schemas: Iterable[Schema]) -> list[CodebookEntry]:
    """Returns the identifiers of every table and variant of `schemas`, with the official labels in full."""
    return [entry for schema in schemas for table in schema.tables for entry in _table_entries(table)]


def _table_entries(table: TableSchema) -> Iterator[CodebookEntry]:
    """Yields the table, its rows and its columns; labels of merged cells stand before those under them."""
    head = (table.family, table.variant, table.table)
    yield CodebookEntry(*head, "table", table.table, table.title)
    for lane in table.rows:
        yield CodebookEntry(*head, "row", lane.key, " / ".join(filter(None, (*lane.under, lane.label))))
    for lane in table.columns:
        yield CodebookEntry(*head, "column", lane.key, " / ".join(filter(None, (*lane.under, lane.label))))


def merge_entries(known: Sequence[CodebookEntry], found: Sequence[CodebookEntry]) -> list[CodebookEntry]:
    """Returns `known`, then what was `found` of tables that `known` does not tell of."""
    told = {(entry.schema, entry.table) for entry in known}
    return [*known, *(entry for entry in found if (entry.schema, entry.table) not in told)]


def entries_to_records(entries: Iterable[CodebookEntry]) -> list[Record]:
    """Returns the entries as records with the columns of `fields.CODEBOOK`."""
    return [dict(zip(names(CODEBOOK), astuple(entry), strict=True)) for entry in entries]


def entries_to_markdown(entries: Sequence[CodebookEntry]) -> str:
    """Returns the codebook as Markdown: one section for each table of each variant."""
    lines = ["# Codebook", "", "Identifiers of the rows and columns of the canonical tables, in order."]
    section: tuple[str, str, str] | None = None
    for entry in entries:
        here = (entry.schema, entry.variant, entry.table)
        if here != section:
            lines += ["", f"## {' · '.join(filter(None, here))}", ""]
            section = here
            if entry.axis == "table" and entry.label:
                lines += [_plain(entry.label), ""]
            lines += ["| axis | identifier | label |", "|---|---|---|"]
        if entry.axis != "table":
            lines.append(f"| {entry.axis} | `{entry.key}` | {_plain(entry.label)} |")
    return "\n".join(lines) + "\n"


def _entry(key: tuple[str, str, str, str, str], counts: Counter[str]) -> CodebookEntry:
    """Returns one entry with its most frequent label; of two as frequent the one that sorts first."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    label = ranked[0][0] if ranked else ""
    schema, variant, table, axis, name = key
    if axis == "table":
        return CodebookEntry(schema, variant, table, "table", name, label)
    return CodebookEntry(schema, variant, table, "row" if axis == "row" else "column", name, label)


def _plain(text: str) -> str:
    """Returns `text` fit for a cell of a Markdown table: no line break, no markup of its own."""
    flat = " ".join(text.split())
    return "".join("\\" + char if char in "\\`*_{}[]<>|#" else char for char in flat)
