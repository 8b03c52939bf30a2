"""Codes for a mailbox, on both databases: what they prove, and how guessing is stopped."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.accounts.codes import CODES_AN_HOUR, WRONG_TRIES
from core.accounts.verification import EMAIL, LINK, Verification
from core.errors import AppError
from core.model import Account, Kind
from core.secrets import Keys
from storage.database import Database
from storage.tables import audit_log, notification_deliveries, notifications, posts, verification_codes
from tests.accounts import an_account, saved
from tests.conftest import SteppedClock

MINUTE = timedelta(minutes=1)


@dataclass
class Desk:
    """The use case, and a look into mailbox and database."""

    verification: Verification
    database: Database
    keys: Keys
    clock: SteppedClock

    async def rows(self, statement: Any) -> list[Any]:
        async with self.database.read() as uow:
            return list(await uow.connection.execute(statement))

    async def code(self) -> str:
        """The newest code, as its mail would say it."""
        newest = select(verification_codes.c.id).order_by(verification_codes.c.id.desc()).limit(1)
        return self.keys.code((await self.rows(newest))[0][0])

    async def wrong(self) -> str:
        return f"{(int(await self.code()) + 1) % 10**6:06}"

    async def mails(self) -> list[tuple[str, str]]:
        """(kind, to) of every mail that was queued."""
        both = select(notifications.c.kind, notification_deliveries.c.recipient).join_from(
            notifications, notification_deliveries
        )
        by_mail = both.where(notification_deliveries.c.delivery_type == "email")
        return [tuple(row) for row in await self.rows(by_mail.order_by(notification_deliveries.c.id))]

    async def account(self, user_id: int) -> Account | None:
        async with self.database.read() as uow:
            return await uow.users.by_id(user_id)


@pytest.fixture
def desk(any_database: Database, clock: SteppedClock, keys: Keys) -> Desk:
    return Desk(Verification(any_database, clock, keys), any_database, keys, clock)


async def newcomer(desk: Desk, telegram_id: int = 7, **changes: Any) -> Account:
    account = an_account(**{"telegram_id": telegram_id, "public_id": f"p{telegram_id}", "email": None} | changes)
    return await saved(desk.database, account)


async def test_a_right_code_confirms_the_address(desk: Desk):
    """The code goes to the new address, and the address is forgotten by the code's row."""
    ada = await newcomer(desk, receive_email_notifications=False)
    assert await desk.verification.ask_email(ada, "Ada@Example.org") == "ada@example.org"
    assert await desk.mails() == [(Kind.CODE, "ada@example.org")]
    assert await desk.verification.is_waiting(ada)
    done = await desk.verification.confirm(ada, await desk.code())
    stored = await desk.account(ada.user.id)
    assert (done.purpose, done.address, done.account) == (EMAIL, "ada@example.org", stored)
    assert stored is not None
    assert stored.user.email == "ada@example.org"
    assert stored.preferences.receive_email_notifications
    assert await desk.rows(select(verification_codes.c.address)) == [(None,)]
    assert not await desk.verification.is_waiting(ada)


async def test_a_change_alerts_the_old_address(desk: Desk):
    """And what waits for the old address goes to the new one; the audit log shows masked addresses."""
    ada = await newcomer(desk, email="old@example.org")
    await desk.verification.ask_email(ada, "new@example.org")
    await desk.verification.confirm(ada, await desk.code())
    assert await desk.mails() == [(Kind.CODE, "new@example.org"), (Kind.EMAIL_CHANGED, "old@example.org")]
    changed = select(audit_log.c.before, audit_log.c.after).where(audit_log.c.action == "account.email")
    assert await desk.rows(changed) == [({"email": "o…@example.org"}, {"email": "n…@example.org"})]


async def test_a_code_works_once_and_for_a_quarter_of_an_hour(desk: Desk):
    """A used or old code is as good as none."""
    ada = await newcomer(desk)
    await desk.verification.ask_email(ada, "ada@example.org")
    desk.clock.now += 15 * MINUTE
    with pytest.raises(AppError, match="expired"):
        await desk.verification.confirm(ada, await desk.code())
    await desk.verification.ask_email(ada, "ada@example.org")
    code = await desk.code()
    await desk.verification.confirm(ada, code)
    with pytest.raises(AppError, match="not waiting"):
        await desk.verification.confirm(ada, code)


