"""/suppressions in the chat: counts, looking up, lifting for a reason."""

import pytest

from core.model import Channel
from core.model.audit import AuditFilter
from tests.bot.conftest import ADMIN, OTHER, ChatDriver


@pytest.fixture(autouse=True)
async def admin(chat: ChatDriver) -> None:
    """An admin is in front of the chat; one address bounced and unsubscribed, one number said STOP."""
    chat.person = dict(ADMIN)
    mail = chat.keys.address_hash(Channel.EMAIL, "grace@example.org")
    async with chat.database.begin() as uow:
        await uow.suppressions.add("email", mail, "bounced", chat.clock.now)
        await uow.suppressions.add("email", mail, "unsubscribed", chat.clock.now, scope="reminder")
        phone = chat.keys.address_hash(Channel.SMS, "+14155550123")
        await uow.suppressions.add("sms", phone, "stopped", chat.clock.now)


async def left(chat: ChatDriver, address: str = "grace@example.org") -> list[str]:
    found = await chat.desk.suppressed.look_up(address)
    return [one.suppression.reason for one in found.barred]


async def test_counts_by_channel_and_reason(chat: ChatDriver) -> None:
    """And how to look somebody up."""
    await chat.says("/suppressions")
    assert "Suppressions</b> · 3" in chat.replies[0]
    assert "SMS, this number has answered STOP (stopped): 1" in chat.replies[0]
    assert "/suppressions ada@example.org" in chat.replies[0]


async def test_an_address_is_looked_up(chat: ChatDriver) -> None:
    """Masked in the answer; reason, scope and since when."""
    await chat.says("/suppressions Grace@example.org")
    (said,) = chat.replies
    assert "g…@example.org" in said
    assert "grace@" not in said.lower()
    assert "1. email g…@example.org: the reader has unsubscribed (unsubscribed)\n   for a reminder · since Mon" in said
    assert "2. email g…@example.org: the mail server sent it back (bounced)\n   for everything" in said
    await chat.says("/suppressions ada@example.org")
    assert "Nothing is suppressed" in chat.replies[0]
    await chat.says("/suppressions !")
    assert "+14155550123, @ada" in chat.replies[0]


async def test_a_reader_who_blocked_the_bot(chat: ChatDriver) -> None:
    """Is no row that an admin could lift."""
    await chat.says("/start", user=OTHER)
    await chat.desk.accounts.blocked(OTHER["id"])
    await chat.says("/suppressions @grace")
    assert "has blocked the bot since" in chat.replies[0]
    assert "Suppressions" in " ".join(chat.last.buttons)
    assert not any("Lift" in label for label in chat.last.buttons)


async def test_lifting_asks_for_a_reason_and_for_a_press(chat: ChatDriver) -> None:
    """And keeps the reason with who gave it."""
    await chat.says("/suppressions grace@example.org")
    await chat.presses("Lift 2")
    assert "Why may this address be used again?" in chat.last.text
    await chat.says("ok")
    assert "reason of 3 to 200 characters" in chat.replies[0]
    await chat.says("their mailbox is <repaired>")
    confirm = chat.last
    assert "Because: their mailbox is &lt;repaired&gt;" in confirm.text
    assert await left(chat) == ["unsubscribed", "bounced"]
    await chat.presses("Lift it", on=confirm)
    assert "Lifted: this address may be used again by email" in chat.last.text
    assert await left(chat) == ["unsubscribed"]
    async with chat.database.read() as uow:
        (noted,) = await uow.audit.page(AuditFilter("suppression.lifted"), offset=0, limit=9)
    assert (noted.name, noted.after) == ("Root", {"because": "their mailbox is <repaired>"})
    await chat.presses("Lift it", on=confirm)
    assert "lifted already" in chat.last.text


async def test_a_reason_counts_for_what_it_was_given_for(chat: ChatDriver) -> None:
    """Not for another card's button, and not after something else was done."""
    await chat.says("/suppressions grace@example.org")
    looked_up = chat.last
    await chat.presses("Lift 2", on=looked_up)
    await chat.says("their mailbox is repaired")
    confirm = chat.last
    await chat.presses_data("su:go:3")
    assert "lost the reason" in chat.alerts[0]
    await chat.presses("Suppressions", on=confirm)
    assert "Suppressions</b> · 3" in chat.last.text
    await chat.presses_data("su:go:1")
    assert "lost the reason" in chat.alerts[0]
    assert await left(chat) == ["unsubscribed", "bounced"]


async def test_going_back_ends_the_question(chat: ChatDriver) -> None:
    """The next text is an idea again."""
    await chat.says("/suppressions grace@example.org")
    await chat.presses("Lift 1")
    await chat.presses("Suppressions")
    await chat.says("An idea that is no reason for anything")
    assert len(await left(chat)) == 2
    assert "Because" not in " ".join(chat.replies)


async def test_others_have_no_suppressions(chat: ChatDriver) -> None:
    """Neither to see nor to lift."""
    await chat.says("/suppressions grace@example.org", user=OTHER)
    assert "I don't know /suppressions" in chat.replies[0]
    for data in ("su:list:0", "su:lift:1", "su:go:1"):
        await chat.presses_data(data, user=OTHER)
        assert "no longer works" in chat.alerts[0]
    assert len(await left(chat)) == 2
