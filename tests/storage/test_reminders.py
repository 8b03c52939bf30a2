"""Reminders on both databases: once a day, whoever runs the schedule."""

import asyncio
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.accounts.access import AccessPolicy
from core.accounts.preferences import PreferenceBook
from core.accounts.reminders import Reminders
from core.errors import AppError
from core.model import Access, Account, Channel, DeliveryStatus
from core.posts.approvals import Approvals
from core.posts.drafts import Drafts
from core.secrets import Keys
from core.settings import Settings
from storage.database import Database
from storage.tables import notification_deliveries, notifications
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock
from tests.writers import ScriptedWriter

MONDAY = date(2026, 3, 2)
HOUR = timedelta(hours=1)


@pytest.fixture
def reminders(any_database: Database, clock: SteppedClock, keys: Keys) -> Reminders:
    return Reminders(any_database, clock, keys, AccessPolicy())


async def somebody(database: Database, number: int = 1, **changes: Any) -> Account:
    """Whose reminder is due now, at 09:00 UTC on a Monday."""
    values = {"telegram_id": number, "public_id": f"p{number}", "email": None, "next_reminder_at": NOW}
    return await saved(database, an_account(**values | {"daily_reminder_enabled": True} | changes))


async def sent(reminders: Reminders) -> list[tuple[str, str, DeliveryStatus]]:
    """(key, channel, status) of every reminder that was queued."""
    both = select(
        notifications.c.idempotency_key, notification_deliveries.c.delivery_type, notification_deliveries.c.status
    ).join_from(notifications, notification_deliveries)
    async with reminders.database.read() as uow:
        rows = await uow.connection.execute(both.order_by(notification_deliveries.c.id))
        return [(row[0], row[1], DeliveryStatus(row[2])) for row in rows]


async def stored(reminders: Reminders, account: Account) -> Account:
    async with reminders.database.read() as uow:
        found = await uow.users.by_id(account.user.id)
    assert found is not None
    return found


async def test_a_due_reminder_is_queued_and_moved_on(reminders: Reminders):
    """With the link that a mail needs; the next one is tomorrow's."""
    ada = await somebody(reminders.database)
    assert await reminders.run_due(NOW) == 1
    assert await sent(reminders) == [(f"reminder:{ada.user.id}:2026-03-02", "telegram", DeliveryStatus.PENDING)]
    after = (await stored(reminders, ada)).preferences
    assert (after.next_reminder_at, after.last_reminded_on) == (NOW + timedelta(days=1), MONDAY)
    async with reminders.database.read() as uow:
        content = (await uow.connection.execute(select(notifications.c.content))).scalar_one()
        token = reminders.keys.link_token("unsubscribe", content["link_id"], content["generation"])
        assert await uow.links.by_token(token, NOW) is not None
    assert content["day"] == "2026-03-02"


async def test_two_schedulers_remind_once(reminders: Reminders):
    """Each finds the rows that the other has in hand moved, or not at all."""
    for number in range(1, 31):
        await somebody(reminders.database, number)
    await asyncio.gather(*(reminders.run_due(NOW) for _scheduler in range(3)))
    assert len(await sent(reminders)) == 30
    assert await reminders.run_due(NOW) == 0


async def test_more_than_a_batch_is_reminded(reminders: Reminders, monkeypatch: pytest.MonkeyPatch):
    """Everybody's nine o'clock is at the same moment."""
    monkeypatch.setattr("core.accounts.reminders.BATCH", 4)
    for number in range(1, 11):
        await somebody(reminders.database, number)
    assert await reminders.run_due(NOW) == 10
    assert len(await sent(reminders)) == 10


async def test_a_missed_reminder_is_caught_up_once_within_three_hours(reminders: Reminders):
    """After a downtime of a day there is one reminder, not two."""
    ada = await somebody(reminders.database, next_reminder_at=NOW - timedelta(days=1))
    assert await reminders.run_due(NOW + HOUR) == 1
    assert await sent(reminders) == []  # a day late: skipped, and moved on
    assert (await stored(reminders, ada)).preferences.next_reminder_at == NOW + timedelta(days=1)
    bob = await somebody(reminders.database, 2)
    assert await reminders.run_due(NOW + 3 * HOUR) == 1
    assert [key for key, _channel, _status in await sent(reminders)] == [f"reminder:{bob.user.id}:2026-03-02"]


async def test_who_posted_today_is_left_alone(reminders: Reminders):
    """Tomorrow is another day."""
    ada = await somebody(reminders.database, last_posted_on=MONDAY)
    await reminders.run_due(NOW)
    assert await sent(reminders) == []
    assert (await stored(reminders, ada)).preferences.next_reminder_at == NOW + timedelta(days=1)


