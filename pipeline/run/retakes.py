"""The scanned pages of a document that can be read again; a document without any loads nothing for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.run.parts import Parts
    from pipeline.run.retake import Retake

_MOST_PAGES = 8


@dataclass(slots=True, eq=False)
class Retakes:
    """What it takes to read pages of a document otherwise.

    Attributes:
        pages: by number; of a long document only the first with much print.
        parts: the document as it was read, page by page; None until it was.
    """

    pages: dict[int, Retake] = field(default_factory=dict)
    parts: Parts | None = None

    def add(self, page_no: int, retake: Retake | None) -> None:
        """Keeps a page, as long as there are not many."""
        if retake is not None and len(self.pages) < _MOST_PAGES:
            self.pages[page_no] = retake
