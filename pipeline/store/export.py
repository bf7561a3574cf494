"""`gouji export`: the results of one document, or of a whole folder as one panel, in the formats that people ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.store.codebook import (
    CodebookEntry,
    entries_to_markdown,
    entries_to_records,
    merge_entries,
    results_to_entries,
    schemas_to_entries,
)
from pipeline.store.files import read_results, result_folders
from pipeline.store.jsontext import json_to_text
from pipeline.store.targets import PANEL, target_file, target_folder, write_text

FORMATS = ("csv", "xlsx", "parquet", "html", "json")


def export(
    out: Path,
    fmt: str,
    destination: Path | None = None,
    documents: Sequence[str] | None = None,
    codebook: Sequence[CodebookEntry] | None = None,
) -> list[Path]:
    """Writes the results in `out` in another format.

    Args:
        out: a folder of results, or the folder of one document.
        fmt: one of `FORMATS`.
        destination: a file or folder; None for `out/export/`.
        documents: ids, file names or stems of the documents wanted; None for all.
        codebook: labels of the identifiers; None for those of the bundled schemas. What it does not tell is taken from
            the documents.

    Returns:
        The files written. CSV and Parquet: `cells`, `documents`, `findings`, `codebook` and `datapackage.json`.

    Raises:
        UsageError: no such format or document.
        InputMissingError: no results in `out`.
        OutputError: the files cannot be written, or XLSX cannot hold so many rows.
    """
    if fmt not in FORMATS:
        raise UsageError(f"no format {fmt!r}", f"Use one of {', '.join(FORMATS)}.")
    ids = select_documents(out, documents)
    base = out.parent if result_folders(out) == [out] else out
    single = ids[0] if len(ids) == 1 and (documents is not None or base != out) else None
    job = _Job(out, base, destination, ids, single, _bundled_codebook() if codebook is None else codebook)
    return _WRITERS[fmt](job)


def _bundled_codebook() -> list[CodebookEntry]:
    """Returns the codebook of the bundled schemas."""
    from pipeline.canon.schema import load_schemas

    return schemas_to_entries(load_schemas())


def select_documents(out: Path, documents: Sequence[str] | None) -> list[str]:
    """Returns the ids of the documents wanted, sorted; raises UsageError for a name that fits none or several."""
    folders = {folder.resolve().name: folder for folder in result_folders(out)}
    if documents is None:
        return sorted(folders)
    return sorted({_match(name, list(folders)) for name in documents})


def _match(wanted: str, ids: list[str]) -> str:
    """Returns the one id that `wanted` means: an id, its stem, a file name, or the path of its folder."""
    name = Path(wanted).name
    found = [one for one in ids if one == name] or [one for one in ids if one.rpartition("~")[0] in (name, Path(name).stem)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{wanted}: {len(found)} documents are called so", f"Give one of {', '.join(sorted(found)[:5])}.")
    raise UsageError(f"{wanted}: no such document", "Give the name of a folder in the results.")


class _Job:
    """One export: which documents go where."""

    def __init__(
        self,
        out: Path,
        base: Path,
        destination: Path | None,
        ids: list[str],
        single: str | None,
        codebook: Sequence[CodebookEntry],
    ) -> None:
        self.out, self.base, self.destination, self.ids, self.single = out, base, destination, ids, single
        self.name = single or PANEL
        self._codebook = codebook

    def results(self) -> Iterator[dict[str, Any]]:
        """Yields the results anew."""
        if result_folders(self.out) == [self.out]:
            return read_results(self.out)
        return read_results(self.out, self.ids)

    def entries(self) -> list[CodebookEntry]:
        """Returns the codebook."""
        return merge_entries(self._codebook, results_to_entries(self.results()))

    def file(self, suffix: str) -> Path:
        """Returns the one file of this export."""
        return target_file(self.base, self.destination, self.name, suffix)

    def folder(self, suffix: str) -> Path:
        """Returns the folder of this export."""
        return target_folder(self.base, self.destination, self.name, suffix)


def _export_tidy(job: _Job, suffix: str, write: Callable[..., Path]) -> list[Path]:
    """Writes the package of long tables in one format."""
    from pipeline.store import panel
    from pipeline.store.datapackage import RESOURCES, package_json

    folder = job.folder(suffix)
    entries = job.entries()
    frames = {
        "cells": lambda fields: panel.cell_frames(job.results()),
        "documents": lambda fields: panel.document_frames(job.results()),
        "findings": lambda fields: panel.finding_frames(job.results()),
        "codebook": lambda fields: panel.record_frames(entries_to_records(entries), fields),
    }
    files = {
        resource.name: write(folder / f"{resource.name}{suffix}", frames[resource.name](resource.fields), resource.fields)
        for resource in RESOURCES
    }
    text = write_text(folder / "codebook.md", entries_to_markdown(entries))
    package = write_text(folder / "datapackage.json", json_to_text(package_json(files)))
    return [*files.values(), text, package]


def _export_csv(job: _Job) -> list[Path]:
    from pipeline.store.export_csv import write_csv

    return _export_tidy(job, ".csv", write_csv)


def _export_parquet(job: _Job) -> list[Path]:
    from pipeline.store.export_parquet import write_parquet

    return _export_tidy(job, ".parquet", write_parquet)


def _export_xlsx(job: _Job) -> list[Path]:
    from pipeline.store.export_xlsx import write_xlsx

    return [write_xlsx(job.file(".xlsx"), job.results, job.entries(), panel=job.single is None)]


def _export_json(job: _Job) -> list[Path]:
    from pipeline.store.export_json import write_json

    return [write_json(job.file(".json"), job.results, job.entries())]


def _export_html(job: _Job) -> list[Path]:
    from pipeline.store.export_html import write_html, write_index

    if job.single is not None:
        return [write_html(job.file(".html"), result) for result in job.results()]
    folder = job.folder(".html")
    pages = [write_html(folder / f"{result['document']['id']}.html", result) for result in job.results()]
    return [write_index(folder / "index.html", job.results(), [page.name for page in pages]), *pages]


_WRITERS: dict[str, Callable[[_Job], list[Path]]] = {
    "csv": _export_csv,
    "parquet": _export_parquet,
    "xlsx": _export_xlsx,
    "json": _export_json,
    "html": _export_html,
}
