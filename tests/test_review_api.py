"""The review page without a browser: the queue, answers, undo, two people, and the cards that measure."""

from __future__ import annotations

import csv
import json
import random
import shutil
import time
from dataclasses import replace

import pytest
from review_helpers import (
    NO_CHECKS,
    Person,
    answer_body,
    app_of,
    flagged_places,
    make_out,
    matrix,
    place_of,
    put,
    true_value,
)

from pipeline.config import Review
from pipeline.domain import Origin, SourceKind
from pipeline.review.statistics import clopper_pearson, cohen_kappa, rate
from pipeline.store.export import export
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cell_of, corrections_of
from pipeline.store.ledger_checks import draw_sample, misread, results
from pipeline.store.ledger_queue import undo_stacks
from pipeline.store.ledger_rows import CorrectionRow


def results_of(out, document):
    return json.loads((out / document / "matrices.json").read_text(encoding="utf8"))


def cell_in(result, row, column):
    found = result["matrices"][0]
    return found["cells"][found["rows"].index(row)][found["columns"].index(column)]


@pytest.fixture
def desk(tmp_path):
    out, ids = make_out(tmp_path, (4,))
    return out, ids[0], Person(app_of(out), "李伟")


def test_the_cell_where_broken_equations_meet_comes_first_and_says_why(desk):
    shown = desk[2].next()
    card = shown["card"]
    assert (card["cell"]["row"], card["cell"]["column"]) == ("granted", "natural_person")
    assert [w["equation"]["rule"] for w in card["why"] if w["kind"] == "equation"] == ["row_total", "result_sum"]
    assert [c["value"] for c in card["candidates"]] == [18, 10, 70]
    assert [c["closes"] > 0 for c in card["candidates"]] == [False, True, False]
    assert shown["progress"]["left"] == 4


def test_an_answer_reaches_the_results_and_exports_at_once(desk, tmp_path):
    out, document, person = desk
    shown = person.next()
    before = results_of(out, document)
    assert before["status"] == "review" and any(f["severity"] == "error" for f in before["findings"])
    assert person.answer(shown, "10").json()["saved"]["value"] == 10
    after = results_of(out, document)
    cell = cell_in(after, "granted", "natural_person")
    assert (cell["value"], cell["origin"], cell["review"], cell["confidence"]) == (10, "review", False, 1.0)
    assert cell["bbox"] == cell_in(before, "granted", "natural_person")["bbox"]
    assert not [f for f in after["findings"] if f["severity"] == "error"] and after["status"] == "review"
    export(out, "csv", tmp_path / "csv")
    with next((tmp_path / "csv").rglob("cells.csv")).open(encoding="utf-8-sig") as file:
        row = next(r for r in csv.DictReader(file) if (r["row"], r["column"]) == ("granted", "natural_person"))
    assert (row["value"], row["origin"], row["review"]) == ("10", "review", "false")
    for _ in range(3):
        shown = person.next(place_of(shown))
        assert person.answer(shown, str(shown["card"]["now"]["value"])).json()["saved"]["action"] == "confirm"
    assert results_of(out, document)["status"] == "accepted"
    done = person.next(place_of(shown))
    assert done["card"] is None and done["progress"]["left"] == 0


@pytest.mark.parametrize(
    ("said", "state", "text", "expected"),
    [
        ("value", "blank", "", (None, "blank", "value", False)),
        ("value", "printed", "0", (0, "printed", "value", False)),
        ("value", "dash", "", (None, "dash", "value", False)),
        ("value", "printed", "１，０００", (1000, "printed", "value", False)),
        ("value", "printed", "-5", (-5, "printed", "value", False)),
        ("value", "printed", "18", (18, "printed", "confirm", False)),
        ("printed_so", "printed", "18", (18, "printed", "printed_so", False)),
        ("unreadable", "printed", "", (None, "unreadable", "unreadable", True)),
    ],
)
def test_what_can_be_said_of_a_cell(desk, said, state, text, expected):
    out, document, person = desk
    response = person.answer(person.next(), text, said, state)
    assert response.status_code == 200, response.text
    saved, cell = response.json()["saved"], cell_in(results_of(out, document), "granted", "natural_person")
    assert (cell["value"], cell["state"], saved["action"], cell["review"]) == expected
    assert cell["origin"] == "review"


