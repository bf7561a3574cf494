"""The columns of the exports: names, types and meanings, told once for CSV, Parquet, XLSX and `datapackage.json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.domain import Origin, State

Kind = Literal["string", "integer", "number", "boolean"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    Attributes:
        kind: a type of Frictionless Table Schema.
        meaning: one sentence; goes into `datapackage.json`.
        enum: the values that occur, where they are few.
        required: true where it is never empty.
    """

    name: str
    kind: Kind
    meaning: str
    enum: tuple[str, ...] = ()
    required: bool = False


_DOCUMENT = Field(
    "document", "string", "Identifier of the document: stem of its file name and 8 hex digits of its SHA-256.", required=True
)
_STATUS = Field("status", "string", "How the document ended.", enum=("accepted", "review", "failed"), required=True)
_ISSUER = Field("issuer", "string", "Who issued the report, as printed or as the manifest says.")
_REGION = Field("region_code", "string", "Code of the region, from the manifest.")
_YEAR = Field("year", "integer", "The year reported on.")
_SOURCE = Field("source", "string", "Path of the input, relative to what the command was given.", required=True)

CELLS: tuple[Field, ...] = (
    _DOCUMENT,
    _SOURCE,
    _ISSUER,
    _REGION,
    _YEAR,
    Field("schema", "string", "Family of tables.", required=True),
    Field("variant", "string", "Variant of the family that this table follows.", required=True),
    Field("table", "string", "Identifier of the table; see the codebook.", required=True),
    Field("row", "string", "Identifier of the row; see the codebook.", required=True),
    Field("row_label", "string", "Label of the row as printed; empty where none was found."),
    Field("column", "string", "Identifier of the column; see the codebook.", required=True),
    Field("column_label", "string", "Label of the column as printed; empty where none was found."),
    Field("value", "number", "The number; empty unless `state` is `printed`: a blank is not a 0."),
    Field("value_text", "string", "The number in decimal digits, exact also where a float is not."),
    Field("text", "string", "Raw text of the cell."),
    Field("state", "string", "What the cell holds.", enum=tuple(str(state) for state in State), required=True),
    Field("unit", "string", "Unit of the table as printed; numbers are never converted."),
    Field("confidence", "number", "0 to 1; provisional until calibrated.", required=True),
    Field("review", "boolean", "True where a person must look before the cell is used.", required=True),
    Field("reason", "string", "Why the cell is to be reviewed."),
    Field("origin", "string", "Where the text comes from.", enum=tuple(str(origin) for origin in Origin), required=True),
    Field("page", "integer", "Page of the cell, from 1; empty for text sources."),
    Field("x0", "number", "Left edge on that page in points, from the left."),
    Field("top", "number", "Upper edge in points, from the top."),
    Field("x1", "number", "Right edge in points, from the left."),
    Field("bottom", "number", "Lower edge in points, from the top."),
    Field("span_start", "integer", "First character in the text, from 0; text sources alone."),
    Field("span_end", "integer", "The character after the last one."),
    _STATUS,
)

DOCUMENTS: tuple[Field, ...] = (
    _DOCUMENT,
    _SOURCE,
    Field("sha256", "string", "SHA-256 of the input.", required=True),
    Field("kind", "string", "Kind of the input.", required=True),
    Field("pages", "integer", "Number of pages that were read.", required=True),
    _ISSUER,
    _REGION,
    _YEAR,
    Field("url", "string", "Address of the report, from the manifest."),
    _STATUS,
    Field("failure_class", "string", "Why the document could not be read."),
    Field("failure_message", "string", "The same in words."),
    Field("failure_advice", "string", "What to do about it."),
    Field("matrices", "integer", "Number of canonical tables found.", required=True),
    Field("cells", "integer", "Number of their cells.", required=True),
    Field("review_cells", "integer", "Number of cells that a person must look at.", required=True),
    Field("findings", "integer", "Number of findings.", required=True),
    Field("absent", "string", "Tables that the report lacks, separated by blanks."),
    Field("unread", "string", "Tables that a page which failed may hold, separated by blanks."),
)

FINDINGS: tuple[Field, ...] = (
    _DOCUMENT,
    Field("finding", "integer", "Number of the finding in its document, from 1.", required=True),
    Field("rule", "string", "The equation or condition.", required=True),
    Field("kind", "string", "Whose fault it is.", enum=("source", "reading", "undecided"), required=True),
    Field("severity", "string", "`error` for a contradiction in the figures.", enum=("error", "note"), required=True),
    Field("left", "number", "Left side of a failed equation."),
    Field("right", "number", "Right side of a failed equation."),
    Field("message", "string", "The finding in words."),
    Field("cells", "string", "Cells concerned, as `table.row.column`, separated by blanks."),
)

CODEBOOK: tuple[Field, ...] = (
    Field("schema", "string", "Family of tables.", required=True),
    Field("variant", "string", "Variant of the family; empty where it holds for all."),
    Field("table", "string", "Identifier of the table.", required=True),
    Field("axis", "string", "What `key` names.", enum=("table", "row", "column"), required=True),
    Field("key", "string", "The identifier.", required=True),
    Field("label", "string", "Its label in the report."),
)


def names(fields: tuple[Field, ...]) -> list[str]:
    """Returns the names of `fields` in order."""
    return [field.name for field in fields]
