"""Providers report here. Their raw bytes are verified before anything is read from them."""

from fastapi import APIRouter, HTTPException, Request

from core import metrics
from core.errors import BadSignature, NotFound
from web.parts import WebParts
from web.security import body_of


def router(parts: WebParts) -> APIRouter:
    """One route for all providers."""
    router = APIRouter()

    @router.api_route("/webhooks/{provider}", methods=["GET", "POST"])
    async def receive(provider: str, request: Request) -> dict[str, int]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            received = await parts.events.receive(provider, await body_of(request), headers)
        except NotFound:
            raise HTTPException(404, "There is no such provider.") from None
        except BadSignature:
            metrics.webhooks.labels(provider, "bad_signature").inc()
            raise HTTPException(401, "The signature is missing or wrong.") from None
        except (ValueError, LookupError, TypeError):
            metrics.webhooks.labels(provider, "unreadable").inc()
            raise HTTPException(400, "The report can't be read.") from None
        metrics.webhooks.labels(provider, "received").inc()
        return {"received": received}

    return router
