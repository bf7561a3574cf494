"""Lists of inputs, from a file or from standard input."""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import InputMissingError
from pipeline.intake.regular import printable

_LIST_BYTES = 1 << 28


def read_list(source: str, stdin: BinaryIO | None = None) -> list[str]:
    """Reads a list of inputs: one a line, or ended by zero bytes as `find -print0` does; empty lines are skipped.

    A list in UTF-16 or with a byte order mark, as PowerShell writes it, is read too; so is one in GBK, where that names
    files that are there. Everything else in a line belongs to the name, spaces at its ends too.

    Args:
        source: a file, or `-` for standard input.
        stdin: standard input, that of the process where None.

    Raises:
        InputMissingError: it cannot be read, or names nothing.
    """
    try:
        data = (stdin or sys.stdin.buffer).read(_LIST_BYTES) if source == "-" else _list_bytes(Path(source))
    except (OSError, ValueError) as error:
        raise InputMissingError(
            f"{printable(source)}: the list cannot be read: {error}", "Give a file with one path a line."
        ) from error
    if len(data) >= _LIST_BYTES:
        raise InputMissingError(f"{printable(source)}: the list has more than {_LIST_BYTES} bytes", "Split it.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode("utf-8", "surrogatepass")
    data = data.removeprefix(codecs.BOM_UTF8)
    ends = b"\0" if b"\0" in data else b"\n"
    lines = [line if ends == b"\0" else line.removesuffix(b"\r") for line in data.split(ends)]
    names = [_listed_name(line) for line in lines if line.strip()]
    if not names:
        raise InputMissingError(f"{printable(source)}: the list names nothing", "Give a file with one path a line.")
    return names


def _list_bytes(path: Path) -> bytes:
    # Not only regular files: a shell makes a pipe of `--from <(find ...)`.
    with path.open("rb") as file:
        return file.read(_LIST_BYTES)


def _listed_name(line: bytes) -> str:
    """Returns the name in a line: its bytes, unless they name nothing and are GBK for something that is there."""
    name = os.fsdecode(line)
    if not os.path.lexists(name) and not line.isascii():
        with contextlib.suppress(UnicodeDecodeError, ValueError):
            other = line.decode("gb18030")
            return other if os.path.lexists(other) else name
    return name
