"""The panel: records of many documents as pandas frames with fixed types, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from pipeline.store.fields import CELLS, DOCUMENTS, FINDINGS, Field, names
from pipeline.store.records import Record, cell_records, document_record, finding_records

if TYPE_CHECKING:
    import pandas as pd

BATCH_ROWS = 50_000
_DTYPES = {"string": "string", "integer": "Int64", "number": "Float64", "boolean": "boolean"}
FLOAT_MAX = 1.7976931348623157e308


def cell_frames(results: Iterable[dict[str, Any]]) -> Iterator[pd.DataFrame]:
    """Yields the cells of all `results` as frames of at most `BATCH_ROWS` rows; one empty frame where there are none."""
    return record_frames(chain.from_iterable(map(cell_records, results)), CELLS)


def document_frames(results: Iterable[dict[str, Any]]) -> Iterator[pd.DataFrame]:
    """Yields one row for each document, failed ones too."""
    return record_frames(map(document_record, results), DOCUMENTS)


def finding_frames(results: Iterable[dict[str, Any]]) -> Iterator[pd.DataFrame]:
    """Yields one row for each finding."""
    return record_frames(chain.from_iterable(map(finding_records, results)), FINDINGS)


def record_frames(records: Iterable[Record], fields: tuple[Field, ...]) -> Iterator[pd.DataFrame]:
    """Yields `records` as frames with the columns of `fields`; one empty frame where there are no records."""
    rest = iter(records)
    batch = list(islice(rest, BATCH_ROWS))
    yield records_to_frame(batch, fields)
    while batch := list(islice(rest, BATCH_ROWS)):
        yield records_to_frame(batch, fields)


def records_to_frame(records: list[Record], fields: tuple[Field, ...]) -> pd.DataFrame:
    """Returns one frame; columns are nullable, so that an empty integer column stays one of integers."""
    import pandas as pd

    columns = {
        field.name: pd.array([_fit(record[field.name], field) for record in records], dtype=_DTYPES[field.kind])
        for field in fields
    }
    return pd.DataFrame(columns, columns=names(fields))


def _fit(value: Any, field: Field) -> Any:
    """Returns a value that fits its column; an integer beyond a float's range leaves `value_text` to tell it."""
    if value is None or field.kind != "number":
        return value
    return float(value) if abs(value) <= FLOAT_MAX else None
