"""Readings of a crop as a number: the alphabet, what is folded into what, and the syntax."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# What each sign of the numeric alphabet may be printed or taken as. In a cell of numbers a circle is a 0 and an l a 1; so the
# probability of the lookalikes counts for the digit. A bar (|) is not among them: it is the rest of a ruling.
FOLDED: dict[str, str] = {
    "0": "0０OoＯｏ〇○◯",
    "1": "1１lIｌＩⅠ",
    "2": "2２",
    "3": "3３",
    "4": "4４",
    "5": "5５",
    "6": "6６",
    "7": "7７",
    "8": "8８",
    "9": "9９",
    ".": ".．。·",
    ",": ",，、",
    "-": "-－—–−‐―一ー_",
    "+": "+＋",
    "/": "/／",
    "%": "%％",
    "(": "(（",
    ")": ")）",
    "万": "万",
    "元": "元",
    "增": "增増",
    "减": "减減",
    "无": "无",
    " ": " 　",
}

# Where small commas look like points, the marks of thousands may be a mixture of both.
_DIGITS = r"(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?|\d{1,3}(?:[.,]\d{3}){2,5})"
_SIGNED = rf"(?:[-+增减])?{_DIGITS}"
_SYNTAX = re.compile(rf"(?:{_SIGNED}|\({_SIGNED}\))(?:%|万元|万|元)?|-|/|无")


_OWNER = {character: sign for sign, characters in FOLDED.items() for character in characters}


def is_number(text: str) -> bool:
    """Tells whether `text`, in the folded alphabet, is a number with its sign and unit, or a sign for none."""
    return _SYNTAX.fullmatch(text) is not None


def folded_text(text: str) -> str | None:
    """Returns `text` in the folded alphabet, or None where a character of it is not in a number."""
    signs = [_OWNER.get(character) for character in text]
    return None if None in signs else "".join(sign or "" for sign in signs)


class NumericAlphabet:
    """The classes of a recogniser that may stand in a number.

    Args:
        characters: the recogniser's characters; the class of `characters[i]` is `i + 1`, and class 0 is the blank.
    """

    def __init__(self, characters: Sequence[str]) -> None:
        self._signs = ("", *FOLDED)
        numbers = {sign: number for number, sign in enumerate(self._signs)}
        self._space = numbers[" "]
        self.symbols = {0: 0}
        for kind, character in enumerate(characters, start=1):
            if character in _OWNER:
                self.symbols[kind] = numbers[_OWNER[character]]
        # Where the figures of one number stand apart, a space between them says no more than the blank does.
        self.spaced_symbols = {kind: 0 if self._signs[number] == " " else number for kind, number in self.symbols.items()}

    def holds_space(self, lattice: Iterable[Iterable[tuple[int, float]]]) -> bool:
        """Tells whether a space may stand anywhere in a lattice of `symbols`."""
        space = self._space
        return any(symbol == space for step in lattice for symbol, _ in step)

    def text(self, path: Sequence[int]) -> str:
        """Returns the text of symbol numbers, without white space at its ends; a row of dashes is one."""
        text = "".join(self._signs[number] for number in path).strip()
        return "-" if text and set(text) == {"-"} else text
