"""What a button press costs, beside what it can't cost less than: a bare echo plus its bare SQL, in the same run.

    .venv/bin/python bench/updates.py [--presses 2000]

A press is "Approve" or "Undo approval" of a draft card: it reads the account and the post, writes the post and edits
the card. It goes through `Dispatcher.feed_raw_update` with a session that answers at once.
(a) is aiogram alone: a dispatcher whose one handler answers the button and edits the message.
(b) is the SQL of that press alone, through aiosqlite with the same pragmas.
The three take turns, so that a machine that slows down slows all of them. Medians are printed.
"""

import argparse
import asyncio
import gc
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import aiosqlite
from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.types import CallbackQuery, Message
from sqlalchemy import event

from bot.desk import build_desk
from bot.dispatcher import build_dispatcher
from bot.session import build_bot
from core.delivery.budget import Budget
from core.model import PostState
from core.secrets import Keys
from core.settings import Settings
from core.writers.offline import Offline
from storage.database import Database
from storage.migrate import migrate
from storage.sqlite import BEGIN

TOKEN = "1:bench"
AUTHOR = {"id": 1001, "is_bot": False, "first_name": "Author", "language_code": "en"}
IDEA = "We cut the release from 3 days to 40 minutes by deleting 12 manual steps."
STREAK = 100
Press = Callable[[int], Awaitable[Any]]


class QuietSession(BaseSession):
    """A Bot API that answers at once and keeps nothing."""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        if method.__api_method__ == "editMessageText":
            return Message(message_id=1, date=datetime.now(UTC), chat={"id": 1001, "type": "private"}, text="x")
        return True

    async def stream_content(self, *args: Any, **kwargs: Any) -> Any:
        yield b""

    async def close(self) -> None:
        """Nothing is open."""


def update(number: int, data: str) -> dict[str, Any]:
    chat = {"id": 1001, "type": "private", "first_name": "Author"}
    bot = {"id": 1, "is_bot": True, "first_name": "Desk"}
    message = {"message_id": 7, "date": 1_700_000_000, "chat": chat, "from": bot, "text": "the card"}
    query = {"id": str(number), "from": AUTHOR, "chat_instance": "1", "message": message, "data": data}
    return {"update_id": number, "callback_query": query}


async def the_press(database: Database) -> tuple[Press, Press]:
    """Our press, and what checks that it did something."""
    await migrate(database)
    settings = Settings(_env_file=None)
    desk = build_desk(database, lambda: datetime.now(UTC), Keys("the bench's secret"), settings, Offline())
    bot = build_bot(TOKEN, "http://127.0.0.1:1", Budget(10**6), QuietSession())
    dispatcher = build_dispatcher(desk)
    account = await desk.accounts.arrive(AUTHOR["id"], "Author", None, "en")
    view = await desk.drafts.start(account, IDEA, source_key="bench")

    async def press(number: int) -> None:
        action = "approve" if number % 2 == 0 else "unapprove"
        await dispatcher.feed_raw_update(bot, update(number, f"d:{action}:{view.post.id}:1:"))

    async def state(number: int) -> None:
        found = await desk.drafts.view(account, view.post.id)
        wanted = PostState.APPROVED if number % 2 == 0 else PostState.DRAFT
        assert found.post.state is wanted, f"press {number} left the post {found.post.state}"

    return press, state


def the_echo() -> Press:
    router = Router()

    @router.callback_query()
    async def echo(query: CallbackQuery) -> None:
        await query.answer()
        if isinstance(query.message, Message):
            await query.message.edit_text("the card", reply_markup=None)

    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    bot = Bot(TOKEN, session=QuietSession())

    async def press(number: int) -> None:
        await dispatcher.feed_raw_update(bot, update(number, "echo"))

    return press


class Recorder:
    """The statements that a press sends to SQLite, with their parameters."""

    def __init__(self, database: Database) -> None:
        self.statements: list[tuple[str, Any]] = []
        for engine in (database.engine, database.reader):
            event.listen(engine.sync_engine, "before_cursor_execute", self._record)
        writer = database.engine.sync_engine
        event.listen(writer, "begin", lambda connection: self.statements.append((BEGIN, ())))
        event.listen(writer, "commit", lambda connection: self.statements.append(("COMMIT", ())))

    def _record(self, connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        self.statements.append((statement, parameters))

    async def of(self, press: Press, number: int) -> list[tuple[str, Any]]:
        self.statements.clear()
        await press(number)
        return list(self.statements)


async def the_sql(
    connection: aiosqlite.Connection, approve: list[tuple[str, Any]], unapprove: list[tuple[str, Any]]
) -> Press:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        await connection.execute(f"PRAGMA {pragma}")

    async def press(number: int) -> None:
        for statement, parameters in approve if number % 2 == 0 else unapprove:
            async with connection.execute(statement, parameters) as cursor:
                if cursor.description:
                    await cursor.fetchall()

    return press


async def in_turns(contenders: dict[str, Press], presses: int) -> dict[str, list[float]]:
    """Seconds of each press, the contenders taking turns press by press: as real presses come, with something else
    in between, and all of them as cold."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(2, 2 + presses):
        for name, press in contenders.items():
            started = time.perf_counter()
            await press(number)
            times[name].append(time.perf_counter() - started)
    return times


async def in_streaks(contenders: dict[str, Press], presses: int) -> dict[str, list[float]]:
    """Seconds a press of streaks of a hundred without a pause: the threads of SQLite never fall asleep, which favours
    whoever crosses to them most."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for start in range(2, 2 + presses, STREAK):
        for name, press in contenders.items():
            started = time.perf_counter()
            for number in range(start, start + STREAK):
                await press(number)
            times[name].append((time.perf_counter() - started) / STREAK)
    return times


async def main(presses: int) -> None:
    """Print the medians of the rounds and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/bench.db")
        async with AsyncExitStack() as closing:
            closing.push_async_callback(database.close)
            press, check = await the_press(database)
            recorder = Recorder(database)
            approve, unapprove = await recorder.of(press, 0), await recorder.of(press, 1)
            await check(1)
            with sqlite3.connect(Path(folder) / "bench.db") as source:
                source.execute("VACUUM INTO ?", (f"{folder}/bare.db",))
            bare = await closing.enter_async_context(aiosqlite.connect(Path(folder) / "bare.db", isolation_level=None))
            sql = await the_sql(bare, approve, unapprove)
            gc.collect()
            gc.freeze()  # as the program does once it has started
            contenders = {"press": press, "echo (a)": the_echo(), "sql (b)": sql}
            print(f"statements {len(approve)} in an approval, BEGIN and COMMIT included; target: 1.5 times (a) + (b)")
            report("in turns", await in_turns(contenders, presses))
            report("in streaks", await in_streaks(contenders, presses))
            await check(1)


def report(manner: str, times: dict[str, list[float]]) -> None:
    figures = "   ".join(f"{name} {statistics.median(found) * 1e6:.0f} us" for name, found in times.items())
    ratios = [press / (echo + sql) for press, echo, sql in zip(*times.values(), strict=True)]
    print(f"{manner:11} {figures}   ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--presses", type=int, default=2000)
    asyncio.run(main(parser.parse_args().presses))
