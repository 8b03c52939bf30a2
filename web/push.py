"""The page on which a person turns on notifications for the browser they hold, and the intake of apps' tokens.

Its address is all that proves who asks (core/accounts/devices.py). The page works without scripts as far as it can: the
list, its tests and removals are forms.
"""

import json
from collections.abc import Awaitable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from core.accounts.devices import Device
from core.errors import AppError
from core.i18n import N_, speaking
from core.i18n import gettext as _
from core.model import Account
from core.rendering.templating import page
from core.updates import storable
from web.browsers import browser_name
from web.pages import TOKEN, accepted_language
from web.parts import WebParts
from web.security import body_of

STATIC = Path(__file__).parent / "static"
SMALL = 16 * 1024  # bytes of a subscription or a token
SAID = {
    "on": N_("Done. Try it with “Send a test”."),
    "removed": N_("Removed: nothing pops up there any more."),
    "sent": N_("A test is on its way. It takes a few seconds."),
    "wait": N_("One test a minute is enough. Please wait a moment."),
}


def router(parts: WebParts) -> APIRouter:
    """Everything under /push/."""
    router = APIRouter(prefix="/push")

    @router.get("/worker.js")
    async def worker() -> Response:
        return Response(_script("push_worker.js"), media_type="text/javascript")

    @router.get("/page.js")
    async def script() -> Response:
        return Response(_script("push_page.js"), media_type="text/javascript")

    @router.post("/renew")
    async def renew(request: Request) -> JSONResponse:
        document = await _document(request)
        return await _told(request, parts.devices.renew(_part(document, "old"), _part(document, "new")))

    @router.api_route("/{token}", methods=["GET", "HEAD"], response_class=HTMLResponse)
    async def show(token: str, request: Request) -> HTMLResponse:
        account = await _owner(parts, token)
        if account is None:
            return _unknown(request)
        with speaking(account.preferences.language):
            devices = [_shown(one, account) for one in await parts.devices.all(account)]
            said = _(SAID[done]) if (done := request.query_params.get("done", "")) in SAID else ""
            here, key = f"/push/{token}", parts.devices.public_key
            return HTMLResponse(page("push", here=here, key=key, devices=devices, said=said))

    @router.get("/{token}/manifest.json")
    async def manifest(token: str) -> JSONResponse:
        await _known(parts, token)
        here = f"/push/{token}"
        content = {"name": "Postrider", "short_name": "Postrider", "start_url": here, "scope": "/push/"}
        return JSONResponse(content | {"display": "standalone"}, media_type="application/manifest+json")

    @router.post("/{token}/subscribe")
    async def subscribe(token: str, request: Request) -> JSONResponse:
        account = await _known(parts, token)
        subscription, label = json.dumps(await _document(request)), browser_name(request.headers.get("user-agent", ""))
        return await _told(request, parts.devices.add_browser(account, subscription, label), account)

    @router.post("/{token}/unsubscribe")
    async def unsubscribe(token: str, request: Request) -> JSONResponse:
        account = await _known(parts, token)
        return await _told(
            request, parts.devices.remove_browser(account, json.dumps(await _document(request))), account
        )

    @router.post("/{token}/fcm")
    async def add_phone(token: str, request: Request) -> JSONResponse:
        account = await _known(parts, token)
        document = await _document(request)
        label = storable(str(document.get("label") or "")) or browser_name(request.headers.get("user-agent", ""))
        return await _told(request, parts.devices.add_phone(account, str(document.get("token", "")), label), account)

    @router.post("/{token}/remove")
    async def remove(token: str, request: Request) -> RedirectResponse:
        account = await _known(parts, token)
        await parts.devices.remove(account, await _id(request))
        return _back(token, "removed")

    @router.post("/{token}/test")
    async def test(token: str, request: Request) -> RedirectResponse:
        account = await _known(parts, token)
        with speaking(account.preferences.language):
            is_sent = await parts.devices.send_test(account, await _id(request))
        return _back(token, "sent" if is_sent else "wait")

    return router


@cache
def _script(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


async def _owner(parts: WebParts, token: str) -> Account | None:
    return await parts.devices.owner(token) if TOKEN.fullmatch(token) else None


async def _known(parts: WebParts, token: str) -> Account:
    account = await _owner(parts, token)
    if account is None:
        raise HTTPException(404, "This link no longer works.")
    return account


def _unknown(request: Request) -> HTMLResponse:
    with speaking(accepted_language(request)):
        text = _("It is good for a day. Send /push to the bot, and it gives you a new one.")
        return HTMLResponse(page("message", title=_("This link no longer works"), text=text), 404)


async def _document(request: Request) -> Mapping[str, Any]:
    try:
        found = json.loads(await body_of(request, SMALL))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise HTTPException(400, "A JSON object is needed.")
    return found


def _part(document: Mapping[str, Any], name: str) -> str:
    return json.dumps(document.get(name))


async def _id(request: Request) -> int:
    """The device that a form names; 0, which is nobody's, where it names none."""
    form = parse_qs((await body_of(request, SMALL)).decode(errors="replace"))
    text = form.get("id", ["0"])[0]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


async def _told(request: Request, work: Awaitable[int | bool], account: Account | None = None) -> JSONResponse:
    """What came of it, for a script or an app: 200 with an id or a truth, 422 with words."""
    with speaking(account.preferences.language if account else accepted_language(request)):
        try:
            return JSONResponse({"done": await work})
        except AppError as error:
            return JSONResponse({"detail": _(error.message).format(**error.values)}, 422)


def _back(token: str, done: str) -> RedirectResponse:
    return RedirectResponse(f"/push/{token}?done={done}", 303)


def _shown(device: Device, account: Account) -> dict[str, Any]:
    day = device.added_at.astimezone(ZoneInfo(account.preferences.timezone))
    return {"id": device.id, "label": device.label, "day": f"{day:%Y-%m-%d}", "fingerprint": device.fingerprint}
