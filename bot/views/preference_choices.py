"""The cards of /preferences on which something is chosen: how many, when, in which style, by whom."""

from collections.abc import Iterable

from bot.views.pages import in_rows
from bot.views.preference_buttons import back, mark, press, provider_code, sets
from bot.views.rule_words import LABELS, TITLES, cap_text, quiet_text
from bot.views.settings import NIGHTS
from bot.views.words import STYLES, night
from core.accounts.rulebook import Sheet
from core.accounts.rules import NO_CAP, NO_QUIET_HOURS, rule_for
from core.accounts.rulewords import Topic, parse_cap, parse_quiet_hours
from core.i18n import gettext as _
from core.model import Button, Buttons, Card, Channel, NotificationType, Rule
from core.rendering.telegram_text import escape

CAPS = ("1h", "1d", "3d", "3w")
NIGHT_VALUES = tuple(night(value).replace(":", "h").replace("–", "-") for value in NIGHTS)  # 22h00-07h00
DEFAULT, OFF = "default", "off"  # values of buttons: as the wider rule says, none at all


def cap_card(sheet: Sheet, type: NotificationType, channel: Channel | None) -> Card:
    """How many are wanted at most."""
    rule = rule_for(sheet.account.rules, type, channel)
    text = _("How many shall come at most? What is more waits for the next hour, day or week of your clock.")
    chosen = {one: parse_cap(one) for one in CAPS}
    buttons = [
        sets(mark(cap_text(cap), cap == rule.cap), "cap", type, Topic.CAP, value, channel)
        for value, cap in chosen.items()
    ]
    none = _none(rule, channel, _("No limit"), rule.cap == NO_CAP, rule.cap is None, "cap", Topic.CAP)
    own = _own(rule.cap is not None and rule.cap not in (*chosen.values(), NO_CAP), "cap", type, channel)
    return Card(head(type, channel, [text]), (*in_rows(buttons, 2), *none, own, _back_of(type, channel)))


def quiet_card(sheet: Sheet, type: NotificationType, channel: Channel | None) -> Card:
    """When nothing shall come."""
    rule = rule_for(sheet.account.rules, type, channel)
    text = _("When shall none of these come? They wait until the quiet hours end.")
    chosen = {one: parse_quiet_hours(one) for one in NIGHT_VALUES}
    buttons = [
        sets(mark(quiet_text(quiet), quiet == rule.quiet), "quiet", type, Topic.QUIET, value, channel)
        for value, quiet in chosen.items()
    ]
    is_none = rule.quiet == NO_QUIET_HOURS
    off = sets(mark(_("No quiet hours"), is_none), "quiet", type, Topic.QUIET, OFF, channel)
    words = _("As for all channels") if channel else _("As in /settings")
    usual = sets(mark(words, rule.quiet is None), "quiet", type, Topic.QUIET, DEFAULT, channel)
    own = _own(rule.quiet is not None and rule.quiet not in (*chosen.values(), NO_QUIET_HOURS), "quiet", type, channel)
    return Card(head(type, channel, [text]), (*in_rows(buttons, 2), (off, usual), own, _back_of(type, channel)))


def style_card(sheet: Sheet, type: NotificationType, channel: Channel | None = None) -> Card:
    """In which style texts of this type begin."""
    rule = rule_for(sheet.account.rules, type, None)
    buttons = [
        sets(mark(_(name), style is rule.style), "style", type, Topic.STYLE, style) for style, name in STYLES.items()
    ]
    usual = sets(mark(_("As in /settings"), rule.style is None), "style", type, Topic.STYLE, DEFAULT)
    text = _("How you and your readers speak with each other in these. New drafts follow it.")
    return Card(head(type, None, [text]), (*in_rows(buttons, 2), (usual,), back("type", type)))


def providers_card(sheet: Sheet, type: NotificationType, channel: Channel) -> Card:
    """Who carries it on a channel: a star prefers, the sign beside it keeps somebody from it. Pressed again, each is
    taken back."""
    rule = rule_for(sheet.account.rules, type, channel)
    text = _("⭐ is tried first, 🚫 is never used. The others follow in the admins' order.")
    rows = [
        (
            _toggle("⭐", name, name in (rule.preferred or ()), Topic.PREFER, type, channel),
            _toggle("🚫", name, name in (rule.blocked or ()), Topic.BLOCK, type, channel),
        )
        for name in sheet.providers.get(channel, ())
    ]
    return Card(head(type, channel, [text]), (*rows, _back_of(type, channel)))


def ask_own(topic: Topic) -> str:
    """The question for a number or for hours that no button has."""
    texts = {
        Topic.CAP: _(
            "How many at most, and in which time? Examples: 5 a day, 2 per week, 1 an hour. /cancel leaves it."
        ),
        Topic.QUIET: _("From when to when? Examples: 22:00-07:00, from 10pm to 7am. /cancel leaves it."),
    }
    return escape(texts[topic])


def head(type: NotificationType, channel: Channel | None, lines: Iterable[str]) -> str:
    """What stands above the buttons: the type, the channel where it is about one, and the lines."""
    title = _(TITLES[type]) + (f" · {_(LABELS[channel])}" if channel else "")
    return "\n".join([f"<b>{escape(title)}</b>", "", *map(escape, lines)])


def _none(
    rule: Rule, channel: Channel | None, words: str, is_none: bool, is_usual: bool, panel: str, topic: Topic
) -> Buttons:
    """No limit: for a type that is what holds without a rule; for a channel it is one, beside the type's."""
    if channel is None:
        return ((sets(mark(words, is_usual or is_none), panel, rule.type, topic, DEFAULT),),)
    off = sets(mark(words, is_none), panel, rule.type, topic, OFF, channel)
    return ((off, sets(mark(_("As for all channels"), is_usual), panel, rule.type, topic, DEFAULT, channel)),)


def _own(is_own: bool, panel: str, type: NotificationType, channel: Channel | None) -> tuple[Button, ...]:
    return (press(mark(_("✏️ Something else"), is_own), panel, type, "own", channel),)


def _toggle(sign: str, name: str, is_set: bool, topic: Topic, type: NotificationType, channel: Channel) -> Button:
    wanted = Topic.ALLOW if is_set else topic
    return sets(mark(f"{sign} {name}", is_set), "prov", type, wanted, provider_code(name), channel)


def _back_of(type: NotificationType, channel: Channel | None) -> tuple[Button, ...]:
    return back("chan", type, channel) if channel else back("type", type)
