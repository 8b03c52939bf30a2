"""A delivery's notification as the message an adapter sends, in the reader's language.

Telegram messages are the cards of `core.cards`; e-mails come from templates/email; the inbox reads a card as plain
text. Whoever calls has set the language. What can't be rendered raises `RenderError`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from email.headerregistry import Address
from functools import cache
from typing import Any

import css_inline

from core import cards
from core.errors import RenderError
from core.localized import full_day, number
from core.model import Account, Card, Channel, Delivery, Kind, Message, Notification, PostView
from core.reasons import channel_name, kind_name, why_failed
from core.secrets import Keys
from core.telegram_text import plain
from core.templating import fill

CODE_MINUTES = 15  # how long a confirmation code is good for


@dataclass(frozen=True, slots=True)
class RenderContext:
    """Everything a message is made from. `view` is the post with the version that the notification names; `extra` may
    hold `chat_url`, the bot's address for the button of a mail."""

    notification: Notification
    delivery: Delivery
    account: Account | None
    view: PostView | None
    extra: Mapping[str, Any]


class Renderer:
    """Turns a context into a `Message`."""

    def __init__(self, keys: Keys, public_url: str | None, sender: str, sender_name: str) -> None:
        self._keys = keys
        self._public_url = public_url
        self._address = sender
        self._sender = str(Address(sender_name, addr_spec=sender))
        self._name = sender_name

    def render(self, context: RenderContext) -> Message:
        """The message for the delivery's channel and address; raises `RenderError`."""
        makers = {Channel.TELEGRAM: _telegram, Channel.IN_APP: _in_app, Channel.EMAIL: self._email}
        make = makers.get(context.delivery.delivery_type)
        if make is None:
            raise RenderError(f"no texts for channel {context.delivery.delivery_type}")
        try:
            return make(context)
        except (LookupError, TypeError, ValueError) as error:
            raise RenderError(f"{context.notification.kind}: {type(error).__name__}") from error

    def _email(self, context: RenderContext) -> Message:
        kind = context.notification.kind
        values = self._values(context)
        return Message(
            channel=Channel.EMAIL,
            to=context.delivery.recipient,
            subject=" ".join(fill(f"email/{kind}.subject.txt.j2", values).split()),
            text=fill(f"email/{kind}.txt.j2", values).strip("\n"),
            html=_inliner().inline(fill(f"email/{kind}.html.j2", values)),
            sender=self._sender,
            headers=self._headers(context),
        )

    def _values(self, context: RenderContext) -> dict[str, Any]:
        content = context.notification.content
        values = {**content, "chat_url": context.extra.get("chat_url"), "sender_name": self._name}
        values["unsubscribe_url"] = self._unsubscribe_url(context)
        if context.view:
            version = context.view.version
            values |= {"post": version.text, "number": version.number, "length": number(len(version.text))}
        values |= {name: make(context.notification, self._keys) for name, make in FACTS[context.notification.kind]}
        return values

    def _headers(self, context: RenderContext) -> dict[str, str]:
        """RFC 8058: one click needs an https address; without one a mail program writes to the sender."""
        if context.notification.kind is not Kind.REMINDER:
            return {}
        url = self._unsubscribe_url(context)
        if url is None:
            return {"List-Unsubscribe": f"<mailto:{self._address}?subject=unsubscribe>"}
        if not url.startswith("https://"):
            return {"List-Unsubscribe": f"<{url}>"}
        return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}

    def _unsubscribe_url(self, context: RenderContext) -> str | None:
        content = context.notification.content
        if self._public_url is None or "link_id" not in content:
            return None
        token = self._keys.link_token("unsubscribe", content["link_id"], content.get("generation", 0))
        return f"{self._public_url}/u/{token}"


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


Fact = Callable[[Notification, Keys], Any]
_WHY: tuple[tuple[str, Fact], ...] = (
    ("what", lambda notification, keys: kind_name(notification.content["kind"])),
    ("channel_name", lambda notification, keys: channel_name(notification.content["channel"])),
    ("reason", lambda notification, keys: why_failed(notification.content["error_code"])),
)
_CODE: tuple[tuple[str, Fact], ...] = (
    ("code", lambda notification, keys: keys.code(notification.content["verification_id"])),
    ("minutes", lambda notification, keys: CODE_MINUTES),
)
_DAY: tuple[tuple[str, Fact], ...] = (("day_text", lambda notification, keys: full_day(_day(notification))),)
FACTS: dict[Kind, tuple[tuple[str, Fact], ...]] = {kind: () for kind in Kind} | {
    Kind.GAVE_UP: _WHY,
    Kind.CODE: _CODE,
    Kind.REMINDER: _DAY,
}


def _day(notification: Notification) -> date:
    return date.fromisoformat(notification.content["day"])


def _card(context: RenderContext) -> Card:
    """The card of a notification. A code has none: only the mailbox may read it."""
    make = CARDS.get(context.notification.kind)
    if make is None:
        raise RenderError(f"no card for {context.notification.kind}")
    return make(context)


def _post_card(context: RenderContext) -> Card:
    timezone = context.account.preferences.timezone if context.account else "UTC"
    return cards.draft_card(_view(context), timezone=timezone)


def _view(context: RenderContext) -> PostView:
    if context.view is None:
        raise RenderError(f"{context.notification.kind}: its post is gone")
    return context.view


def _gave_up(context: RenderContext) -> Card:
    content = context.notification.content
    return cards.gave_up_card(content["delivery_id"], content["channel"], content["error_code"], content["kind"])


def _access_request(context: RenderContext) -> Card:
    content = context.notification.content
    return cards.access_request_card(content["user_id"], content["name"])


CARDS: dict[Kind, Callable[[RenderContext], Card]] = {
    Kind.DRAFT: _post_card,
    Kind.APPROVED: _post_card,
    Kind.KEPT: lambda context: cards.kept_card(_view(context)),
    Kind.REMINDER: lambda context: cards.reminder_card(_day(context.notification)),
    Kind.EMAIL_CHANGED: lambda context: cards.email_changed_card(context.notification.content["masked_new"]),
    Kind.ACCOUNT_MOVED: lambda context: cards.account_moved_card(),
    Kind.GAVE_UP: _gave_up,
    Kind.ACCESS_REQUEST: _access_request,
    Kind.ACCESS_DECIDED: lambda context: cards.access_decided_card(context.notification.content["allowed"]),
    Kind.ALERT: lambda context: cards.alert_card(context.notification.content["text"]),
    Kind.MESSAGE: lambda context: cards.message_card(
        context.notification.content.get("subject", ""), context.notification.content["text"]
    ),
}


def _telegram(context: RenderContext) -> Message:
    card = _card(context)
    text = plain(card.text)
    return Message(Channel.TELEGRAM, context.delivery.recipient, text, html=card.text, buttons=card.buttons)


def _in_app(context: RenderContext) -> Message:
    return Message(Channel.IN_APP, context.delivery.recipient, plain(_card(context).text))
