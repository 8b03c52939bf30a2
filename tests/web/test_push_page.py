"""The page for notifications in headless Chromium: what it says, what it asks, and what pops up."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from core.model import Account, Channel, Message
from core.providers.webpush import payload
from tests.accounts import an_account, saved
from tests.conftest import skip_or_fail
from tests.web.conftest import Browser
from tests.web.test_push import a_subscription, settings
from web.app import build_web
from web.server import WebRole

pytestmark = [pytest.mark.e2e, pytest.mark.browser]
expect.set_options(timeout=30_000)
NAME = "desk.example.org"  # another name for the same server, over plain http
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
]  # fmt: skip
Open = Callable[..., Awaitable[BrowserContext]]
# What a browser that reaches its push service does; ours has no way there.
SUBSCRIBES = """
    const kept = () => JSON.parse(localStorage.getItem("kept"));
    const made = (json) => json && { endpoint: json.endpoint, toJSON: () => json,
        unsubscribe: async () => localStorage.removeItem("kept") };
    PushManager.prototype.getSubscription = async () => made(kept());
    PushManager.prototype.subscribe = async (options) => {
        if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error("a wrong key");
        localStorage.setItem("kept", JSON.stringify(SUBSCRIPTION));
        return made(kept());
    };
"""


@dataclass
class Desk:
    """A running web server and one account's page on it."""

    url: str
    browser: Browser
    account: Account

    async def devices(self) -> list[str]:
        return [one.label for one in await self.browser.parts.devices.all(self.account)]


@pytest.fixture
async def desk(make_browser: Any, database: Any) -> AsyncIterator[Desk]:
    browser = make_browser(settings=settings())
    account = await saved(database, an_account(language="en"))
    role = WebRole(build_web(browser.parts), "127.0.0.1", 0)
    role.listen()
    task = asyncio.create_task(role.run())
    path = urlsplit(await browser.parts.devices.page_url(account)).path
    yield Desk(role.url + path, browser, account)
    role.stop()
    await task


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    """Opens browsers with a profile of their own: without one there are no workers' notifications."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        skip_or_fail("Chromium is not installed")
    contexts: list[BrowserContext] = []
    async with async_playwright() as playwright:

        async def open_(**options: Any) -> BrowserContext:
            context = await playwright.chromium.launch_persistent_context(
                tmp_path / f"profile{len(contexts)}", executable_path=chromium, args=FLAGS, **options
            )
            contexts.append(context)
            context.set_default_timeout(30_000)
            return context

        yield open_
        for context in contexts:
            await context.close()


async def page_at(context: BrowserContext, url: str, script: str = "") -> Page:
    page = context.pages[0]
    if script:
        await page.add_init_script(script)
    await page.goto(url)
    return page


async def allowed(context: BrowserContext, desk: Desk) -> None:
    parts = urlsplit(desk.url)
    await context.grant_permissions(["notifications"], origin=f"{parts.scheme}://{parts.netloc}")


async def state(page: Page, expected: str) -> None:
    await expect(page.locator("[data-push]")).to_have_attribute("data-now", expected)


async def test_turning_on_and_off(desk: Desk, opened: Open):
    """The browser's own worker, permission and key; only the push service is a pretence."""
    context = await opened()
    await allowed(context, desk)
    script = SUBSCRIBES.replace("SUBSCRIPTION", json.dumps(a_subscription()))
    page = await page_at(context, desk.url, script)
    await state(page, "off")
    assert await desk.devices() == []
    await page.get_by_role("button", name="Turn on notifications").click()
    await state(page, "on")
    await expect(page.get_by_role("status")).to_contain_text("Try it")
    await expect(page.get_by_text("Notifications are on in this browser.")).to_be_visible()
    await expect(page.get_by_text("this browser", exact=True)).to_be_visible()
    assert await desk.devices() == ["Chrome on Linux"]
    await page.get_by_role("button", name="Send a test").click()
    await expect(page.get_by_role("status")).to_have_text("A test is on its way. It takes a few seconds.")
    await state(page, "on")
    await page.get_by_role("button", name="Turn off here").click()
    await state(page, "off")
    assert await desk.devices() == []


async def test_a_browser_that_was_removed_elsewhere_stays_removed(desk: Desk, opened: Open):
    """Opening the page does not add it again."""
    context = await opened()
    await allowed(context, desk)
    page = await page_at(context, desk.url, SUBSCRIBES.replace("SUBSCRIPTION", json.dumps(a_subscription())))
    await page.get_by_role("button", name="Turn on notifications").click()
    await state(page, "on")
    await page.get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("status")).to_contain_text("nothing pops up there any more")
    await state(page, "off")
    await page.reload()
    await state(page, "off")
    assert await desk.devices() == []


