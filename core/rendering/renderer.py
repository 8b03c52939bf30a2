"""A delivery's notification as the message an adapter sends, in the reader's language.

Telegram messages are the cards of `core.cards`; the inbox reads the same cards as plain text; e-mails come from
templates/email. Whoever calls has set the language. What can't be rendered raises `RenderError`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from typing import Any

from core.cards import card_of
from core.errors import RenderError
from core.model import Account, Card, Channel, Delivery, Kind, Message, Notification, PostView
from core.rendering.letters import Letter, letter_of
from core.rendering.telegram_text import MESSAGE_UNITS, plain, units
from core.secrets import Keys


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
    """Turns a context into a `Message`. `sender` is the address that mails come from."""

    def __init__(self, keys: Keys, public_url: str | None, sender: str, sender_name: str) -> None:
        self._keys = keys
        self._public_url = public_url
        self._address = sender
        self._sender = str(Address(sender_name, addr_spec=sender))
        self._name = sender_name

    def render(self, context: RenderContext) -> Message:
        """The message for the delivery's channel and address; raises `RenderError`."""
        makers = {
            Channel.TELEGRAM: self._telegram,
            Channel.IN_APP: self._in_app,
            Channel.EMAIL: self._email,
            Channel.SMS: self._short_text,
            Channel.WHATSAPP: self._short_text,
        }
        make = makers.get(context.delivery.delivery_type)
        if make is None:
            raise RenderError(f"no texts for channel {context.delivery.delivery_type}")
        try:
            return make(context)
        except (LookupError, TypeError, ValueError) as error:
            raise RenderError(f"{context.notification.kind}: {type(error).__name__}") from error

    def _telegram(self, context: RenderContext) -> Message:
        card, to = _card(context), context.delivery.recipient
        whole = _too_long_for_a_card(context.notification)
        if whole:  # the adapter sends it in parts
            return Message(Channel.TELEGRAM, to, whole)
        return Message(Channel.TELEGRAM, to, plain(card.text), html=card.text, buttons=card.buttons)

    def _in_app(self, context: RenderContext) -> Message:
        return Message(Channel.IN_APP, context.delivery.recipient, plain(_card(context).text))

    def _short_text(self, context: RenderContext) -> Message:
        """A phone gets what somebody wrote, and nothing of ours has texts for it yet."""
        if context.notification.kind is not Kind.MESSAGE:
            raise RenderError(f"no text of {context.notification.kind} for channel {context.delivery.delivery_type}")
        return Message(context.delivery.delivery_type, context.delivery.recipient, context.notification.content["text"])

    def _email(self, context: RenderContext) -> Message:
        letter = self._letter(context)
        return Message(
            channel=Channel.EMAIL,
            to=context.delivery.recipient,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            sender=self._sender,
            headers=self._unsubscribe_headers(context.notification),
        )

    def _letter(self, context: RenderContext) -> Letter:
        surroundings = {
            "sender_name": self._name,
            "chat_url": context.extra.get("chat_url"),
            "unsubscribe_url": self._unsubscribe_url(context.notification),
        }
        return letter_of(context.notification, context.view, self._keys, surroundings)

    def _unsubscribe_headers(self, notification: Notification) -> dict[str, str]:
        """RFC 8058, which wants PUBLIC_URL to be https; without an address a mail program writes to the sender."""
        if notification.kind is not Kind.REMINDER:
            return {}
        url = self._unsubscribe_url(notification)
        if url is None:
            return {"List-Unsubscribe": f"<mailto:{self._address}?subject=unsubscribe>"}
        return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}

    def _unsubscribe_url(self, notification: Notification) -> str | None:
        content = notification.content
        if self._public_url is None or "link_id" not in content:
            return None
        token = self._keys.link_token("unsubscribe", content["link_id"], content.get("generation", 0))
        return f"{self._public_url}/u/{token}"


def _too_long_for_a_card(notification: Notification) -> str | None:
    """The whole of a plain message that one card can't hold."""
    content = notification.content
    if notification.kind is not Kind.MESSAGE:
        return None
    whole = "\n\n".join(part for part in (content.get("subject", ""), content["text"]) if part)
    return whole if units(whole) > MESSAGE_UNITS else None


def _card(context: RenderContext) -> Card:
    timezone = context.account.preferences.timezone if context.account else "UTC"
    return card_of(context.notification, context.view, timezone)
