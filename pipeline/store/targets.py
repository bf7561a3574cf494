"""Where an export goes, and how one file gets there whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.store.files import output_errors

EXPORT_FOLDER = "export"
PANEL = "panel"


def target_file(out: Path, destination: Path | None, name: str, suffix: str) -> Path:
    """Returns the one file of an export: `destination` itself where it ends with `suffix`, else a file in it."""
    if destination is not None and destination.suffix.lower() == suffix and not destination.is_dir():
        return destination
    return (destination or out / EXPORT_FOLDER) / f"{name}{suffix}"


def target_folder(out: Path, destination: Path | None, name: str, suffix: str) -> Path:
    """Returns the folder of an export of several files; raises UsageError where `destination` names one file."""
    if destination is not None and destination.suffix.lower() == suffix and not destination.is_dir():
        raise UsageError(f"{destination}: this export makes several files", "Give the name of a folder.")
    return destination or out / EXPORT_FOLDER / f"{name}-{suffix[1:]}"


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a path beside `path` to write to, and renames it there at the end; nothing is left where that fails.

    Raises:
        OutputError: the file cannot be written.
    """
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = partial_path(path)
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def partial_path(path: Path) -> Path:
    """Returns the path that a file is written to before it is whole; short, so that a long name still fits."""
    return path.with_name(f".{os.getpid()}.partial")


def write_text(path: Path, text: str) -> Path:
    """Writes a text file whole or not at all."""
    return write_pieces(path, (text,))


def write_pieces(path: Path, pieces: Iterable[str]) -> Path:
    """Writes a text file as its pieces come, whole or not at all."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(pieces)
    return path
