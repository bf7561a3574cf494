"""A speck where the sign of a figure would stand keeps the negative number in mind, in columns of changes alone."""

import math
from dataclasses import replace

import numpy as np

from pipeline.canon.matrices import _kind_doubt
from pipeline.canon.schema import Lane, load_schemas
from pipeline.canon.tokens import Token
from pipeline.canon.values import parse_value
from pipeline.domain import Candidate, Origin
from pipeline.layout.ink import find_ink
from pipeline.ocr.engine import LineReading
from pipeline.raster import Sheet, TextLine, Transform
from pipeline.run.scan import SeenPage, _with_lost_signs


def seen(speck: bool, level: int = 0, cell: int | None = 0) -> SeenPage:
    gray = np.full((120, 200), 250, np.uint8)
    # Other print of the page is black.
    gray[80:110, 20:180:8] = 0
    gray[20:40, 100:104] = level
    gray[20:24, 108:120] = level
    gray[20:40, 116:120] = level
    if speck:
        gray[29:32, 92:95] = level
    sheet = Sheet(1, gray, 200.0, Transform((1, 0, 0, 0, 1, 0, 0, 0, 1), 200, 120))
    line = TextLine(((100, 20, 120, 40),), cell)
    mask = np.zeros_like(gray)
    reading = LineReading((Candidate("17", -0.01),), (Candidate("17", -0.01),))
    return SeenPage(
        sheet,
        (),
        mask,
        find_ink(gray, mask, 200.0),
        np.zeros((0, 4), dtype=np.int64),
        (),
        (line,),
        (gray[15:45, 95:125],),
        (reading,),
    )


def texts(page: SeenPage) -> list[str]:
    return [c.text for c in _with_lost_signs(page.readings, page)[0].numeric]


def test_a_speck_before_a_figure_may_be_its_sign():
    assert texts(seen(True)) == ["17", "-17"]
    assert texts(seen(False)) == ["17"]
    # In a table without rulings as well.
    assert texts(seen(True, cell=None)) == ["17", "-17"]


def test_the_sign_of_a_pale_figure_is_as_pale():
    assert texts(seen(True, level=185)) == ["17", "-17"]
    assert texts(seen(False, level=185)) == ["17"]


def test_it_matters_where_signs_are_printed_alone():
    token = Token("17", parse_value("17"), Origin.OCR, readings=(Candidate("17", -0.01), Candidate("-17", math.log(0.04))))
    changes, counts = column("signed"), column("count")
    assert _kind_doubt(token, changes) == "a dash may stand before it"
    assert _kind_doubt(token, counts) is None
    assert _kind_doubt(token._replace(readings=token.readings[:1]), changes) is None


def column(kind: str) -> Lane:
    return replace(load_schemas()[0].tables[0].columns[0], kind=kind)
