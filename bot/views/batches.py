"""/batches: what goes out, or went out, to many: how far it is, and what became of it."""

from collections.abc import Mapping

from bot.callbacks import BatchButton
from bot.views.admin_words import why_dead, why_waiting
from bot.views.pages import in_rows, page_buttons
from bot.views.words import LANGUAGES
from core.batches.batches import PAGE, Watched
from core.batches.judging import waiting
from core.delivery.reasons import channel_name
from core.i18n import N_, ngettext
from core.i18n import gettext as _
from core.localized import moment, number
from core.model import Batch, BatchStatus, BatchType, Button, Card, Channel, DeliveryStatus, Page, Tally
from core.rendering.telegram_text import bold, escape, italic

STATES = {
    BatchStatus.PENDING: ("🕓", N_("about to begin")),
    BatchStatus.RUNNING: ("▶️", N_("going out")),
    BatchStatus.PAUSED: ("⏸️", N_("paused")),
    BatchStatus.COMPLETED: ("✅", N_("done")),
    BatchStatus.FAILED: ("❌", N_("could not be carried on")),
    BatchStatus.CANCELLED: ("🚫", N_("cancelled")),
}
REMOVED = {
    "notification_deliveries": N_("deliveries"),
    "delivery_logs": N_("lines of their logs"),
    "notifications": N_("notifications"),
    "provider_events": N_("reports of providers"),
    "inbound_messages": N_("answers of readers"),
    "provider_health_metrics": N_("measurements of providers"),
    "telegram_updates": N_("updates from Telegram"),
    "batch_cards": N_("cards of batches"),
    "notification_batch_jobs": N_("clean-ups"),
}
SEGMENTS = {"all": N_("everybody"), "email": N_("who has an email address"), "admins": N_("admins")}
BAR = 10  # squares
CAUSES = 5


def list_card(page: Page, timezone: str) -> Card:
    """A page of batches, newest first; each can be opened. The items are `Batch`."""
    head = f"📦 {bold(_('Batches'))} · {number(page.total)}"
    if not page.items:
        return Card(f"{head}\n\n{escape(_('None yet. /broadcast tells something to many people.'))}")
    first = (page.number - 1) * PAGE + 1
    lines = [_line(index, batch, timezone) for index, batch in enumerate(page.items, start=first)]
    opens = [
        Button(str(index), data=BatchButton(action="open", batch_id=batch.id).pack())
        for index, batch in enumerate(page.items, start=first)
    ]
    turns = page_buttons(page, lambda to: BatchButton(action="list", page=to).pack())
    return Card("\n\n".join([head, *lines]), (*in_rows(opens, 8), turns))


def _line(index: int, batch: Batch, timezone: str) -> str:
    icon, state = STATES[batch.status]
    about = " · ".join([_(state), *_how_much(batch), moment(batch.created_at, timezone)])
    return f"<b>{index}.</b> {icon} {escape(name_of(batch))}\n   {escape(about)}"


def _how_much(batch: Batch) -> list[str]:
    if batch.type is BatchType.CLEANUP:
        return [_removed_rows(batch.processed)]
    return [f"{percent(batch, batch.counts)} %", _people(batch.total)]


def name_of(batch: Batch) -> str:
    """What it is called; our own names are said in the reader's language."""
    return _(batch.name) if batch.type is BatchType.CLEANUP else batch.name


def percent(batch: Batch, tally: Tally) -> int:
    """How much of it is at its end. While deliveries are still being made, their number is guessed from those made."""
    made = sum(tally.statuses.values())
    expected = made if batch.is_made or not batch.processed else made * batch.total / batch.processed
    return min(100, int(100 * tally.settled / expected)) if expected else 100 if batch.status in ENDED else 0


ENDED = {BatchStatus.COMPLETED, BatchStatus.CANCELLED, BatchStatus.FAILED}


# One batch -------------------------------------------------------------------------------------------------


def batch_card(watched: Watched, timezone: str) -> Card:
    """How a batch stands, and what can be done about it. The same card is kept up to date while it goes out."""
    batch = watched.batch
    parts = [_head(batch), *(_cleaned(batch) if batch.type is BatchType.CLEANUP else _progress(watched))]
    parts.append(italic("\n".join(_story(watched, timezone))))
    return Card("\n\n".join(part for part in parts if part), (*_actions(batch), (_back(),)))


def _head(batch: Batch) -> str:
    icon, state = STATES[batch.status]
    kind = "🧹" if batch.type is BatchType.CLEANUP else "📣"
    return f"{kind} {bold(name_of(batch))}\n{icon} {escape(_(state))}"


def _progress(watched: Watched) -> list[str]:
    batch, tally = watched.batch, watched.tally
    done = percent(batch, tally)
    full = round(done * BAR / 100)
    bar = f"{'▰' * full}{'▱' * (BAR - full)} {done} %"
    return [bar, escape("\n".join(_counts(batch, tally))), escape("\n".join(_causes(watched.causes)))]


