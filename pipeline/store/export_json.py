"""One JSON file: the same long records as CSV and Parquet, one a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.store.codebook import CodebookEntry, entries_to_records
from pipeline.store.jsontext import json_to_chunks
from pipeline.store.records import cell_records, document_record, finding_records
from pipeline.store.targets import replacing

Results = Callable[[], Iterable[dict[str, Any]]]


def write_json(path: Path, results: Results, entries: Sequence[CodebookEntry]) -> Path:
    """Writes `{"documents", "cells", "findings", "codebook"}`; `results` is read once for each of the first three."""
    whole = {
        "documents": map(document_record, results()),
        "cells": chain.from_iterable(map(cell_records, results())),
        "findings": chain.from_iterable(map(finding_records, results())),
        "codebook": entries_to_records(entries),
    }
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(json_to_chunks(whole))
        stream.write("\n")
    return path
