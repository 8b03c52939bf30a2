"""Changes of rules on both databases: kept at once, written down, and a reset that can be undone."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from sqlalchemy import select

from core.accounts.rulebook import RuleBook, Sheet
from core.accounts.rulewords import parse_wish
from core.errors import AppError, NotFound
from core.model import (
    Account,
    Cap,
    Channel,
    ConversationStyle,
    NotificationType,
    Period,
    ProviderRow,
    QuietHours,
    Rule,
    UserAddress,
)
from core.secrets import Keys
from storage.database import Database
from storage.tables import audit_log
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock

POSTS, REMINDERS = NotificationType.POSTS, NotificationType.REMINDERS
EMAIL, SMS, TELEGRAM = Channel.EMAIL, Channel.SMS, Channel.TELEGRAM
SET_UP = [
    ProviderRow("smtp", EMAIL, priority=1),
    ProviderRow("sendgrid", EMAIL, priority=2),
    ProviderRow("twilio", SMS),
    ProviderRow("twilio", Channel.WHATSAPP),
]


@pytest.fixture
async def book(any_database: Database, clock: SteppedClock, keys: Keys) -> RuleBook:
    async with any_database.begin() as uow:
        await uow.providers.mirror(SET_UP, NOW)
    return RuleBook(any_database, clock, keys)


@pytest.fixture
async def ada(any_database: Database) -> Account:
    return await saved(any_database, an_account())


async def wish(book: RuleBook, account: Account, *texts: str) -> Sheet:
    """What is typed behind /preferences, one after the other; how it stands then."""
    for text in texts:
        written = await book.carry_out(account, parse_wish(text))
        assert written == replace(await book.sheet(account), account=written.account)
        assert set(written.account.rules) == set((await book.sheet(account)).account.rules)
    return written


async def rules(book: RuleBook, account: Account, *texts: str) -> set[Rule]:
    return set((await wish(book, account, *texts)).account.rules)


async def audit(book: RuleBook) -> list[tuple[Any, ...]]:
    async with book.database.read() as uow:
        rows = select(audit_log.c.action, audit_log.c.before, audit_log.c.after).order_by(audit_log.c.id)
        return [tuple(row) for row in await uow.connection.execute(rows)]


async def test_every_change_is_kept_and_written_down(book: RuleBook, ada: Account):
    """Readable, one row for each thing, and none for what was so already."""
    found = await rules(
        book, ada, "posts cap 3 daily", "posts cap 3 daily", "posts quiet 22:00-07:00", "posts style jovial",
        "posts email off", "posts email prefer sendgrid",
    )  # fmt: skip
    wide = Rule(POSTS, None, None, Cap(3, Period.DAILY), QuietHours(time(22), time(7)), style=ConversationStyle.JOVIAL)
    assert found == {wide, Rule(POSTS, EMAIL, False, preferred=("sendgrid",))}
    assert await audit(book) == [
        ("preferences.posts.all.cap", {"cap": None}, {"cap": "3 daily"}),
        ("preferences.posts.all.quiet", {"quiet": None}, {"quiet": "22:00-07:00"}),
        ("preferences.posts.all.style", {"style": None}, {"style": "jovial"}),
        ("preferences.posts.email.is_enabled", {"is_enabled": None}, {"is_enabled": False}),
        ("preferences.posts.email.preferred", {"preferred": None}, {"preferred": ["sendgrid"]}),
    ]


async def test_a_whole_type_goes_off_and_on(book: RuleBook, ada: Account):
    """Off is off, whatever was switched on by name before; on is as the settings say."""
    assert await rules(book, ada, "reminders email on", "reminders off") == {Rule(REMINDERS, is_enabled=False)}
    assert await rules(book, ada, "reminders telegram on") == {
        Rule(REMINDERS, is_enabled=False),
        Rule(REMINDERS, TELEGRAM, True),
    }
    assert await rules(book, ada, "reminders telegram off", "reminders on") == {Rule(REMINDERS, TELEGRAM, False)}


@pytest.mark.parametrize(
    ("text", "how"), [("posts sms on", "/phone"), ("posts whatsapp on", "/phone"), ("posts push on", "/push")]
)
async def test_what_reaches_nobody_is_not_switched_on(book: RuleBook, ada: Account, text: str, how: str):
    """The answer says what to do first; switching it off is harmless."""
    with pytest.raises(AppError, match=how):
        await wish(book, ada, text)
    await wish(book, ada, text.replace(" on", " off"))
    async with book.database.begin() as uow:
        channel = parse_wish(text).channel
        assert channel
        await uow.addresses.add(UserAddress(0, ada.user.id, channel, "somewhere", "", NOW), "h" * 64)
    assert Rule(POSTS, channel, True) in await rules(book, ada, text)


async def test_a_mailbox_is_needed_for_mail(book: RuleBook, any_database: Database):
    """As for the settings."""
    bob = await saved(any_database, an_account(telegram_id=1002, public_id="bob", email=None))
    with pytest.raises(AppError, match=r"/email me@example\.org"):
        await wish(book, bob, "posts email on")


async def test_asking_for_mails_takes_back_an_unsubscription(book: RuleBook, ada: Account):
    """Of this type; a complaint and other types' links stay."""
    address = book.keys.address_hash(EMAIL, "ada@example.org")
    async with book.database.begin() as uow:
        for scope in ("reminder", "announcement", "all"):
            await uow.suppressions.add(EMAIL, address, "unsubscribed", NOW, scope=scope)
    await wish(book, ada, "reminders email off", "reminders on", "posts email on", "reminders email on")
    async with book.database.read() as uow:
        left = await uow.suppressions.scopes([(EMAIL, address)])
    assert {scope for _, _, scope in left} == {"announcement", "all"}


