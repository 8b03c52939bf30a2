"""/preferences: by buttons, by a typed line, by an answer to a question; and what then comes, or does not."""

from datetime import time, timedelta

import pytest

from bot.callbacks import PreferenceButton
from bot.handlers.preferences import wish_of
from bot.views import preferences as views
from core.accounts.rulebook import Sheet
from core.accounts.rules import TYPES
from core.delivery.outbox import notify
from core.i18n import speaking
from core.model import (
    LANGUAGES,
    Cap,
    Channel,
    ConversationStyle,
    Kind,
    NotificationType,
    Period,
    ProviderRow,
    QuietHours,
    Rule,
    UserAddress,
)
from tests.accounts import an_account
from tests.bot.conftest import ChatDriver
from tests.conftest import NOW

POSTS, REMINDERS, ANNOUNCEMENTS = (
    NotificationType.POSTS, NotificationType.REMINDERS, NotificationType.ANNOUNCEMENTS,
)  # fmt: skip
EMAIL, SMS, TELEGRAM = Channel.EMAIL, Channel.SMS, Channel.TELEGRAM
PROVIDERS = {EMAIL: ("smtp", "sendgrid"), SMS: ("twilio",)}


async def set_up(chat: ChatDriver) -> None:
    """An author with a mailbox, at a desk with two mail providers."""
    await chat.says("/settings")
    async with chat.database.begin() as uow:
        account = await uow.users.by_telegram(chat.person["id"])
        assert account
        await uow.users.update(account.user.id, {"email": "ada@example.org"}, NOW)
        rows = [
            ProviderRow(one, channel, priority=n) for channel, names in PROVIDERS.items() for n, one in enumerate(names)
        ]
        await uow.providers.mirror(rows, NOW)


async def rules(chat: ChatDriver) -> set[Rule]:
    return set((await chat.account()).rules)


async def announce(chat: ChatDriver, key: str) -> list[str]:
    """An announcement to the author: what becomes of it on each channel."""
    async with chat.database.begin() as uow:
        queued = await notify(
            uow, await chat.account(), Kind.ANNOUNCEMENT, key=key, now=chat.clock(), keys=chat.keys,
            content={"subject": "News", "text": "One"},
        )  # fmt: skip
    await chat.deliver()
    async with chat.database.read() as uow:
        return [f"{one.delivery_type} {one.status}" for one in await uow.deliveries.by_ids([one.id for one in queued])]


async def test_the_first_card_tells_every_type_in_a_line(chat: ChatDriver):
    """By which way each comes as things stand."""
    await set_up(chat)
    await chat.says("/preferences")
    (text,) = chat.replies
    assert "📝 Posts: by Telegram and email." in text
    assert "⏰ Reminders: by Telegram, once you ask for some with /remind." in text
    await chat.says("/remind 9")
    await chat.says("/preferences")
    assert "⏰ Reminders: by Telegram." in chat.replies[0]
    await chat.says("/preferences reminders off")
    await chat.says("/preferences announcements cap 3 daily")
    await chat.says("/preferences posts email quiet off")
    await chat.says("/preferences")
    assert "⏰ Reminders: off." in chat.replies[0]
    assert "📣 Announcements: by Telegram; at most 3 a day." in chat.replies[0]
    assert "more by channel" in chat.replies[0]


async def test_the_settings_lead_there_and_back(chat: ChatDriver):
    """One place for everything."""
    await chat.says("/settings")
    await chat.presses("by type")
    assert "What reaches you" in chat.edits[0]
    await chat.presses("All settings")
    assert "⚙️" in chat.edits[0]


async def test_a_channel_is_switched_by_a_tap(chat: ChatDriver):
    """Shown at once in the same card; a double tap is one change."""
    await set_up(chat)
    await chat.says("/preferences posts")
    press = chat.last.buttons["✅ ✉️ Email"]
    for _tap in range(2):
        await chat.presses_data(press, message=chat.last.raw)
        assert await rules(chat) == {Rule(POSTS, EMAIL, False)}
    assert "✉️ Email: off" in chat.last.text
    assert "Now: by Telegram." in chat.last.text
    await chat.presses("🚫 ✉️ Email")
    assert await rules(chat) == {Rule(POSTS, EMAIL, True)}
    assert "Now: by Telegram and email." in chat.edits[0]


async def test_what_reaches_nobody_says_how_it_would(chat: ChatDriver):
    """The alert names the command; nothing is set."""
    await set_up(chat)
    await chat.says("/preferences posts")
    await chat.presses("▫️ 💬 SMS")
    assert "/phone" in chat.alerts[0]
    assert await rules(chat) == set()


