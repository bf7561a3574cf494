"""The inputs of the bench, each with its truth: seeds, twins, mangled text, and whatever else the generators make."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from bench.score import Place
from fixtures.gen.mangle import STRENGTHS, STYLES, text_case
from fixtures.gen.profiles import FIRST_SEEDS, Profile, list_profiles
from fixtures.gen.report import truth_json
from fixtures.gen.twins import SEEDS, load_seed, make_twin
from tests.conftest import find_shared_data

# Texts, web pages, scans and twins count from these; those from 20000 to 39999 were looked at.
FIRST_SEED = {name: FIRST_SEEDS[name] for name in ("tuning", "reporting")}
ROOT = Path(__file__).resolve().parents[1]


Grid = frozenset[tuple[int, int, int, int]]


@dataclass(frozen=True)
class Case:
    """One input.

    `kind` is what its row of the table is called, `file_name` carries the extension; a scan has `pages`, the number of
    `tables` of its print, and the `grids` of those that have all their rulings: the `(row, column, row span, column span)` of
    their cells.
    """

    kind: str
    name: str
    file_name: str
    data: bytes
    truth: dict[str, Any]
    lost: frozenset[Place] = frozenset()
    unplaced: frozenset[Place] = frozenset()
    detail: str = ""
    pages: int = 1
    tables: int = 0
    grids: tuple[Grid, ...] = ()


def seed_cases() -> Iterator[Case]:
    """The five seed reports."""
    for name in SEEDS:
        text, truth = load_seed(name)
        absent = ["art20_1", "art20_5", "art20_6", "art20_8", "art20_9"] if name == "nanzhao-2020" else []
        yield Case("seeds", name, f"{name}.txt", text.encode("utf8"), {**truth, "absent": absent})


def twin_cases(first_seed: int, count: int) -> Iterator[Case]:
    """`count` numbered twins of each seed, every other one balanced."""
    for name in SEEDS:
        text, truth = load_seed(name)
        for seed in range(first_seed, first_seed + count):
            twin, twin_truth = make_twin(text, truth, seed, balanced=seed % 2 == 0)
            yield Case("twins", f"{name}-twin-{seed}", f"{name}.txt", twin.encode("utf8"), twin_truth)


@cache
def _rota(chosen: str) -> list[tuple[str, str]]:
    """Strengths and styles in turn; undamaged comes as often as two strengths of damage."""
    strengths = ["undamaged", *STRENGTHS[chosen]]
    return [(strength, style) for strength in strengths for style in STYLES]


def text_cases(chosen: str, count: int, first_seed: int = 0) -> Iterator[Case]:
    """`count` mangled texts of the set `tuning` or `reporting`, from its own first seed unless another is given."""
    rota = _rota(chosen)
    first = first_seed or FIRST_SEED[chosen]
    for i in range(count):
        strength, style = rota[i % len(rota)]
        m = text_case(first + i, STRENGTHS[chosen], strength, style)
        kind = f"text {style} {'undamaged' if strength == 'undamaged' else 'damaged'}"
        yield Case(kind, m.name, f"{m.name}.txt", m.text.encode("utf8"), m.truth, m.lost, m.unplaced, strength)


def hongze_cases() -> Iterator[Case]:
    """The real five-page report, where it is there."""
    folder = find_shared_data()
    if folder is not None:
        truth = json.loads((folder / "real" / "hongze-2023.truth.json").read_text(encoding="utf8"))
        path = folder / "real" / "hongze-2023.pdf"
        yield Case("hongze", "hongze-2023", path.name, path.read_bytes(), truth)


def html_cases(chosen: str, count: int) -> Iterator[Case]:
    """At most `count` generated pages: tuning has the committed ones first, reporting makes all of its own seeds."""
    with tempfile.TemporaryDirectory() as folder:
        for i, profile in enumerate(list_profiles(chosen, "html", count)):
            if chosen == "reporting":
                seed = FIRST_SEED[chosen] + i
                profile = replace(profile, seed=seed, name=profile.name.replace(str(profile.seed), str(seed)))
            path = ROOT / "fixtures" / "generated" / chosen / f"{profile.name}.html"
            if not path.exists():
                from fixtures.gen.render_html import render_html

                path = Path(folder) / path.name
                assert profile.dress is not None
                render_html(profile.report(), profile.dress, path)
            yield _generated(profile, path, "html", f"site {profile.dress.site}" if profile.dress else "")


def pdf_cases(chosen: str, count: int) -> Iterator[Case]:
    """At most `count` of the committed PDFs: their fonts and browser need not be here."""
    for profile in list_profiles(chosen, "pdf", count):
        path = ROOT / "fixtures" / "generated" / chosen / f"{profile.name}.pdf"
        if path.exists() and profile.look is not None:
            yield _generated(profile, path, f"pdf {profile.look.producer}", f"border {profile.look.border}")


def _generated(profile: Profile, path: Path, kind: str, detail: str) -> Case:
    truth = {**truth_json(profile.report(), profile.name), "absent": []}
    return Case(kind, profile.name, path.name, path.read_bytes(), truth, detail=detail)


def speed_pdfs(most: int = 8) -> Iterator[Path]:
    """The PDFs on which speed is measured: real ones where they are there, and an even choice of the generated ones."""
    folder = find_shared_data()
    if folder is not None:
        yield folder / "real" / "hongze-2023.pdf"
        yield from sorted((folder / "real" / "budget").glob("*.pdf"), key=lambda p: p.stat().st_size)[:1]
    made = sorted((ROOT / "fixtures" / "generated" / "reporting").glob("*.pdf"))
    yield from made[:: max(1, len(made) // most)][:most]
