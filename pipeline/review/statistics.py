"""What the measuring cards say: agreement of two people, attention, and how often an accepted cell is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.store.ledger_checks import CheckResult


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its bounds; `low` and `high` are None where nothing was counted."""

    hits: int
    of: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two people agree on the same cells; `kappa` is None where both always say one thing."""

    first: str
    second: str
    cells: int
    agree: int
    kappa: float | None


def clopper_pearson(hits: int, of: int, confidence: float = 0.95) -> tuple[float | None, float | None]:
    """Returns the exact bounds of a share (C. J. Clopper and E. S. Pearson, Biometrika 26, 1934).

    Args:
        hits: how often it happened, 0 to `of`.
        of: how often it was looked at.
        confidence: of the interval, both sides together.
    """
    if of <= 0:
        return None, None
    from scipy.special import betaincinv  # type: ignore[import-untyped]

    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, of - hits + 1, tail))
    high = 1.0 if hits == of else float(betaincinv(hits + 1, of - hits, 1 - tail))
    return low, high


def rate(hits: int, of: int) -> Rate:
    """Returns a share with its bounds at 95 %."""
    return Rate(hits, of, *clopper_pearson(hits, of))


def cohen_kappa(pairs: Sequence[tuple[object, object]]) -> float | None:
    """Returns the agreement of two people beyond chance (J. Cohen, Educ. Psychol. Meas. 20, 1960).

    Args:
        pairs: for each cell what the one and the other said; each value is a category of its own.

    Returns:
        -1 to 1; None without pairs, or where both say the same one thing of every cell.
    """
    n = len(pairs)
    if not n:
        return None
    observed = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(first[k] * second[k] for k in first) / (n * n)
    return None if expected >= 1.0 else (observed - expected) / (1 - expected)


def agreements(seconds: Sequence[CheckResult]) -> list[Agreement]:
    """Returns the agreement of every pair of people on blind second entries, most cells first."""
    pairs: dict[tuple[str, str], list[tuple[object, object]]] = {}
    for result in seconds:
        first = result.check.first_reviewer or ""
        entries = ((result.check.value, result.check.state), (result.answer, result.answer_state))
        if first <= result.reviewer:
            pairs.setdefault((first, result.reviewer), []).append(entries)
        else:
            pairs.setdefault((result.reviewer, first), []).append((entries[1], entries[0]))
    found = [Agreement(a, b, len(p), sum(x == y for x, y in p), cohen_kappa(p)) for (a, b), p in pairs.items()]
    return sorted(found, key=lambda one: (-one.cells, one.first, one.second))


def silent_errors(samples: Sequence[CheckResult]) -> tuple[Rate, int]:
    """Returns how often an accepted cell was wrong, and how many disagreements nobody has settled yet.

    A disagreement counts as an error of the machine until a person has looked at both values and said that it was right.
    """
    wrong = [r for r in samples if not r.agrees and r.settled != (r.check.value, r.check.state)]
    return rate(len(wrong), len(samples)), sum(r.settled is None for r in wrong)


def attention(planted: Sequence[CheckResult]) -> dict[str, Rate]:
    """Returns for each person how often they saw that a planted number was wrong."""
    seen: Counter[str] = Counter(r.reviewer for r in planted)
    right: Counter[str] = Counter(r.reviewer for r in planted if r.agrees)
    return {name: rate(right[name], seen[name]) for name in sorted(seen)}