def test_undo_and_redo_are_kept_by_the_server(desk):
    out, document, person = desk
    first = person.next()
    person.answer(first, "10")
    second = person.next(place_of(first))
    person.answer(second, "7")
    again = Person(app_of(out), "李伟")  # another server, as after a crash
    assert again.post("/api/undo", {}).json()["saved"]["row"] == second["card"]["cell"]["row"]
    assert again.post("/api/undo", {}).json()["saved"]["value"] == 18
    undone = results_of(out, document)
    assert cell_in(undone, "granted", "natural_person")["review"] is True and undone["status"] == "review"
    assert [f for f in undone["findings"] if f["severity"] == "error"]
    assert again.post("/api/undo", {}).json()["error"]["code"] == "nothing"
    assert again.post("/api/redo", {}).json()["saved"]["value"] == 10
    assert again.post("/api/redo", {}).json()["saved"]["value"] == 7
    assert again.post("/api/redo", {}).json()["error"]["code"] == "nothing"
    assert cell_in(results_of(out, document), "granted", "natural_person")["value"] == 10
    with Ledger(out) as ledger:
        assert len(corrections_of(ledger, document)) == 6  # nothing was taken away


def test_undo_stacks_of_any_course():
    def said(*steps):
        rows = []
        for number, undoes in enumerate(steps, 1):
            action = "value" if undoes is None else "undo"
            rows.append(CorrectionRow(**{**ROW, "id": number, "action": action, "undoes": undoes}))
        return undo_stacks(rows)

    assert said() == ([], [])
    assert said(None, None) == ([1, 2], [])
    assert said(None, None, 2) == ([1], [3])
    assert said(None, None, 2, 1) == ([], [3, 4])
    assert said(None, None, 2, 1, 4) == ([1], [3])
    assert said(None, None, 2, 1, 4, 3) == ([1, 2], [])
    assert said(None, None, 2, None) == ([1, 4], [])  # a new answer ends what could be redone


ROW = {
    **dict.fromkeys(CorrectionRow.__dataclass_fields__),
    "document_id": "d", "table": "t", "row": "r", "column": "c", "reviewer": "x", "created_at": "2026-01-01T00:00:00Z",
}  # fmt: skip


def test_two_people_never_get_the_same_table_and_a_stale_answer_gets_both_values(tmp_path):
    out, _ = make_out(tmp_path, (2, 2))
    app = app_of(out)
    one, two = Person(app, "甲"), Person(app, "乙")
    mine, theirs = one.next(), two.next()
    assert mine["card"]["document"]["id"] != theirs["card"]["document"]["id"]
    assert two.post("/api/card", place_of(mine)).json()["lease"]["holder"] == "甲"
    table = {name: place_of(mine)[name] for name in ("document", "table")}
    refused = two.post("/api/lease", table)
    assert refused.status_code == 409 and refused.json()["error"]["detail"]["holder"] == "甲"
    taken = two.post("/api/lease", {**table, "takeover": True}).json()["lease"]
    assert one.answer(mine, "10").json()["error"]["detail"]["holder"] == "乙"
    done = two.post("/api/answer", answer_body(mine, "10", lease=taken["token"]))
    assert done.status_code == 200
    back = one.post("/api/lease", {**table, "takeover": True}).json()["lease"]
    stale = one.post("/api/answer", answer_body(mine, "70", lease=back["token"]))
    assert stale.status_code == 409 and stale.json()["error"]["code"] == "stale"
    detail = stale.json()["error"]["detail"]
    assert (detail["theirs"]["value"], detail["theirs"]["reviewer"], detail["yours"]["value"]) == (10, "乙", 70)
    assert two.post("/api/undo", {}).json()["error"]["code"] == "lease"
    with Ledger(out) as ledger:
        events = ledger.connection.execute("SELECT who FROM events WHERE kind = 'lease_taken_over' ORDER BY id").fetchall()
    assert [e[0] for e in events] == ["乙", "甲"]


