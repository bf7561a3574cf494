"""The generator says what it prints: truth, equations, printed mistakes, and sets that never meet."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from lxml.html import HtmlElement

from fixtures.gen import labels, printing
from fixtures.gen.equations import failed_equations
from fixtures.gen.figures import MAGNITUDES
from fixtures.gen.profiles import CHOICES, COUNTS, FONTS, SEEN_SETS, Profile, list_profiles
from fixtures.gen.report import Report, sample_report, truth_json
from fixtures.gen.sheets import art20_sheets, litigation_sheet, requests_sheet
from pipeline.config import DEFAULT
from pipeline.intake.pdf import iter_pages

GENERATED = Path(__file__).resolve().parent.parent / "fixtures" / "generated"
VARIANTS = [("2021", "2021"), ("2019", "2019"), ("2021", "2019"), ("2019", "2021")]
SETS = sorted(CHOICES)
COMMITTED = sorted(set(CHOICES) - {"tests"})


def read_printed(text: str) -> float | None:
    """What a person reads in a printed cell."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "")
    match = re.fullmatch(r"([-+增减]?)(\d+(?:\.\d+)?)(?:元|万元)?", plain)
    if match is None:
        assert text in ("", *printing.DASHES.values())
        return None
    return float(match[2]) * (-1 if match[1] in ("-", "减") else 1)


def balances(report: Report) -> bool:
    """Every equation of `requests`, written once more in the plainest way, a blank counting as 0."""
    table = report.tables["requests"]
    rows = {k: [v or 0 for v in r] for k, r in zip(table.rows, table.values, strict=True)}
    ends = [rows.pop(k) for k in ("new", "carried_in", "total_results", "carried_out")]
    sums = all(r[6] == sum(r[:6]) for r in (*rows.values(), *ends))
    new, carried_in, total, carried_out = ends
    columns = all(new[j] + carried_in[j] == total[j] + carried_out[j] for j in range(7))
    return sums and columns and all(sum(r[j] for r in rows.values()) == total[j] for j in range(7))


@pytest.mark.parametrize("magnitude", sorted(MAGNITUDES))
@pytest.mark.parametrize(("art20", "requests"), VARIANTS)
def test_equations_hold_without_mistakes(art20: str, requests: str, magnitude: str) -> None:
    for seed in range(30):
        report = sample_report(seed, art20_variant=art20, requests_variant=requests, magnitude=magnitude)
        assert balances(report)
        assert report.source_errors == ()


@pytest.mark.parametrize("zero_style", [z for z in printing.ZERO_STYLES if z != "no_row_totals"])
def test_printed_mistakes_are_listed(zero_style: str) -> None:
    for seed in range(20):
        clean = sample_report(seed, magnitude="county", zero_style=zero_style)
        wrong = sample_report(seed, magnitude="county", zero_style=zero_style, n_mistakes=2)
        assert clean.source_errors == ()
        assert len(wrong.source_errors) >= 2
        assert set(wrong.source_errors) == failed_equations(wrong.tables)
        changed = sum(a != b for t in clean.tables for a, b in zip(flat(clean, t), flat(wrong, t), strict=True))
        # A row that was left blank is printed whole once one of its details is not 0.
        assert changed == 2 or (changed > 2 and zero_style == "blank_details")


def flat(report: Report, table: str) -> list[float | None]:
    return [v for row in report.tables[table].values for v in row]


@pytest.mark.parametrize("set_name", SETS)
@pytest.mark.parametrize("kind", ["pdf", "html"])
def test_truth_is_what_is_printed(set_name: str, kind: str) -> None:
    for profile in list_profiles(set_name, kind, 120):
        report = profile.report()
        for table, truth in report.tables.items():
            for texts, values in zip(report.texts[table], truth.values, strict=True):
                assert [read_printed(t) for t in texts] == list(values), (profile.name, table)


def test_same_seed_same_report() -> None:
    for profile in list_profiles("reporting", "pdf", 20):
        assert profile.report() == profile.report()


def test_rows_of_the_official_formats() -> None:
    assert len(labels.REQUEST_ROWS["2019"]) == 23
    assert len(labels.REQUEST_ROWS["2021"]) == 25
    assert "art20_9" in sample_report(1, art20_variant="2019").tables
    assert "art20_9" not in sample_report(1, art20_variant="2021").tables


def test_sets_never_share_a_seed() -> None:
    seeds = [p.seed for s in SETS for kind in ("pdf", "html") for p in list_profiles(s, kind, 500)]
    assert len(seeds) == len(set(seeds)) == 34 * 500
    assert all(1000 <= p.seed < 2000 for kind in ("pdf", "html") for p in list_profiles("tuning", kind, 500))
    assert all(8000 <= p.seed < 9000 for kind in ("pdf", "html") for p in list_profiles("seen", kind, 500))
    assert all(190_000 <= p.seed < 191_000 for kind in ("pdf", "html") for p in list_profiles("reporting", kind, 500))