async def test_how_many_and_when_by_taps(chat: ChatDriver):
    """The tick stands at what holds, and the card of the type says it."""
    await set_up(chat)
    await chat.says("/preferences announcements")
    await chat.presses("How many")
    await chat.presses("at most 3 a day")
    assert "✅ at most 3 a day" in chat.last.buttons
    await chat.presses("Back")
    assert "at most 3 a day" in chat.edits[0]
    await chat.presses("Quiet hours")
    await chat.presses("quiet 22:00–07:00")
    assert await rules(chat) == {
        Rule(ANNOUNCEMENTS, cap=Cap(3, Period.DAILY), quiet=QuietHours(time(22), time(7)))
    }  # fmt: skip
    await chat.presses("As in /settings")
    await chat.presses("Back")
    await chat.presses("How many")
    await chat.presses("No limit")
    assert await rules(chat) == set()


async def test_one_channel_can_have_its_own(chat: ChatDriver):
    """Its own number, its own quiet hours, its own providers."""
    await set_up(chat)
    await chat.says("/preferences posts cap 3 daily")
    await chat.presses("Each channel")
    await chat.presses("Email")
    assert "as for all channels: at most 3 a day" in chat.edits[0]
    await chat.presses("How many")
    await chat.presses("No limit")
    await chat.presses("Back")
    assert "⏱ no limit" in chat.edits[0]
    await chat.presses("Providers")
    await chat.presses("⭐ sendgrid")
    await chat.presses("🚫 smtp")
    assert Rule(POSTS, EMAIL, cap=Cap(0), preferred=("sendgrid",), blocked=("smtp",)) in await rules(chat)
    await chat.presses("🚫 sendgrid")
    assert "/preferences posts email off" in chat.alerts[0]
    await chat.presses("🚫 smtp")
    await chat.presses("Back")
    assert "prefers sendgrid" in chat.edits[0]
    assert "never by" not in chat.edits[0]


async def test_posts_have_their_own_style(chat: ChatDriver):
    """Nine to choose from, and the one of /settings; what has no style offers none."""
    await set_up(chat)
    await chat.says("/preferences posts")
    await chat.presses("Style")
    assert len([data for data in chat.last.buttons.values() if ":style:" in data]) >= len(ConversationStyle) + 1
    await chat.presses("Jovial")
    assert await rules(chat) == {Rule(POSTS, style=ConversationStyle.JOVIAL)}
    await chat.says("/preferences reminders")
    assert not any("Style" in label for label in chat.last.buttons)


async def test_a_reset_can_be_undone(chat: ChatDriver):
    """As often as it is pressed; afterwards the card stands as it did."""
    await set_up(chat)
    await chat.says("/preferences posts cap 3 daily")
    await chat.presses("Reset")
    assert await rules(chat) == set()
    assert "as in /settings again" in chat.edits[0]
    await chat.presses("Undo")
    assert await rules(chat) == {Rule(POSTS, cap=Cap(3))}
    assert "at most 3 a day" in chat.last.text
    await chat.says("/preferences posts reset")
    old = chat.last
    await chat.says("/preferences posts cap 1 daily")
    await chat.presses("Undo", on=old)
    assert "nothing to undo" in chat.alerts[0]
    assert await rules(chat) == {Rule(POSTS, cap=Cap(1))}


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("reminders email off", Rule(REMINDERS, EMAIL, False), "Email: off"),
        ("announcements cap 3 daily", Rule(ANNOUNCEMENTS, cap=Cap(3, Period.DAILY)), "at most 3 a day"),
        ("posts quiet 22:00-07:00", Rule(POSTS, quiet=QuietHours(time(22), time(7))), "quiet 22:00–07:00"),
        ("recordatorios correo no", Rule(REMINDERS, EMAIL, False), "Email: off"),
        ("annonces plafond 1 par semaine", Rule(ANNOUNCEMENTS, cap=Cap(1, Period.WEEKLY)), "at most 1 a week"),
        ("posts email prefer sendgrid", Rule(POSTS, EMAIL, preferred=("sendgrid",)), "prefers sendgrid"),
        ("posts off", Rule(POSTS, is_enabled=False), "Now: off"),
    ],
)
async def test_a_typed_line_sets_and_shows(chat: ChatDriver, text: str, rule: Rule, words: str):
    """The answer says how it stands now."""
    await set_up(chat)
    await chat.says(f"/preferences {text}")
    assert await rules(chat) == {rule}
    assert len(chat.replies) == 1
    assert words in chat.replies[0]


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("pigeons", "/preferences reminders email off"),
        ("posts <b>", "/preferences posts quiet 22:00-07:00"),
        ("posts cap lots", "/preferences announcements cap 3 daily"),
        ("posts quiet at night", "/preferences posts quiet 22:00-07:00"),
        ("posts sms on", "/phone"),
        ("posts prefer pigeon", "smtp, sendgrid"),
    ],
)
async def test_bad_input_gets_an_example_of_good_input(chat: ChatDriver, text: str, example: str):
    """And nothing is set."""
    await set_up(chat)
    await chat.says(f"/preferences {text}")
    assert example in chat.replies[0]
    assert "<b>" not in chat.replies[0]
    assert await rules(chat) == set()


