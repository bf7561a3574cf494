"""Every default with its unit; the only reader of configuration files and of the environment.

A TOML file has one table for each section below; `GOUJI_<SECTION>_<FIELD>` in the environment overrides it.
"""

from __future__ import annotations

import json
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a document is refused with class `too_large`."""

    file_bytes: int = 512 * 1024 * 1024
    text_chars: int = 20_000_000
    pdf_pages: int = 20_000
    page_chars: int = 400_000
    page_stream_bytes: int = 128 * 1024 * 1024
    page_operators: int = 1_000_000
    html_nodes: int = 2_000_000
    html_cells: int = 2_000_000
    span: int = 1_000
    scrape_chars: int = 2_000_000
    archive_members: int = 50_000
    archive_bytes: int = 32 * 1024 * 1024 * 1024
    archive_ratio: int = 300
    archive_depth: int = 2
    output_bytes: int = 1024 * 1024 * 1024
    links_inside: bool = True


@dataclass(frozen=True, slots=True)
class Pdf:
    """Reading of digital PDF."""

    word_x_tolerance_pt: float = 3.0
    ruling_snap_pt: float = 3.0
    ruling_min_length_pt: float = 4.0
    ruling_max_thickness_pt: float = 3.0
    junk_share: float = 0.2
    second_reading: bool = True


@dataclass(frozen=True, slots=True)
class Scan:
    """Reading of scans and photos."""

    dpi: float = 200.0
    max_page_pixels: int = 60_000_000
    max_pages: int = 400
    max_skew_deg: float = 15.0
    read_text: bool = True
    second_grid: bool = True


@dataclass(frozen=True, slots=True)
class Ocr:
    """Character recognition; `model_dir` may name a folder with a larger PP-OCR recogniser."""

    engine: str = "ppocr"
    runtime: str = "auto"
    model_dir: str = ""
    threads: int = 0
    readings: int = 5
    sure: float = 0.9
    second: bool = True
    quick: bool = True


@dataclass(frozen=True, slots=True)
class Align:
    """Alignment with a schema; similarities are between 0 and 1, the variant's margin is a difference of summed gains."""

    table_accept: float = 0.45
    variant_margin: float = 0.3


@dataclass(frozen=True, slots=True)
class Batch:
    """How many are read at once, and what a worker may take. Nothing here changes what comes out of a readable document."""

    workers: int = 0
    page_seconds: float = 120.0
    document_seconds: float = 60.0
    worker_memory_mb: int = 6144
    worker_documents: int = 400
    bad_pages: int = 5
    gentle_dpi: float = 150.0
    inline_documents: int = 24


@dataclass(frozen=True, slots=True)
class Review:
    """The review page. Shares are of all cards: blind samples of accepted cells, planted cells whose value is known; of all
    corrections: blind second entries. `lease_s` is how long a table is kept for a person who does nothing.
    """

    port: int = 8765
    sample_share: float = 0.05
    planted_share: float = 0.02
    second_share: float = 0.0
    lease_s: float = 900.0
    picture_cache_mb: int = 256


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of a run."""

    limits: Limits = field(default_factory=Limits)
    pdf: Pdf = field(default_factory=Pdf)
    scan: Scan = field(default_factory=Scan)
    ocr: Ocr = field(default_factory=Ocr)
    align: Align = field(default_factory=Align)
    batch: Batch = field(default_factory=Batch)
    review: Review = field(default_factory=Review)


DEFAULT = Config()
# What other numbers are divided by; every other number may be 0.
_ABOVE_ZERO = frozenset({("scan", "dpi"), ("batch", "gentle_dpi")})


def single_native_threads() -> None:
    """Has numeric libraries of the processes to come use one thread each: there is a process for every core."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
        os.environ.setdefault(name, "1")


def _coerce(section: str, name: str, value: object, default: object) -> object:
    """Returns `value` as the type of `default`, or raises ConfigError with the place; no number is negative or endless."""
    try:
        if isinstance(default, bool):
            if isinstance(value, bool):
                return value
            return {"1": True, "true": True, "0": False, "false": False}[str(value).lower()]
        if isinstance(default, str):
            return str(value)
        number = int(str(value)) if isinstance(default, int) else float(str(value))
        if not math.isfinite(number) or number < 0 or (number == 0 and (section, name) in _ABOVE_ZERO):
            raise ValueError(value)
        return number
    except (ValueError, KeyError):
        raise ConfigError(f"[{section}] {name} = {value!r} is not {_kind(default)}", "See docs/configuration.md.") from None


def _kind(default: object) -> str:
    """Returns what a value must be, in words."""
    if isinstance(default, bool):
        return "true or false"
    return "a whole number from 0" if isinstance(default, int) else "a number from 0"


def config_lines(config: Config) -> list[str]:
    """Returns all settings as the lines of a TOML file; what is not the default is marked with it."""
    lines = []
    for section in fields(config):
        lines += ["", f"[{section.name}]"]
        for name in (f.name for f in fields(getattr(config, section.name))):
            value, default = getattr(getattr(config, section.name), name), getattr(getattr(DEFAULT, section.name), name)
            lines.append(f"{name} = {_toml(value)}" + ("" if value == default else f"  # default: {_toml(default)}"))
    return lines[1:]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def load_config(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Reads the configuration: defaults, then the TOML file, then the environment.

    Args:
        path: a TOML file, or None for the defaults.
        environ: variables; the process's own where None.

    Raises:
        ConfigError: an unreadable file, an unknown section or field, or a value of another type or below 0.
    """
    env = os.environ if environ is None else environ
    data: dict[str, Any] = {}
    if path is not None:
        try:
            data = tomllib.loads(path.read_text(encoding="utf8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{path}: {error}", "Give a readable TOML file.") from error
    unknown = set(data) - {f.name for f in fields(Config)}
    if unknown:
        raise ConfigError(f"{path}: unknown section {sorted(unknown)[0]!r}", "See docs/configuration.md.")
    sections = {f.name: _load_section(f.name, getattr(DEFAULT, f.name), data.get(f.name, {}), env) for f in fields(Config)}
    return Config(**sections)


def _load_section(name: str, default: Any, given: Any, env: Mapping[str, str]) -> Any:
    """Returns the section with what the file and the environment say."""
    if not isinstance(given, dict):
        raise ConfigError(f"[{name}] is not a table", "See docs/configuration.md.")
    known = {f.name for f in fields(default)}
    for key in given:
        if key not in known:
            raise ConfigError(f"[{name}] has no field {key!r}", "See docs/configuration.md.")
    prefix = f"GOUJI_{name}_".upper()
    for variable in sorted(env):
        if variable.startswith(prefix) and variable.removeprefix(prefix).lower() not in known:
            raise ConfigError(f"{variable} in the environment is no setting of [{name}]", "See docs/configuration.md.")
    values: dict[str, object] = dict(given)
    for key in known:
        variable = f"GOUJI_{name}_{key}".upper()
        if variable in env:
            values[key] = env[variable]
    return replace(default, **{k: _coerce(name, k, v, getattr(default, k)) for k, v in values.items()})
