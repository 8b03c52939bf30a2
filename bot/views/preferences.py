"""/preferences: what comes by which channel, how often, when, and by whom."""

from collections.abc import Callable

from bot.callbacks import SettingsButton
from bot.views.pages import in_rows
from bot.views.preference_buttons import back, no_such_button, opens, press, sets
from bot.views.preference_choices import cap_card, head, providers_card, quiet_card, style_card
from bot.views.rule_words import LABELS, MEANINGS, TITLES, channel_details, details, summary
from core.accounts.rulebook import Sheet
from core.accounts.rules import STYLED, TYPES, in_force, is_switched_off, rule_for
from core.accounts.rulewords import Topic, Wish
from core.delivery.planning import addresses_of
from core.i18n import gettext as _
from core.model import Button, Card, Channel, NotificationType
from core.rendering.telegram_text import escape


def list_card(sheet: Sheet) -> Card:
    """Every type with a line of its own."""
    lines = [f"{escape(_(TITLES[type]))}: {escape(summary(sheet, type))}." for type in TYPES]
    note = _("Codes and alerts about your account always come, and so does what you have just asked for.")
    title = f"🔔 <b>{escape(_('What reaches you'))}</b>"
    types = in_rows([opens(_(TITLES[type]), "type", type) for type in TYPES], 2)
    settings = (Button(_("⚙️ All settings"), data=SettingsButton(panel="main").pack()),)
    return Card("\n".join([title, "", *lines, "", f"<i>{escape(note)}</i>"]), (*types, settings))


def type_card(sheet: Sheet, type: NotificationType, *, was_reset: bool = False) -> Card:
    """Everything about one type, with a switch for each channel. After a reset it offers to undo that."""
    lines = [f"<b>{escape(_(TITLES[type]))}</b>", f"<i>{escape(_(MEANINGS[type]))}</i>", "",
             *map(escape, details(sheet, type))]  # fmt: skip
    if was_reset:
        lines += ["", escape(_("✅ All of it is as in /settings again."))]
    parts = [opens(_("⏱ How many"), "cap", type), opens(_("🌙 Quiet hours"), "quiet", type)]
    parts += [opens(_("🎭 Style"), "style", type)] if type in STYLED else []
    parts += [opens(_("🎛 Each channel"), "chans", type)]
    rows = [*in_rows([_switch(sheet, type, one, "type") for one in sheet.channels], 2), *in_rows(parts, 2)]
    return Card("\n".join(lines), (*rows, _end_row(sheet, type, was_reset), (opens(_("⬅️ Back"), "list"),)))


def _end_row(sheet: Sheet, type: NotificationType, was_reset: bool) -> tuple[Button, ...]:
    wide = rule_for(sheet.account.rules, type, None)
    is_off = wide.is_enabled is False
    switch = sets(
        _("✅ Switch it on") if is_off else _("🚫 Switch it off"), "type", type, Topic.SWITCH, str(int(is_off))
    )
    if was_reset:
        return switch, press(_("↩️ Undo"), "type", type, "undo")
    has_rules = any(rule.type is type for rule in sheet.account.rules)
    return (switch, press(_("🧹 Reset"), "type", type, Topic.RESET)) if has_rules else (switch,)


def channels_card(sheet: Sheet, type: NotificationType) -> Card:
    """The channels to choose from, for what shall hold for one of them alone."""
    text = _("Here one channel can have its own number, quiet hours and providers. Which one?")
    buttons = [opens(_(LABELS[one]), "chan", type, one) for one in sheet.channels]
    return Card(head(type, None, [text]), (*in_rows(buttons, 2), back("type", type)))


def channel_card(sheet: Sheet, type: NotificationType, channel: Channel) -> Card:
    """A type on one channel."""
    parts = [opens(_("⏱ How many"), "cap", type, channel), opens(_("🌙 Quiet hours"), "quiet", type, channel)]
    if len(sheet.providers.get(channel, ())) > 1:
        parts.append(opens(_("🛰 Providers"), "prov", type, channel))
    rows = ((_switch(sheet, type, channel, "chan"),), *in_rows(parts, 2))
    text = head(type, channel, channel_details(sheet, type, channel))
    return Card(text, (*rows, (opens(_("⬅️ Back"), "chans", type),)))


def _switch(sheet: Sheet, type: NotificationType, channel: Channel, panel: str) -> Button:
    """What is on is switched off by a press, and the other way round. Off by a rule is told from what is not used."""
    is_on = in_force(sheet.account, type, channel).is_enabled and channel in addresses_of(sheet.account)
    mark = "✅" if is_on else "🚫" if is_switched_off(sheet.account, type, channel) else "▫️"
    label = f"{mark} {_(LABELS[channel])}"
    return sets(label, panel, type, Topic.SWITCH, str(int(not is_on)), channel)


Panel = Callable[[Sheet, NotificationType, Channel | None], Card]
PANELS: dict[str, Panel] = {
    "type": lambda sheet, type, channel: type_card(sheet, type),
    "chans": lambda sheet, type, channel: channels_card(sheet, type),
    "chan": lambda sheet, type, channel: channel_card(sheet, type, _named(channel)),
    "cap": cap_card,
    "quiet": quiet_card,
    "style": style_card,
    "prov": lambda sheet, type, channel: providers_card(sheet, type, _named(channel)),
}


def shown_after(wish: Wish, sheet: Sheet) -> Card:
    """What is shown after a typed wish: the type, or the channel that it was about."""
    if wish.topic is Topic.RESET:
        return type_card(sheet, wish.type, was_reset=True)
    if wish.channel in sheet.channels and wish.topic is not Topic.SWITCH:
        return channel_card(sheet, wish.type, wish.channel)
    return type_card(sheet, wish.type)


def card(panel: str, sheet: Sheet, type: NotificationType, channel: Channel | None) -> Card:
    """One card as it stands."""
    if panel not in PANELS:
        raise no_such_button()
    return PANELS[panel](sheet, type, channel)


def _named(channel: Channel | None) -> Channel:
    if channel is None:
        raise no_such_button()
    return channel
