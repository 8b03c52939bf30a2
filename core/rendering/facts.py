"""What a text may name: the values of a notification, in the language that is being spoken, for every channel alike.

`core.rendering.variables` says which of them are promised to whoever writes a template, and what each means.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from core.accounts.codes import LIFE
from core.delivery.reasons import channel_name, kind_name, why_failed
from core.errors import RenderError
from core.i18n import gettext as _
from core.localized import full_day, number
from core.model import Kind, Notification, PostView
from core.rendering.telegram_text import shorten
from core.secrets import Keys

CODE_MINUTES = LIFE // timedelta(minutes=1)
ABOUT_POSTS = (Kind.DRAFT, Kind.APPROVED, Kind.KEPT)
OPENING = 60  # units of a post's first words: with what is said around them they fit into one SMS

Content = Mapping[str, Any]


def facts_of(
    notification: Notification, view: PostView | None, keys: Keys, surroundings: Mapping[str, Any]
) -> dict[str, Any]:
    """Every value of a notification by its name. `surroundings`: sender_name, reader_name, chat_url or None,
    unsubscribe_url or None. Raises `RenderError` where its post is gone."""
    kind = notification.kind
    if kind in ABOUT_POSTS and view is None:
        raise RenderError(f"{kind}: its post is gone")
    return {**surroundings, **_of_content(kind, notification.content, keys), **_of_post(view)}


def _of_post(view: PostView | None) -> dict[str, Any]:
    if view is None:
        return {}
    text = view.version.text
    return {
        "post": text,
        "opening": shorten(text, OPENING),
        "number": view.version.number,
        "length": number(len(text)),
    }


def _of_content(kind: Kind, content: Content, keys: Keys) -> dict[str, Any]:
    """The content, and what is told in words or rebuilt from the secret."""
    if kind is Kind.CODE:
        return {**content, "code": keys.code(content["verification_id"]), "minutes": CODE_MINUTES}
    return {**content, **WORDS[kind](content)} if kind in WORDS else dict(content)


def _reminder(content: Content) -> dict[str, Any]:
    return {"day_text": full_day(date.fromisoformat(content["day"]))}


def _gave_up(content: Content) -> dict[str, Any]:
    return {
        "what": kind_name(content["kind"]),
        "channel_name": channel_name(content["channel"]),
        "reason": why_failed(content["error_code"]),
    }


def _access_decided(content: Content) -> dict[str, Any]:
    if content["allowed"]:
        return {"decision": _("You may use the bot now. Send it an idea in a sentence or two, and a draft comes back.")}
    return {"decision": _("The admins of this bot have declined your request for access.")}


def _message(content: Content) -> dict[str, Any]:
    subject, text = content.get("subject", ""), content["text"]
    return {"subject": subject, "whole": f"{subject}\n\n{text}" if subject else text}


WORDS: dict[Kind, Callable[[Content], dict[str, Any]]] = {
    Kind.REMINDER: _reminder,
    Kind.GAVE_UP: _gave_up,
    Kind.ACCESS_DECIDED: _access_decided,
    Kind.MESSAGE: _message,
    Kind.ANNOUNCEMENT: _message,
}
