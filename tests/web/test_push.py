"""The page on which notifications are turned on, and what stands behind it."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from core.accounts.devices import DEVICE_TOKEN, LINK_GOOD_FOR, MOST
from core.accounts.links import token_of
from core.errors import AppError
from core.model import Access, Account, Channel
from core.providers.subscription import Subscription
from core.providers.vapid import VapidKey, new_key, point_of
from core.settings import Settings
from storage.tables import audit_log, notification_deliveries
from tests.accounts import an_account, saved
from tests.conftest import NOW
from tests.web.conftest import Browser
from web.browsers import browser_name

KEY = new_key()
CHROME = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36"
APP_TOKEN = "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1-a_device_of_the_tests"
WEBPUSH = {"vapid_private_key": KEY, "subject": "mailto:desk@example.org"}


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **{"public_url": "https://desk.example.org", "webpush": WEBPUSH, **values})


def a_subscription(name: str = "abc", endpoint: str = "https://push.example.net/send/") -> dict[str, Any]:
    """What `PushSubscription.toJSON()` gives in Chrome."""
    key = point_of(ec.generate_private_key(ec.SECP256R1()))
    return {"expirationTime": None, **json.loads(Subscription(endpoint + name, key, bytes(16)).text())}


@pytest.fixture
def browser(make_browser) -> Browser:
    return make_browser(settings=settings(), public_url="https://desk.example.org")


@pytest.fixture
async def ada(database) -> Account:
    return await saved(database, an_account(language="en", timezone="Asia/Tokyo"))


@pytest.fixture
async def bob(database) -> Account:
    return await saved(database, an_account(telegram_id=1002, public_id="bob", email="bob@example.org"))


async def page_of(browser: Browser, account: Account) -> str:
    """The path of an account's page."""
    url = await browser.parts.devices.page_url(account)
    assert url.startswith("https://desk.example.org/push/")
    return urlsplit(url).path


async def test_the_page_asks_for_nothing_by_itself(browser, ada):
    """Opening it changes nothing: a chat's preview opens it too."""
    here = await page_of(browser, ada)
    for method in ("GET", "HEAD"):
        assert (await browser.request(method, here)).status_code == 200
    page = (await browser.get(here)).text
    assert "Turn on notifications" in page
    assert f'data-key="{VapidKey(KEY).public}"' in page
    assert '<script src="/push/page.js">' in page
    assert await browser.parts.devices.all(ada) == []


async def test_a_browser_is_added_once_and_named_after_itself(browser, ada, database):
    """A second press, or a page that is opened again, adds no second one."""
    here, subscription = await page_of(browser, ada), a_subscription()
    for _press in range(2):
        answer = await browser.post(f"{here}/subscribe", json=subscription, headers={"User-Agent": CHROME})
        assert (answer.status_code, answer.json()) == (200, {"done": 1})
    (device,) = await browser.parts.devices.all(ada)
    assert device.label == "Chrome on Android"
    page = (await browser.get(here)).text
    assert "Chrome on Android" in page
    assert f'data-fingerprint="{device.fingerprint}"' in page
    assert subscription["endpoint"] not in page
    async with database.read() as uow:
        (kept,) = await uow.addresses.of_user(ada.user.id, Channel.PUSH)
    assert json.loads(kept.address) == {name: subscription[name] for name in ("endpoint", "keys")}


async def test_a_phone_is_added_by_its_token(browser, ada, database):
    """With the name that its app gives it."""
    here = await page_of(browser, ada)
    for body in ({"token": APP_TOKEN, "label": "Ada's phone"}, {"token": APP_TOKEN + "2"}):
        answer = await browser.post(f"{here}/fcm", json=body, headers={"User-Agent": "DeskApp/1.0 (Pixel 9)"})
        assert answer.status_code == 200
    assert [one.label for one in await browser.parts.devices.all(ada)] == ["Ada's phone", "DeskApp"]
    async with database.read() as uow:
        assert [one.address for one in await uow.addresses.of_user(ada.user.id)] == [APP_TOKEN, APP_TOKEN + "2"]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("subscribe", {}),
        ("subscribe", {"endpoint": "https://push.example.net/x", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}),
        ("subscribe", a_subscription(endpoint="http://push.example.net/")),
        ("subscribe", a_subscription(endpoint="file:///")),
        ("subscribe", a_subscription(endpoint="https:///")),
        ("subscribe", a_subscription("x" * 2000)),
        ("unsubscribe", {"endpoint": "https://push.example.net/x"}),
        ("fcm", {"token": "short"}),
        ("fcm", {"token": "x" * 3000}),
        ("fcm", {"token": {"a": 1}}),
        ("fcm", {}),
    ],
)
async def test_what_nothing_can_be_sent_to_is_not_kept(browser, ada, what, body):
    """Said in words, with a status that a program understands."""
    here = await page_of(browser, ada)
    answer = await browser.post(f"{here}/{what}", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("That is no ")
    assert await browser.parts.devices.all(ada) == []


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"7", b"\xff", b"null"])
async def test_what_is_no_json_object_is_refused(browser, ada, body):
    """Before anything is made of it."""
    here = await page_of(browser, ada)
    assert (await browser.post(f"{here}/subscribe", content=body)).status_code == 400


