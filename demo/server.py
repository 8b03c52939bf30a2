"""The web application: Bot API, sandbox gateway, the page and what it asks for."""

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from demo.botapi.router import bot_router
from demo.inspect_api import inspect_router
from demo.people import NotAllowedError
from demo.people_api import people_router
from demo.sandbox import Gateway, sandbox_router
from demo.state import State

PAGE = Path(__file__).parent / "page"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
Next = Callable[[Request], Awaitable[Response]]


def create_app(state: State, hosts: Collection[str] = ()) -> FastAPI:
    """The application over a state. `hosts` are the only names it answers to; none given means any."""
    app = FastAPI(title="Postrider demo", docs_url=None, redoc_url=None, openapi_url=None)
    _guard(app, frozenset(hosts))
    gateway = Gateway(state)
    for router in (bot_router(state), sandbox_router(gateway), people_router(state), inspect_router(state, gateway)):
        app.include_router(router)
    _page(app)

    @app.exception_handler(NotAllowedError)
    async def not_allowed(_request: Request, reason: NotAllowedError) -> Response:
        return JSONResponse({"detail": str(reason)}, 404 if str(reason).startswith(("no such", "nobody")) else 409)

    @app.exception_handler(RequestValidationError)
    async def malformed(_request: Request, wrong: RequestValidationError) -> Response:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return JSONResponse({"detail": f"{where}: {first['msg']}"}, 422)

    return app


def _guard(app: FastAPI, hosts: frozenset[str]) -> None:
    """Keeps other websites in the same browser out: no foreign origin, no foreign host name (DNS rebinding)."""

    @app.middleware("http")
    async def guard(request: Request, call_next: Next) -> Response:
        host = request.headers.get("host", "")
        if hosts and (urlsplit(f"//{host}").hostname or "") not in hosts:
            return JSONResponse({"detail": "unknown host"}, 421)
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return JSONResponse({"detail": "another site may not do this"}, 403)
        response = await call_next(request)
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def _page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def index() -> Response:
        return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})

    app.mount("/page", StaticFiles(directory=PAGE), name="page")
