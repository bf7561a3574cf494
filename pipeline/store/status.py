"""Whether a document is accepted, or a person must look at it: asked when it is read, and after every correction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

# Where these are found a table may be somewhere that no cell tells of: in a picture, an attachment, what a page hides.
ELSEWHERE = frozenset({"pictures", "attachment", "hidden_table"})
_LOOK = ELSEWHERE | {"second_candidate"}


def status_of(flagged: bool, findings: Iterable[tuple[str, str, str]], lacking: bool) -> Literal["accepted", "review"]:
    """Returns `review` where something is left to look at, else `accepted`; errors of the source are accepted.

    Args:
        flagged: a cell is to be reviewed.
        findings: rule, kind and severity of each.
        lacking: a page could not be read, or a table is absent or unread.
    """
    told = any(rule in _LOOK or (severity == "error" and kind != "source") for rule, kind, severity in findings)
    return "review" if flagged or told or lacking else "accepted"
