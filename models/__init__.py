"""Weights of the recognisers: what they are, where they lie, and the check that they are the ones that were measured.

The manifest names each file inside an installed package, with its sha256. A file is hashed when it is first asked for,
once a process (21 MB take about 20 ms).
"""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.errors import ConfigError

MANIFEST = Path(__file__).with_name("manifest.toml")
CERTAINTY = Path(__file__).with_name("certainty.toml")
"""Numbers that were fitted to print whose truth is known."""

REINSTALL = "Install the locked packages again (`rm -r .venv`, then `make setup`)."


@dataclass(frozen=True, slots=True)
class Model:
    """One file of weights.

    Attributes:
        name: what the program asks for.
        use: what it does, in words.
        package: the installed package that carries it; `version` is the one that was measured.
        path: inside the package.
        sha256: of the file, in hexadecimal.
        size: in bytes.
        licence: SPDX identifier.
        origin: who made it.
    """

    name: str
    use: str
    package: str
    version: str
    path: str
    sha256: str
    size: int
    licence: str
    origin: str


@cache
def manifest() -> tuple[Model, ...]:
    """Returns all models of the manifest, in its order.

    Raises:
        ConfigError: the manifest is not there or not well formed.
    """
    try:
        entries = tomllib.loads(MANIFEST.read_text(encoding="utf8"))["model"]
        return tuple(Model(**entry) for entry in entries)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigError(f"The manifest of the models cannot be used: {error}.", REINSTALL) from error


@cache
def model_path(name: str) -> Path:
    """Returns where the model `name` lies, after its sha256 was found right.

    Raises:
        ConfigError: no such model in the manifest, its package or file is missing, or its content differs.
    """
    model = next((m for m in manifest() if m.name == name), None)
    if model is None:
        raise ConfigError(f"There is no model called {name!r} in the manifest.", "Use one of: " + _names() + ".")
    path = _folder(model) / model.path
    if not path.is_file():
        raise ConfigError(f"The weights {model.path} are missing in the package {model.package}.", REINSTALL)
    if path.stat().st_size != model.size or _sha256(path) != model.sha256:
        raise ConfigError(
            f"The weights {path} are not those of {model.package} {model.version}: their sha256 differs.",
            f"Install {model.package}=={model.version}, or name your own weights with ocr.model_dir.",
        )
    return path


@cache
def fitted(section: str) -> dict[str, float]:
    """Returns a section of the numbers that were fitted to print whose truth is known.

    Raises:
        ConfigError: their file is not there or not well formed.
    """
    try:
        found = tomllib.loads(CERTAINTY.read_text(encoding="utf8"))[section]
        return {str(name): float(value) for name, value in found.items()}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"The numbers in {CERTAINTY.name} cannot be used: {error}.", REINSTALL) from error


def check_models() -> list[tuple[Model, Path]]:
    """Verifies every model of the manifest; returns each with the place of its file.

    Raises:
        ConfigError: as `model_path` does, for the first that is wrong.
    """
    return [(model, model_path(model.name)) for model in manifest()]


def _folder(model: Model) -> Path:
    # The package is only looked up, never imported: importing it would cost a second and its own settings.
    spec = importlib.util.find_spec(model.package)
    if spec is None or spec.origin is None:
        raise ConfigError(f"The package {model.package}, which carries the weights, is not installed.", REINSTALL)
    return Path(spec.origin).parent


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _names() -> str:
    return ", ".join(m.name for m in manifest())
