"""/audit: who did what, a line or two each: before → after. Addresses and secrets are not in it, whatever was noted."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.callbacks import AuditButton
from bot.views.pages import in_rows, page_buttons
from core.i18n import gettext as _
from core.localized import moment, number
from core.model import Button, Card, Page
from core.model.audit import AuditFilter, AuditRow
from core.rendering.telegram_text import bold, escape, shorten

VALUE, NAME, CHANGES = 60, 24, 5  # characters of a value, of a name; values of a row
TOPICS = 9  # buttons
SECRET = re.compile(r"token|secret|password|key|hash|credential", re.IGNORECASE)
HIDDEN = (
    (re.compile(r"\b([\w+.-])[\w+.-]*@([\w.-]+)"), r"\1…@\2"),
    (re.compile(r"\+\d{2}\d{4,}(\d{2})"), r"+…\1"),
)


def audit_card(page: Page, meant: AuditFilter, topics: Sequence[str], timezone: str) -> Card:
    """A page of the log, with buttons for its topics. The items are `AuditRow`."""
    head = f"📜 {bold(_('Audit log'))} · {number(page.total)}"
    if meant.action:
        head += f" · <code>{escape(meant.action)}</code>"
    lines = [_row(row, timezone) for row in page.items]
    nothing = escape(_("Nothing was noted."))
    how = escape(_("Filters: /audit provider, /audit @root, /audit provider.disabled"))

    def turn(to: int) -> str:
        return AuditButton(page=to, topic=meant.action or "", user_id=meant.user_id or 0).pack()

    buttons = (*_topics(meant, topics), page_buttons(page, turn))
    return Card("\n\n".join([head, *(lines or [nothing]), how]), buttons)


def _row(row: AuditRow, timezone: str) -> str:
    who = _("the program itself")
    if row.public_id:
        who = f"{shorten(row.name or '', NAME)} ({row.public_id})"
    head = f"{escape(moment(row.created_at, timezone))} · {escape(who)}\n<code>{escape(row.action)}</code>"
    changes = [escape(change) for change in changes_of(row.before or {}, row.after or {})]
    return " · ".join([head, *changes[:CHANGES]]) + (" …" if len(changes) > CHANGES else "")


def changes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """`priority: 1 → 2`, one for each value; what is the same before and after, or on one side only, is said once."""
    told = []
    for name in dict.fromkeys((*before, *after)):
        found = [shown_value(name, values[name]) for values in (before, after) if name in values]
        told.append(f"{name.replace('_', ' ')}: {' → '.join(dict.fromkeys(found))}")
    return told


def shown_value(name: str, value: Any) -> str:
    """A value as it may be read: short, without secrets and addresses."""
    if value is None or value == "":
        return "–"
    if SECRET.search(name):
        return "…"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        text = ", ".join(f"{key} {shown_value(str(key), one)}" for key, one in value.items())
    elif isinstance(value, list | tuple):
        text = ", ".join(map(str, value))
    else:
        text = str(value)
    for pattern, instead in HIDDEN:
        text = pattern.sub(instead, text)
    return shorten(text, VALUE) or "–"


def _topics(meant: AuditFilter, topics: Sequence[str]) -> tuple[tuple[Button, ...], ...]:
    """The topics that there are; the one that is shown is marked, a press on it shows all again."""
    shown = (meant.action or "").partition(".")[0]
    buttons = [
        Button(f"• {topic}" if topic == shown else topic, data=_to_topic("" if topic == shown else topic, meant))
        for topic in topics[:TOPICS]
    ]
    return in_rows(buttons, 3)


def _to_topic(topic: str, meant: AuditFilter) -> str:
    return AuditButton(topic=topic, user_id=meant.user_id or 0).pack()
