"""JSON as a person can read it and a program can stream it: deterministic, one flat object or list a line.

A container that holds only scalars (or lists of scalars, such as a box) stands on one line, so each cell is a line; all
others are broken over lines. Iterators are written as arrays while they run, so a long document is not held twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_MAKE = getattr(json.encoder, "c_make_encoder", None)
# `encode` makes the encoder in C anew each time, which costs as much as a line.
_IN_C = (
    None
    if _MAKE is None
    else _MAKE(None, _ENCODER.default, json.encoder.encode_basestring, None, ": ", ", ", False, False, False)
)
_SCALARS = frozenset({type(None), bool, int, float, str})


def json_to_chunks(value: Any, level: int = 0) -> Iterator[str]:
    """Yields the JSON text of `value` in pieces, of which none is larger than an item of an iterator.

    Raises:
        ValueError: a number that JSON cannot hold.
        TypeError: something that is no dict, list, tuple, iterator, string, number, boolean or None.
    """
    if isinstance(value, dict) and any(map(_is_stream, value.values())):
        yield from _broken(((_line(str(key)) + ": ", item) for key, item in value.items()), "{}", level)
    elif _is_stream(value):
        yield from _broken((("", item) for item in value), "[]", level)
    else:
        yield _whole(value, level)


def json_to_text(value: Any) -> str:
    """Returns the whole text, ended by a newline."""
    return "".join(json_to_chunks(value)) + "\n"


def clean_text(text: str) -> str:
    """Returns `text` with lone surrogates (bytes of a file name that are no UTF-8, say) spelled out as `\\udcff`.

    What is left can be written as UTF-8 by every export.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
    # The text itself, and no copy of it: of the names of a hundred thousand files none is kept twice.
    return text


def _is_stream(value: Any) -> bool:
    return isinstance(value, Iterator)


def _broken(items: Iterable[tuple[str, Any]], brackets: str, level: int) -> Iterator[str]:
    """Yields a container over several lines, indented by one space a level; an empty one stays together."""
    empty = True
    for prefix, item in items:
        yield (brackets[0] if empty else ",") + "\n" + " " * (level + 1) + prefix
        yield from json_to_chunks(item, level + 1)
        empty = False
    yield brackets if empty else "\n" + " " * level + brackets[1]


def _whole(value: Any, level: int) -> str:
    """Returns the text of a value without iterators."""
    if type(value) in _SCALARS or not value:
        return _line(value)
    inner = ",\n" + " " * (level + 1)
    if isinstance(value, dict):
        if all(map(_is_small, value.values())):
            return _line(value)
        brackets, parts = "{}", [f"{_line(str(key))}: {_whole(item, level + 1)}" for key, item in value.items()]
    elif isinstance(value, list | tuple):
        if all(map(_is_small, value)):
            return _line(value)
        brackets, parts = "[]", [_whole(item, level + 1) for item in value]
    else:
        return _line(value)
    return brackets[0] + inner[1:] + inner.join(parts) + "\n" + " " * level + brackets[1]


def _is_small(value: Any) -> bool:
    """True for a scalar, and for a list of scalars."""
    return type(value) in _SCALARS or (isinstance(value, list | tuple) and all(type(item) in _SCALARS for item in value))


def _line(value: Any) -> str:
    """Returns `value` on one line."""
    text = _encode(value)
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # rare, so looked for only here
        return _encode(_clean(value))
    return text


def _encode(value: Any) -> str:
    return _ENCODER.encode(value) if _IN_C is None else "".join(_IN_C(value, 0))


def _clean(value: Any) -> Any:
    """Returns `value` with every string fit for UTF-8."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value
