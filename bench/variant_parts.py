"""What the variants share: their registers, and the draws of tables and figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from bench.variant_sheets import Box, Grid, Paper

Variant = Callable[[Paper, Random], None]
STRUCTURES: dict[str, Variant] = {}
WEB_STRUCTURES: dict[str, Variant] = {}


def structure(variant: Variant) -> Variant:
    """Registers a variant that any source can have."""
    STRUCTURES[variant.__name__] = variant
    return variant


def web(variant: Variant) -> Variant:
    """Registers a variant of web pages."""
    WEB_STRUCTURES[variant.__name__] = variant
    return variant


def some_grid(paper: Paper, rng: Random) -> Grid:
    """One of the tables, that of requests more often."""
    return rng.choice(paper.grids() + [paper.grid("requests")] * 2)


def number(rng: Random) -> str:
    """A figure that is none of the report's."""
    return str(rng.choice((0, rng.randint(1, 9), rng.randint(10, 999))))


def copy_of(grid: Grid) -> Grid:
    """The same table once more."""
    return replace(grid, boxes=[replace(b) for b in grid.boxes], above=list(grid.above), beside=None)


def other_of(grid: Grid, rng: Random) -> Grid:
    """The same table with other figures, which are no cells of the report."""
    other = copy_of(grid)
    for box in other.figures():
        if isinstance(box.value, int):
            box.text = str(abs(box.value) + rng.randint(1, 9))
        box.place = box.value = None
    return other


def row_of(grid: Grid, at: int, label: str, text: Callable[[int], str]) -> list[Box]:
    """A row of a label and figures."""
    first = grid.first_figure_column()
    front = [Box(at, 0, 1, first, label, "label")] if first else []
    return [*front, *(Box(at, c, 1, 1, text(c), "number") for c in range(first, grid.n_columns))]
