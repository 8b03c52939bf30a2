"""`kill -9` at any moment: nothing is lost, and nothing that was known to be sent is sent twice."""

import asyncio
import random
import re
import sqlite3
from collections import Counter
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from tests.e2e.conftest import Desk, Person, PretendWorld, confirm_email, eventually

pytestmark = pytest.mark.e2e
KILLS = 20
PACE = 0.25  # seconds between two ideas
MARK = re.compile(r"mark\d{4}")
SETTLED = ("delivered", "sent")


async def feed(authors: list[Person], said: list[str]) -> None:
    """Ideas without end, each with a mark to find it by; a mark counts from when Telegram has taken the message."""
    for number in count():
        mark = f"mark{number:04d}"
        await authors[number % len(authors)].says(f"Our team learned {mark} today: small steps beat big plans.")
        said.append(mark)
        await asyncio.sleep(PACE)


async def cards(world: PretendWorld) -> Counter[str]:
    """How often each card was taken by Telegram."""
    calls = await world.ask("calls", method="sendMessage")
    return Counter(mark for call in calls if "3,000" in call["text"] for mark in set(MARK.findall(call["text"])))


async def mails(world: PretendWorld) -> Counter[str]:
    """How often each draft was taken by the mail server."""
    return Counter(mark for mail in await world.ask("mails") for mark in set(MARK.findall(mail["text"])))


def deliveries(folder: Path) -> list[tuple[str, str, str, int]]:
    """(mark, channel, status, possible duplicates) of every delivery of a draft, as the database has it."""
    query = """SELECT p.idea, d.delivery_type, d.status, d.possible_duplicates FROM notification_deliveries d
               JOIN notifications n ON n.id = d.notification_id JOIN posts p ON p.id = n.post_id"""
    with closing(sqlite3.connect(f"file:{folder}/postrider.db?mode=ro", uri=True)) as connection:
        return [(MARK.findall(idea)[0], *rest) for idea, *rest in connection.execute(query)]


async def test_twenty_kills_under_load_lose_nothing(world: PretendWorld, desk: Desk):
    """Counted at the receiver: one card and one mail for each idea, but where the outcome could not be known."""
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    desk.env |= {
        "UNKNOWN_RESEND_AFTER": "1", "RETRY_BACKOFF": "1,1,1",
        "DAILY_DRAFT_LIMIT": "100000", "DAILY_MAIL_LIMIT": "100000",
    }  # fmt: skip
    await desk.start()
    authors = [await world.add_person(name) for name in ("Ines", "Noa", "Mika")]
    for author in authors:
        await author.says("/start")
        await confirm_email(world, author, f"author{author.id}@sandbox.test")
    said: list[str] = []
    feeding = asyncio.create_task(feed(authors, said))
    for _ in range(KILLS):
        seen = (await cards(world)).total()

        async def working(seen: int = seen) -> bool:
            return (await cards(world)).total() > seen

        await eventually(working, "cards go out again after a kill")
        await asyncio.sleep(chance.uniform(0, 1))
        desk.kill()
        await desk.died()
        await desk.start()
    feeding.cancel()

    async def settled() -> bool:
        rows = deliveries(desk.folder)
        return len(rows) >= 2 * len(said) and all(status in SETTLED for _, _, status, _ in rows)

    await eventually(settled, f"all {len(said)} ideas settle (seed {seed})", patience=120)
    check(said, deliveries(desk.folder), {"telegram": await cards(world), "email": await mails(world)})


def check(said: list[str], rows: list[tuple[str, str, str, int]], received: dict[str, Counter[str]]) -> None:
    """Every idea has one delivery on each channel; the receiver has it once, or up to once more for each count."""
    assert Counter((mark, channel) for mark, channel, _, _ in rows) == Counter(
        (mark, channel) for mark in said for channel in received
    )
    for mark, channel, _, possible in rows:
        times = received[channel][mark]
        assert times >= 1, f"{mark} was lost on {channel}"
        assert times <= 1 + possible, f"{mark} came {times} times by {channel}, {possible} possible duplicates counted"
