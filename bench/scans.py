"""The scanned inputs of the bench: generated reports, printed twins of the seeds, and the real report, all degraded."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.cases import Case, Grid, hongze_cases, pdf_cases
from bench.degrade import NAMES, degrade_pdf
from bench.picture import encode_pages
from bench.reading import Outcome, read_case
from bench.score import Tally
from bench.tables import share
from fixtures.gen.looks import Look
from fixtures.gen.profiles import FIRST_SEEDS
from fixtures.gen.report import Report, TruthTable, sample_report
from fixtures.gen.twins import SEEDS, Truth, load_seed, make_twin

PER_PROFILE = {"tuning": 3, "reporting": 4}
HEADER = ("scans", "docs", "pages", "tables found", "grids right", "too many", "cells", "exact", "non-zero exact",
          "silent", "flagged", "review", "crash", "s/page")  # fmt: skip
# As the seeds were printed: headers of one character a line or two, fifteen narrow columns of `litigation`.
TWIN_LOOKS: dict[str, tuple[Look, ...]] = {
    "tuning": (
        Look("reportlab", "wqy", header="vertical", group="results", label_em=22, table_pt=9, page_number="dash"),
        Look("reportlab", "wqy", header="stacked", group="results", label_em=20, table_pt=8, number_align="center"),
    ),
    "reporting": (
        Look("reportlab", "uming", header="vertical", group="vertical", label_em=20, table_pt=9, cut_ruling=False),
        Look("reportlab", "wqy", header="stacked", group="results", label_em=22, table_pt=8.5, cut_label="split"),
    ),
}


@dataclass(frozen=True)
class Print:
    """A report as PDF, before it is scanned."""

    name: str
    data: bytes
    truth: dict[str, Any]
    detail: str

    @cached_property
    def tables(self) -> tuple[int, tuple[Grid, ...]]:
        """How many tables it has, and the grids of those with all their rulings, from its text layer and vector lines.

        0 and none where a cell is read wrong even so: what the scan should give is then not known.
        """
        outcome = read_case(Case("pdf", self.name, f"{self.name}.pdf", self.data, self.truth))
        known = outcome.score.tally.exact == outcome.score.tally.cells
        return (len(outcome.grids), outcome.ruled) if known else (0, ())


def scan_cases(chosen: str, per_profile: int = 0, profiles: Sequence[str] = ()) -> Iterator[Case]:
    """Yields `per_profile` scans for each profile, and all seeds' layouts at 200 dpi; with truth from the print.

    Args:
        chosen: the set of reports; strengths of damage are those of reporting but for `tuning`.
        per_profile: scans of generated reports for each profile; that of `PER_PROFILE` where 0.
        profiles: those that are wanted, `twins` for the seeds' layouts; all where empty.
    """
    strengths = "tuning" if chosen == "tuning" else "reporting"
    count = per_profile or PER_PROFILE[strengths]
    generated = [Print(c.name, c.data, c.truth, c.detail) for c in pdf_cases(chosen, 500)]
    real = [Print(c.name, c.data, c.truth, "real") for c in hongze_cases()]
    seed = FIRST_SEEDS[chosen]
    for k, profile in enumerate(NAMES):
        if profiles and profile not in profiles:
            continue
        # Each profile begins at another report, so that together they see all of them.
        prints = [generated[(k * count + i) % len(generated)] for i in range(count)] if generated else []
        twin = twin_print(SEEDS[k % len(SEEDS)], seed + k, strengths)
        for i, item in enumerate([*prints, twin, *real]):
            yield _case(item, profile, seed + i, strengths, f"scan {profile}")
    for k, name in enumerate(SEEDS if not profiles or "twins" in profiles else ()):
        twin = twin_print(name, seed + 50 + k, strengths)
        yield _case(twin, "office_200", seed + 50 + k, strengths, "scan twins office_200")


def _case(item: Print, profile: str, seed: int, chosen: str, kind: str) -> Case:
    """Scans a print; every fifth of those that a machine makes is a TIFF."""
    pages = degrade_pdf(item.data, profile, seed, chosen)
    suffix = "tif" if seed % 5 == 4 and profile != "photo" else "pdf"
    name = f"{item.name}-{profile}"
    count, grids = item.tables
    return Case(kind, name, f"{name}.{suffix}", encode_pages(pages, suffix), item.truth, detail=item.detail, pages=len(pages),
                tables=count, grids=grids)  # fmt: skip


def twin_print(name: str, seed: int, chosen: str) -> Print:
    """Prints a numbered twin of a seed in the look of the seeds.

    Args:
        name: a member of `SEEDS`.
        seed: of its figures; even ones are balanced.
        chosen: the set whose looks are used.
    """
    from fixtures.gen.render_pdf import render_pdf

    text, truth = load_seed(name)
    _, twin = make_twin(text, truth, seed, balanced=seed % 2 == 0)
    report = _report(twin, seed)
    look = TWIN_LOOKS[chosen][seed % len(TWIN_LOOKS[chosen])]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "twin.pdf"
        render_pdf(report, look, path)
        data = path.read_bytes()
    tables = {
        k: {"rows": list(t.rows), "columns": list(t.columns), "values": [list(r) for r in t.values]}
        for k, t in report.tables.items()
    }
    full = {**twin, "tables": tables, "absent": [], "source_errors": []}
    return Print(f"{name}-twin-{seed}", data, full, f"twin {look.header}")


def _report(twin: Truth, seed: int) -> Report:
    """Puts the figures of a twin into a report; tables that the twin has lost keep generated ones."""
    tables = twin["tables"]
    requests = "2021" if "other_1" in tables["requests"]["rows"] else "2019"
    art20 = "2019" if "newly_made" in tables.get("art20_1", {}).get("columns", ()) else "2021"
    report = sample_report(seed, art20_variant=art20, requests_variant=requests)
    printed = {k: (t["rows"], t["columns"], t["values"]) for k, t in tables.items()}
    for key, table in report.tables.items():
        printed.setdefault(key, (table.rows, table.columns, table.values))
    ordered = {k: printed[k] for k in report.tables}
    return replace(
        report,
        tables={k: TruthTable(tuple(r), tuple(c), tuple(map(tuple, v))) for k, (r, c, v) in ordered.items()},
        texts={k: tuple(tuple(_text(n) for n in row) for row in v) for k, (_, _, v) in ordered.items()},
    )


def _text(value: float | None) -> str:
    """Prints a number as the seeds do; "" for a blank."""
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def scan_rows(outcomes: Sequence[Outcome]) -> list[list[str]]:
    """Returns one row for each profile, and three below: office profiles, the others, and all."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.case.kind.removeprefix("scan "), []).append(outcome)
    office = [o for k, members in groups.items() if k.startswith(("clean", "office", "twins")) for o in members]
    others = [o for k, members in groups.items() if not k.startswith(("clean", "office", "twins")) for o in members]
    ends = [("office profiles", office), ("other profiles", others), ("ALL SCANS", list(outcomes))]
    return [_row(name, members) for name, members in [*groups.items(), *ends] if members]


