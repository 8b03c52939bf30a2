"""/why in the chat: one delivery's whole story, and what is known about an address."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.delivery.holds import put_off
from core.model import Attempt, Channel, Delivery, DeliveryStatus, UserAddress
from core.rendering.telegram_text import html_units
from tests.bot.conftest import ADMIN, OTHER, ChatDriver
from tests.records import Records
from tests.unit.outbox import set_delivery

S = DeliveryStatus
EMAIL = Channel.EMAIL


@pytest.fixture
async def records(chat: ChatDriver) -> Records:
    """An admin is in front of the chat."""
    chat.person = dict(ADMIN)
    return Records(chat.database)


async def log(chat: ChatDriver, *attempts: tuple[str, int, dict[str, Any]], channel: Channel = EMAIL) -> None:
    """What happened to delivery 1: a word, after how many seconds, and the rest."""
    rows = [
        Attempt(1, channel, word, chat.clock.now + timedelta(seconds=after), **values)
        for word, after, values in attempts
    ]
    async with chat.database.begin() as uow:
        await uow.deliveries.add_logs(rows)


def call(provider: str, number: int, ms: int, code: str | None = None, words: str | None = None) -> dict[str, Any]:
    return {
        "provider_name": provider, "attempt": number, "duration_ms": ms, "error_code": code, "error_message": words
    }  # fmt: skip


async def test_the_whole_story_of_a_delivery(chat: ChatDriver, records: Records) -> None:
    """Made, held, tried twice, reported; with the route, the price and what settled it."""
    now = chat.clock.now
    held = put_off(Delivery(1, EMAIL, "", "email", now, now, "k"), "quiet_hours", now + timedelta(minutes=30), now)
    metadata = {
        **held.delivery_metadata,
        "route": ["smtp: priority 1, weight 1.00", "mailgun: skipped, circuit open until 12:30 UTC"],
        "factors": {"strategy": "cheapest", "region": "FR", "providers": {}},
    }
    await records.delivery(
        "mailgun", EMAIL, S.DELIVERED, kind="reminder", delivery_metadata=metadata, resolved_by="event",
        cost_per_message=Decimal("0.0004"), currency="USD", geographic_region="FR", segments=2, possible_duplicates=1,
    )  # fmt: skip
    await log(
        chat,
        ("retried", 1800, call("smtp", 1, 230, "unavailable", "503 try again <later>")),
        ("delivered", 1801, call("mailgun", 2, 120)),
        ("delivered", 1805, {"provider_name": "mailgun", "attempt": 2}),
        ("opened", 1900, {"provider_name": "mailgun", "attempt": 2}),
    )
    await chat.says("/why 1")
    (said,) = chat.replies
    assert "Delivery 1</b> · ✅ delivered" in said
    assert "a reminder by email r…@example.org" in said
    assert "reader@" not in said
    order = [
        "09:00 made for key 0",
        "09:00 held until Mon, Mar 2, 09:30: quiet hours of the reader",
        "09:30 1. smtp: failed, tried further, 230 ms · unavailable · 503 try again &lt;later&gt;",
        "09:30 2. mailgun: taken, 120 ms",
        "09:30 mailgun says it arrived",
        "09:31 mailgun says it was opened",
        "<b>Route</b> (cheapest, FR)\n· smtp: priority 1, weight 1.00",
        "· mailgun: skipped, circuit open until 12:30 UTC",
        "how that was settled: the provider reported it",
        "Cost: 0.0004 USD",
        "2 segments",
        "Country: FR",
        "Possible duplicates: 1",
    ]
    places = [said.index(line) for line in order]
    assert places == sorted(places)


async def test_what_a_delivery_waits_for(chat: ChatDriver, records: Records) -> None:
    """Until when and why; and that its address must not be used meanwhile."""
    await chat.says("/start", user=OTHER)
    await chat.says("/quiet 22:00-07:00", user=OTHER)
    reader = await chat.account(OTHER)
    due = {"scheduled_at": chat.clock.now + timedelta(hours=1), "hold_reason": "spend_cap", "user_id": reader.user.id}
    await records.delivery(None, EMAIL, S.PENDING, batch_id=7, kind="reminder", **due)
    hashed = chat.keys.address_hash("email", "reader@example.org")
    async with chat.database.begin() as uow:
        await uow.suppressions.add("email", hashed, "bounced", chat.clock.now)
    await chat.says("/why #1")
    (said,) = chat.replies
    assert "a reminder by email r…@example.org · @grace" in said
    assert "Due Mon, Mar 2, 10:00: the day's money for this channel is spent" in said
    assert "Its address must not be used now: the mail server sent it back (bounced)" in said
    assert "of batch 7" in said
    assert "Rules of the reader now: on, quiet 22:00–07:00" in said


async def test_a_chain_can_be_followed(chat: ChatDriver, records: Records) -> None:
    """From a dead letter to what took over, and back; a dead letter can be tried again from here."""
    await records.delivery("telegram", Channel.TELEGRAM, S.FAILED, error_code="chat_not_found")
    second = await records.delivery("smtp", EMAIL, S.SENT, replaces_id=1)
    await set_delivery(chat.database, second, notification_id=1)
    await chat.says("/why 1")
    assert "the chat can't be found (chat_not_found)" in chat.last.text
    assert "email takes over: delivery 2" in chat.last.text
    assert [*chat.last.buttons] == ["#2 ›", "🔁 Retry"]
    await chat.presses("#2 ›")
    assert "In place of delivery 1" in chat.last.text
    await chat.presses("‹ #1")
    assert "Delivery 1</b>" in chat.last.text
    await chat.presses("🔁 Retry")
    assert "Its message went by another channel already" in chat.last.text


async def test_a_long_story_has_pages(chat: ChatDriver, records: Records) -> None:
    """None of them longer than a phone likes."""
    await records.delivery("smtp", EMAIL, S.FAILED)
    await log(chat, *[("retried", number, call("smtp", number, 10, "unavailable", "x" * 400)) for number in range(60)])
    await chat.says("/why 1")
    texts = []
    while "›" in chat.last.buttons:
        texts.append(chat.last.text)
        await chat.presses("›")
    texts.append(chat.last.text)
    assert len(texts) > 2
    assert all(html_units(text) < 3_000 for text in texts)
    assert sum(text.count("tried further") for text in texts) == 60


async def test_what_is_known_about_an_address(chat: ChatDriver, records: Records) -> None:
    """Its suppressions, and its last deliveries behind buttons; of somebody without an account too."""
    await records.delivery("smtp", EMAIL, S.SENT, recipient="grace@example.org")
    await records.delivery("smtp", EMAIL, S.SENT, recipient="somebody@example.org")
    await records.delivery("mailgun", EMAIL, S.BOUNCED, recipient="grace@example.org")
    hashed = chat.keys.address_hash("email", "grace@example.org")
    async with chat.database.begin() as uow:
        await uow.suppressions.add("email", hashed, "bounced", chat.clock.now)
    await chat.says("/why Grace@Example.org")
    (said,) = chat.replies
    assert "g…@example.org" in said
    assert "grace@" not in said.lower()
    assert "Suppressed for email, for everything: the mail server sent it back (bounced)" in said
    assert "#3</b> a message · Mon, Mar 2, 09:00 · email by mailgun · ❌ came back" in said
    assert [*chat.last.buttons] == ["🔎 #3", "🔎 #1"]
    await chat.presses("🔎 #3")
    assert "Delivery 3</b>" in chat.last.text


async def test_what_is_known_about_a_person(chat: ChatDriver, records: Records) -> None:
    """By name, public id or phone; with everything sent to them, by whatever channel."""
    await chat.says("/start", user=OTHER)
    reader = await chat.account(OTHER)
    await records.delivery("telegram", Channel.TELEGRAM, S.DELIVERED, user_id=reader.user.id, recipient="1002")
    await records.delivery("twilio", Channel.SMS, S.SENT, user_id=reader.user.id, recipient="+14155550123")
    phone = UserAddress(0, reader.user.id, Channel.SMS, "+14155550123", "", chat.clock.now)
    async with chat.database.begin() as uow:
        await uow.addresses.add(phone, chat.keys.address_hash("sms", "+14155550123"))
    await chat.desk.accounts.blocked(OTHER["id"])
    for asked in ("@Grace", reader.user.public_id):
        await chat.says(f"/why {asked}")
        assert "Has blocked the bot since" in chat.replies[0]
        assert [*chat.last.buttons] == ["🔎 #2", "🔎 #1"]
        assert "1002" not in chat.replies[0]
    await chat.says("/why +1 415 555 0123")
    assert "+14…23" in chat.replies[0]
    assert [*chat.last.buttons] == ["🔎 #2"]
    await chat.says("/why nobody@example.org")
    assert "Nothing was sent there" in chat.replies[0]


@pytest.mark.parametrize(
    ("text", "answer"),
    [("/why", "/why 12"), ("/why 12", "no delivery 12"), ("/why x", "@ada"), ("/why -1", "@ada"),
     ("/why @nobody", "nobody"), ("/why 99999999999999999999", "@ada")],
)  # fmt: skip
async def test_what_can_t_be_answered(chat: ChatDriver, text: str, answer: str) -> None:
    """With an example, and never a stack trace."""
    await chat.says(text, user=ADMIN)
    assert answer in chat.replies[-1]


async def test_others_are_not_told_why(chat: ChatDriver, records: Records) -> None:
    """Not even of their own deliveries: /log is theirs."""
    await records.delivery("smtp", EMAIL, S.SENT)
    await chat.says("/why 1", user=OTHER)
    assert "I don't know /why" in chat.replies[0]
    await chat.presses_data("wy:1:1", user=OTHER)
    assert "no longer works" in chat.alerts[0]
