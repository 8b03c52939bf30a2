"""Where somebody is: the question, and the answer as I understood it."""

from collections.abc import Sequence
from datetime import datetime

from babel import Locale

from bot.callbacks import TimezoneButton
from core.errors import AppError
from core.i18n import current_language
from core.i18n import gettext as _
from core.localized import time_of_day
from core.model import Button, Buttons, Card
from core.rendering.telegram_text import escape
from core.timewords import shown
from core.timezones import GUESSES, Place


def label(place: Place) -> str:
    """A city with its state and country; a timezone that was named itself has neither."""
    country = Locale.parse(current_language()).territories.get(place.country, place.country)
    return ", ".join(part for part in (place.name, place.region, country) if part) or place.timezone


def share_location() -> str:
    """The label of the button that shares a location."""
    return _("📍 Share my location")


def question(now: datetime) -> Card:
    """Asks where somebody is, with a few guesses from their language."""
    text = _(
        "🌍 Where are you? Then reminders and quiet hours follow your clock. Share your location with the button below,"
        " send me your city, or tap one of these:"
    )
    return Card(escape(text), _choices(GUESSES.get(current_language(), GUESSES["en"]), now, "start"))


def _choices(timezones: Sequence[str], now: datetime, origin: str) -> Buttons:
    buttons = [Button(guess(name, now), data=_data(name, origin)) for name in timezones]
    return tuple(tuple(buttons[index : index + 2]) for index in range(0, len(buttons), 2))


def guess(timezone: str, now: datetime) -> str:
    """The label of a guess: its city, and the time there to recognise it by."""
    return f"{timezone.rpartition('/')[2].replace('_', ' ')} · {time_of_day(now, timezone)}"


def _data(timezone: str, origin: str = "") -> str:
    return TimezoneButton(name=timezone, origin=origin).pack()


def confirmed(places: Sequence[Place], now: datetime) -> Card:
    """The timezone that was set: the first place's. The others of that name are offered."""
    chosen, *others = places
    text = _("🌍 {place}: your timezone is {timezone}, where it is {time} now.").format(
        place=label(chosen), timezone=chosen.timezone, time=time_of_day(now, chosen.timezone)
    )
    if others:
        text += "\n" + _("Not there? Perhaps here:")
    return Card(escape(text), tuple((Button(label(place), data=_data(place.timezone)),) for place in others))


def is_set(timezone: str, now: datetime) -> str:
    """The timezone, and the time there, so that a mistake is seen."""
    text = _("🌍 Your timezone is {timezone}, where it is {time} now.")
    return escape(text.format(timezone=timezone, time=time_of_day(now, timezone)))


def not_found(refusal: AppError, text: str) -> str:
    """Why a text was not understood as a place, and what to do where it was not meant as one."""
    words = _(refusal.message).format(**refusal.values)
    idea = _("Is that an idea for a post? Then send: /new {text}").format(text=shown(text))
    return escape(f"{words}\n\n{idea}")


def what_next() -> str:
    """After the first question is answered."""
    return escape(_("Thank you! Now send me an idea, and I'll draft the post."))


def how_to_change() -> str:
    """Ways to name another place."""
    return escape(_("To change it, send your city or your location. Or: /timezone Europe/Paris"))


def guessed(timezone: str) -> str:
    """Nobody has confirmed the timezone yet."""
    return escape(_("I don't know yet where you are; until you tell me I use {timezone}.").format(timezone=timezone))
