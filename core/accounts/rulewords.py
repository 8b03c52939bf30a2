"""What people write behind /preferences, in English, Spanish and French: pure parsers.

Each raises `AppError` that says what was not understood and shows an example of good input.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.accounts.rules import NO_CAP, NO_QUIET_HOURS
from core.errors import AppError
from core.i18n import N_
from core.model import Cap, Channel, ConversationStyle, NotificationType, Period, QuietHours
from core.timewords import parse_range, parse_switch, plain, shown

MOST = 1000  # no cap is higher: it would hold nothing


class Topic(StrEnum):
    """What a wish is about."""

    SHOW = "show"
    SWITCH = "switch"
    CAP = "cap"
    QUIET = "quiet"
    STYLE = "style"
    PREFER = "prefer"
    BLOCK = "block"
    ALLOW = "allow"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants for a type, on one channel or on all of them (None). The value is a bool for SWITCH, a `Cap`,
    `QuietHours` or `ConversationStyle` (None: as the wider rule says), a provider's name, else None."""

    type: NotificationType
    channel: Channel | None
    topic: Topic
    value: Any = None


def _table(words: Mapping[Any, str]) -> dict[str, Any]:
    return {word: meaning for meaning, text in words.items() for word in text.split(", ")}


TYPE_WORDS = _table({
    NotificationType.POSTS: "posts, post, drafts, draft, publicaciones, publicacion, borradores, borrador, "
    "publications, publication, brouillons, brouillon",
    NotificationType.REMINDERS: "reminders, reminder, recordatorios, recordatorio, rappels, rappel",
    NotificationType.ANNOUNCEMENTS: "announcements, announcement, news, anuncios, anuncio, avisos, annonces, annonce",
})  # fmt: skip
CHANNEL_WORDS = _table({
    Channel.TELEGRAM: "telegram, chat",
    Channel.EMAIL: "email, e-mail, mail, correo, courriel",
    Channel.SMS: "sms, text, texto",
    Channel.WHATSAPP: "whatsapp, wa",
    Channel.PUSH: "push, browser, navegador, navigateur",
})  # fmt: skip
TOPIC_WORDS = _table({
    Topic.CAP: "cap, limit, max, maximum, tope, limite, maximo, plafond",
    Topic.QUIET: "quiet, silence, silencio, calme",
    Topic.STYLE: "style, estilo",
    Topic.PREFER: "prefer, preferred, preferir, prefiero, preferer, prefere",
    Topic.BLOCK: "block, bloquear, bloquer",
    Topic.ALLOW: "allow, unblock, permitir, desbloquear, autoriser, debloquer",
    Topic.RESET: "reset, default, defaults, restablecer, reiniciar, reinitialiser, defaut",
})  # fmt: skip
PERIOD_WORDS = _table({
    Period.HOURLY: "h, hour, hours, hourly, hora, horas, heure, heures",
    Period.DAILY: "d, day, days, daily, dia, dias, diario, diarios, jour, jours, quotidien",
    Period.WEEKLY: "w, week, weeks, weekly, semana, semanas, semanal, semaine, semaines, hebdomadaire",
})  # fmt: skip
STYLE_WORDS = _table({
    ConversationStyle.NEUTRAL: "neutral, neutro, neutre",
    ConversationStyle.RESPECTFUL: "respectful, respetuoso, respectueux",
    ConversationStyle.BUSINESS: "business, negocios, profesional, affaires, professionnel",
    ConversationStyle.JOVIAL: "jovial",
    ConversationStyle.PLAYFUL: "playful, jugueton, joueur, espiegle",
    ConversationStyle.CLOSE_FRIENDS: "close friends, friends, amigos intimos, amigos, amis proches, amis",
    ConversationStyle.PARENT_TO_CHILD: "parent to child, de padre a hijo, padre a hijo, de parent a enfant, "
    "parent a enfant",
    ConversationStyle.CHILD_TO_PARENT: "child to parent, de hijo a padre, hijo a padre, d'enfant a parent, "
    "enfant a parent",
    ConversationStyle.SIBLINGS: "siblings, hermanos, freres et soeurs",
})  # fmt: skip
INHERITED = frozenset(
    ["default", "usual", "as usual", "settings", "normal", "ajustes", "habitual", "defaut", "habituel"]
)
BETWEEN = frozenset(
    [
        "x",
        "times",
        "time",
        "per",
        "a",
        "an",
        "each",
        "every",
        "in",
        "the",
        "veces",
        "vez",
        "por",
        "al",
        "la",
        "cada",
        "fois",
        "par",
        "chaque",
        "le",
    ]
)
EXAMPLE = "/preferences announcements cap 3 daily"


