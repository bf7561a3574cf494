"""What the scripts of the page ask for and change. Every change is a POST that the guard has let in."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from pipeline.review.answers import (
    last_act,
    lease_error,
    require_lease,
    save,
    save_check,
    save_row,
    take_back,
)
from pipeline.review.bodies import (
    AnswerBody,
    Body,
    CardBody,
    CellBody,
    CheckBody,
    HeldBody,
    LeaseBody,
    NameBody,
    NextBody,
    RowBody,
    SettleBody,
    StateBody,
    TableBody,
    TypedBody,
)
from pipeline.review.cards import Subject, card_json, find_subject, why_json
from pipeline.review.desk import Desk, Json, desk_of, person, progress, reviewer_or_none, words_of
from pipeline.review.flow import Next, next_card, walk
from pipeline.review.guard import clean_name, cookie
from pipeline.review.problems import Problem
from pipeline.review.reasons import in_language
from pipeline.review.whole import find_lacking, save_table, settle_table, unsettle_table, whole_json
from pipeline.store.ledger_cells import cell_of, tables_of
from pipeline.store.ledger_checks import check_named
from pipeline.store.ledger_lacking import Lacking, lacking
from pipeline.store.ledger_queue import Filters, worklist
from pipeline.store.ledger_review import (
    LeaseError,
    release_lease,
    renew_lease,
    set_review_state,
    take_lease,
)
from pipeline.store.whole_tables import WHOLE

router = APIRouter(prefix="/api")


@router.get("/session")
async def session(request: Request) -> Json:
    """Tells who asks, and gives the mark that changes must carry."""
    name = reviewer_or_none(request)
    return {"reviewer": name, "csrf": desk_of(request).access.csrf(name)}


@router.post("/session")
async def begin(request: Request, response: Response, body: NameBody) -> Json:
    """Takes the name of a person."""
    name = clean_name(body.name)
    if not name:
        raise Problem("invalid", "This is no name.", "Give the name under which your answers are kept.")
    response.headers.append("set-cookie", cookie("gouji_reviewer", name))
    return {"reviewer": name, "csrf": desk_of(request).access.csrf(name)}


@router.post("/next")
async def next_one(request: Request, body: NextBody) -> Json:
    """Returns the next card with a hold on its table, or what is left where there is none."""
    desk, who, filters = desk_of(request), person(request), body.filters.filters()
    after = None if body.after is None else (body.after.document, body.after.table, body.after.row, body.after.column)
    works = worklist(desk.ledger, filters)
    found = next_card(desk.ledger, who, filters, desk.config.review, desk.chance, works, after)
    passed = {(one.document, one.table) for one in body.passed}
    table = _table_to_look_for(desk, who, filters, passed, body.after, found)
    if table is not None:
        return {"card": None, "table": {"document": table.document, "table": table.table}}
    shown = {"card": None} if found is None else _with_lease(request, found.subject, found.why, who)
    return {**shown, "progress": progress(desk, who, filters, works)}


def _table_to_look_for(
    desk: Desk, who: str, filters: Filters, passed: set[tuple[str, str]], after: CellBody | None, found: Next | None
) -> Lacking | None:
    """Returns a table to look for where a document has no more cells for a person: it stays together, tables come last."""
    if found is not None and (found.subject.check is not None or after is None or found.subject.document.id == after.document):
        return None
    wanted = filters if found is None or after is None else replace(filters, document=after.document)
    return next(
        (one for one in lacking(desk.ledger, wanted) if one.holder in (None, who) and (one.document, one.table) not in passed),
        None,
    )


@router.post("/card")
async def one_card(request: Request, body: CardBody) -> Json:
    """Returns the card of a cell, or of the one beside it in its table."""
    desk, who = desk_of(request), person(request)
    place = (body.document, body.table, body.row, body.column)
    if body.step:
        moved = walk(desk.ledger, *place, body.step)
        if moved is None:
            raise Problem("nothing", "The table ends here.")
        place = moved
    subject = find_subject(desk.ledger, *place)
    if subject is None:
        raise Problem("unknown", "There is no such cell.", "Go to the queue.")
    shown = _with_lease(request, subject, why_json(subject), who)
    return {**shown, "progress": progress(desk, who, body.filters.filters())}


@router.post("/answer")
async def answer(request: Request, body: AnswerBody) -> Json:
    """Keeps what a person says of a cell."""
    return save(desk_of(request).ledger, body.answer(), person(request))


@router.post("/row")
async def row(request: Request, body: RowBody) -> Json:
    """Keeps the values of a row that was pasted from a spreadsheet."""
    answers = [one.answer() for one in body.answers]
    if len({(a.document, a.table, a.row) for a in answers}) != 1 or len({a.column for a in answers}) != len(answers):
        raise Problem("invalid", "These are not the cells of one row.", "Paste one row.")
    return save_row(desk_of(request).ledger, answers, person(request))


@router.post("/check")
async def check(request: Request, body: CheckBody) -> Json:
    """Keeps the answer to a card that measures."""
    ledger, who = desk_of(request).ledger, person(request)
    found = check_named(ledger, body.check)
    if found is None:
        raise Problem("unknown", "There is no such card, or it is answered.", "Go on with the next one.")
    return save_check(ledger, found, body.entry.entry(), body.said, who, body.seconds)


@router.post("/undo")
async def undo(request: Request, body: Body) -> Json:
    """Takes the person's last answer back."""
    return _taken_back(request, redo=False)


