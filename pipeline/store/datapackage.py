"""`datapackage.json`: a Frictionless Data Package (version 1 of the specification) around the tidy files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.store.fields import CELLS, CODEBOOK, DOCUMENTS, FINDINGS, Field

_MEDIA = {".csv": ("csv", "text/csv"), ".parquet": ("parquet", "application/vnd.apache.parquet")}
_GUARD_NOTE = (
    "Text that a spreadsheet would run as a formula has one apostrophe before it, and so has text that begins with one:"
    " drop one leading apostrophe to get the raw text. Numbers and lone dashes are as printed."
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One table of the package: its name, columns, key (may be none) and what it holds."""

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    description: str
    belongs_to_document: bool = False


RESOURCES: tuple[Resource, ...] = (
    Resource("cells", CELLS, ("document", "schema", "table", "row", "column"), "One row a cell of a canonical table.", True),
    Resource("documents", DOCUMENTS, ("document",), "One row a document, failed ones too."),
    Resource("findings", FINDINGS, ("document", "finding"), "One row a finding.", True),
    Resource("codebook", CODEBOOK, (), "The identifiers and their labels."),
)


def package_json(files: dict[str, Path]) -> dict[str, Any]:
    """Returns the descriptor for `files`, resource name to path; all of them lie in one folder."""
    return {
        "profile": "tabular-data-package",
        "name": "gouji-panel",
        "title": "Canonical tables of government reports",
        "description": "Made by `gouji export`. A cell with `review` true must be looked at before it is used.",
        "resources": [_resource_json(resource, files[resource.name]) for resource in RESOURCES if resource.name in files],
    }


def _resource_json(resource: Resource, path: Path) -> dict[str, Any]:
    """Returns the descriptor of one file, with its size and hash."""
    file_format, media = _MEDIA[path.suffix]
    is_csv = file_format == "csv"
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return {
        "profile": "tabular-data-resource",
        "name": resource.name,
        "description": f"{resource.description} {_GUARD_NOTE}" if is_csv else resource.description,
        "path": path.name,
        "format": file_format,
        "mediatype": media,
        **({"encoding": "utf-8", "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": True}} if is_csv else {}),
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest.hexdigest()}",
        "schema": _schema_json(resource),
    }


def _schema_json(resource: Resource) -> dict[str, Any]:
    """Returns the Table Schema of a resource."""
    schema: dict[str, Any] = {
        "fields": [_field_json(field) for field in resource.fields],
        "missingValues": [""],
    }
    if resource.key:
        schema["primaryKey"] = list(resource.key)
    if resource.belongs_to_document:
        schema["foreignKeys"] = [{"fields": "document", "reference": {"resource": "documents", "fields": "document"}}]
    return schema


def _field_json(field: Field) -> dict[str, Any]:
    """Returns the descriptor of one column."""
    constraints: dict[str, Any] = {"required": True} if field.required else {}
    if field.enum:
        constraints["enum"] = list(field.enum)
    return {
        "name": field.name,
        "type": field.kind,
        "description": field.meaning,
        **({"constraints": constraints} if constraints else {}),
    }
