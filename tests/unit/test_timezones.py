"""Places become timezones."""

import pytest

from core.errors import AppError
from core.timezones import Place, Timezones, iana_name

timezones = Timezones()


@pytest.mark.parametrize(
    ("text", "timezone"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("europe/paris", "Europe/Paris"),
        ("america/new york", "America/New_York"),
        ("utc", "UTC"),
        ("Paris", "Europe/Paris"),  # not the one in Texas
        ("paris, tx", "America/Chicago"),
        ("Paris, Texas", "America/Chicago"),
        ("portland oregon", "America/Los_Angeles"),
        ("Paris, France", "Europe/Paris"),
        ("sao paulo", "America/Sao_Paulo"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Valencia, España", "Europe/Madrid"),
        ("Lima Peru", "America/Lima"),
        ("NYC", "America/New_York"),
        ("Москва", "Europe/Moscow"),
    ],
)
async def test_a_name_or_a_city_is_found(text: str, timezone: str):
    """In any case, with or without accents, the largest of that name."""
    assert (await timezones.find(text))[0].timezone == timezone


async def test_other_places_of_the_name_are_offered():
    """One for each timezone, the largest first."""
    places = await timezones.find("London")
    assert places[:2] == [Place("Europe/London", "London", "GB"), Place("America/Toronto", "London", "CA")]
    assert len({place.timezone for place in places}) == len(places)


@pytest.mark.parametrize("text", ["UTC+2", "gmt-5", "+02:00", "CET", "est"])
async def test_an_offset_is_refused_with_advice(text: str):
    """It would be wrong for half of the year."""
    with pytest.raises(AppError, match="goes wrong when clocks change"):
        await timezones.find(text)


@pytest.mark.parametrize("text", ["Nowhereville", "", "a" * 500, "Etc/GMT+5", "🙂"])
async def test_an_unknown_place_is_refused_with_an_example(text: str):
    """And with a way out: a larger city, or the timezone's own name."""
    with pytest.raises(AppError, match="Europe/Paris"):
        await timezones.find(text)


@pytest.mark.parametrize(
    ("latitude", "longitude", "timezone"),
    [(48.85, 2.35, "Europe/Paris"), (40.7, -74.0, "America/New_York"), (0, -30, "Etc/GMT+2"), (90, 0, "Etc/GMT")],
)
async def test_a_location_has_a_timezone(latitude: float, longitude: float, timezone: str):
    """On land, at sea and at the pole."""
    assert await timezones.at(latitude, longitude) == timezone


def test_a_forged_name_is_none():
    """A button says nothing but names."""
    assert iana_name("../etc/passwd") is None