async def test_an_own_number_is_asked_for(chat: ChatDriver):
    """What is not understood may be tried again; then the card shows it."""
    await set_up(chat)
    await chat.says("/preferences announcements")
    await chat.presses("How many")
    await chat.presses("Something else")
    assert "5 a day" in chat.replies[0]
    await chat.says("lots")
    assert "cap 3 daily" in chat.replies[0]
    await chat.says("5 per week")
    assert await rules(chat) == {Rule(ANNOUNCEMENTS, cap=Cap(5, Period.WEEKLY))}
    assert "at most 5 a week" in chat.replies[0]
    await chat.presses("How many")
    assert "✅ ✏️ Something else" in chat.last.buttons


async def test_own_quiet_hours_are_asked_for_one_channel(chat: ChatDriver):
    """The answer is for the card on which it was asked."""
    await set_up(chat)
    await chat.says("/preferences posts email")
    await chat.presses("Quiet hours")
    await chat.presses("Something else")
    await chat.says("from 8:30 pm to 6am")
    assert await rules(chat) == {Rule(POSTS, EMAIL, quiet=QuietHours(time(20, 30), time(6)))}


async def test_an_idea_in_between_is_an_idea(chat: ChatDriver):
    """The question is over, and the next number is no answer."""
    await set_up(chat)
    await chat.says("/preferences posts")
    await chat.presses("How many")
    await chat.presses("Something else")
    await chat.says("We cut our release time from 3 weeks to 2 days")
    assert chat.writer.briefs[0].idea.startswith("We cut")
    assert await rules(chat) == set()
    await chat.presses("Something else")
    await chat.says("/cancel")
    assert "preference" in chat.replies[0]


async def test_over_the_cap_it_waits_and_the_log_says_why(chat: ChatDriver):
    """And at the next local midnight it comes."""
    await set_up(chat)
    await chat.says("/preferences announcements cap 1 daily")
    assert await announce(chat, "news:1") == ["telegram delivered"]
    assert await announce(chat, "news:2") == ["telegram pending"]
    await chat.says("/log")
    assert "as many of these as you want" in chat.replies[0]
    chat.clock.now = NOW + timedelta(hours=15)
    assert await chat.deliver() == 1


async def test_what_is_switched_off_is_in_the_log_and_can_be_had(chat: ChatDriver):
    """Not sent, and why; Retry sends this one all the same."""
    await set_up(chat)
    await chat.says("/preferences announcements off")
    assert await announce(chat, "news:1") == ["telegram suppressed"]
    await chat.says("/log")
    assert "you switched this off in /preferences" in chat.replies[0]
    await chat.presses("🔁")
    await chat.deliver()
    assert "News" in chat.last.text


def a_sheet(language: str = "en") -> Sheet:
    """Everything there is to show."""
    addresses = tuple(UserAddress(n, 1, one, "x", "", NOW) for n, one in enumerate([SMS, Channel.PUSH]))
    full = [Rule(one, EMAIL, True, Cap(7), QuietHours(time(1), time(2)), None, ("smtp",), ()) for one in TYPES]
    return Sheet(an_account(addresses=addresses, rules=tuple(full), language=language), PROVIDERS)


OF_ONE_CHANNEL = {"chan", "prov"}  # never about all of them
CARDS = [
    (panel, channel)
    for panel in sorted(views.PANELS)
    for channel in (None, EMAIL, SMS)
    if channel or panel not in OF_ONE_CHANNEL
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("panel", "channel"), CARDS)
@pytest.mark.parametrize("type", TYPES)
def test_every_press_of_every_card_is_one_we_understand(type, panel, channel, language):
    """And fits into Telegram's 64 bytes, whatever type there may be one day; no row is cut off on a phone."""
    sheet = a_sheet(language)
    with speaking(language):
        card = views.card(panel, sheet, type, channel)
    longest = max(map(len, NotificationType))
    assert max(len(row) for row in card.buttons) <= 3
    for data in (button.data for row in card.buttons for button in row):
        assert data
        assert len(data.encode()) - len(type) + longest <= 64
        pressed = PreferenceButton.unpack(data)
        assert pressed.panel in {*views.PANELS, "list"}
        if pressed.topic not in {"", "own", "undo"}:
            assert wish_of(pressed, sheet).type is type


@pytest.mark.parametrize(
    "data",
    [
        "pr:nowhere:posts:::", "pr:type:pigeons:::", "pr:type:event:::", "pr:chan:posts:::", "pr:chan:posts:in_app::",
        "pr:chan:posts:pigeon::", "pr:type:posts::switch:2", "pr:cap:posts::cap:0", "pr:cap:posts::cap:9999d",
        "pr:quiet:posts::quiet:x", "pr:style:posts::style:x", "pr:prov:posts:email:prefer:smtp",
        "pr:prov:posts::block:x", "pr:type:posts::show:", "pr:type:posts::pigeon:1", "pr:style:posts::own:",
    ],
)  # fmt: skip
async def test_a_forged_press_is_answered(chat: ChatDriver, data: str):
    """And changes nothing."""
    await set_up(chat)
    await chat.says("/preferences")
    await chat.presses_data(data, message=chat.last.raw)
    assert "no longer works" in chat.alerts[0]
    assert await rules(chat) == set()
