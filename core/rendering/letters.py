"""E-mails: subject, plain text and HTML of a notification, from templates/email.

One template per kind and part; the language comes from the catalogues. The plain text of a post's mail begins with the
post as it is, so that it can be pasted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import css_inline

from core.accounts.codes import LIFE
from core.delivery.reasons import channel_name, kind_name, why_failed
from core.errors import RenderError
from core.localized import full_day, number
from core.model import Kind, Notification, PostView
from core.rendering.templating import fill
from core.secrets import Keys

CODE_MINUTES = LIFE // timedelta(minutes=1)
ABOUT_POSTS = (Kind.DRAFT, Kind.APPROVED, Kind.KEPT)

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered e-mail, its styles inlined."""

    subject: str
    text: str
    html: str


def letter_of(notification: Notification, view: PostView | None, keys: Keys, surroundings: Mapping[str, Any]) -> Letter:
    """The letter of a notification. `surroundings`: sender_name, chat_url or None, unsubscribe_url or None."""
    kind = notification.kind
    if kind in ABOUT_POSTS and view is None:
        raise RenderError(f"{kind}: its post is gone")
    values = {**surroundings, **_facts(kind, notification.content, keys), **_post(view)}
    return Letter(
        subject=" ".join(fill(f"email/{kind}.subject.j2", values).split()),
        text=fill(f"email/{kind}.text.j2", values).rstrip("\n"),
        html=_inliner().inline(fill(f"email/{kind}.html.j2", values)),
    )


def _post(view: PostView | None) -> dict[str, Any]:
    if view is None:
        return {}
    text = view.version.text
    return {"post": text, "number": view.version.number, "length": number(len(text))}


def _facts(kind: Kind, content: Content, keys: Keys) -> dict[str, Any]:
    """What the templates of a kind may name: the content, and what is told in words or rebuilt from the secret."""
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


def _message(content: Content) -> dict[str, Any]:
    return {"subject": content.get("subject", "")}


WORDS: dict[Kind, Callable[[Content], dict[str, Any]]] = {
    Kind.REMINDER: _reminder,
    Kind.GAVE_UP: _gave_up,
    Kind.MESSAGE: _message,
    Kind.ANNOUNCEMENT: _message,
}


@cache
def _inliner() -> css_inline.CSSInliner:
    """`keep_at_rules` keeps the rules for dark screens and narrow ones."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
