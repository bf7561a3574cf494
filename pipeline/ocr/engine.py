"""The one interface of all recognisers, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from pipeline.config import Ocr
from pipeline.domain import Candidate
from pipeline.errors import ConfigError
from pipeline.raster import Gray


@dataclass(frozen=True, slots=True)
class LineReading:
    """What a recogniser makes of one crop.

    Attributes:
        candidates: readings with their probabilities, best first, decoded freely; never none, but the text of the best
            may be empty.
        numeric: readings that are numbers (or a dash, `/`, `无` alone), best first; their characters are folded to one
            form, and print that only looks like a digit (`O`, `l`, `一`) is counted for it. Empty where the crop cannot be
            a number.
        ink_height: height of the print in pixels of the crop; 0 where it is not known.
        second: what the reader of figures makes of it, best first; empty where it was not asked.
    """

    candidates: tuple[Candidate, ...]
    numeric: tuple[Candidate, ...] = ()
    ink_height: int = 0
    second: tuple[Candidate, ...] = ()

    @property
    def text(self) -> str:
        """The best free reading."""
        return self.candidates[0].text if self.candidates else ""


class Engine(Protocol):
    """Reads crops of print."""

    @property
    def name(self) -> str:
        """The name by which it is chosen."""

    def read(self, crops: Sequence[Gray]) -> list[LineReading]:
        """Reads each of `crops` (grey, dark ink on light paper, one line of print with a little paper around it, of any
        size); returns one reading each, in the same order, that does not depend on the other crops.
        """


ENGINES = ("ppocr", "paddleocr")


def glance(engine: Engine, crops: Sequence[Gray]) -> list[LineReading] | None:
    """Reads crops cheaply, to tell whether they are worth to be read; None where the engine knows no such look."""
    look = getattr(engine, "glance", None)
    return None if look is None else list(look(crops))


@cache
def load_engine(config: Ocr) -> Engine:
    """Returns the engine that `config` names, loaded once a process.

    Raises:
        ConfigError: no such engine, its package or weights are missing or wrong.
    """
    if config.engine == "ppocr":
        from pipeline.ocr.ppocr import load_ppocr

        return load_ppocr(config)
    if config.engine == "paddleocr":
        from pipeline.ocr.paddle import load_paddle

        return load_paddle(config)
    known = ", ".join(ENGINES)
    raise ConfigError(f"There is no recogniser called {config.engine!r}.", f"Set ocr.engine to one of: {known}.")
