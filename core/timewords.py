"""What people write for times, days and switches, in English, Spanish and French: pure parsers.

Each raises `AppError` that says what was not understood and shows an example of good input.
"""

import re
import unicodedata
from datetime import time

from core.errors import AppError
from core.i18n import N_
from core.timerules import WEEK

WORKDAYS, WEEKEND = (1, 2, 3, 4, 5), (6, 7)
DAY_NAMES = (
    ("monday", "lunes", "lundi"),
    ("tuesday", "martes", "mardi"),
    ("wednesday", "miercoles", "mercredi"),
    ("thursday", "jueves", "jeudi"),
    ("friday", "viernes", "vendredi"),
    ("saturday", "sabado", "samedi"),
    ("sunday", "domingo", "dimanche"),
)
GROUPS = {
    WEEK: "daily,everyday,every day,all,all days,diario,diariamente,a diario,todos,todos los dias,cada dia,"
    "tous les jours,chaque jour,quotidien",
    WORKDAYS: "weekdays,weekday,workdays,working days,laborables,dias laborables,entre semana,"
    "semaine,en semaine,jours ouvres,jours ouvrables",
    WEEKEND: "weekend,weekends,week end,week ends,finde,fin de semana,fines de semana,le week end",
}
DAYS_OF = {phrase: days for days, phrases in GROUPS.items() for phrase in phrases.split(",")}
ON = frozenset(["on", "yes", "y", "si", "oui", "activar", "activer", "active", "encender", "1", "true"])
OFF = frozenset(["off", "no", "none", "non", "stop", "desactivar", "desactiver", "apagar", "arreter", "0", "false"])
TIME = r"(\d{1,2})(?:\s?[:.h]\s?(\d{2})|\s?h)?\s?([ap])?(?(3)\.?\s?m\b\.?)"
FILLERS = {"on", "from", "de", "du", "del", "le", "les", "los", "el", "and", "y", "et", "every", "cada", "chaque"}
RANGE_FILLERS = re.compile(r"\b(?:from|between|de|desde|entre|las)\s")
SHOWN = 40  # characters of what somebody wrote that an answer repeats


def plain(text: str) -> str:
    """Lower case, without accents, with single spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def shown(text: str) -> str:
    """The beginning of what somebody wrote, to repeat it in an answer."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def parse_switch(text: str) -> bool | None:
    """True for on, False for off, None for anything else."""
    word = plain(text)
    return True if word in ON else False if word in OFF else None


def parse_time(text: str) -> time:
    """A time of day: 9, 9:00, 09.00, 9h30, 9am, 9:30 pm."""
    found = re.fullmatch(TIME, plain(text))
    at = _time_of(found) if found else None
    if at is None:
        raise AppError(N_("“{text}” is not a time of day. Examples: 09:00, 9h30, 9:30 pm"), {"text": shown(text)})
    return at


def _time_of(found: re.Match[str]) -> time | None:
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def split_time(text: str) -> tuple[time | None, str]:
    """The time that a text begins with, if it does, and the rest of it."""
    text = plain(text)
    found = re.match(TIME + r"(?=[\s,;]|$)", text)
    return (parse_time(found[0]), text[found.end() :].strip(" ,;")) if found else (None, text)


def parse_days(text: str) -> tuple[int, ...]:
    """ISO weekdays in order: mon-fri, weekdays, daily, lun-vie, lu-ve, mon,wed,fri."""
    words = re.sub(r"\s?(?:[-–—]|\b(?:to|through|until|a|al|au|hasta|jusqu'au)\b)\s?", "-", plain(text))
    if days := DAYS_OF.get(plain(text).replace("-", " ")):
        return days
    parts = [part for part in re.split(r"[\s,;/&+]+", words) if part and part not in FILLERS]
    chosen = {day for part in parts for day in _days_of(part, text)}
    if not chosen:
        raise _no_days(text)
    return tuple(sorted(chosen))


def _days_of(part: str, text: str) -> tuple[int, ...]:
    if days := DAYS_OF.get(part):
        return days
    first, dash, last = part.partition("-")
    start, end = _day(first, text), _day(last if dash else first, text)
    return tuple((start - 1 + step) % 7 + 1 for step in range((end - start) % 7 + 1))


def _day(word: str, text: str) -> int:
    word = word.rstrip(".")
    for number, names in enumerate(DAY_NAMES, start=1):
        if len(word) > 1 and any((name + "s").startswith(word) for name in names):
            return number
    raise _no_days(text)


def _no_days(text: str) -> AppError:
    example = N_("“{text}” are not days I know. Examples: mon-fri, weekdays, mon,wed,fri, daily")
    return AppError(example, {"text": shown(text)})


def parse_range(text: str) -> tuple[time, time]:
    """Two different times of day: 22:00-07:00, from 10pm to 7am, de 22h à 7h, 22:00 07:00."""
    words = RANGE_FILLERS.sub("", plain(text))
    ends = re.split(r"\s?(?:[-–—]|\b(?:to|until|a|hasta|jusqu'a|and|y|et)\b(?!\.))\s?", words)
    if len(ends) == 1:
        ends = re.split(r"(?<=[\dhm.])\s(?=\d)", words)
    if len(ends) != 2 or not all(ends):
        raise AppError(N_("“{text}” is not a beginning and an end. Example: /quiet 22:00-07:00"), {"text": shown(text)})
    start, end = map(parse_time, ends)
    if start == end:
        raise AppError(N_("Quiet hours need a beginning and a different end. Example: /quiet 22:00-07:00"))
    return start, end
