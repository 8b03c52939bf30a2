"""Settings in words: one line for each, for the panel and for the answers to commands."""

from datetime import datetime, time

from babel import Locale

from core.i18n import N_, current_language
from core.i18n import gettext as _
from core.localized import moment, time_of_day
from core.model import Account, Channel, ConversationStyle, Preferences, Tone
from core.timerules import WEEK

LANGUAGES = {"en": "English", "es": "Español", "fr": "Français"}
STYLES = {
    ConversationStyle.NEUTRAL: N_("Neutral"),
    ConversationStyle.RESPECTFUL: N_("Respectful"),
    ConversationStyle.BUSINESS: N_("Business"),
    ConversationStyle.JOVIAL: N_("Jovial"),
    ConversationStyle.PLAYFUL: N_("Playful"),
    ConversationStyle.CLOSE_FRIENDS: N_("Close friends"),
    ConversationStyle.PARENT_TO_CHILD: N_("Parent to child"),
    ConversationStyle.CHILD_TO_PARENT: N_("Child to parent"),
    ConversationStyle.SIBLINGS: N_("Siblings"),
}
TONES = {
    Tone.PLAIN: N_("Plain"),
    Tone.WARM: N_("Warm"),
    Tone.CONFIDENT: N_("Confident"),
    Tone.WITTY: N_("Witty"),
}


def summary(account: Account, now: datetime) -> list[str]:
    """Every setting, a line each."""
    style = _(STYLES[account.preferences.conversation_style])
    return [
        email(account),
        telegram(account),
        reminder(account),
        quiet(account),
        timezone(account, now),
        language(account),
        _("🎭 Style: {style}. Tone: {tone}.").format(style=style, tone=_(TONES[account.preferences.tone])),
    ]


def email(account: Account) -> str:
    """Where mails go, and whether they do."""
    if not account.user.email:
        return _("✉️ Email: no address yet. Give one with /email me@example.org")
    if account.preferences.receive_email_notifications:
        return _("✉️ Email: on, to {address}.").format(address=account.user.email)
    return _("✉️ Email: off. Your address is {address}.").format(address=account.user.email)


def telegram(account: Account) -> str:
    """Whether messages that were not asked for just now come into the chat."""
    if account.preferences.receive_telegram_notifications:
        return _("📱 Telegram: on.")
    return _("📱 Telegram: off. I still answer you here.")


def only_inbox() -> str:
    """What is left where neither channel is on."""
    return _("Neither Telegram nor email is on: what I have for you waits in /inbox.")


def reminder(account: Account) -> str:
    """When reminders come, by which channel, and the next one."""
    preferences = account.preferences
    if not preferences.daily_reminder_enabled:
        return _("⏰ Reminder: off. To be reminded: /remind 09:00 mon-fri")
    by_mail = preferences.daily_reminder_channel is Channel.EMAIL
    line = _("⏰ Reminder: {time}, {days}, by {channel}.").format(
        time=f"{preferences.daily_reminder_time:%H:%M}",
        days=days_text(preferences.daily_reminder_days),
        channel=_("email") if by_mail else _("Telegram"),
    )
    if preferences.next_reminder_at:
        line += " " + _("Next: {when}.").format(when=moment(preferences.next_reminder_at, preferences.timezone))
    return line


def quiet(account: Account) -> str:
    """From when to when messages are held."""
    value = night_value(account.preferences)
    if value == "off":
        return _("🌙 Quiet hours: none. To hold messages at night: /quiet 22:00-07:00")
    return _("🌙 Quiet hours: {night}. Messages you did not just ask for wait until they end.").format(
        night=night(value)
    )


def timezone(account: Account, now: datetime) -> str:
    """The timezone and the time there."""
    name = account.preferences.timezone
    if not account.preferences.timezone_confirmed:
        return _("🌍 Timezone: {timezone}, which is a guess. Send me your city: /timezone Lyon").format(timezone=name)
    return _("🌍 Timezone: {timezone}, {time} now.").format(timezone=name, time=time_of_day(now, name))


def language(account: Account) -> str:
    """The language of every text."""
    return _("🗣 Language: {language}.").format(language=LANGUAGES[account.preferences.language])


def day_name(day: int) -> str:
    """An ISO weekday, short."""
    return str(Locale.parse(current_language()).days["format"]["abbreviated"][day - 1])


def days_text(days: tuple[int, ...]) -> str:
    """Every day, a range, or a list."""
    if days == WEEK:
        return _("every day")
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{day_name(days[0])}–{day_name(days[-1])}"
    return ", ".join(map(day_name, days))


def clock(value: str) -> str:
    """`0900` as 09:00."""
    return f"{value[:2]}:{value[2:]}"


def night(value: str) -> str:
    """`2200-0700` as 22:00–07:00."""
    return "–".join(clock(part) for part in value.split("-"))


def night_value(preferences: Preferences) -> str:
    """The quiet hours as a button's value; `off` where there are none."""
    ends = (preferences.quiet_hours_start, preferences.quiet_hours_end)
    return "-".join(f"{end:%H%M}" for end in ends if isinstance(end, time)) or "off"