def _row(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    t = sum((o.score.tally for o in outcomes), Tally())
    pages = sum(o.case.pages for o in outcomes)
    found = [table_found(o, key) for o in outcomes for key in o.case.truth["tables"]]
    known = [o for o in outcomes if o.case.tables]
    right = sum(grids_right(o) for o in known)
    return [
        name, str(t.documents), str(pages), share(sum(found), len(found)),
        share(right, sum(len(o.case.grids) for o in known)), str(sum(max(0, len(o.grids) - o.case.tables) for o in known)),
        str(t.cells), share(t.exact, t.cells),
        share(t.nonzero_exact, t.nonzero), str(t.silent), str(t.flagged), share(t.review, t.cells), str(t.crashed),
        f"{sum(o.seconds for o in outcomes) / max(1, pages):.2f}",
    ]  # fmt: skip


def table_found(outcome: Outcome, key: str) -> bool:
    """True where a document has a matrix for a table of its truth, with the truth's rows and columns."""
    truth = outcome.case.truth["tables"][key]
    wanted = (key, truth["rows"], truth["columns"])
    return any((m["table"], m["rows"], m["columns"]) == wanted for m in (outcome.document or {}).get("matrices", ()))


def grids_right(outcome: Outcome) -> int:
    """Counts the tables of a print that were found with every cell in its row and column and with its spans."""
    left = Counter(outcome.grids)
    return sum((Counter(outcome.case.grids) & left).values())
