"""Postrider's composition root and command line: the only place that sees every part.

Heavy parts are imported by the role that needs them: a worker knows no aiogram, a backup no web server.
"""

import asyncio
import gc
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import structlog
import typer
from pydantic import SecretStr

from core.addresses import parse_email
from core.delivery.budget import Budget
from core.errors import AppError, SettingsError
from core.model import Channel
from core.observe import set_up_logging
from core.parts import Parts
from core.routing.limiter import Limiter
from core.secrets import Keys, secret_in
from core.settings import Settings, load_settings
from core.supervisor import Role, RoleError, supervise
from storage.backup import BackupError, backup, held, restore, sqlite_file
from storage.database import Database
from storage.migrate import migrate

ROLES = ("bot", "scheduler", "worker", "web")  # in the order in which they stop
STOP_WITHIN = 8.0  # seconds, so that the whole stop stays under ten
FAILED, WRONG_USE = 1, 2  # exit codes
OUTCOMES = {"sent": 0, "delivered": 0, "read": 0, "pending": 3, "sending": 4, "unknown": 4}  # of `send`; else FAILED
PHONE, CHAT, WEB = re.compile(r"\+[1-9]\d{7,14}"), re.compile(r"-?\d{1,19}"), re.compile(r"https?://\S+")
DEVICE, ANYTHING = re.compile(r"\{.+\}|\S+"), re.compile(r"\S+")  # a browser's subscription is JSON
ADDRESSES = {
    Channel.SMS: (PHONE, "+14155550123"),
    Channel.WHATSAPP: (PHONE, "+14155550123"),
    Channel.TELEGRAM: (CHAT, "123456789"),
    Channel.PUSH: (DEVICE, '{"endpoint": "https://...", "keys": {...}} or the token of an app'),
    Channel.WEBHOOK: (WEB, "https://example.org/hook"),
}
DEMO_STATE = Path("var/demo.json")
log = structlog.get_logger("app")
cli = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="A desk in your pocket: drafts in Telegram, approved with one tap and delivered.",
)  # fmt: skip


def clock() -> datetime:
    """Aware UTC now."""
    return datetime.now(UTC)


# Settings ---------------------------------------------------------------------------------------------------


def configured() -> Settings:
    """The settings, with logging set up as they say."""
    settings = load_settings()
    set_up_logging(settings.log_level, settings.log_format)
    return settings


def pointed_at_demo(settings: Settings, url: str, smtp_url: str) -> Settings:
    """The same settings with what goes out going to the pretend Telegram, mailbox and phones. A provider that was
    named is used all the same."""
    from demo import ADMIN_ID, DEMO_TOKEN

    telegram = {"bot_token": SecretStr(DEMO_TOKEN), "api_base": url, "mode": "polling"}
    changes = {
        "telegram": settings.telegram.model_copy(update=telegram),
        "smtp": settings.smtp.model_copy(update={"url": settings.smtp.url or SecretStr(smtp_url)}),
        "sandbox": settings.sandbox.model_copy(update={"base_url": url}),
        "email_providers": settings.email_providers or ["smtp:1"],
        "sms_providers": settings.sms_providers or ["sandbox:1"],
        "whatsapp_providers": settings.whatsapp_providers or ["sandbox:1"],
        "push_providers": settings.push_providers or ["sandbox:1"],
        "admin_telegram_ids": [*settings.admin_telegram_ids, ADMIN_ID],
        "public_url": public_url_of(settings),
    }
    return settings.model_copy(update=changes)


def public_url_of(settings: Settings) -> str:
    """Where browsers, and the demo, find the web pages."""
    return settings.public_url or f"http://{settings.web.host}:{settings.web.port}"


def beside_the_demo(settings: Settings) -> Settings:
    """For a command beside a running demo: where that listens."""
    if not settings.is_demo:
        return settings
    ours = settings.demo
    return pointed_at_demo(settings, f"http://{ours.host}:{ours.port}", f"smtp://{ours.host}:{ours.smtp_port}")


def keys_of(settings: Settings) -> Keys:
    """From SECRET_KEY; on SQLite from a file beside the database where none is set."""
    if settings.secret_key:
        return Keys(settings.secret_key.get_secret_value())
    return Keys(secret_in(sqlite_file(settings.database_url).with_name("secret.key")))


@asynccontextmanager
async def opened(settings: Settings, *, is_alone: bool = False) -> AsyncIterator[tuple[Parts, Database]]:
    """The database, brought to the newest schema, and what stands on it."""
    database = Database(settings.database_url)
    try:
        await migrate(database)
        name = f"{socket.gethostname()[:40]}:{uuid4().hex[:16]}"
        budget = Budget(settings.telegram.rate_per_second)
        limiter = Limiter(settings.redis_url.get_secret_value() if settings.redis_url else None)
        parts = Parts(settings, keys_of(settings), database, clock, budget, name, is_alone, limiter=limiter)
        database.on_outbox = parts.wake.set
        yield parts, database
    finally:
        await database.close()