def test_reporting_has_what_tuning_lacks() -> None:
    tuning, reporting = CHOICES["tuning"], CHOICES["reporting"]
    assert len({f for _, f in FONTS["reporting"]} - {f for _, f in FONTS["tuning"]}) >= 2
    assert {"zebra", "horizontal"} <= set(reporting.borders) - set(tuning.borders)
    assert set(reporting.cut_labels) > set(tuning.cut_labels)
    assert len(SEEN_SETS) == 14
    for seen in SEEN_SETS:
        assert {"heavy_rows"} <= set(reporting.borders) - set(CHOICES[seen].borders)
        assert len({f for _, f in FONTS["reporting"]} - {f for _, f in FONTS[seen]}) >= 2
    assert not set(map(str, labels.MISTYPES_HELD_OUT.values())) & set(map(str, labels.MISTYPES_TUNING.values()))


def committed(kind: str, sets: Sequence[str] = COMMITTED) -> list[tuple[str, Profile]]:
    return [(s, p) for s in sets for p in list_profiles(s, kind)]


@pytest.mark.parametrize("set_name", COMMITTED)
def test_committed_files_are_complete(set_name: str) -> None:
    folder = GENERATED / set_name
    names = {p.name for kind in ("pdf", "html") for p in list_profiles(set_name, kind)}
    assert len(names) == sum(COUNTS[set_name])
    assert {f.name.removesuffix(".truth.json") for f in folder.glob("*.truth.json")} == names
    assert {f.stem for f in folder.iterdir() if f.suffix in (".pdf", ".html")} == names


@pytest.mark.parametrize(("set_name", "profile"), [*committed("pdf"), *committed("html")], ids=lambda x: getattr(x, "name", ""))
def test_committed_truth_is_the_sampled_one(set_name: str, profile: Profile) -> None:
    path = GENERATED / set_name / f"{profile.name}.truth.json"
    sampled = json.loads(json.dumps(truth_json(profile.report(), profile.name)))
    assert json.loads(path.read_text(encoding="utf8")) == sampled


def printed() -> list[tuple[str, Profile]]:
    """A quarter of the files of the newest sets; of those that have stood unchanged since they were checked so, some."""
    return [
        *committed("pdf", ("tuning", "reporting"))[::4],
        *committed("pdf", sorted(set(COMMITTED) - {"tuning", "reporting"}))[::16],
    ]


@pytest.mark.parametrize(("set_name", "profile"), printed(), ids=lambda x: getattr(x, "name", ""))
def test_committed_pdf_prints_every_number_whole(set_name: str, profile: Profile) -> None:
    """No number is wrapped, clipped or off the page: each is found as one word inside the page, parted by rulings."""
    found: Counter[str] = Counter()
    for page in iter_pages(GENERATED / set_name / f"{profile.name}.pdf", DEFAULT):
        boxes = [(w.text, w.bbox) for w in page.words]
        found.update(t for t, b in boxes if 0 <= b.x0 <= b.x1 <= page.width_pt and 0 <= b.top < page.height_pt)
    report = profile.report()
    wanted = Counter(t for texts in report.texts.values() for row in texts for t in row if t)
    assert not wanted - found


def test_reportlab_gives_the_same_bytes(tmp_path: Path) -> None:
    from fixtures.gen.render_pdf import render_pdf

    profile = list_profiles("tests", "pdf", 1)[0]
    assert profile.look is not None
    for name in ("a", "b"):
        render_pdf(profile.report(), profile.look, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def expand(table: HtmlElement) -> dict[tuple[int, int], str]:
    """The grid of an HTML table as a browser makes it; a spanning cell's text stands in each of its places."""
    grid: dict[tuple[int, int], str] = {}
    for i, row in enumerate(table.iter("tr")):
        j = 0
        for cell in row:
            while (i, j) in grid:
                j += 1
            for di in range(int(cell.get("rowspan", 1))):
                for dj in range(int(cell.get("colspan", 1))):
                    grid[i + di, j + dj] = "".join(cell.text_content().split())
            j += int(cell.get("colspan", 1))
    return grid


@pytest.mark.parametrize(("set_name", "profile"), committed("html"), ids=lambda x: getattr(x, "name", ""))
def test_committed_html_holds_every_cell(set_name: str, profile: Profile) -> None:
    """Decoded as declared and expanded as a browser does, each table has every text of its sheet in its place."""
    from lxml import html

    assert profile.dress is not None
    report = profile.report()
    data = (GENERATED / set_name / f"{profile.name}.html").read_bytes()
    page = html.fromstring(data.decode(profile.dress.encoding))
    tables = [expand(t) for t in page.iter("table") if t.find(".//table") is None]
    sheets = [*art20_sheets(report, profile.dress.art20_layout), requests_sheet(report, profile.dress.requests_header)]
    for sheet in (*sheets, litigation_sheet(report)):
        whole = {(r, c) for r in range(sheet.n_rows) for c in range(sheet.n_columns)}
        wanted = {(c.row, c.column): "".join(c.text.split()) for c in sheet.cells}
        assert any(set(t) == whole and all(t[k] == v for k, v in wanted.items()) for t in tables), sheet.name
