"""What people said of whole tables, in `matrices.json` and after a new reading."""

from __future__ import annotations

from review_helpers import Person, app_of
from test_review_tables import lacking_out, opened, published, typed, zeros

from pipeline.store.corrected import with_corrections
from pipeline.store.corrections import in_force
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import corrections_of


def holding(out, document: str):
    with Ledger(out) as ledger:
        return in_force(corrections_of(ledger, document))


def settle(person: Person, document: str, table: str) -> None:
    lease = opened(person, document, table)["lease"]["token"]
    person.post("/api/table/settle", {"document": document, "table": table, "lease": lease, "seconds": 1.0})


def test_a_report_that_does_not_print_a_table_is_accepted(tmp_path):
    out, document = lacking_out(tmp_path)
    read = published(out, document)
    person = Person(app_of(out), "Jia")
    settle(person, document, "litigation")
    data = published(out, document)
    assert (data["status"], data["absent"]) == ("accepted", [])
    assert [f["message"] for f in data["findings"]] == ["litigation is not printed, as Jia says"]
    # A new reading says the same; one that finds the table is told apart.
    assert with_corrections(read, holding(out, document))["status"] == "accepted"
    found = {**read["matrices"][0], "table": "litigation"}
    again = {**read, "matrices": [*read["matrices"], found], "findings": [], "absent": []}
    assert [f["rule"] for f in with_corrections(again, holding(out, document))["findings"]] == ["review_differs"]
    person.post("/api/undo", {})
    assert (published(out, document)["status"], published(out, document)["absent"]) == ("review", ["litigation"])


def test_a_table_that_stands_twice_is_settled(tmp_path):
    out, document = lacking_out(tmp_path, second=True, absent=())
    person = Person(app_of(out), "Jia")
    settle(person, document, "requests")
    data = published(out, document)
    assert data["status"] == "accepted" and [f["rule"] for f in data["findings"]] == ["second_settled"]
    person.post("/api/undo", {})
    assert published(out, document)["status"] == "review"


def test_a_typed_table_is_in_a_new_reading(tmp_path):
    out, document = lacking_out(tmp_path)
    read = published(out, document)
    person = Person(app_of(out), "Jia")
    person.post("/api/table/save", typed(opened(person, document), document, zeros()))
    data = with_corrections(read, holding(out, document))
    assert data["absent"] == [] and data["status"] == "accepted"
    assert data["matrices"] == published(out, document)["matrices"]