# Running ----------------------------------------------------------------------------------------------------


async def build_roles(parts: Parts, database: Database, names: Sequence[str], stack: AsyncExitStack) -> dict[str, Role]:
    """The roles that were asked for, in the order in which they stop."""
    roles: dict[str, Role] = {}
    checks: dict[str, Callable[[], Awaitable[str | None]]] = {}
    from core.providers.registry import build_registry

    registry = build_registry(parts.settings, parts.budget, clock=clock)
    stack.push_async_callback(registry.close)
    if "bot" in names:
        from bot.role import build_bot_role

        roles["bot"] = bot = build_bot_role(parts, registry)
        checks["telegram"] = bot.check
    if "scheduler" in names:
        from scheduler.role import build_jobs
        from scheduler.schedule import Schedule, periodic_jobs

        roles["scheduler"] = Schedule(periodic_jobs(build_jobs(parts, registry)))
    if "worker" in names:
        from scheduler.role import build_worker_role
        from storage.wakeup import Wakeup

        listener = None if database.is_sqlite else Wakeup(database.url, parts.wake.set)
        roles["worker"] = build_worker_role(parts, registry, listener)
    if "web" in names:
        from web.role import build_web_role

        wake_bot = {"on_update": bot.intake.wake} if "bot" in names else {}
        roles["web"] = build_web_role(parts, registry.reporting, checks=checks, **wake_bot)
    return roles


async def run_roles(names: Sequence[str]) -> None:
    """Everything that was asked for, until SIGTERM or SIGINT."""
    gc.disable()  # a fifth of the start: the imports make much and drop nothing
    settings = configured()
    stopping = stop_on_signals()
    async with AsyncExitStack() as stack:
        is_demo = settings.is_demo
        if is_demo:
            settings = await start_demo(settings, stack)
        is_alone = works_alone(names, settings.database_url)
        stack.enter_context(held(settings.database_url, alone=is_alone))
        parts, database = await stack.enter_async_context(opened(settings, is_alone=is_alone))
        roles = await build_roles(parts, database, names, stack)
        if is_demo:
            parts.extra["chat_url"] = settings.telegram.api_base
        else:
            stack.push_async_callback(cancelled, asyncio.create_task(learn_chat_url(parts), name="who am I"))
        gc.freeze()
        gc.enable()
        log.info("started", roles=list(roles), mode=settings.telegram_mode)
        await supervise(roles, stopping, STOP_WITHIN)
    log.info("stopped")


def works_alone(names: Sequence[str], database_url: str) -> bool:
    """Whether no other process works on the database, so that what the last one left may be taken over at once. An
    SQLite file is locked for that; on PostgreSQL nobody knows, and a lease must end first."""
    return set(names) == set(ROLES) and database_url.startswith("sqlite")


def stop_on_signals() -> asyncio.Event:
    """Set by SIGTERM or SIGINT; a second SIGINT ends the process at once."""
    stopping = asyncio.Event()

    def interrupted() -> None:
        if stopping.is_set():
            os._exit(130)
        stopping.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    loop.add_signal_handler(signal.SIGINT, interrupted)
    return stopping


async def start_demo(settings: Settings, stack: AsyncExitStack) -> Settings:
    """Starts the pretend Telegram, says where its page is, and points everything at it."""
    from demo import Demo

    ours = settings.demo
    has_place = settings.public_url or settings.web.port  # port 0: nobody knows where the reports would go
    reports_to = f"{public_url_of(settings)}/webhooks/sandbox" if has_place else ""
    key = settings.sandbox.api_key.get_secret_value()
    demo = Demo(ours.host, ours.port, ours.smtp_port, DEMO_STATE, reports_to, key)
    try:
        await stack.enter_async_context(demo)
    except OSError as error:
        where = f"{ours.host}:{ours.port} or :{ours.smtp_port}"
        raise SettingsError(f"DEMO_PORT: can't listen on {where}: {error.strerror} (example: DEMO_PORT=8091)") from None
    line = f"  Postrider runs without a token: open  {demo.url}  "
    print(f"\n{'─' * len(line)}\n{line}\n{'─' * len(line)}\n", flush=True)
    return pointed_at_demo(settings, demo.api_base, demo.smtp_url)


async def learn_chat_url(parts: Parts) -> None:
    """The bot's address for the buttons of mails. A token that Telegram doesn't know is told by whoever polls."""
    from core.identity import username_of
    from core.providers.base import http_client

    async with http_client(parts.settings.provider_timeout) as http:
        name = await username_of(http, parts.settings.telegram.api_base, parts.token)
    parts.extra["chat_url"] = f"https://t.me/{name}"


