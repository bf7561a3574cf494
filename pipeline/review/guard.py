"""What stands before every request: who may ask, from where, how much, and what a browser may do with the answer.

Threats: another web site in the same browser (it can send requests, not read answers), a name that is made to point at
this machine (DNS rebinding), and text of documents that wants to be run.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from pipeline.review.problems import Problem, problem_json

MAX_BODY, MAX_TARGET, MAX_NAME = 64 * 1024, 8 * 1024, 60
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_METHODS = ("GET", "HEAD", "POST")
_SITES = ("same-origin", "none", "")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask.

    Attributes:
        hosts: what the header `Host` may say, with port.
        token: what a browser must bring once, as `?token=`; None where none is needed (loopback).
        secret: of this process; keys the marks against forged requests.
    """

    hosts: frozenset[str]
    token: str | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def pass_mark(self) -> str:
        """Returns what a browser that brought the token keeps as a cookie; the same after a restart with the same token."""
        return hmac.new((self.token or "").encode(), b"gouji-review", hashlib.sha256).hexdigest()

    def csrf(self, reviewer: str) -> str:
        """Returns the mark that every change must carry; another site cannot read it."""
        return hmac.new(self.secret, reviewer.encode("utf-8"), hashlib.sha256).hexdigest()


class Guard:
    """ASGI middleware that refuses what must not come in, and sets the headers of what goes out."""

    def __init__(self, app: App, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        try:
            to = self._inspect(scope)
            if to is not None:
                await _redirect(send, to, self.access)
                return
            body = await _read_body(scope, receive)
        except Problem as problem:
            await _refuse(_guarded(send), problem)
            return
        await self.app(scope, _replay(body), _guarded(send))

    def _inspect(self, scope: Scope) -> str | None:
        """Raises Problem for what must not come in; returns where to send a browser that brought the token."""
        headers = _headers(scope)
        if len(scope["path"]) + len(scope["query_string"]) > MAX_TARGET:
            raise Problem("too_long", "The address is too long.", "Use the links of the page.")
        if headers.get("host", "").lower() not in self.access.hosts:
            raise Problem("host", "This server does not answer under that name.", "Use the address that it printed.")
        if scope["method"] not in _METHODS:
            raise Problem("method", "This method is not allowed.", "Use the page.")
        raw = scope.get("raw_path") or b""
        # A `%2F` in the path has no use here; control characters have none anywhere.
        if b"%2f" in raw.lower() or b"%5c" in raw.lower() or any(ord(c) < 32 for c in scope["path"]) or "\\" in scope["path"]:
            raise Problem("request", "The address is not well formed.", "Use the links of the page.")
        cookies = cookies_of(headers.get("cookie", ""))
        to = self._require_token(scope, cookies)
        if scope["method"] == "POST":
            self._require_own_page(headers, cookies)
        elif headers.get("sec-fetch-site", "") not in _SITES and headers.get("sec-fetch-mode") != "navigate":
            raise Problem("origin", "Another web site asked for this.", "Open the page itself.")
        return to

    def _require_token(self, scope: Scope, cookies: dict[str, str]) -> str | None:
        access = self.access
        if access.token is None:
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if given and scope["method"] == "GET" and hmac.compare_digest(given.encode(), access.token.encode()):
            return str(scope["path"]) if str(scope["path"]) in ("/", "/queue") else "/"
        if not hmac.compare_digest(cookies.get("gouji_pass", "").encode(), access.pass_mark().encode()):
            raise Problem("token", "The token is missing or wrong.", "Open the address that the server printed, token and all.")
        return None

    def _require_own_page(self, headers: dict[str, str], cookies: dict[str, str]) -> None:
        origin = headers.get("origin", "")
        if urlsplit(origin).netloc.lower() != headers.get("host", "").lower() or headers.get("sec-fetch-site", "") not in _SITES:
            raise Problem("origin", "Another web site sent this.", "Open the page itself.")
        if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise Problem("media_type", "Only JSON is taken.", "Use the page.")
        mark = headers.get("x-gouji-csrf", "")
        if not hmac.compare_digest(mark.encode(), self.access.csrf(reviewer_of(cookies)).encode()):
            raise Problem("csrf", "The page is older than the server.", "Load the page again.")


def reviewer_of(cookies: dict[str, str]) -> str:
    """Returns the name that a person gave at the start, or an empty text."""
    return clean_name(unquote(cookies.get("gouji_reviewer", "")))


def clean_name(name: str) -> str:
    """Returns a name without control characters, white space folded, at most `MAX_NAME` characters."""
    folded = " ".join(name.split())
    return "".join(c for c in folded if c.isprintable())[:MAX_NAME]


def cookies_of(header: str) -> dict[str, str]:
    """Returns the cookies of a request; broken ones are none."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def cookie(name: str, value: str, seconds: int = 30 * 24 * 3600) -> str:
    """Returns a cookie that no script and no other site can use."""
    return f"{name}={quote(value, safe='')}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict"


def hosts_of(host: str, port: int) -> frozenset[str]:
    """Returns what the header `Host` may say for a server at an address."""
    names: Iterable[str] = ("127.0.0.1", "localhost", "[::1]") if is_loopback(host) else (f"[{host}]" if ":" in host else host,)
    return frozenset(f"{name}:{port}" for name in names) | (frozenset(names) if port == 80 else frozenset())


def is_loopback(host: str) -> bool:
    """True for an address that other machines cannot reach."""
    return host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdigit())


def _headers(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        if key == "host" and key in found:
            raise Problem("host", "The request names two hosts.", "Use the page.")
        found[key] = value.decode("latin-1")
    return found


async def _read_body(scope: Scope, receive: Receive) -> bytes:
    if scope["method"] != "POST":
        return b""
    too_large = Problem("too_large", f"More than {MAX_BODY} bytes were sent.", "Send less at once.")
    length = _headers(scope).get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise too_large
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem("request", "The request ended early.", "Try again.")
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY:
            raise too_large
        if not message.get("more_body", False):
            return body


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _guarded(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            present = {name.lower() for name, _ in headers}
            headers += [pair for pair in _HEADERS if pair[0] not in present]
            if b"cache-control" not in present:
                headers.append((b"cache-control", b"no-store"))
            message["headers"] = headers
        await send(message)

    return guarded


async def _refuse(send: Send, problem: Problem) -> None:
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": problem_json(problem)})


async def _redirect(send: Send, to: str, access: Access) -> None:
    mark = cookie("gouji_pass", access.pass_mark()).encode()
    headers = [(b"location", to.encode()), (b"set-cookie", mark), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
