"""/suppressions: addresses that are left alone. The addresses themselves are not kept, so nothing can list them."""

from collections.abc import Mapping

from bot.callbacks import SuppressionButton
from bot.views.admin_words import why_dead
from core.delivery.reasons import KINDS, channel_name, kind_name
from core.i18n import gettext as _
from core.localized import moment, number
from core.model import Button, Card, Channel
from core.model.audit import Suppression
from core.operations.suppressions import Barred, LookedUp
from core.rendering.telegram_text import bold, escape

SHOWN = 10  # of an address: one for each kind that was unsubscribed from
REASONS = 20  # lines of counts


def counts_card(counts: Mapping[tuple[Channel, str], int]) -> Card:
    """How many there are by channel and reason, and how to look one up."""
    head = f"🚫 {bold(_('Suppressions'))} · {number(sum(counts.values()))}"
    often = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lines = [f"{channel_name(channel)}, {why_dead(reason)}: {number(count)}" for (channel, reason), count in often]
    how = _("To look somebody up: /suppressions ada@example.org, /suppressions +14155550123, /suppressions @ada")
    told = escape("\n".join(lines[:REASONS]) or _("No address is suppressed."))
    return Card("\n\n".join([head, told, escape(how)]))


def looked_up_card(found: LookedUp, timezone: str) -> Card:
    """What is suppressed of somebody, with a way to lift each."""
    lines = [f"🚫 {bold(found.label)}"]
    if found.blocked_at:
        blocked = _("Telegram: has blocked the bot since {time}. Only they can let it in again.")
        lines.append(escape(blocked.format(time=moment(found.blocked_at, timezone))))
    lines += [escape(_line(index, one, timezone)) for index, one in enumerate(found.barred[:SHOWN], start=1)]
    if len(lines) == 1:
        lines.append(escape(_("Nothing is suppressed: they can be written to.")))
    lifts = tuple(
        (Button(_("Lift {number}").format(number=index), data=_lift(one.suppression, "lift")),)
        for index, one in enumerate(found.barred[:SHOWN], start=1)
    )
    return Card("\n\n".join(lines), (*lifts, (_back(),)))


def _line(index: int, one: Barred, timezone: str) -> str:
    row = one.suppression
    where = f"{channel_name(row.channel)} {one.address}".rstrip()
    since = moment(row.created_at, timezone)
    return (
        f"{index}. {where}: {why_dead(row.reason)}\n   {scope_name(row.scope)} · {_('since {time}').format(time=since)}"
    )


def scope_name(scope: str) -> str:
    """What must not be sent there."""
    if scope in KINDS:
        return _("for {what}").format(what=kind_name(scope))
    return _("for everything") if scope == "all" else scope


def ask_reason(row: Suppression) -> Card:
    """Lifting needs a reason."""
    about = f"{channel_name(row.channel)}: {why_dead(row.reason)}, {scope_name(row.scope)}"
    question = _("Why may this address be used again? Send me the reason; it is kept. /cancel leaves it as it is.")
    return Card(f"🚫 {escape(about)}\n\n{escape(question)}", ((_back(),),))


def confirm_card(row: Suppression, reason: str) -> Card:
    """What will be lifted, and why; then Lift or Back."""
    about = f"{channel_name(row.channel)}: {why_dead(row.reason)}, {scope_name(row.scope)}"
    because = _("Because: {reason}").format(reason=reason)
    lift = Button(_("✅ Lift it"), data=_lift(row, "go"))
    return Card(
        f"🚫 {bold(_('Lift this suppression?'))}\n\n{escape(about)}\n\n{escape(because)}", ((lift,), (_back(),))
    )


def lifted_card(row: Suppression | None) -> Card:
    """What came of it."""
    if row is None:
        return Card(escape(_("It was lifted already.")), ((_back(),),))
    text = _("Lifted: this address may be used again by {channel}. What was not sent meanwhile stands in /failed.")
    return Card(f"✅ {escape(text.format(channel=channel_name(row.channel)))}", ((_back(),),))


def _lift(row: Suppression, action: str) -> str:
    return SuppressionButton(action=action, suppression_id=row.id).pack()


def _back() -> Button:
    return Button(_("‹ Suppressions"), data=SuppressionButton(action="list").pack())
