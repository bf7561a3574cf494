"""Which files a command line means: files, folders, glob patterns, lists and zip archives, in a stable order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline.config import Limits
from pipeline.errors import InputMissingError
from pipeline.intake.formats import DOCUMENT_SUFFIXES
from pipeline.intake.lists import read_list
from pipeline.intake.manifest import find_manifest, load_manifest
from pipeline.intake.members import expand
from pipeline.intake.regular import printable
from pipeline.intake.zip_names import safe_name

__all__ = ["Input", "discover", "find_manifest", "load_manifest", "printable", "read_list"]

_MAGIC = frozenset("*?[")
# A folder that holds this is a result of Gouji, not an input: results may be written below the folder that is read.
_RESULT_NAME = "matrices.json"
_NAMED = 3

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read: `path` opens it, `relative_path` names it in the results (always valid Unicode)."""

    path: Path
    relative_path: str


def discover(
    inputs: Sequence[str],
    manifest: Path | None = None,
    note: Note | None = None,
    exclude: Sequence[Path] = (),
    limits: Limits | None = None,
    listed: Sequence[str] = (),
) -> list[Input]:
    """Finds the files that the arguments of a command line and the lines of a list mean.

    A file argument is always taken; one that does not exist too, so that it ends as a failed document, unless nothing
    else is found. In folders, files with a document's extension are taken, also those of formats that are not read, so
    that they are reported; hidden files, lock files of Office and symbolic links that lead out of the folder are not.
    A glob pattern whose last part ends in an extension takes what matches; otherwise it chooses as in a folder. The
    documents in a zip archive are inputs like those of a folder; their paths go through it (`reports.zip/2023/a.pdf`), and
    `members.on_disk` opens them. The lines of a list are files and folders, never patterns.

    Args:
        inputs: arguments: files, folders, patterns with `*`, `?`, `[...]` and `**`.
        manifest: the manifest in use, which is no document.
        note: receives a sentence for each thing that was passed over for a reason.
        exclude: folders not to descend into (the folder of the results).
        limits: for archives and links; None leaves archives closed, as one input each.
        listed: from `read_list`; what stands there is named in the results as it stands there, without root and `..`.

    Returns:
        The files without repetition: in the order of the arguments, then of the list, and within one by name; in an archive
        in its own order.

    Raises:
        InputMissingError: nothing was found.
    """
    follow = limits is not None and not limits.links_inside
    walk = _Walk(note or (lambda sentence: None), frozenset(path.absolute() for path in exclude), follow)
    found: dict[Path, Input] = {}
    missing: list[Input] = []
    for argument in filter(None, inputs):
        hits = list(walk.argument(argument))
        if not hits:
            walk.note(f"{printable(argument)}: nothing found")
        if not hits and not _is_something(argument) and not _has_magic(argument):
            missing.append(Input(Path(argument), printable(Path(argument).name)))
        for hit in hits:
            found.setdefault(hit.path.absolute(), hit)
    for line in listed:
        for hit in walk.line(line):
            if _is_something(line):
                found.setdefault(hit.path.absolute(), hit)
            else:
                missing.append(hit)
    if limits is not None:
        found = {path: item for hit in found.values() for path, item in _opened(hit, limits)}
    if manifest is not None:
        found.pop(manifest.absolute(), None)
    if not found:
        names = ", ".join(printable(argument) for argument in (*inputs, *listed[:_NAMED])) or "(no input given)"
        raise InputMissingError(
            f"No report was found at: {names}",
            "Give a file, a folder that holds .txt .md .html .htm .shtml .pdf .zip or picture files, or a quoted pattern.",
        )
    return [*found.values(), *missing]


def _opened(hit: Input, limits: Limits) -> Iterator[tuple[Path, Input]]:
    """Yields an input, or the documents in it where it is an archive, each under its absolute path."""
    for path, name in expand(hit.path, hit.relative_path, limits):
        yield path.absolute(), Input(path, name)


