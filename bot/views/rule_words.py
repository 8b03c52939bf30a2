"""Preferences by type and channel in words: the lines of the cards of /preferences."""

from collections.abc import Iterable

from bot.views.words import STYLES
from core.accounts.rulebook import Sheet
from core.accounts.rules import STYLED, in_force, rule_for
from core.delivery.choosing import chosen
from core.delivery.planning import addresses_of
from core.delivery.reasons import channel_name
from core.i18n import N_, ngettext
from core.i18n import gettext as _
from core.localized import number
from core.model import Account, Cap, Channel, Kind, NotificationType, Period, QuietHours, Rule

TITLES = {
    NotificationType.POSTS: N_("📝 Posts"),
    NotificationType.REMINDERS: N_("⏰ Reminders"),
    NotificationType.ANNOUNCEMENTS: N_("📣 Announcements"),
}
MEANINGS = {
    NotificationType.POSTS: N_("Drafts to approve, final texts, and posts you kept for a date."),
    NotificationType.REMINDERS: N_("The daily reminder to post."),
    NotificationType.ANNOUNCEMENTS: N_("News about this bot, from the people who run it."),
}
USUAL = {  # the kind of a type that most of it is
    NotificationType.POSTS: Kind.DRAFT,
    NotificationType.REMINDERS: Kind.REMINDER,
    NotificationType.ANNOUNCEMENTS: Kind.ANNOUNCEMENT,
}
LABELS = {
    Channel.TELEGRAM: N_("📱 Telegram"),
    Channel.EMAIL: N_("✉️ Email"),
    Channel.PUSH: N_("🖥 Push"),
    Channel.WHATSAPP: N_("🟢 WhatsApp"),
    Channel.SMS: N_("💬 SMS"),
}


def summary(sheet: Sheet, type: NotificationType) -> str:
    """A type in one line: by which way it comes, and what the type's own rule adds to that."""
    rule = rule_for(sheet.account.rules, type, None)
    said = [ways(sheet.account, type), *_sayings(rule)]
    if any(one.type is type and one.channel for one in sheet.account.rules):
        said.append(_("more by channel"))
    return "; ".join(said)


def ways(account: Account, type: NotificationType) -> str:
    """By which channels the type comes as things stand, in a few words."""
    reach = addresses_of(account)
    usable = reach.keys() - ({Channel.TELEGRAM} if account.user.blocked_at else set())
    found = [one for one in chosen(USUAL[type], account, usable, interactive=False).channels if one in reach]
    if not found:
        return _("off")
    names = listed(map(channel_name, found))
    if type is NotificationType.REMINDERS and not account.preferences.daily_reminder_enabled:
        return _("by {channels}, once you ask for some with /remind").format(channels=names)
    return _("by {channels}").format(channels=names)


def listed(names: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = names
    return _("{first} and {last}").format(first=", ".join(first), last=last) if first else last


def _sayings(rule: Rule) -> list[str]:
    """What a rule says about how many, when and how."""
    said = []
    if rule.cap:
        said.append(cap_text(rule.cap))
    if rule.quiet:
        said.append(quiet_text(rule.quiet))
    if rule.style:
        said.append(_(STYLES[rule.style]))
    return said


def cap_text(cap: Cap | None) -> str:
    """At most how many; no limit where there is none."""
    if cap is None or not cap.limit:
        return _("no limit")
    texts = {
        Period.HOURLY: ngettext("at most {count} an hour", "at most {count} an hour", cap.limit),
        Period.DAILY: ngettext("at most {count} a day", "at most {count} a day", cap.limit),
        Period.WEEKLY: ngettext("at most {count} a week", "at most {count} a week", cap.limit),
    }
    return texts[cap.period].format(count=number(cap.limit))


def quiet_text(quiet: QuietHours | None) -> str:
    """From when to when it is quiet."""
    if quiet is None or quiet.start == quiet.end:
        return _("no quiet hours")
    return _("quiet {start}–{end}").format(start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}")


def details(sheet: Sheet, type: NotificationType) -> list[str]:
    """Everything about a type, a line each: what holds for all channels, then each channel's own."""
    account, rule = sheet.account, rule_for(sheet.account.rules, type, None)
    lines = [
        _("Now: {ways}.").format(ways=ways(account, type)),
        _("⏱ {cap}, counted for each channel").format(cap=cap_text(rule.cap)) if rule.cap else _("⏱ No limit"),
        "🌙 " + (quiet_text(rule.quiet) if rule.quiet else _as_set(general_quiet(account))),
    ]
    if type in STYLED:
        style = _(STYLES[rule.style or account.preferences.conversation_style])
        lines.append("🎭 " + (style if rule.style else _as_set(style)))
    own = [(one, text) for one in sheet.channels if (text := channel_rule(sheet, type, one))]
    return [*lines, *(["", *(f"{_(LABELS[one])}: {text}" for one, text in own)] if own else [])]


def channel_details(sheet: Sheet, type: NotificationType, channel: Channel) -> list[str]:
    """Everything about a type on one channel, a line each, what it says itself and what it takes over."""
    rule, now = rule_for(sheet.account.rules, type, channel), in_force(sheet.account, type, channel)
    lines = [
        _("Switched on.") if now.is_enabled else _("Switched off."),
        "⏱ " + (cap_text(rule.cap) if rule.cap else _as_all(cap_text(now.cap))),
        "🌙 " + (quiet_text(rule.quiet) if rule.quiet else _as_all(quiet_text(now.quiet))),
    ]
    return [*lines, *_provider_lines(rule)]


def channel_rule(sheet: Sheet, type: NotificationType, channel: Channel) -> str:
    """What a channel's own rule says, in one line; empty where it has none."""
    rule = rule_for(sheet.account.rules, type, channel)
    switch = {True: [_("on")], False: [_("off")], None: []}[rule.is_enabled]
    return ", ".join([*switch, *_sayings(rule), *_provider_lines(rule)])


def _provider_lines(rule: Rule) -> list[str]:
    lines = []
    if rule.preferred:
        lines.append(_("prefers {providers}").format(providers=", ".join(rule.preferred)))
    if rule.blocked:
        lines.append(_("never by {providers}").format(providers=", ".join(rule.blocked)))
    return lines


def general_quiet(account: Account) -> str:
    """The quiet hours of /settings."""
    start, end = account.preferences.quiet_hours_start, account.preferences.quiet_hours_end
    return quiet_text(QuietHours(start, end) if start is not None and end is not None else None)


def _as_set(text: str) -> str:
    return _("as in /settings: {text}").format(text=text)


def _as_all(text: str) -> str:
    return _("as for all channels: {text}").format(text=text)
