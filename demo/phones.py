"""The phones: SMS, WhatsApp and other short messages by number, and what their owners answer."""

import secrets
import time
from collections import OrderedDict, deque
from dataclasses import asdict, dataclass, field
from typing import Any

PHONES_KEPT = 500
MESSAGES_KEPT = 500


@dataclass(slots=True)
class PhoneMessage:
    """One message; `direction` is in (to the phone) or out (a reply); `at` is Unix time. `subject` and `url` are a
    push's title and where a tap leads."""

    id: str
    channel: str
    number: str
    direction: str
    text: str
    at: float = field(default_factory=time.time)
    sender: str = ""
    status: str = "delivered"
    subject: str = ""
    url: str = ""


class Phones:
    """Messages by number; numbers that heard something last stand last."""

    def __init__(self) -> None:
        self.by_number: OrderedDict[str, deque[PhoneMessage]] = OrderedDict()

    def add(self, message: PhoneMessage) -> PhoneMessage:
        """Shows a message on its phone."""
        messages = self.by_number.setdefault(message.number, deque(maxlen=MESSAGES_KEPT))
        self.by_number.move_to_end(message.number)
        messages.append(message)
        while len(self.by_number) > PHONES_KEPT:
            self.by_number.popitem(last=False)
        return message

    def reply(self, number: str, channel: str, text: str) -> PhoneMessage:
        """What the owner of the phone answers."""
        return self.add(PhoneMessage(f"reply-{secrets.token_hex(8)}", channel, number, "out", text))

    def last_heard(self, number: str, channel: str) -> PhoneMessage | None:
        """The newest message to a phone on a channel."""
        messages = self.by_number.get(number, ())
        heard = [one for one in messages if one.direction == "in" and one.channel == channel]
        return heard[-1] if heard else None

    def read(self, number: str) -> list[PhoneMessage]:
        """Its owner looks at WhatsApp, which tells the sender; those that were new."""
        new = [
            one
            for one in self.by_number.get(number, ())
            if (one.channel, one.direction, one.status) == ("whatsapp", "in", "delivered")
        ]
        for one in new:
            one.status = "read"
        return new

    def replies(self, number: str) -> list[dict[str, Any]]:
        """All answers from a number, oldest first."""
        return [asdict(message) for message in self.by_number.get(number, ()) if message.direction == "out"]

    def listed(self) -> list[dict[str, Any]]:
        """Every phone, the one heard last first."""
        return [
            {"number": number, "messages": [asdict(message) for message in messages]}
            for number, messages in reversed(self.by_number.items())
        ]
