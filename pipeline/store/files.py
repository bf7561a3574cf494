"""Result folders: `OUT/<document>/{matrices,tables,pages}.json`, written whole or not at all.

A folder is made in `OUT/.staged/` (by a worker) and renamed into place (by the one process that runs); an older one waits
in `OUT/.partial/` meanwhile. A lock on `OUT/.lock` means that whatever lies in `.partial` while one holds it was left by a
killed run; one on `OUT/.run.lock` means the same of `.staged`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from pipeline.domain import DocumentResult
from pipeline.errors import InputMissingError, OutputError, TooLargeError
from pipeline.store.contract import result_to_matrices
from pipeline.store.contract_reading import result_to_pages, result_to_tables
from pipeline.store.jsontext import json_to_chunks

STEM_BYTES = 200
_NUMBERS = count()
PARTIAL, STAGED = ".partial", ".staged"
LOCK = ".lock"
MATRICES, TABLES, PAGES = "matrices.json", "tables.json", "pages.json"

_ADVICE = {
    errno.ENOSPC: "The disk is full: free some space, then run again.",
    errno.EDQUOT: "Your disk quota is used up: free some space, then run again.",
    errno.EFBIG: "A limit of the size of files is set (`ulimit -f`): raise it, then run again.",
    errno.EROFS: "The file system is read-only: give another folder with --out.",
    errno.EACCES: "You may not write there: give another folder with --out, or change its permissions.",
    errno.EPERM: "You may not write there: give another folder with --out, or change its permissions.",
    errno.ENOTDIR: "A file stands where a folder is needed: give another folder with --out.",
    errno.EEXIST: "A file stands where a folder is needed: give another folder with --out.",
    errno.EISDIR: "A folder stands where a file is needed: give another name.",
    errno.ENAMETOOLONG: "The path is too long for the file system: give a shorter one with --out.",
}


def document_id(relative_path: str, sha256: str) -> str:
    """Returns `<stem cut to 200 bytes>~<first 8 hex digits>`: a safe folder name, the same whatever else is there.

    The stem is cut between two characters of UTF-8. Control characters and bytes that are no UTF-8 become `_`, and so
    does a leading dot, which would hide the folder.
    """
    stem = Path(relative_path.replace("\0", "_")).stem
    safe = "".join("_" if unicodedata.category(char) in ("Cc", "Cs") else char for char in stem)
    if safe.startswith(".") or not safe:
        safe = "_" + safe[1:]
    cut = safe.encode("utf-8")[:STEM_BYTES].decode("utf-8", "ignore")
    return f"{cut}~{sha256[:8]}"


@contextlib.contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turns an OSError while writing `path` into an OutputError with advice."""
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "Check the folder given with --out.")
        raise OutputError(f"{path}: {error.strerror or error}", advice) from error


def write_result(out: Path, result: DocumentResult) -> Path:
    """Writes the three files of a document, whole or not at all, in place of older ones.

    Returns:
        The folder `out/<document id>`.

    Raises:
        OutputError: the disk is full, read-only, or a file is in the way; nothing half-written is left.
    """
    staged = stage_result(out, result)
    try:
        return publish_result(out, staged, result.document_id)
    finally:
        drop_staged(staged)


def stage_result(out: Path, result: DocumentResult, most_bytes: int | None = None) -> Path:
    """Writes the three files of a document to a folder of its own, from where `publish_result` puts them in place.

    Args:
        out: folder of results.
        result: what is written.
        most_bytes: what the three may take together; None for any size.

    Raises:
        OutputError: they cannot be written; nothing is left of them.
        TooLargeError: they would take more than `most_bytes`; nothing is left of them.
    """
    staged = out / STAGED / f"{os.getpid()}-{next(_NUMBERS)}"
    with output_errors(out / result.document_id), contextlib.ExitStack() as undo:
        undo.callback(drop_staged, staged)
        staged.mkdir(parents=True)
        left = most_bytes
        for name, value in (
            (MATRICES, result_to_matrices(result)),
            (TABLES, result_to_tables(result)),
            (PAGES, result_to_pages(result)),
        ):
            written = _write_json(staged / name, value, left)
            left = None if left is None else left - written
        undo.pop_all()
    return staged


def publish_result(out: Path, staged: Path, document: str) -> Path:
    """Puts a staged result in its place; an older one goes.

    Raises:
        OutputError: a file is in the way, or the folder cannot be written.
    """
    target = out / document
    with output_errors(target), _locked(out):
        try:
            _swap(staged, target, out / PARTIAL / "old" / target.name)
        finally:
            _clean(out)
    return target


