"""N-best decoding of what a CTC recogniser gives out.

Each column of a crop has a probability for each character and for the blank; a text's probability is the sum over all ways
to spread it over the columns (Graves et al. 2006). The search keeps the most probable prefixes (prefix beam search, Hannun
et al. 2014), over the few characters of each column that are worth a look.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Step = Sequence[tuple[int, float]]
"""Classes of a column with their probabilities; class 0 is the blank."""

FLOOR = 1e-4
"""Classes below this probability are not looked at."""

_MANY, _SHARE_LEFT = 1000, 0.9
"""Classes from which rows are looked at one by one; the share of the floor that is left beside a blank: what adds up to one is
rounded.
"""

_WIDTH = 12
"""Prefixes kept at each column."""

_CHOICE = 24
"""Classes kept of a column."""

_CROWD = 2
"""Where prefixes and classes make so many times more new ones than are kept, it is told first which can be."""

_TAIL = 1e-7
"""Prefixes less probable than this share of the best are dropped."""


def sparse(probabilities: npt.NDArray[np.float32], floor: float = FLOOR) -> list[list[Step]]:
    """Returns the lattices of a batch.

    Args:
        probabilities: shape (crops, columns, classes).
        floor: classes below it are left out; of a column none may be left.
    """
    crops, columns, classes = probabilities.shape
    table = probabilities.reshape(-1, classes)
    steps = _steps_of_many(table, floor) if classes >= _MANY else _steps(table, floor)
    for place, step in enumerate(steps):
        if len(step) > _CHOICE:  # no print, but dirt: every character is as likely
            steps[place] = sorted(step, key=lambda item: -item[1])[:_CHOICE]
    return [list(steps[crop * columns : (crop + 1) * columns]) for crop in range(crops)]


def _steps(table: npt.NDArray[np.float32], floor: float) -> list[list[tuple[int, float]]]:
    """Returns the classes above `floor` of each row of `table`, shape (rows, classes)."""
    classes, flat = table.shape[1], table.reshape(-1)
    places = np.flatnonzero(flat > floor)
    steps: list[list[tuple[int, float]]] = [[] for _ in range(len(table))]
    rows, kinds = np.divmod(places, classes)
    for row, kind, value in zip(rows.tolist(), kinds.tolist(), flat[places].tolist(), strict=True):
        steps[row].append((kind, min(1.0, value)))
    return steps


def _steps_of_many(table: npt.NDArray[np.float32], floor: float) -> list[list[tuple[int, float]]]:
    """As `_steps`, for many classes: half of the rows are so surely blank that no other class of theirs is above the floor."""
    steps: list[list[tuple[int, float]]] = []
    for row, blank in zip(table, table[:, 0].tolist(), strict=True):
        if blank > 1.0 - _SHARE_LEFT * floor:
            steps.append([(0, min(1.0, blank))])
            continue
        kinds = np.flatnonzero(row > floor)
        steps.append([(kind, min(1.0, value)) for kind, value in zip(kinds.tolist(), row[kinds].tolist(), strict=True)])
    return steps


def folded(lattice: Sequence[Step], symbols: Mapping[int, int]) -> list[Step]:
    """Returns `lattice` with its classes renamed by `symbols`, those that become one summed, the others left out."""
    result: list[Step] = []
    for step in lattice:
        mass: dict[int, float] = {}
        for kind, value in step:
            symbol = symbols.get(kind)
            if symbol is not None:
                mass[symbol] = mass.get(symbol, 0.0) + value
        result.append(list(mass.items()))
    return result


def bound(lattice: Sequence[Step]) -> float:
    """Returns the logarithm of the mass that is left in `lattice`: no text of it can be more probable."""
    total = 0.0
    for step in lattice:
        mass = sum(value for _, value in step)
        if mass <= 0.0:
            return -math.inf
        total += math.log(mass)
    return min(0.0, total)


def beam(lattice: Sequence[Step], count: int) -> list[tuple[tuple[int, ...], float]]:
    """Returns the `count` most probable class sequences with their log-probabilities, best first; may be empty."""
    # Prefixes are nodes of a tree: node 0 is the empty prefix. With each of those kept go the probabilities that it ends in
    # a blank, and in its last character.
    tree = _Tree([0], [0], [None])
    alive: list[tuple[int, float, float]] = [(0, 1.0, 0.0)]
    scale = 0.0
    width = max(_WIDTH, 2 * count)
    for step in lattice:
        if len(step) == 1 and step[0][0] == 0:
            # Nothing but paper, as in every second column: no prefix grows.
            value = step[0][1]
            blank = {node: (p_blank + p_inked) * value for node, p_blank, p_inked in alive}
            inked: dict[int, float] = {}
            sums = blank
        else:
            blank, inked = _grown(alive, step, tree, width)
            sums = dict(inked)
            for node, mass in blank.items():
                sums[node] = mass + sums.get(node, 0.0)
        if not sums:
            return []
        best = max(sums.values())
        if best <= 0.0:
            return []
        least = best * _TAIL
        kept = sorted([(-mass, node) for node, mass in sums.items() if mass >= least])[:width]
        # Divided by the best at each column: a long line of doubtful print would leave the range of numbers.
        alive = [(node, blank.get(node, 0.0) / best, inked.get(node, 0.0) / best) for _, node in kept]
        scale += math.log(best)
    ranked = sorted(((p_blank + p_inked, node) for node, p_blank, p_inked in alive), key=lambda item: (-item[0], item[1]))
    return [(_path(node, tree), min(0.0, scale + math.log(mass))) for mass, node in ranked[:count]]


class _Tree(NamedTuple):
    """Prefixes as nodes: the node before each, its last class, and for each class the node that follows; most have none."""

    parent: list[int]
    last: list[int]
    children: list[dict[int, int] | None]


def _grown(
    alive: Sequence[tuple[int, float, float]], step: Step, tree: _Tree, width: int
) -> tuple[dict[int, float], dict[int, float]]:
    """Returns the probabilities of prefixes after one more column: of those that end in a blank, and in a character.

    New prefixes that cannot be among the best `width` are left out.
    """
    parent, last, children = tree
    paper = [value for kind, value in step if kind == 0]
    inks = [item for item in step if item[0] != 0]
    least = 0.0
    if len(alive) * len(inks) > _CROWD * width:
        # Dirt, or print upside down. Each prefix grows by each class, but for its own last one, which may go on in it.
        grown = sorted([(p_blank + p_inked) * value for _, p_blank, p_inked in alive for _, value in inks], reverse=True)
        least = grown[width + len(alive) - 1]
    blank: dict[int, float] = {}
    inked: dict[int, float] = {}
    for node, p_blank, p_inked in alive:
        total, tip = p_blank + p_inked, last[node]
        if paper:
            blank[node] = total * paper[0]
        known = children[node]
        if known is None:
            known = children[node] = {}
        for kind, value in inks:
            if kind == tip:
                # The same character goes on, unless a blank stood between.
                inked[node] = inked.get(node, 0.0) + p_inked * value
                reach = p_blank * value
            else:
                reach = total * value
            if reach <= 0.0:
                continue
            child = known.get(kind)
            if child is None:
                if reach < least:
                    continue
                known[kind] = child = len(parent)
                parent.append(node)
                last.append(kind)
                children.append(None)
                inked[child] = reach
            else:
                inked[child] = inked.get(child, 0.0) + reach
    return blank, inked


def _path(node: int, tree: _Tree) -> tuple[int, ...]:
    path: list[int] = []
    while node:
        path.append(tree.last[node])
        node = tree.parent[node]
    return tuple(reversed(path))
