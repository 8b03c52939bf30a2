"""The settings panel: everything of `user_settings`, each part with its buttons. A press sets a value and names it, so
that pressing twice changes nothing twice."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.callbacks import PreferenceButton, SettingsButton, TimezoneButton
from bot.views import words
from bot.views.timezone import guess
from core.accounts.preferences import nothing_reaches
from core.errors import AppError
from core.i18n import N_
from core.i18n import gettext as _
from core.model import Account, Button, Buttons, Card, Channel, Preferences
from core.rendering.telegram_text import escape
from core.timerules import WEEK
from core.timewords import WEEKEND, WORKDAYS
from core.timezones import GUESSES

TIMES = ("0700", "0800", "0900", "1200", "1700", "2000")
NIGHTS = ("2100-0700", "2200-0700", "2300-0800", "0000-0900")
STEPS = {"−1 h": -60, "−15 min": -15, "+15 min": 15, "+1 h": 60}

Panel = Callable[[Account, datetime], Card]


def no_such_button() -> AppError:
    """A press that no panel of ours offers any more."""
    return AppError(N_("This button no longer works. Send /settings to see yours."))


def card(panel: str, account: Account, now: datetime) -> Card:
    """One part of the panel as it stands, or the whole."""
    make = PANELS.get(panel)
    if make is None:
        raise no_such_button()
    return make(account, now)


def _main(account: Account, now: datetime) -> Card:
    lines = [f"⚙️ <b>{escape(_('Settings'))}</b>", "", *(escape(line) for line in words.summary(account, now))]
    if nothing_reaches(account):
        lines += ["", escape(words.only_inbox())]
    parts = [
        (_("✉️ Email"), "email"), (_("📱 Telegram"), "telegram"), (_("⏰ Reminder"), "reminder"),
        (_("🌙 Quiet hours"), "quiet"), (_("🌍 Timezone"), "timezone"), (_("🗣 Language"), "language"),
        (_("🎭 Style"), "style"), (_("🎚 Tone"), "tone"),
    ]  # fmt: skip
    finer = (Button(_("🔔 What reaches you, by type"), data=PreferenceButton(panel="list").pack()),)
    return Card("\n".join(lines), (*_rows([_open(label, panel) for label, panel in parts], 2), finer))


def _email(account: Account, now: datetime) -> Card:
    if not account.user.email:
        rows: list[tuple[Button, ...]] = [(_open(_("✏️ Give an address"), "address"),)]
    else:
        rows = [
            _switch("email", "email", account.preferences.receive_email_notifications),
            (_open(_("✏️ Another address"), "address"),),
        ]
    return _part(_("✉️ Email"), words.email(account), rows)


def _telegram(account: Account, now: datetime) -> Card:
    text = words.telegram(account)
    if nothing_reaches(account):
        text += "\n" + words.only_inbox()
    is_on = account.preferences.receive_telegram_notifications
    return _part(_("📱 Telegram"), text, [_switch("telegram", "telegram", is_on)])


def _reminder(account: Account, now: datetime) -> Card:
    preferences = account.preferences
    rows = [
        _switch("reminder", "remind", preferences.daily_reminder_enabled),
        *_rows([_set(words.clock(at), "reminder", "time", at) for at in TIMES], 3),
        tuple(_set(label, "reminder", "time", _moved(preferences, by)) for label, by in STEPS.items()),
        *_day_rows(preferences.daily_reminder_days),
        tuple(
            _set(_mark(label, preferences.daily_reminder_channel is channel), "reminder", "channel", channel)
            for channel, label in ((Channel.TELEGRAM, _("📱 Telegram")), (Channel.EMAIL, _("✉️ Email")))
        ),
    ]
    return _part(_("⏰ Reminder"), words.reminder(account), rows)


def _moved(preferences: Preferences, minutes: int) -> str:
    at = preferences.daily_reminder_time
    total = (at.hour * 60 + at.minute + minutes) % (24 * 60)
    return f"{total // 60:02}{total % 60:02}"


def _day_rows(days: tuple[int, ...]) -> Buttons:
    """Each day switched by itself, and the usual choices. Taking the last day away is left out."""
    single = [
        _set(_mark(words.day_name(day), day in days), "reminder", "days", _digits(set(days) ^ {day}) or str(day))
        for day in WEEK
    ]
    groups = ((WORKDAYS, _("Weekdays")), (WEEK, _("Every day")), (WEEKEND, _("Weekend")))
    usual = tuple(_set(_mark(label, days == group), "reminder", "days", _digits(group)) for group, label in groups)
    return *_rows(single, 4), usual  # seven in a row are cut off on a phone


def _digits(days: Iterable[int]) -> str:
    return "".join(map(str, sorted(days)))


def _quiet(account: Account, now: datetime) -> Card:
    preferences = account.preferences
    chosen = words.night_value(preferences)
    choices = [_set(_mark(words.night(value), value == chosen), "quiet", "quiet", value) for value in NIGHTS]
    rows = [*_rows(choices, 2), (_set(_mark(_("No quiet hours"), chosen == "off"), "quiet", "quiet", "off"),)]
    return _part(_("🌙 Quiet hours"), words.quiet(account), rows)


def _timezone(account: Account, now: datetime) -> Card:
    guesses = GUESSES.get(account.preferences.language, GUESSES["en"])
    buttons = [
        Button(
            _mark(guess(name, now), name == account.preferences.timezone),
            data=TimezoneButton(name=name, origin="settings").pack(),
        )
        for name in guesses
    ]
    return _part(_("🌍 Timezone"), words.timezone(account, now), _rows(buttons, 2))


def _language(account: Account, now: datetime) -> Card:
    return _choice("language", _("🗣 Language"), words.language(account), words.LANGUAGES, account.preferences.language)


def _style(account: Account, now: datetime) -> Card:
    names = {style: _(name) for style, name in words.STYLES.items()}
    text = _("How you and your readers speak with each other. New drafts follow it.")
    return _choice("style", _("🎭 Style"), text, names, account.preferences.conversation_style)


def _tone(account: Account, now: datetime) -> Card:
    names = {tone: _(name) for tone, name in words.TONES.items()}
    return _choice(
        "tone", _("🎚 Tone"), _("How your posts sound. New drafts follow it."), names, account.preferences.tone
    )


PANELS: dict[str, Panel] = {
    "main": _main,
    "email": _email,
    "telegram": _telegram,
    "reminder": _reminder,
    "quiet": _quiet,
    "timezone": _timezone,
    "language": _language,
    "style": _style,
    "tone": _tone,
}


def _choice(name: str, title: str, text: str, values: Mapping[Any, str], chosen: str) -> Card:
    buttons = [_set(_mark(label, value == chosen), name, name, value) for value, label in values.items()]
    return _part(title, text, _rows(buttons, 2))


def _part(title: str, text: str, rows: Iterable[tuple[Button, ...]]) -> Card:
    back = (_open(_("⬅️ Back"), "main"),)
    head = "" if text.startswith(title) else f"<b>{escape(title)}</b>\n\n"
    return Card(head + escape(text), (*rows, back))


def _rows(buttons: list[Button], width: int) -> Buttons:
    return tuple(tuple(buttons[index : index + width]) for index in range(0, len(buttons), width))


def _switch(panel: str, name: str, is_on: bool) -> tuple[Button, ...]:
    return (
        _set(_mark(_("On"), is_on), panel, name, "1"),
        _set(_mark(_("Off"), not is_on), panel, name, "0"),
    )


def _mark(label: str, is_chosen: bool) -> str:
    return f"✅ {label}" if is_chosen else label


def _open(label: str, panel: str) -> Button:
    return Button(label, data=SettingsButton(panel=panel).pack())


def _set(label: str, panel: str, name: str, value: str) -> Button:
    return Button(label, data=SettingsButton(panel=panel, name=name, value=value).pack())
