"""The unsubscribe page: GET asks, POST does (RFC 8058)."""

import pytest

from core.model import Account, Channel, Kind, NotificationType, Rule
from tests.accounts import an_account, saved


@pytest.fixture
async def account(database) -> Account:
    return await saved(database, an_account(language="en"))


@pytest.fixture
async def address(browser, account) -> str:
    url = await browser.parts.links.unsubscribe_url(account)
    assert url.startswith("https://desk.example.org/u/")
    return url.removeprefix("https://desk.example.org")


async def is_suppressed(browser, keys, account) -> bool:
    key = (Channel.EMAIL, keys.address_hash(Channel.EMAIL, account.user.email))
    async with browser.parts.database.read() as uow:
        return (*key, Kind.REMINDER) in await uow.suppressions.scopes([key])


async def test_opening_the_link_only_asks(browser, account, keys, address):
    """Mail programs follow links on their own."""
    for method in ("GET", "HEAD"):
        answer = await browser.request(method, address)
        assert answer.status_code == 200
    page = await browser.get(address)
    assert '<form method="post"' in page.text
    assert not await is_suppressed(browser, keys, account)


async def test_one_click_unsubscribes_at_once(browser, account, keys, address):
    """A mail program posts exactly this, without cookies or a second question."""
    answer = await browser.post(address, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "Done" in answer.text
    assert await is_suppressed(browser, keys, account)


async def test_a_second_click_is_as_good_as_the_first(browser, account, keys, address):
    """People press twice."""
    for _ in range(2):
        assert (await browser.post(address)).status_code == 200
    assert await is_suppressed(browser, keys, account)


async def test_announcements_are_unsubscribed_from_by_themselves(browser, account, keys):
    """The page says so, and reminders still come."""
    url = await browser.parts.links.unsubscribe_url(account, Kind.ANNOUNCEMENT)
    address = url.removeprefix("https://desk.example.org")
    assert "Stop the announcements" in (await browser.get(address)).text
    assert "No more announcements will come" in (await browser.post(address)).text
    assert (await browser.post(address)).status_code == 200
    async with browser.parts.database.read() as uow:
        found = await uow.users.by_id(account.user.id)
    assert found.rules == (Rule(NotificationType.ANNOUNCEMENTS, Channel.EMAIL, is_enabled=False),)
    assert not await is_suppressed(browser, keys, account)


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 44, "..%2f..", "%00", "ä" * 43])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_wrong_link_is_answered_kindly(browser, token, method):
    """The same for wrong, old and revoked ones."""
    answer = await browser.request(method, f"/u/{token}")
    assert answer.status_code == 404
    if token != "..%2f..":  # that is another path
        assert "This link no longer works" in answer.text


async def test_a_link_that_was_revoked_opens_nothing(browser, account, address, keys, database):
    """Raising the generation is enough."""
    from core.accounts.links import token_of

    async with database.begin() as uow:
        await uow.links.revoke(account.user.id, lambda link: token_of(keys, link))
    assert (await browser.get(address)).status_code == 404


async def test_the_page_speaks_its_owners_language(browser, database):
    """Whatever the browser is set to."""
    french = await saved(database, an_account(telegram_id=7, public_id="fr", email="fr@example.org", language="fr"))
    url = await browser.parts.links.unsubscribe_url(french)
    page = await browser.get(url.removeprefix("https://desk.example.org"), headers={"Accept-Language": "en"})
    assert '<html lang="fr">' in page.text


@pytest.mark.parametrize(
    ("accepted", "spoken"), [("es-MX,es;q=0.9,en;q=0.8", "es"), ("de,fr;q=0.5", "fr"), ("de", "en"), ("", "en")]
)
async def test_without_an_owner_the_browser_says_the_language(browser, accepted, spoken):
    """The first that we speak."""
    page = await browser.get("/u/wrong", headers={"Accept-Language": accepted})
    assert f'<html lang="{spoken}">' in page.text
