"""Opening what is a regular file, and nothing else; what its name and its faults are in words."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import FileAccessError


def open_regular(path: Path) -> BinaryIO:
    """Opens a regular file, without waiting at a pipe or touching a device.

    Raises:
        FileAccessError: a folder, pipe, socket or device.
        OSError: what the system says.
    """
    _require_regular(path.stat().st_mode)
    # Not to block where the file becomes a pipe between the two calls.
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY), "rb")
    try:
        _require_regular(os.fstat(file.fileno()).st_mode)
    except FileAccessError:
        file.close()
        raise
    return file


def access_error(error: OSError) -> FileAccessError:
    """Returns the error of the system in words, without the path (the result names it)."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return FileAccessError("The file does not exist, or was removed.", "Check the name, or fetch the report again.")
    if isinstance(error, PermissionError):
        return FileAccessError("The file may not be read by this user.", "Give read permission and run again.")
    return FileAccessError(f"The file cannot be read: {error.strerror or error}.", "Check the disk and the file's name.")


def printable(name: str) -> str:
    """Returns a file name as valid Unicode: bytes that are no UTF-8 become `\\xNN`, everything else stays."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _require_regular(mode: int) -> None:
    """Raises for folders, pipes, sockets and devices."""
    if stat.S_ISREG(mode):
        return
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    what = next((name for test, name in kinds if test(mode)), "a device")
    advice = "Check that the folder may be listed." if stat.S_ISDIR(mode) else "Give a regular file."
    raise FileAccessError(f"The input is {what}, not a file.", advice)
