import hashlib
from pathlib import Path

import pytest

import models
from pipeline.errors import ConfigError


def test_every_model_of_the_manifest_is_there_and_is_the_one_that_was_measured():
    checked = models.check_models()
    assert {model.name for model, _ in checked} >= {"recognise", "detect"}
    for model, path in checked:
        assert path.stat().st_size == model.size
        assert model.licence == "Apache-2.0"


def test_a_file_that_differs_is_refused_with_advice(tmp_path, monkeypatch):
    wrong = tmp_path / "models" / "PP-OCRv6_rec_small.onnx"
    wrong.parent.mkdir()
    wrong.write_bytes(b"not weights")
    monkeypatch.setattr(models, "_folder", lambda model: tmp_path)
    models.model_path.cache_clear()
    try:
        with pytest.raises(ConfigError, match="sha256") as refused:
            models.model_path("recognise")
        assert "rapidocr" in refused.value.advice
        with pytest.raises(ConfigError, match="missing"):
            models.model_path("detect")
    finally:
        models.model_path.cache_clear()


def test_a_model_that_nobody_listed_is_refused():
    with pytest.raises(ConfigError, match="no model called"):
        models.model_path("guess")


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    entry = models.Model("x", "", "no_such_package_here", "1", "x.onnx", hashlib.sha256().hexdigest(), 0, "", "")
    monkeypatch.setattr(models, "manifest", lambda: (entry,))
    models.model_path.cache_clear()
    with pytest.raises(ConfigError, match="no_such_package_here"):
        models.model_path("x")
    models.model_path.cache_clear()


def test_the_manifest_lies_beside_the_code():
    assert Path(models.MANIFEST).is_file()
