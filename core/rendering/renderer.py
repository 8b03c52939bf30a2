"""A delivery's notification as the message an adapter sends, in the reader's language.

Telegram messages are the cards of `core.cards`; the inbox reads the same cards as plain text; mails, SMS, WhatsApp and
push come from templates/<channel>, or from what an admin wrote instead (`core.rendering.book`). Whoever calls has set
the language. What can't be rendered raises `RenderError`; what no provider could carry raises `Refused`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from typing import Any

from core.cards import card_of
from core.errors import RenderError
from core.i18n import current_language
from core.model import Account, Card, Channel, Delivery, Kind, Message, Notification, PostView, StoredTemplate
from core.rendering import phones
from core.rendering.book import TemplateBook
from core.rendering.facts import facts_of
from core.rendering.hooks import webhook_body
from core.rendering.lengths import push_body, push_title
from core.rendering.letters import letter_of
from core.rendering.telegram_text import MESSAGE_UNITS, escape, plain, units
from core.rendering.texts import overridden, own, source_of, written
from core.rendering.variables import SUBJECT, TEXT, parts_of
from core.secrets import Keys

UNSUBSCRIBABLE = (Kind.REMINDER, Kind.ANNOUNCEMENT)  # by mail, each for itself
PREPARED = "prepared"  # content of a message that is finished already: a test of a text


@dataclass(frozen=True, slots=True)
class RenderContext:
    """Everything a message is made from. `view` is the post with the version that the notification names; `extra` may
    hold `chat_url`, the bot's address for the button of a mail; `window_open` says whether the reader of a WhatsApp
    message has written within 24 hours, None where that is not known."""

    notification: Notification
    delivery: Delivery
    account: Account | None
    view: PostView | None
    extra: Mapping[str, Any]
    window_open: bool | None = None


class Renderer:
    """Turns a context into a `Message`. `sender` is the address that mails come from."""

    def __init__(
        self, keys: Keys, public_url: str | None, sender: str, sender_name: str, book: TemplateBook | None = None
    ) -> None:
        self._keys = keys
        self._public_url = public_url
        self._address = sender
        self._sender = str(Address(sender_name, addr_spec=sender))
        self._name = sender_name
        self._book = book or TemplateBook()

    def reading(self, book: TemplateBook) -> "Renderer":
        """The same renderer with other texts: for previews."""
        return Renderer(self._keys, self._public_url, self._address, self._name, book)

    def render(self, context: RenderContext) -> Message:
        """The message for the delivery's channel and address; raises `RenderError` and `Refused`."""
        channel = context.delivery.delivery_type
        makers = {
            Channel.TELEGRAM: self._telegram,
            Channel.IN_APP: self._in_app,
            Channel.EMAIL: self._email,
            Channel.SMS: self._sms,
            Channel.WHATSAPP: self._whatsapp,
            Channel.PUSH: self._push,
            Channel.WEBHOOK: self._webhook,
        }
        try:
            if PREPARED in context.notification.content:
                return self._prepared(context)
            return makers[channel](context)
        except (LookupError, TypeError, ValueError) as error:
            raise RenderError(f"{context.notification.kind}: {type(error).__name__}") from error

    def values(self, context: RenderContext) -> dict[str, Any]:
        """What the texts of this notification may name."""
        return facts_of(context.notification, context.view, self._keys, self.surroundings(context))

    def surroundings(self, context: RenderContext) -> dict[str, Any]:
        """What every text may name."""
        return {
            "sender_name": self._name,
            "reader_name": context.account.user.name if context.account else "",
            "chat_url": context.extra.get("chat_url"),
            "unsubscribe_url": self._unsubscribe_url(context.notification),
        }

    def _override(self, context: RenderContext) -> StoredTemplate | None:
        return self._book.find(context.notification.kind, context.delivery.delivery_type, current_language())

    def _prepared(self, context: RenderContext) -> Message:
        """What was rendered before, with the sender of today."""
        channel, to = context.delivery.delivery_type, context.delivery.recipient
        sender = self._sender if channel is Channel.EMAIL else ""
        message = Message(channel, to, **context.notification.content[PREPARED], sender=sender)
        return phones.allowed(message, context.window_open) if channel is Channel.WHATSAPP else message

    def _telegram(self, context: RenderContext) -> Message:
        card, to = _card(context), context.delivery.recipient
        words = self._instead_of_card(context)
        whole = words if words and units(words) > MESSAGE_UNITS else _too_long_for_a_card(context.notification)
        if whole:  # the adapter sends it in parts
            return Message(Channel.TELEGRAM, to, whole, buttons=card.buttons)
        html = card.text if words is None else escape(words)
        return Message(Channel.TELEGRAM, to, plain(html), html=html, buttons=card.buttons)

    def _instead_of_card(self, context: RenderContext) -> str | None:
        """What an admin wrote in the place of a card's text; its buttons stay."""
        kind = context.notification.kind
        source = source_of(TEXT, self._override(context))
        if source is None or not parts_of(kind, Channel.TELEGRAM):
            return None
        return overridden(TEXT, kind, source, self.values(context)).strip()

    def _in_app(self, context: RenderContext) -> Message:
        return Message(Channel.IN_APP, context.delivery.recipient, plain(_card(context).text))

    def _sms(self, context: RenderContext) -> Message:
        to, kind = context.delivery.recipient, context.notification.kind
        return phones.sms_of(kind, to, self.values(context), self._override(context))

    def _whatsapp(self, context: RenderContext) -> Message:
        to, kind = context.delivery.recipient, context.notification.kind
        values, override = self.values(context), self._override(context)
        return phones.whatsapp_of(kind, to, values, override, context.window_open)

    def _push(self, context: RenderContext) -> Message:
        kind, values, override = context.notification.kind, self.values(context), self._override(context)
        title = push_title(written(SUBJECT, kind, Channel.PUSH, values, override))
        text = push_body(written(TEXT, kind, Channel.PUSH, values, override))
        url = values["chat_url"] or ""
        return Message(Channel.PUSH, context.delivery.recipient, text, subject=title, url=url)

    def _webhook(self, context: RenderContext) -> Message:
        about, values = context.notification, self.values(context)
        title = " ".join(own(SUBJECT, about.kind, Channel.EMAIL, values).split())
        body = webhook_body(about, context.delivery, context.view, title=title, text=plain(_card(context).text))
        url = values["chat_url"] or ""
        return Message(Channel.WEBHOOK, context.delivery.recipient, body, subject=title, url=url)

    def _email(self, context: RenderContext) -> Message:
        letter = letter_of(context.notification.kind, self.values(context), self._override(context))
        return Message(
            channel=Channel.EMAIL,
            to=context.delivery.recipient,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            sender=self._sender,
            headers=self._unsubscribe_headers(context.notification),
        )

    def _unsubscribe_headers(self, notification: Notification) -> dict[str, str]:
        """RFC 8058, which wants PUBLIC_URL to be https; without an address a mail program writes to the sender."""
        if notification.kind not in UNSUBSCRIBABLE:
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


def finished(message: Message) -> dict[str, Any]:
    """A message as content that is sent as it is (`PREPARED`). Its buttons stay behind: they would act on nothing."""
    kept = ("text", "subject", "html", "url", "template_id", "template_variables")
    return {PREPARED: {name: getattr(message, name) for name in kept}}


def _too_long_for_a_card(notification: Notification) -> str | None:
    """The whole of somebody's words that one card can't hold."""
    content = notification.content
    if notification.kind not in (Kind.MESSAGE, Kind.ANNOUNCEMENT):
        return None
    whole = "\n\n".join(part for part in (content.get("subject", ""), content["text"]) if part)
    return whole if units(whole) > MESSAGE_UNITS else None


def _card(context: RenderContext) -> Card:
    timezone = context.account.preferences.timezone if context.account else "UTC"
    return card_of(context.notification, context.view, timezone)