def test_a_hold_ends_by_itself_and_can_be_given_back(tmp_path):
    out, _ = make_out(tmp_path, (2,))
    app = app_of(out, replace(NO_CHECKS, lease_s=0.2))
    one, two = Person(app, "甲"), Person(app, "乙")
    mine = one.next()
    assert two.next()["card"] is None
    time.sleep(0.25)
    assert two.next()["card"] is not None
    app = app_of(out)
    one, two = Person(app, "甲"), Person(app, "乙")
    time.sleep(0.25)
    mine = one.next()
    table = {name: place_of(mine)[name] for name in ("document", "table")}
    beat = one.post("/api/heartbeat", {**table, "lease": mine["lease"]["token"]}).json()["lease"]
    assert beat["until"] >= mine["lease"]["until"]
    assert one.post("/api/release", {**table, "lease": mine["lease"]["token"]}).json()["released"]
    assert two.next()["card"] is not None


def test_a_table_is_not_done_while_an_equation_is_broken_without_a_reason(tmp_path):
    out, _ids = make_out(tmp_path, (1,))
    person = Person(app_of(out), "甲")
    shown = person.next()
    person.answer(shown, "11")
    again = person.next(place_of(shown))
    assert again["card"]["why"][0]["kind"] == "still"
    person.post("/api/answer", answer_body(person.post("/api/card", place_of(shown)).json(), "11", "printed_so"))
    assert person.next()["card"] is None


def test_what_was_passed_over_comes_again_at_the_end(desk):
    _, _, person = desk
    seen, shown = [], person.next()
    for _ in range(5):
        seen.append((shown["card"]["cell"]["row"], shown["card"]["cell"]["column"]))
        shown = person.next(place_of(shown))
    assert set(seen[:4]) == set(flagged_places(4)) and seen[4] == seen[0]


def test_walking_goes_cell_by_cell(desk):
    _, document, person = desk
    at = {"document": document, "table": "requests", "row": "new", "column": "total"}
    shown = person.post("/api/card", {**at, "step": 1}).json()["card"]["cell"]
    assert (shown["row"], shown["column"]) == ("carried_in", "natural_person")
    first = {**at, "column": "natural_person", "step": -1}
    assert person.post("/api/card", first).json()["error"]["code"] == "nothing"


def test_a_row_from_a_spreadsheet_is_saved_whole_or_not_at_all(desk):
    out, document, person = desk
    shown = person.next()
    columns = [c["key"] for c in shown["card"]["matrix"]["columns"]]
    row = [r["key"] for r in shown["card"]["matrix"]["rows"]].index("granted")
    versions = [c["version"] for c in shown["card"]["matrix"]["cells"][row]]

    def body(texts):
        return {
            "answers": [
                answer_body(shown, text, column=column, version=version)
                for column, version, text in zip(columns, versions, texts, strict=True)
            ]
        }

    wrong = person.post("/api/row", body(["10", "2", "0", "0", "0", "x", "12"]))
    assert wrong.json()["error"]["code"] == "invalid"
    assert cell_in(results_of(out, document), "granted", "business")["origin"] == "ocr"
    done = person.post("/api/row", body(["10", "2", "0", "0", "0", "0", "12"]))
    assert len(done.json()["saved"]) == 7, done.text
    cells = [cell_in(results_of(out, document), "granted", c) for c in columns]
    assert [c["value"] for c in cells] == [10, 2, 0, 0, 0, 0, 12] and {c["origin"] for c in cells} == {"review"}