async def test_a_body_that_is_too_large_is_refused(browser, ada):
    """A subscription is short."""
    here = await page_of(browser, ada)
    assert (await browser.post(f"{here}/subscribe", content=b" " * 20_000)).status_code == 413


async def test_a_browser_turns_itself_off(browser, ada, bob):
    """And nobody else's."""
    subscription = a_subscription()
    here, theirs = await page_of(browser, ada), await page_of(browser, bob)
    await browser.post(f"{here}/subscribe", json=subscription)
    assert (await browser.post(f"{theirs}/unsubscribe", json=subscription)).json() == {"done": False}
    assert (await browser.post(f"{here}/unsubscribe", json=subscription)).json() == {"done": True}
    assert (await browser.post(f"{here}/unsubscribe", json=subscription)).json() == {"done": False}
    assert await browser.parts.devices.all(ada) == []


async def test_a_device_is_removed_from_the_list(browser, ada, bob, database):
    """By a form, without a script; another's stays where it is. Both changes are noted."""
    here, theirs = await page_of(browser, ada), await page_of(browser, bob)
    await browser.post(f"{here}/subscribe", json=a_subscription(), headers={"User-Agent": CHROME})
    (device,) = await browser.parts.devices.all(ada)
    await browser.post(f"{theirs}/remove", data={"id": device.id})
    assert len(await browser.parts.devices.all(ada)) == 1
    answer = await browser.post(f"{here}/remove", data={"id": device.id})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{here}?done=removed")
    assert "nothing pops up there any more" in (await browser.get(answer.headers["location"])).text
    assert await browser.parts.devices.all(ada) == []
    async with database.read() as uow:
        noted = (await uow.connection.execute(select(audit_log.c.action, audit_log.c.user_id))).all()
    assert noted == [("push.added", ada.user.id), ("push.removed", ada.user.id)]


async def test_a_test_goes_to_that_device_once_a_minute(browser, ada, bob, database, clock):
    """And to none of another person's."""
    here, theirs = await page_of(browser, ada), await page_of(browser, bob)
    for name in ("one", "two"):
        await browser.post(f"{here}/subscribe", json=a_subscription(name))
    _first, second = await browser.parts.devices.all(ada)
    said = [
        (await browser.post(f"{path}/test", data={"id": second.id})).headers["location"].partition("?")[2]
        for path in (here, here, theirs)
    ]
    assert said == ["done=sent", "done=wait", "done=wait"]
    deliveries = select(notification_deliveries.c.recipient, notification_deliveries.c.delivery_type)
    async with database.read() as uow:
        ((recipient, channel),) = (await uow.connection.execute(deliveries)).all()
    assert (channel, json.loads(recipient)["endpoint"]) == ("push", "https://push.example.net/send/two")
    assert "A test is on its way" in (await browser.get(f"{here}?done=sent")).text


@pytest.mark.parametrize("form", [{}, {"id": ""}, {"id": "-1"}, {"id": "9" * 30}, {"id": "²"}, {"id": "1 or 1"}])
@pytest.mark.parametrize("what", ["remove", "test"])
async def test_a_forged_form_does_nothing(browser, ada, what, form):
    """And breaks nothing."""
    here = await page_of(browser, ada)
    await browser.post(f"{here}/subscribe", json=a_subscription())
    assert (await browser.post(f"{here}/{what}", data=form)).status_code == 303
    assert len(await browser.parts.devices.all(ada)) == 1


async def test_a_browser_that_changes_hands_belongs_to_the_last(browser, ada, bob):
    """Nobody sees on it what is meant for the other."""
    subscription = a_subscription()
    for account in (ada, bob):
        await browser.post(f"{await page_of(browser, account)}/subscribe", json=subscription)
    assert await browser.parts.devices.all(ada) == []
    assert len(await browser.parts.devices.all(bob)) == 1