def parse_wish(text: str) -> Wish:
    """`reminders email off`, `announcements cap 3 daily`, `posts quiet 22:00-07:00`: a type, perhaps a channel, and
    what is wanted; without that, the type is to be shown."""
    first, *rest = plain(text).split() or [""]
    if first not in TYPE_WORDS:
        raise AppError(
            N_(
                "“{text}” is no type of message that I know. "
                "Examples: /preferences posts, /preferences reminders email off"
            ),
            {"text": shown(first)},
        )
    channel = CHANNEL_WORDS.get(rest[0]) if rest else None
    topic, value = _wanted(rest[1:] if channel else rest)
    return Wish(TYPE_WORDS[first], channel, topic, value)


def _wanted(words: list[str]) -> tuple[Topic, Any]:
    text = " ".join(words)
    if not words:
        return Topic.SHOW, None
    if (is_on := parse_switch(text)) is not None:
        return Topic.SWITCH, is_on
    topic = TOPIC_WORDS.get(words[0])
    if topic is not None:
        return topic, VALUES[topic](" ".join(words[1:]))
    raise AppError(
        N_("“{text}” is nothing I can set. Examples: {example}, /preferences posts quiet 22:00-07:00, "
           "/preferences reminders email off"),
        {"text": shown(text), "example": EXAMPLE},
    )  # fmt: skip


def parse_cap(text: str) -> Cap | None:
    """How many are wanted at most: 3 a day, 1/h, 2 per week, 3 (a day); off for no limit, default for the wider rule's
    (None)."""
    text = plain(text)
    if text in INHERITED:
        return None
    if parse_switch(text) is False and text != "0":
        return NO_CAP
    found = re.fullmatch(r"(\d{1,6})(?!\d)(.*)", text)
    rest = [word for word in re.split(r"[\s/]+", found[2]) if word and word not in BETWEEN] if found else []
    period = PERIOD_WORDS.get(rest[0] if rest else "day") if len(rest) < 2 else None
    limit = int(found[1]) if found else 0
    if period is None or not 1 <= limit <= MOST:
        raise AppError(
            N_("“{text}” is not a number for an hour, a day or a week, from 1 to {most}. Example: {example}"),
            {"text": shown(text), "most": MOST, "example": EXAMPLE},
        )
    return Cap(limit, period)


def parse_quiet_hours(text: str) -> QuietHours | None:
    """From when to when nothing is sent: 22:00-07:00; off for never, default for the wider rule's (None)."""
    if plain(text) in INHERITED:
        return None
    if parse_switch(text) is False:
        return NO_QUIET_HOURS
    try:
        return QuietHours(*parse_range(text))
    except AppError:
        raise AppError(
            N_("“{text}” is not a beginning and a different end. Example: /preferences posts quiet 22:00-07:00"),
            {"text": shown(text)},
        ) from None


def parse_style(text: str) -> ConversationStyle | None:
    """One of the nine, by its name in any of the three languages; default for the one in /settings (None)."""
    text = plain(text).replace("_", " ")
    if text in INHERITED:
        return None
    if text not in STYLE_WORDS:
        known = ", ".join(style.replace("_", " ") for style in ConversationStyle)
        raise AppError(N_("“{text}” is no style I know. I know: {known}."), {"text": shown(text), "known": known})
    style: ConversationStyle = STYLE_WORDS[text]
    return style


def _provider(text: str) -> str:
    if not text or " " in text:
        raise AppError(N_("Which provider? Example: /preferences posts email prefer sendgrid"))
    return text


def _nothing(text: str) -> None:
    if text:
        raise AppError(N_("Too much: “{text}”. Example: /preferences posts reset"), {"text": shown(text)})


VALUES: dict[Topic, Callable[[str], Any]] = {
    Topic.CAP: parse_cap,
    Topic.QUIET: parse_quiet_hours,
    Topic.STYLE: parse_style,
    Topic.PREFER: _provider,
    Topic.BLOCK: _provider,
    Topic.ALLOW: _provider,
    Topic.RESET: _nothing,
}
