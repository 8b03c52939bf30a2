"""The demo's page in headless Chromium, clicked through as a newcomer would."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.conftest import skip_or_fail
from tests.e2e.conftest import Desk, PretendWorld, code_mailed_to

pytestmark = [pytest.mark.e2e, pytest.mark.browser]
expect.set_options(timeout=30_000)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        skip_or_fail("Chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(30_000)
        yield page
        await browser.close()


async def say(page: Page, text: str) -> None:
    """Type into the message field and send it."""
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()


async def test_idea_regenerate_approve_and_the_mail(page: Page, world: PretendWorld, desk: Desk):
    """The main job, by clicking: what a newcomer does in their first two minutes."""
    await desk.start()
    await page.goto(world.url)
    chat = page.get_by_role("log", name="Messages")
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(chat).to_contain_text("/help")

    await say(page, "/email me@sandbox.test")
    await say(page, await code_mailed_to(world, "me@sandbox.test"))
    await expect(chat).to_contain_text("confirmed")

    await say(page, "We cut the release from 3 days to 40 minutes by deleting 12 manual steps.")
    await expect(chat).to_contain_text("3,000")
    await chat.get_by_role("button", name="Regenerate").click()
    await chat.get_by_role("button", name="Shorter").click()
    await expect(chat).to_contain_text("2/2")
    await chat.get_by_role("button", name="Approve").click()
    await expect(chat).to_contain_text("Approved")
    await expect(chat.get_by_role("button", name="Posted")).to_be_visible()
    await expect(page.locator("#mail").get_by_text("Your LinkedIn Ghostwriter Post Draft").first).to_be_visible()
