"""What admins write to change a provider: `price FR 0.065`, `limit 60/min 1000/day`, `coverage FR, DE`. Pure parsers,
in English, Spanish and French. Each raises `AppError` that says what was not understood and shows examples.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.errors import AppError
from core.i18n import N_
from core.routing.book import known_countries
from core.timewords import plain, shown


class Topic(StrEnum):
    """What of a provider can be written anew."""

    PRICE = "price"
    LIMITS = "limits"
    COVERAGE = "coverage"
    SHARE = "share"
    PRIORITY = "priority"


TOPICS = {
    word: topic
    for topic, words in {
        Topic.PRICE: "price precio prix cost coste costo cout",
        Topic.LIMITS: "limit limits limite limites",
        Topic.COVERAGE: "coverage cobertura couverture countries paises pays",
        Topic.SHARE: "share cuota reparto part",
        Topic.PRIORITY: "priority prioridad priorite",
    }.items()
    for word in words.split()
}
NOTHING = {"none", "no", "off", "default", "unknown", "ninguno", "ninguna", "sin", "aucun", "aucune", "defaut", "-"}
EVERYWHERE = {"everywhere", "all", "world", "any", "todo", "todos", "todas partes", "partout", "tout"} | NOTHING
NUMBER = re.compile(r"\d{1,7}(?:[.,]\d{1,6})?")
LIMIT = re.compile(
    r"(\d{1,9})\s*(?:/|per |por |par |an? |x |)\s*(minute|minuto|min|m|hour|hora|heure|h|day|dia|jour|d|j)s?\b"
)
BETWEEN = {"", "and", "y", "et"}
PERIODS = {"m": "minute", "h": "hour", "d": "day", "j": "day"}


@dataclass(frozen=True, slots=True)
class Edit:
    """What an admin wants a provider to be. The value is a price or None for PRICE, calls by period for LIMITS, codes
    or None for COVERAGE, a number or None for SHARE and PRIORITY; `country` is that of a price, None for all others."""

    topic: Topic
    value: Any = None
    country: str | None = None


Parser = Callable[[str, str], Edit]  # what stands behind the first word, and the whole line


def parse_edit(text: str) -> Edit:
    """The change that a line asks for."""
    word, _, rest = " ".join(text.split()).partition(" ")
    topic = TOPICS.get(plain(word).strip(":="))
    rest = rest.strip(" :=")
    if topic is None or not rest:
        raise _not_understood(text)
    return PARSERS[topic](rest, text)


def _price(rest: str, text: str) -> Edit:
    *country, amount = rest.split()
    if len(country) > 1:
        raise _not_understood(text)
    codes = known_countries(country)
    price = None if plain(amount) in NOTHING else _decimal(amount, text)
    return Edit(Topic.PRICE, price, codes[0] if codes else None)


def _decimal(amount: str, text: str) -> Decimal:
    if not NUMBER.fullmatch(amount):
        raise _not_understood(text)
    return Decimal(amount.replace(",", "."))


def _limits(rest: str, text: str) -> Edit:
    asked = plain(rest)
    if asked in NOTHING:
        return Edit(Topic.LIMITS, {})
    found = {PERIODS[period[0]]: int(count) for count, period in LIMIT.findall(asked)}
    others = set(re.split(r"[\s,;]+", LIMIT.sub(" ", asked))) - BETWEEN
    if others or len(found) != len(LIMIT.findall(asked)):
        raise _not_understood(text)
    return Edit(Topic.LIMITS, found)


def _coverage(rest: str, text: str) -> Edit:
    if plain(rest) in EVERYWHERE:
        return Edit(Topic.COVERAGE)
    codes = known_countries([code for code in re.split(r"[\s,;]+", rest) if code])
    return Edit(Topic.COVERAGE, tuple(codes or ()))


def _number(topic: Topic) -> Parser:
    def parse(rest: str, text: str) -> Edit:
        if plain(rest) in NOTHING:
            return Edit(topic)
        digits = rest.removesuffix("%").strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) < 4):
            raise _not_understood(text)
        return Edit(topic, int(digits))

    return parse


PARSERS: dict[Topic, Parser] = {
    Topic.PRICE: _price,
    Topic.LIMITS: _limits,
    Topic.COVERAGE: _coverage,
    Topic.SHARE: _number(Topic.SHARE),
    Topic.PRIORITY: _number(Topic.PRIORITY),
}


def _not_understood(text: str) -> AppError:
    return AppError(
        N_(
            "“{text}” is no change I understand. Examples: price 0.0079, price FR 0.065, limit 60/min 1000/day, "
            "coverage FR, DE, ES, coverage everywhere, share 70, priority 2"
        ),
        {"text": shown(text)},
    )
