"""By what a result is known to be still right: the program, its schemas, and the settings that it depends on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.config import Config

_HEX = 16
_NOT_READ = "review"
_KINDS = (".py", ".sql", ".yaml", ".toml")


@cache
def program_hash() -> str:
    """Returns a hash of the program, its schemas and calibration: where one changes, documents are read anew."""
    import models

    digest = hashlib.sha256()
    for folder in (Path(__file__).resolve().parents[1], Path(models.__file__).resolve().parent):
        for path in sorted(p for p in folder.rglob("*") if p.suffix in _KINDS and p.parent.name != _NOT_READ):
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:_HEX]


def config_hash(config: Config) -> str:
    """Returns a hash of the settings on which results depend: not of how many are read at once, or with how many threads."""
    settings = config_settings(config)
    del settings["batch"], settings["review"]
    del settings["ocr"]["threads"]
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:_HEX]


def config_settings(config: Config) -> dict[str, Any]:
    """Returns all settings by section and field."""
    return asdict(config)
