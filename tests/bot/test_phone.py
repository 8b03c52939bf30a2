"""/phone: one's own number, shared by a button, shown in part, switched and removed."""

import pytest

from core.delivery.outbox import notify
from core.model import Channel, Kind, ProviderRow
from tests.bot.conftest import OTHER, ChatDriver
from tests.conftest import NOW

SMS, WHATSAPP = Channel.SMS, Channel.WHATSAPP
OWN = {"phone_number": "14155550123", "first_name": "Ada", "user_id": 1001}


async def set_up(chat: ChatDriver) -> None:
    async with chat.database.begin() as uow:
        await uow.providers.mirror([ProviderRow("twilio", SMS), ProviderRow("twilio", WHATSAPP)], NOW)


async def numbers(chat: ChatDriver) -> dict[Channel, str]:
    return {one.channel: one.address for one in (await chat.account()).addresses}


async def test_the_own_number_is_shared_by_a_button(chat: ChatDriver):
    """The button goes away, and the number is shown in part only."""
    await set_up(chat)
    await chat.says("/phone")
    (question,) = [call for call in chat.session.calls if getattr(call.reply_markup, "keyboard", None)]
    assert question.reply_markup.keyboard[0][0].request_contact
    await chat.sends(contact=OWN)
    saved, card = chat.replies
    assert "saved" in saved
    assert "+14…23" in card
    assert "4155550123" not in card
    assert await numbers(chat) == {SMS: "+14155550123", WHATSAPP: "+14155550123"}
    assert any(getattr(call.reply_markup, "remove_keyboard", None) for call in chat.session.calls)


@pytest.mark.parametrize("contact", [OWN | {"user_id": 1002}, {"phone_number": "+14155550123", "first_name": "Bob"}])
async def test_anybody_elses_contact_is_not_taken(chat: ChatDriver, contact: dict[str, object]):
    """The answer says how to share one's own."""
    await set_up(chat)
    await chat.sends(contact=contact)
    assert "/phone" in chat.replies[0]
    assert await numbers(chat) == {}


@pytest.mark.parametrize("text", ["/phone +14155550123", "/phone 0415 555 0123"])
async def test_a_typed_number_proves_nothing(chat: ChatDriver, text: str):
    """The button is shown instead."""
    await set_up(chat)
    await chat.says(text)
    assert "Share it with the button" in chat.replies[0]
    assert await numbers(chat) == {}


async def test_a_number_that_can_not_be_reached_is_refused(chat: ChatDriver):
    """Telegram's anonymous numbers are of no network."""
    await set_up(chat)
    await chat.sends(contact=OWN | {"phone_number": "+88812345678"})
    assert "No message can be sent" in chat.replies[0]


async def test_the_channels_are_switched_one_by_one(chat: ChatDriver):
    """By a tap or by a word; without any, the number is gone."""
    await set_up(chat)
    await chat.sends(contact=OWN)
    await chat.presses("✅ 💬 SMS")
    assert await numbers(chat) == {WHATSAPP: "+14155550123"}
    assert "SMS: off" in chat.edits[0]
    await chat.says("/phone sms on")
    assert "SMS: on" in chat.replies[0]
    await chat.says("/phone whatsapp off")
    await chat.presses("✅ 💬 SMS")
    assert "removed" in chat.edits[0]
    assert await numbers(chat) == {}


@pytest.mark.parametrize("how", ["tap", "/phone remove", "/phone supprimer", "/phone off"])
async def test_a_number_is_removed(chat: ChatDriver, how: str):
    """And the answer says how to add one again."""
    await set_up(chat)
    await chat.sends(contact=OWN)
    await (chat.presses("Remove") if how == "tap" else chat.says(how))
    assert "/phone" in (chat.edits + chat.replies)[0]
    assert await numbers(chat) == {}


async def test_another_number_takes_its_place(chat: ChatDriver):
    """One number each."""
    await set_up(chat)
    await chat.sends(contact=OWN)
    await chat.presses("Another number")
    assert "Share it with the button" in chat.replies[0]
    await chat.sends(contact=OWN | {"phone_number": "+442079460123"})
    assert set((await numbers(chat)).values()) == {"+442079460123"}


async def test_nothing_comes_there_before_it_is_chosen(chat: ChatDriver):
    """The card says so and leads to the choice; then it comes by both ways."""
    await set_up(chat)
    await chat.sends(contact=OWN)
    assert "Nothing is sent there until you choose" in chat.replies[1]
    await chat.presses("What comes there")
    await chat.presses("Reminders")
    await chat.presses("▫️ 💬 SMS")
    assert "Now: by Telegram and SMS" in chat.edits[0]
    async with chat.database.begin() as uow:
        queued = await notify(
            uow, await chat.account(), Kind.REMINDER, key="reminder:1", now=NOW, keys=chat.keys,
            content={"day": "2026-03-02"},
        )  # fmt: skip
    assert [(one.delivery_type, one.recipient) for one in queued] == [
        (Channel.TELEGRAM, "1001"),
        (SMS, "+14155550123"),
    ]
    await chat.says("/phone")
    assert "Nothing is sent" not in chat.replies[0]


async def test_a_number_that_answered_stop_says_so(chat: ChatDriver):
    """Only START from the phone changes that."""
    await set_up(chat)
    await chat.sends(contact=OWN)
    async with chat.database.begin() as uow:
        await uow.suppressions.add(SMS, chat.keys.address_hash(SMS, "+14155550123"), "stopped", NOW)
    await chat.says("/phone")
    assert "SMS: not used, since this number has answered STOP" in chat.replies[0]
    assert "WhatsApp: on" in chat.replies[0]


async def test_where_neither_is_set_up_no_number_is_taken(chat: ChatDriver):
    """What is of no use is not kept."""
    await chat.sends(contact=OWN)
    assert "Neither SMS nor WhatsApp is set up here" in chat.replies[0]
    assert await numbers(chat) == {}


@pytest.mark.parametrize("text", ["/phone pigeon", "/phone sms perhaps", "/phone email off", "/phone <b>"])
async def test_bad_input_gets_an_example_of_good_input(chat: ChatDriver, text: str):
    """And what was written comes back, harmless."""
    await set_up(chat)
    await chat.says(text)
    assert "/phone sms off" in chat.replies[0]
    assert "<b>" not in chat.replies[0]


@pytest.mark.parametrize("data", ["ph:on:pigeon", "ph:on:email", "ph:off:"])
async def test_a_forged_press_is_answered(chat: ChatDriver, data: str):
    """And changes nothing."""
    await set_up(chat)
    await chat.sends(contact=OWN)
    await chat.presses_data(data, message=chat.last.raw)
    assert "no longer works" in chat.alerts[0]
    assert len(await numbers(chat)) == 2


async def test_the_number_is_exported_and_erased_with_the_rest(chat: ChatDriver):
    """Nobody else sees it, and nothing of it is left."""
    await set_up(chat)
    await chat.sends(contact=OWN)
    await chat.says("/phone", user=OTHER)
    assert "14" not in chat.replies[0]
    pieces = [piece async for piece in chat.desk.privacy.export(await chat.account())]
    assert "+14155550123" in "".join(pieces)
    await chat.desk.privacy.erase(await chat.account(), chat.desk.privacy.erase_until())
    async with chat.database.read() as uow:
        assert await uow.addresses.by_hash(SMS, chat.keys.address_hash(SMS, "+14155550123")) is None
