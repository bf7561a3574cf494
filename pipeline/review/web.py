"""The pages, the pictures on them, and the files that a page loads."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FunctionLoader, select_autoescape
from markupsafe import Markup

from pipeline.errors import DocumentError
from pipeline.review.calibration import calibration
from pipeline.review.desk import Desk, desk_of, person, progress, reviewer_or_none, words_of
from pipeline.review.guard import cookie
from pipeline.review.pictures import Place
from pipeline.review.places import spot_of, strip_of
from pipeline.review.problems import Problem
from pipeline.review.statistics import agreements, attention, silent_errors
from pipeline.review.words import LANGUAGES
from pipeline.store.ledger_cells import cells_of, pages_of
from pipeline.store.ledger_checks import results
from pipeline.store.ledger_lacking import lacking
from pipeline.store.ledger_queue import Filters, choices, disputed_cells, worklist
from pipeline.store.ledger_training import reviewer_counts

router = APIRouter()
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_SHOWN = 300
Text = Annotated[str, Query(max_length=300)]


@cache
def _static() -> dict[str, tuple[bytes, str]]:
    """Returns the files that pages load, by name: no name of a request is ever looked for on the disk."""
    folder = resources.files("pipeline.review") / "static"
    found = (f for f in folder.iterdir() if Path(f.name).suffix in _TYPES)
    return {f.name: (f.read_bytes(), _TYPES[Path(f.name).suffix]) for f in found}


@cache
def _templates() -> Environment:
    folder = resources.files("pipeline.review") / "templates"
    texts = {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(".html")}
    return Environment(
        loader=FunctionLoader(texts.get), autoescape=select_autoescape(default=True), trim_blocks=True, lstrip_blocks=True
    )


def page(request: Request, name: str, status: int = 200, **given: Any) -> HTMLResponse:
    """Returns a page; a language that was asked for is kept."""
    words, reviewer = words_of(request), reviewer_or_none(request)
    text = _templates().get_template(name).render(
        w=words, reviewer=reviewer, csrf=desk_of(request).access.csrf(reviewer), path=request.url.path,
        other_language=_other_language(request), json=_json, **given,
    )  # fmt: skip
    response = HTMLResponse(text, status)
    if request.query_params.get("lang") in LANGUAGES:
        response.headers.append("set-cookie", cookie("gouji_lang", words.language))
    return response


def _other_language(request: Request) -> str:
    """Returns the address of this page in the other language."""
    other = "en" if words_of(request).language == "zh" else "zh"
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in ("lang", "token")]
    return f"{request.url.path}?{urlencode([*kept, ('lang', other)])}"


def _json(value: Any) -> Markup:
    """Returns JSON that can stand in a script element: nothing in it ends the element."""
    text = json.dumps(value, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028"))


@router.get("/")
async def start(request: Request) -> Response:
    """The first page: who are you?"""
    return page(request, "start.html")


@router.get("/queue")
async def queue(
    request: Request,
    issuer: Text = "",
    year: Annotated[str, Query(pattern="^([0-9]{4})?$")] = "",
    table: Text = "",
    kind: Text = "",
    rule: Text = "",
    most: Annotated[float, Query(ge=0, le=1, allow_inf_nan=False)] = 1.0,
    sent_back: bool = False,
) -> Response:
    """The tables with something to look at."""
    desk = desk_of(request)
    if not reviewer_or_none(request):
        return RedirectResponse("/", 303)
    filters = Filters(
        issuer or None, int(year) if year else None, table or None, kind or None, rule or None, None, most, sent_back
    )
    works, wanting = worklist(desk.ledger, filters), lacking(desk.ledger, filters)
    set_ones = {"issuer": issuer, "year": year, "table": table, "kind": kind, "rule": rule}
    asked = {**set_ones, "most_confidence": most if most < 1 else "", "sent_back": "1" if sent_back else ""}
    query = urlencode({f"f_{name}": value for name, value in asked.items() if value})
    return page(
        request, "queue.html", works=works[:_SHOWN], more=max(0, len(works) - _SHOWN), lacking=wanting[:_SHOWN],
        chosen=set_ones, most=most,
        sent_back=sent_back, choices=choices(desk.ledger), query=query, progress=progress(desk, person(request), filters, works),
        to_find=len(wanting),
        cells=sum(w.open for w in works), tables=len(works), encode=urlencode,
    )  # fmt: skip


@router.get("/card")
async def card(request: Request) -> Response:
    """The page of cards; what it shows comes by the script."""
    if not reviewer_or_none(request):
        return RedirectResponse("/", 303)
    return page(request, "card.html")


@router.get("/table")
async def table(request: Request) -> Response:
    """The page of a table that was not found; what it shows comes by the script."""
    if not reviewer_or_none(request):
        return RedirectResponse("/", 303)
    return page(request, "table.html")


@router.get("/done")
async def done(request: Request) -> Response:
    """Nothing is left."""
    desk = desk_of(request)
    if not reviewer_or_none(request):
        return RedirectResponse("/", 303)
    left = progress(desk, person(request), Filters())
    counts = reviewer_counts(desk.ledger)
    wanting = len(lacking(desk.ledger, Filters()))
    return page(
        request,
        "done.html",
        progress=left,
        to_find=wanting,
        command=called_as(),
        total=sum(sum(c.values()) for c in counts.values()),
        out=desk.ledger.out,
    )


def called_as() -> str:
    """Returns how this program was called, so that what the page shows can be typed: `gouji`, or its place."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "gouji" and called.exists() else "gouji"


