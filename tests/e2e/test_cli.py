"""The command line of the real program."""

import asyncio
import contextlib
import signal
import sqlite3
import stat
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from tests.conftest import POSTGRES, _execute, _reachable, _url_of, skip_or_fail
from tests.e2e.conftest import (
    ROOT,
    Desk,
    PretendWorld,
    clean_environment,
    eventually,
    start_process,
    stop_process,
)

pytestmark = pytest.mark.e2e
MAIL = ("send", "--channel", "email", "--text", "It works.", "--subject", "Hello")


async def test_send_reports_an_accepted_mail(world: PretendWorld, desk: Desk):
    """Exit code 0, and the mail is there."""
    code, report = await desk.call(*MAIL, "--to", "ada@sandbox.test")
    assert code == 0, report
    assert (report["status"], report["provider"], report["attempts"], report["error"]) == ("sent", "smtp", 1, None)
    (mail,) = await world.ask("mails", to="ada@sandbox.test")
    assert (mail["subject"], "It works." in mail["text"]) == ("Hello", True)

    code, story = await desk.call("show", str(report["id"]))
    assert code == 0
    assert (story["status"], story["channel"], len(story["attempts_made"])) == ("sent", "email", 1)
    assert "ada@" not in str(story)


async def test_send_goes_by_the_provider_that_was_named(world: PretendWorld, desk: Desk):
    """Also by one that the settings don't list."""
    code, report = await desk.call(*MAIL, "--to", "ada@sandbox.test", "--provider", "sandbox")
    assert (code, report["provider"]) == (0, "sandbox"), report


async def test_send_knows_a_provider_by_its_old_name(desk: Desk):
    """Nobody answers there, but it was asked."""
    desk.env |= {"VONAGE_API_KEY": "abcd1234", "VONAGE_API_SECRET": "secret", "VONAGE_FROM": "Postrider"}
    desk.env["VONAGE_BASE_URL"] = "http://127.0.0.1:9"
    sms = ("send", "--channel", "sms", "--to", "+14155550123", "--text", "Hello", "--timeout", "1")
    code, report = await desk.call(*sms, "--provider", "nexmo")
    assert (code, report["provider"], report["attempts"]) == (3, "vonage", 1), report


async def test_send_to_a_refused_address_fails(world: PretendWorld, desk: Desk):
    """Exit code 1, and why."""
    code, report = await desk.call(*MAIL, "--to", "refuse@sandbox.test")
    assert (code, report["status"]) == (1, "failed"), report
    assert report["error"]


async def test_send_is_pending_while_the_provider_is_away(world: PretendWorld, desk: Desk):
    """Exit code 3: a running Postrider goes on with it."""
    code, report = await desk.call(*MAIL, "--to", "fail-503@sandbox.test", "--timeout", "1")
    assert (code, report["status"]) == (3, "pending"), report


async def test_send_is_unknown_where_the_answer_never_came(world: PretendWorld, desk: Desk):
    """Exit code 4: perhaps it arrived."""
    desk.env["SMTP_TIMEOUT"] = desk.env["PROVIDER_TIMEOUT"] = "1"
    code, report = await desk.call(*MAIL, "--to", "timeout@sandbox.test", "--timeout", "3", "--provider", "sandbox")
    assert (code, report["status"]) == (4, "unknown"), report


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--to", "nobody"), "nobody"),
        (("--to", "ada@sandbox.test", "--provider", "pigeon"), "pigeon"),
        (("--to", "ada@sandbox.test", "--channel", "sms"), "+14155550123"),
        (("--to", "ada@sandbox.test", "--channel", "smoke"), "smoke"),
        (("--to", "ftp://example.org/", "--channel", "webhook"), "https://example.org/hook"),
        (("--to", "a b", "--channel", "push"), "endpoint"),
        (("--to", "ada@sandbox.test", "--timeout", "-1"), "timeout"),
    ],
)
async def test_send_asked_wrongly_says_so(desk: Desk, more: tuple[str, ...], words: str):
    """Exit code 2, and nothing is queued."""
    code, told = await desk.call(*MAIL, *more)
    assert (code, words in told) == (2, True), told


