"""Telegram cards: what the outbox sends first and what the bot's handlers edit later, made in one place.

Whoever calls has set the language with `core.i18n.speaking`. Users' texts stand in them verbatim and escaped.
"""

from core.cards.copies import copy_cards, kept_card
from core.cards.draft import directions_card, draft_card, what_changed, writer_name, writing_card
from core.cards.notices import (
    access_decided_card,
    access_request_card,
    account_moved_card,
    alert_card,
    email_changed_card,
    gave_up_card,
    message_card,
    reminder_card,
)
from core.cards.table import card_of

__all__ = [
    "access_decided_card",
    "access_request_card",
    "account_moved_card",
    "alert_card",
    "card_of",
    "copy_cards",
    "directions_card",
    "draft_card",
    "email_changed_card",
    "gave_up_card",
    "kept_card",
    "message_card",
    "reminder_card",
    "what_changed",
    "writer_name",
    "writing_card",
]
