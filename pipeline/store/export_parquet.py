"""Parquet: the same long tables with their types; the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.store.fields import Field
from pipeline.store.targets import replacing

if TYPE_CHECKING:
    import pandas as pd


def write_parquet(path: Path, frames: Iterable[pd.DataFrame], fields: tuple[Field, ...]) -> Path:
    """Writes `frames` as one file, a row group each; numbers are float64, `value_text` keeps them exact."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = fields_to_schema(fields)
    with replacing(path) as temporary, pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
        for frame in frames:
            # Without the metadata that pandas adds: it names versions, and the schema says all.
            table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).cast(schema)
            writer.write_table(table.replace_schema_metadata(schema.metadata))
    return path


def fields_to_schema(fields: tuple[Field, ...]) -> Any:
    """Returns the Arrow schema of `fields`; the meaning of each column is its metadata."""
    import pyarrow as pa

    types = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    return pa.schema(
        [
            pa.field(field.name, types[field.kind], nullable=not field.required, metadata={"description": field.meaning})
            for field in fields
        ]
    )
