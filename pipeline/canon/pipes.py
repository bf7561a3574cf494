"""How the lines of a scrape use pipes: whole rows between pipes, or a stream of cells; one document may have both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.canon.values import is_value

PIPES = re.compile(r"[|｜│┃]")
SEPARATOR = re.compile(r"[\s|:：+=─━-]*-{2,}[\s|:+=-]*")
_ROW_END = re.compile(r"[^|｜│┃]*[|｜│┃](?:\s*[|｜│┃])+")
# The cells of a blank row have their white space; the pads at the end of a row in a stream (`0 | |||`) have none.
_BLANK_ROW = re.compile(r"[|｜│┃](?:\s+[|｜│┃]){2,}")
_WHOLE_ROW = re.compile(r"[|｜│┃].*[^\s|｜│┃].*[|｜│┃]")
_LETTER = re.compile(r"[^\W\d_]")
_RARE, _FEW = 12, 2
# So many lines with pipes in a row, none of them a whole row, are a stream also where most lines of the document are rows.
_STREAM = 6


class Manner(NamedTuple):
    """How one line with pipes is to be read.

    Attributes:
        rows: it is a whole printed row, also where it is of blanks alone.
        closes: a pipe alone behind a bare line ends that line's cell.
        odd: it delimits nothing, but is a sign among figures.
    """

    rows: bool
    closes: bool
    odd: bool = False


def manners(lines: Sequence[str]) -> list[Manner]:
    """Says of each line how its pipes are to be read; of lines without any it says nothing of use.

    Most documents have one manner. Where a table of whole rows stands among streams of cells, or a stream among such tables,
    each has its own.

    Args:
        lines: the lines of a scrape in reading order.
    """
    texts = [x.strip() for x in lines]
    if _are_signs(texts):
        return [Manner(False, False, True)] * len(texts)
    usual = _has_whole_rows(texts)
    rows = [usual] * len(texts)
    filled = [k for k, x in enumerate(texts) if x]
    piped = [k for k in filled if PIPES.search(texts[k])]
    odd = _streams(texts, filled) if usual else _tables(texts, filled)
    for k in odd:
        rows[k] = not usual
    streamed = [texts[k] for k in filled if not rows[k] or not PIPES.search(texts[k])] if odd else texts
    closes = not _opens_rows(streamed) and _has_own_line(streamed) if piped else False
    return [Manner(is_row, closes and not is_row) for is_row in rows]


def _are_signs(texts: Sequence[str]) -> bool:
    """True where pipes stand among a few figures only, and all labels and most figures on lines without any: 1 read as |."""
    piped = [x for x in texts if PIPES.search(x)]
    if not piped or any(_LETTER.search(x) or SEPARATOR.fullmatch(x) for x in piped):
        return False
    bare = sum(not PIPES.search(x) and is_value(x) for x in texts if x)
    return _FEW * len(piped) < bare


def _has_whole_rows(lines: Sequence[str]) -> bool:
    """True where most lines with pipes are whole rows, a pipe at either end."""
    piped = [x for x in lines if PIPES.search(x)]
    return 2 * sum(_is_whole(x) for x in piped) > len(piped)


def _is_whole(line: str) -> bool:
    """True for a line with a pipe at either end, at least one in between, and a text."""
    return len(PIPES.findall(line)) > 2 and bool(_WHOLE_ROW.fullmatch(line))


def _tables(texts: Sequence[str], filled: Sequence[int]) -> set[int]:
    """Lines of tables of whole rows among streams: such as lie about a line of dashes with as many pipes.

    Rows of blanks alone belong to them where they follow such a row; a line of chrome between two rows does no harm.
    """
    found: set[int] = set()
    for place, k in enumerate(filled):
        if not SEPARATOR.fullmatch(texts[k]) or not PIPES.search(texts[k]):
            continue
        width = len(PIPES.findall(texts[k]))
        if width < 3:
            continue
        for step in (-1, 1):
            at, gap = place + step, 0
            while 0 <= at < len(filled) and gap < 2:
                text = texts[filled[at]]
                if len(PIPES.findall(text)) == width and PIPES.match(text) and PIPES.match(text[-1]):
                    found.add(filled[at])
                    gap = 0
                else:
                    gap += 1 if not PIPES.search(text) else 2
                at += step
        found.add(k)
    return found


def _streams(texts: Sequence[str], filled: Sequence[int]) -> set[int]:
    """Lines of streams among tables of whole rows: many lines with pipes, of which none is such a row."""
    found: set[int] = set()
    run: list[int] = []
    gap = 0
    for k in (*filled, -1):
        text = texts[k] if k >= 0 else ""
        if k >= 0 and PIPES.search(text) and not _is_whole(text) and not _BLANK_ROW.fullmatch(text):
            run.append(k)
            gap = 0
            continue
        gap += 1
        if k < 0 or gap > 1 or PIPES.search(text):
            if len(run) >= _STREAM and sum(bool(PIPES.sub("", texts[r]).strip()) for r in run) > 1:
                found.update(run)
            run = []
    return found


def _opens_rows(lines: Sequence[str]) -> bool:
    """True for a stream in which a pipe of its own opens every row: it follows the lines that end one (`0 | ||`)."""
    filled = [x for x in lines if x]
    after = [b for a, b in zip(filled, filled[1:], strict=False) if _ROW_END.fullmatch(a)]
    return sum(PIPES.fullmatch(x) is not None for x in after) * 2 > len(after)


def _has_own_line(lines: Sequence[str]) -> bool:
    """True where pipes on a line of their own close the bare line before them, and not only in front of a heading or two.

    Where nearly all cells have their pipe behind them (`0 |`), a lone one behind a bare line is a blank cell.
    """
    filled = [x for x in lines if x]
    piped = [PIPES.search(x) is not None for x in filled]
    lone = [p and not PIPES.sub("", x).strip() for x, p in zip(filled, piped, strict=True)]
    closing = sum(is_lone and not before for before, is_lone in zip(piped, lone[1:], strict=False))
    return _RARE * closing > sum(piped) - sum(lone)
