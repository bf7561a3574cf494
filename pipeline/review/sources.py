"""The sources of documents: found by the paths in the ledger, and used only where they are still what was read."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.intake.encoding import decode
from pipeline.intake.pictures import group_sha256
from pipeline.store.ledger_rows import DocumentRow

State = Literal["ok", "gone", "changed"]
_CHUNK = 1 << 20
_TEXTS, _AROUND, _WIDTH = 16, 14, 160
_ENDS = "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text source; `mark` is the stretch of the cell in it, `[start, end)`, or None."""

    number: int
    text: str
    mark: tuple[int, int] | None


class Sources:
    """Looks after the sources of documents; digests and texts are kept as long as the files stay as they are."""

    def __init__(self) -> None:
        self._digests: dict[Path, tuple[tuple[int, int], str]] = {}
        self._texts: OrderedDict[str, str] = OrderedDict()

    def state(self, document: DocumentRow) -> State:
        """Says whether the files of a document are there, with the content that was read."""
        paths = [Path(member) for member in document.members]
        try:
            digests = [self._digest(path) for path in paths]
        except (OSError, ValueError):
            return "gone"
        found = digests[0] if len(digests) == 1 else group_sha256(digests)
        # A folder that holds one picture is named by that picture's digest, or by that of a group of one.
        return "ok" if document.sha256 in (found, group_sha256(digests)) else "changed"

    def text(self, document: DocumentRow) -> str | None:
        """Returns the decoded text of a text source, or None where it is gone or changed."""
        if self.state(document) != "ok" or document.sha256 is None:
            return None
        known = self._texts.get(document.sha256)
        if known is None:
            try:
                known = decode(Path(document.members[0]).read_bytes(), None)[0]
            except OSError:
                return None
            self._texts[document.sha256] = known
            while len(self._texts) > _TEXTS:
                self._texts.popitem(last=False)
        self._texts.move_to_end(document.sha256)
        return known

    def _digest(self, path: Path) -> str:
        stat = path.stat()
        stamp = (stat.st_size, stat.st_mtime_ns)
        known = self._digests.get(path)
        if known is None or known[0] != stamp:
            digest = hashlib.sha256()
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
            known = (stamp, digest.hexdigest())
            self._digests[path] = known
        return known[1]


def lines_around(text: str, span: tuple[int, int]) -> list[Line]:
    """Returns the lines around a stretch of a text, blank ones left out; long ones are cut to what stands near it."""
    start, end = max(0, span[0]), max(0, span[1])
    every = list(_numbered(text))
    first = next((n for n, at, body in every if at <= start <= at + len(body)), 1)
    found = [line for line in every if line[0] == first or line[2].strip()]
    here = next((i for i, line in enumerate(found) if line[0] == first), 0)
    return [_line(one, (start, end), first) for one in found[max(0, here - _AROUND) : here + _AROUND + 1]]


def _line(one: tuple[int, int, str], span: tuple[int, int], first: int) -> Line:
    """Returns a line as it is shown; the stretch may begin in one line and end in a later one."""
    number, at, body = one
    inside = number >= first and at <= span[1] and span[0] <= at + len(body)
    if not inside:
        return Line(number, body[: 3 * _WIDTH], None)
    a, b = max(span[0], at) - at, min(span[1], at + len(body)) - at
    left = max(0, a - _WIDTH)
    dots = "…" if left else ""
    shown = dots + body[left : left + 3 * _WIDTH]
    return Line(number, shown, (a - left + len(dots), min(b - left + len(dots), len(shown))))


def _numbered(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields number, place and text of each line."""
    start = 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        yield number, start, line.rstrip(_ENDS)
        start += len(line)
