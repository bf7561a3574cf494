"""What need not be done: inputs that were read before by this program with these settings, or that are given twice."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from pipeline.domain import DocumentFacts
from pipeline.intake.discover import Input
from pipeline.intake.formats import HTML_SUFFIXES
from pipeline.intake.identify import unread_source
from pipeline.intake.members import size_of
from pipeline.intake.pictures import group_sha256
from pipeline.run.groups import Group
from pipeline.store.files import document_id, result_sizes
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_rows import DocumentRow, InputRow, to_json


@dataclass(frozen=True, slots=True)
class Task:
    """An input of a run with what is known of it before it is read.

    Attributes:
        number: place in the plan.
        size_bytes: of all its files; 0 where they cannot be seen.
    """

    number: int
    item: Input | Group
    row: InputRow
    facts: DocumentFacts | None
    size_bytes: int


def tasks_of(items: Sequence[Input | Group], facts: Sequence[DocumentFacts | None]) -> list[Task]:
    """Returns the inputs of a plan with their sizes, in its order; `facts` is what a manifest says of each."""
    return [task_of(number, item, told) for number, (item, told) in enumerate(zip(items, facts, strict=True))]


def task_of(number: int, item: Input | Group, facts: DocumentFacts | None) -> Task:
    """Returns one input with its size; `facts` is what a manifest says of it."""
    return Task(number, item, InputRow.of(item.relative_path, members(item)), facts, _size(members(item)))


def members(item: Input | Group) -> tuple[Path, ...]:
    """Returns the files of an input."""
    return item.members if isinstance(item, Group) else (item.path,)


def facts_to_json(facts: DocumentFacts | None) -> str:
    """Returns what a manifest says of an input as the ledger keeps it."""
    return to_json(None if facts is None else astuple(facts))


def find_repeats(tasks: Sequence[Task]) -> dict[int, int]:
    """Returns for each input that has name and bytes of an earlier one the number of that one."""
    alike: dict[tuple[str, int], list[Task]] = defaultdict(list)
    for task in tasks:
        alike[Path(task.item.relative_path).stem, task.size_bytes].append(task)
    repeats: dict[int, int] = {}
    for group in alike.values():
        if len(group) < 2:
            continue
        first: dict[str, int] = {}
        for task in group:
            sha256 = content_hash(task.item)
            earlier = first.setdefault(sha256, task.number) if sha256 else task.number
            if earlier != task.number:
                repeats[task.number] = earlier
    return repeats


def done_before(ledger: Ledger, task: Task, code: str, config: str) -> DocumentRow | None:
    """Returns what the ledger has of an input, where that is still right and its files are there as they were written."""
    if not ledger.knows_size(task.size_bytes):
        return None
    sha256 = content_hash(task.item)
    if not sha256:
        return None
    row = ledger.document(document_id(task.item.relative_path, sha256))
    if row is None or (row.sha256, row.code, row.config_hash, row.facts) != (sha256, code, config, facts_to_json(task.facts)):
        return None
    if row.beside is not None and (row.beside == "" or row.beside != beside(task.item)):
        return None
    return row if row.review_state != "sent_back" and result_sizes(ledger.out / row.id) == row.sizes else None


def content_hash(item: Input | Group) -> str:
    """Returns the digest by which a result names its input; `""` where it cannot be read."""
    digests = [unread_source(path, path.name).sha256 for path in members(item)]
    if not isinstance(item, Group):
        return digests[0]
    return group_sha256(digests) if all(digests) else ""


def beside(item: Input | Group) -> str:
    """Returns a mark of the pictures that were saved with a web page, which changes with them; `""` where there are none."""
    path = item.path
    if isinstance(item, Group) or path.suffix.lower() not in HTML_SUFFIXES:
        return ""
    found = [line for ending in ("_files", ".files") for line in sorted(_listing(path.with_name(path.stem + ending)))]
    return hashlib.sha256("\n".join(found).encode("utf-8", "surrogateescape")).hexdigest()[:16] if found else ""


def _listing(folder: Path) -> Iterator[str]:
    try:
        for path in folder.rglob("*"):
            stat = path.stat()
            yield f"{path.relative_to(folder)} {stat.st_size} {stat.st_mtime_ns}"
    except OSError:
        return


def _size(paths: Iterable[Path]) -> int:
    total = 0
    for path in paths:
        try:
            total += size_of(path)
        except (OSError, ValueError):
            return 0
    return total
