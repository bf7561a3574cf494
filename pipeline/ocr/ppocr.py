"""The default engine: a PP-OCR recogniser, crop by crop, in batches of like width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from models import model_path
from pipeline.config import Ocr
from pipeline.errors import ConfigError
from pipeline.ocr.batches import batches
from pipeline.ocr.columns import Look, in_parts, whole
from pipeline.ocr.decode import Decoder, by_pieces
from pipeline.ocr.engine import LineReading
from pipeline.ocr.narrowed import is_wide, likelier, narrowed, wants_full_width
from pipeline.ocr.prepare import as_batch, bucket, pieces
from pipeline.ocr.quick import is_large, roomy, settled
from pipeline.ocr.runtime import Network, load_network
from pipeline.ocr.second import agreed, softened, wants_second_look
from pipeline.ocr.strokes import is_letter_spaced, with_shape
from pipeline.raster import Gray

_BATCH_COLUMNS = 16 * 64
"""A batch holds at most so many columns of pixels: its output has 18,710 numbers for each 8 of them."""

_QUICK = ("recognise_quick", "recognise_quick_last")
"""Models of the quick look: the network without its last layer, and that layer."""


class Ppocr:
    """Reads crops with a PP-OCR recogniser.

    Args:
        network: from crops to probabilities.
        decoder: from probabilities to readings.
        readings: how many readings of each kind are given at most.
        quick: the look of the same network with whole numbers of eight bits, which comes first; None: nobody looks before.
    """

    name = "ppocr"

    def __init__(self, network: Network, decoder: Decoder, readings: int, quick: Look | None = None) -> None:
        self._full = whole(network)
        self._quick = quick
        self._decoder = decoder
        self._readings = readings

    def read(self, crops: Sequence[Gray]) -> list[LineReading]:
        """Reads each of `crops`; see `Engine.read`."""
        known = self._quick_look(crops, self._quick) if self._quick is not None else {}
        rest = [index for index in range(len(crops)) if index not in known]
        known.update(zip(rest, self._full_look([crops[index] for index in rest]), strict=True))
        return with_shape([known[index] for index in range(len(crops))], crops)

    def glance(self, crops: Sequence[Gray]) -> list[LineReading]:
        """Reads each of `crops` once, lines of text narrowed, with the network of eight bits alone; see `engine.glance`."""
        read = partial(self._read_scaled, self._quick or self._full, roomy)
        return by_pieces(crops, lambda found: read([narrowed(c) if is_wide(c) else c for c in found]), self._readings)

    def _quick_look(self, crops: Sequence[Gray], look: Look) -> dict[int, LineReading]:
        """Returns what the network of eight bits is sure of: index of a crop → its reading."""
        large = [index for index, crop in enumerate(crops) if is_large(crop)]
        found = self._first_look([crops[index] for index in large], look, roomy)
        seen = zip(large, found, strict=True)
        return {index: taken for index, reading in seen if (taken := settled(reading, crops[index])) is not None}

    def _full_look(self, crops: Sequence[Gray]) -> list[LineReading]:
        """Reads `crops` with the full network, figures that are nearly sure a second time."""
        first = self._first_look(crops, self._full)
        again = [index for index, reading in enumerate(first) if wants_second_look(reading)]
        read = partial(self._read_scaled, self._full, bucket)
        second = by_pieces([softened(crops[index]) for index in again], read, self._readings)
        for index, reading in zip(again, second, strict=True):
            first[index] = agreed(first[index], reading)
        return first

    def _first_look(self, crops: Sequence[Gray], look: Look, width_of: Callable[[int], int] = bucket) -> list[LineReading]:
        """Reads lines of text narrowed, and at their full width what may be figures, or was not read well so."""
        read, count = partial(self._read_scaled, look, width_of), self._readings
        wide = [is_wide(crop) for crop in crops]
        # All in one: a runtime that goes from one shape of batches to another takes as long as for two crops.
        shrunk = [is_text for is_text, crop in zip(wide, crops, strict=True) for _ in pieces(crop)]
        first = by_pieces(
            crops, lambda found: read([narrowed(c) if is_text else c for c, is_text in zip(found, shrunk, strict=True)]), count
        )
        readings = dict(enumerate(first))
        full = [index for index, is_text in enumerate(wide) if is_text and wants_full_width(readings[index])]
        for index, reading in zip(full, by_pieces([crops[k] for k in full], read, count), strict=True):
            readings[index] = likelier(reading, readings[index])
        return [readings[index] for index in range(len(crops))]

    def _read_scaled(self, look: Look, width_of: Callable[[int], int], crops: Sequence[Gray]) -> list[LineReading]:
        readings: dict[int, LineReading] = {}
        order = list(batches({i: width_of(crop.shape[1]) for i, crop in enumerate(crops)}, _BATCH_COLUMNS))
        found = look(as_batch([crops[i] for i in chunk], width) for width, chunk in order)
        for index, lattice in zip((i for _, chunk in order for i in chunk), found, strict=True):
            readings[index] = self._decoder.read(lattice, partial(is_letter_spaced, crops[index]))
        return [readings[index] for index in range(len(crops))]


def load_ppocr(config: Ocr) -> Ppocr:
    """Loads the recogniser: that of the manifest, or `inference.onnx` in `config.model_dir`.

    Raises:
        ConfigError: the weights are missing or cannot be used, or the runtime is not installed.
    """
    path = Path(config.model_dir) / "inference.onnx" if config.model_dir else model_path("recognise")
    if not path.is_file():
        raise ConfigError(f"There is no file {path}.", "Set ocr.model_dir to a folder with inference.onnx and inference.yml.")
    network, listed = load_network(path, config.runtime, config.threads)
    characters = listed.split("\n") if listed else listed_characters(path.with_name("inference.yml"))
    classes = network(np.zeros((1, 3, 48, 64), dtype=np.float32)).shape[2]
    # The space has no line of its own in the list; it is the last class where there is one more.
    if classes == len(characters) + 2:
        characters = [*characters, " "]
    if classes != len(characters) + 1:
        raise ConfigError(
            f"The recogniser {path} has {classes} classes, its list {len(characters)} characters.",
            "Take inference.onnx and inference.yml from the same model.",
        )
    quick = None
    if config.quick and not config.model_dir:
        parts = (load_network(model_path(name), config.runtime, config.threads)[0] for name in _QUICK)
        quick = in_parts(*parts)
    return Ppocr(network, Decoder(characters, config.readings), max(1, config.readings), quick)


def listed_characters(path: Path) -> list[str]:
    """Returns the characters that `inference.yml` of a PaddleOCR recogniser lists.

    Raises:
        ConfigError: the file is missing or lists none.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf8"))
        return [str(character) for character in content["PostProcess"]["character_dict"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ConfigError(f"No list of characters in {path}.", "Put the model's inference.yml beside inference.onnx.") from error
