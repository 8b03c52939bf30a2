"""Languages, and what numbers, days and times look like in them."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from core.i18n import current_language, gettext, nearest_language, speaking
from core.localized import day, full_day, moment, number
from core.model import LANGUAGES


def test_english_is_the_source():
    """Its texts need no catalogue."""
    assert current_language() == "en"
    assert gettext("Draft") == "Draft"


def test_languages_nest_and_end():
    """A failure inside must not leave the next reader with somebody's language."""
    with pytest.raises(RuntimeError, match="Brouillon"):
        _fail_in_french()
    assert current_language() == "en"


def _fail_in_french() -> None:
    with speaking("es"), speaking("fr"):
        raise RuntimeError(gettext("Draft"))


async def test_tasks_speak_for_themselves():
    """Two users are answered at the same time, each in their language."""

    async def say(language: str) -> str:
        with speaking(language):
            await asyncio.sleep(0)
            return gettext("Draft")

    assert await asyncio.gather(say("es"), say("fr"), say("en")) == ["Borrador", "Brouillon", "Draft"]


def test_an_unknown_language_reads_english():
    """Better than nothing."""
    with speaking("tlh"):
        assert gettext("Draft") == "Draft"


@pytest.mark.parametrize(
    ("code", "language"), [("es-MX", "es"), ("FR", "fr"), ("pt-br", "en"), ("", "en"), (None, "en")]
)
def test_a_telegram_language_finds_its_catalogue(code: str | None, language: str):
    """Regions don't matter; what we don't speak is English."""
    assert nearest_language(code) == language


@pytest.mark.parametrize(
    ("language", "thousands", "short", "long"),
    [
        ("en", "3,000", "Mon, Mar 2", "Monday, March 2, 2026"),
        ("es", "3.000", "lun, 2 mar", "lunes, 2 de marzo de 2026"),
        ("fr", "3\u202f000", "lun. 2 mars", "lundi 2 mars 2026"),
    ],
)
def test_numbers_and_days_follow_the_language(language: str, thousands: str, short: str, long: str):
    """As its readers write them."""
    with speaking(language):
        assert (number(3000), day(date(2026, 3, 2)), full_day(date(2026, 3, 2))) == (thousands, short, long)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_moment_is_told_in_the_readers_timezone(language: str):
    """Half past eleven at night in UTC is the next morning in Tokyo."""
    with speaking(language):
        assert "3" in moment(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "Asia/Tokyo")
        assert moment(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "Asia/Tokyo").endswith(", 08:30")
