"""Which card a notification is in the chat."""

from collections.abc import Callable
from datetime import date
from typing import Any

from core.cards import copies, draft, notices
from core.errors import RenderError
from core.model import Card, Kind, Notification, PostView


def card_of(notification: Notification, view: PostView | None, timezone: str) -> Card:
    """The card of a notification; raises `RenderError` where there is none: a code is for the mailbox only, since
    reading it proves that the mailbox is the user's."""
    content = notification.content
    if notification.kind in POSTS:
        return POSTS[notification.kind](_present(notification, view), timezone)
    if notification.kind not in NOTICES:
        raise RenderError(f"no card for {notification.kind}")
    return NOTICES[notification.kind](content)


def _present(notification: Notification, view: PostView | None) -> PostView:
    if view is None:
        raise RenderError(f"{notification.kind}: its post is gone")
    return view


POSTS: dict[Kind, Callable[[PostView, str], Card]] = {
    Kind.DRAFT: lambda view, timezone: draft.draft_card(view, timezone=timezone),
    Kind.APPROVED: lambda view, timezone: draft.draft_card(view, timezone=timezone),
    Kind.KEPT: lambda view, timezone: copies.kept_card(view),
}

NOTICES: dict[Kind, Callable[[Any], Card]] = {
    Kind.REMINDER: lambda c: notices.reminder_card(date.fromisoformat(c["day"])),
    Kind.EMAIL_CHANGED: lambda c: notices.email_changed_card(c["masked_new"]),
    Kind.ACCOUNT_MOVED: lambda c: notices.account_moved_card(),
    Kind.GAVE_UP: lambda c: notices.gave_up_card(c["delivery_id"], c["channel"], c["error_code"], c["kind"]),
    Kind.ACCESS_REQUEST: lambda c: notices.access_request_card(c["user_id"], c["name"]),
    Kind.ACCESS_DECIDED: lambda c: notices.access_decided_card(c["allowed"]),
    Kind.ALERT: lambda c: notices.alert_card(c["text"]),
    Kind.MESSAGE: lambda c: notices.message_card(c.get("subject", ""), c["text"]),
    Kind.ANNOUNCEMENT: lambda c: notices.message_card(c.get("subject", ""), c["text"]),
}
