"""A recogniser that is asked for no crop a second time: the grids that are tried for a page share most of their print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.ocr.engine import Engine, LineReading
from pipeline.raster import Gray

Crop = tuple[tuple[int, ...], bytes]


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was read of crops, and what a cheap look made of them."""

    read: dict[Crop, LineReading] = field(default_factory=dict)
    glanced: dict[Crop, LineReading] = field(default_factory=dict)


class Once:
    """Asks a recogniser only for what is not recalled."""

    def __init__(self, engine: Engine, memory: Recalled) -> None:
        self._engine, self._memory = engine, memory

    @property
    def name(self) -> str:
        """The name of the recogniser."""
        return self._engine.name

    def read(self, crops: Sequence[Gray]) -> list[LineReading]:
        """Reads each of `crops`; see `Engine`."""
        return recalled(self._memory.read, crops, self._engine.read)

    def glance(self, crops: Sequence[Gray]) -> list[LineReading]:
        """Reads each of `crops` cheaply, or as ever where the recogniser knows no cheap look."""
        return recalled(self._memory.glanced, crops, getattr(self._engine, "glance", self.read))


def recalled(
    known: dict[Crop, LineReading], crops: Sequence[Gray], look: Callable[[list[Gray]], list[LineReading]]
) -> list[LineReading]:
    """Returns a reading of each crop, and keeps those that were not known."""
    keys = [crop_key(crop) for crop in crops]
    fresh = {key: crop for key, crop in zip(keys, crops, strict=True) if key not in known}
    if fresh:
        known.update(zip(fresh, look(list(fresh.values())), strict=True))
    return [known[key] for key in keys]


def crop_key(crop: Gray) -> Crop:
    """Returns what crops of the same pixels, and they alone, share."""
    return crop.shape, crop.tobytes()
