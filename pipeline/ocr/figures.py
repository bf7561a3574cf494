"""A second reader, for numbers alone: a small network of our own, so that its mistakes are not those of the first.

It shares nothing with the PP-OCR recogniser: other weights, learnt from other pictures (`models.training`), a lower picture
with its contrast evened, an alphabet of 22 signs. It knows print that is in no number, and says so with `?`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from models import model_path
from pipeline.config import Ocr
from pipeline.domain import Candidate
from pipeline.errors import ConfigError
from pipeline.ocr.batches import batches
from pipeline.ocr.figure_crops import HEIGHT, MAX_WIDTH, MIN_WIDTH, as_batch, bucket, is_too_wide, scaled
from pipeline.ocr.figure_signs import CLASSES, OTHER, SIGNS
from pipeline.ocr.lattice import Step, beam, sparse
from pipeline.ocr.numbers import is_number
from pipeline.ocr.runtime import Network, load_network
from pipeline.raster import Gray

_BATCH_COLUMNS = 64 * 64
_PATHS = 6
"""CTC paths followed; several may give one text."""

_FLOOR = 1e-4
_SURE = 0.95
"""Figures read with less are looked at again."""

_SHIFTS = (1, 2)
"""By so many pixels. A column of the network is two pixels wide: a figure that stands between two columns may be counted
twice, and one pixel on it stands in one."""

_SURELY_BLANK = 1.0 - 1e-5
_CHARACTERS = "\0" + SIGNS + OTHER


class FigureReader:
    """Reads crops as numbers.

    Args:
        network: from shape (n, 1, 32, width) to probabilities of shape (n, columns, classes), class 0 the blank.
        readings: how many readings of a crop are given at most.
    """

    def __init__(self, network: Network, readings: int) -> None:
        self._network = network
        self._readings = max(1, readings)

    def read(self, crops: Sequence[Gray]) -> list[tuple[Candidate, ...]]:
        """Reads each of `crops`: grey, dark ink on light paper, as `pipeline.layout.crops` cuts them.

        Returns:
            For each crop its readings, best first, never none: numbers in the alphabet of `pipeline.ocr.numbers`, `""` for
            nothing there, `?` for print that is no number; each with the natural logarithm of its probability, summed over
            all paths of the network's output that give it. A crop's readings do not depend on the other crops.
        """
        fit = [index for index, crop in enumerate(crops) if not (crop.size and is_too_wide(crop))]
        small = {index: scaled(crops[index]) for index in fit}
        masses = self._look(small)
        unsure = [index for index, mass in masses.items() if _is_unsure_figure(mass)]
        looks = [self._look({index: _shifted(small[index], shift) for index in unsure}) for shift in _SHIFTS]
        for index in unsure:
            masses[index] = _mean([masses[index], *(look[index] for look in looks)])
        return [_ranked(masses.get(index, {}), self._readings) for index in range(len(crops))]

    def _look(self, small: Mapping[int, Gray]) -> dict[int, dict[str, float]]:
        """Returns the probability of each text of each crop."""
        masses: dict[int, dict[str, float]] = {}
        for width, chunk in batches({i: bucket(crop.shape[1]) for i, crop in small.items()}, _BATCH_COLUMNS):
            probabilities = self._network(as_batch([small[i] for i in chunk], width))
            for index, lattice in zip(chunk, _lattices(probabilities), strict=True):
                masses[index] = _texts(lattice)
        return masses


@cache
def load_figure_reader(ocr: Ocr) -> FigureReader:
    """Loads the reader with the weights of the manifest.

    Raises:
        ConfigError: the weights are missing or not those of the manifest, or the runtime is not installed.
    """
    path = model_path("figures")
    network, _ = load_network(path, ocr.runtime, ocr.threads)
    classes = network(np.zeros((1, 1, HEIGHT, MIN_WIDTH), dtype=np.float32)).shape[2]
    if classes != CLASSES:
        raise ConfigError(
            f"The weights {path} have {classes} classes, the alphabet {CLASSES}.", "Make them again: models.training."
        )
    return FigureReader(network, ocr.readings)


def _lattices(probabilities: npt.NDArray[np.float32]) -> list[list[Step]]:
    """Returns the lattices of a batch; of several columns that are surely blank one is left."""
    blank = probabilities[:, :, 0] > _SURELY_BLANK
    again = np.zeros_like(blank)
    again[:, 1:] = blank[:, 1:] & blank[:, :-1]
    steps = iter(sparse(probabilities[~again][None], _FLOOR)[0])
    return [[next(steps) for _ in range(count)] for count in (~again).sum(axis=1).tolist()]


def _texts(lattice: Sequence[Step]) -> dict[str, float]:
    mass: dict[str, float] = {}
    for path, value in beam(lattice, _PATHS):
        text = _text("".join(_CHARACTERS[kind] for kind in path))
        mass[text] = mass.get(text, 0.0) + math.exp(value)
    return mass


def _shifted(small: Gray, shift: int) -> Gray:
    """Returns a scaled crop with `shift` columns of paper more to its left."""
    return np.pad(small[:, : MAX_WIDTH - shift], ((0, 0), (shift, 0)))


def _is_unsure_figure(mass: Mapping[str, float]) -> bool:
    best = max(mass, key=lambda text: mass[text], default="")
    return any(sign.isdigit() for sign in best) and mass[best] < _SURE


def _mean(masses: Sequence[Mapping[str, float]]) -> dict[str, float]:
    texts = {text: None for mass in masses for text in mass}
    return {text: sum(mass.get(text, 0.0) for mass in masses) / len(masses) for text in texts}


def _ranked(mass: Mapping[str, float], count: int) -> tuple[Candidate, ...]:
    """Returns the `count` most probable texts; `?` for a crop that nobody looked at, or where nothing is likely."""
    ranked = sorted(((text, value) for text, value in mass.items() if value > 0.0), key=lambda item: (-item[1], item[0]))
    return tuple(Candidate(text, min(0.0, math.log(value))) for text, value in ranked[:count]) or (Candidate(OTHER, 0.0),)


def _text(signs: str) -> str:
    """Returns `signs` where they are a number or nothing, else `?`; a row of dashes is one."""
    text = "-" if signs and set(signs) == {"-"} else signs
    return text if not text or is_number(text) else OTHER
