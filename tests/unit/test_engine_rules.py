"""The engine and the reader's rules: what is held, what is suppressed, and what comes all the same."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import event

from core.delivery.deliveries import Deliveries
from core.delivery.gate import INSISTED
from core.errors import Unavailable
from core.model import (
    Cap,
    Channel,
    Delivery,
    DeliveryStatus,
    Kind,
    NotificationType,
    Period,
    QuietHours,
    Rule,
)
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock
from tests.delivery import Desk, a_desk
from tests.unit.outbox import set_delivery

S = DeliveryStatus
TELEGRAM, EMAIL = Channel.TELEGRAM, Channel.EMAIL
ANNOUNCEMENTS, POSTS = NotificationType.ANNOUNCEMENTS, NotificationType.POSTS
TWO_AN_HOUR = Rule(ANNOUNCEMENTS, cap=Cap(2, Period.HOURLY))


@pytest.fixture
async def desk(database: Database, clock: SteppedClock, keys: Keys) -> Desk:
    account = an_account(timezone="Asia/Kolkata", rules=(TWO_AN_HOUR,))
    return a_desk(database, clock, keys, await saved(database, account))


async def rule(desk: Desk, *rules: Rule) -> None:
    """The reader changes their mind after something was planned."""
    async with desk.database.begin() as uow:
        for one in rules:
            await uow.rules.set(desk.account.user.id, one, desk.clock())


async def announce(desk: Desk, count: int, first: int = 1) -> list[Delivery]:
    found = []
    for number in range(first, first + count):
        found += await desk.queue(Kind.ANNOUNCEMENT, f"news:{number}", content={"text": "News"})
    return found


async def test_the_third_waits_for_the_next_local_hour(desk: Desk, clock: SteppedClock):
    """It is 14:30 in Kolkata, so the hour ends in half an hour; then it comes."""
    found = await desk.run(await announce(desk, 3))
    assert [one.status for one in found] == [S.SENT, S.SENT, S.PENDING]
    held = found[2]
    assert (held.hold_reason, held.scheduled_at, held.attempts) == ("frequency_cap", NOW + timedelta(minutes=30), 0)
    clock.now = held.scheduled_at
    (held,) = await desk.run()
    assert (held.status, held.hold_reason) == (S.SENT, None)
    assert len(desk.telegram.sent) == 3


async def test_over_the_cap_it_is_held_when_it_is_planned(desk: Desk, clock: SteppedClock):
    """The log says at once why it waits."""
    await desk.run(await announce(desk, 2))
    (third,) = await announce(desk, 1, first=3)
    assert (third.hold_reason, third.scheduled_at) == ("frequency_cap", NOW + timedelta(minutes=30))
    clock.now = third.scheduled_at
    (fourth,) = await announce(desk, 1, first=4)
    assert fourth.hold_reason is None


async def test_what_is_being_sent_counts(desk: Desk):
    """Two that may have arrived are two; a third waits until that is known."""
    found = await announce(desk, 3)
    for one in found[:2]:
        await set_delivery(desk.database, one.id, status=S.UNKNOWN)
    (third,) = await desk.run([found[2]])
    assert third.hold_reason == "frequency_cap"


async def test_what_failed_does_not_count(desk: Desk):
    """Nobody has read it."""
    desk.telegram.answers = [Unavailable("connect"), Unavailable("connect")]
    found = await desk.run(await announce(desk, 4))
    assert [one.hold_reason for one in found] == ["retry", "retry", "frequency_cap", "frequency_cap"]
    found = await desk.run(found[2:])
    assert [one.status for one in found] == [S.SENT, S.SENT]


async def test_what_was_asked_for_neither_counts_nor_waits(desk: Desk):
    """A cap is for what comes unasked."""
    await rule(desk, Rule(POSTS, cap=Cap(1, Period.WEEKLY)))
    asked = [one for n in range(3) for one in await desk.queue(Kind.DRAFT, f"post:{n}", interactive=True)]
    assert {one.status for one in await desk.run(asked)} == {S.SENT}
    (card, _mail) = await desk.run(await desk.queue(Kind.DRAFT, "post:unasked"))
    assert card.status is S.SENT


async def test_a_cap_counts_its_own_type_channel_and_reader(desk: Desk, keys: Keys, clock: SteppedClock):
    """Announcements by chat fill neither the mailbox nor the posts; nor anybody else's cap."""
    await desk.run(await announce(desk, 2))
    await rule(desk, Rule(POSTS, cap=Cap(2, Period.HOURLY)))
    assert {one.status for one in await desk.run(await desk.queue(Kind.KEPT, "post:1"))} == {S.SENT}
    mailed = await desk.queue(Kind.ANNOUNCEMENT, "news:mail", channels=[EMAIL])
    assert {one.status for one in await desk.run(mailed)} == {S.SENT}
    grace = an_account(telegram_id=1002, public_id="grace", email="grace@example.org", rules=(TWO_AN_HOUR,))
    other = a_desk(desk.database, clock, keys, await saved(desk.database, grace))
    (hers,) = await other.run(await other.queue(Kind.ANNOUNCEMENT, "news:hers"))
    assert hers.status is S.SENT


