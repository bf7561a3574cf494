"""How alike a printed label and a label of the schema are, however it was cropped, split, mistyped or numbered."""

from __future__ import annotations

import re
from functools import lru_cache
from math import sqrt

from rapidfuzz.distance import Indel

from pipeline.canon.values import fold_width

# Enumeration at the beginning of a label: 一、 （一） 1. (1) 十二、
_NUMBERING = re.compile(
    r"^(?:[（(]?([一二三四五六七八九十]{1,3})[）)]?[、.．)）]|[（(]([一二三四五六七八九十]{1,3})[）)]|[（(]?(\d{1,2})[）)]?[、.．)）]|[（(](\d{1,2})[）)])"
)
# White space, and the line ends of Markdown tables.
_SPACE = re.compile(r"\s+|<br\s*/?>")
_NOISE = re.compile(r"[\s\W_]+")
_CHINESE = {c: i + 1 for i, c in enumerate("一二三四五六七八九十")}
# A crop that keeps three of six characters names its column; one that keeps two of ten hardly does, one alone nothing.
_CROP_FLOOR, _MIN_CROP = 0.2, 2
_indel = Indel.normalized_similarity


@lru_cache(maxsize=65536)
def normalise(text: str) -> str:
    """Returns the characters that carry the meaning of a label: no numbering, white space or punctuation."""
    folded = _SPACE.sub("", fold_width(text)).lstrip("#*>")
    return _NOISE.sub("", _NUMBERING.sub("", folded)).lower()


@lru_cache(maxsize=65536)
def numbering(text: str) -> int | None:
    """Returns the enumeration at the beginning of a label (3 for `3.` and `（三）`), or None."""
    match = _NUMBERING.match(_SPACE.sub("", fold_width(text)))
    if not match:
        return None
    token = next(g for g in match.groups() if g)
    if token.isdigit():
        return int(token)
    if len(token) == 1:
        return _CHINESE[token]
    return None


@lru_cache(maxsize=65536)
def _essence(text: str) -> tuple[str, int | None]:
    """Returns what `normalise` and `numbering` say of a text."""
    return normalise(text), numbering(text)


@lru_cache(maxsize=65536)
def canonical(text: str) -> str:
    """Returns one of all the ways to print a label that `similarity` cannot tell apart: what is kept by it is found again."""
    name, number = _essence(text)
    return name if number is None else f"{number}、{name}"


def similarity(text: str, label: str) -> float:
    """Returns how well a printed text fits a label, between 0 and 1.

    The best of three readings: the whole text (normalised Indel distance, as in rapidfuzz), the text as a cropped
    beginning of the label, and the label as the end of a longer text (a group's label merged in front of its own).
    Agreeing or differing enumeration moves the result a little.
    """
    return _likeness(_essence(text), _essence(label))


def _likeness(text: tuple[str, int | None], label: tuple[str, int | None]) -> float:
    """`similarity` of what carries the meaning of a text and of a label."""
    (a, number_a), (b, number_b) = text, label
    if not a or not b:
        return 0.0
    if a == b:
        best = 1.0
    else:
        n_a, n_b = len(a), len(b)
        best = _indel(a, b)
        if _MIN_CROP <= n_a < n_b:
            kept = sqrt(n_a / n_b)
            best = max(best, _indel(a, b[:n_a]) * (_CROP_FLOOR + (1 - _CROP_FLOOR) * kept))
        elif n_a > n_b >= _MIN_CROP:
            best = max(best, 0.95 * _indel(a[-n_b:], b))
    if number_a is not None and number_b is not None:
        best = min(1.0, best + 0.03) if number_a == number_b else best - 0.08
    return max(0.0, best)


@lru_cache(maxsize=131072)
def best_similarity(text: str, labels: tuple[str, ...]) -> float:
    """Returns how well a text fits the label that it fits best; 0 where there are none."""
    return _best(_essence(text), labels)


@lru_cache(maxsize=131072)
def _best(text: tuple[str, int | None], labels: tuple[str, ...]) -> float:
    """`best_similarity` of what carries the meaning of a text: reports print one label in many ways."""
    return max([_likeness(text, _essence(label)) for label in labels], default=0.0)
