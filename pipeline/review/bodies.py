"""What the requests of the page may hold: nothing else than what is named here, in these types and within these bounds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipeline.review.answers import Answer, Entry, Said
from pipeline.store.ledger_queue import Filters

Key = Annotated[str, Field(min_length=1, max_length=300)]
Seconds = Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False)]
Version = Annotated[int, Field(ge=1, le=2**53)]


class Body(BaseModel):
    """A body: nothing else than what is named, and nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NameBody(Body):
    """The name of a person."""

    name: Annotated[str, Field(max_length=200)]


class FiltersBody(Body):
    """Which part of the work is wanted."""

    issuer: Annotated[str, Field(max_length=300)] | None = None
    year: Annotated[int, Field(ge=1000, le=9999)] | None = None
    table: Annotated[str, Field(max_length=100)] | None = None
    kind: Annotated[str, Field(max_length=20)] | None = None
    rule: Annotated[str, Field(max_length=100)] | None = None
    document: Annotated[str, Field(max_length=300)] | None = None
    most_confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    sent_back: bool = False

    def filters(self) -> Filters:
        """Returns them for the ledger."""
        return Filters(**self.model_dump())


class TableBody(Body):
    """A table of a document."""

    document: Key
    table: Key


class CellBody(TableBody):
    """A cell."""

    row: Key
    column: Key


class NextBody(Body):
    """What comes after a cell; `passed` are tables to look for that the person passed over."""

    filters: FiltersBody = FiltersBody()
    after: CellBody | None = None
    passed: Annotated[list[TableBody], Field(max_length=200)] = []


class CardBody(CellBody):
    """A cell to show; `step` goes to the one before (-1) or after (1) in its table."""

    filters: FiltersBody = FiltersBody()
    step: Annotated[int, Field(ge=-1, le=1)] = 0


class EntryBody(Body):
    """What was entered."""

    state: Annotated[str, Field(max_length=12)]
    text: Annotated[str, Field(max_length=64)] = ""

    def entry(self) -> Entry:
        """Returns it for the answers."""
        return Entry(self.state, self.text)


class AnswerBody(CellBody):
    """An answer to a card."""

    version: Version
    said: Said
    entry: EntryBody
    lease: Annotated[str, Field(max_length=100)]
    seconds: Seconds | None = None
    reason: Annotated[str, Field(max_length=500)] | None = None

    def answer(self) -> Answer:
        """Returns it for the ledger."""
        return Answer(
            self.document, self.table, self.row, self.column, self.version, self.said, self.entry.entry(), self.lease,
            self.seconds, self.reason,
        )  # fmt: skip


class CheckBody(Body):
    """An answer to a card that measures."""

    check: Annotated[int, Field(ge=1, le=2**53)]
    said: Said
    entry: EntryBody
    seconds: Seconds | None = None


class RowBody(Body):
    """The answers of one pasted row."""

    answers: Annotated[list[AnswerBody], Field(min_length=1, max_length=200)]


class LeaseBody(TableBody):
    """A hold on a table."""

    takeover: bool = False


class HeldBody(TableBody):
    """A hold on a table that was given before."""

    lease: Annotated[str, Field(max_length=100)]


class TypedCell(Body):
    """A cell of a table that was typed."""

    row: Key
    column: Key
    entry: EntryBody


class TypedBody(HeldBody):
    """A table that was typed, in one of its formats."""

    variant: Annotated[str, Field(max_length=40)]
    cells: Annotated[list[TypedCell], Field(min_length=1, max_length=1000)]
    seconds: Seconds | None = None


class SettleBody(HeldBody):
    """A table that is not printed, or of which the right one was taken."""

    seconds: Seconds | None = None


class StateBody(Body):
    """What is to become of a document."""

    document: Key
    state: Annotated[str, Field(pattern="^(open|done|sent_back)$")]
    reason: Annotated[str, Field(max_length=500)] = ""
    cell: CellBody | None = None
    lease: Annotated[str, Field(max_length=100)] | None = None
