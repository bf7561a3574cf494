"""Members of zip archives on disk, one at a time, in temporary folders."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pipeline.config import Limits
from pipeline.errors import DamagedError, OutputError
from pipeline.intake.archives import BROKEN_ZIP, Member, require_readable

_CHUNK = 1 << 20
_AGAIN = "Fetch the archive again, or unpack it and give the folder."


@contextmanager
def scratch() -> Iterator[str]:
    """Yields a temporary folder."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="gouji-")
    except OSError as error:
        raise _no_room(tempfile.gettempdir(), error) from error
    with folder as name:
        yield name


def _no_room(folder: str, error: OSError) -> OutputError:
    return OutputError(
        f"{folder}: no archive can be unpacked there: {error.strerror or error}",
        "Free some space, or set TMPDIR to another folder.",
    )


def extract(archive: zipfile.ZipFile, member: Member, folder: Path, limits: Limits) -> Path:
    """Writes one member to a file in `folder`; never more than it declares, and only where its checksum is right."""
    require_readable(member, limits)
    target = folder / PurePosixPath(member.name).name
    try:
        with target.open("wb") as file:
            _copy(archive, member, file)
    except OSError as error:
        raise _no_room(str(folder), error) from error
    return target


def _copy(archive: zipfile.ZipFile, member: Member, file: BinaryIO) -> None:
    try:
        with archive.open(member.info) as source:
            while chunk := source.read(_CHUNK):
                file.write(chunk)
                if file.tell() > member.info.file_size:
                    raise zipfile.BadZipFile("more than declared")
    except (*BROKEN_ZIP, RuntimeError) as error:
        raise DamagedError("The member is broken: its checksum or its length is wrong.", _AGAIN) from error