async def test_show_of_nothing_says_so(desk: Desk):
    """Exit code 1."""
    assert await desk.call("show", "4711") == (1, "There is no such delivery.\n")
    code, said = await desk.call("show", str(2**63))
    assert (code, "Traceback" in said) == (2, False)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("WEB_PORT", "http", "WEB_PORT"),
        ("DEFAULT_TIMEZONE", "Mars/Olympus", "DEFAULT_TIMEZONE"),
        ("TELEGRAM_BOT_TOKEN", "nonsense", "TELEGRAM_BOT_TOKEN"),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL"),
        ("EMAIL_PROVIDERS", "pigeon:1", "EMAIL_PROVIDERS"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("LLM_BASE_URL", "http://127.0.0.1:1/v1", "LLM_MODEL"),
    ],
)
async def test_a_wrong_setting_stops_the_start_with_one_line(desk: Desk, name: str, value: str, words: str):
    """It names the variable; no stack trace, and the value of a secret is not repeated."""
    desk.env[name] = value
    code, told = await asyncio.wait_for(desk.call("run"), 30)
    lines = [line for line in told.splitlines() if line and not line.startswith("{")]
    assert code == 2, told
    assert len(lines) == 1, told
    assert words in lines[0]
    assert "Traceback" not in told


async def test_a_token_that_telegram_does_not_know_stops_the_start(world: PretendWorld, desk: Desk):
    """One clear line, instead of trying for ever."""
    desk.env["TELEGRAM_BOT_TOKEN"] = "7000000001:right"
    code, _ = await desk.call("send", "--channel", "telegram", "--to", "1", "--text", "x", "--timeout", "1")
    desk.env["TELEGRAM_BOT_TOKEN"] = "7000000001:wrong"
    code, told = await asyncio.wait_for(desk.call("run"), 30)
    assert code == 2, told
    assert "TELEGRAM_BOT_TOKEN: Telegram does not know this token" in told


async def test_a_taken_port_stops_the_start(world: PretendWorld, desk: Desk):
    """It says which."""
    desk.env["WEB_PORT"] = world.url.rsplit(":", 1)[1]
    code, told = await asyncio.wait_for(desk.call("run"), 30)
    assert (code, "WEB_PORT: can't listen" in told) == (2, True), told


async def test_unknown_roles_are_refused(desk: Desk):
    """And the known ones are named."""
    code, told = await desk.call("run", "--roles", "bot,cook")
    assert (code, "scheduler" in told) == (2, True), told


async def ready(desk: Desk) -> str:
    """The address of the web server, once everything answers."""

    async def look() -> str | None:
        for line in desk.log().splitlines():
            if "web server listens" in line:
                url = line.split('"url": "')[1].split('"')[0]
                with contextlib.suppress(httpx.HTTPError):
                    async with httpx.AsyncClient(trust_env=False) as http:
                        return url if (await http.get(f"{url}/readyz")).status_code == 200 else None
        return None

    return str(await eventually(look, "ready"))


async def test_a_backup_is_made_while_it_runs_and_comes_back(world: PretendWorld, desk: Desk):
    """What was said after the backup is gone, and is kept aside; restoring over a running program is refused."""
    await desk.start()
    await ready(desk)
    before = await world.add_person("Ines")
    await before.says("/start")
    await before.sees("Ines")
    code, told = await desk.call("backup", "copy.db")
    assert code == 0, told
    after = await world.add_person("Noa")
    await after.says("/start")
    await after.sees("Noa")
    code, told = await desk.call("restore", "copy.db")
    assert (code, "stop it first" in told) == (2, True), told
    assert await desk.stop() == 0
    code, told = await desk.call("restore", "copy.db")
    assert code == 0, told

    def names(file: str) -> list[str]:
        with contextlib.closing(sqlite3.connect(desk.folder / file)) as connection:
            return [name for (name,) in connection.execute("SELECT name FROM users ORDER BY id")]

    assert names("postrider.db") == ["Ines"]
    (kept,) = desk.folder.glob("postrider.db.before-restore-*")
    assert names(kept.name) == ["Ines", "Noa"]


async def test_a_second_program_on_the_same_database_is_refused(world: PretendWorld, desk: Desk):
    """Each would take over what the other has in hand."""
    await desk.start()
    await ready(desk)
    code, told = await asyncio.wait_for(desk.call("run"), 30)
    assert (code, "another Postrider is running" in told) == (2, True), told


async def test_the_secret_key_is_made_once_and_for_its_owner_only(desk: Desk):
    """Links and codes of the last run stay good."""
    await desk.call("migrate")
    await desk.call(*MAIL, "--to", "ada@sandbox.test")
    key = desk.folder / "secret.key"
    first = key.read_text()
    assert len(first) >= 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    await desk.call(*MAIL, "--to", "ada@sandbox.test")
    assert key.read_text() == first


