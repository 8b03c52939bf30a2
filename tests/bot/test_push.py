"""/push in the chat."""

import pytest

from core.accounts.devices import Devices
from core.model import Channel
from core.providers.vapid import new_key
from core.settings import Settings
from tests.bot.conftest import ADMIN, OTHER, ChatDriver

TOKEN = "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1-a_device_of_the_tests"
WEBPUSH = {"vapid_private_key": new_key(), "subject": "mailto:desk@example.org"}


@pytest.fixture
def settings() -> Settings:
    return Settings(
        _env_file=None, admin_telegram_ids=[ADMIN["id"]], public_url="https://desk.example.org", webpush=WEBPUSH
    )


@pytest.fixture
def devices(chat: ChatDriver) -> Devices:
    return chat.desk.devices


async def test_a_newcomer_gets_the_way_to_their_page(chat: ChatDriver, devices: Devices):
    """On a button; the token in it opens their page and no other."""
    await chat.says("/push")
    assert "So far: nowhere." in chat.replies[0]
    url = chat.last.buttons["🔔 Open my page"]
    assert url.startswith("https://desk.example.org/push/")
    assert url not in chat.last.text
    assert await devices.owner(url.rpartition("/")[2]) == await chat.account()
    await chat.says("/push", user=OTHER)
    assert chat.last.buttons["🔔 Open my page"] != url


async def test_devices_are_listed_tried_and_removed(chat: ChatDriver, devices: Devices):
    """Each by its own buttons; what is removed is gone from the card at once."""
    await chat.says("/start")
    account = await chat.account()
    await devices.add_phone(account, TOKEN, "Chrome on Android")
    await devices.add_phone(account, TOKEN + "2", "<b>Pixel</b>")
    await chat.says("/push")
    assert "1. Chrome on Android, since 2026-03-02" in chat.last.text
    assert "2. &lt;b&gt;Pixel&lt;/b&gt;" in chat.last.text
    await chat.presses("Test 2")
    assert chat.alerts == ["A test is on its way. It takes a few seconds."]
    await chat.presses("Test 2")
    assert "One test a minute" in chat.alerts[0]
    await chat.deliver()
    (sent,) = [mail for mail in chat.postman.mails if mail.channel is Channel.PUSH]
    assert sent.to == TOKEN + "2"
    assert (sent.subject, sent.text) == ("A test", "It works: this is where my notifications will pop up.")
    card = chat.last
    for _press in range(2):
        await chat.presses("Remove 1", on=card)
        assert "Removed" in chat.alerts[0]
    assert "1. &lt;b&gt;Pixel&lt;/b&gt;" in chat.last.text
    assert [one.label for one in await devices.all(account)] == ["<b>Pixel</b>"]


async def test_nobody_presses_anothers_device_away(chat: ChatDriver, devices: Devices):
    """Nor sends tests to it."""
    await chat.says("/start")
    account = await chat.account()
    device_id = await devices.add_phone(account, TOKEN, "Pixel")
    await chat.says("/start", user=OTHER)
    for action in ("remove", "test"):
        await chat.presses_data(f"pu:{action}:{device_id}", user=OTHER)
    assert len(await devices.all(account)) == 1
    await chat.deliver()
    assert [mail for mail in chat.postman.mails if mail.channel is Channel.PUSH] == []


async def test_an_address_that_telegram_takes_on_no_button_stands_in_the_text(make_chat, settings: Settings):
    """A desk on one's own machine has no https."""
    settings.public_url = "http://127.0.0.1:8080"
    chat = make_chat()
    await chat.says("/push")
    assert "<code>http://127.0.0.1:8080/push/" in chat.last.text
    assert chat.last.buttons == {}


async def test_where_nothing_is_set_up_that_is_said(make_chat, settings: Settings):
    """And whose task it is."""
    settings.public_url = None
    chat = make_chat()
    await chat.says("/push")
    assert "not set up here" in chat.replies[0]
