"""From an input to a file that can be opened: itself, or a member of an archive, unpacked for as long as it is read.

The path of a member goes through its archive, as if that were a folder: `reports.zip/2023/a.pdf`. Members are unpacked one
at a time into a temporary folder under their own names; no name out of an archive leads out of that folder.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from pipeline.config import DEFAULT, Limits
from pipeline.errors import DocumentError, FileAccessError, TooLargeError
from pipeline.intake.archives import (
    ZIP_SUFFIX,
    Member,
    close_archive,
    is_archive,
    open_archive,
)
from pipeline.intake.formats import HTML_SUFFIXES, IMAGE_SUFFIXES
from pipeline.intake.regular import printable
from pipeline.intake.unpack import extract, scratch

_MOST_PICTURES = 200


@dataclass(slots=True)
class _Level:
    """An archive that this process has open, with its members by name; `mark` says which it is."""

    mark: tuple[object, ...]
    archive: zipfile.ZipFile
    members: dict[str, Member]


_OPEN: list[_Level] = []
"""The archive that was read last, and what is open within it: listing one anew for each member would be slow."""


def expand(path: Path, relative_path: str, limits: Limits) -> Iterator[tuple[Path, str]]:
    """Yields an input, or the documents in it where it is an archive that can be listed, each with its relative path.

    An archive that cannot be listed, holds no document, or is nested too deeply is yielded itself: reading it says why.
    """
    if not is_archive(path):
        yield path, relative_path
        return
    yield from _expanded(path, path, relative_path, 1, [limits.archive_members], limits)


def is_there(path: Path) -> bool:
    """True for a regular file, and for the path of a member in an archive that is there."""
    return path.is_file() or _archive_of(path) is not None


def size_of(path: Path, limits: Limits = DEFAULT.limits) -> int:
    """Returns the size of an input in bytes, of a member as its archive declares it; 0 where it cannot be seen."""
    try:
        if (archive := _archive_of(path)) is None:
            return path.stat().st_size
        with _member(path, archive, limits) as (_, member, _):
            return member.info.file_size
    except (OSError, ValueError, DocumentError):
        return 0


@contextmanager
def on_disk(paths: Sequence[Path], limits: Limits) -> Iterator[tuple[Path, ...]]:
    """Yields for each input a file that can be opened, and holds that it stays the same while it is read.

    Args:
        paths: of one document.
        limits: of sizes; for archives of number, ratio and depth too.

    Raises:
        DocumentError: a member cannot be unpacked; or, at the end, a file was changed while it was read.
        OutputError: there is no room to unpack.
    """
    with ExitStack() as stack:
        found: list[Path] = []
        for path in paths:
            archive = _archive_of(path)
            found.append(path if archive is None else stack.enter_context(_unpacked(path, archive, limits)))
        before = [_stamp(path) for path in found]
        yield tuple(found)
        if before != [_stamp(path) for path in found]:
            raise FileAccessError("The file was changed while it was read.", "Run again when nothing writes to it any more.")


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _expanded(
    file: Path, path: Path, relative_path: str, depth: int, left: list[int], limits: Limits
) -> Iterator[tuple[Path, str]]:
    """Yields the documents of the archive `file`, which is called `path`; `left` is how many members may still come."""
    try:
        archive, members = open_archive(file, limits)
    except DocumentError:
        yield path, relative_path
        return
    try:
        left[0] -= len(members)
        documents = [m for m in members if m.is_document]
        if not documents or left[0] < 0:
            yield path, relative_path
            return
        for member in documents:
            inside = path / member.name, f"{relative_path}/{printable(member.name)}"
            if not member.is_archive or depth >= limits.archive_depth:
                yield inside
                continue
            with scratch() as folder:
                try:
                    inner = extract(archive, member, Path(folder), limits)
                except DocumentError:
                    yield inside
                    continue
                if is_archive(inner):
                    yield from _expanded(inner, inside[0], inside[1], depth + 1, left, limits)
                else:
                    yield inside
    finally:
        close_archive(archive)


def _archive_of(path: Path) -> Path | None:
    """Returns the file that a path goes through as if it were a folder, or None."""
    if not any(parent.suffix.lower() == ZIP_SUFFIX for parent in path.parents):
        return None
    try:
        return next((parent for parent in path.parents if parent.is_file()), None)
    except (OSError, ValueError):
        return None


@contextmanager
def _unpacked(path: Path, archive: Path, limits: Limits) -> Iterator[Path]:
    """Yields a member as a file of its own name, with the pictures that belong to it where it is a web page."""
    with (
        _member(path, archive, limits) as (opened, member, others),
        scratch() as folder,
    ):
        file = extract(opened, member, Path(folder), limits)
        if file.suffix.lower() == ZIP_SUFFIX and is_archive(file) and _depth(path, archive) > limits.archive_depth:
            raise TooLargeError(
                f"The archive lies within {limits.archive_depth} others.",
                "Unpack it and give the folder, or raise limits.archive_depth.",
            )
        if file.suffix.lower() in HTML_SUFFIXES:
            _unpack_pictures(opened, member, others, file, limits)
        yield file


def _depth(path: Path, archive: Path) -> int:
    """Returns how many archives deep a path is, its own included where it is called one."""
    return 1 + sum(part.lower().endswith(ZIP_SUFFIX) for part in path.relative_to(archive).parts)


@contextmanager
def _member(path: Path, archive: Path, limits: Limits) -> Iterator[tuple[zipfile.ZipFile, Member, dict[str, Member]]]:
    """Yields the innermost archive of a path, the member that it names, and all members by their names."""
    name = path.relative_to(archive).as_posix()
    level = _level(0, (os.getpid(), str(archive), _stamp(archive)), lambda: open_archive(archive, limits))
    depth = 1
    while name not in level.members:
        outer = next((beginning for beginning in _beginnings(name) if beginning in level.members), None)
        if outer is None:
            raise FileAccessError("The archive has no such member any more.", "Give the archive again.")
        level = _level(depth, (*level.mark, outer), partial(_open_inner, level, outer, limits))
        name, depth = name[len(outer) + 1 :], depth + 1
    yield level.archive, level.members[name], level.members


def _beginnings(name: str) -> list[str]:
    """Returns the beginnings of a name that may be archives, the longest first."""
    return [str(parent) for parent in PurePosixPath(name).parents if parent.suffix.lower() == ZIP_SUFFIX]


def _level(depth: int, mark: tuple[object, ...], opening: Callable[[], tuple[zipfile.ZipFile, list[Member]]]) -> _Level:
    """Returns what is open at a depth where it is what is wanted; else opens that, and closes what was there."""
    if depth < len(_OPEN) and _OPEN[depth].mark == mark:
        return _OPEN[depth]
    archive, members = opening()
    while len(_OPEN) > depth:
        close_archive(_OPEN.pop().archive)
    _OPEN.append(_Level(mark, archive, {member.name: member for member in members}))
    return _OPEN[-1]


def _open_inner(outer: _Level, name: str, limits: Limits) -> tuple[zipfile.ZipFile, list[Member]]:
    """Opens an archive that lies in another; its file loses its name at once, and its room when it is closed."""
    with scratch() as folder:
        return open_archive(extract(outer.archive, outer.members[name], Path(folder), limits), limits)


def _unpack_pictures(archive: zipfile.ZipFile, page: Member, others: dict[str, Member], file: Path, limits: Limits) -> None:
    """Lays beside a web page the pictures that were saved with it, or that it names, and no more than 200."""
    text = file.read_bytes()
    name = PurePosixPath(page.name)
    saved = tuple(f"{name.with_suffix('')}{ending}/" for ending in ("_files", ".files"))
    base = f"{name.parent}/" if name.parent.name else ""
    wanted = 0
    for other in others.values():
        path = PurePosixPath(other.name)
        if path.suffix.lower() not in IMAGE_SUFFIXES or not other.name.startswith(base) or wanted >= _MOST_PICTURES:
            continue
        if not other.name.startswith(saved) and not _named_in(path.name, text):
            continue
        wanted += 1
        folder = file.parent / other.name[len(base) :]
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            extract(archive, other, folder.parent, limits)
        except DocumentError:  # the page says itself which of its pictures are lost
            folder.unlink(missing_ok=True)


def _named_in(name: str, text: bytes) -> bool:
    """True where a page names a file, as it stands or as an address writes it."""
    return any(form in text for form in (name.encode("utf-8", "ignore"), name.encode("gb18030", "ignore"), quote(name).encode()))
