"""What admins see of providers and what they change: at once, noted with before and after, and nothing made up."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.errors import AppError, Misconfigured, NotFound, Unavailable
from core.model import Account, Channel, Circuit, ProviderRow
from core.routing.book import ProviderBook, known_countries
from core.routing.checks import Checks
from core.routing.selection import Candidate
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock

SMS = Channel.SMS


class Checked:
    """A provider that says how it is."""

    name, channel = "twilio", SMS
    trouble: Exception | None = None

    async def check(self) -> None:
        if self.trouble:
            raise self.trouble


class OneProvider:
    """Twilio, for SMS."""

    def __init__(self) -> None:
        self.twilio = Checked()

    def candidates(self, channel: Channel) -> list[Candidate]:
        return [Candidate("twilio")] if channel is SMS else []

    def get(self, channel: Channel, name: str) -> Any:
        return self.twilio


@pytest.fixture
def providers() -> OneProvider:
    return OneProvider()


@pytest.fixture
async def book(database: Database, clock: SteppedClock, providers: OneProvider) -> ProviderBook:
    async with database.begin() as uow:
        await uow.providers.mirror([ProviderRow("twilio", SMS, priority=2), ProviderRow("vonage", SMS)], NOW)
    return ProviderBook(database, clock, Checks(database, providers, clock), "EUR")


@pytest.fixture
async def admin(database: Database) -> Account:
    return await saved(database, an_account())


async def noted(book: ProviderBook) -> list[tuple[Any, ...]]:
    async with book.database.read() as uow:
        rows = await uow.connection.execute(
            text('SELECT user_id, action, "before", "after" FROM audit_log ORDER BY id')
        )
    return [tuple(row) for row in rows]


async def test_lists_what_the_settings_name_in_the_order_that_counts(book: ProviderBook, admin: Account):
    """An admin's priority goes before the settings'."""
    await book.set_priority(admin, SMS, "twilio", 1)
    await book.set_priority(admin, SMS, "vonage", 9)
    first, second = await book.all()
    assert [(one.row.provider_name, one.priority) for one in (first, second)] == [("twilio", 1), ("vonage", 9)]
    assert (first.latest, first.spent_today, first.currency) == (None, Decimal(0), "EUR")
    await book.set_priority(admin, SMS, "twilio", None)
    assert (await book.one(SMS, "twilio")).priority == 2


Act = Callable[[ProviderBook, Account], Awaitable[ProviderRow]]
ACTS: list[tuple[str, Act, str, Any, Any]] = [
    ("disabled", lambda book, by: book.disable(by, SMS, "twilio"), "is_enabled", True, False),
    ("priority", lambda book, by: book.set_priority(by, SMS, "twilio", 5), "priority_override", None, 5),
    ("price", lambda book, by: book.set_price(by, SMS, "twilio", Decimal("0.02")), "cost_per_message", None, "0.02"),
    ("price", lambda book, by: book.set_price(by, SMS, "twilio", Decimal(2), "fr"), "prices", None, {"FR": "2"}),
    ("limits", lambda book, by: book.set_limits(by, SMS, "twilio", 60, None, None), "rate_limit_per_minute", None, 60),
    ("coverage", lambda book, by: book.set_coverage(by, SMS, "twilio", ["fr", "BE"]), "geographic_coverage", None,
     ["BE", "FR"]),
    ("share", lambda book, by: book.set_share(by, SMS, "twilio", 70), "configuration", None, {"share": 70}),
]  # fmt: skip


@pytest.mark.parametrize(("action", "act", "column", "before", "after"), ACTS)
async def test_every_change_is_noted_with_who_made_it(
    book: ProviderBook, admin: Account, action: str, act: Act, column: str, before: Any, after: Any
):
    """With before and after; a second press changes nothing and is not noted."""
    row = await act(book, admin)
    await act(book, admin)
    found = getattr(row, column)
    assert (f"{found.normalize()}" if isinstance(found, Decimal) else found) == after
    ((user_id, done, was, becomes),) = [(row[0], row[1], _json(row[2]), _json(row[3])) for row in await noted(book)]
    assert (user_id, done) == (admin.user.id, f"provider.{action}")
    assert (was["provider"], was[column], becomes[column]) == ("sms/twilio", before, after)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


async def test_what_was_said_can_be_taken_back(book: ProviderBook, admin: Account):
    """A price of one country without those of the others."""
    await book.set_price(admin, SMS, "twilio", Decimal("0.06"), "FR")
    await book.set_price(admin, SMS, "twilio", Decimal("0.05"), "BE")
    assert (await book.set_price(admin, SMS, "twilio", None, "FR")).prices == {"BE": "0.05"}
    assert (await book.set_price(admin, SMS, "twilio", None, "BE")).prices is None
    await book.set_coverage(admin, SMS, "twilio", ["FR"])
    assert (await book.set_coverage(admin, SMS, "twilio", None)).geographic_coverage is None
    await book.set_share(admin, SMS, "twilio", 30)
    assert (await book.set_share(admin, SMS, "twilio", None)).configuration is None
    await book.disable(admin, SMS, "twilio")
    assert (await book.enable(admin, SMS, "twilio")).is_enabled


@pytest.mark.parametrize(
    "wrong",
    [
        lambda book, by: book.set_priority(by, SMS, "twilio", 0),
        lambda book, by: book.set_price(by, SMS, "twilio", Decimal(-1)),
        lambda book, by: book.set_price(by, SMS, "twilio", Decimal("NaN")),
        lambda book, by: book.set_price(by, SMS, "twilio", Decimal(1), "XX"),
        lambda book, by: book.set_limits(by, SMS, "twilio", 0, None, None),
        lambda book, by: book.set_coverage(by, SMS, "twilio", ["France"]),
        lambda book, by: book.set_share(by, SMS, "twilio", 101),
        lambda book, by: book.disable(by, SMS, "mailgun"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_an_example(book: ProviderBook, admin: Account, wrong: Act):
    """And nothing is written."""
    with pytest.raises(AppError):
        await wrong(book, admin)
    assert await noted(book) == []


def test_countries_are_written_once_and_in_capitals():
    """However they were typed."""
    assert known_countries([" fr", "BE", "FR"]) == ["BE", "FR"]


async def test_probe_now_checks_and_lets_the_next_call_try(
    book: ProviderBook, admin: Account, providers: OneProvider, clock: SteppedClock
):
    """An admin has mended something and does not want to wait."""
    async with book.database.begin() as uow:
        await uow.providers.open_circuit("twilio", SMS, NOW, NOW.replace(hour=23))
    providers.twilio.trouble = Misconfigured("unauthorized", "401")
    found = await book.probe(admin, SMS, "twilio")
    assert (found.is_healthy, found.error_code, found.error_message) == (False, "unauthorized", "401")
    standing = await book.one(SMS, "twilio")
    assert (standing.latest, standing.row.is_healthy, standing.row.probe_at) == (found, False, NOW)
    assert standing.row.circuit_state is Circuit.OPEN
    providers.twilio.trouble = None
    assert (await book.probe(admin, SMS, "twilio")).is_healthy
    assert [row[1] for row in await noted(book)] == ["provider.probed"] * 2
    assert [one.is_healthy for one in await book.health(SMS, "twilio")] == [True, False]


async def test_a_provider_that_is_not_set_up_can_not_be_probed(book: ProviderBook, admin: Account):
    """There is nothing to ask."""
    async with book.database.begin() as uow:
        await uow.providers.mirror([ProviderRow("vonage", SMS)], NOW)
    with pytest.raises(NotFound):
        await book.probe(admin, SMS, "twilio")
    assert [one.row.provider_name for one in await book.all()] == ["vonage"]


@pytest.mark.parametrize(
    ("trouble", "is_healthy", "code"),
    [
        (None, True, None),
        (Unavailable("rate_limited", retry_after=3), True, "rate_limited"),
        (Unavailable("unavailable"), False, "unavailable"),
        (TimeoutError(), False, "timeout"),
        (KeyError("id"), False, "uncertain"),
    ],
)
async def test_what_a_check_finds(
    book: ProviderBook, providers: OneProvider, trouble: Exception | None, is_healthy: bool, code: str | None
):
    """A provider that asks us to wait works; an adapter that breaks is not healthy."""
    providers.twilio.trouble = trouble
    found = await book.checks.check(ProviderRow("twilio", SMS, cost_per_message=Decimal("0.01")))
    assert (found.is_healthy, found.error_code, found.cost_per_message) == (is_healthy, code, Decimal("0.01"))


async def test_checks_are_made_when_they_are_due(book: ProviderBook, clock: SteppedClock):
    """Each provider once in its time; one that this process can't ask is left to others."""
    for minutes in (0, 0, 1):
        clock.now = NOW + minutes * (NOW.replace(minute=1) - NOW)
        await book.checks.run_due()
    assert len(await book.health(SMS, "twilio")) == 2
    assert await book.health(SMS, "vonage") == []
    assert replace((await book.health(SMS, "twilio"))[0], response_time_ms=0).success_rate_1h is None
