"""Where the source of a result lies on this machine."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import UsageError
from pipeline.intake.discover import Input
from pipeline.intake.members import is_there
from pipeline.run.groups import Group
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_open import LEDGER
from pipeline.store.ledger_rows import DocumentRow

_NAMED = 5


def find_source(out: Path, wanted: str) -> Input | Group:
    """Returns the input of a result.

    Args:
        out: folder of results.
        wanted: id of a document, or its stem where only one has it.

    Raises:
        UsageError: no such document, several, or its source is no longer there.
    """
    if not (out / LEDGER).is_file():
        raise UsageError(f"{wanted!r} is no document of {out}", "Known are: none.")
    with Ledger(out, readonly=True) as ledger:
        found = ledger.named(wanted)
        if len(found) != 1:
            names = [row.id for row in found[:_NAMED]] or [
                row.id for _, row in zip(range(_NAMED), ledger.documents(), strict=False)
            ]
            what = "several documents" if found else "no document"
            raise UsageError(f"{wanted!r} is {what} of {out}", f"Known are: {', '.join(names) or 'none'}.")
    return input_of(found[0])


def input_of(row: DocumentRow) -> Input | Group:
    """Returns the input of a document; raises UsageError where a file of it is gone."""
    paths = [Path(member) for member in row.members]
    gone = next((path for path in paths if not is_there(path)), None)
    if gone is not None:
        raise UsageError(f"The source {gone} of {row.id} is gone.", "Give the file itself.")
    return Group(row.name, tuple(paths)) if len(paths) > 1 else Input(paths[0], row.name)
