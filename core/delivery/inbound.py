"""What people answer by SMS and WhatsApp: STOP, START and HELP are honoured, and the moment of their last word is kept,
since WhatsApp takes a free text only within a day of it. The words themselves are not kept.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.delivery.attempts import PINNED
from core.delivery.outbox import delivery_of, queue
from core.delivery.planning import Planned
from core.i18n import gettext as _
from core.i18n import speaking
from core.model import Channel, InboundMessage, Kind, Notification
from core.ports import UnitOfWork
from core.secrets import Keys

WINDOW = timedelta(hours=24)  # of WhatsApp, from the person's last word
STOPPED = "stopped"
LIFTED_BY_START = {STOPPED, "unsubscribed"}  # what a person asked for; a dead number stays dead


class Keyword(StrEnum):
    """What a whole message can mean to every sender of messages."""

    STOP = "stop"
    START = "start"
    HELP = "help"


# The carriers' words and those of our languages. CANCEL, END, YES and the like are left out: they answer invitations.
WORDS = {
    **dict.fromkeys(("stop", "stopall", "stop all", "unsubscribe", "quit", "optout", "opt out"), Keyword.STOP),
    **dict.fromkeys(("arret", "desabonner", "desinscrire", "alto", "parar", "baja", "detener"), Keyword.STOP),
    **dict.fromkeys(("start", "unstop", "resume", "reprendre", "reanudar", "alta"), Keyword.START),
    **dict.fromkeys(("help", "info", "aide", "ayuda"), Keyword.HELP),
}


def keyword_of(text: str) -> Keyword | None:
    """The keyword that a message is; None where it says anything more. Case, accents and full stops don't matter."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return WORDS.get(" ".join(letters.casefold().strip(" .!?\"'«»“”\t\r\n").split()))


@dataclass(frozen=True, slots=True)
class Inbound:
    """Takes in what people wrote. `sender_name` is who we are."""

    keys: Keys
    sender_name: str

    async def take(self, uow: UnitOfWork, messages: Sequence[InboundMessage], now: datetime) -> list[InboundMessage]:
        """Keep and obey them; those that are new and were no keyword, for whoever waits for an answer."""
        new = await uow.inbound.add([(one, self._hash(one), keyword_of(one.text)) for one in messages], now)
        rest: list[InboundMessage] = []
        for one in new:
            keyword = keyword_of(one.text)
            if keyword is None:
                rest.append(one)
            else:
                await self._obey(uow, one, keyword, now)
        return rest

    def _hash(self, message: InboundMessage) -> str:
        return self.keys.address_hash(message.channel, message.sender)

    async def _obey(self, uow: UnitOfWork, message: InboundMessage, keyword: Keyword, now: datetime) -> None:
        address = self._hash(message)
        if keyword is Keyword.STOP:
            await uow.suppressions.add(message.channel, address, STOPPED, now)
            return
        if keyword is Keyword.START:
            found = await uow.suppressions.scopes([(message.channel, address)])
            for (channel, _address, scope), reason in found.items():
                if channel == message.channel and reason in LIFTED_BY_START:
                    await uow.suppressions.remove(channel, address, scope=scope)
        if not message.is_answered:
            await self._answer(uow, message, keyword, now)

    async def _answer(self, uow: UnitOfWork, message: InboundMessage, keyword: Keyword, now: datetime) -> None:
        """Once a day for each number and keyword: every answer costs somebody money."""
        language = await uow.inbound.language_of(message.channel, self._hash(message))
        with speaking(language or "en"):
            text = _answers(self.sender_name)[keyword]
        about = Notification(
            f"answer:{keyword}:{message.channel}:{self._hash(message)}:{now:%Y%m%d}", Kind.MESSAGE, now,
            interactive=True, content={"text": text},
        )  # fmt: skip
        notification_id = await uow.deliveries.add_notification(about)
        if notification_id is None:
            return
        planned = Planned(message.channel, message.sender, "phone", now)
        row = delivery_of(planned, replace(about, id=notification_id), now=now)
        await queue(uow, [replace(row, delivery_metadata={PINNED: message.provider})])


def _answers(sender_name: str) -> dict[Keyword, str]:
    return {
        Keyword.START: _("{name}: you will get messages again. Reply STOP to end them.").format(name=sender_name),
        Keyword.HELP: _(
            "{name}: you get messages that somebody sent you or that you asked for. Reply STOP to end them."
        ).format(name=sender_name),
    }


def window_is_open(last_word: datetime | None, now: datetime) -> bool:
    """Whether WhatsApp takes a free text now."""
    return last_word is not None and now - last_word < WINDOW


def has_window(channel: Channel) -> bool:
    """Whether a channel has such a window at all."""
    return channel is Channel.WHATSAPP
