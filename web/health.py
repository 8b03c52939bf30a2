"""/healthz: the process answers. /readyz: it can work. /metrics: for Prometheus."""

import asyncio
import hmac
from ipaddress import ip_address

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core import metrics
from web.parts import Check, WebParts

PATIENCE = 2.0  # seconds for one check
FORWARDED = ("forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip")  # and all of x-forwarded-


def router(parts: WebParts) -> APIRouter:
    """The three of them."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        checks = {"database": lambda: _database(parts), **parts.checks}
        answers = await asyncio.gather(*(_answer(check) for check in checks.values()))
        reasons = {name: answer or "ok" for name, answer in zip(checks, answers, strict=True)}
        is_ready = not any(answers)
        status = "ready" if is_ready else "not ready"
        return JSONResponse({"status": status, "checks": reasons}, 200 if is_ready else 503)

    @router.get("/metrics")
    async def metrics_page(request: Request) -> Response:
        if not may_read_metrics(request, parts.metrics_token):
            raise HTTPException(401, "Metrics need a token.", {"WWW-Authenticate": "Bearer"})
        await _look(parts)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def may_read_metrics(request: Request, token: str | None) -> bool:
    """This machine, or whoever has the token. A request that a proxy passed on is not from this machine, whatever
    address it says it is from."""
    given = request.headers.get("authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    is_direct = not any(name in FORWARDED or name.startswith("x-forwarded-") for name in request.headers)
    return is_direct and request.client is not None and _is_loopback(request.client.host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def _answer(check: Check) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return "no answer"
    except Exception as error:
        return type(error).__name__


async def _database(parts: WebParts) -> str | None:
    async with parts.database.read() as uow:
        await uow.updates.waiting()
    return None


async def _look(parts: WebParts) -> None:
    """Read the gauges that stand in the database."""
    now = parts.clock()
    async with parts.database.read() as uow:
        counts = await uow.delivery_log.counts()
        oldest = await uow.delivery_log.oldest_due(now)
        metrics.waiting.set(await uow.updates.waiting())
    metrics.overdue.set((now - oldest).total_seconds() if oldest else 0)
    metrics.deliveries.clear()
    for (channel, status), count in counts.items():
        metrics.deliveries.labels(channel, status).set(count)