async def test_sigterm_stops_within_ten_seconds_and_says_nothing_bad(world: PretendWorld, desk: Desk):
    """Handlers and sends in flight finish: exit code 0, no error in the log."""
    await desk.start()
    await ready(desk)
    person = await world.add_person("Ines")
    await person.says("/start")
    await person.sees("Ines")
    began = asyncio.get_running_loop().time()
    assert await desk.stop() == 0
    assert asyncio.get_running_loop().time() - began < 10
    assert '"level": "error"' not in desk.log()
    assert "Traceback" not in desk.log()


async def test_a_second_interrupt_ends_it_at_once(world: PretendWorld, desk: Desk):
    """Whoever presses Ctrl-C twice means it."""
    await desk.start()
    await ready(desk)
    assert desk.process
    desk.process.send_signal(signal.SIGINT)
    desk.process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(desk.process.wait(), 5) in (0, 130)


async def test_roles_in_processes_of_their_own_work_together(world: PretendWorld, desk: Desk):
    """The bot takes the idea in, a worker delivers the card."""
    await desk.call("migrate")
    worker = await start_process(
        str(ROOT / "app.py"), "run", "--roles", "worker,scheduler", cwd=desk.folder, env=desk.env,
        log=desk.folder / "worker.log",
    )  # fmt: skip
    bot = await start_process(
        str(ROOT / "app.py"), "run", "--roles", "bot", cwd=desk.folder, env=desk.env, log=desk.folder / "bot.log"
    )
    try:
        person = await world.add_person("Ines")
        await person.says("/start")
        await person.sees("Ines")
        await person.says("We cut the release from 3 days to 40 minutes by deleting 12 manual steps.")
        await person.sees("40 minutes", "3,000")
    finally:
        assert await stop_process(bot) == 0
        assert await stop_process(worker) == 0


@pytest.fixture
async def demo_desk(tmp_path) -> AsyncIterator[Desk]:
    """No token: the demo."""
    env = clean_environment() | {"DEMO_PORT": "0", "DEMO_SMTP_PORT": "0", "WEB_PORT": "0"}
    desk = Desk(tmp_path, env)
    yield desk
    await desk.stop()


async def test_without_a_token_the_demo_starts_and_says_where(demo_desk: Desk):
    """`make run` on a fresh machine."""
    await demo_desk.start()

    async def look() -> str | None:
        lines = [line for line in demo_desk.log().splitlines() if "open  http://" in line]
        return lines[0].split("open")[1].strip() if lines else None

    url = await eventually(look, "the address of the page")
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(url)).status_code == 200
    await ready(demo_desk)
    assert (demo_desk.folder / "var" / "secret.key").exists()
    assert await demo_desk.stop() == 0


async def test_the_webhook_brings_updates_in(world: PretendWorld, desk: Desk):
    """Set at start with its secret; what arrives is answered."""
    desk.env |= {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": "http://127.0.0.1:18099", "WEB_PORT": "18099"}
    await desk.start()
    await ready(desk)
    person = await world.add_person("Ines")
    await person.says("/start")
    await person.sees("Ines")
    assert '"mode": "webhook"' in desk.log()


@pytest.fixture
async def empty_postgres() -> AsyncIterator[str]:
    """The URL of a database without any table; skips where there is no server."""
    if not _reachable(POSTGRES):
        skip_or_fail("PostgreSQL is not reachable at TEST_DATABASE_URL")
    name = f"postrider_e2e_{uuid4().hex[:12]}"
    await _execute(f'CREATE DATABASE "{name}"')
    yield _url_of(name)
    await _execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.postgres
async def test_on_postgres_the_roles_wake_each_other(world: PretendWorld, desk: Desk, empty_postgres: str):
    """Two processes that start at once migrate one after the other; what the bot queues, the worker sends."""
    desk.env |= {"DATABASE_URL": empty_postgres, "SECRET_KEY": "a secret of the tests, long enough to pass"}
    processes = [
        await start_process(
            str(ROOT / "app.py"),
            "run",
            "--roles",
            roles,
            cwd=desk.folder,
            env=desk.env,
            log=desk.folder / f"{roles}.log",
        )
        for roles in ("worker", "bot,scheduler,web")
    ]
    try:
        person = await world.add_person("Ines")
        await person.says("/start")
        await person.sees("Ines")
        await person.says("We cut the release from 3 days to 40 minutes by deleting 12 manual steps.")
        await person.sees("40 minutes", "3,000")
        assert not (desk.folder / "secret.key").exists()
    finally:
        assert [await stop_process(process) for process in processes] == [0, 0]
