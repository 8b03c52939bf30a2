"""What admins read: counts, and the story of a delivery. No text or address of anybody is in them."""

from collections.abc import Mapping

from core.delivery.operations import Stats, Story
from core.delivery.reasons import STATUSES, channel_name, kind_name, status_line, why_failed
from core.i18n import N_
from core.i18n import gettext as _
from core.localized import moment
from core.model import Attempt, Card
from core.rendering.telegram_text import MESSAGE_UNITS, clip, escape, units

COUNTS = {
    "people": N_("People: {count}"),
    "new_people": N_("New today: {count}"),
    "blocked": N_("Have blocked the bot: {count}"),
    "ideas": N_("Ideas: {count}"),
    "versions": N_("Versions written: {count}"),
    "approved": N_("Approved: {count}"),
    "posted": N_("Posted: {count}"),
    "updates_waiting": N_("Updates in hand, with this one: {count}"),
    "possible_duplicates": N_("Possible duplicates: {count}"),
}


def stats_card(stats: Stats) -> Card:
    """Today's counts as text."""
    lines = [_(line).format(count=stats.counts.get(name, 0)) for name, line in COUNTS.items()]
    parts = [f"📊 <b>{escape(_('Today (UTC)'))}</b>", escape("\n".join(lines)), *_deliveries(stats.deliveries)]
    if stats.oldest_due:
        parts.append(escape(_("Longest overdue since {time} UTC").format(time=moment(stats.oldest_due, "UTC"))))
    return Card("\n\n".join(parts))


def _deliveries(counts: Mapping[tuple[str, str], int]) -> list[str]:
    if not counts:
        return [escape(_("No deliveries yet."))]
    lines = []
    for (channel, status), count in sorted(counts.items()):
        icon, word = next((value for key, value in STATUSES.items() if key == status), ("•", status))
        lines.append(f"{icon} {channel_name(channel)}, {_(word)}: {count}")
    return [f"<b>{escape(_('Deliveries'))}</b>\n{escape(chr(10).join(lines))}"]


def story_card(story: Story, timezone: str) -> Card:
    """One delivery: what, how it stands, by which route, and each attempt."""
    delivery = story.delivery
    title = _("Delivery {number}").format(number=delivery.id)
    lines = [
        _("{what} by {channel}").format(
            what=kind_name(story.notification.kind), channel=channel_name(delivery.delivery_type)
        ),
        status_line(delivery),
        _("Made {time}").format(time=moment(delivery.created_at, timezone)),
        *_facts(story, timezone),
        *(_attempt(attempt, timezone) for attempt in story.attempts),
    ]
    text = "\n".join(lines)
    room = MESSAGE_UNITS - units(title) - 10
    return Card(f"🔎 <b>{escape(title)}</b>\n\n{escape(text if units(text) <= room else clip(text, room))}")


def _facts(story: Story, timezone: str) -> list[str]:
    delivery = story.delivery
    facts = []
    if delivery.status == "pending":
        facts.append(_("Due {time}").format(time=moment(delivery.scheduled_at, timezone)))
    if delivery.provider_name:
        facts.append(_("Provider: {name}").format(name=delivery.provider_name))
    facts += [f"· {reason}" for reason in delivery.delivery_metadata.get("route", ())]
    if delivery.replaces_id:
        facts.append(_("In place of delivery {number}").format(number=delivery.replaces_id))
    return facts


def _attempt(attempt: Attempt, timezone: str) -> str:
    when = moment(attempt.created_at, timezone)
    how = f"{attempt.provider_name or '-'}: {attempt.status}"
    took = f", {attempt.duration_ms} ms" if attempt.duration_ms is not None else ""
    why = f" ({why_failed(attempt.error_code)}, {attempt.error_code})" if attempt.error_code else ""
    return f"{attempt.attempt or '·'}. {when} · {how}{took}{why}"
