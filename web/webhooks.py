"""Providers report here. Their raw bytes are verified before anything is read from them."""

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from core import metrics
from core.delivery.events import GARBAGE
from core.errors import BadSignature, NotFound, SendError
from core.model import WebhookRequest
from web.parts import WebParts
from web.security import body_of


def router(parts: WebParts) -> APIRouter:
    """One route for all providers."""
    router = APIRouter()

    @router.api_route("/webhooks/{provider}", methods=["GET", "POST"])
    async def receive(provider: str, request: Request) -> Response:
        try:
            received = await parts.events.receive(provider, await _as_called(request, parts.public_url))
        except NotFound:
            raise HTTPException(404, "There is no such provider.") from None
        except BadSignature:
            metrics.webhooks.labels(provider, "bad_signature").inc()
            raise HTTPException(401, "The signature is missing or wrong.") from None
        except SendError:  # who could vouch for it did not answer: the provider may bring it again
            metrics.webhooks.labels(provider, "unverified").inc()
            raise HTTPException(503, "The signature can't be checked just now.") from None
        except GARBAGE:
            metrics.webhooks.labels(provider, "unreadable").inc()
            raise HTTPException(400, "The report can't be read.") from None
        metrics.webhooks.labels(provider, "received").inc()
        if received.answer:
            kind, body = received.answer
            return Response(body, media_type=kind)
        return JSONResponse({"received": received.new})

    return router


async def _as_called(request: Request, public_url: str | None) -> WebhookRequest:
    """The request under the address that the provider knows: signatures are made over it."""
    base = public_url or str(request.base_url).rstrip("/")
    query = request.url.query
    return WebhookRequest(
        method=request.method,
        url=base + request.url.path + (f"?{query}" if query else ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await body_of(request),
        query=tuple(request.query_params.multi_items()),
    )
