"""The web application: routers together, errors as `{"detail": ...}`, no word about itself."""

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from web import health, pages, push, telegram, webhooks
from web.parts import WebParts
from web.security import SecurityHeaders

log = structlog.get_logger(__name__)


def build_web(parts: WebParts) -> ASGIApp:
    """The ASGI application."""
    app = FastAPI(title="Postrider", openapi_url=None, docs_url=None, redoc_url=None)
    for module in (health, telegram, webhooks, pages, push):
        app.include_router(module.router(parts))
    app.add_exception_handler(Exception, _our_fault)
    # Around everything: as a middleware of the app it would miss the answers to our own faults.
    return SecurityHeaders(app, is_https=(parts.public_url or "").startswith("https://"))


async def _our_fault(request: Request, error: Exception) -> JSONResponse:
    """The path is not logged: it may hold a link's token."""
    log.error("request failed", method=request.method, exc_info=error)
    return JSONResponse({"detail": "Something went wrong on our side. Please try again."}, 500)
