"""The page in a real browser: a chat as a person uses it, untrusted text, the mailbox, a narrow screen."""

import shutil
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from demo import ADMIN_ID, AUTHOR_ID, DEMO_TOKEN, Demo
from tests.conftest import skip_or_fail

pytestmark = [pytest.mark.browser]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        skip_or_fail("Chromium is not installed")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        await running.close()


@pytest.fixture
async def page(browser: Browser, demo: Demo) -> AsyncIterator[Page]:
    opened = await browser.new_page(viewport={"width": 1280, "height": 800})
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("dialog", lambda dialog: wrong.append(f"script ran: {dialog.message}"))
    opened.set_default_timeout(10_000)
    await opened.goto(demo.url)
    yield opened
    assert wrong == []


async def bot(demo: Demo, method: str, **params: Any) -> Any:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = (await http.post(f"{demo.url}/bot{DEMO_TOKEN}/{method}", json=params)).json()
    assert answer["ok"], answer
    return answer["result"]


async def test_a_conversation(page: Page, demo: Demo):
    """Start, a card with buttons, a toast, an edit in place, a reply by tapping, a command from the menu."""
    await bot(demo, "setMyCommands", commands=[{"command": "help", "description": "How it works"}])
    await page.get_by_role("button", name="Start", exact=True).click()
    log = page.get_by_role("log", name="Messages")
    await expect(log.get_by_text("/start")).to_be_visible()
    await bot(demo, "sendChatAction", chat_id=AUTHOR_ID, action="typing")
    await expect(page.get_by_text("typing…")).to_be_visible()
    keyboard = {"inline_keyboard": [[{"text": "👍 Approve", "callback_data": "ok"}]]}
    card = await bot(
        demo, "sendMessage", chat_id=AUTHOR_ID, text="<b>Bold</b> 👍 <code>x</code>", parse_mode="HTML",
        reply_markup=keyboard,
    )  # fmt: skip
    await expect(log.locator("strong")).to_have_text("Bold")
    await page.get_by_role("button", name="👍 Approve").click()
    query = next(one["callback_query"] for one in await bot(demo, "getUpdates") if "callback_query" in one)
    await bot(demo, "answerCallbackQuery", callback_query_id=query["id"], text="Approved!")
    await expect(page.get_by_role("status")).to_have_text("Approved!")
    await bot(demo, "editMessageText", chat_id=AUTHOR_ID, message_id=card["message_id"], text="Done")
    await expect(log.get_by_text("edited")).to_be_visible()
    await expect(page.get_by_role("button", name="👍 Approve")).to_have_count(0)
    await log.get_by_text("Done").click()
    await page.get_by_label("Message", exact=True).fill("thanks")
    await page.keyboard.press("Enter")
    await expect(log.get_by_text("thanks")).to_be_visible()
    await page.get_by_label("Message", exact=True).fill("/he")
    await expect(page.get_by_role("option")).to_have_text("/helpHow it works")
    await page.keyboard.press("Enter")
    await expect(log.get_by_role("button", name="/help")).to_be_visible()
    heard = [one["message"] for one in await bot(demo, "getUpdates") if "message" in one]
    assert [message["text"] for message in heard] == ["/start", "thanks", "/help"]
    assert heard[1]["reply_to_message"]["message_id"] == card["message_id"]


HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


async def test_nothing_untrusted_runs(page: Page, demo: Demo):
    """Chat, names, mail subjects, mail HTML and phones show hostile text as text."""
    async with httpx.AsyncClient(base_url=f"{demo.url}/demo/api", trust_env=False) as http:
        await http.post("users", json={"first_name": HOSTILE, "language_code": "en"})
        await http.post(f"users/{AUTHOR_ID}/messages", json={"text": HOSTILE})
        body = {"to": "+14155550123", "text": HOSTILE, "key": "k"}
        await http.post(f"{demo.url}/sandbox/sms/messages", json=body, headers={"Authorization": "Bearer sandbox"})
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = HOSTILE, "a@b.test", "c@d.test"
    mail.set_content(f"<p>inside</p>{HOSTILE}<iframe srcdoc='{HOSTILE}'></iframe>", subtype="html")
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=int(demo.smtp_url.rsplit(":", 1)[1]), start_tls=False)
    await expect(page.get_by_role("log", name="Messages").get_by_text(HOSTILE)).to_be_visible()
    await page.locator(".mail-row").click()
    await expect(page.frame_locator("iframe").get_by_text("inside")).to_be_visible()
    await page.get_by_role("tab", name="Phones").click()
    await expect(page.locator(".screen").get_by_text(HOSTILE)).to_be_visible()
    assert (
        await page.evaluate("document.querySelectorAll('main img, main script, #inbox img, #people img').length") == 0
    )