async def test_what_pops_up(desk: Desk, opened: Open):
    """The worker makes a notification of what the adapter sends; what is no JSON is shown as it is."""
    context = await opened()
    await allowed(context, desk)
    page = await page_at(context, desk.url)
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    message = Message(Channel.PUSH, "", "Version 2 is ready.", subject="Your draft", url="https://t.me/desk_bot")
    await pushed(context, page, payload(message, "post:1:v2:push", "Postrider").decode())
    await pushed(context, page, payload(message, "post:1:v2:push", "Postrider").decode())
    await pushed(context, page, "plain words")
    found = await page.evaluate("""async () => {
        const worker = await navigator.serviceWorker.ready;
        return (await worker.getNotifications()).map((one) => [one.title, one.body, one.data.url]).sort();
    }""")
    assert found == [["Postrider", "plain words", ""], ["Your draft", "Version 2 is ready.", "https://t.me/desk_bot"]]


async def pushed(context: BrowserContext, page: Page, data: str) -> None:
    """A push message as it comes out of the browser's decryption."""
    tools = await context.new_cdp_session(page)
    known: asyncio.Queue[list[dict[str, Any]]] = asyncio.Queue()
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda event: known.put_nowait(event["registrations"]))
    await tools.send("ServiceWorker.enable")
    found: list[dict[str, Any]] = []
    while not found:
        found = await known.get()
    parts = urlsplit(page.url)
    await tools.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": f"{parts.scheme}://{parts.netloc}",
            "registrationId": found[0]["registrationId"],
            "data": data,
        },
    )
    await page.wait_for_function(
        """(text) => navigator.serviceWorker.ready.then((worker) => worker.getNotifications())
            .then((all) => all.some((one) => text.includes(one.body)))""",
        arg=data,
    )


async def test_a_browser_that_was_told_no_says_how_to_change_that(desk: Desk, opened: Open):
    """Asking again would do nothing."""
    context = await opened()
    page = await page_at(context, desk.url, "Object.defineProperty(Notification, 'permission', { value: 'denied' });")
    await state(page, "denied")
    await expect(page.get_by_text("allow notifications there")).to_be_visible()
    await expect(page.get_by_role("button", name="Turn on notifications")).to_be_hidden()


async def test_a_push_service_out_of_reach_is_said(desk: Desk, opened: Open):
    """Nothing is kept, and it can be tried again."""
    context = await opened()
    await allowed(context, desk)
    refusing = (
        "PushManager.prototype.subscribe = async () => { throw new DOMException('push service error', 'AbortError'); };"
    )
    page = await page_at(context, desk.url, refusing)
    await page.get_by_role("button", name="Turn on notifications").click()
    await state(page, "failed")
    await expect(page.get_by_text("push service error")).to_be_visible()
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert await desk.devices() == []


async def test_the_browsers_own_sign_up_tells_the_truth(desk: Desk, opened: Open):
    """With nothing pretended: where this machine reaches a push service, the browser is kept; where not, it is not."""
    context = await opened()
    await allowed(context, desk)
    page = await page_at(context, desk.url)
    await page.clock.install()
    await page.get_by_role("button", name="Turn on notifications").click()
    await page.locator("[data-now=asking], [data-now=on]").wait_for()
    await page.clock.fast_forward(60_000)  # where no service answers, the page gives up
    await page.locator("[data-now=on], [data-now=failed]").wait_for()
    is_on = await page.locator("[data-push]").get_attribute("data-now") == "on"
    assert await desk.devices() == (["Chrome on Linux"] if is_on else [])


async def test_over_plain_http_it_says_that_it_can_not_work(desk: Desk, opened: Open):
    """Browsers have no push there."""
    page = await page_at(await opened(), desk.url.replace("127.0.0.1", NAME))
    await state(page, "insecure")
    await expect(page.get_by_text("work only over https")).to_be_visible()


async def test_an_iphone_is_told_about_its_home_screen(desk: Desk, opened: Open):
    """Where alone it has push."""
    agent = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
    )
    page = await page_at(await opened(user_agent=agent), desk.url, "delete window.PushManager;")
    await state(page, "home")
    await expect(page.get_by_text("Add to Home Screen")).to_be_visible()


async def test_without_scripts_the_list_still_works(desk: Desk, opened: Open):
    """It is made of forms."""
    await desk.browser.post(f"{urlsplit(desk.url).path}/subscribe", json=a_subscription())
    page = await page_at(await opened(java_script_enabled=False), desk.url)
    await expect(page.get_by_text("JavaScript is off")).to_be_visible()
    await page.get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("status")).to_contain_text("nothing pops up there any more")
    assert await desk.devices() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_small_phone_nothing_is_cut_off(
    desk: Desk, opened: Open, scheme: str, request: pytest.FixtureRequest
):
    """360 pixels, with three devices of long names; no rule of the page is broken either."""
    path = urlsplit(desk.url).path
    for name in ("Samsung Internet on Android", "Firefox on Linux", "x" * 100):
        await desk.browser.post(f"{path}/fcm", json={"token": f"{len(name)}" + "a" * 40, "label": name})
    context = await opened(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    trouble: list[str] = []
    context.pages[0].on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    context.pages[0].on("pageerror", lambda error: trouble.append(str(error)))
    page = await page_at(context, desk.url)
    await state(page, "off")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    assert trouble == []
