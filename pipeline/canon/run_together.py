"""Labels that ran together: a printed text → the pieces of it that are labels each (商业企业科研机构 → 商业企业, 科研机构)."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import Indel

from pipeline.canon.labels import normalise

# The whole of each piece is to be a label, a crop or an end of one is not: else any text could be cut somewhere.
_LIKE, _MIN_PIECE, _SLACK, _MOST = 0.75, 2, 1, 3

Labels = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=16384)
def part_labels(text: str, labels: Labels) -> tuple[str, ...]:
    """Cuts a text where one label ends and another begins.

    Args:
        text: printed, as `自然人 商业企业` or `法律服务机构其他`.
        labels: those that it may be made of, each in all its ways.

    Returns:
        Two or three pieces in printed order, each very like a label of its own; the words between its blanks where most of
        these are; the text alone where it cannot be cut so.
    """
    words = tuple(text.split())
    if len(words) > _MOST and min(map(len, words)) >= _MIN_PIECE:
        like = sum(_likeness(word, labels)[0] >= _LIKE for word in words)
        if 2 * like > len(words):
            return words
    squeezed = "".join(text.split())
    if not _first_letters(labels).intersection(squeezed[:2]) or normalise(squeezed) in _whole(labels):
        return (text,)
    _, pieces = _best_cut(squeezed, labels, _MOST)
    return pieces if len(pieces) > 1 else (text,)


@lru_cache(maxsize=64)
def _whole(labels: Labels) -> frozenset[str]:
    """All labels as they are compared."""
    return frozenset(normalise(label) for ways in labels for label in ways)


@lru_cache(maxsize=64)
def _first_letters(labels: Labels) -> frozenset[str]:
    """The letters with which labels begin: the first letter of a text may be wrong or gone, its second is one of them."""
    return frozenset(letter for ways in labels for label in ways for letter in label[:2])


@lru_cache(maxsize=64)
def _lengths(labels: Labels) -> frozenset[int]:
    """The lengths that a piece may have."""
    return frozenset(len(name) + k for name in _whole(labels) for k in range(-_SLACK, _SLACK + 1))


@lru_cache(maxsize=65536)
def _likeness(piece: str, labels: Labels) -> tuple[float, int]:
    """How well a piece fits the label that it fits best, 0 to 1, and which that is."""
    name = normalise(piece)
    return max(
        ((Indel.normalized_similarity(name, normalise(x)), -k) for k, ways in enumerate(labels) for x in ways), default=(0.0, 0)
    )


def _best_cut(text: str, labels: Labels, most: int) -> tuple[float, tuple[str, ...]]:
    """The worst likeness of the best way to cut a text into at most so many different labels, and its pieces."""
    best: tuple[float, tuple[str, ...]] = (0.0, ())
    if most == 0 or len(text) < _MIN_PIECE:
        return best
    whole = _likeness(text, labels)[0] if len(text) in _lengths(labels) else 0.0
    if whole >= _LIKE:
        best = (whole, (text,))
    for cut in sorted(_lengths(labels)):
        if not _MIN_PIECE <= cut <= len(text) - _MIN_PIECE:
            continue
        head = _likeness(text[:cut], labels)[0]
        if head < _LIKE or head <= best[0]:
            continue
        rest, pieces = _best_cut(text[cut:], labels, most - 1)
        if pieces and min(head, rest) > best[0]:
            best = (min(head, rest), (text[:cut], *pieces))
    return best
