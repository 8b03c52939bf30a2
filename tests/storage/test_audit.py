"""The audit log in pages, and suppressions as admins look at them, on both databases."""

from datetime import timedelta

import pytest

from core.errors import AppError, NotFound
from core.model import Channel, UserAddress
from core.model.audit import AuditFilter, Suppression
from core.operations.audit import AuditBook
from core.operations.people import whom
from core.operations.suppressions import SuppressionDesk
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock


@pytest.fixture
def book(any_database: Database, keys: Keys) -> AuditBook:
    return AuditBook(any_database, keys)


@pytest.fixture
def desk(any_database: Database, clock: SteppedClock, keys: Keys) -> SuppressionDesk:
    return SuppressionDesk(any_database, clock, keys)


async def test_rows_by_topic_action_and_person(book: AuditBook):
    """The newest first; a topic is what stands before the dot, and no more than that."""
    ada = await saved(book.database, an_account(username="ada"))
    async with book.database.begin() as uow:
        await uow.audit.write(ada.user.id, "provider.disabled", NOW, {"is_enabled": True}, {"is_enabled": False})
        await uow.audit.write(None, "provider.opened", NOW + timedelta(seconds=1))
        await uow.audit.write(ada.user.id, "provider_x.changed", NOW)
        await uow.audit.write(ada.user.id, "settings.language", NOW)
    topic = await book.page(await book.parse("provider"))
    assert [(row.action, row.public_id) for row in topic.items] == [
        ("provider.opened", None), ("provider.disabled", "ada-public")
    ]  # fmt: skip
    assert (topic.items[1].before, topic.items[1].after) == ({"is_enabled": True}, {"is_enabled": False})
    assert [row.action for row in (await book.page(await book.parse("@Ada provider.disabled"))).items] == [
        "provider.disabled"
    ]
    assert (await book.page(AuditFilter())).total == 4
    assert (await book.page(await book.parse("nobody@example.org"))).total == 0
    assert await book.topics() == ["provider", "provider_x", "settings"]
    with pytest.raises(NotFound, match="@somebody"):
        await book.parse("@somebody")


async def test_an_underscore_is_no_wildcard(book: AuditBook):
    """It is one in SQL."""
    async with book.database.begin() as uow:
        await uow.audit.write(None, "aXb.made", NOW)
        await uow.audit.write(None, "a_b.made", NOW)
    assert (await book.page(AuditFilter("a_b"))).total == 1


async def test_pages_of_the_log(book: AuditBook):
    """Eight rows each."""
    async with book.database.begin() as uow:
        for number in range(9):
            await uow.audit.write(None, f"settings.{number}", NOW)
    last = await book.page(AuditFilter(), 2)
    assert ([row.action for row in last.items], last.number, last.pages, last.total) == (["settings.0"], 2, 2, 9)


async def test_somebody_is_found_by_whatever_they_are_known_by(desk: SuppressionDesk):
    """An address in any case, a number in any spelling, a name, a public id."""
    ada = await saved(desk.database, an_account(username="Ada"))
    phone = UserAddress(0, ada.user.id, Channel.SMS, "+14155550123", "", NOW)
    async with desk.database.begin() as uow:
        await uow.addresses.add(phone, desk.keys.address_hash("sms", "+14155550123"))
    for text in ("ADA@example.org", "+1 (415) 555-0123", "@ada", "ada-public"):
        async with desk.database.read() as uow:
            found = await whom(uow, desk.keys, text)
        assert found.account
        assert found.account.user.id == ada.user.id
        assert "0123" not in found.label
        assert "ada@" not in found.label


@pytest.mark.parametrize("text", ["", "two words", "+0", "12 34 !"])
async def test_what_is_nobody_is_refused(desk: SuppressionDesk, text: str):
    """With examples."""
    with pytest.raises(AppError, match=r"@ada|nobody"):
        await desk.look_up(text)


async def test_a_suppression_is_found_by_its_address(desk: SuppressionDesk):
    """Of a stranger too: only the hash is kept; a number is looked for on both channels that use it."""
    async with desk.database.begin() as uow:
        for channel, reason in (("sms", "stopped"), ("whatsapp", "invalid_address"), ("email", "bounced")):
            address = "ada@example.org" if channel == "email" else "+14155550123"
            await uow.suppressions.add(channel, desk.keys.address_hash(channel, address), reason, NOW)
    found = await desk.look_up("+1 415 555 0123")
    assert [(one.suppression.channel, one.suppression.reason, one.address) for one in found.barred] == [
        (Channel.WHATSAPP, "invalid_address", "+14…23"), (Channel.SMS, "stopped", "+14…23")
    ]  # fmt: skip
    assert (await desk.look_up("grace@example.org")).barred == ()
    assert await desk.counts() == {
        (Channel.SMS, "stopped"): 1, (Channel.WHATSAPP, "invalid_address"): 1, (Channel.EMAIL, "bounced"): 1,
    }  # fmt: skip


async def test_lifting_is_done_once_and_noted_with_its_reason(desk: SuppressionDesk):
    """Of two scopes only the one that was meant."""
    admin, hashed = await saved(desk.database, an_account()), desk.keys.address_hash("email", "grace@example.org")
    async with desk.database.begin() as uow:
        await uow.suppressions.add("email", hashed, "bounced", NOW)
        await uow.suppressions.add("email", hashed, "unsubscribed", NOW, scope="reminder")
    bounced = (await desk.look_up("grace@example.org")).barred[1].suppression
    assert bounced == Suppression(bounced.id, Channel.EMAIL, hashed, "all", "bounced", NOW)
    with pytest.raises(AppError, match="reason"):
        await desk.lift(admin, bounced.id, " x ")
    assert await desk.lift(admin, bounced.id, "their mailbox is repaired") == bounced
    assert await desk.lift(admin, bounced.id, "their mailbox is repaired") is None
    assert [one.suppression.scope for one in (await desk.look_up("grace@example.org")).barred] == ["reminder"]
    async with desk.database.read() as uow:
        (noted,) = await uow.audit.page(AuditFilter("suppression"), offset=0, limit=5)
    assert noted.after == {"because": "their mailbox is repaired"}
    assert noted.before == {"channel": "email", "scope": "all", "reason": "bounced"}
