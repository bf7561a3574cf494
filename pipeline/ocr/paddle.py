"""PaddleOCR 3.7 itself, on ONNX Runtime: as an engine, and on whole pages for comparisons.

Imported only when it is asked for: it takes seconds to load. It gives one reading of a crop with the mean probability of its
characters, and pads every crop to 320 pixels, so that its probabilities of lone digits are low.
"""

from __future__ import annotations

import atexit
import importlib.util
import math
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import Distribution, DistributionFinder, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from models import model_path
from pipeline.config import Ocr
from pipeline.domain import Candidate
from pipeline.errors import ConfigError
from pipeline.ocr.decode import by_pieces
from pipeline.ocr.engine import LineReading
from pipeline.ocr.numbers import folded_text, is_number
from pipeline.ocr.runtime import allowed_threads, listed_in
from pipeline.ocr.strokes import with_shape
from pipeline.raster import Gray, Rgb

_ASKED, _INSTALLED = "opencv-contrib-python", "opencv-contrib-python-headless"
_RECOGNISER, _DETECTOR = "PP-OCRv6_small_rec", "PP-OCRv6_small_det"

WholePageLine = tuple[str, tuple[float, float, float, float], float]
"""Text, box (`x0, top, x1, bottom` in pixels) and score of a line."""


class Paddle:
    """Reads crops with PaddleOCR's text recognition.

    Args:
        predictor: a `paddleocr.TextRecognition`.
    """

    name = "paddleocr"

    def __init__(self, predictor: Any) -> None:
        self._predictor = predictor

    def read(self, crops: Sequence[Gray]) -> list[LineReading]:
        """Reads each of `crops`; see `Engine.read`."""
        return with_shape(by_pieces(crops, self._read_scaled, 1), crops)

    def _read_scaled(self, crops: list[Gray]) -> list[LineReading]:
        # One at a time: it pads a batch to its widest crop, and a reading would depend on its neighbours.
        pictures = [np.repeat(crop[:, :, None], 3, axis=2) for crop in crops]
        results = self._predictor.predict(pictures, batch_size=1) if pictures else []
        return [_reading(str(result["rec_text"]), float(result["rec_score"])) for result in results]


def _reading(text: str, score: float) -> LineReading:
    text = text.strip()
    log_prob = len(text) * math.log(min(1.0, max(score, 1e-9)))
    folded = folded_text(text)
    numeric = (Candidate(folded, log_prob),) if folded is not None and is_number(folded) else ()
    return LineReading((Candidate(text, log_prob),), numeric)


def load_paddle(config: Ocr) -> Paddle:
    """Loads PaddleOCR's recogniser with the weights of the manifest, or with the model in `config.model_dir`.

    Raises:
        ConfigError: PaddleOCR is not installed or its weights are missing.
    """
    paddleocr = _paddleocr()
    folder = Path(config.model_dir) if config.model_dir else _model_folders()[0]
    listing = folder / "inference.yml"
    if not listing.is_file() or not (folder / "inference.onnx").is_file():
        advice = "Set ocr.model_dir to a folder with inference.onnx and inference.yml."
        raise ConfigError(f"There is no model in {folder}.", advice)
    name = yaml.safe_load(listing.read_text(encoding="utf8")).get("Global", {}).get("model_name", _RECOGNISER)
    return Paddle(
        paddleocr.TextRecognition(
            model_name=name,
            model_dir=str(folder),
            engine="onnxruntime",
            device="cpu",
            engine_config={"intra_op_num_threads": config.threads or allowed_threads()},
        )
    )


def read_page_with_paddleocr(pixels: Rgb) -> list[WholePageLine]:
    """Reads a whole page (RGB) with PaddleOCR's own pipeline: detection of lines, then recognition; returns its lines in
    its order.

    Raises:
        ConfigError: PaddleOCR is not installed or the weights are missing.
    """
    result = _whole_page().predict(np.ascontiguousarray(pixels[:, :, ::-1]))[0]
    lines: list[WholePageLine] = []
    for text, box, score in zip(result["rec_texts"], result["rec_boxes"], result["rec_scores"], strict=True):
        x0, top, x1, bottom = (float(value) for value in box)
        lines.append((str(text), (x0, top, x1, bottom), float(score)))
    return lines


@cache
def _whole_page() -> Any:
    recogniser, detector = _model_folders()
    return _paddleocr().PaddleOCR(
        text_detection_model_name=_DETECTOR,
        text_detection_model_dir=str(detector),
        text_recognition_model_name=_RECOGNISER,
        text_recognition_model_dir=str(recogniser),
        engine="onnxruntime",
        device="cpu",
        use_doc_orientation_classify=False,
        use_doc_unwarping=False,
        use_textline_orientation=False,
    )


class _OpenCvStandIn(DistributionFinder):
    """Answers with the installed `cv2` when PaddleX looks for the distribution called opencv-contrib-python.

    PaddleX looks for a distribution's name, not for the module: ours has the same content and version, built without windows.
    """

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Finds no module."""

    def find_distributions(self, context: DistributionFinder.Context | None = None) -> Iterator[Distribution]:
        if context is not None and context.name == _ASKED:
            yield distribution(_INSTALLED)


@cache
def _paddleocr() -> Any:
    if importlib.util.find_spec("paddleocr") is None:
        advice = "Install it (pip install 'paddleocr==3.7.*'), or set ocr.engine to ppocr."
        raise ConfigError("PaddleOCR is not installed.", advice)
    try:
        distribution(_ASKED)
    except PackageNotFoundError:
        sys.meta_path.append(_OpenCvStandIn())
    import paddleocr  # type: ignore[import-untyped]

    return paddleocr


@cache
def _model_folders() -> tuple[Path, Path]:
    """Makes folders of the form that PaddleOCR reads from the weights of the manifest: the recogniser and the detector."""
    root = Path(tempfile.mkdtemp(prefix="gouji-paddleocr-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    recogniser, detector = model_path("recognise"), model_path("detect")
    return (
        _folder(root / "rec", recogniser, _recogniser_settings(listed_in(recogniser))),
        _folder(root / "det", detector, _DETECTOR_SETTINGS),
    )


def _folder(folder: Path, weights: Path, settings: dict[str, Any]) -> Path:
    folder.mkdir()
    shutil.copyfile(weights, folder / "inference.onnx")
    (folder / "inference.yml").write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf8")
    return folder


def _recogniser_settings(characters: list[str]) -> dict[str, Any]:
    return {
        "Global": {"model_name": _RECOGNISER},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"RecResizeImg": {"image_shape": [3, 48, 320]}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": characters},
    }


_DETECTOR_SETTINGS: dict[str, Any] = {
    "Global": {"model_name": _DETECTOR},
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"DetResizeForTest": {"resize_long": 960}},
            {
                "NormalizeImage": {
                    "mean": [0.485, 0.456, 0.406],
                    "std": [0.229, 0.224, 0.225],
                    "scale": "1./255.",
                    "order": "hwc",
                }
            },
            {"ToCHWImage": None},
        ]
    },
    "PostProcess": {
        "name": "DBPostProcess",
        "thresh": 0.3,
        "box_thresh": 0.6,
        "max_candidates": 1000,
        "unclip_ratio": 1.5,
    },
}