@router.get("/statistics")
async def statistics(request: Request) -> Response:
    """What the measuring cards say."""
    ledger = desk_of(request).ledger
    samples, planted, seconds = results(ledger, "sample"), results(ledger, "planted"), results(ledger, "second")
    silent, unsettled = silent_errors(samples)
    return page(
        request, "statistics.html", silent=silent, unsettled=unsettled, attention=attention(planted),
        agreements=agreements(seconds), disputes=disputed_cells(ledger), reviewers=reviewer_counts(ledger),
        calibration=calibration(ledger), encode=urlencode,
    )  # fmt: skip


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """A file of the page."""
    found = _static().get(name)
    if found is None:
        raise Problem("unknown", "There is no such file.")
    return Response(found[0], media_type=found[1], headers={"cache-control": "no-cache"})


@router.get("/image/crop")
async def crop(
    request: Request,
    document: Text,
    table: Text,
    row: Text,
    column: Text,
    view: Annotated[str, Query(pattern="^(crop|row)$")] = "crop",
    straight: bool = False,
) -> Response:
    """The surroundings of a cell as PNG."""
    desk = desk_of(request)
    person(request)
    cells = cells_of(desk.ledger, document, table)
    cell = next((c for c in cells if (c.row_key, c.column_key) == (row, column)), None)
    spot = None if cell is None else spot_of(cell, cells)
    width = None if spot is None else _page_width(desk, document, spot.page_no)
    if spot is None or width is None:
        raise Problem("unknown", "This cell has no place in a picture.")
    place = Place(spot.page_no, width, spot.bbox, spot.quad)
    key, paths, kind = _files(desk, document)
    return await _drawn("image/png", desk, desk.pictures.crop, key, paths, kind, place, view, straight)


@router.get("/image/strip")
async def strip(request: Request, document: Text, table: Text, row: Text, column: Text) -> Response:
    """The row of a cell as PNG, upright and straight."""
    desk = desk_of(request)
    person(request)
    cells = cells_of(desk.ledger, document, table)
    cell = next((c for c in cells if (c.row_key, c.column_key) == (row, column)), None)
    found = None if cell is None else strip_of(cell, cells)
    width = None if found is None else _page_width(desk, document, found.page_no)
    if found is None or width is None:
        raise Problem("unknown", "This row has no place in a picture.")
    key, paths, kind = _files(desk, document)
    return await _drawn("image/png", desk, desk.pictures.strip, key, paths, kind, found.page_no, width, found.quad)


@router.get("/image/page")
async def page_picture(
    request: Request,
    document: Text,
    page: Annotated[int, Query(ge=1, le=10**6)],
    turn: Annotated[int, Query(ge=0, le=270, multiple_of=90)] = 0,
) -> Response:
    """A page as JPEG, turned clockwise."""
    desk = desk_of(request)
    person(request)
    if _page_width(desk, document, page) is None:
        raise Problem("unknown", "There is no such page.")
    key, paths, kind = _files(desk, document)
    return await _drawn("image/jpeg", desk, desk.pictures.page, key, paths, kind, page, turn)


def _page_width(desk: Desk, document: str, page_no: int) -> float | None:
    """Returns the width of a page in points, or None where it has none."""
    return next((p.width_pt for p in pages_of(desk.ledger, document) if p.page_no == page_no), None) or None


def _files(desk: Desk, document: str) -> tuple[str, tuple[Path, ...], str]:
    """Returns digest, files and kind of a document that is as it was read; its paths come from the ledger alone."""
    found = desk.ledger.document(document)
    if found is None:
        raise Problem("unknown", "There is no such document.")
    state = desk.sources.state(found)
    if state != "ok":
        raise Problem("source", f"The source is {state}.", "Put it back where it was, or ingest it again.", {"state": state})
    return found.sha256 or "", tuple(Path(member) for member in found.members), found.kind


async def _drawn(media_type: str, desk: Desk, draw: Any, *given: Any) -> Response:
    """Has a picture drawn by the one thread that draws."""
    began = time.perf_counter()
    try:
        data = await asyncio.get_running_loop().run_in_executor(desk.pictures.pool, draw, *given)
    except DocumentError as error:
        raise Problem("source", error.message, error.advice, {"state": "broken"}) from error
    took = f"draw;dur={(time.perf_counter() - began) * 1000:.0f}"
    return Response(data, media_type=media_type, headers={"cache-control": "private, max-age=600", "server-timing": took})