async def test_providers_are_preferred_blocked_and_allowed(book: RuleBook, ada: Account):
    """One thing at a time, the last preferred first, on every channel that has it unless one is named."""
    assert await rules(book, ada, "posts prefer smtp", "posts email prefer sendgrid") == {
        Rule(POSTS, EMAIL, preferred=("sendgrid", "smtp"))
    }
    assert await rules(book, ada, "posts block sendgrid") == {
        Rule(POSTS, EMAIL, preferred=("smtp",), blocked=("sendgrid",))
    }
    assert await rules(book, ada, "posts email allow sendgrid", "posts allow smtp") == set()
    assert await rules(book, ada, "posts prefer twilio") == {
        Rule(POSTS, SMS, preferred=("twilio",)),
        Rule(POSTS, Channel.WHATSAPP, preferred=("twilio",)),
    }


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["posts prefer pigeon"], "smtp, sendgrid, twilio"),
        (["posts sms prefer smtp"], "There are: twilio"),
        (["posts push prefer smtp"], "There are: –"),
        (["posts block smtp", "posts block sendgrid"], "/preferences posts email off"),
        (["posts block twilio"], "/preferences posts"),
        (["reminders style jovial"], "/preferences posts style jovial"),
    ],
)
async def test_what_can_not_be_is_told(book: RuleBook, ada: Account, texts: list[str], words: str):
    """The last provider of a channel is not blocked by the way, and a style that nothing uses is not set."""
    *before, last = texts
    for text in before:
        await wish(book, ada, text)
    with pytest.raises(AppError, match=words.replace("–", ".")):
        await wish(book, ada, last)
    assert len((await book.sheet(ada)).account.rules) == len(before)


async def test_a_reset_can_be_undone(book: RuleBook, ada: Account):
    """All rules of the type go and come back; those of other types stay."""
    before = await rules(book, ada, "posts cap 3 daily", "posts email off", "reminders off")
    assert await rules(book, ada, "posts reset") == {Rule(REMINDERS, is_enabled=False)}
    for _tap in range(2):
        assert set((await book.undo_reset(ada, POSTS)).account.rules) == before
    rows = [row for row in await audit(book) if row[0] == "preferences.posts.reset"]
    assert rows == [
        (
            "preferences.posts.reset",
            {"rules": [{"type": "posts", "channel": None, "cap": "3 daily"},
                       {"type": "posts", "channel": "email", "is_enabled": False}]},
            {"rules": []},
        )
    ]  # fmt: skip


async def test_an_old_undo_does_not_overwrite_what_was_set_since(book: RuleBook, ada: Account):
    """The button may be found long after."""
    await wish(book, ada, "posts cap 3 daily", "posts reset", "posts cap 1 daily")
    with pytest.raises(AppError, match="nothing to undo"):
        await book.undo_reset(ada, POSTS)
    assert set((await book.sheet(ada)).account.rules) == {Rule(POSTS, cap=Cap(1))}


async def test_resetting_nothing_leaves_no_trace(book: RuleBook, ada: Account):
    """A double tap."""
    await wish(book, ada, "posts reset", "posts reset")
    assert await audit(book) == []


async def test_the_sheet_names_what_can_be_switched(book: RuleBook, ada: Account):
    """What is set up here, and what reaches the user already; not what is no longer configured."""
    assert (await book.sheet(ada)).channels == (TELEGRAM, EMAIL, Channel.WHATSAPP, SMS)
    async with book.database.begin() as uow:
        await uow.providers.mirror(SET_UP[:2], NOW)
    sheet = await book.sheet(ada)
    assert (sheet.channels, sheet.providers) == ((TELEGRAM, EMAIL), {EMAIL: ("smtp", "sendgrid")})


async def test_who_was_erased_has_no_rules(book: RuleBook, ada: Account):
    """A button pressed at the same moment brings nobody back."""
    async with book.database.begin() as uow:
        await uow.users.remove(ada.user.id)
    with pytest.raises(NotFound):
        await wish(book, ada, "posts off")
