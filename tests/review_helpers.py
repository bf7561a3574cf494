"""A folder of results made by hand for the tests of the review page: pictures, a text, and cells in doubt."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw
from starlette.testclient import TestClient

from pipeline.canon.schema import load_schemas
from pipeline.config import Config, Review
from pipeline.domain import (
    BBox,
    Candidate,
    CellRef,
    DocumentFacts,
    DocumentResult,
    Finding,
    LaneMatch,
    Matrix,
    MatrixCell,
    Origin,
    PageResult,
    Reading,
    Source,
    SourceKind,
    State,
)
from pipeline.review.guard import Access, hosts_of
from pipeline.review.server import create_app
from pipeline.store.files import publish_result, result_sizes, stage_result
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_rows import InputRow, Outcome

PORT = 8765
BASE = f"http://127.0.0.1:{PORT}"
NO_CHECKS = Review(sample_share=0.0, planted_share=0.0)
TABLE = next(t for s in load_schemas() for t in s.tables if (t.table, t.variant) == ("requests", "2019"))
ROWS, COLUMNS = [r.key for r in TABLE.rows], [c.key for c in TABLE.columns]
LEFT, TOP, WIDTH, HEIGHT = 120.0, 60.0, 60.0, 20.0
PAGE = (560.0, 600.0)
DPI = 144.0


def true_value(row: str, column: str) -> int:
    """What the report prints: three kinds of result, equations that hold."""
    each = {"natural_person": 21, "business": 4}
    n = sum(each.values()) if column == "total" else each.get(column, 0)
    parts = {"granted": n // 2, "denied_1": n - n // 2}
    if column == "total":
        parts = {k: sum(true_value(k, c) for c in each) for k in parts}
        n = sum(parts.values())
    return {"new": n, "total_results": n, **parts}.get(row, 0)


def flagged_places(count: int) -> list[tuple[str, str]]:
    """The cells in doubt: the misread one first, then others in a row-by-row order."""
    first = ("granted", "natural_person")
    rest = [(r, c) for r in ROWS for c in COLUMNS if (r, c) != first and c != "total"]
    return [first, *rest[: count - 1]] if count else []


def box(row: str, column: str) -> BBox:
    """Where a cell stands on the page, in points."""
    i, j = ROWS.index(row), COLUMNS.index(column)
    return BBox(LEFT + j * WIDTH, TOP + i * HEIGHT, LEFT + (j + 1) * WIDTH, TOP + (i + 1) * HEIGHT)


def matrix(flagged: int, origin: Origin, label: str | None = None) -> Matrix:
    """The table of requests with one cell misread (10 as 18) and `flagged` cells in doubt."""
    doubtful = flagged_places(flagged)

    def cell(row: str, column: str) -> MatrixCell:
        value = true_value(row, column)
        readings: tuple[Candidate, ...] = ()
        wrong = flagged and (row, column) == doubtful[0]
        if wrong:
            value, readings = 18, (Candidate("18", -0.9), Candidate("10", -1.1), Candidate("70", -4.0))
        review = (row, column) in doubtful
        confidence = 0.3 if wrong else 0.6 if review else 0.99
        place = {} if origin is Origin.SCRAPE else {"page_no": 1, "bbox": box(row, column)}
        reason = f"read as '{value}' with a probability of {confidence}" if review else None
        return MatrixCell(value, str(value), State.PRINTED, confidence, review, origin, reason=reason, readings=readings, **place)

    rows = tuple(LaneMatch(r.key, label if label and r.key == "granted" else r.label, 1.0, 0.5, True) for r in TABLE.rows)
    columns = tuple(LaneMatch(c.key, c.label, 1.0, 0.5, True) for c in TABLE.columns)
    cells = tuple(tuple(cell(r, c) for c in COLUMNS) for r in ROWS)
    return Matrix("requests", "cn-gov-disclosure", "2019", None, rows, columns, cells, 20.0, 1.0, None)


def draw(path: Path) -> None:
    """Draws the report as a picture."""
    scale = DPI / 72
    image = Image.new("RGB", (round(PAGE[0] * scale), round(PAGE[1] * scale)), "white")
    pen = ImageDraw.Draw(image)
    for row in ROWS:
        for column in COLUMNS:
            place = box(row, column)
            pen.rectangle([side * scale for side in (place.x0, place.top, place.x1, place.bottom)], outline="black")
            pen.text((place.x0 * scale + 40, place.top * scale + 8), str(true_value(row, column)), fill="black", font_size=24)
    image.save(path, dpi=(DPI, DPI))


def put(out: Path, path: Path, kind: SourceKind, found: Matrix, issuer: str = "泽州县人民政府", year: int = 2024,
    absent: tuple[str, ...] = (), second: bool = False,
) -> str:  # fmt: skip
    """Writes one document into a folder of results, as a run does; returns its id.

    Args:
        out: folder of results.
        path: of the source.
        kind: of the source.
        found: its table.
        issuer: as printed.
        year: as printed.
        absent: tables that were not found.
        second: whether its table stands twice.
    """
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    identity = f"{path.stem}~{digest[:8]}"
    source = Source(str(path), path.name, digest, len(data), kind, str(kind))
    size = PAGE if kind is SourceKind.IMAGE else (None, None)
    reading = Reading(source, (), (PageResult(1, str(kind), "ok", width_pt=size[0], height_pt=size[1]),))
    review = any(c.review for line in found.cells for c in line)
    findings: tuple[Finding, ...] = ()
    if review:
        refs = tuple(CellRef(identity, "requests", "granted", c) for c in COLUMNS)
        findings = (Finding("row_total", "undecided", "error", "row_total in granted: 20 is not 12", refs, 20, 12),)
    if second:
        at = (CellRef(identity, "requests", "new", "natural_person"),)
        findings += (Finding("second_candidate", "undecided", "note", "requests stands a second time in the document", at),)
    facts = DocumentFacts(issuer, year)
    status = "review" if review or absent or second else "accepted"
    result = DocumentResult(identity, source, facts, status, None, reading, (found,), findings, absent, (), ())
    row = InputRow.of(path.name, [path])
    with Ledger(out) as ledger:
        run = ledger.begin_run("ingest", "0", "code", "config", {}, 1, [row])
        staged = stage_result(out, result)
        with ledger.unit() as db:
            sizes = result_sizes(staged)
            publish_result(out, staged, identity)
            ledger.record(db, row, replace(result, reading=replace(reading, blocks=())), "null", Outcome(sizes=sizes), run)
        ledger.end_run(run, "done", 1.0)
    return identity


def make_out(
    folder: Path, flagged: Sequence[int] = (4,), text: str | None = None, certain: bool = False
) -> tuple[Path, list[str]]:
    """Makes a folder of results: a picture for each number of flagged cells.

    Args:
        folder: empty.
        flagged: cells in doubt in each picture.
        text: a label of a further document, a text, of which a cell is in doubt.
        certain: adds a text in which nothing is in doubt.
    """
    out, sources = folder / "out", folder / "sources"
    sources.mkdir(parents=True)
    out.mkdir()
    ids = []
    for number, count in enumerate(flagged):
        path = sources / f"picture-{number}.png"
        draw(path)
        path.write_bytes(path.read_bytes() + b"\0" * number)  # another content each
        ids.append(put(out, path, SourceKind.IMAGE, matrix(count, Origin.OCR), year=2020 + number))
    if text is not None:
        path = sources / "text.txt"
        path.write_text(f"标题\n{text} 18\n结束\n", encoding="utf8")
        found = matrix(1, Origin.SCRAPE, text)
        at = len(f"标题\n{text} ")
        line = list(found.cells[ROWS.index("granted")])
        line[0] = replace(line[0], char_span=(at, at + 2))
        cells = list(found.cells)
        cells[ROWS.index("granted")] = tuple(line)
        ids.append(put(out, path, SourceKind.TEXT, replace(found, cells=tuple(cells)), issuer=text))
    if certain:
        path = sources / "certain.txt"
        path.write_text("certain\n", encoding="utf8")
        ids.append(put(out, path, SourceKind.TEXT, matrix(0, Origin.SCRAPE)))
    return out, ids


class Person:
    """Somebody at the page, without a browser."""

    def __init__(self, app: object, name: str = "", base: str = BASE) -> None:
        self.client = TestClient(app, base_url=base, raise_server_exceptions=False)  # type: ignore[arg-type]
        self.csrf = self.get("/api/session").json()["csrf"]
        if name:
            self.csrf = self.post("/api/session", {"name": name}).json()["csrf"]

    def get(self, path: str, **given):
        return self.client.get(path, **given)

    def post(self, path: str, body: object, **headers: str):
        sent = {"origin": BASE, "x-gouji-csrf": self.csrf, **headers}
        return self.client.post(path, json=body, headers=sent)

    def next(self, after: dict | None = None, **filters):
        return self.post("/api/next", {"filters": filters, "after": after}).json()

    def answer(self, shown: dict, text: str = "", said: str = "value", state: str = "printed", **changed):
        return self.post("/api/answer", answer_body(shown, text, said, state, **changed))


def place_of(shown: dict) -> dict:
    return {name: shown["card"]["cell"][name] for name in ("document", "table", "row", "column")}


def answer_body(shown: dict, text: str = "", said: str = "value", state: str = "printed", **changed) -> dict:
    body = {
        **place_of(shown), "version": shown["card"]["cell"]["version"], "said": said, "entry": {"state": state, "text": text},
        "lease": shown["lease"].get("token", ""), "seconds": 1.5,
    }  # fmt: skip
    return {**body, **changed}


def app_of(out: Path, review: Review = NO_CHECKS, token: str | None = None, seed: int = 1):
    import random

    return create_app(out, Config(review=review), Access(hosts_of("127.0.0.1", PORT), token), random.Random(seed))
