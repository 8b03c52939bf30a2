"""/broadcast: a word to many, looked at, tested and confirmed before anybody gets it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.model import DeliveryStatus, Kind
from storage.tables import audit_log, notification_deliveries, notifications
from tests.batches import a_carrier, readers
from tests.bot.conftest import ADMIN, AUTHOR, ChatDriver

TEXT = "Tonight\nWe move to a new machine. <b>No</b> drafts from 22:00 to 23:00."


@pytest.fixture
async def desk(chat: ChatDriver) -> ChatDriver:
    """An admin before the bot, and twelve readers."""
    chat.person = dict(ADMIN)
    await chat.says("/start")
    await readers(chat.database, 9)
    await readers(chat.database, 3, first=200_000, language="fr", email=None)
    return chat


async def announced(chat: ChatDriver) -> list[tuple[str, str]]:
    """The recipient and status of every announcement."""
    both = select(notification_deliveries.c.recipient, notification_deliveries.c.status)
    mine = both.join_from(notification_deliveries, notifications).where(notifications.c.kind == Kind.ANNOUNCEMENT)
    async with chat.database.read() as uow:
        return [(row[0], row[1]) for row in await uow.connection.execute(mine)]


async def noted(chat: ChatDriver) -> list[str]:
    async with chat.database.read() as uow:
        rows = await uow.connection.execute(select(audit_log.c.action).where(audit_log.c.action.like("batch%")))
        return [row[0] for row in rows]


async def carry(chat: ChatDriver) -> None:
    """What the scheduler does in a second."""
    chat.clock.now += timedelta(seconds=1)
    await a_carrier(chat.database, chat.clock, chat.keys, chat.desk.batches.policy)[0].run()


async def test_a_word_to_everybody(desk: ChatDriver):
    """Asked for, shown as it reads, confirmed by its number, begun; the card that follows it is there at once."""
    await desk.says("/broadcast")
    assert "Send it as one message" in desk.replies[0]
    await desk.says(TEXT)
    preview, plan = desk.replies
    assert preview == "<b>Tonight</b>\n\nWe move to a new machine. &lt;b&gt;No&lt;/b&gt; drafts from 22:00 to 23:00."
    assert "To: everybody, 13 people" in plan
    assert "by each reader's own channels" in plan
    await desk.presses("Send to 13")
    assert "Type 13 to send it." in desk.last.text
    await desk.says("13")
    assert "Tonight" in desk.replies[0]
    assert "Made for 0 of 13 people" in desk.replies[0]
    assert await noted(desk) == ["batch.created"]
    (batch,) = (await desk.desk.batches.list()).items
    assert (batch.name, batch.total, batch.config["content"]["subject"]) == ("Tonight", 13, "Tonight")


async def test_any_other_number_sends_nothing(desk: ChatDriver):
    """A word, half of it, one more: asked again."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("Send to 13")
    for typed in ("yes", "1", "14", "-13"):
        await desk.says(typed)
        assert "It would go to 13 people now" in desk.replies[0]
    assert await noted(desk) == []
    await desk.says("13")
    assert await noted(desk) == ["batch.created"]


async def test_the_number_is_that_of_the_moment_it_is_typed(desk: ChatDriver):
    """Somebody came in between."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("Send to 13")
    await readers(desk.database, 1500, first=300_000)
    await desk.says("13")
    assert "It would go to 1513 people now" in desk.replies[0]
    await desk.says("1,513")
    assert await noted(desk) == ["batch.created"]


async def test_to_a_segment_and_by_one_channel(desk: ChatDriver):
    """Each choice says how many people that is just now."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("To whom")
    assert {"● everybody · 13", "who reads Français · 3", "active within 7 days · 13", "admins · 1"} <= set(
        desk.last.buttons
    )
    await desk.presses("Français")
    assert "To: who reads Français, 3 people" in desk.last.text
    await desk.presses("How")
    assert {"● by each reader's own channels · 3", "Telegram only · 3", "email only · 0"} <= set(desk.last.buttons)
    await desk.presses("Telegram only")
    await desk.presses("Send to 3")
    await desk.says("3")
    (batch,) = (await desk.desk.batches.list()).items
    assert (batch.config["segment"], batch.config["channels"]) == ("language:fr", ["telegram"])


async def test_nobody_can_be_told_nothing(desk: ChatDriver):
    """A segment without anybody has no Send."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("How")
    await desk.presses("SMS only")
    assert "0 people" in desk.last.text
    assert not any("Send to" in label for label in desk.last.buttons)


async def test_the_preview_is_what_readers_get(desk: ChatDriver):
    """Word for word, whatever is chosen."""
    await desk.says(f"/broadcast {TEXT}")
    preview = desk.replies[0]
    await desk.presses("Title on or off")
    without = preview.replace("<b>Tonight</b>\n\n", "Tonight\n")
    assert without in [shown.text for shown in desk.session.messages.values()]
    assert "No title" in desk.last.text
    await desk.presses("Title on or off")
    await desk.presses("Send to 13")
    await desk.says("13")
    await carry(desk)
    await desk.deliver()
    sent = {shown.chat_id: shown.text for shown in desk.session.messages.values() if shown.chat_id >= 100_000}
    assert len(sent) == 12
    assert set(sent.values()) == {preview}


async def test_by_another_channel_it_is_shown_as_that_reads(desk: ChatDriver):
    """An SMS with how many it takes, a mail with its subject."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("How")
    await desk.presses("SMS only")
    shown = [one.text for one in desk.session.messages.values()]
    assert any("As it reads by SMS" in text and "1 SMS for each reader" in text for text in shown)
    await desk.presses("How")
    await desk.presses("email only")
    shown = [one.text for one in desk.session.messages.values()]
    assert any("As it reads by email" in text and "<b>Tonight</b>" in text for text in shown)