def test_a_document_that_was_sent_back_leaves_the_queue(desk):
    out, document, person = desk
    shown = person.next()
    sent = {"document": document, "state": "sent_back", "cell": place_of(shown), "lease": shown["lease"]["token"]}
    assert person.post("/api/document", sent).status_code == 200
    assert person.next()["card"] is None
    assert "picture-0" not in person.get("/queue").text and "picture-0" in person.get("/queue?sent_back=true").text
    with Ledger(out) as ledger:
        detail = ledger.connection.execute("SELECT detail FROM events WHERE kind = 'document_sent_back'").fetchone()[0]
    assert "requests.granted.natural_person" in detail
    person.post("/api/document", {"document": document, "state": "open"})
    assert person.next()["card"] is not None


def test_filters(tmp_path):
    out, ids = make_out(tmp_path, (2, 2), "北京市")
    person = Person(app_of(out), "甲")
    assert person.next(issuer="北京市")["card"]["document"]["kind"] == "text"
    assert person.next(year=2021)["card"]["document"]["id"] == ids[1]
    assert person.next(kind="image", most_confidence=0.4)["progress"]["left"] == 2
    assert person.next(rule="column_balance")["card"] is None
    assert person.next(table="litigation")["card"] is None
    page = person.get("/queue", params={"issuer": "北京市"}).text
    assert "text.txt" in page and "picture-0.png" not in page


def test_the_picture_of_a_cell_and_of_its_page(desk):
    _out, document, person = desk
    place = place_of(person.next())
    for view in ("crop", "row"):
        for straight in ("false", "true"):
            response = person.get("/image/crop", params={**place, "view": view, "straight": straight})
            assert response.status_code == 200 and response.content.startswith(b"\x89PNG"), response.text
    page = person.get("/image/page", params={"document": document, "page": 1})
    assert page.content.startswith(b"\xff\xd8")


def test_a_source_that_is_gone_or_changed_is_not_drawn(desk):
    out, document, person = desk
    place = place_of(person.next())
    source = out.parent / "sources" / "picture-0.png"
    kept = source.read_bytes()
    source.write_bytes(kept + b"x")
    assert person.next()["card"]["document"]["source"] == "changed"
    refused = person.get("/image/crop", params=place)
    assert refused.json()["error"]["detail"] == {"state": "changed"}
    source.unlink()
    shown = person.next()
    assert shown["card"]["document"]["source"] == "gone" and shown["card"]["candidates"]
    assert person.get("/image/page", params={"document": document, "page": 1}).json()["error"]["code"] == "source"
    source.write_bytes(kept)
    assert person.get("/image/crop", params=place).status_code == 200


def test_lines_around_a_cell_of_a_text(tmp_path):
    out, _ = make_out(tmp_path, (), "予以公开")
    lines = Person(app_of(out), "甲").next()["card"]["lines"]
    assert [line["text"] for line in lines] == ["标题", "予以公开 18", "结束"]
    start, end = lines[1]["mark"]
    assert lines[1]["text"][start:end] == "18" and lines[0]["mark"] is None


