"""Changes of settings on both databases, each written down; and links that switch things off."""

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.accounts.links import Links, ensure_unsubscribe_link, token_of
from core.accounts.preferences import PreferenceBook
from core.errors import AppError, NotFound
from core.model import Account, Channel
from core.secrets import Keys
from storage.database import Database
from storage.tables import audit_log, links
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock

MAILED = {"daily_reminder_enabled": True, "daily_reminder_channel": Channel.EMAIL}


@pytest.fixture
def book(any_database: Database, clock: SteppedClock, keys: Keys) -> PreferenceBook:
    return PreferenceBook(any_database, clock, keys)


@pytest.fixture
def desk(any_database: Database, clock: SteppedClock, keys: Keys) -> Links:
    return Links(any_database, clock, keys, "https://desk.example.org")


async def audit(database: Database) -> list[tuple[Any, ...]]:
    async with database.read() as uow:
        columns = (audit_log.c.action, audit_log.c.before, audit_log.c.after, audit_log.c.created_at)
        return [tuple(row) for row in await uow.connection.execute(select(*columns).order_by(audit_log.c.id))]


async def now_stored(database: Database, account: Account) -> Account:
    async with database.read() as uow:
        found = await uow.users.by_id(account.user.id)
    assert found is not None
    return found


async def test_a_change_is_written_down_with_its_time(book: PreferenceBook):
    """Before and after, one row for each setting; setting what is set leaves no trace."""
    ada = await saved(book.database, an_account())
    for _press in range(2):
        ada = await book.change(ada, {"language": "fr", "quiet_hours_start": time(22), "daily_reminder_days": (1, 2)})
    assert await audit(book.database) == [
        (
            "settings.daily_reminder_days",
            {"daily_reminder_days": [1, 2, 3, 4, 5, 6, 7]},
            {"daily_reminder_days": [1, 2]},
            NOW,
        ),
        ("settings.language", {"language": "en"}, {"language": "fr"}, NOW),
        ("settings.quiet_hours_start", {"quiet_hours_start": None}, {"quiet_hours_start": "22:00"}, NOW),
    ]
    assert await now_stored(book.database, ada) == ada


@pytest.mark.parametrize(
    ("changes", "hours"),
    [
        ({"daily_reminder_time": time(10)}, 1),
        ({"timezone": "America/New_York"}, 5),
        ({"daily_reminder_days": (2,)}, 24),
        ({"daily_reminder_enabled": False}, None),
        ({"language": "fr"}, 24),  # left as it was
    ],
)
async def test_the_next_reminder_follows_every_change(book: PreferenceBook, changes: dict[str, Any], hours: int | None):
    """A reminder at 09:00 UTC, and now it is 09:00 on a Monday."""
    following = {"daily_reminder_enabled": True, "next_reminder_at": NOW + timedelta(days=1)}
    ada = await saved(book.database, an_account(**following))
    await book.change(ada, changes)
    expected = None if hours is None else NOW + timedelta(hours=hours)
    assert (await now_stored(book.database, ada)).preferences.next_reminder_at == expected


@pytest.mark.parametrize("changes", [{"receive_email_notifications": True}, {"daily_reminder_channel": Channel.EMAIL}])
async def test_nothing_goes_by_mail_without_an_address(book: PreferenceBook, changes: dict[str, Any]):
    """The answer says how to give one."""
    ada = await saved(book.database, an_account(email=None, receive_email_notifications=False))
    with pytest.raises(AppError, match=r"/email me@example\.org"):
        await book.change(ada, changes)


async def test_who_was_erased_has_no_settings(book: PreferenceBook):
    """A button pressed at the same moment brings nobody back."""
    ada = await saved(book.database, an_account())
    async with book.database.begin() as uow:
        await uow.users.remove(ada.user.id)
    with pytest.raises(NotFound):
        await book.change(ada, {"language": "fr"})


async def test_an_unsubscribe_link_switches_mailed_reminders_off(desk: Links):
    """At once and as often as it is posted; the database knows only a hash of its token."""
    ada = await saved(desk.database, an_account(**MAILED))
    url = await desk.unsubscribe_url(ada)
    assert url == await desk.unsubscribe_url(ada)
    assert url is not None
    token = url.removeprefix("https://desk.example.org/u/")
    assert len(token) == 43
    opened = await desk.open(token)
    assert opened is not None
    assert (opened.user_id, opened.scope, await desk.language(opened)) == (ada.user.id, "reminder", "en")
    assert (await now_stored(desk.database, ada)).preferences.daily_reminder_enabled  # opening changes nothing
    for _post in range(2):
        assert await desk.use(token) == opened
    assert not (await now_stored(desk.database, ada)).preferences.daily_reminder_enabled
    actions = [action for action, *_rest in await audit(desk.database)]
    assert actions == ["mail.unsubscribed", "settings.daily_reminder_enabled"]
    async with desk.database.read() as uow:
        assert token not in str((await uow.connection.execute(select(links))).all())


async def test_a_reminder_in_the_chat_outlives_an_old_mail(desk: Links):
    """Only mails are unsubscribed from."""
    ada = await saved(desk.database, an_account(daily_reminder_enabled=True))
    url = await desk.unsubscribe_url(ada)
    assert url is not None
    await desk.use(url.rpartition("/")[2])
    assert (await now_stored(desk.database, ada)).preferences.daily_reminder_enabled
    async with desk.database.read() as uow:
        address = ("email", desk.keys.address_hash("email", "ada@example.org"))
        assert await uow.suppressions.reasons([address], "reminder") == {address: "unsubscribed"}
        assert await uow.suppressions.reasons([address], "draft") == {}


async def test_asking_for_mailed_reminders_takes_the_unsubscription_back(desk: Links, book: PreferenceBook):
    """The newest word counts."""
    ada = await saved(desk.database, an_account(**MAILED))
    url = await desk.unsubscribe_url(ada)
    assert url is not None
    await desk.use(url.rpartition("/")[2])
    await book.remind(ada, "9:00 email")
    async with desk.database.read() as uow:
        address = ("email", desk.keys.address_hash("email", "ada@example.org"))
        assert await uow.suppressions.reasons([address], "reminder") == {}


async def test_unknown_and_revoked_tokens_open_nothing(desk: Links):
    """An account that has moved leaves its old mails behind."""
    ada = await saved(desk.database, an_account(**MAILED))
    async with desk.database.begin() as uow:
        link = await ensure_unsubscribe_link(uow, desk.keys, ada, desk.clock)
        await uow.links.revoke(ada.user.id, lambda one: token_of(desk.keys, one))
    for token in ("nonsense", "", token_of(desk.keys, link)):
        assert await desk.open(token) is None
        assert await desk.use(token) is None
    assert (await now_stored(desk.database, ada)).preferences.daily_reminder_enabled


async def test_without_a_public_url_there_are_no_links(any_database: Database, clock: SteppedClock, keys: Keys):
    """A mail then says to whom to write."""
    ada = await saved(any_database, an_account())
    assert await Links(any_database, clock, keys).unsubscribe_url(ada) is None
