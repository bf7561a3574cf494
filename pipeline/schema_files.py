"""Schema files as mappings whose keys are known; `canon.schema` and two modules of `check` read their parts from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError

SCHEMA_FOLDER = Path(__file__).resolve().parent / "schemas"
ADVICE = "See docs/schemas.md for the format of a schema file."
_KEYS = {"family", "title", "signs", "tables", "narrative", "years"}


def read_schema_file(path: Path) -> dict[str, Any]:
    """Returns the mapping in a schema file.

    Raises:
        ConfigError: it cannot be read, is no mapping, or has an unknown key.
    """
    import yaml

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        data = yaml.load(path.read_text(encoding="utf8"), loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path.name}: {error}", ADVICE) from error
    return checked_keys(data, _KEYS, path.name)


def checked_keys(data: object, known: set[str], where: str) -> dict[str, Any]:
    """Returns a mapping that has no keys but the known ones; raises ConfigError for another value."""
    if not isinstance(data, dict):
        raise ConfigError(f"{where}: {data!r} is no mapping", ADVICE)
    unknown = sorted(str(k) for k in data if k not in known)
    if unknown:
        raise ConfigError(f"{where}: unknown key {unknown[0]!r}", ADVICE)
    return data


def listed(data: Mapping[str, Any], key: str, where: str) -> list[Any]:
    """Returns a list, empty where the key is not there; a lone text would be taken for a list of its letters."""
    items = data.get(key, [])
    if not isinstance(items, list):
        raise ConfigError(f"{where}: {key} must be a list", ADVICE)
    return items


def listed_texts(data: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """Returns a list of texts, empty where the key is not there."""
    return tuple(map(str, listed(data, key, where)))
