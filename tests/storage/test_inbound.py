"""What people answer from their phones: kept once, obeyed, and the words forgotten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.delivery.inbound import Inbound, Keyword, keyword_of, window_is_open
from core.model import Channel, Delivery, InboundMessage
from core.secrets import Keys
from storage.database import Database
from storage.tables import inbound_messages
from tests.conftest import NOW

PHONE = "+14155550123"
WORD = InboundMessage("twilio", "SM1", Channel.SMS, PHONE, "STOP", NOW)


@pytest.fixture
def inbound(keys: Keys) -> Inbound:
    return Inbound(keys, "The desk")


async def take(database: Database, inbound: Inbound, *words: InboundMessage) -> list[InboundMessage]:
    async with database.begin() as uow:
        return await inbound.take(uow, words, NOW)


async def reason(database: Database, keys: Keys, channel: Channel = Channel.SMS) -> str | None:
    address = (channel, keys.address_hash(channel, PHONE))
    async with database.read() as uow:
        return (await uow.suppressions.reasons([address], "message")).get(address)


async def answers(database: Database) -> list[tuple[Delivery, Any]]:
    async with database.read() as uow:
        found = await uow.deliveries.load(range(1, 50))
    return [(one.delivery, one.notification.content["text"]) for one in found]


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("STOP", Keyword.STOP),
        (" stop. ", Keyword.STOP),
        ("Arrêt", Keyword.STOP),
        ("BAJA!", Keyword.STOP),
        ("Stop  all", Keyword.STOP),
        ("start", Keyword.START),
        ("Ayuda", Keyword.HELP),
        ("stop calling me at night", None),
        ("YES", None),
        ("cancel", None),
        ("", None),
    ],
)
def test_a_keyword_is_the_whole_message(text: str, keyword: Keyword | None):
    """In each of our languages; CANCEL and YES answer an invitation."""
    assert keyword_of(text) is keyword


@given(st.text())
def test_any_text_can_be_read(text: str):
    """Nobody's message breaks the webhook."""
    assert keyword_of(text) in (None, *Keyword)


async def test_stop_leaves_the_number_alone_on_that_channel(any_database: Database, inbound: Inbound, keys: Keys):
    """Nothing more is sent, not even a word about it."""
    await take(any_database, inbound, WORD)
    assert await reason(any_database, keys) == "stopped"
    assert await reason(any_database, keys, Channel.WHATSAPP) is None
    assert await answers(any_database) == []


async def test_start_takes_stop_back_and_says_so(any_database: Database, inbound: Inbound, keys: Keys):
    """By the number that it came to."""
    await take(any_database, inbound, WORD, replace(WORD, event_id="SM2", text="Start"))
    assert await reason(any_database, keys) is None
    ((delivery, text),) = await answers(any_database)
    assert (delivery.recipient, delivery.delivery_metadata) == (PHONE, {"provider": "twilio"})
    assert text == "The desk: you will get messages again. Reply STOP to end them."


async def test_start_does_not_revive_a_dead_number(any_database: Database, inbound: Inbound, keys: Keys):
    """Only what the person asked for is theirs to lift."""
    async with any_database.begin() as uow:
        await uow.suppressions.add("sms", keys.address_hash("sms", PHONE), "invalid_address", NOW)
    await take(any_database, inbound, replace(WORD, text="START"))
    assert await reason(any_database, keys) == "invalid_address"


async def test_help_is_answered_once_a_day(any_database: Database, inbound: Inbound):
    """Each answer costs somebody money."""
    await take(any_database, inbound, *(replace(WORD, event_id=f"SM{n}", text="HELP") for n in range(5)))
    assert len(await answers(any_database)) == 1


async def test_a_provider_that_answers_itself_is_not_repeated(any_database: Database, inbound: Inbound, keys: Keys):
    """Recorded, and no second answer."""
    await take(any_database, inbound, replace(WORD, text="HELP", is_answered=True))
    assert await answers(any_database) == []


async def test_a_repeated_message_counts_once(any_database: Database, inbound: Inbound, keys: Keys):
    """A STOP that is delivered again after a START stops nothing."""
    await take(any_database, inbound, WORD, replace(WORD, event_id="SM2", text="START"))
    assert await take(any_database, inbound, WORD) == []
    assert await reason(any_database, keys) is None


async def test_other_words_are_handed_on_and_not_kept(any_database: Database, inbound: Inbound):
    """An answer to an invitation is somebody else's to read; neither it nor the number stays here."""
    answer = replace(WORD, text="YES please")
    assert await take(any_database, inbound, answer) == [answer]
    async with any_database.read() as uow:
        kept = str((await uow.connection.execute(select(inbound_messages))).all())
    assert PHONE not in kept
    assert "YES" not in kept


async def test_the_window_is_a_day_from_the_last_word(any_database: Database, inbound: Inbound, keys: Keys):
    """WhatsApp takes a free text for so long. A provider's clock that runs ahead opens it no longer."""
    on_whatsapp = replace(WORD, channel=Channel.WHATSAPP, text="hello", at=NOW + timedelta(hours=5))
    await take(any_database, inbound, on_whatsapp)
    address = ("whatsapp", keys.address_hash("whatsapp", PHONE))
    async with any_database.read() as uow:
        last = (await uow.inbound.last_words([address]))[address]
    assert window_is_open(last, NOW + timedelta(hours=23))
    assert not window_is_open(last, NOW + timedelta(hours=24))
    assert not window_is_open(None, NOW)
