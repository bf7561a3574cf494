"""The manifest: a CSV beside the reports that says of each what the report may not say of itself."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from pipeline.domain import DocumentFacts
from pipeline.errors import ConfigError
from pipeline.intake.encoding import decode

MANIFEST_NAME = "manifest.csv"

_COLUMNS = {
    "path": ("path", "file", "filename", "路径", "文件", "文件名", "文件路径"),
    "issuer": ("issuer", "发布机构", "机构", "发布单位", "单位", "公开机构"),
    "region_code": ("regioncode", "region", "行政区划代码", "区划代码", "行政区划"),
    "year": ("year", "年度", "年份", "报告年度"),
    "url": ("url", "网址", "链接", "地址"),
}
_ADVICE = "The header is: path, issuer, region_code, year, url; only path is needed."
_YEAR = re.compile(r"((?:19|20)\d\d)(?:\.0|年度?)?")
_REGION = re.compile(r"[0-9A-Za-z-]{2,20}")


def find_manifest(folder: Path) -> Path | None:
    """Returns `manifest.csv` of a folder, or None where it has none."""
    path = folder / MANIFEST_NAME
    return path if path.is_file() else None


def load_manifest(path: Path) -> dict[str, DocumentFacts]:
    """Reads a manifest: CSV in UTF-8 (with or without mark) or GB18030, header in any case, English or Chinese.

    Returns:
        The facts by relative path (with `/`, without a leading `./`); an empty field is None.

    Raises:
        ConfigError: unreadable, no header with a `path`, a row without a path or with too many fields, a bad year or
            region code, or two rows for one path. The message names the line.
    """
    try:
        text, _ = decode(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}", "Give a readable CSV file.") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    facts: dict[str, DocumentFacts] = {}
    fields: list[str | None] | None = None
    try:
        for row in reader:
            if not any(value.strip() for value in row):
                continue
            where = f"{path}, line {reader.line_num}"
            if fields is None:
                fields = _header(row, where)
                continue
            key, entry = _entry(fields, row, where)
            if key in facts:
                raise ConfigError(f"{where}: {key!r} stands here for the second time", "Keep one row for each report.")
            facts[key] = entry
    except csv.Error as error:
        raise ConfigError(f"{path}, line {reader.line_num}: {error}", "Give a CSV with commas and balanced quotes.") from error
    if fields is None:
        raise ConfigError(f"{path}, line 1: the file is empty", _ADVICE)
    return facts


def _header(row: list[str], where: str) -> list[str | None]:
    """Returns the field that each column holds; None for a column of no meaning here."""
    fields = [_field(name) for name in row]
    known = [name for name in fields if name is not None]
    if "path" not in known:
        raise ConfigError(f"{where}: the header has no column `path`", _ADVICE)
    for name in known:
        if known.count(name) > 1:
            raise ConfigError(f"{where}: two columns mean {name}", _ADVICE)
    return fields


def _field(name: str) -> str | None:
    """Returns the field that a column's heading means."""
    plain = re.sub(r"[\s_\-]+", "", name).lower()
    return next((field for field, names in _COLUMNS.items() if plain in names), None)


def _entry(fields: list[str | None], row: list[str], where: str) -> tuple[str, DocumentFacts]:
    """Returns the path and the facts of one row."""
    if len(row) > len(fields) and any(value.strip() for value in row[len(fields) :]):
        raise ConfigError(f"{where}: {len(row)} fields under {len(fields)} headings", "Quote a field that holds a comma.")
    given = {field: value.strip() for field, value in zip(fields, row, strict=False) if field is not None}
    key = given["path"].replace("\\", "/").removeprefix("./") if given.get("path") else ""
    if not key:
        raise ConfigError(f"{where}: no path", "Give each row the path of its report, relative to the folder.")
    return key, DocumentFacts(
        issuer=given.get("issuer") or None,
        year=_year(given.get("year", ""), where),
        region_code=_region(given.get("region_code", ""), where),
        url=given.get("url") or None,
    )


def _year(value: str, where: str) -> int | None:
    """Returns the year reported on."""
    if not value:
        return None
    match = _YEAR.fullmatch(value)
    if match is None:
        raise ConfigError(f"{where}: {value!r} is no year", "Give the year reported on as four digits.")
    return int(match.group(1))


def _region(value: str, where: str) -> str | None:
    """Returns the region code as text; one that a spreadsheet turned into a number like 4.1E+05 is lost, hence refused."""
    value = value.removesuffix(".0")
    if not value:
        return None
    if _REGION.fullmatch(value) is None:
        raise ConfigError(f"{where}: {value!r} is no region code", "Format the column as text in the spreadsheet.")
    return value