async def cancelled(task: "asyncio.Task[None]") -> None:
    """Nothing waits for it any more."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def finish(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it; what is wrong with the settings or the use is one line on stderr and exit code 2."""
    try:
        return asyncio.run(work)
    except (SettingsError, BackupError) as error:
        raise fail(str(error), WRONG_USE) from None
    except AppError as error:
        raise fail(str(error), FAILED) from None
    except RoleError as failure:
        if isinstance(failure.__cause__, SettingsError):
            raise fail(str(failure.__cause__), WRONG_USE) from None
        log.critical("a part of the program failed, so all of it stops", part=str(failure), exc_info=failure.__cause__)
        raise fail(f"The {failure} failed; see the log.", FAILED) from None


def fail(reason: str, code: int) -> typer.Exit:
    """Say why on stderr; the exit to raise."""
    print(reason, file=sys.stderr)
    return typer.Exit(code)


# Command line -----------------------------------------------------------------------------------------------


def chosen_roles(text: str) -> tuple[str, ...]:
    """`all`, or some of the roles between commas."""
    names = ROLES if text == "all" else tuple(part.strip() for part in text.split(",") if part.strip())
    if not names or set(names) - set(ROLES):
        raise typer.BadParameter(f"{text!r}: choose from {', '.join(sorted(ROLES))}, or all")
    return names


def checked_address(channel: Channel, text: str) -> str:
    """An address as the channel's providers take it."""
    if channel is Channel.EMAIL:
        try:
            return parse_email(text)
        except AppError as error:
            raise typer.BadParameter(str(error), param_hint="--to") from None
    form, example = ADDRESSES.get(channel, (ANYTHING, ""))
    if not form.fullmatch(text):
        told = f"{text!r} can't be reached by {channel}" + (f"; example: {example}" if example else "")
        raise typer.BadParameter(told, param_hint="--to")
    return text


@cli.command()
def run(roles: Annotated[str, typer.Option(help="bot, web, scheduler, worker, or all")] = "all") -> None:
    """Run Postrider until it is stopped."""
    finish(run_roles(chosen_roles(roles)))


@cli.command(name="migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""

    async def work() -> None:
        async with opened(configured()):
            pass

    finish(work())


@cli.command()
def send(
    channel: Annotated[Channel, typer.Option(help="By which way.")],
    to: Annotated[str, typer.Option(help="An e-mail address, a chat id, a phone number ...")],
    text: Annotated[str, typer.Option(help="What it says.")],
    provider: Annotated[str | None, typer.Option(help="One provider, instead of the usual route.")] = None,
    subject: Annotated[str, typer.Option(help="For an e-mail.")] = "",
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait, retries included.")] = 60,
) -> None:
    """Send one message through the engine. Exit code 0: accepted, 1: failed, 3: pending, 4: unknown."""
    address = checked_address(channel, to)

    async def work() -> dict[str, Any]:
        from core.assembly import build_engine
        from core.delivery.sending import Messenger
        from core.providers.registry import build_registry, known_as

        settings = beside_the_demo(configured())
        named = known_as(provider) if provider else None
        async with opened(settings) as (parts, database):
            registry = build_registry(settings, parts.budget, also=(channel, named) if named else None)
            try:
                messenger = Messenger(database, *build_engine(parts, registry), clock, settings.lease_seconds)
                return await messenger.send_now(channel, address, text, subject, named, timeout)
            finally:
                await registry.close()

    report = finish(work())
    print(json.dumps(report, ensure_ascii=False))
    raise typer.Exit(OUTCOMES.get(report["status"], FAILED))


@cli.command()
def show(delivery_id: Annotated[int, typer.Argument(min=1, max=2**63 - 1)]) -> None:
    """Show a delivery with its attempts and reports as JSON."""

    async def work() -> dict[str, Any]:
        from core.delivery.deliveries import Deliveries

        async with opened(configured()) as (_parts, database):
            return await Deliveries(database, clock).timeline(delivery_id)

    print(json.dumps(finish(work()), ensure_ascii=False, indent=2))


@cli.command()
def vapid() -> None:
    """Print a fresh key for push to browsers, as a line for .env."""
    from core.providers.vapid import new_key

    print(f"WEBPUSH_VAPID_PRIVATE_KEY={new_key()}")


@cli.command(name="backup")
def backup_command(file: Path) -> None:
    """Write a backup of the database, whether Postrider runs or not."""

    async def work() -> None:
        await backup(configured().database_url, file)

    finish(work())
    print(f"Backed up to {file}. Keep SECRET_KEY with it (var/secret.key): links and codes are made from that.")


@cli.command(name="restore")
def restore_command(file: Path) -> None:
    """Put a backup in the place of the database. Stop Postrider first."""

    async def work() -> Path:
        return await restore(configured().database_url, file, clock())

    print(f"Restored from {file}. What was there before is kept in {finish(work())}.")


if __name__ == "__main__":
    cli()