def _counts(batch: Batch, tally: Tally) -> list[str]:
    made = _("Made for {count} of {total} people").format(count=number(batch.processed), total=number(batch.total))
    waits = tally.in_flight + waiting(tally) if batch.status is not BatchStatus.PAUSED else tally.in_flight
    lines = {
        _("Sent: {count}"): tally.accepted,
        _("of these known to have arrived: {count}"): tally.arrived,
        _("Failed: {count}"): tally.failed,
        _("Not sent: {count}"): tally.of(DeliveryStatus.SUPPRESSED),
        _("Cancelled: {count}"): tally.of(DeliveryStatus.CANCELLED),
        _("On their way: {count}"): waits,
    }
    counted = [line.format(count=number(count)) for line, count in lines.items() if count]
    holds = sorted(tally.holds.items(), key=lambda one: (-one[1], one[0]))
    held = [_("Held: {count} ({why})").format(count=number(count), why=why_waiting(why)) for why, count in holds]
    rate = [_("{rate} a second").format(rate=number(round(tally.rate)))] if tally.rate >= 1 else []
    return [made, *counted, *held, *rate]


def _causes(causes: Mapping[str, int]) -> list[str]:
    most = list(causes.items())[:CAUSES]
    return [f"· {number(count)} × {why_dead(code)}" for code, count in most]


def _cleaned(batch: Batch) -> list[str]:
    removed = batch.tally.get("removed", {})
    lines = [f"{_(REMOVED[name])}: {number(count)}" for name, count in removed.items() if name in REMOVED]
    return [escape("\n".join(lines or [_("Nothing was old enough to go.")]))]


def _story(watched: Watched, timezone: str) -> list[str]:
    batch = watched.batch
    lines = []
    if batch.type is not BatchType.CLEANUP:
        by = watched.creator.user.name if watched.creator else _("somebody who has left")
        lines = [audience_line(batch.config), _("Begun by {name}").format(name=by)]
    lines.append(_("Made {time}").format(time=moment(batch.created_at, timezone)))
    if batch.completed_at:
        lines.append(_("Ended {time}").format(time=moment(batch.completed_at, timezone)))
    return lines


def audience_line(config: Mapping[str, object]) -> str:
    """To whom, and by which channel."""
    channels = config.get("channels")
    channel = Channel(channels[0]) if isinstance(channels, list) and channels else None
    return f"{segment_name(str(config.get('segment', 'all')))} · {ways(channel)}"


def segment_name(segment: str) -> str:
    """Whom a segment means."""
    name, _colon, value = segment.partition(":")
    if name == "language":
        return _("who reads {language}").format(language=LANGUAGES.get(value, value))
    if name == "active":
        days = int(value)
        return ngettext("active within {count} day", "active within {count} days", days).format(count=days)
    return _(SEGMENTS[name])


def ways(channel: Channel | None) -> str:
    """By which channel."""
    return _("{channel} only").format(channel=channel_name(channel)) if channel else _("by each reader's own channels")


def _people(count: int) -> str:
    return ngettext("{count} person", "{count} people", count).format(count=number(count))


def _removed_rows(count: int) -> str:
    return ngettext("{count} row removed", "{count} rows removed", count).format(count=number(count))


# What can be done ------------------------------------------------------------------------------------------


def _actions(batch: Batch) -> tuple[tuple[Button, ...], ...]:
    if batch.type is BatchType.CLEANUP or not batch.is_open:
        return ()
    cancel = _button(_("🛑 Cancel…"), "ask_cancel", batch)
    if batch.status is BatchStatus.PAUSED:
        return ((_button(_("▶️ Resume…"), "ask_resume", batch), cancel),)
    return ((_button(_("⏸️ Pause"), "pause", batch), cancel),)


def resume_card(watched: Watched) -> Card:
    """Before it goes on."""
    batch = watched.batch
    left = max(0, batch.total - batch.processed) + watched.tally.open
    text = ngettext("{count} message is left to be sent.", "{count} messages are left to be sent.", left)
    return _question(batch, _("Let it go on?"), text.format(count=number(left)), _("▶️ Go on"), "resume")


def cancel_card(watched: Watched) -> Card:
    """Before it is cancelled for good."""
    batch = watched.batch
    text = _("What has not been sent by now never will be. {count} were sent.").format(
        count=number(watched.tally.accepted)
    )
    return _question(batch, _("Cancel it for good?"), text, _("🛑 Cancel it"), "cancel")


def _question(batch: Batch, title: str, text: str, label: str, action: str) -> Card:
    rows = ((_button(label, action, batch),), (_button(_("⬅️ Back"), "open", batch),))
    return Card(f"📣 {bold(name_of(batch))}\n\n{bold(title)}\n{escape(text)}", rows)


def said(batch: Batch) -> str:
    """A short word above the chat after a press: how it stands now."""
    _icon, state = STATES[batch.status]
    return f"{name_of(batch)}: {_(state)}"


def _button(label: str, action: str, batch: Batch) -> Button:
    return Button(label, data=BatchButton(action=action, batch_id=batch.id).pack())


def _back() -> Button:
    return Button(_("⬅️ All batches"), data=BatchButton(action="list").pack())
