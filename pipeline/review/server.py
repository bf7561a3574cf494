"""The server of the review page."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from pipeline.config import Config
from pipeline.errors import BusyError, GoujiError, InputMissingError, OutputError, UsageError
from pipeline.review import api, web
from pipeline.review.answers import follow
from pipeline.review.desk import Desk
from pipeline.review.guard import Access, Guard, hosts_of, is_loopback
from pipeline.review.pictures import Pictures
from pipeline.review.problems import Problem, problem_json
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_lacking import restore_tables
from pipeline.store.ledger_open import LEDGER

_WAIT_S = 5.0
_LEAST_TOKEN = 16


def create_app(out: Path, config: Config, access: Access, chance: random.Random | None = None) -> Guard:
    """Returns the application for a folder of results.

    Args:
        out: with a ledger.
        config: settings, of which `review` and `scan` are used.
        access: who may ask.
        chance: draws the cards that measure; the system's where None.

    Raises:
        InputMissingError: no ledger. LedgerError: it is damaged.
    """
    if not (out / LEDGER).is_file():
        raise InputMissingError(f"{out}: no ledger", "Run `gouji ingest INPUT --out DIR` first, then give that DIR.")
    desk = Desk(Ledger(out, wait_s=_WAIT_S), config, access, Pictures(config), chance=chance or random.SystemRandom())

    for document in restore_tables(desk.ledger):
        follow(desk.ledger, document, [])

    @contextlib.asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.pictures.pool.shutdown(wait=False, cancel_futures=True)
        desk.ledger.close()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=life)
    app.state.desk = desk
    app.include_router(web.router)
    app.include_router(api.router)
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(GoujiError, _on_gouji)
    app.add_exception_handler(Exception, _on_fault)
    return Guard(app, access)


def serve(
    out: Path, config: Config, host: str = "127.0.0.1", port: int = 0, token: str | None = None, browser: bool = True
) -> None:
    """Runs the server until it is interrupted.

    Args:
        out: folder of results.
        config: settings.
        host: address to listen on; another than this machine's own needs a token.
        port: 0 for any that is free.
        token: what a browser must bring once.
        browser: opens one; the address is printed in any case.

    Raises:
        UsageError: an open address without a token, or a token that could be guessed.
        OutputError: the port is taken.
    """
    import uvicorn

    if host in ("0.0.0.0", "::", ""):
        raise UsageError(f"{host or 'No address'} stands for every address of this machine.", "Give the one to listen on.")
    if not is_loopback(host) and not token:
        raise UsageError(f"{host} can be reached from other machines.", "Give --token with 16 characters or more.")
    if token is not None and len(token) < _LEAST_TOKEN:
        raise UsageError("The token is too short.", f"Give {_LEAST_TOKEN} characters or more, chosen by chance.")
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    app = create_app(out, config, Access(hosts_of(host, port), token))
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{port}/" + (f"?token={token}" if token else "")
    print(f"Review page: {address}   (Ctrl-C ends it)", flush=True)
    if browser:
        import webbrowser

        threading.Timer(0.6, webbrowser.open, (address,)).start()
    settings = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, date_header=False, proxy_headers=False,
        timeout_graceful_shutdown=2, h11_max_incomplete_event_size=32 * 1024, ws="none",
    )  # fmt: skip
    # Ctrl-C is how it is meant to end.
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listening])
    print(f"Every answer is kept. Write a panel with: {web.called_as()} export --out {out} --format xlsx", flush=True)


def _listen(host: str, port: int) -> socket.socket:
    """Returns an open socket; raises OutputError where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        advice = "Another program uses it: give another with --port, or --port 0 for any that is free."
        raise OutputError(f"Port {port} of {host}: {error.strerror or error}.", advice) from error
    return made


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    if request.method == "GET" and "text/html" in request.headers.get("accept", "") and not _is_data(request):
        return web.page(request, "error.html", error.status, problem=error)
    return Response(problem_json(error), error.status, media_type="application/json; charset=utf-8")


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0] if error.errors() else {}
    place = ".".join(str(part) for part in first.get("loc", ()))
    problem = Problem("invalid", f"{place}: {first.get('msg', 'not as expected')}.", "Use the page.")
    return await _on_problem(request, problem)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return await _on_problem(request, Problem("method", "This method is not allowed here.", "Use the page."))
    if error.status_code == 404:
        return await _on_problem(request, Problem("unknown", "There is no such page.", "Go to the queue."))
    return await _on_problem(request, Problem("request", "The request is not well formed.", "Use the page."))


async def _on_gouji(request: Request, error: Exception) -> Response:
    assert isinstance(error, GoujiError)
    code = "busy" if isinstance(error, BusyError) else "failed"
    return await _on_problem(request, Problem(code, error.message, error.advice))


async def _on_fault(request: Request, error: Exception) -> Response:
    return await _on_problem(request, Problem("failed", "A fault of Gouji itself.", "Its log tells more; please report it."))


def _is_data(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/image/", "/static/"))