async def test_a_browsers_new_address_takes_the_place_of_the_old(browser, ada):
    """Its worker tells it, when no page is open; to know the old one whole is to be that browser."""
    old, new = a_subscription("old"), a_subscription("new")
    await browser.post(f"{await page_of(browser, ada)}/subscribe", json=old, headers={"User-Agent": CHROME})
    forged = old | {"keys": old["keys"] | {"auth": "AQ" + old["keys"]["auth"][2:]}}
    assert (await browser.post("/push/renew", json={"old": forged, "new": new})).json() == {"done": False}
    assert (await browser.post("/push/renew", json={"old": old, "new": new})).json() == {"done": True}
    assert (await browser.post("/push/renew", json={"old": old, "new": new})).json() == {"done": False}
    (device,) = await browser.parts.devices.all(ada)
    assert device.label == "Chrome on Android"
    assert (await browser.post("/push/renew", json={"old": old})).status_code == 422
    assert (await browser.post("/push/renew", json=[])).status_code == 400
    assert (await browser.post("/push/renew", content=b"[" * 10_000)).status_code == 400


async def test_turning_on_again_is_heard_whatever_was_said_before(browser, ada, database, keys):
    """A push service may have said that a browser is gone."""
    here, subscription = await page_of(browser, ada), a_subscription()
    await browser.post(f"{here}/subscribe", json=subscription)
    async with database.begin() as uow:
        (kept,) = await uow.addresses.of_user(ada.user.id)
        dead = (Channel.PUSH, keys.address_hash(Channel.PUSH, kept.address))
        await uow.suppressions.add(*dead, "unreachable", NOW)
    await browser.post(f"{here}/subscribe", json=subscription)
    async with database.read() as uow:
        assert await uow.suppressions.reasons([dead], "draft") == {}


async def test_signs_that_no_database_takes_stay_outside(browser, ada):
    """The page still opens after somebody has tried."""
    here = await page_of(browser, ada)
    odd = a_subscription() | {"endpoint": "https://push\ud800.example.net/x"}
    assert (await browser.post(f"{here}/subscribe", content=json.dumps(odd))).status_code == 422
    assert (await browser.post(f"{here}/fcm", json={"token": APP_TOKEN, "label": "A\0da"})).status_code == 200
    assert [one.label for one in await browser.parts.devices.all(ada)] == ["Ada"]
    assert (await browser.get(here)).status_code == 200


async def test_there_is_an_end_to_devices(browser, ada):
    """A link that got into wrong hands fills no table; what is there can still say that it is."""
    here = await page_of(browser, ada)
    subscriptions = [a_subscription(str(number)) for number in range(MOST + 1)]
    answers = [await browser.post(f"{here}/subscribe", json=one) for one in subscriptions]
    assert [answer.status_code for answer in answers] == [200] * MOST + [422]
    assert f"You have {MOST} devices already" in answers[-1].json()["detail"]
    assert (await browser.post(f"{here}/subscribe", json=subscriptions[0])).status_code == 200


# Who may -----------------------------------------------------------------------------------------------------------

WAYS = [
    ("GET", ""), ("GET", "/manifest.json"), ("POST", "/subscribe"), ("POST", "/unsubscribe"), ("POST", "/fcm"),
    ("POST", "/remove"), ("POST", "/test"),
]  # fmt: skip


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 44, "ä" * 43, "%00"])
@pytest.mark.parametrize(("method", "what"), WAYS)
async def test_a_wrong_address_opens_nothing(browser, method, what, token):
    """Whatever it asks for."""
    assert (await browser.request(method, f"/push/{token}{what}")).status_code == 404


async def test_a_link_is_good_for_a_day_and_the_next_one_again(browser, ada, clock):
    """Whoever has it can have the notifications."""
    here = await page_of(browser, ada)
    clock.now = NOW + LINK_GOOD_FOR
    answer = await browser.get(here)
    assert answer.status_code == 404
    assert "Send /push to the bot" in answer.text
    assert await page_of(browser, ada) == here
    assert (await browser.get(here)).status_code == 200


async def test_a_link_for_something_else_opens_nothing_here(browser, ada):
    """A mail's link to unsubscribe is read by whoever reads the mail."""
    token = (await browser.parts.links.unsubscribe_url(ada)).rpartition("/")[2]
    assert (await browser.get(f"/push/{token}")).status_code == 404
    push = (await page_of(browser, ada)).rpartition("/")[2]
    assert (await browser.get(f"/u/{push}")).status_code == 404


