"""A user's phone on both databases: proved by Telegram, one number each, gone when it is not used."""

from typing import Any

import pytest
from sqlalchemy import select

from core.accounts.phone import PhoneBook, number_of
from core.accounts.relocation import move_here
from core.delivery.outbox import notify
from core.errors import AppError
from core.model import Account, Channel, Kind, NotificationType, ProviderRow, Rule, UserAddress
from core.secrets import Keys
from storage.database import Database
from storage.tables import audit_log, notification_deliveries
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock

SMS, WHATSAPP = Channel.SMS, Channel.WHATSAPP
NUMBER, OTHER = "+14155550123", "+442079460123"
BY_SMS = Rule(NotificationType.REMINDERS, SMS, is_enabled=True)


@pytest.fixture
async def book(any_database: Database, clock: SteppedClock, keys: Keys) -> PhoneBook:
    async with any_database.begin() as uow:
        await uow.providers.mirror([ProviderRow("twilio", SMS), ProviderRow("twilio", WHATSAPP)], NOW)
    return PhoneBook(any_database, clock, keys)


async def now(book: PhoneBook, account: Account) -> Account:
    async with book.database.read() as uow:
        found = await uow.users.by_id(account.user.id)
    assert found is not None
    return found


async def audit(book: PhoneBook) -> list[tuple[Any, ...]]:
    async with book.database.read() as uow:
        rows = select(audit_log.c.user_id, audit_log.c.action, audit_log.c.before, audit_log.c.after)
        return [tuple(row) for row in await uow.connection.execute(rows.order_by(audit_log.c.id))]


async def sms_of(book: PhoneBook, account: Account, key: str) -> str:
    """Queue a reminder and return the status and address of its SMS, later."""
    async with book.database.begin() as uow:
        await notify(uow, await now(book, account), Kind.REMINDER, key=key, now=NOW, keys=book.keys)
    return f"{key}:sms"


async def delivery(book: PhoneBook, key: str) -> tuple[str, str]:
    table = notification_deliveries.c
    async with book.database.read() as uow:
        found = select(table.status, table.recipient).where(table.idempotency_key == key)
        return tuple((await uow.connection.execute(found)).one())  # type: ignore[return-value]


async def test_an_own_number_serves_sms_and_whatsapp(book: PhoneBook):
    """In E.164, however Telegram writes it; shared twice it is one change, noted without the number."""
    ada = await saved(book.database, an_account())
    for _share in range(2):
        phone = await book.add(ada, "14155550123", 1001)
        assert (phone.number, phone.channels, phone.refused) == (NUMBER, {SMS: True, WHATSAPP: True}, {})
    assert {(one.channel, one.address) for one in (await now(book, ada)).addresses} == {
        (SMS, NUMBER),
        (WHATSAPP, NUMBER),
    }
    assert await audit(book) == [(ada.user.id, "account.phone", {"phone": None}, {"phone": "+14…23"})]


@pytest.mark.parametrize("owner", [1002, None])
async def test_somebody_elses_number_is_refused(book: PhoneBook, owner: int | None):
    """Whoever sends their friend's contact signs nobody up."""
    ada = await saved(book.database, an_account())
    with pytest.raises(AppError, match="somebody else's"):
        await book.add(ada, NUMBER, owner)
    assert number_of(await now(book, ada)) is None


@pytest.mark.parametrize("number", ["+88812345678", "12", "", "not a number"])
async def test_a_number_of_no_network_is_refused(book: PhoneBook, number: str):
    """Telegram's anonymous numbers can't be called."""
    ada = await saved(book.database, an_account())
    with pytest.raises(AppError, match="No message can be sent"):
        await book.add(ada, number, 1001)


async def test_without_a_provider_no_number_is_taken(any_database: Database, clock: SteppedClock, keys: Keys):
    """What is of no use is not kept."""
    ada = await saved(any_database, an_account())
    with pytest.raises(AppError, match="Neither SMS nor WhatsApp"):
        await PhoneBook(any_database, clock, keys).add(ada, NUMBER, 1001)


