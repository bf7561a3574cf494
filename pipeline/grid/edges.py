"""Rulings → merged edges → networks of edges that touch. Every step is a value that can be drawn."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.config import Pdf
from pipeline.domain import BBox, Ruling
from pipeline.geometry import connected

_DOT_PT, _FEW_DOTS = 2.0, 6


class Edge(NamedTuple):
    """A merged line: `at` is its constant coordinate, `start < end` its extent along the other axis, in points."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Network:
    """Edges that touch one another, directly or by others."""

    horizontals: tuple[Edge, ...]
    verticals: tuple[Edge, ...]

    @property
    def bbox(self) -> BBox:
        """Hull of all edges."""
        xs = [v.at for v in self.verticals] + [x for h in self.horizontals for x in (h.start, h.end)]
        ys = [h.at for h in self.horizontals] + [y for v in self.verticals for y in (v.start, v.end)]
        return BBox(min(xs), min(ys), max(xs), max(ys))


def rulings_to_edges(rulings: Iterable[Ruling], config: Pdf) -> tuple[list[Edge], list[Edge]]:
    """Merges rulings on one line that overlap or nearly touch; returns horizontals and verticals.

    Lines within `config.ruling_snap_pt` of one another count as one (double lines), gaps up to it are closed, and what
    is then shorter than `config.ruling_min_length_pt` is dropped.
    """
    sides: tuple[list[Edge], list[Edge]] = ([], [])
    for r in rulings:
        if r.x0 == r.x1 and r.top != r.bottom:
            sides[1].append(Edge(r.x0, r.top, r.bottom))
        else:
            sides[0].append(Edge(r.top, r.x0, r.x1))
    return _merge(sides[0], config), _merge(sides[1], config)


def _merge(edges: list[Edge], config: Pdf) -> list[Edge]:
    merged: list[Edge] = []
    for lane in group_near(sorted(edges), config.ruling_snap_pt):
        lane.sort(key=lambda e: e.start)
        batch = [lane[0]]
        end = lane[0].end
        for edge in lane[1:]:
            if edge.start - end > config.ruling_snap_pt:
                merged += [] if _are_specks(batch) else [_as_one(batch)]
                batch = []
            batch.append(edge)
            end = max(end, edge.end) if len(batch) > 1 else edge.end
        merged += [] if _are_specks(batch) else [_as_one(batch)]
    return [e for e in merged if e.end - e.start >= config.ruling_min_length_pt]


def _are_specks(batch: Sequence[Edge]) -> bool:
    """True for a few dots: those of dotted lines that cross or run side by side stand in line by accident."""
    few = len({round(e.start, 1) for e in batch}) < _FEW_DOTS
    return few and all(e.end - e.start <= _DOT_PT for e in batch)


def group_near(edges: Sequence[Edge], reach: float) -> list[list[Edge]]:
    """Groups edges sorted by `at`; no group is wider than `reach`."""
    groups: list[list[Edge]] = []
    for edge in edges:
        if groups and edge.at - groups[-1][0].at <= reach:
            groups[-1].append(edge)
        else:
            groups.append([edge])
    return groups


def _as_one(batch: list[Edge]) -> Edge:
    """One edge over all of `batch`, at the mean of their places weighted by length."""
    weight = sum(e.end - e.start + 0.01 for e in batch)
    at = sum(e.at * (e.end - e.start + 0.01) for e in batch) / weight
    return Edge(at, min(e.start for e in batch), max(e.end for e in batch))


def edges_to_networks(horizontals: Sequence[Edge], verticals: Sequence[Edge], reach: float) -> list[Network]:
    """Groups edges that cross or touch within `reach`, from top to bottom; lone edges are networks of their own."""
    n = len(horizontals)
    order = sorted(range(len(verticals)), key=lambda k: verticals[k].at)
    places = [verticals[k].at for k in order]
    touching = (
        (n + k, i)
        for i, h in enumerate(horizontals)
        for k in order[bisect_left(places, h.start - reach) : bisect_right(places, h.end + reach)]
        if verticals[k].start - reach <= h.at <= verticals[k].end + reach
    )
    networks = [
        Network(tuple(horizontals[i] for i in group if i < n), tuple(verticals[i - n] for i in group if i >= n))
        for group in connected(n + len(verticals), touching)
    ]
    return sorted(networks, key=lambda network: (network.bbox.top, network.bbox.x0))
