"""/providers in the chat: how each does, switching, ranking, probing and changing what it takes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Misconfigured
from core.model import Channel, DeliveryStatus, ProviderRow
from core.model.audit import AuditFilter
from core.operations.providers import ProviderDesk
from core.routing.book import ProviderBook
from core.routing.checks import Checks
from core.routing.terms import Candidate
from storage.tables import provider_health_metrics
from tests.bot.conftest import ADMIN, OTHER, ChatDriver
from tests.records import Records

S = DeliveryStatus
SMS = Channel.SMS


class Twilio:
    """What is asked by a probe."""

    name, channel = "twilio", SMS
    trouble: Exception | None = None

    async def check(self) -> None:
        if self.trouble:
            raise self.trouble


class OneProvider:
    """Twilio alone can be asked."""

    def __init__(self) -> None:
        self.twilio = Twilio()

    def candidates(self, channel: Channel) -> list[Candidate]:
        return [Candidate("twilio")] if channel is SMS else []

    def get(self, channel: Channel, name: str) -> Any:
        return self.twilio

    def credentials(self, channel: Channel, name: str) -> list[str]:
        return ["TWILIO_AUTH_TOKEN"]


@pytest.fixture
def probed() -> OneProvider:
    return OneProvider()


@pytest.fixture(autouse=True)
async def records(chat: ChatDriver, probed: OneProvider) -> Records:
    """Twilio and Vonage for SMS, Mailgun for e-mail; Twilio delivered two of three texts today and cost 0.03."""
    chat.person = dict(ADMIN)
    checks = Checks(chat.database, probed, chat.clock)  # type: ignore[arg-type]
    book = ProviderBook(chat.database, chat.clock, checks, "USD")
    chat.dispatcher["provider_desk"] = ProviderDesk(chat.database, chat.clock, book, {SMS: Decimal("0.06")})
    records = Records(chat.database)
    await records.provider("twilio", SMS, "reports_arrival", success_rate=Decimal("98.50"), latency_ms=230)
    await records.provider("vonage", SMS, priority=2)
    await records.provider("mailgun", Channel.EMAIL, "reports_arrival")
    paid = {"cost_per_message": Decimal("0.01"), "currency": "USD", "sent_at": chat.clock.now}
    for status in (S.DELIVERED, S.READ, S.BOUNCED):
        await records.delivery("twilio", SMS, status, **paid)
    await records.insert(
        provider_health_metrics, provider_name="twilio", provider_type="sms", health_check_timestamp=chat.clock.now,
        is_healthy=True, response_time_ms=120, success_rate_1h=Decimal("99.20"), success_rate_24h=Decimal("97.00"),
    )  # fmt: skip
    return records


async def row_of(chat: ChatDriver, name: str = "twilio") -> ProviderRow:
    async with chat.database.read() as uow:
        return next(row for row in await uow.providers.all() if row.provider_name == name)


async def noted(chat: ChatDriver) -> list[str]:
    async with chat.database.read() as uow:
        return [row.action for row in await uow.audit.page(AuditFilter("provider"), offset=0, limit=50)]


async def test_everybody_in_a_line(chat: ChatDriver) -> None:
    """By channel and priority, what is worst first; each can be opened."""
    async with chat.database.begin() as uow:
        later = chat.clock.now + timedelta(minutes=3)
        await uow.providers.change("mailgun", Channel.EMAIL, {"weight": Decimal("0.7")}, chat.clock.now)
        await uow.providers.change("vonage", SMS, {"circuit_state": "open", "probe_at": later}, chat.clock.now)
    await chat.says("/providers")
    (said,) = chat.replies
    assert "<b>1.</b> 🟡 email · mailgun · recovering, weight 0.70" in said
    assert "<b>2.</b> 🟢 SMS · twilio · in use · 98.5% · 0.03 USD" in said
    assert "<b>3.</b> 🔴 SMS · vonage · left alone after failures until 09:03 UTC" in said
    await chat.presses("3")
    assert "<b>vonage</b> · SMS" in chat.last.text
    await chat.presses("Providers")
    assert chat.last.text == said


async def test_one_provider_with_all_that_is_known(chat: ChatDriver) -> None:
    """Health, success, spend against the cap, and terms."""
    said_by_admins = {
        "cost_per_message": Decimal("0.0079"), "prices": {"FR": "0.065"}, "rate_limit_per_minute": 60,
        "rate_limit_per_day": 1000, "geographic_coverage": ["DE", "FR"], "configuration": {"share": 70},
        "priority_override": 3, "credentials_required": ["TWILIO_AUTH_TOKEN"],
    }  # fmt: skip
    async with chat.database.begin() as uow:
        await uow.providers.change("twilio", SMS, said_by_admins, chat.clock.now)
    await chat.says("/providers twilio")
    (said,) = chat.replies
    for line in (
        "🟢 in use",
        "Checked Mon, Mar 2, 09:00: well, 120 ms",
        "Calls that went well: 1 h 99.2% · 24 h 97% · 7 d –",
        "A call takes 230 ms",
        "Delivered or read: 66.7% of 3, failed 1",
        "Price: 0.0079 USD, FR 0.065",
        "Spent: today 0.03 USD, this month 0.03 USD (UTC)",
        "Cap of the channel: 0.03 of 0.06 USD today, 50%",
        "Priority: 3 (the settings say 1)",
        "Limits: 60 a minute, 1,000 a day",
        "Coverage: DE, FR",
        "Share: 70 %",
    ):
        assert line in said
    assert "TOKEN" not in said


async def test_switching_off_is_asked_first_and_noted_once(chat: ChatDriver) -> None:
    """A second press sets the same once more."""
    await chat.says("/providers twilio")
    await chat.presses("Disable")
    assert "Use twilio · SMS no more?" in chat.last.text
    assert (await row_of(chat)).is_enabled
    confirm = chat.last
    await chat.presses("Confirm", on=confirm)
    assert not (await row_of(chat)).is_enabled
    assert "⚪ switched off" in chat.last.text
    await chat.presses("Confirm", on=confirm)
    assert await noted(chat) == ["provider.disabled"]
    await chat.presses("Enable")
    await chat.presses("Back")
    assert await noted(chat) == ["provider.disabled"]


async def test_a_priority_is_moved_by_presses(chat: ChatDriver) -> None:
    """Up is towards 1, which is asked first; there is nothing above it."""
    await chat.says("/providers sms vonage")
    await chat.presses("▲ Priority 1")
    assert "Priority of vonage · SMS: 2 → 1?" in chat.last.text
    confirm = chat.last
    await chat.presses("Confirm", on=confirm)
    await chat.presses("Confirm", on=confirm)
    assert "Priority: 1 (the settings say 2)" in chat.last.text
    assert (await row_of(chat, "vonage")).priority_override == 1
    assert not any("▲" in label for label in chat.last.buttons)
    assert await noted(chat) == ["provider.priority"]


async def test_a_probe_says_what_it_found(chat: ChatDriver, probed: OneProvider) -> None:
    """And is noted."""
    await chat.says("/providers twilio")
    await chat.presses("Probe now")
    assert "✅ It answers:" in chat.last.text
    probed.twilio.trouble = Misconfigured("unauthorized", "401 <no such key>")
    await chat.presses("Probe now")
    assert "❌ It does not work: unauthorized: 401 &lt;no such key&gt;" in chat.last.text
    assert "🟠 its check failed" in chat.last.text
    assert await noted(chat) == ["provider.probed"] * 2


@pytest.mark.parametrize(
    ("line", "change", "column", "value"),
    [
        ("price 0.0079", "price: not known → 0.0079 USD", "cost_per_message", Decimal("0.007900")),
        ("price FR 0,065", "price FR: not known → 0.065 USD", "prices", {"FR": "0.065"}),
        ("limit 60/min 1000/day", "limits: none → 60 a minute, 1,000 a day", "rate_limit_per_day", 1000),
        ("coverage FR, DE, ES", "coverage: everywhere → DE, ES, FR", "geographic_coverage", ["DE", "ES", "FR"]),
        ("share 70", "share: as the settings say → 70", "configuration", {"share": 70}),
        ("priority 4", "priority: 1 → 4", "priority_override", 4),
    ],
)
async def test_what_it_takes_is_typed(chat: ChatDriver, line: str, change: str, column: str, value: Any) -> None:
    """Shown before and after, confirmed, and noted with both."""
    await chat.says("/providers twilio")
    await chat.presses("Price, limits, coverage")
    assert "<code>limit 60/min 1000/day</code>" in chat.last.text
    await chat.says(line)
    assert change in chat.last.text
    assert await noted(chat) == []
    confirm = chat.last
    await chat.presses("Confirm", on=confirm)
    assert getattr(await row_of(chat), column) == value
    await chat.presses("Confirm", on=confirm)
    assert len(await noted(chat)) == 1


async def test_what_is_no_change_is_asked_for_again(chat: ChatDriver) -> None:
    """And what is so already changes nothing."""
    await chat.says("/providers twilio")
    await chat.presses("Price, limits, coverage")
    await chat.says("make it cheaper")
    assert "price FR 0.065" in chat.replies[0]
    await chat.says("price 5000")
    await chat.presses("Confirm")
    assert "from 0 to 1000" in chat.alerts[0]
    await chat.says("coverage everywhere")
    assert "coverage is everywhere already" in chat.last.text
    await chat.presses("Back")
    await chat.says("price 0.01")
    assert await noted(chat) == []
    assert (await row_of(chat)).cost_per_message is None


async def test_a_line_counts_for_the_provider_it_was_written_for(chat: ChatDriver) -> None:
    """The button of another one's card makes nothing of it."""
    twilio, vonage = await row_of(chat), await row_of(chat, "vonage")
    await chat.says("/providers twilio")
    await chat.presses("Price, limits, coverage")
    await chat.says("price 0.01")
    await chat.presses_data(f"pv:save:{vonage.id}:")
    assert ((await row_of(chat)).cost_per_message, (await row_of(chat, "vonage")).cost_per_message) == (None, None)
    await chat.presses_data(f"pv:save:{twilio.id}:")
    assert (await row_of(chat)).cost_per_message == Decimal("0.01")


async def test_who_is_not_there_is_said(chat: ChatDriver) -> None:
    """A name nobody has, and a provider that the settings name no more."""
    await chat.says("/providers pigeon")
    assert "do not name a provider “pigeon”" in chat.replies[0]
    await chat.presses_data("pv:open:999:")
    assert "do not name this provider any more" in chat.alerts[0]


async def test_others_have_no_providers(chat: ChatDriver) -> None:
    """Neither to see nor to switch off."""
    await chat.says("/providers", user=OTHER)
    assert "I don't know /providers" in chat.replies[0]
    row = await row_of(chat)
    for data in (
        "pv:list:0:1",
        f"pv:open:{row.id}:",
        f"pv:go:{row.id}:off",
        f"pv:probe:{row.id}:",
        f"pv:save:{row.id}:",
    ):
        await chat.presses_data(data, user=OTHER)
        assert "no longer works" in chat.alerts[0]
    assert (await row_of(chat)).is_enabled
