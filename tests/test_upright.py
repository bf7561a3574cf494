"""How a page stands is told by the lines that are read anyway; only where they read badly, it is looked into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline.run.scan as scan
from pipeline.config import DEFAULT
from pipeline.domain import Candidate
from pipeline.ocr.engine import LineReading
from pipeline.raster import Gray, Raster, grey_percentile

DPI = 100.0
CONFIG = replace(DEFAULT, scan=replace(DEFAULT.scan, dpi=DPI), ocr=replace(DEFAULT.ocr, second=False))


class LeftHeavy:
    """Reads a line well where its left half holds more ink: a line that was turned over does not."""

    name = "left"

    def __init__(self) -> None:
        self.asked = 0

    def read(self, crops: Sequence[Gray]) -> list[LineReading]:
        self.asked += len(crops)
        return [LineReading((Candidate("文字文字", -0.01 if self._is_upright(c) else -12.0),)) for c in crops]

    def _is_upright(self, crop: Gray) -> bool:
        ink = (crop < 128).sum(axis=0)
        return bool(ink[: len(ink) // 2].sum() > ink[len(ink) // 2 :].sum())


def page() -> Gray:
    """Draws a dozen lines of eight letters: full ones to the left, hollow ones to the right."""
    gray = np.full((1169, 827), 250, dtype=np.uint8)
    for top in range(120, 1000, 70):
        for k in range(8):
            left = 100 + 26 * k
            cv2.rectangle(gray, (left, top), (left + 19, top + 20), 20, -1 if k < 4 else 2)
    return gray


def raster(gray: Gray) -> Raster:
    return Raster(1, np.repeat(gray[:, :, None], 3, axis=2), DPI)


@pytest.mark.parametrize("turned", [False, True])
def test_a_page_is_levelled_once_and_one_that_reads_well_is_read_once(monkeypatch, turned):
    engine = LeftHeavy()
    levelled, sheets = [], []
    monkeypatch.setattr(scan, "load_engine", lambda config: engine)
    level_page, to_sheet = scan.level_page, scan.to_sheet
    monkeypatch.setattr(scan, "level_page", lambda *args: levelled.append(args) or level_page(*args))
    monkeypatch.setattr(scan, "to_sheet", lambda *args, **named: sheets.append(args) or to_sheet(*args, **named))
    gray = np.ascontiguousarray(page()[::-1, ::-1]) if turned else page()

    seen = scan.look_at_raster(raster(gray), CONFIG)

    assert seen.sheet.turn_deg == (180 if turned else 0)
    assert (len(levelled), len(sheets)) == (1, 2 if turned else 1)
    assert len(seen.readings) == len(seen.lines) == 13
    assert all(r.candidates[0].log_prob > -1 for r in seen.readings)
    if not turned:
        assert engine.asked == len(seen.lines), "no line is read twice"


def test_how_a_page_stands_is_told_by_the_cheap_look_of_an_engine_that_has_one(monkeypatch):
    class Glancing(LeftHeavy):
        glanced = 0

        def glance(self, crops: Sequence[Gray]) -> list[LineReading]:
            self.glanced += len(crops)
            return [LineReading((Candidate("文字文字", -0.01 if self._is_upright(c) else -12.0),)) for c in crops]

    engine = Glancing()
    monkeypatch.setattr(scan, "load_engine", lambda config: engine)

    seen = scan.look_at_raster(raster(np.ascontiguousarray(page()[::-1, ::-1])), CONFIG)

    assert seen.sheet.turn_deg == 180 and engine.glanced > 0
    assert engine.asked == 13 + len(scan._long_lines(seen.lines)), "the lines of the page, and those that read badly"


def test_a_page_without_print_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(scan, "load_engine", lambda config: LeftHeavy())

    seen = scan.look_at_raster(raster(np.full((1169, 827), 250, dtype=np.uint8)), CONFIG)

    assert (seen.sheet.turn_deg, seen.lines, seen.readings) == (0, (), ())


@given(st.lists(st.integers(0, 255), min_size=1, max_size=60), st.sampled_from([0.0, 5.0, 50.0, 75.0, 80.0, 97.0, 100.0]))
def test_greys_are_counted_as_numpy_orders_them(greys, percent):
    values = np.asarray(greys, dtype=np.uint8)
    assert grey_percentile(values, percent) == float(np.percentile(values, percent))
