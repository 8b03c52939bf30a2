"""Pages that people open from a mail. GET only asks: mail programs follow links on their own (RFC 8058)."""

import re

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from core.accounts.links import UNSUBSCRIBE
from core.i18n import N_, nearest_language, speaking
from core.i18n import gettext as _
from core.model import LANGUAGES, Kind, Link
from core.rendering.templating import page
from web.parts import WebParts

DONE: dict[str, tuple[str, str]] = {  # by what was unsubscribed from: what is so now, and the way back
    Kind.REMINDER: (
        N_("No more reminders will come to this mailbox."),
        N_("You can turn them on again at any time: send /remind to the bot."),
    ),
    Kind.ANNOUNCEMENT: (
        N_("No more announcements will come to this mailbox."),
        N_("You can turn them on again at any time: send /preferences to the bot."),
    ),
}
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def router(parts: WebParts) -> APIRouter:
    """The unsubscribe page."""
    router = APIRouter(default_response_class=HTMLResponse)

    @router.api_route("/u/{token}", methods=["GET", "HEAD"])
    async def ask(token: str, request: Request) -> HTMLResponse:
        link = await parts.links.open(token) if TOKEN.fullmatch(token) else None
        if link is None or link.purpose != UNSUBSCRIBE:
            return unknown_link(request)
        with speaking(await _language(parts, link, request)):
            return HTMLResponse(page("unsubscribe", scope=link.scope))

    @router.post("/u/{token}")
    async def unsubscribe(token: str, request: Request) -> HTMLResponse:
        link = await parts.links.use(token) if TOKEN.fullmatch(token) else None
        if link is None:
            return unknown_link(request)
        with speaking(await _language(parts, link, request)):
            done, again = DONE.get(link.scope, DONE[Kind.REMINDER])
            return HTMLResponse(page("message", title=_("Done"), text=_(done), quiet=_(again)))

    return router


async def _language(parts: WebParts, link: Link, request: Request) -> str:
    return await parts.links.language(link) or accepted_language(request)


def unknown_link(request: Request) -> HTMLResponse:
    """A link that is wrong, revoked or too old: kindly, and without telling which."""
    with speaking(accepted_language(request)):
        text = _("Perhaps a newer mail has replaced it. The link in your latest mail works, and so does /remind off.")
        return HTMLResponse(page("message", title=_("This link no longer works"), text=text), 404)


def accepted_language(request: Request) -> str:
    """The first of the browser's languages that we speak; English where there is none."""
    codes = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    spoken = (code for code in codes if code.split("-")[0].lower() in LANGUAGES)
    return nearest_language(next(spoken, None))
