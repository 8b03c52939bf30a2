"""Daily reminders: at the user's local time, once a day, whoever runs the schedule.

A due reminder is moved to its next time and queued in one transaction, and the move names the time it moves from, so
that two schedulers, or one that is started anew, never remind twice.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import structlog

from core.accounts.access import AccessPolicy
from core.accounts.links import ensure_unsubscribe_link
from core.accounts.preferences import next_reminder
from core.delivery.outbox import notify
from core.errors import AppError
from core.i18n import N_
from core.model import Access, Account, Channel, Kind, Preferences
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys
from core.timerules import local_date

BATCH = 100
TOO_LATE = timedelta(hours=3)  # after a longer downtime the moment has passed
SNOOZE = timedelta(hours=1)
log = structlog.get_logger(__name__)


def should_remind(preferences: Preferences, now: datetime) -> bool:
    """Whether a due reminder is still worth sending: not too late, and nothing was posted on its day."""
    due = preferences.next_reminder_at
    if due is None or not preferences.daily_reminder_enabled or now - due > TOO_LATE:
        return False
    return preferences.last_posted_on != local_date(due, preferences.timezone)


def key_of(account: Account, day: date) -> str:
    """One notification for each user and local date."""
    return f"reminder:{account.user.id}:{day.isoformat()}"


@dataclass(frozen=True, slots=True)
class Reminders:
    """What the schedule runs, and what the buttons of a reminder do."""

    database: Database
    clock: Clock
    keys: Keys
    policy: AccessPolicy

    async def run_due(self, now: datetime) -> int:
        """Send every reminder whose time has come, in batches; how many were due."""
        total = 0
        while True:
            async with self.database.begin() as uow:
                due = await uow.users.due_for_a_reminder(now, BATCH)
                for account in due:
                    await self._remind_or_put_off(uow, account, now)
            total += len(due)
            if len(due) < BATCH:
                return total

    async def _remind_or_put_off(self, uow: UnitOfWork, account: Account, now: datetime) -> None:
        try:
            await self._remind(uow, account, now)
        except ZoneInfoNotFoundError:
            log.warning("a user's timezone is not known any more, the reminder is put off", user_id=account.user.id)
            await uow.users.move_reminder(account, {"next_reminder_at": now + timedelta(days=1)})

    async def _remind(self, uow: UnitOfWork, account: Account, now: datetime) -> None:
        preferences = account.preferences
        allowed = self.policy.of(account.user) is Access.ALLOWED
        day = local_date(preferences.next_reminder_at or now, preferences.timezone)
        if not allowed or not should_remind(preferences, now):
            await uow.users.move_reminder(account, {"next_reminder_at": next_reminder(preferences, now)})
            return
        following = next_reminder(replace(preferences, last_reminded_on=day), now)
        if await uow.users.move_reminder(account, {"next_reminder_at": following, "last_reminded_on": day}):
            await self._queue(uow, account, day, now)

    async def _queue(self, uow: UnitOfWork, account: Account, day: date, now: datetime) -> None:
        await notify(
            uow, account, Kind.REMINDER, key=key_of(account, day), now=now, keys=self.keys,
            content=await self._content(uow, account, day),
        )  # fmt: skip

    async def _content(self, uow: UnitOfWork, account: Account, day: date) -> dict[str, object]:
        """With the unsubscribe link's row, from which its token is rebuilt when the mail is written."""
        link = await ensure_unsubscribe_link(uow, self.keys, account, self.clock)
        return {"day": day.isoformat(), "link_id": link.id, "generation": link.generation}

    async def snooze(self, account: Account, day: date, press: str) -> datetime:
        """Remind again in an hour, in the chat; when (UTC). `press` names the card: pressing it twice snoozes once."""
        self._check_is_today(account, day)
        now = self.clock()
        again = now + SNOOZE
        async with self.database.begin() as uow:
            await notify(
                uow, account, Kind.REMINDER, key=f"{key_of(account, day)}:snooze:{press}", now=now, keys=self.keys,
                content=await self._content(uow, account, day), interactive=True, channels=(Channel.TELEGRAM,),
                scheduled_at=again,
            )  # fmt: skip
        return again

    async def skip(self, account: Account, day: date) -> datetime | None:
        """No more reminders for that day, snoozed ones neither; when the next one is due (UTC), if there is one."""
        async with self.database.begin() as uow:
            await uow.users.cancel_reminders(account.user.id, self.clock())
        return account.preferences.next_reminder_at

    def _check_is_today(self, account: Account, day: date) -> None:
        """Yesterday's counts too: a late reminder is often answered after midnight."""
        today = local_date(self.clock(), account.preferences.timezone)
        if not today - timedelta(days=1) <= day <= today:
            raise AppError(N_("This reminder is from another day. To change the daily one: /remind 09:00 mon-fri"))
