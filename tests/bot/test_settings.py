"""The panel and the commands that set one thing."""

from dataclasses import replace
from datetime import time

import pytest

from bot.callbacks import SettingsButton
from bot.views import settings as panel
from core.model import LANGUAGES, Channel, ConversationStyle, Preferences, Tone
from tests.accounts import an_account
from tests.bot.conftest import ChatDriver
from tests.conftest import NOW


async def preferences(chat: ChatDriver) -> Preferences:
    return (await chat.account()).preferences


async def test_the_panel_shows_everything(chat: ChatDriver):
    """One line for each setting, with the command that changes it where that helps."""
    await chat.says("/settings")
    for word in ("Email", "Telegram", "Reminder", "Quiet hours", "Timezone", "Language", "Style", "Tone"):
        assert word in chat.replies[0]
        assert any(word in label for label in chat.last.buttons)


async def test_a_press_edits_the_panel_in_place(chat: ChatDriver):
    """No new message for each press."""
    await chat.says("/settings")
    await chat.presses("Quiet hours")
    assert chat.replies == []
    assert "Quiet hours: none" in chat.edits[0]
    await chat.presses("22:00–07:00")
    assert "22:00–07:00" in chat.edits[0]
    assert ((await preferences(chat)).quiet_hours_start, (await preferences(chat)).quiet_hours_end) == (
        time(22),
        time(7),
    )
    await chat.presses("No quiet hours")
    assert (await preferences(chat)).quiet_hours_start is None
    await chat.presses("Back")
    assert "⚙️" in chat.edits[0]


async def test_a_double_tap_is_one_change(chat: ChatDriver):
    """A press names the value, so the second finds it set."""
    await chat.says("/settings")
    await chat.presses("Telegram")
    off = next(data for label, data in chat.last.buttons.items() if "Off" in label)
    for _tap in range(2):
        await chat.presses_data(off, message=chat.last.raw)
        assert not (await preferences(chat)).receive_telegram_notifications
    assert chat.alerts == [""]


async def test_the_reminder_panel_sets_everything(chat: ChatDriver):
    """On, time, finer time, days and channel."""
    await chat.says("/settings")
    await chat.presses("Reminder")
    for label in ("On", "08:00", "+15 min", "Weekdays", "Fri"):
        await chat.presses(label)
    found = await preferences(chat)
    assert (found.daily_reminder_enabled, found.daily_reminder_time) == (True, time(8, 15))
    assert found.daily_reminder_days == (1, 2, 3, 4)
    assert found.next_reminder_at is not None
    await chat.presses("✉️ Email")
    assert "/email me@example.org" in chat.alerts[0]
    assert (await preferences(chat)).daily_reminder_channel is Channel.TELEGRAM


async def test_the_last_day_stays(chat: ChatDriver):
    """A reminder without days would be off without saying so."""
    await chat.says("/remind 9 mon")
    await chat.says("/remind")
    await chat.presses("Mon")
    assert (await preferences(chat)).daily_reminder_days == (1,)


async def test_a_language_is_spoken_at_once(chat: ChatDriver):
    """The panel that comes back is in it."""
    await chat.says("/settings")
    await chat.presses("Language")
    await chat.presses("Français")
    assert (await preferences(chat)).language == "fr"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(panel.PANELS))
def test_every_press_of_every_panel_is_one_we_understand(name: str, language: str):
    """And fits into Telegram's 64 bytes."""
    from bot.handlers.settings import changes_of
    from core.i18n import speaking

    with speaking(language):
        card = panel.card(name, an_account(language=language), NOW)
    for button in (button for row in card.buttons for button in row):
        assert button.data
        assert len(button.data.encode()) <= 64
        if button.data.startswith("s:"):
            pressed = SettingsButton.unpack(button.data)
            assert pressed.panel in {*panel.PANELS, "address"}
            if pressed.name:
                replace(Preferences(), **changes_of(pressed))


def test_all_styles_and_tones_are_offered():
    """Nine styles, four tones."""
    account = an_account()
    styles = {button.data for row in panel.card("style", account, NOW).buttons for button in row}
    tones = {button.data for row in panel.card("tone", account, NOW).buttons for button in row}
    assert {f"s:style:style:{style}" for style in ConversationStyle} <= styles
    assert {f"s:tone:tone:{tone}" for tone in Tone} <= tones