async def test_being_somebody_else(page: Page, demo: Demo):
    """Each person has their own chat, and unread messages are counted."""
    await page.get_by_role("button", name="Start", exact=True).click()
    await bot(demo, "sendMessage", chat_id=AUTHOR_ID, text="for the author")
    await page.get_by_role("button", name="Admin").click()
    await expect(page.get_by_text("as Admin")).to_be_visible()
    await page.get_by_role("button", name="Start", exact=True).click()
    await bot(demo, "sendMessage", chat_id=AUTHOR_ID, text="more for the author")
    await expect(page.locator("#person-list .badge")).to_have_text("1")
    await page.get_by_role("button", name="Add a person").click()
    await page.get_by_label("First name").fill("Camille")
    await page.get_by_label("Language").select_option("fr")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_text("as Camille")).to_be_visible()
    people = {person.first_name: person for person in demo.state.people.values()}
    assert people["Camille"].language_code == "fr"
    assert demo.state.chats[ADMIN_ID].bot_status == "member"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_narrow_screen_has_tabs_and_no_sideways_scroll(browser: Browser, demo: Demo, scheme: Any):
    page = await browser.new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    await page.goto(demo.url)
    await page.get_by_role("button", name="Start", exact=True).click()
    row = [{"text": text, "callback_data": text} for text in ("👍 Approve", "♻️ Regenerate", "🗑️ Delete")]
    await bot(
        demo, "sendMessage", chat_id=AUTHOR_ID, text="wide " * 60 + "w" * 80, reply_markup={"inline_keyboard": [row]}
    )
    await expect(page.get_by_role("button", name="♻️ Regenerate")).to_be_visible()
    for name in ("People", "Mailbox", "Phones", "Chat"):
        await page.get_by_role("navigation", name="Views").get_by_role("button", name=name).click()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
    assert (
        await page.evaluate("document.querySelector('#log').scrollWidth - document.querySelector('#log').clientWidth")
        == 0
    )


async def test_a_phone_is_read_and_answered(page: Page, demo: Demo):
    """WhatsApp tells the sender that it was looked at; a push is no conversation."""
    async with httpx.AsyncClient(headers={"Authorization": "Bearer sandbox"}, trust_env=False) as http:
        message = {"to": "+14155550100", "text": "Are you coming?", "key": "k1"}
        await http.post(f"{demo.url}/sandbox/whatsapp/messages", json=message)
        await page.get_by_role("tab", name="Phones").click()
        phone = page.get_by_role("log", name="Messages on +14155550100")
        await expect(phone.get_by_text("Are you coming?")).to_be_visible()
        await page.get_by_role("textbox", name="Answer from +14155550100").fill("Yes!")
        await page.get_by_role("button", name="Send", exact=True).last.click()
        await expect(phone.get_by_text("Yes!")).to_be_visible()
        replies = (await http.get(f"{demo.url}/demo/api/phones/+14155550100/replies")).json()
        assert [(one["text"], one["channel"]) for one in replies] == [("Yes!", "whatsapp")]
        listed = (await http.get(f"{demo.url}/sandbox/whatsapp/messages")).json()
        assert listed[0]["status"] == "read"
        pushed = {"to": "token-1", "subject": "Your draft", "text": "It waits.", "url": "https://desk.example.org/d"}
        await http.post(f"{demo.url}/sandbox/push/messages", json=pushed)
    await page.get_by_role("combobox", name="Phone").select_option("token-1")
    await expect(page.get_by_text("Your draft")).to_be_visible()
    await expect(page.get_by_role("link", name="Open")).to_have_attribute("href", "https://desk.example.org/d")
    await expect(page.get_by_role("textbox", name="Answer from token-1")).to_have_count(0)
