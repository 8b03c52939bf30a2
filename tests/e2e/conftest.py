"""The real process against the pretend Telegram: started, spoken to as a person would, stopped or killed."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
TOKEN = "7000000001:DEMO-token-of-the-pretend-Telegram"
PATIENCE = 30.0  # seconds until something that should happen counts as missing


async def eventually(check: Callable[[], Awaitable[Any]], what: str, patience: float = PATIENCE) -> Any:
    """The first truthy answer of `check`, asked again and again."""
    deadline = asyncio.get_running_loop().time() + patience
    while asyncio.get_running_loop().time() < deadline:
        if answer := await check():
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError(f"it did not happen within {patience} s: {what}")


def clean_environment() -> dict[str, str]:
    """This machine's environment without any setting of ours."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONUNBUFFERED": "1"}


async def start_process(
    *arguments: str, cwd: Path, env: dict[str, str], log: Path, piped: bool = False
) -> asyncio.subprocess.Process:
    """Output goes to `log`; `piped` keeps stdout for the test to read instead."""
    with log.open("ab") as output:
        stdout = asyncio.subprocess.PIPE if piped else output
        return await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=cwd, env=env, stdout=stdout, stderr=output
        )


async def stop_process(process: asyncio.subprocess.Process, grace: float = 15) -> int:
    """The exit code after SIGTERM; a process that does not stop in time is killed and the test fails."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), grace)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise AssertionError(f"SIGTERM did not stop it within {grace} s") from None
    return process.returncode or 0


@dataclass
class PretendWorld:
    """The demo server in a process of its own, so that it survives when the bot is killed."""

    http: httpx.AsyncClient
    url: str
    smtp_url: str
    people: dict[str, int] = field(default_factory=dict)

    async def ask(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(f"/demo/api/{path}", params=query)
        answer.raise_for_status()
        return answer.json()

    async def tell(self, path: str, **body: Any) -> Any:
        answer = await self.http.post(f"/demo/api/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    async def add_person(self, name: str, language: str = "en") -> "Person":
        user = await self.tell("users", first_name=name, language_code=language)
        return Person(self, user["id"])


@dataclass
class Person:
    """Somebody who talks to the bot."""

    world: PretendWorld
    id: int

    async def says(self, text: str, reply_to: int | None = None) -> dict[str, Any]:
        return await self.world.tell(f"users/{self.id}/messages", text=text, reply_to=reply_to)

    async def messages(self) -> list[dict[str, Any]]:
        """What the bot has written in this chat, oldest first."""
        return [m for m in await self.world.ask("messages", chat_id=self.id) if m["from"]["is_bot"]]

    async def sees(self, *words: str, patience: float = PATIENCE) -> dict[str, Any]:
        """The newest message of the bot that holds all the words."""

        async def look() -> dict[str, Any] | None:
            found = [m for m in await self.messages() if all(word in _text(m) for word in words)]
            return found[-1] if found else None

        return await eventually(look, f"a message with {words}", patience)

    async def presses(self, label: str, message: dict[str, Any] | None = None) -> dict[str, Any]:
        """Press the button whose label holds `label`, on this message or on the newest that has one."""

        async def find() -> dict[str, Any] | None:
            here = [m for m in await self.messages() if message is None or m["message_id"] == message["message_id"]]
            for found in reversed(here):
                for row in found.get("reply_markup", {}).get("inline_keyboard", []):
                    for button in row:
                        if label in button["text"] and "callback_data" in button:
                            return {"message_id": found["message_id"], "data": button["callback_data"]}
            return None

        press = await eventually(find, f"a button {label!r}")
        return await self.world.tell(f"users/{self.id}/press", **press)


def _text(message: dict[str, Any]) -> str:
    return str(message.get("text") or message.get("caption") or "")


@asynccontextmanager
async def pretend_world(folder: Path) -> AsyncIterator[PretendWorld]:
    process = await start_process(
        "-m", "demo", "--port", "0", "--smtp-port", "0",
        cwd=ROOT, env=clean_environment(), log=folder / "demo.log", piped=True,
    )  # fmt: skip
    assert process.stdout
    told: dict[str, str] = {}
    while "SMTP_URL" not in told:
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()
        assert line, (folder / "demo.log").read_text()
        name, _, value = line.strip().partition("=")
        told[name] = value
    async with httpx.AsyncClient(base_url=told["TELEGRAM_API_BASE"], timeout=PATIENCE, trust_env=False) as http:
        yield PretendWorld(http, told["TELEGRAM_API_BASE"], told["SMTP_URL"])
    await stop_process(process)


@dataclass
class Desk:
    """Postrider's own process, pointed at the pretend world as it would be at the real one."""

    folder: Path
    env: dict[str, str]
    process: asyncio.subprocess.Process | None = None

    async def start(self, roles: str = "all") -> None:
        self.process = await start_process(
            str(ROOT / "app.py"), "run", "--roles", roles, cwd=self.folder, env=self.env, log=self.folder / "desk.log"
        )

    def kill(self) -> None:
        """What a power cut does."""
        assert self.process
        self.process.kill()

    async def died(self) -> None:
        assert self.process
        await self.process.wait()

    async def stop(self) -> int:
        return await stop_process(self.process) if self.process else 0

    async def call(self, *arguments: str) -> tuple[int, Any]:
        """A command of the command line: exit code and its JSON, if it printed any."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "app.py"), *arguments,
            cwd=self.folder, env=self.env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        try:
            return process.returncode or 0, json.loads(out)
        except ValueError:
            return process.returncode or 0, (out + err).decode()

    def log(self) -> str:
        return (self.folder / "desk.log").read_text()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[PretendWorld]:
    async with pretend_world(tmp_path) as world:
        yield world


@pytest.fixture
async def desk(tmp_path: Path, world: PretendWorld) -> AsyncIterator[Desk]:
    """Configured but not started: a test may add settings first."""
    settings = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": world.url,
        "SMTP_URL": world.smtp_url,
        "EMAIL_PROVIDERS": "smtp:1",
        "SENDER_EMAIL": "desk@sandbox.test",
        "SANDBOX_BASE_URL": world.url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/postrider.db",
        "WEB_PORT": "0",
    }
    desk = Desk(tmp_path, clean_environment() | settings)
    yield desk
    await desk.stop()


async def code_mailed_to(world: PretendWorld, address: str) -> str:
    """The six digits in the newest mail to this address."""

    async def look() -> str | None:
        mails = await world.ask("mails", to=address)
        found = re.search(r"\b\d{6}\b", mails[-1]["text"]) if mails else None
        return found and found[0]

    return str(await eventually(look, "a mail with the code"))


async def confirm_email(world: PretendWorld, person: Person, address: str) -> None:
    """`/email`, the code from the mailbox, and the confirmation."""
    await person.says(f"/email {address}")
    await person.says(await code_mailed_to(world, address))
    await person.sees(address)
