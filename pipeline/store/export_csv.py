"""Tidy CSV: one row a cell, safe to open in a spreadsheet, readable by every statistics package."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.store.fields import Field
from pipeline.store.targets import replacing

if TYPE_CHECKING:
    import pandas as pd

GUARD = "'"
# What a spreadsheet takes for the beginning of a formula (after OWASP's "CSV Injection"); full-width forms count too.
_DANGER = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n']")
# A number or a lone dash is no formula, and must stay as it is printed.
_HARMLESS = re.compile(r"[+\-＋－]?\s*[\d０-９][\d０-９,，.]*[%％]?|[-－]+")


def guard_text(text: str) -> str:
    """Returns `text` with an apostrophe before it where a spreadsheet would run it as a formula.

    Numbers and lone dashes are left alone; a text that begins with an apostrophe gets a second one. So whoever wants
    the raw text drops one leading apostrophe where there is one.
    """
    return GUARD + text if _DANGER.match(text) and not _HARMLESS.fullmatch(text) else text


def write_csv(path: Path, frames: Iterable[pd.DataFrame], fields: tuple[Field, ...]) -> Path:
    """Writes `frames` one after the other as one file: UTF-8 with byte order mark (Excel asks for it), CRLF, RFC 4180.

    Numbers keep their decimal digits; true and false are lower case; what is not there is empty.
    """
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as stream:
        for number, frame in enumerate(frames):
            safe = _safe(frame, fields)
            safe.to_csv(stream, index=False, header=number == 0, lineterminator="\r\n")
    return path


def _safe(frame: pd.DataFrame, fields: tuple[Field, ...]) -> pd.DataFrame:
    """Returns the frame as text that can go to a spreadsheet."""
    safe = frame.copy()
    for field in fields:
        if field.kind == "string":
            safe[field.name] = frame[field.name].map(guard_text, na_action="ignore")
        elif field.kind == "boolean":
            safe[field.name] = frame[field.name].map({True: "true", False: "false"})
        elif field.kind == "number":
            safe[field.name] = frame[field.name].map(_digits, na_action="ignore")
    if "value_text" in safe:
        safe["value"] = frame["value_text"]
    return safe


def _digits(number: float) -> str:
    """Returns the shortest text of a float, without `.0`."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(float(number))