async def test_a_link_that_was_revoked_or_whose_owner_was_shut_out_opens_nothing(browser, ada, bob, database, keys):
    """At once."""
    adas, bobs = await page_of(browser, ada), await page_of(browser, bob)
    async with database.begin() as uow:
        await uow.links.revoke(ada.user.id, lambda link: token_of(keys, link))
        await uow.users.update(bob.user.id, {"access": Access.DENIED}, NOW)
    assert [(await browser.get(here)).status_code for here in (adas, bobs)] == [404, 404]


@pytest.mark.parametrize(
    "values",
    [
        {"public_url": None},
        {"webpush": {}},
        {"webpush": {"vapid_private_key": KEY}},
        {"webpush": {"subject": "mailto:a"}},
    ],
)
async def test_what_is_not_set_up_is_not_offered(make_browser, ada, values):
    """Rather than a page that can do nothing."""
    browser = make_browser(settings=settings(**values))
    with pytest.raises(AppError, match="are not set up here"):
        await browser.parts.devices.page_url(ada)


async def test_without_web_push_there_is_still_a_page_for_apps(make_browser, ada):
    """It lists and removes them."""
    fcm = {"project_id": "p", "credentials_file": "key.json"}
    browser = make_browser(settings=settings(webpush={}, fcm=fcm))
    here = await page_of(browser, ada)
    await browser.post(f"{here}/fcm", json={"token": APP_TOKEN, "label": "Pixel"})
    page = (await browser.get(here)).text
    assert "not set up here" in page
    assert "Pixel" in page
    assert "<script" not in page


# What it is made of ----------------------------------------------------------------------------------------------


async def test_scripts_run_on_these_pages_and_on_no_other(browser, ada):
    """From ourselves alone, and none that stands in the page."""
    here = await page_of(browser, ada)
    policy = (await browser.get(here)).headers["content-security-policy"]
    for part in ("script-src 'self'", "worker-src 'self'", "connect-src 'self'", "default-src 'none'"):
        assert part in policy
    assert "script-src 'unsafe-inline'" not in policy
    for path in ("/u/wrong", "/healthz", "/pushed", "/"):
        assert "script-src" not in (await browser.get(path)).headers["content-security-policy"]


async def test_the_worker_and_the_script_are_served_as_what_they_are(browser):
    """A browser takes a worker as JavaScript alone."""
    for name, holds in (("worker.js", "showNotification"), ("page.js", "requestPermission")):
        answer = await browser.get(f"/push/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
        assert holds in answer.text


async def test_an_iphone_can_keep_the_page(browser, ada):
    """Apple has push only for what stands on the Home Screen."""
    here = await page_of(browser, ada)
    answer = await browser.get(f"{here}/manifest.json")
    assert (answer.json()["start_url"], answer.json()["display"], answer.json()["scope"]) == (
        here,
        "standalone",
        "/push/",
    )


async def test_the_page_speaks_its_owners_language_and_lives_in_their_day(browser, ada, database, clock):
    """Whatever the browser is set to."""
    clock.now = NOW.replace(hour=20)
    here = await page_of(browser, ada)
    await browser.post(f"{here}/subscribe", json=a_subscription())
    assert "2026-03-03" in (await browser.get(here)).text
    french = await saved(database, an_account(telegram_id=7, public_id="fr", email="fr@example.org", language="fr"))
    page = await browser.get(await page_of(browser, french), headers={"Accept-Language": "en"})
    assert '<html lang="fr">' in page.text


async def test_names_of_browsers_are_shown_as_text(browser, ada):
    """Whoever sends one."""
    here = await page_of(browser, ada)
    await browser.post(f"{here}/fcm", json={"token": APP_TOKEN, "label": "<script>alert(1)</script>"})
    assert "<script>alert" not in (await browser.get(here)).text


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/143.0.0.0 Safari/537.36 Edg/143.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15", "Safari on Mac"),
        ("okhttp/4.12.0", "okhttp"),
        ("", "?"),
        ("<b>", "?"),
    ],
)  # fmt: skip
def test_what_a_browser_calls_itself(agent: str, name: str):
    """In words that its owner knows."""
    assert browser_name(agent) == name


def test_no_subscription_is_taken_for_an_apps_token():
    """And no token holds what could be one."""
    assert not DEVICE_TOKEN.fullmatch(json.dumps(a_subscription()))