def test_blind_samples_give_a_bound_of_the_silent_error_rate(tmp_path):
    out, _ = make_out(tmp_path, (40,), certain=True)
    person = Person(app_of(out, Review(sample_share=0.5, planted_share=0.0)), "甲")
    shown, sampled = person.next(), 0
    while sampled < 8:
        card = shown["card"]
        if card["check"] is None:
            row, column = card["cell"]["row"], card["cell"]["column"]
            assert person.answer(shown, str(true_value(row, column))).status_code == 200
        else:
            # Nothing on the card tells what was read.
            assert card["blind"] and card["matrix"] is None and card["now"] is None and card["candidates"] == []
            value = true_value(card["cell"]["row"], card["cell"]["column"]) + (5 if sampled == 7 else 0)
            entry = {"state": "printed", "text": str(value)}
            assert person.post("/api/check", {"check": card["check"], "said": "value", "entry": entry}).status_code == 200
            sampled += 1
        shown = person.next(place_of(shown))
    with Ledger(out) as ledger:
        found = results(ledger, "sample")
        wrong = next(r for r in found if not r.agrees)
        cell = cell_of(ledger, wrong.check.document, wrong.check.table, wrong.check.row, wrong.check.column)
    assert len(found) == 8 and cell is not None and cell.correction is None
    page = person.get("/statistics").text
    _low, high = clopper_pearson(1, 8)
    assert f"{100 * high:.2f} %" in page and "12.50 %" in page
    # What two say differently is asked again, openly, and an answer settles it.
    disputed = shown if any(w["kind"] == "disputed" for w in shown["card"]["why"]) else person.next()
    assert disputed["card"]["why"][0]["kind"] == "disputed" and disputed["card"]["matrix"] is not None
    person.answer(disputed, str(wrong.check.value))
    assert "0.00 %" in person.get("/statistics").text


def test_planted_cells_show_a_wrong_number_and_change_nothing(tmp_path):
    out, ids = make_out(tmp_path, (30,), certain=True)
    person = Person(app_of(out, Review(sample_share=0.0, planted_share=0.3)), "甲")
    shown, planted = person.next(), []
    while len(planted) < 3:
        card = shown["card"]
        if card["check"] is None:
            person.answer(shown, str(true_value(card["cell"]["row"], card["cell"]["column"])))
        else:
            true = true_value(card["cell"]["row"], card["cell"]["column"])
            assert card["now"]["value"] != true and not card["blind"]
            assert {c["value"] for c in card["candidates"]} == {card["now"]["value"], true}
            text = str(card["now"]["value"] if planted else true)
            body = {"check": card["check"], "said": "value", "entry": {"state": "printed", "text": text}}
            planted.append(person.post("/api/check", body).json())
            again = person.post("/api/check", body).json()
            assert again["error"]["code"] == "unknown"
        shown = person.next(place_of(shown))
    assert planted[0] == {"check": "planted", "agrees": True, "was": None}
    assert planted[1]["agrees"] is False and planted[1]["was"]["state"] == "printed"
    certain = results_of(out, ids[-1])
    assert {c["origin"] for m in certain["matrices"] for line in m["cells"] for c in line} == {"scrape"}
    assert "1 / 3" in person.get("/statistics").text


def test_second_entries_are_never_ones_own_and_a_third_decides(tmp_path):
    out, _ = make_out(tmp_path, (12,))
    app = app_of(out, Review(sample_share=0.0, planted_share=0.0, second_share=1.0))
    one, two, three = (Person(app, name) for name in ("甲", "乙", "丙"))
    shown = one.next()
    for _ in range(6):
        assert shown["card"]["check"] is None
        one.answer(shown, str(true_value(shown["card"]["cell"]["row"], shown["card"]["cell"]["column"])))
        shown = one.next(place_of(shown))
    token = {"document": shown["card"]["cell"]["document"], "table": "requests", "lease": shown["lease"]["token"]}
    one.post("/api/release", token)
    entered = 0
    shown = two.next()
    while entered < 2:
        card = shown["card"]
        if card["check"] is None:
            two.answer(shown, str(true_value(card["cell"]["row"], card["cell"]["column"])))
        else:
            assert card["blind"] and card["why"] == [{"kind": "second"}]
            value = true_value(card["cell"]["row"], card["cell"]["column"]) + entered
            entry = {"state": "printed", "text": str(value)}
            two.post("/api/check", {"check": card["check"], "said": "value", "entry": entry})
            entered += 1
        shown = two.next(place_of(shown))
    page = three.get("/statistics").text
    assert "甲 · 乙" in page or "乙 · 甲" in page
    two.post("/api/release", {**token, "lease": two.next()["lease"]["token"]})
    assert all(w["kind"] != "disputed" for w in one.next()["card"]["why"])
    one.post("/api/release", {**token, "lease": one.next()["lease"]["token"]})
    assert three.next()["card"]["why"][0]["kind"] == "disputed"


