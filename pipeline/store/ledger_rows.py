"""What goes into the ledger and what comes out of it: frozen rows, and how values are kept in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pipeline.domain import BBox, Candidate, Finding, Number, Quad
from pipeline.store.jsontext import clean_text

Value = Number | None
Action = Literal["confirm", "value", "printed_so", "unreadable", "undo"]
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run: what it was asked to do and with which program and settings.

    Attributes:
        code: hash of the program and its schemas; `config_hash` of the settings that results depend on.
        state: `running`, `done`, `interrupted`, `failed` (an error ended it) or `killed` (found so by the next run).
        duration_s: seconds by a clock that nobody sets.
    """

    id: int
    command: str
    state: str
    started_at: str
    ended_at: str | None
    duration_s: float | None
    version: str
    code: str
    config_hash: str
    workers: int
    inputs: int


@dataclass(frozen=True, slots=True)
class InputRow:
    """An input of a run: `place` is the absolute path of its first file as text, `members` are all of its files."""

    place: str
    name: str
    members: tuple[str, ...]

    @staticmethod
    def of(name: str, paths: Sequence[Path]) -> InputRow:
        """Returns the row of an input that is made of these files."""
        members = tuple(str(path.absolute()) for path in paths)
        return InputRow(clean_text(members[0]), clean_text(name), members)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the reading of a document went.

    Attributes:
        attempts: how often it was begun, deaths of workers included.
        duration_s: seconds of the attempt that ended.
        gentle: how it was read after it had killed a worker, in words; None where nothing happened.
        page_seconds: seconds of each page, where they were timed.
        page_attempts: how often each page was begun, where more than once.
        sizes: bytes of the result files by name.
        beside: mark of the files beside a page that were read too; `""` where there is none to tell them by; None for none.
        status: status of the document as corrections of people have it; None where there are none.
    """

    attempts: int = 1
    duration_s: float = 0.0
    gentle: str | None = None
    page_seconds: tuple[tuple[int, float], ...] = ()
    page_attempts: tuple[tuple[int, int], ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    beside: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as the ledger knows it; see the table `documents`. `machine_status` is its status without corrections."""

    id: str
    sha256: str | None
    size_bytes: int
    name: str
    place: str
    members: tuple[str, ...]
    kind: str
    status: Literal["accepted", "review", "failed"]
    machine_status: str
    failure_class: str | None
    failure_message: str | None
    failure_advice: str | None
    issuer: str | None
    year: int | None
    n_pages: int
    absent: tuple[str, ...]
    unread: tuple[str, ...]
    version: int
    supersedes: str | None
    superseded: bool
    attempts: int
    duration_s: float
    gentle: str | None
    facts: str
    sizes: tuple[tuple[str, int], ...]
    beside: str | None
    run_id: int
    program: str
    code: str
    config_hash: str
    read_at: str
    review_state: str
    review_version: int


@dataclass(frozen=True, slots=True)
class PageRow:
    """How one page ended."""

    document_id: str
    page_no: int
    kind: str
    state: str
    attempts: int
    duration_s: float | None
    failure_class: str | None
    failure_message: str | None
    failure_advice: str | None
    width_pt: float | None
    height_pt: float | None


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """What a person said of a cell; never changed.

    Attributes:
        action: `confirm` (as read), `value` (another value or state), `printed_so` (the source itself is wrong),
            `unreadable`, or `undo` of the correction `undoes`.
        value: what holds after it; `state` and `text` likewise. Without meaning for an undo.
        before_value: what held before; `machine_value` what the machine had read.
        seconds: how long the person looked, or None.
        cell_version: version of the cell that the person had before them.
    """

    id: int
    document_id: str
    table: str
    row: str
    column: str
    action: Action
    undoes: int | None
    value: Value
    text: str
    state: str
    before_value: Value
    before_state: str
    machine_value: Value
    machine_state: str
    reviewer: str
    reason: str | None
    seconds: float | None
    cell_version: int
    created_at: str


@dataclass(frozen=True, slots=True)
class CellRow:
    """A cell: what the machine read, and the correction in force.

    Attributes:
        row: index in the matrix, from 0, `row_key` its identifier, `row_label` as printed (or None); `column` likewise.
        machine_value: what the machine read; `machine_state`, `machine_text`, `machine_origin`, `machine_review` likewise.
        version: to be given back with a correction.
        readings: what the recogniser proposed, best first.
    """

    id: int
    document_id: str
    table: str
    row: int
    column: int
    row_key: str
    column_key: str
    row_label: str | None
    column_label: str | None
    machine_value: Value
    machine_text: str
    machine_state: str
    machine_review: bool
    machine_origin: str
    confidence: float
    reason: str | None
    page_no: int | None
    bbox: BBox | None
    quad: Quad | None
    char_span: tuple[int, int] | None
    version: int
    correction: CorrectionRow | None = None
    readings: tuple[Candidate, ...] = ()

    @property
    def value(self) -> Value:
        """The value that holds: a person's, else the machine's."""
        return self.machine_value if self.correction is None else self.correction.value

    @property
    def state(self) -> str:
        """The state that holds."""
        return self.machine_state if self.correction is None else self.correction.state

    @property
    def text(self) -> str:
        """The text that holds."""
        return self.machine_text if self.correction is None else self.correction.text

    @property
    def origin(self) -> str:
        """`review` where a person said what holds."""
        return self.machine_origin if self.correction is None else "review"

    @property
    def review(self) -> bool:
        """True while a person is still to look; one whom a person could not read stays so."""
        if self.correction is None:
            return self.machine_review
        return self.correction.state in ("unreadable", "missing")


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A row or column of a matrix and how it was found."""

    key: str
    label: str | None
    similarity: float
    margin: float
    certain: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class TableRow:
    """A canonical matrix without its cells."""

    id: int
    document_id: str
    key: str
    schema: str
    variant: str
    unit: str | None
    page_no: int | None
    score: float
    margin: float
    rows: tuple[LaneRow, ...]
    columns: tuple[LaneRow, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding of a document with its place in the list."""

    document_id: str
    position: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a table until when (seconds since 1970); `token` proves it."""

    document_id: str
    table: str
    reviewer: str
    token: str
    acquired_at: float
    expires_at: float


def stored(value: Value) -> int | float | str | None:
    """Returns a number as SQLite can keep it exactly: whole numbers beyond 64 bits as digits."""
    return str(value) if isinstance(value, int) and not -_LARGEST <= value < _LARGEST else value


def loaded(value: int | float | str | None) -> Value:
    """Returns a number that was `stored`."""
    return int(value) if isinstance(value, str) else value


def plain(text: str | None) -> str | None:
    """Returns text that SQLite can keep: no lone surrogates."""
    return None if text is None else clean_text(text)


def to_json(value: object) -> str:
    """Returns one line of JSON."""
    return clean_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def paths_to_json(members: Sequence[str]) -> str:
    """Returns paths so that bytes which are no UTF-8 come back as they were."""
    return json.dumps(list(members), ensure_ascii=True)


def now() -> str:
    """Returns the time in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
