"""The review page in a real browser, by keyboard alone; skipped, saying so, where there is none."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from review_helpers import flagged_places, make_out, true_value
from test_review_tables import lacking_out

from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import corrections_of

CHROMIUM = next((found for found in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if found), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here (`apt-get install chromium`): the review page is not tried in a browser"
)
ARGUMENTS = (
    "--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SERVER = """
import sys
from dataclasses import replace
from pathlib import Path
from pipeline.config import Config, Review
from pipeline.review.server import serve
serve(Path(sys.argv[1]), Config(review=Review(sample_share=0.0, planted_share=0.0)), port=int(sys.argv[2]), browser=False)
"""


class Server:
    """A server in a process of its own, so that it can be killed."""

    def __init__(self, out: Path) -> None:
        self.out = out
        with contextlib.closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-c", SERVER, str(self.out), str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(self.address + "/static/gouji.svg", timeout=2).read()
                return
            if self.process.poll() is not None:
                raise AssertionError(self.process.stderr.read().decode() if self.process.stderr else "")
            time.sleep(0.1)
        raise AssertionError("the server does not start")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="no playwright: the review page is not tried in a browser")
    with api.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def serving():
    servers = []

    def begin(out: Path) -> Server:
        servers.append(Server(out))
        return servers[-1]

    yield begin
    for server in servers:
        server.kill()


@pytest.fixture
def page_of(browser):
    contexts, faults = [], []

    def begin(server: Server, name: str, language: str = "en-GB"):
        context = browser.new_context(viewport={"width": 1280, "height": 720}, locale=language)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if "Content Security" in m.text else None)
        page.on("dialog", lambda dialog: faults.append(f"a script of a document ran: {dialog.message}"))
        page.goto(server.address + "/")
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        page.wait_for_url("**/queue")
        return page

    yield begin
    for context in contexts:
        context.close()
    assert not faults


def here(page) -> tuple[str, str]:
    """The cell that is shown, once the page rests."""
    page.wait_for_selector("#desk[aria-busy='false'] td[aria-current]")
    node = page.locator("td[aria-current]")
    return node.get_attribute("data-row"), node.get_attribute("data-column")


def moved(page, before: tuple[str, str]) -> tuple[str, str]:
    """The cell that is shown after another one."""
    row, column = before
    page.wait_for_selector(f"#desk[aria-busy='false'] td[aria-current]:not([data-row='{row}'][data-column='{column}'])")
    return here(page)


def begin(page) -> tuple[str, str]:
    page.keyboard.press("Enter")
    page.wait_for_url("**/card?*")
    return here(page)


def cell(out: Path, document: str, row: str, column: str) -> dict:
    found = json.loads((out / document / "matrices.json").read_text(encoding="utf8"))["matrices"][0]
    return found["cells"][found["rows"].index(row)][found["columns"].index(column)]


def said(out: Path, document: str) -> list:
    with Ledger(out, readonly=True) as ledger:
        return corrections_of(ledger, document)


def test_a_whole_session_by_keyboard(tmp_path, serving, page_of):
    out, (document,) = make_out(tmp_path, (24,))
    server = serving(out)
    page = page_of(server, "Li Wei")
    at = begin(page)
    assert at == flagged_places(1)[0]
    # The first reading breaks both equations; the second one closes them, as the page says while it is entered.
    page.keyboard.press("1")
    assert "broken" in page.locator("#entry").get_attribute("class")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    assert page.locator("#entry").input_value() == "10"
    assert "closed" in page.locator("#entry").get_attribute("class")
    assert "off" not in (page.locator("#balance").get_attribute("class") or "")
    page.keyboard.press("Enter")
    done = [at]
    for number in range(17):
        at = moved(page, at)
        value = str(true_value(*at))
        if number % 3 == 0:
            page.keyboard.press("1")
        elif number % 3 == 1:
            page.keyboard.press("Space")
            page.keyboard.type(value)
        else:
            page.keyboard.type(value if value == "0" else f" {value}")
        assert page.locator("#entry").input_value() == value
        page.keyboard.press("Enter")
        done.append(at)
    at = moved(page, at)
    page.keyboard.press("u")
    unreadable, at = at, moved(page, at)
    page.keyboard.press("s")
    printed_so, at = at, moved(page, at)
    page.keyboard.press("b")
    assert page.locator("#entry").input_value() == "blank"
    page.keyboard.press("Escape")
    assert page.locator("#entry").input_value() == ""
    assert len(said(out, document)) == 20
    assert cell(out, document, *unreadable)["state"] == "unreadable" and cell(out, document, *unreadable)["review"]
    assert said(out, document)[-1].action == "printed_so"
    # Undo and redo; a reload keeps both.
    page.keyboard.press("z")
    assert moved(page, at) == printed_so
    page.reload()
    assert here(page) == printed_so
    page.keyboard.press("z")
    assert moved(page, printed_so) == unreadable
    assert cell(out, document, *unreadable)["origin"] == "ocr"
    page.keyboard.press("y")
    page.wait_for_selector("#toast:has-text('Redone')")
    assert cell(out, document, *unreadable)["state"] == "unreadable"
    for row, column in done:
        found = cell(out, document, row, column)
        assert (found["value"], found["origin"]) == (true_value(row, column), "review")


def test_a_killed_server_loses_nothing(tmp_path, serving, page_of):
    out, (document,) = make_out(tmp_path, (6,))
    server = serving(out)
    page = page_of(server, "Li Wei")
    at = begin(page)
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    second = moved(page, at)
    page.keyboard.press("Space")
    page.keyboard.type("21")
    server.kill()
    page.keyboard.press("Enter")
    page.wait_for_selector("#message:has-text('does not answer')")
    assert page.locator("#entry").input_value() == "21"
    assert cell(out, document, *at)["value"] == 10
    server.start()
    page.keyboard.press("Enter")
    moved(page, second)
    assert [(c.row, c.column, c.value) for c in said(out, document)] == [(*at, 10), (*second, 21)]
    page.keyboard.press("z")
    page.wait_for_selector("#toast:has-text('Undone')")
    assert here(page) == second
    # What was typed outlives a reload.
    page.keyboard.press("Space")
    page.keyboard.type("77")
    page.reload()
    assert here(page) == second
    assert page.locator("#entry").input_value() == "77"


def test_two_people_at_once(tmp_path, serving, page_of):
    out, ids = make_out(tmp_path, (3, 3))
    server = serving(out)
    one, two = page_of(server, "Jia"), page_of(server, "Yi", "zh-CN")
    first, second = begin(one), begin(two)
    assert one.url != two.url and first == second
    for page in (one, two):
        page.keyboard.press("2")
        page.keyboard.press("Enter")
    moved(one, first)
    moved(two, second)
    assert {said(out, d)[0].reviewer for d in ids} == {"Jia", "Yi"}
    # The same card by its address: it is held, can be taken over, and the stale answer shows both values.
    two.goto(one.url)
    at = here(two)
    two.wait_for_selector("#message:has-text('Jia')")
    two.get_by_role("button", name="接手").press("Enter")
    two.wait_for_selector("#message", state="hidden")
    two.keyboard.press("Space")
    two.keyboard.type("5")
    two.keyboard.press("Enter")
    two.wait_for_selector("#message.warn")
    two.keyboard.press("Enter")
    moved(two, at)
    two.goto(server.address + "/queue")
    one.keyboard.press("Space")
    one.keyboard.type("21")
    one.keyboard.press("Enter")
    one.wait_for_selector("#message:has-text('ended')")
    one.get_by_role("button", name="Try again").press("Enter")
    one.wait_for_selector("#message:has-text('changed this cell meanwhile to 5')")
    one.get_by_role("button", name="Keep mine").press("Enter")
    moved(one, at)
    answers = [c for d in ids for c in said(out, d) if (c.row, c.column) == at]
    assert [(c.reviewer, c.value) for c in answers] == [("Yi", 5), ("Jia", 21)]


def test_text_of_documents_is_shown_as_text(tmp_path, serving, page_of):
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    out, _ = make_out(tmp_path, (), evil)
    server = serving(out)
    page = page_of(server, '"><img src=x onerror=alert(3)>')
    assert evil in page.locator(".list").inner_text()
    begin(page)
    page.wait_for_selector(".lines")
    assert page.locator(".lines li.here").inner_text().replace("\n", "").endswith(evil + " 18")
    assert evil in page.locator("#where").inner_text()
    assert page.locator("img[src='x']").count() == 0 and page.locator("main script").count() == 0
    page.goto(server.address + "/statistics")
    assert page.locator("img").count() == 0


def test_keys_rest_while_an_input_method_composes_and_a_broken_equation_needs_a_second_enter(tmp_path, serving, page_of):
    out, (document,) = make_out(tmp_path, (1,))
    server = serving(out)
    page = page_of(server, "Li Wei")
    at = begin(page)
    composing = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'u', isComposing: true, bubbles: true}))"
    page.evaluate(composing)
    page.keyboard.press("Space")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    page.wait_for_selector("#message.warn:has-text('Enter again')")
    assert said(out, document) == [] and here(page) == at
    page.keyboard.press("Enter")
    # The table is not done: its equation is broken, and nobody gave a reason.
    page.wait_for_selector(".why .still")
    assert [c.value for c in said(out, document)] == [12]


def test_a_row_is_pasted_and_the_end_is_told(tmp_path, serving, page_of):
    out, (document,) = make_out(tmp_path, (1,))
    server = serving(out)
    page = page_of(server, "Li Wei")
    begin(page)
    page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
        "document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true})); }",
        "10\t2\t0\t0\t0\t0\t12\n",
    )
    page.wait_for_selector("td.pasted")
    assert page.locator("td.pasted").count() == 7
    page.keyboard.press("Enter")
    page.wait_for_url("**/done")
    assert cell(out, document, "granted", "natural_person")["value"] == 10
    assert page.locator("h1").inner_text() == "All done"
    assert re.search(r"gouji export", page.locator("main").inner_text())


def test_rows_are_taken_as_read_beside_their_strip_until_esc(tmp_path, serving, page_of):
    out, (document,) = make_out(tmp_path, (17,))
    server = serving(out)
    page = page_of(server, "Li Wei")
    first = begin(page)
    page.keyboard.press("r")
    page.wait_for_selector("#strip:not([hidden])")
    taken = page.locator(".strip-value.taken").count()
    open_ones = [p for p in flagged_places(17) if p[0] == first[0]]
    assert taken == len(open_ones) == page.locator("td.pasted").count()
    # Misread: what is typed counts for its cell.
    page.keyboard.press("Space")
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    second = moved(page, first)
    assert cell(out, document, *first)["value"] == 10
    # The next row is filled in as well; Esc ends that, and one undo takes the whole row back.
    page.wait_for_selector("#strip:not([hidden])")
    page.keyboard.press("Enter")
    moved(page, second)
    done = len(said(out, document))
    assert done > taken + 1
    page.keyboard.press("Escape")
    assert page.locator("#strip").is_hidden()
    page.keyboard.press("z")
    page.wait_for_selector("#toast:has-text('Undone')")
    assert sum(c.action == "undo" for c in said(out, document)) == done - taken


def test_a_table_that_was_not_found_is_typed_by_keyboard(tmp_path, serving, page_of):
    out, document = lacking_out(tmp_path)
    server = serving(out)
    page = page_of(server, "Li Wei")
    assert "not found" in page.locator(".list").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/table?*")
    page.wait_for_selector("#desk[aria-busy='false'] .paper img")
    page.keyboard.press("Space")
    n = page.locator("#matrix input").count()
    for _ in range(n - 1):
        page.keyboard.type("0")
        page.keyboard.press("Enter")
    page.keyboard.press("b")
    assert page.locator("#filled").inner_text() == f"{n} / {n}"
    page.keyboard.press("Control+Enter")
    # It is warned of or saved; a page that is saved goes on to another and from there to the last, so what is
    # waited for holds on each of them.
    page.wait_for_selector("#message.warn, main:not(.typing)", state="attached")
    if "/table" in page.url:
        page.keyboard.press("Control+Enter")
    page.wait_for_url("**/done")
    found = json.loads((out / document / "matrices.json").read_text(encoding="utf8"))["matrices"][-1]
    states = [one["state"] for line in found["cells"] for one in line]
    assert found["table"] == "litigation" and states.count("printed") == n - 1 and states.count("blank") == 1
    assert {one["origin"] for line in found["cells"] for one in line} == {"review"}


def test_a_copied_table_is_pasted_whole_and_one_that_is_not_printed_is_said_so(tmp_path, serving, page_of):
    out, document = lacking_out(tmp_path)
    server = serving(out)
    page = page_of(server, "Li Wei")
    page.keyboard.press("Enter")
    page.wait_for_url("**/table?*")
    page.wait_for_selector("#desk[aria-busy='false'] #matrix input")
    rows, columns = page.locator("#matrix tbody tr").count(), page.locator("#matrix thead th").count() - 1
    text = "\t".join(["结果", *["x"] * columns]) + "\n" + "\n".join("\t".join(["label", *["0"] * columns]) for _ in range(rows))
    page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
        "document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true})); }",
        text,
    )
    assert page.locator("#filled").inner_text() == f"{rows * columns} / {rows * columns}"
    page.keyboard.press("s")
    page.wait_for_url("**/done")
    assert [(c.row, c.action) for c in said(out, document)] == [("*", "printed_so")]


def test_the_card_fits_its_window_and_every_control_has_a_name(tmp_path, serving, page_of):
    out, _ = make_out(tmp_path, (3,))
    server = serving(out)
    page = page_of(server, "Li Wei", "zh-CN")
    begin(page)
    for width, height in ((1280, 720), (1024, 768), (820, 1180)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width > 900:
            assert page.evaluate("document.documentElement.scrollHeight") <= height
            for name in ("#confirm", "#next", "#undo", "#crop-image", "#matrix td[aria-current]"):
                box = page.locator(name).bounding_box()
                assert box and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= height, name
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, a, input, select, img:not([hidden])')].filter(e => e.offsetParent && "
        "!(e.textContent.trim() || e.getAttribute('aria-label') || e.alt || (e.labels && e.labels.length))).length"
    )
    assert nameless == 0
    # Reached by Tab, each shows that it has the focus.
    for _ in range(12):
        page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