@router.post("/redo")
async def redo(request: Request, body: Body) -> Json:
    """Brings back what the person took back last."""
    return _taken_back(request, redo=True)


@router.post("/lease")
async def lease(request: Request, body: LeaseBody) -> Json:
    """Gives a hold on a table; taking it from another person is logged."""
    desk, who = desk_of(request), person(request)
    _require_table(desk, body)
    try:
        held = take_lease(desk.ledger, body.document, body.table, who, desk.config.review.lease_s, body.takeover)
    except LeaseError as error:
        raise lease_error(error) from error
    return {"lease": {"token": held.token, "until": held.expires_at}}


@router.post("/heartbeat")
async def heartbeat(request: Request, body: HeldBody) -> Json:
    """Prolongs a hold."""
    desk, who = desk_of(request), person(request)
    require_lease(desk.ledger, body.document, body.table, body.lease, who)
    held = renew_lease(desk.ledger, body.document, body.table, body.lease, desk.config.review.lease_s)
    if held is None:
        raise Problem("lease", "Your hold on this table has ended.", "Load the card again.", {"holder": None})
    return {"lease": {"token": held.token, "until": held.expires_at}}


@router.post("/release")
async def release(request: Request, body: HeldBody) -> Json:
    """Gives a table back."""
    desk, who = desk_of(request), person(request)
    require_lease(desk.ledger, body.document, body.table, body.lease, who)
    return {"released": release_lease(desk.ledger, body.document, body.table, body.lease)}


@router.post("/document")
async def document(request: Request, body: StateBody) -> Json:
    """Marks a document done, sends it back for a new reading, or opens it again."""
    desk, who = desk_of(request), person(request)
    if desk.ledger.document(body.document) is None:
        raise Problem("unknown", "There is no such document.", "Go to the queue.")
    reason = body.reason
    if body.cell is not None:
        cell = cell_of(desk.ledger, body.cell.document, body.cell.table, body.cell.row, body.cell.column)
        if cell is None or cell.document_id != body.document:
            raise Problem("unknown", "There is no such cell.", "Go to the queue.")
        reason = f"{cell.table}.{cell.row_key}.{cell.column_key}: {reason or 'wrong table or shifted'}"
        require_lease(desk.ledger, body.document, cell.table, body.lease or "", who)
    set_review_state(desk.ledger, body.document, body.state, who, reason)
    return {"document": body.document, "state": body.state}


@router.post("/table")
async def table(request: Request, body: TableBody) -> Json:
    """Returns what there is to see of a table that was not found or stands twice, and a hold on it."""
    desk, who = desk_of(request), person(request)
    found = find_lacking(desk.ledger, body.document, body.table, whole=True)
    return {"whole": whole_json(desk.ledger, desk.sources, found), "lease": _lease(desk, found.document, found.table, who)}


@router.post("/table/save")
async def save_typed(request: Request, body: TypedBody) -> Json:
    """Keeps a table that was typed."""
    desk, who = desk_of(request), person(request)
    found = find_lacking(desk.ledger, body.document, body.table, whole=True)
    said = [(one.row, one.column, one.entry.entry()) for one in body.cells]
    return save_table(desk.ledger, found, body.variant, said, body.lease, who, body.seconds)


@router.post("/table/settle")
async def settle(request: Request, body: SettleBody) -> Json:
    """Keeps that a table is not printed, or that the one taken is right."""
    desk, who = desk_of(request), person(request)
    return settle_table(desk.ledger, find_lacking(desk.ledger, body.document, body.table), body.lease, who, body.seconds)


def _taken_back(request: Request, redo: bool) -> Json:
    ledger, who = desk_of(request).ledger, person(request)
    lasts = last_act(ledger, who, redo)
    if lasts[0].row == WHOLE:
        return unsettle_table(ledger, lasts[0], who, redo)
    return take_back(ledger, who, lasts, redo)


def _require_table(desk: Desk, body: TableBody) -> None:
    if any(t.key == body.table for t in tables_of(desk.ledger, body.document)):
        return
    wanted = Filters(document=body.document, table=body.table, sent_back=True)
    if not lacking(desk.ledger, wanted):
        raise Problem("unknown", "There is no such table.", "Go to the queue.")


def _with_lease(request: Request, subject: Subject, why: list[Json], who: str) -> Json:
    """Returns a card, and the hold of the person on its table or who else has it; a measuring card needs none."""
    desk, language = desk_of(request), words_of(request).language
    why = [{**one, "text": in_language(one["text"], language)} if one["kind"] == "doubt" else one for one in why]
    card = card_json(desk.ledger, desk.sources, subject, why)
    if subject.check is not None:
        return {"card": card, "lease": {"token": "", "until": None}}
    return {"card": card, "lease": _lease(desk, subject.document.id, subject.table.key, who)}


def _lease(desk: Desk, document: str, table: str, who: str) -> Json:
    """Takes a table for a person; returns the hold, or who else has it."""
    try:
        held = take_lease(desk.ledger, document, table, who, desk.config.review.lease_s)
    except LeaseError as error:
        return {"holder": error.lease.reviewer, "until": error.lease.expires_at}
    return {"token": held.token, "until": held.expires_at}