async def test_a_day_of_25_hours_is_one_day(desk: Desk, clock: SteppedClock):
    """Paris, 25 October: sent at half past midnight, and what waits comes at the next midnight, 24 and a half later."""
    await rule(desk, Rule(ANNOUNCEMENTS, cap=Cap(1, Period.DAILY), timezone="Europe/Paris"))
    clock.now = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    await desk.run(await announce(desk, 1))
    clock.now = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)  # 23:30 of the same day
    (second,) = await desk.run(await announce(desk, 1, first=2))
    assert (second.hold_reason, second.scheduled_at) == ("frequency_cap", datetime(2026, 10, 25, 23, tzinfo=UTC))


async def test_switched_off_meanwhile_is_suppressed(desk: Desk):
    """It was planned, and now it is not wanted; nobody is called, and nothing takes over."""
    (card,) = await announce(desk, 1)
    await rule(desk, Rule(ANNOUNCEMENTS, is_enabled=False))
    (card,) = await desk.run([card])
    assert (card.status, card.error_code, desk.telegram.sent) == (S.SUPPRESSED, "switched_off", [])
    assert await desk.everything() == [card]


async def test_what_somebody_tries_again_by_hand_comes_all_the_same(desk: Desk, clock: SteppedClock):
    """Whoever presses Retry on what they had switched off wants this one."""
    await rule(desk, Rule(ANNOUNCEMENTS, is_enabled=False))
    async with desk.database.read() as uow:
        account = await uow.users.by_id(desk.account.user.id)
    assert account is not None
    desk.account = account
    (card,) = await announce(desk, 1)
    assert card.error_code == "switched_off"
    again = await Deliveries(desk.database, clock).retry(desk.account, card.id)
    assert again.delivery_metadata[INSISTED] is True
    (card,) = await desk.run([again])
    assert card.status is S.SENT


async def test_quiet_hours_of_a_type_begin_before_the_attempt(desk: Desk, clock: SteppedClock):
    """It was planned by day."""
    (card,) = await announce(desk, 1)
    await rule(desk, Rule(ANNOUNCEMENTS, quiet=QuietHours(time(14), time(16))))  # it is 14:30 in Kolkata
    (card,) = await desk.run([card])
    assert (card.hold_reason, card.scheduled_at) == ("quiet_hours", NOW + timedelta(minutes=90))


async def test_where_nobody_has_rules_nothing_is_counted(database: Database, clock: SteppedClock, keys: Keys):
    """Not one statement more for a batch of people who never opened /preferences; one for all who have."""
    plain = a_desk(database, clock, keys, await saved(database, an_account()))
    first = await announce(plain, 3)
    ada = an_account(telegram_id=1002, public_id="ada2", email=None, rules=(TWO_AN_HOUR,))
    capped = a_desk(database, clock, keys, await saved(database, ada))
    second = [one for n in range(3) for one in await capped.queue(Kind.ANNOUNCEMENT, f"more:{n}")]
    statements: list[str] = []
    event.listen(database.reader.sync_engine, "before_cursor_execute", lambda *values: statements.append(values[2]))
    await plain.run(first)
    usual = len(statements)
    assert not any("user_notification_preferences.id" in one or "count(" in one for one in statements)
    statements.clear()
    await capped.run(second)
    assert len(statements) == usual + 2  # the rules, and what counts against them


@pytest.mark.parametrize(
    ("said", "provider", "reason"),
    [
        ({"preferred": ("sendgrid",)}, "sendgrid", "sendgrid: "),
        ({"blocked": ("smtp",)}, "sendgrid", "smtp: skipped, blocked by the reader"),
        ({}, "smtp", "smtp: "),
    ],
)
async def test_the_reader_chooses_among_providers(desk: Desk, said: dict, provider: str, reason: str):
    """The one they prefer is tried first, the one they block never; the route says so."""
    await rule(desk, Rule(POSTS, EMAIL, **said))
    (mail,) = await desk.run(await desk.queue(Kind.APPROVED))
    assert (mail.status, mail.provider_name) == (S.SENT, provider)
    assert any(one.startswith(reason) for one in mail.delivery_metadata["route"])


async def test_a_preferred_provider_that_is_down_is_followed_by_the_others(desk: Desk):
    """A preference costs nobody their mail; a blocked one is not used even then."""
    await rule(desk, Rule(POSTS, EMAIL, preferred=("sendgrid",)))
    desk.sendgrid.answers = [Unavailable("connect")]
    (mail,) = await desk.run(await desk.queue(Kind.APPROVED))
    assert (mail.status, mail.provider_name) == (S.SENT, "smtp")
    await rule(desk, Rule(POSTS, EMAIL, blocked=("smtp",)))
    desk.sendgrid.answers = [Unavailable("connect")]
    (mail,) = await desk.run(await desk.queue(Kind.APPROVED, "post:1:v2"))
    assert (mail.status, mail.hold_reason, len(desk.smtp.sent)) == (S.PENDING, "retry", 1)


async def test_with_every_provider_blocked_it_fails_and_says_so(desk: Desk):
    """The admins took away the one that was left: nobody else's fault, and nothing goes by a blocked one."""
    await rule(desk, Rule(POSTS, EMAIL, blocked=("smtp", "sendgrid")))
    (mail,) = await desk.run(await desk.queue(Kind.APPROVED))
    assert (mail.status, mail.error_code) == (S.FAILED, "providers_blocked")
    assert (desk.smtp.sent, desk.sendgrid.sent) == ([], [])
