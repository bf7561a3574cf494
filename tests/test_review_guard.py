"""Requests that must not come in: each is refused with the documented error, in the one shape, and changes nothing."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from review_helpers import BASE, PORT, Person, answer_body, app_of, make_out, place_of
from starlette.testclient import TestClient

from pipeline.errors import UsageError
from pipeline.review.guard import MAX_BODY, POLICY, Access, clean_name, hosts_of, is_loopback
from pipeline.review.problems import CODES
from pipeline.review.server import serve

EVIL = "http://evil.example"
ROOT = str(Path(__file__).resolve().parents[1])


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    out, ids = make_out(tmp_path_factory.mktemp("guard"), (3, 3))
    app = app_of(out)
    one, two = Person(app, "甲"), Person(app, "乙")
    return out, ids, app, one, two, one.next()


def attacks(one, two, shown, ids):
    """Yields name, expected code, and the request."""
    good = answer_body(shown, "10")
    place = place_of(shown)
    post = one.post

    def raw(method, path, **given):
        return one.client.request(method, path, **given)

    sent = {"origin": BASE, "x-gouji-csrf": one.csrf, "content-type": "application/json"}
    big = json.dumps({"filters": {}, "after": None, "x": "y" * MAX_BODY})
    inject = "x' OR 1=1; DROP TABLE corrections; --"
    yield "foreign host", "host", lambda: raw("GET", "/queue", headers={"host": "evil.example"})
    yield "host of another port", "host", lambda: raw("GET", "/queue", headers={"host": "127.0.0.1:1"})
    yield (
        "host by rebinding",
        "host",
        lambda: raw("POST", "/api/undo", content="{}", headers={**sent, "host": f"evil.example:{PORT}"}),
    )
    yield "no host", "host", lambda: raw("GET", "/queue", headers={"host": ""})
    yield "post of another site", "origin", lambda: post("/api/answer", good, origin=EVIL)
    yield "post of no origin", "origin", lambda: raw("POST", "/api/answer", json=good, headers={"x-gouji-csrf": one.csrf})
    yield "post of a file", "origin", lambda: post("/api/answer", good, origin="null")
    yield "post of the same name, other port", "origin", lambda: post("/api/answer", good, origin="http://127.0.0.1:1")
    yield "post marked cross-site", "origin", lambda: post("/api/answer", good, **{"sec-fetch-site": "cross-site"})
    yield (
        "picture for another site",
        "origin",
        lambda: raw("GET", "/image/crop", params=place, headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}),
    )
    yield "no csrf mark", "csrf", lambda: raw("POST", "/api/answer", json=good, headers={"origin": BASE})
    yield "wrong csrf mark", "csrf", lambda: post("/api/answer", good, **{"x-gouji-csrf": "0" * 64})
    yield "csrf mark of another person", "csrf", lambda: post("/api/answer", good, **{"x-gouji-csrf": two.csrf})
    yield (
        "form post",
        "media_type",
        lambda: raw("POST", "/api/answer", content="a=b", headers={**sent, "content-type": "application/x-www-form-urlencoded"}),
    )
    yield (
        "text post",
        "media_type",
        lambda: raw("POST", "/api/undo", content="{}", headers={**sent, "content-type": "text/plain"}),
    )
    yield "oversized body", "too_large", lambda: raw("POST", "/api/next", content=big, headers=sent)
    yield (
        "oversized stream",
        "too_large",
        lambda: raw("POST", "/api/next", content=(b" " * 4096 for _ in range(40)), headers=sent),
    )
    yield (
        "length that lies",
        "too_large",
        lambda: raw("POST", "/api/next", content=b"{}", headers={**sent, "content-length": "-5"}),
    )
    yield "endless address", "too_long", lambda: raw("GET", "/queue?issuer=" + "a" * 9000)
    yield "traversal to a file", "unknown", lambda: raw("GET", "/static/.%2e/.%2e/etc/passwd")
    yield "traversal, encoded", "request", lambda: raw("GET", "/static/..%2f..%2f..%2fetc%2fpasswd")
    yield "traversal, doubly encoded", "unknown", lambda: raw("GET", "/static/%252e%252e%252fserver.py")
    yield "traversal, backslash", "request", lambda: raw("GET", "/static/..%5c..%5cserver.py")
    yield "program text", "unknown", lambda: raw("GET", "/static/server.py")
    yield "control character", "request", lambda: raw("GET", "/static/a%00.css")
    yield (
        "document that is a path",
        "unknown",
        lambda: raw("GET", "/image/page", params={"document": "../../etc/passwd", "page": 1}),
    )
    yield (
        "document that is an absolute path",
        "unknown",
        lambda: post("/api/document", {"document": "/etc/passwd", "state": "done"}),
    )
    yield "negative page", "invalid", lambda: raw("GET", "/image/page", params={"document": ids[0], "page": -1})
    yield "page beyond the end", "unknown", lambda: raw("GET", "/image/page", params={"document": ids[0], "page": 999999})
    yield "huge page", "invalid", lambda: raw("GET", "/image/page", params={"document": ids[0], "page": 10**30})
    yield "view that is not", "invalid", lambda: raw("GET", "/image/crop", params={**place, "view": "../secret"})
    yield "sql in a key", "unknown", lambda: post("/api/card", {**place, "row": inject})
    yield "sql in a document", "unknown", lambda: post("/api/lease", {"document": inject, "table": "requests"})
    yield "negative version", "invalid", lambda: post("/api/answer", {**good, "version": -1})
    yield "version as text", "invalid", lambda: post("/api/answer", {**good, "version": "1"})
    yield "version that is true", "invalid", lambda: post("/api/answer", {**good, "version": True})
    yield "negative seconds", "invalid", lambda: post("/api/answer", {**good, "seconds": -1})
    yield "negative check", "invalid", lambda: post("/api/check", {"check": -1, "said": "value", "entry": good["entry"]})
    yield "check that is not", "unknown", lambda: post("/api/check", {"check": 99, "said": "value", "entry": good["entry"]})
    yield "action that is not", "invalid", lambda: post("/api/answer", {**good, "said": "undo"})
    yield "field that is not", "invalid", lambda: post("/api/answer", {**good, "reviewer": "乙"})
    yield "state that is not", "invalid", lambda: post("/api/answer", {**good, "entry": {"state": "accepted", "text": "1"}})
    yield (
        "markup for a number",
        "invalid",
        lambda: post("/api/answer", {**good, "entry": {"state": "printed", "text": "<script>alert(1)</script>"}}),
    )
    yield "formula for a number", "invalid", lambda: post("/api/answer", {**good, "entry": {"state": "printed", "text": "=1+1"}})
    yield "endless entry", "invalid", lambda: post("/api/answer", {**good, "entry": {"state": "printed", "text": "1" * 65}})
    yield "no json", "invalid", lambda: raw("POST", "/api/answer", content="{", headers=sent)
    yield "deep json", "request", lambda: raw("POST", "/api/answer", content="[" * 30000 + "]" * 30000, headers=sent)
    yield "list for an object", "invalid", lambda: post("/api/answer", [good])
    yield "forged lease", "lease", lambda: post("/api/answer", {**good, "lease": "A" * 22})
    yield "no lease", "lease", lambda: post("/api/answer", {**good, "lease": ""})
    yield "lease of another person", "lease", lambda: two.post("/api/answer", good)
    yield (
        "release of another's table",
        "lease",
        lambda: two.post(
            "/api/release", {"document": place["document"], "table": place["table"], "lease": shown["lease"]["token"]}
        ),
    )
    yield (
        "heartbeat with a forged lease",
        "lease",
        lambda: post("/api/heartbeat", {"document": place["document"], "table": place["table"], "lease": "A" * 22}),
    )
    yield "stale version", "stale", lambda: post("/api/answer", {**good, "version": 7})
    yield "row of two tables", "invalid", lambda: post("/api/row", {"answers": [good, {**good, "row": "new"}]})
    yield "row of one cell twice", "invalid", lambda: post("/api/row", {"answers": [good, good]})
    yield "delete", "method", lambda: raw("DELETE", "/api/answer", headers=sent)
    yield "put", "method", lambda: raw("PUT", "/static/review.css", content="x", headers=sent)
    yield "trace", "method", lambda: raw("TRACE", "/queue")
    yield "get of a change", "method", lambda: raw("GET", "/api/undo")
    yield "post to a page", "method", lambda: post("/queue", {})
    yield "page that is not", "unknown", lambda: raw("GET", "/openapi.json")
    yield "name of nothing", "invalid", lambda: post("/api/session", {"name": "\u0000\t "})
    yield "year that is none", "invalid", lambda: raw("GET", "/queue", params={"year": "2024; DROP"})


def everything(out):
    """All that people and tests could have changed."""
    with sqlite3.connect(f"file:{out / 'ledger.sqlite'}?mode=ro", uri=True) as db:
        tables = ("corrections", "cells", "documents", "leases", "events", "checks", "check_answers")
        return {t: db.execute(f"SELECT * FROM {t}").fetchall() for t in tables}


def test_attacks_are_refused_in_one_shape(desk):
    out, ids, _, one, two, shown = desk
    before, count = everything(out), 0
    for name, code, attack in attacks(one, two, shown, ids):
        response = attack()
        assert response.text, (name, response.status_code)
        body = response.json()
        assert set(body) == {"error"}, name
        assert set(body["error"]) == {"code", "message", "advice", "detail"}, name
        assert (body["error"]["code"], response.status_code) == (code, CODES[code]), (name, body)
        assert body["error"]["message"], name
        assert response.headers["content-type"].startswith("application/json"), name
        assert response.headers["content-security-policy"] == POLICY, name
        assert "Traceback" not in response.text and ROOT not in response.text and str(out) not in response.text, name
        count += 1
    assert count >= 60
    assert everything(out) == before


def test_without_a_name_nothing_is_told(desk):
    stranger = Person(desk[2])
    for path in ("/api/next", "/api/undo"):
        assert stranger.post(path, {}).json()["error"]["code"] == "reviewer"
    assert stranger.get("/image/crop", params=place_of(desk[5])).json()["error"]["code"] == "reviewer"
    assert stranger.get("/queue", follow_redirects=False).headers["location"] == "/"


def test_an_open_address_needs_a_token_and_gives_a_cookie_for_it(tmp_path):
    out, _ = make_out(tmp_path, (1,))
    token = "t" * 32
    client = TestClient(app_of(out, token=token), base_url=BASE, raise_server_exceptions=False)
    for path in ("/", "/queue", "/static/review.css", "/api/session", f"/?token={token}x", "/?token="):
        response = client.get(path)
        assert (response.status_code, response.json()["error"]["code"]) == (403, "token"), path
    assert client.post("/api/session?token=" + token, json={"name": "x"}, headers={"origin": BASE}).status_code == 403
    opened = client.get(f"/?token={token}", follow_redirects=False)
    assert opened.status_code == 303 and opened.headers["location"] == "/" and token not in opened.headers["set-cookie"]
    assert "HttpOnly" in opened.headers["set-cookie"] and "SameSite=Strict" in opened.headers["set-cookie"]
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/./review.css/../../guard.py",
        "/../../etc/passwd",
        "//evil.example/",
        "/static//etc/passwd",
    ],
)
def test_paths_as_they_come_over_the_wire_reach_no_file(desk, path):
    import asyncio

    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": None, "server": None,
        "headers": [(b"host", f"127.0.0.1:{PORT}".encode())],
    }  # fmt: skip
    asyncio.run(desk[2](scope, receive, send))
    assert sent[0]["status"] == 404
    assert json.loads(sent[1]["body"])["error"]["code"] == "unknown"


def test_serving_other_machines_without_a_token_is_refused(tmp_path):
    from pipeline.config import DEFAULT

    out, _ = make_out(tmp_path, (1,))
    for host, token in (("0.0.0.0", None), ("192.168.1.5", ""), ("127.0.0.1", "short")):
        with pytest.raises(UsageError):
            serve(out, DEFAULT, host, 0, token, browser=False)


def test_names_and_hosts():
    assert clean_name("  李\x00 \n 伟‮ ") == "李 伟"
    assert len(clean_name("x" * 500)) == 60
    assert hosts_of("::1", 9) == hosts_of("127.0.0.1", 9) == {"127.0.0.1:9", "localhost:9", "[::1]:9"}
    assert hosts_of("10.0.0.2", 80) == {"10.0.0.2:80", "10.0.0.2"}
    assert not is_loopback("127.evil.example") and not is_loopback("0.0.0.0") and is_loopback("127.0.0.53")
    assert Access(frozenset(), "a" * 16).pass_mark() == Access(frozenset(), "a" * 16).pass_mark()


def test_text_of_documents_cannot_leave_its_place(tmp_path):
    evil = '</script><script>alert(1)</script>"><img src=x onerror=alert(2)>'
    out, _ = make_out(tmp_path, (), evil)
    person = Person(app_of(out), evil)
    for path in ("/", "/queue", "/card", "/statistics", "/done"):
        page = person.get(path).text
        assert "<script>alert" not in page and "<img src=x" not in page, path
    assert person.next()["card"]["document"]["issuer"] == evil