async def test_a_channel_is_switched_and_the_number_goes_with_the_last(book: PhoneBook):
    """A number that nothing uses is not kept; switching what is switched already is no change."""
    ada = await saved(book.database, an_account())
    await book.add(ada, NUMBER, 1001)
    assert (await book.switch(ada, SMS, False)).channels == {SMS: False, WHATSAPP: True}
    assert (await book.switch(ada, SMS, False)).number == NUMBER
    assert (await book.switch(ada, SMS, True)).channels == {SMS: True, WHATSAPP: True}
    await book.switch(ada, SMS, False)
    assert (await book.switch(ada, WHATSAPP, False)).number is None
    with pytest.raises(AppError, match="/phone"):
        await book.switch(ada, SMS, True)
    assert [action for _, action, *_ in await audit(book)] == [
        "account.phone", "account.phone.sms", "account.phone.sms", "account.phone.sms", "account.phone.whatsapp",
    ]  # fmt: skip


async def test_what_waits_goes_to_the_new_number_and_never_to_one_that_was_removed(book: PhoneBook):
    """Somebody else may have it by then."""
    ada = await saved(book.database, an_account(rules=(BY_SMS,)))
    await book.add(ada, NUMBER, 1001)
    waiting = await sms_of(book, ada, "reminder:1")
    assert await delivery(book, waiting) == ("pending", NUMBER)
    await book.add(ada, OTHER, 1001)
    assert await delivery(book, waiting) == ("pending", OTHER)
    assert (await book.remove(ada)).number is None
    assert await delivery(book, waiting) == ("cancelled", OTHER)
    assert (await book.remove(ada)).number is None  # a double tap


async def test_a_number_that_changed_hands_is_the_new_owners(book: PhoneBook):
    """The old one gets nothing there any more, and their log says since when."""
    ada = await saved(book.database, an_account(rules=(BY_SMS,)))
    grace = await saved(book.database, an_account(telegram_id=1002, public_id="grace", email=None))
    await book.add(ada, NUMBER, 1001)
    waiting = await sms_of(book, ada, "reminder:1")
    await book.add(grace, NUMBER, 1002)
    assert (await book.of(ada)).number is None
    assert (await book.of(grace)).number == NUMBER
    assert (await delivery(book, waiting))[0] == "cancelled"
    assert (ada.user.id, "account.phone", {"sms": "+14…23"}, {"sms": None}) in await audit(book)


async def test_a_number_that_answered_stop_is_told(book: PhoneBook):
    """Only the phone itself can take that back."""
    ada = await saved(book.database, an_account())
    await book.add(ada, NUMBER, 1001)
    async with book.database.begin() as uow:
        await uow.suppressions.add(SMS, book.keys.address_hash(SMS, NUMBER), "stopped", NOW)
    assert (await book.of(ada)).refused == {SMS: "stopped"}


@pytest.mark.parametrize(("here", "expected"), [(None, {NUMBER}), (OTHER, {OTHER})])
async def test_an_account_that_moves_takes_its_phone_along(book: PhoneBook, here: str | None, expected: set[str]):
    """The phone in the hand that holds the new chat counts, where there is one; browsers come along in any case."""
    ada = await saved(book.database, an_account())
    new = await saved(book.database, an_account(telegram_id=1002, public_id="new", email=None))
    await book.add(ada, NUMBER, 1001)
    if here:
        await book.add(new, here, 1002)
    async with book.database.begin() as uow:
        for person in (ada, new):
            browser = UserAddress(0, person.user.id, Channel.PUSH, f"browser of {person.user.id}", "", NOW)
            await uow.addresses.add(browser, f"{person.user.id}" * 64)
    async with book.database.begin() as uow:
        whole = [await uow.users.by_id(person.user.id) for person in (new, ada)]
        assert whole[0]
        assert whole[1]
        moved = await move_here(uow, book.keys, whole[0], whole[1], NOW)
    assert moved == await now(book, ada)
    assert {one.address for one in moved.addresses if one.channel is not Channel.PUSH} == expected
    assert len([one for one in moved.addresses if one.channel is Channel.PUSH]) == 2