async def test_who_may_not_come_in_is_not_reminded(reminders: Reminders):
    """A denied person's settings stay, but say nothing."""
    await somebody(reminders.database, access=Access.DENIED)
    assert await reminders.run_due(NOW) == 1
    assert await sent(reminders) == []


async def test_changing_the_time_after_the_reminder_brings_no_second_one(
    reminders: Reminders, clock: SteppedClock, keys: Keys
):
    """The answer names tomorrow, and tomorrow it is."""
    ada = await somebody(reminders.database)
    await reminders.run_due(NOW)
    book = PreferenceBook(reminders.database, clock, keys)
    changed = await book.change(ada, {"daily_reminder_time": time(10)})
    assert changed.preferences.next_reminder_at == NOW + timedelta(days=1, hours=1)
    assert await reminders.run_due(NOW + 2 * HOUR) == 0


async def test_a_snoozed_reminder_comes_in_an_hour_once_for_each_card(reminders: Reminders):
    """A double tap is one snooze; the card that comes then can be snoozed again."""
    ada = await somebody(reminders.database)
    for _tap in range(2):
        assert await reminders.snooze(ada, MONDAY, "101") == NOW + HOUR
    assert [key for key, _channel, _status in await sent(reminders)] == [
        f"reminder:{ada.user.id}:2026-03-02:snooze:101"
    ]
    async with reminders.database.read() as uow:
        scheduled = (await uow.connection.execute(select(notification_deliveries.c.scheduled_at))).scalar_one()
    assert scheduled == NOW + HOUR
    await reminders.snooze(ada, MONDAY, "102")
    assert len(await sent(reminders)) == 2


async def test_an_old_reminder_cant_be_snoozed(reminders: Reminders):
    """Yesterday's can: it may have been answered after midnight."""
    ada = await somebody(reminders.database)
    await reminders.snooze(ada, MONDAY - timedelta(days=1), "100")
    for day in (MONDAY - timedelta(days=2), MONDAY + timedelta(days=1)):
        with pytest.raises(AppError, match="another day"):
            await reminders.snooze(ada, day, "101")


@pytest.mark.parametrize("how", ["skip", "off"])
async def test_skipping_calls_off_what_was_snoozed(reminders: Reminders, clock: SteppedClock, keys: Keys, how: str):
    """And so does switching reminders off."""
    ada = await somebody(reminders.database)
    await reminders.snooze(ada, MONDAY, "101")
    if how == "skip":
        assert await reminders.skip(ada, MONDAY) == ada.preferences.next_reminder_at
    else:
        await PreferenceBook(reminders.database, clock, keys).remind(ada, "off")
    assert [status for _key, _channel, status in await sent(reminders)] == [DeliveryStatus.CANCELLED]


async def test_a_reminder_by_mail_goes_by_mail(reminders: Reminders):
    """The channel is the user's choice."""
    ada = await somebody(reminders.database, email="ada@example.org", daily_reminder_channel=Channel.EMAIL)
    await reminders.run_due(NOW)
    assert await sent(reminders) == [(f"reminder:{ada.user.id}:2026-03-02", "email", DeliveryStatus.PENDING)]


async def test_a_post_of_today_calls_off_what_was_snoozed(reminders: Reminders, clock: SteppedClock, keys: Keys):
    """There is nothing to be reminded of any more."""
    ada = await somebody(reminders.database)
    await reminders.snooze(ada, MONDAY, "101")
    writer, database = ScriptedWriter(), reminders.database
    view = await Drafts(database, clock, keys, writer, Settings.model_construct()).start(
        ada, "An idea worth a post", source_key="update:1"
    )
    approvals = Approvals(database, clock, keys)
    await approvals.approve(ada, view.post.id, view.version.number)
    await approvals.mark_posted(ada, view.post.id)
    assert (f"reminder:{ada.user.id}:2026-03-02:snooze:101", "telegram", DeliveryStatus.CANCELLED) in await sent(
        reminders
    )


async def test_a_timezone_that_is_gone_holds_up_nobody_else(reminders: Reminders):
    """Zones are renamed and dropped; one user's must not silence the others'. It is looked at again in a day."""
    lost = await somebody(reminders.database, 1, timezone="Atlantis/Poseidonis")
    ada = await somebody(reminders.database, 2)
    await reminders.run_due(NOW)
    assert [key for key, _, _ in await sent(reminders)] == [f"reminder:{ada.user.id}:2026-03-02"]
    assert (await stored(reminders, lost)).preferences.next_reminder_at == NOW + timedelta(days=1)
