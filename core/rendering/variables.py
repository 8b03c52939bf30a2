"""What may be named in the texts of each kind: one table, for checks, previews and help. Pure.

A test holds it equal to what `core.rendering.facts` gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.i18n import N_
from core.i18n import gettext as _
from core.model import Channel, Kind

RSVP_INVITATION = "rsvp_invitation"  # the documents' own WhatsApp template (seeds/003)
KEYS: tuple[str, ...] = (*Kind, RSVP_INVITATION)
SUBJECT, TEXT, HTML = "subject", "text", "html"
PARTS: Mapping[Channel, tuple[str, ...]] = {
    Channel.TELEGRAM: (TEXT,),
    Channel.EMAIL: (SUBJECT, TEXT, HTML),
    Channel.SMS: (TEXT,),
    Channel.WHATSAPP: (TEXT,),
    Channel.PUSH: (SUBJECT, TEXT),
}
# Cards that change with what they are about, and words that are somebody's own, stay as they are made.
CARDS_AS_THEY_ARE = {Kind.DRAFT, Kind.APPROVED, Kind.MESSAGE, Kind.ANNOUNCEMENT}


@dataclass(frozen=True, slots=True)
class Variable:
    """What a name stands for, in plain words, and whether it may be empty."""

    meaning: str
    may_be_empty: bool = False


_SENDER = {"sender_name": Variable(N_("the name that messages come from (SENDER_NAME)"))}
_READER = {"reader_name": Variable(N_("the reader's name; empty for somebody without an account"), may_be_empty=True)}
_CHAT = {"chat_url": Variable(N_("the address of the chat with the bot; empty until Telegram has told it"), True)}
EVERYWHERE = {**_SENDER, **_READER, **_CHAT}
_POST = {
    "post": Variable(N_("the whole text of the post")),
    "opening": Variable(N_("the first words of the post, on one line")),
    "number": Variable(N_("the number of the version")),
    "length": Variable(N_("how many characters the post has")),
}
_WORDS = {
    "subject": Variable(N_("the subject; may be empty"), may_be_empty=True),
    "text": Variable(N_("the text as it was written")),
    "whole": Variable(N_("the subject and the text, a blank line between them")),
}
_UNSUBSCRIBE = {
    "unsubscribe_url": Variable(N_("the address that ends such mails; may be empty"), may_be_empty=True),
}
OF_KIND: Mapping[str, Mapping[str, Variable]] = {
    Kind.DRAFT: _POST,
    Kind.APPROVED: _POST,
    Kind.KEPT: _POST,
    Kind.REMINDER: {
        "day_text": Variable(N_("the day in full words")),
        **_UNSUBSCRIBE,
    },
    Kind.CODE: {
        "code": Variable(N_("the six digits")),
        "minutes": Variable(N_("for how many minutes the code is good")),
        "purpose": Variable(N_("what the code confirms: email or link")),
    },
    Kind.EMAIL_CHANGED: {"masked_new": Variable(N_("the new address, most of it hidden"))},
    Kind.ACCOUNT_MOVED: {},
    Kind.GAVE_UP: {
        "what": Variable(N_("what could not be delivered")),
        "channel_name": Variable(N_("by which way it should have gone")),
        "reason": Variable(N_("why it could not, without a full stop")),
    },
    Kind.ACCESS_REQUEST: {"name": Variable(N_("who asks for access"))},
    Kind.ACCESS_DECIDED: {
        "decision": Variable(N_("the answer as one or two sentences")),
        "allowed": Variable(N_("true where access was granted")),
    },
    Kind.ALERT: {"text": Variable(N_("what happened"))},
    Kind.MESSAGE: _WORDS,
    Kind.ANNOUNCEMENT: _WORDS | _UNSUBSCRIBE,
    RSVP_INVITATION: {
        "guest_name": Variable(N_("the guest's name")),
        "event_name": Variable(N_("what the event is called")),
        "event_date": Variable(N_("when it takes place")),
        "event_location": Variable(N_("where it takes place")),
        "rsvp_link": Variable(N_("the address on which the guest answers")),
    },
}
# Without one of these a text would not say what it is for: a code that is not told confirms nothing.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    Kind.CODE: ("code",),
    Kind.ALERT: ("text",),
    Kind.MESSAGE: ("text", "whole"),
    Kind.ANNOUNCEMENT: ("text", "whole"),
    RSVP_INVITATION: ("rsvp_link",),
}
TRANSLATED = {"subject", "text", "event_name", "event_location"}
_OWN_WORDS = {"subject": N_("Good news"), "text": N_("The bot now speaks three languages.")}
SAMPLE_DAY = date(2026, 3, 2)
# Content as the outbox keeps it, for previews and tests of a text. No row has the number 0.
SAMPLES: Mapping[str, Mapping[str, Any]] = {
    Kind.DRAFT: {},
    Kind.APPROVED: {},
    Kind.KEPT: {},
    Kind.REMINDER: {"day": SAMPLE_DAY.isoformat()},
    Kind.CODE: {"verification_id": 0, "purpose": "email"},
    Kind.EMAIL_CHANGED: {"masked_new": "m••@example.org"},
    Kind.ACCOUNT_MOVED: {},
    Kind.GAVE_UP: {"delivery_id": 0, "channel": "email", "error_code": "mailbox_full", "kind": "draft"},
    Kind.ACCESS_REQUEST: {"user_id": 0, "name": "Alex"},
    Kind.ACCESS_DECIDED: {"allowed": True},
    Kind.ALERT: {"text": N_("The mail server has not answered for ten minutes.")},
    Kind.MESSAGE: _OWN_WORDS,
    Kind.ANNOUNCEMENT: _OWN_WORDS,
    RSVP_INVITATION: {
        "guest_name": "Alex",
        "event_name": N_("Spring party"),
        "event_date": "2026-03-20, 18:00",
        "event_location": N_("Town hall"),
        "rsvp_link": "https://desk.example.org/i/abc",
    },
}
SAMPLE_POST = N_(
    "We cut our release time from three weeks to two days.\n\nNobody worked longer hours. Every Friday we removed the "
    "one step that had hurt the most.\n\nWhat would you remove this week?"
)


def variables_of(key: str) -> dict[str, Variable]:
    """What the texts of a kind may name; raises KeyError for an unknown one."""
    return {**OF_KIND[key], **EVERYWHERE}


def sample_content(key: str) -> dict[str, Any]:
    """Content for an example, in the language that is being spoken."""
    return {name: _(value) if name in TRANSLATED else value for name, value in SAMPLES[key].items()}


def parts_of(key: str, channel: Channel) -> tuple[str, ...]:
    """The parts of a text that can be written anew; none where the channel does not carry it as a text."""
    return PARTS.get(channel, ()) if channel in channels_of(key) else ()


def channels_of(key: str) -> tuple[Channel, ...]:
    """The channels on which a kind has a text that can be written anew, in the order in which they are shown."""
    if key == RSVP_INVITATION:
        return (Channel.WHATSAPP,)
    without = {
        Channel.TELEGRAM: CARDS_AS_THEY_ARE | {Kind.CODE},  # reading a code proves that the address is the reader's
        Channel.PUSH: {Kind.CODE},
    }
    return tuple(channel for channel in PARTS if key not in without.get(channel, ()))
