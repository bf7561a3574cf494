import importlib.util
import sys

import numpy as np
import pytest
from test_ocr import crops, plain

from pipeline.config import Ocr
from pipeline.errors import ConfigError
from pipeline.ocr import paddle
from pipeline.ocr.engine import load_engine

if importlib.util.find_spec("paddleocr") is None:
    pytest.skip("PaddleOCR is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def engine():
    return load_engine(Ocr(engine="paddleocr"))


def test_both_engines_read_the_same_crops_alike(engine):
    _, pictures = crops()
    ours = load_engine(Ocr()).read(pictures)
    theirs = engine.read(pictures)

    # Its recogniser, which sees a crop beside 200 pixels of nothing, puts spaces between full-width figures.
    assert [plain(r.text).replace(" ", "") for r in theirs] == [plain(r.text).replace(" ", "") for r in ours]


def test_its_own_pipeline_reads_a_page(engine):
    named, pictures = crops()
    page = np.full((400, 600, 3), 255, dtype=np.uint8)
    word = pictures[named.index("行政处罚")]
    page[100 : 100 + word.shape[0], 200 : 200 + word.shape[1]] = word[:, :, None]
    (line,) = paddle.read_page_with_paddleocr(page)
    text, (x0, top, x1, bottom), score = line
    assert text == "行政处罚"
    assert 190 < x0 < x1 < 310
    assert 90 < top < bottom < 145
    assert score > 0.9


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr(paddle.importlib.util, "find_spec", lambda name: None)
    paddle._paddleocr.cache_clear()
    with pytest.raises(ConfigError, match="not installed") as refused:
        paddle._paddleocr()
    assert "pip install" in refused.value.advice
    paddle._paddleocr.cache_clear()


def test_the_default_engine_does_not_import_it():
    import subprocess

    code = "import sys; from pipeline.config import Ocr; from pipeline.ocr.engine import load_engine; load_engine(Ocr()); "
    code += "sys.exit(any(m in sys.modules for m in ('paddleocr', 'paddlex', 'rapidocr')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
