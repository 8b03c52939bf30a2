"""Values that the tests of texts share."""

from datetime import datetime
from typing import Any

from core.model import (
    Access,
    Account,
    Channel,
    Delivery,
    Kind,
    Notification,
    Post,
    PostState,
    PostView,
    Preferences,
    User,
    Version,
)
from core.rendering.renderer import RenderContext
from tests.conftest import NOW

POST = """We cut our release time from 3 weeks to 2 days.

Nobody worked longer hours. Every Friday whoever was on call wrote down the one step that had hurt the most.

Then we removed it. 14 weeks in a row.

→ <b>R&D</b> stopped asking for "a tool" 🙂

What would you remove this week?"""

CONTENT: dict[Kind, dict[str, Any]] = {
    Kind.DRAFT: {"version": 1},
    Kind.APPROVED: {"version": 1},
    Kind.KEPT: {"version": 1},
    Kind.REMINDER: {"day": "2026-03-02", "link_id": 4, "generation": 2},
    Kind.CODE: {"verification_id": 15, "purpose": "email"},
    Kind.EMAIL_CHANGED: {"masked_new": "n••@example.org"},
    Kind.ACCOUNT_MOVED: {},
    Kind.GAVE_UP: {"delivery_id": 9, "channel": "telegram", "error_code": "blocked", "kind": "draft"},
    Kind.ACCESS_REQUEST: {"user_id": 3, "name": "Ada <i>& co</i>"},
    Kind.ACCESS_DECIDED: {"allowed": True},
    Kind.ALERT: {"text": "A <provider> & its key"},
    Kind.MESSAGE: {"subject": "Hello <you>", "text": "One\nTwo & <b>three</b>"},
    Kind.ANNOUNCEMENT: {"subject": "News <for> you", "text": "One\nTwo & <b>three</b>"},
}


def view(
    text: str = POST,
    state: PostState = PostState.DRAFT,
    *,
    number: int = 1,
    latest: int = 1,
    direction: str = "first",
    instruction: str = "",
    writer: str = "offline",
    keep_until: datetime | None = None,
) -> PostView:
    """A post with one of its versions."""
    post = Post(42, 1, "an idea", state, "en", latest, NOW, NOW, keep_until=keep_until)
    return PostView(post, Version(42, number, text, direction, writer, NOW, instruction))


def context(
    kind: Kind,
    channel: Channel,
    *,
    content: dict[str, Any] | None = None,
    text: str = POST,
    state: PostState = PostState.DRAFT,
    timezone: str = "UTC",
) -> RenderContext:
    """What the renderer gets for a kind, with content as the outbox keeps it."""
    notification = Notification("k", kind, NOW, 1, 42, CONTENT[kind] if content is None else content)
    delivery = Delivery(1, channel, "reader@example.org", "email", NOW, NOW, f"k:{channel}")
    user = User(1, "abc", 7, "Ada", Access.ALLOWED, NOW)
    return RenderContext(notification, delivery, Account(user, Preferences(timezone=timezone)), view(text, state), {})