async def test_a_test_goes_to_whoever_writes_it_alone(desk: ChatDriver):
    """By the real engine, and as often as they press."""
    await desk.says(f"/broadcast {TEXT}")
    preview = desk.replies[0]
    for _press in range(2):
        await desk.presses("Test to me")
        assert "to you alone" in desk.alerts[0]
    await desk.deliver()
    assert await announced(desk) == [("9001", DeliveryStatus.DELIVERED)] * 2
    assert [one.text for one in desk.session.messages.values()].count(preview) == 3
    assert await noted(desk) == []


async def test_a_test_by_a_channel_that_does_not_reach_them_says_so(desk: ChatDriver):
    """Instead of a toast that lies."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("How")
    await desk.presses("email only")
    await desk.presses("Test to me")
    assert "does not reach you" in desk.alerts[0]
    assert await announced(desk) == []


async def test_the_text_can_be_written_anew(desk: ChatDriver):
    """And what was chosen stays."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("To whom")
    await desk.presses("admins")
    await desk.presses("Another text")
    await desk.says("Only this.")
    preview, plan = desk.replies
    assert preview == "Only this."
    assert "To: admins, 1 person" in plan


async def test_leaving_sends_nothing(desk: ChatDriver):
    """By the button, by /cancel, by an idea that comes in between."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("Leave it")
    assert desk.last.text == "Nothing was sent."
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("Send to 13")
    await desk.says("/cancel")
    assert "Cancelled: the broadcast." in desk.replies[0]
    await desk.says("13")
    assert await noted(desk) == []


async def test_an_idea_in_between_is_an_idea_and_the_plan_stays(desk: ChatDriver):
    """It can still be sent from its card."""
    await desk.says(f"/broadcast {TEXT}")
    plan = desk.last
    await desk.presses("Send to 13")
    await desk.says("We cut our build from ten minutes to one.")
    assert desk.writer.briefs
    await desk.presses("Send to 13", on=plan)
    await desk.says("13")
    assert await noted(desk) == ["batch.created"]


async def test_a_card_of_an_earlier_broadcast_does_nothing(desk: ChatDriver):
    """Two plans at once would be one too many."""
    await desk.says(f"/broadcast {TEXT}")
    old = desk.last
    await desk.says("/broadcast Another word.")
    await desk.presses("Send to 13", on=old)
    assert "earlier broadcast" in desk.alerts[0]
    await desk.presses("Send to 13")
    await desk.says("13")
    (batch,) = (await desk.desk.batches.list()).items
    assert batch.name == "Another word."
    await desk.presses("Leave it", on=old)
    assert "earlier broadcast" in desk.alerts[0]


async def test_the_number_that_comes_twice_begins_it_once(desk: ChatDriver):
    """An update that is handled again after a crash."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("Send to 13")
    async with desk.database.read() as uow:
        kept = await uow.dialogues.get("9001:9001")
    await desk.says("13")
    async with desk.database.begin() as uow:
        await uow.dialogues.put("9001:9001", desk.clock(), state=kept[0], data=kept[1])
    await desk.says("13")
    assert "Tonight" in desk.replies[0]
    assert (await desk.desk.batches.list()).total == 1
    assert await noted(desk) == ["batch.created"]


async def test_it_outlives_a_restart(desk: ChatDriver, make_chat: Callable[..., ChatDriver]):
    """What was asked stands in the database."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("Send to 13")
    again = make_chat()
    again.person = dict(ADMIN)
    await again.says("13")
    assert "Made for 0 of 13 people" in again.replies[0]


@pytest.mark.parametrize("command", ["/broadcast Hello", "/batches"])
async def test_who_is_no_admin_gets_the_answer_to_an_unknown_command(desk: ChatDriver, command: str):
    """As to any word that nobody knows, and nothing of the command shows."""
    await desk.says("/start", user=AUTHOR)
    await desk.says(command, user=AUTHOR)
    assert re.match(r"I don't know /(broadcast|batches)\.", desk.replies[0])
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("Send to", user=AUTHOR)
    assert "no longer works" in desk.alerts[0]
    assert await announced(desk) == []


async def test_who_was_an_admin_when_it_was_asked_is_asked_no_more(desk: ChatDriver):
    """The dialogue is still there, the right to it is not."""
    await desk.says(f"/broadcast {TEXT}")
    await desk.presses("Send to 13")
    object.__setattr__(desk.desk.accounts, "policy", type(desk.desk.accounts.policy)())
    await desk.says("13")
    assert await noted(desk) == []