async def test_a_new_code_makes_the_old_one_void(desk: Desk):
    """Only the newest mail counts."""
    ada = await newcomer(desk)
    await desk.verification.ask_email(ada, "one@example.org")
    old = await desk.code()
    await desk.verification.ask_email(ada, "two@example.org")
    with pytest.raises(AppError, match="Tries left: 4"):
        await desk.verification.confirm(ada, old)
    assert (await desk.verification.confirm(ada, await desk.code())).address == "two@example.org"


async def test_five_wrong_tries_lock_for_an_hour(desk: Desk):
    """Over all codes, and for asking too; afterwards everything works again."""
    ada = await newcomer(desk)
    await desk.verification.ask_email(ada, "ada@example.org")
    for left in (4, 3):
        with pytest.raises(AppError, match=f"Tries left: {left}"):
            await desk.verification.confirm(ada, await desk.wrong())
    await desk.verification.ask_email(ada, "ada@example.org")
    for left in (2, 1):
        with pytest.raises(AppError, match=f"Tries left: {left}"):
            await desk.verification.confirm(ada, await desk.wrong())
    with pytest.raises(AppError, match="in 60 minutes"):
        await desk.verification.confirm(ada, await desk.wrong())
    with pytest.raises(AppError, match="Too many wrong codes"):
        await desk.verification.confirm(ada, await desk.code())
    desk.clock.now += 59 * MINUTE
    with pytest.raises(AppError, match="Too many wrong codes"):
        await desk.verification.ask_email(ada, "ada@example.org")
    desk.clock.now += MINUTE
    await desk.verification.ask_email(ada, "ada@example.org")
    await desk.verification.confirm(ada, await desk.code())


async def test_guesses_that_come_together_are_counted_one_by_one(desk: Desk):
    """Twenty parallel guesses get five tries, not twenty."""
    ada = await newcomer(desk)
    await desk.verification.ask_email(ada, "ada@example.org")
    right = int(await desk.code())
    guesses = [f"{(right + step) % 10**6:06}" for step in range(1, 21)]
    outcomes = await asyncio.gather(
        *(desk.verification.confirm(ada, guess) for guess in guesses), return_exceptions=True
    )
    judged = [str(error) for error in outcomes if "Tries left" in str(error)]
    assert sorted(judged) == [
        f"That is not the code. Tries left: {left}. A new code: /email me@example.org" for left in (1, 2, 3, 4)
    ]
    assert await desk.rows(select(verification_codes.c.wrong_tries)) == [(WRONG_TRIES,)]


async def test_guesses_of_several_chats_at_one_mailbox_count_together(desk: Desk):
    """More Telegram accounts are not more tries."""
    await newcomer(desk, email="ada@example.org")
    thieves = [await newcomer(desk, telegram_id) for telegram_id in (8, 9)]
    for thief, tries in zip(thieves, (3, 2), strict=True):
        await desk.verification.ask_link(thief, "ada@example.org")
        for _try in range(tries):
            with pytest.raises(AppError):
                await desk.verification.confirm(thief, await desk.wrong())
    with pytest.raises(AppError, match="Too many wrong codes"):
        await desk.verification.ask_link(await newcomer(desk, 10), "ada@example.org")


async def test_three_codes_an_hour(desk: Desk):
    """Also where they are asked for at the same moment."""
    ada = await newcomer(desk)
    asked = await asyncio.gather(
        *(desk.verification.ask_email(ada, f"{number}@example.org") for number in range(6)), return_exceptions=True
    )
    assert sum(isinstance(one, str) for one in asked) == CODES_AN_HOUR
    assert len(await desk.mails()) == CODES_AN_HOUR


async def test_an_address_of_another_account_is_not_told_before_the_code(desk: Desk):
    """The mail goes out as ever; who owns the mailbox then learns of /link."""
    await newcomer(desk, email="ada@example.org")
    other = await newcomer(desk, 8)
    await desk.verification.ask_email(other, "ada@example.org")
    assert await desk.mails() == [(Kind.CODE, "ada@example.org")]
    with pytest.raises(AppError, match=r"/link ada@example\.org"):
        await desk.verification.confirm(other, await desk.code())
    kept = await desk.account(other.user.id)
    assert kept is not None
    assert kept.user.email is None