def drop_staged(staged: Path) -> None:
    """Removes a staged result, and the folder of all of them where it was the last."""
    shutil.rmtree(staged, ignore_errors=True)
    with contextlib.suppress(OSError):
        staged.parent.rmdir()


def clear_staged(out: Path) -> None:
    """Removes all staged results: those of a killed run, for whoever holds `OUT/.run.lock`."""
    shutil.rmtree(out / STAGED, ignore_errors=True)


def result_sizes(folder: Path) -> tuple[tuple[str, int], ...]:
    """Returns name and bytes of the result files in a folder; those that are not there are left out."""
    found = []
    for name in (MATRICES, TABLES, PAGES):
        with contextlib.suppress(OSError):
            found.append((name, (folder / name).stat().st_size))
    return tuple(found)


def clean_leftovers(out: Path) -> None:
    """Removes what a killed run left in `out`, and puts an older result back where the newer one never arrived."""
    if (out / PARTIAL).is_dir():
        with output_errors(out), _locked(out):
            pass


def result_folders(out: Path) -> list[Path]:
    """Returns the folders of results of `out`, sorted by name; `out` itself where it is one.

    Documents of which the ledger knows a newer version are left out.

    Raises:
        InputMissingError: `out` is no folder or holds no results.
    """
    if (out / MATRICES).is_file():
        return [out]
    from pipeline.store.ledger import superseded_in

    left_out = superseded_in(out) | {PARTIAL, STAGED}
    folders = (path.parent for path in out.glob(f"*/{MATRICES}") if path.parent.name not in left_out)
    found = sorted(folders, key=lambda path: path.name)
    if not found:
        raise InputMissingError(f"{out}: no results", "Run `gouji ingest INPUT --out DIR` first, then give that DIR.")
    return found


def read_results(out: Path, documents: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Yields the objects of the `matrices.json` files of `out`, sorted by document id.

    Args:
        out: a folder of results, or the folder of one document.
        documents: ids to keep; None for all.

    Raises:
        InputMissingError: there are no results, or a file is not what Gouji wrote.
    """
    wanted = None if documents is None else frozenset(documents)
    for folder in result_folders(out):
        if wanted is None or folder.name in wanted:
            yield read_json(folder / MATRICES)


def read_json(path: Path) -> dict[str, Any]:
    """Returns the object in a result file; raises InputMissingError where it is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputMissingError(f"{path}: {error}", "Ingest this document again.") from error
    if not isinstance(value, dict):
        raise InputMissingError(f"{path}: not a result of Gouji", "Ingest this document again.")
    return value


def write_json_file(path: Path, value: Any) -> None:
    """Replaces one JSON file, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    with output_errors(path), contextlib.ExitStack() as undo:
        undo.callback(new.unlink, missing_ok=True)
        _write_json(new, value)
        new.replace(path)


def _write_json(path: Path, value: Any, most_bytes: int | None = None) -> int:
    """Writes one JSON file, ended by a newline; returns its size in bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(json_to_chunks(value) if most_bytes is None else _bounded(json_to_chunks(value), most_bytes))
        stream.write("\n")
    return path.stat().st_size


def _bounded(chunks: Iterable[str], most_bytes: int) -> Iterator[str]:
    """Yields pieces of text; raises TooLargeError before they take more than `most_bytes` as UTF-8."""
    left = most_bytes - 1  # the newline at the end
    for chunk in chunks:
        left -= len(chunk) if chunk.isascii() else len(chunk.encode("utf-8"))
        if left < 0:
            said = f"The results of the document have more than {most_bytes} bytes."
            raise TooLargeError(said, "Split it, or raise limits.output_bytes.")
        yield chunk


def _swap(new: Path, target: Path, old: Path) -> None:
    """Puts `new` in the place of `target`; where the second rename fails, the older folder comes back."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if target.exists():
        old.parent.mkdir(parents=True)
        target.rename(old)
    new.rename(target)


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Holds the one lock for writing to `out`, cleaned of leftovers; a file system without locks goes without."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / LOCK).open("a") as handle:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        _clean(out)
        yield


def _clean(out: Path) -> None:
    """Empties `.partial`; an older result whose successor never arrived goes back to its place."""
    partial = out / PARTIAL
    if not partial.exists():
        return
    if (partial / "old").is_dir():
        for old in (partial / "old").iterdir():
            if not (out / old.name).exists():
                old.rename(out / old.name)
    shutil.rmtree(partial, ignore_errors=True)