@pytest.mark.parametrize(
    "data",
    [
        "s:main:email:2",
        "s:main:days:",
        "s:main:days:90",
        "s:main:time:2500",
        "s:main:quiet:x",
        "s:main:quiet:1-2-3",
        "s:main:language:xx",
        "s:main:channel:pigeon",
        "s:main:id:1",
        "s:nowhere::",
    ],
)
async def test_a_forged_press_is_answered(chat: ChatDriver, data: str):
    """And changes nothing."""
    await chat.says("/settings")
    before = await preferences(chat)
    await chat.presses_data(data, message=chat.last.raw)
    assert "no longer works" in chat.alerts[0]
    assert await preferences(chat) == before


@pytest.mark.parametrize(
    ("command", "field", "value"),
    [
        ("/telegram off", "receive_telegram_notifications", False),
        ("/telegram ON", "receive_telegram_notifications", True),
        ("/quiet 22:00-07:00", "quiet_hours_end", time(7)),
        ("/quiet off", "quiet_hours_end", None),
        ("/language es", "language", "es"),
        ("/language French", "language", "fr"),
        ("/remind 9h30 lun-vie", "daily_reminder_time", time(9, 30)),
        ("/remind off", "daily_reminder_enabled", False),
    ],
)
async def test_a_command_sets_one_thing(chat: ChatDriver, command: str, field: str, value: object):
    """And the answer says how it stands now."""
    await chat.says(command)
    assert getattr(await preferences(chat), field) == value
    assert len(chat.replies) == 1


@pytest.mark.parametrize(
    ("command", "example"),
    [
        ("/telegram perhaps", "/telegram off"),
        ("/quiet at night", "/quiet 22:00-07:00"),
        ("/quiet 22:00-22:00", "/quiet 22:00-07:00"),
        ("/language klingon", "/language es"),
        ("/remind sometimes", "mon-fri"),
        ("/remind 25:00", "09:00"),
        ("/remind 9 mon-fri email", "/email me@example.org"),
        ("/email on", "/email me@example.org"),
        ("/email <me>", "me@example.org"),
        ("/link nobody", "me@example.org"),
        ("/timezone UTC+2", "Lyon"),
        ("/timezone Nowhereville", "/timezone Europe/Paris"),
    ],
)
async def test_bad_input_gets_an_example_of_good_input(chat: ChatDriver, command: str, example: str):
    """And what was written comes back, harmless."""
    await chat.says("/settings")
    before = await preferences(chat)
    await chat.says(command)
    assert example in chat.replies[0]
    assert "<me>" not in chat.replies[0]
    assert await preferences(chat) == before


async def test_with_neither_channel_the_answer_says_where_things_go(chat: ChatDriver):
    """Nothing is lost: it waits in /inbox."""
    await chat.says("/telegram off")
    assert "/inbox" in chat.replies[0]
    await chat.says("/settings")
    assert "/inbox" in chat.replies[0]


@pytest.mark.parametrize(
    ("command", "label"), [("/telegram", "Off"), ("/quiet", "22:00–07:00"), ("/remind", "On"), ("/language", "Español")]
)
async def test_a_command_alone_offers_the_choice(chat: ChatDriver, command: str, label: str):
    """What can be tapped need not be typed."""
    await chat.says(command)
    assert any(label in button for button in chat.last.buttons)


@pytest.mark.parametrize("command", ["/telegram", "/quiet", "/language", "/remind", "/email", "/link", "/timezone"])
async def test_a_command_alone_shows_what_is_set(chat: ChatDriver, command: str):
    """And changes nothing."""
    await chat.says("/settings")
    before = await preferences(chat)
    await chat.says(command)
    assert chat.replies
    assert await preferences(chat) == before


@pytest.mark.parametrize("name", panel.PANELS)
def test_no_row_is_too_wide_for_a_phone(name: str):
    """Telegram cuts off the labels of a row with more buttons."""
    every_day = replace(an_account().preferences, daily_reminder_days=(1, 2, 3, 4, 5, 6, 7))
    card = panel.card(name, replace(an_account(), preferences=every_day), NOW)
    assert max(len(row) for row in card.buttons) <= 4
