"""Whole tables and rows: tables that were not found, tables that stand twice, rows taken at once, and their undo."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from review_helpers import COLUMNS, Person, app_of, draw, make_out, matrix, place_of, put, true_value

from pipeline.domain import Origin, SourceKind
from pipeline.store.files import MATRICES, read_json
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cells_of, corrections_of
from pipeline.store.ledger_lacking import lacking, restore_tables
from pipeline.store.ledger_queue import Filters
from pipeline.store.whole_tables import WHOLE, schemas_of

LITIGATION = schemas_of("litigation")[0]
PLACES = [(r.key, c.key) for r in LITIGATION.rows for c in LITIGATION.columns]


def lacking_out(folder, flagged: int = 0, second: bool = False, absent: tuple[str, ...] = ("litigation",)):
    """A picture whose table of litigation was not found."""
    out, sources = folder / "out", folder / "sources"
    out.mkdir()
    sources.mkdir()
    draw(sources / "p.png")
    return out, put(out, sources / "p.png", SourceKind.IMAGE, matrix(flagged, Origin.OCR), absent=absent, second=second)


def opened(person: Person, document: str, table: str = "litigation") -> dict:
    return person.post("/api/table", {"document": document, "table": table}).json()


def typed(shown: dict, document: str, values: dict, **changed) -> dict:
    cells = [{"row": r, "column": c, "entry": {"state": "printed", "text": str(v)}} for (r, c), v in values.items()]
    lease = shown["lease"].get("token", "")
    body = {"document": document, "table": "litigation", "variant": LITIGATION.variant, "cells": cells, "lease": lease}
    return {**body, "seconds": 30.0, **changed}


def zeros() -> dict:
    return dict.fromkeys(PLACES, 0)


def published(out, document: str) -> dict:
    return read_json(out / document / MATRICES)


def test_a_table_that_was_not_found_is_asked_for_after_the_cells_of_its_document(tmp_path):
    out, document = lacking_out(tmp_path, flagged=1)
    person = Person(app_of(out), "Jia")
    first = person.next()
    assert first["card"]["cell"]["table"] == "requests"
    person.answer(first, "10")
    shown = person.next(place_of(first))
    assert shown["card"] is None and shown["table"] == {"document": document, "table": "litigation"}
    assert "not found" in person.get("/queue?lang=en").text and person.get("/table").status_code == 200
    passed = person.post("/api/next", {"filters": {}, "after": None, "passed": [shown["table"]]}).json()
    assert passed["card"] is None and "table" not in passed
    whole = opened(person, document)["whole"]
    assert whole["what"] == "absent" and whole["page"] == 1 and len(whole["pages"]) == 1
    assert {f["variant"] for f in whole["formats"]} == {s.variant for s in schemas_of("litigation")}


def test_a_typed_table_is_a_matrix_at_once_and_one_undo_takes_it_back(tmp_path):
    out, document = lacking_out(tmp_path)
    person = Person(app_of(out), "Jia")
    shown = opened(person, document)
    values = zeros()
    left_out = PLACES[-1]
    del values[left_out]
    done = person.post("/api/table/save", typed(shown, document, values)).json()
    assert (done["saved"], done["left"]) == (len(PLACES) - 1, 1)
    data = published(out, document)
    found = next(m for m in data["matrices"] if m["table"] == "litigation")
    assert data["absent"] == [] and data["status"] == "review"
    cells = [cell for line in found["cells"] for cell in line]
    assert [c["value"] for c in cells] == [0] * (len(PLACES) - 1) + [None]
    assert {c["origin"] for c in cells} == {"review"} and cells[-1]["state"] == "missing" and cells[-1]["review"]
    # What was left out is a card; with it the document is done.
    card = person.next()
    assert (card["card"]["cell"]["row"], card["card"]["cell"]["column"]) == left_out
    assert person.answer(card, "0").status_code == 200
    assert published(out, document)["status"] == "accepted"
    person.post("/api/undo", {})
    undone = person.post("/api/undo", {}).json()
    assert undone["cells"] == len(PLACES) - 1
    states = {
        c["state"] for m in published(out, document)["matrices"] if m["table"] == "litigation" for x in m["cells"] for c in x
    }
    assert states == {"missing"}
    assert person.post("/api/redo", {}).json()["cells"] == len(PLACES) - 1
    with Ledger(out) as ledger:
        assert {c.seconds for c in corrections_of(ledger, document) if c.action == "value"} == {2.1, 1.5}


def test_a_typed_table_outlives_a_new_reading(tmp_path):
    out, document = lacking_out(tmp_path)
    person = Person(app_of(out), "Jia")
    person.post("/api/table/save", typed(opened(person, document), document, zeros()))
    put(out, tmp_path / "sources" / "p.png", SourceKind.IMAGE, matrix(0, Origin.OCR), absent=("litigation",))
    with Ledger(out) as ledger:
        assert cells_of(ledger, document, "litigation") == []
    Person(app_of(out), "Yi")
    with Ledger(out) as ledger:
        cells = cells_of(ledger, document, "litigation")
        assert {c.value for c in cells} == {0} and {c.correction.reviewer for c in cells if c.correction} == {"Jia"}
        assert restore_tables(ledger) == []
    data = published(out, document)
    assert data["absent"] == [] and {m["table"] for m in data["matrices"]} == {"requests", "litigation"}


def test_a_table_is_not_printed_until_that_is_undone(tmp_path):
    out, document = lacking_out(tmp_path)
    person = Person(app_of(out), "Jia")
    body = {"document": document, "table": "litigation", "lease": opened(person, document)["lease"]["token"], "seconds": 4.0}
    assert person.post("/api/table/settle", body).json()["settled"] == "printed_so"
    with Ledger(out) as ledger:
        assert lacking(ledger, Filters()) == []
        said = corrections_of(ledger, document)[-1]
    assert (said.row, said.column, said.action, said.reviewer) == (WHOLE, WHOLE, "printed_so", "Jia")
    assert "All done" in person.get("/done?lang=en").text
    assert person.post("/api/undo", {}).json()["table"] == {"document": document, "table": "litigation", "open": True}
    with Ledger(out) as ledger:
        assert [one.table for one in lacking(ledger, Filters())] == ["litigation"]
    assert person.post("/api/redo", {}).json()["table"]["open"] is False
    with Ledger(out) as ledger:
        assert lacking(ledger, Filters()) == []


def test_a_table_that_stands_twice_is_shown_and_settled(tmp_path):
    out, document = lacking_out(tmp_path, second=True, absent=())
    person = Person(app_of(out), "Jia")
    assert person.next()["table"] == {"document": document, "table": "requests"}
    shown = opened(person, document, "requests")
    assert shown["whole"]["what"] == "second" and len(shown["whole"]["taken"]["cells"][0]) == len(COLUMNS)
    body = {"document": document, "table": "requests", "lease": shown["lease"]["token"], "seconds": 1.0}
    assert person.post("/api/table/settle", body).json()["settled"] == "confirm"
    assert "table" not in person.next()


def test_a_table_that_is_there_is_typed_as_a_whole(tmp_path):
    out, document = lacking_out(tmp_path, flagged=4, absent=())
    person = Person(app_of(out), "Jia")
    shown = opened(person, document, "requests")
    whole = shown["whole"]
    assert whole["what"] == "whole" and [f["variant"] for f in whole["formats"]] == ["2019"]
    assert sum(cell["open"] for line in whole["taken"]["cells"] for cell in line) == 4
    values = {("granted", c): true_value("granted", c) for c in COLUMNS}
    body = typed(shown, document, values, table="requests", variant="2019")
    assert person.post("/api/table/save", {**body, "variant": "2021"}).json()["error"]["code"] == "invalid"
    done = person.post("/api/table/save", body).json()
    assert done["saved"] == len(COLUMNS) and 0 < done["left"] < 4
    with Ledger(out) as ledger:
        said = corrections_of(ledger, document)
    assert [c.action for c in said] == ["value", *["confirm"] * (len(COLUMNS) - 1)]
    settle = {"document": document, "table": "requests", "lease": shown["lease"]["token"], "seconds": 1.0}
    assert person.post("/api/table/settle", settle).json()["error"]["code"] == "unknown"


def test_two_people_and_forged_requests_are_refused(tmp_path):
    out, document = lacking_out(tmp_path)
    app = app_of(out)
    jia, yi = Person(app, "Jia"), Person(app, "Yi")
    shown = opened(jia, document)
    assert opened(yi, document)["lease"]["holder"] == "Jia"
    assert "table" not in yi.next()
    good = typed(shown, document, zeros())
    bad = [
        (yi, good, 409, "lease"),
        (jia, {**good, "lease": "forged"}, 409, "lease"),
        (jia, {**good, "variant": "1999"}, 422, "invalid"),
        (jia, {**good, "table": "requests"}, 409, "lease"),
        (jia, {**good, "table": "art20_1"}, 404, "unknown"),
        (jia, {**good, "document": "../../etc"}, 404, "unknown"),
        (jia, {**good, "cells": []}, 422, "invalid"),
        (jia, {**good, "cells": good["cells"][:1] * 2}, 422, "invalid"),
        (jia, {**good, "cells": [{**good["cells"][0], "row": "no"}]}, 422, "invalid"),
        (jia, {**good, "cells": [{**good["cells"][0], "entry": {"state": "printed", "text": "x"}}]}, 422, "invalid"),
        (jia, {**good, "more": 1}, 422, "invalid"),
    ]
    for person, body, status, code in bad:
        answer = person.post("/api/table/save", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), body
    assert corrected(out, document) == []
    held = {"document": document, "table": "litigation", "takeover": True}
    assert yi.post("/api/lease", held).status_code == 200
    assert jia.post("/api/table/save", good).json()["error"]["detail"]["holder"] == "Yi"


def corrected(out, document: str) -> list:
    with Ledger(out) as ledger:
        return corrections_of(ledger, document)


def test_a_row_is_one_act(tmp_path):
    out, (document,) = make_out(tmp_path, (4,))
    person = Person(app_of(out), "Jia")
    shown = person.next()
    lease = shown["lease"]["token"]
    row = {c: true_value("granted", c) for c in COLUMNS}
    answers = [
        {"document": document, "table": "requests", "row": "granted", "column": c, "version": 1, "said": "value",
         "entry": {"state": "printed", "text": str(v)}, "lease": lease, "seconds": 0.5}
        for c, v in row.items()
    ]  # fmt: skip
    assert len(person.post("/api/row", {"answers": answers}).json()["saved"]) == len(COLUMNS)
    # The whole row is refused where one cell is of another version; nothing of it is written.
    changed = [{**a, "version": 2 if i else 1} for i, a in enumerate(answers)]
    assert person.post("/api/row", {"answers": changed}).status_code == 409
    said = corrected(out, document)
    assert len(said) == len(COLUMNS) and len({c.created_at for c in said}) == 1
    assert person.post("/api/undo", {}).json()["cells"] == len(COLUMNS)
    assert person.post("/api/undo", {}).json()["error"]["code"] == "nothing"
    with Ledger(out) as ledger:
        assert all(c.correction is None for c in cells_of(ledger, document, "requests"))


def test_the_strip_of_a_row(tmp_path):
    out, _ = make_out(tmp_path, (4,))
    person = Person(app_of(out), "Jia")
    shown = person.next()
    spans = shown["card"]["strip"]
    assert len(spans) == len(COLUMNS) and all(a < b for a, b in spans) and spans[0][1] == pytest.approx(spans[1][0], abs=1e-3)
    picture = Image.open(io.BytesIO(person.get("/image/strip", params=place_of(shown)).content))
    assert picture.width > 8 * picture.height
    unknown = {**place_of(shown), "row": "none"}
    assert person.get("/image/strip", params=unknown).json()["error"]["code"] == "unknown"
