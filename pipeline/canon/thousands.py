"""Points that can be nothing but marks of thousands: `12.345` read from pixels where only whole numbers are printed.

In small print a comma and a point look alike, and both readers often take the one for the other. In a column of counts no
fraction is printed, so that three digits behind a point are the next three digits of a whole number. No digit is changed and
none is added: only the mark between them is taken as what it can be there. The readings that differ in it alone say the same
number, and become one. What a report does with its other large numbers tells whether it prints such marks at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from pipeline.canon.tokens import Token
from pipeline.canon.values import parse_value
from pipeline.domain import Candidate, Origin

_POINTED = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
_CERTAIN = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3})+|(?:[.,]\d{3}){2,})(?:\.\d{1,2})?")
_LARGE = re.compile(r"\d{4,}(?:\.\d+)?")
_ABOUT_READING = ("read as ", "a comma looks like a point")
_MOST = math.log(0.899)
"""A number whose comma was read as a point is never surer than this by its readings: equations must vouch for it."""

_LEAST_MARKED, _MARKED_SHARE = 6, 0.9
"""Large numbers with marks that can be nothing else, from which a report is known to print them, and their least share of all."""


def prints_marks(tokens: Iterable[Token]) -> bool:
    """Tells whether a report parts the thousands of its large numbers.

    A comma does, and so do two marks in one number; a point alone says nothing, for it is what is in question.

    Args:
        tokens: the values of its tables.
    """
    texts = [t.text for t in tokens if t.origin is Origin.OCR]
    marked = sum(_CERTAIN.fullmatch(text) is not None for text in texts)
    bare = sum(_LARGE.fullmatch(text) is not None for text in texts)
    return marked >= _LEAST_MARKED and marked >= _MARKED_SHARE * (marked + bare)


def without_points(token: Token, marks: bool = False) -> Token:
    """Returns a figure of a column of counts with commas for the points between its thousands.

    Its doubt says so, and only equations or the text of the report clear it; a doubt of another kind stays. In a report that
    prints such marks, two readers that are sure of the digits clear it too.

    Args:
        token: any cell; what was not read from pixels, and what is no such number, stays as it is.
        marks: whether the report is known to print marks of thousands.
    """
    if token.origin is not Origin.OCR or not _POINTED.fullmatch(token.text):
        return token
    text = _with_commas(token.text)
    if text == token.text:
        return token._replace(readings=_merged(token.readings, 0.0))
    is_about_reading = token.doubt is None or token.doubt.startswith(_ABOUT_READING)
    doubt = f"read as {token.text!r}, with a point where only whole numbers are printed" if is_about_reading else token.doubt
    readings = _merged(token.readings, 0.0 if marks else _MOST)
    return token._replace(text=text, value=parse_value(text), doubt=doubt, readings=readings)


def _with_commas(text: str) -> str:
    return text.replace(".", ",") if _POINTED.fullmatch(text) else text


def _merged(readings: tuple[Candidate, ...], most: float) -> tuple[Candidate, ...]:
    """Readings that differ in these marks alone as one, each reader's probabilities added; best first.

    Args:
        readings: of one cell.
        most: logarithm of the probability that such a sum has at most.
    """
    if not any("." in c.text and _with_commas(c.text) != c.text for c in readings):
        return readings
    found: dict[str, Candidate] = {}
    for candidate in readings:
        text = _with_commas(candidate.text)
        before = found.get(text)
        if before is None:
            found[text] = Candidate(text, candidate.log_prob, candidate.said)
            continue
        said = dict(before.said)
        for reader, log_prob in candidate.said:
            said[reader] = _added(said[reader], log_prob) if reader in said else log_prob
        found[text] = Candidate(text, _added(before.log_prob, candidate.log_prob), tuple(said.items()))
    capped = (Candidate(c.text, min(most, c.log_prob), c.said) if "," in c.text else c for c in found.values())
    return tuple(sorted(capped, key=lambda c: -c.log_prob))


def _added(a: float, b: float) -> float:
    """Logarithm of the sum of two probabilities."""
    return min(0.0, math.log(math.exp(a) + math.exp(b)))
