"""Makes docs/images/demo.png anew: starts the program without a token, clicks through its page, takes the picture.

    .venv/bin/python docs/screenshot.py

Needs the development requirements (`make check` installs them) and Chromium.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "demo.png"
SIZE: ViewportSize = {"width": 1280, "height": 860}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ADDRESS = "me@sandbox.test"
IDEA = (
    "I spent 12 years as a nurse before I learned to code. Listening to patients turned out to be my best training"
    " for debugging. The first symptom is rarely the cause."
)


@contextmanager
def running_demo() -> Iterator[str]:
    """The address of a program of its own, on free ports and an empty database."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    free = {"DEMO_PORT": "0", "DEMO_SMTP_PORT": "0", "WEB_PORT": "0", "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "run"], cwd=folder, env=kept | free, stdout=subprocess.PIPE,
            stderr=log, text=True,
        )  # fmt: skip
        try:
            assert process.stdout
            found = (re.search(r"http://\S+", line) for line in process.stdout)
            yield next(match[0] for match in found if match)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def play(page: Page) -> None:
    """A first visit: a city, an address with its code, an idea, one other version, and the mail of it."""
    chat, mail = page.get_by_role("log", name="Messages"), page.locator("#mail")
    page.get_by_role("button", name="Start", exact=True).click()
    chat.get_by_role("button", name="London").click()
    expect(chat).to_contain_text("Europe/London")
    say(page, f"/email {ADDRESS}")
    code = mail.get_by_text(re.compile(r"\d{6} Send this code"))
    say(page, re.findall(r"\d{6}", code.first.inner_text())[0])
    expect(chat).to_contain_text("confirmed")
    say(page, IDEA)
    chat.get_by_role("button", name="Regenerate").click()
    chat.get_by_role("button", name="A question to end on").click()
    expect(chat).to_contain_text("2/2")
    drafts = mail.get_by_text("Your LinkedIn Ghostwriter Post Draft")
    expect(drafts).to_have_count(2)
    drafts.first.click()
    page.mouse.move(5, 5)
    page.wait_for_timeout(4_000)  # until what pops up is gone


def main() -> None:
    """Write the picture, or say why not."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        raise SystemExit("Chromium is not installed")
    with running_demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport=SIZE, color_scheme="light", locale="en-GB")
        page.set_default_timeout(30_000)
        expect.set_options(timeout=30_000)
        page.goto(url)
        play(page)
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
