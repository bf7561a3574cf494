"""Which documents of a folder are read once more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain import DocumentFacts
from pipeline.errors import UsageError
from pipeline.run.resume import Task, task_of
from pipeline.run.source import input_of
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_rows import DocumentRow
from pipeline.store.ledger_status import page_failures


@dataclass(frozen=True, slots=True)
class Choice:
    """Which documents: those that meet all of these; with none, those that failed, in whole or in part, or were sent back.

    Attributes:
        status: `accepted`, `review` or `failed`.
        failure: class of failure of the document or of one of its pages.
        documents: ids or stems.
        since_version: read by a version of Gouji older than this.
    """

    status: str | None = None
    failure: str | None = None
    documents: tuple[str, ...] = ()
    since_version: str | None = None


def choose(out: Path, choice: Choice) -> tuple[list[Task], list[str]]:
    """Returns the inputs to read, and a sentence for each document whose source is gone.

    Raises:
        InputMissingError: `out` has no ledger.
        UsageError: a document that is named is not there.
    """
    tasks: list[Task] = []
    notes: list[str] = []
    with Ledger(out, readonly=True) as ledger:
        failures = page_failures(ledger)
        for row in _named(ledger, choice.documents):
            if not _is_chosen(row, failures.get(row.id, frozenset()), choice):
                continue
            try:
                item = input_of(row)
            except UsageError as error:
                notes.append(f"{error.message} Its result stays as it is.")
                continue
            told = json.loads(row.facts)
            tasks.append(task_of(len(tasks), item, None if told is None else DocumentFacts(*told)))
    return tasks, notes


def version_of(text: str) -> tuple[int, ...]:
    """Returns the numbers of a version, to be compared; raises UsageError where there are none."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", text))
    if not numbers:
        raise UsageError(f"{text!r} is no version.", "Give one such as 0.2.0.")
    return numbers


def _named(ledger: Ledger, documents: tuple[str, ...]) -> Iterable[DocumentRow]:
    if not documents:
        return ledger.documents()
    found: dict[str, DocumentRow] = {}
    for wanted in documents:
        rows = ledger.named(wanted)
        if not rows:
            raise UsageError(f"{wanted!r} is no document of {ledger.out}", "Give the name of a folder in the results.")
        found |= {row.id: row for row in rows}
    return [found[name] for name in sorted(found)]


def _is_chosen(row: DocumentRow, page_failures: frozenset[str], choice: Choice) -> bool:
    classes = page_failures | ({row.failure_class} if row.failure_class else set())
    if choice.status is None and choice.failure is None and choice.since_version is None:
        return bool(choice.documents) or bool(classes) or row.review_state == "sent_back"
    return (
        choice.status in (None, row.status)
        and (choice.failure is None or choice.failure in classes)
        and (choice.since_version is None or version_of(row.program) < version_of(choice.since_version))
    )