def _is_something(name: str) -> bool:
    """True where a name leads to anything; a name that no file can have does not."""
    try:
        return os.path.lexists(name)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _Walk:
    """How folders are walked: where notes go, and what is left out."""

    note: Note
    exclude: frozenset[Path]
    follow_out: bool = False

    def line(self, line: str) -> Iterator[Input]:
        """Yields what a line of a list means: a file, there or not, or the files of a folder, named as the list names it."""
        path = Path(line)
        base = safe_name(printable(line))
        if not path.is_dir():
            yield Input(path, base)
            return
        for item in self.folder(path, path):
            yield Input(item.path, item.relative_path if base == "_" else f"{base}/{item.relative_path}")

    def argument(self, argument: str) -> Iterator[Input]:
        """Yields the files that one argument means; nothing for one that does not exist."""
        path = Path(argument)
        if path.is_dir():
            yield from self.folder(path, path)
        elif os.path.lexists(path):
            yield Input(path, printable(path.name))
        elif _has_magic(argument):
            yield from self.pattern(path)

    def pattern(self, pattern: Path) -> Iterator[Input]:
        """Yields the files that a glob pattern means, named relative to the part of it before the first wildcard."""
        parts = pattern.parts
        fixed = next(i for i, part in enumerate(parts) if _has_magic(part))
        base = Path(*parts[:fixed])
        any_suffix = _names_suffix(parts[-1])
        for path in self.matches(base, parts[fixed:]):
            if path.is_dir():
                yield from self.folder(path, base)
            elif any_suffix or _is_document(path.name):
                yield Input(path, _relative(path, base))

    def matches(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
        """Yields the paths below `folder` that match the parts of a pattern; `**` follows no links."""
        if not parts:
            yield folder
        elif parts[0] == "**":
            for below in self.folders(folder):
                yield from self.matches(below, parts[1:] or ("*",))
        elif not _has_magic(parts[0]):
            if os.path.lexists(folder / parts[0]):
                yield from self.matches(folder / parts[0], parts[1:])
        else:
            for entry in _entries(folder, hidden=parts[0].startswith(".")):
                if fnmatchcase(entry.name, parts[0]) and (len(parts) == 1 or entry.is_dir()):
                    yield from self.matches(folder / entry.name, parts[1:])

    def folders(self, folder: Path) -> Iterator[Path]:
        """Yields a folder and all below it."""
        stack = [folder]
        while stack:
            current = stack.pop()
            yield current
            stack += [current / e.name for e in reversed(_entries(current)) if e.is_dir(follow_symlinks=False)]

    def folder(self, folder: Path, base: Path) -> Iterator[Input]:
        """Yields the documents of a folder and of those below it."""
        stack: list[tuple[Path, os.DirEntry[str] | None]] = [(folder, None)]
        while stack:
            path, entry = stack.pop()
            if entry is None or entry.is_dir(follow_symlinks=False):
                if path.absolute() in self.exclude:
                    continue
                try:
                    below = _entries(path, strict=True)
                except OSError:  # a folder that may hold reports and cannot be listed is a failure, not a silence
                    yield Input(path, _relative(path, base))
                    continue
                if any(item.name == _RESULT_NAME for item in below):
                    self.note(f"{printable(str(path))}: left out, because it holds results")
                    continue
                stack += [(path / item.name, item) for item in reversed(below)]
            elif _is_document(path.name) and (not entry.is_symlink() or self.stays_inside(path, base)):
                yield Input(path, _relative(path, base))
            elif entry.is_symlink() and entry.is_dir():
                self.stays_inside(path, base)

    def stays_inside(self, link: Path, base: Path) -> bool:
        """True for a link to something below `base`; a link that leads out is noted, and followed only where that is set."""
        if self.follow_out and not link.is_dir():
            return True
        try:
            inside = link.resolve().is_relative_to(base.resolve())
        except (OSError, RuntimeError):  # a ring of links: taken, and reported as a file that cannot be read
            return True
        if not inside:
            self.note(f"{printable(str(link))}: left out, because the link leads out of the folder")
        return inside


def _entries(folder: Path, hidden: bool = False, strict: bool = False) -> list[os.DirEntry[str]]:
    """Returns what a folder holds, by name, without hidden names; nothing for an unreadable one unless `strict`."""
    try:
        with os.scandir(folder) as scan:
            entries = [entry for entry in scan if hidden or not entry.name.startswith((".", "~$"))]
    except OSError:
        if strict:
            raise
        return []
    return sorted(entries, key=lambda entry: os.fsencode(entry.name))


def _relative(path: Path, base: Path) -> str:
    """Returns the name of a path in the results: relative to `base`, or its own name where it is `base`."""
    return printable(path.name if path == base else str(path.relative_to(base)))


def _has_magic(text: str) -> bool:
    """True where a path holds a wildcard."""
    return not _MAGIC.isdisjoint(text)


def _is_document(name: str) -> bool:
    """True for a name with a document's extension."""
    return Path(name).suffix.lower() in DOCUMENT_SUFFIXES


def _names_suffix(part: str) -> bool:
    """True where the last part of a pattern ends in a written-out extension, such as `*.dat`."""
    suffix = part.rpartition(".")[2]
    return "." in part and bool(suffix) and not _has_magic(suffix)