def test_samples_are_drawn_evenly(tmp_path):
    out, _ = make_out(tmp_path, (3,))
    with Ledger(out) as ledger:
        chance = random.Random(3)
        drawn = [draw_sample(ledger, "甲", chance) for _ in range(150)]
        kept = [d for d in drawn if d is not None]
        places = {(d.row, d.column) for d in kept}
    assert len(places) == len(kept) > 140 and not places & set(flagged_places(3))


def test_misread_numbers_look_alike():
    chance = random.Random(0)
    for value in (0, 7, 10, 389, 12.5, -3):
        for _ in range(20):
            wrong = misread(value, chance)
            assert wrong != value and type(wrong) is type(value) and len(str(wrong)) == len(str(value))


def test_bounds_and_kappa_against_known_values():
    assert clopper_pearson(0, 100)[1] == pytest.approx(0.03621669, abs=1e-7)
    assert clopper_pearson(3, 20) == pytest.approx((0.03207094, 0.37892683), abs=1e-7)
    assert clopper_pearson(5, 5)[1] == 1.0 and clopper_pearson(0, 0) == (None, None)
    assert rate(0, 0).high is None
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)
    assert cohen_kappa([]) is None and cohen_kappa([(1, 1)]) is None


def test_pages_in_both_languages(desk):
    _, _, person = desk
    for path in ("/", "/queue", "/card", "/statistics", "/done"):
        zh, en = person.get(path, params={"lang": "zh"}), person.get(path, params={"lang": "en"})
        assert 'lang="zh-CN"' in zh.text and 'lang="en"' in en.text, path
        assert zh.status_code == en.status_code == 200
    person.get("/queue", params={"lang": "zh"})
    assert "待核清单" in person.get("/queue").text
    error = person.get("/nothing", headers={"accept": "text/html"})
    assert error.status_code == 404 and "text/html" in error.headers["content-type"]


def test_every_word_is_there_in_both_languages_and_every_key_is_known():
    import re
    from pathlib import Path

    from pipeline.review.words import _WORDS

    folder = Path(__file__).resolve().parents[1] / "pipeline" / "review"
    texts = [p.read_text(encoding="utf8") for p in [*(folder / "static").glob("*.js"), *(folder / "templates").glob("*.html")]]
    used = {k for text in texts for k in re.findall(r'\b(?:word|w)\("([a-z_]+)"', text)}
    assert used and not used - set(_WORDS) - {"action_"}
    for key, pair in _WORDS.items():
        assert all(pair) and len(pair) == 2, key
        assert len({tuple(sorted(set(re.findall(r"\{\d\}", text)))) for text in pair}) == 1, key


def test_corrections_outlive_a_new_reading(tmp_path):
    out, ids = make_out(tmp_path, (4,))
    person = Person(app_of(out), "甲")
    person.answer(person.next(), "10")
    path = tmp_path / "sources" / "picture-0.png"
    assert put(out, path, SourceKind.IMAGE, matrix(4, Origin.OCR), year=2020) == ids[0]
    shown = (
        Person(app_of(out), "甲")
        .post("/api/card", {"document": ids[0], "table": "requests", "row": "granted", "column": "natural_person"})
        .json()
    )
    assert shown["card"]["now"]["value"] == 10 and shown["card"]["cell"]["version"] == 3


def test_a_result_that_is_gone_loses_no_answer(desk):
    out, document, person = desk
    shown = person.next()
    shutil.rmtree(out / document)
    saved = person.answer(shown, "10").json()
    assert saved["saved"]["value"] == 10 and saved["warning"]