async def test_an_address_that_refused_mail_is_refused_at_once(desk: Desk):
    """Waiting for a code that never comes helps nobody; and no try is used up."""
    ada = await newcomer(desk)
    async with desk.database.begin() as uow:
        address = desk.keys.address_hash("email", "ada@example.org")
        await uow.suppressions.add("email", address, "bounced", desk.clock.now)
    with pytest.raises(AppError, match="came back before"):
        await desk.verification.ask_email(ada, "ada@example.org")
    assert await desk.rows(select(verification_codes.c.id)) == []


async def test_linking_an_unknown_address_answers_alike_but_sends_nothing(desk: Desk):
    """Nobody learns from /link who has an account."""
    thief = await newcomer(desk)
    assert await desk.verification.ask_link(thief, "nobody@example.org") == "nobody@example.org"
    assert await desk.verification.is_waiting(thief)
    assert await desk.mails() == []
    with pytest.raises(AppError, match="Tries left: 4"):
        await desk.verification.confirm(thief, await desk.wrong())
    with pytest.raises(AppError, match="not waiting"):
        await desk.verification.confirm(thief, await desk.code())


async def test_linking_moves_the_account_into_the_chat(desk: Desk):
    """With its settings; what was written in the new chat comes along; the old chat and the mailbox are told."""
    ada = await newcomer(desk, 7, email="ada@example.org", language="fr", blocked_at=desk.clock.now)
    here = await newcomer(desk, 8, name="Ada's phone")
    await _write_posts(desk, ada, here)
    async with desk.database.begin() as uow:
        await uow.dialogues.put("7:7", desk.clock.now, state="NewIdea:waiting")
    await desk.verification.ask_link(here, "ada@example.org")
    done = await desk.verification.confirm(here, await desk.code())
    assert done.purpose == LINK
    assert done.account == await desk.account(ada.user.id)
    assert (done.account.user.telegram_id, done.account.user.name) == (8, "Ada's phone")
    assert (done.account.preferences.language, done.account.user.blocked_at) == ("fr", None)
    assert done.account.user.link_generation == 1
    assert await desk.account(here.user.id) is None
    assert await desk.rows(select(posts.c.user_id)) == [(ada.user.id,), (ada.user.id,)]
    async with desk.database.read() as uow:
        assert await uow.dialogues.get("7:7") == (None, {})
    told = (
        select(notification_deliveries.c.delivery_type, notification_deliveries.c.recipient)
        .join_from(notifications, notification_deliveries)
        .where(notifications.c.kind == Kind.ACCOUNT_MOVED)
    )
    assert sorted(map(tuple, await desk.rows(told))) == [("email", "ada@example.org"), ("telegram", "7")]


async def _write_posts(desk: Desk, *accounts: Account) -> None:
    async with desk.database.begin() as uow:
        for account in accounts:
            row = {"user_id": account.user.id, "idea": "An idea", "state": "draft", "language": "en"}
            await uow.connection.execute(
                posts.insert().values(row | {"created_at": desk.clock.now, "updated_at": desk.clock.now})
            )


async def test_linking_the_own_address_is_refused(desk: Desk):
    """The account is here already."""
    ada = await newcomer(desk, email="ada@example.org")
    for ask in (desk.verification.ask_link, desk.verification.ask_email):
        with pytest.raises(AppError, match="already"):
            await ask(ada, "ADA@example.org")


async def test_giving_up_makes_the_code_void(desk: Desk):
    """After /cancel six digits are an idea again."""
    ada = await newcomer(desk)
    await desk.verification.ask_email(ada, "ada@example.org")
    await desk.verification.give_up(ada)
    assert not await desk.verification.is_waiting(ada)


async def test_an_address_that_was_never_confirmed_is_deleted(desk: Desk):
    """After a day; the limits look back two hours."""
    ada = await newcomer(desk)
    await desk.verification.ask_email(ada, "ada@example.org")
    for ago, left in ((timedelta(days=1), 1), (timedelta(0), 0)):
        async with desk.database.begin() as uow:
            await uow.codes.purge(desk.clock.now - ago + timedelta(seconds=1))
        assert len(await desk.rows(select(verification_codes.c.id))) == left
