"""A word to many through the real process: followed on its card, killed in the middle, and nobody waits behind it."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from tests.e2e.conftest import Desk, Person, PretendWorld, eventually

pytestmark = pytest.mark.e2e
READERS = 60
TEXT = "Tonight\nWe move to a new machine."


def asked(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What the database says."""
    with closing(sqlite3.connect(f"file:{folder}/postrider.db?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


async def received(world: PretendWorld) -> Counter[int]:
    """How often each chat was sent the announcement itself, without its preview for the admin."""
    calls = await world.ask("calls", method="sendMessage")
    return Counter(int(call["chat_id"]) for call in calls if "We move to a new machine." in call["text"])


async def crowd(world: PretendWorld, desk: Desk) -> list[Person]:
    """Readers who have all started the bot."""
    people = [await world.add_person(f"Reader{number}") for number in range(READERS)]
    for person in people:
        await person.says("/start")

    async def known() -> bool:
        return asked(desk.folder, "SELECT count(*) FROM users") == [(READERS + 1,)]

    await eventually(known, "everybody is known")
    return people


async def test_a_word_to_many_outlives_a_kill_and_nobody_waits_behind_it(world: PretendWorld, desk: Desk):
    """Counted at the receiver: everybody has it once, but where the outcome could not be known. An idea in the middle
    of it is answered at once. The card goes on after the restart, to the end."""
    admin = await world.add_person("Root")
    desk.env |= {
        "ADMIN_TELEGRAM_IDS": str(admin.id), "TELEGRAM_RATE_PER_SECOND": "10", "UNKNOWN_RESEND_AFTER": "1",
    }  # fmt: skip
    await desk.start()
    await admin.says("/start")
    people = await crowd(world, desk)
    await admin.says(f"/broadcast {TEXT}")
    await admin.presses(f"Send to {READERS + 1}")
    await admin.sees(f"Type {READERS + 1}")
    await admin.says(str(READERS + 1))
    card = await admin.sees("Made for")

    async def under_way() -> bool:
        return (await received(world)).total() > READERS / 6

    await eventually(under_way, "it goes out")
    began = monotonic()
    await people[-1].says("We cut our build from ten minutes to one, and nobody noticed how.")
    await people[-1].sees("3,000")
    waited = monotonic() - began
    desk.kill()
    await desk.died()
    sent = (await received(world)).total()
    await desk.start()

    async def done() -> bool:
        return asked(desk.folder, "SELECT status FROM notification_batch_jobs WHERE job_type = 'broadcast'") == [
            ("completed",)
        ]

    await eventually(done, "it comes to its end", patience=60)
    assert sent < READERS
    assert waited < 5
    of_batches = "FROM notification_deliveries WHERE batch_id IS NOT NULL"
    doubts = dict(asked(desk.folder, f"SELECT CAST(recipient AS INTEGER), possible_duplicates {of_batches}"))
    counts = await received(world)
    counts[admin.id] -= 1  # the preview
    assert set(doubts) == {admin.id, *(person.id for person in people)}
    wrong = {chat: count for chat, count in counts.items() if not 1 <= count <= 1 + int(str(doubts[chat]))}
    assert wrong == {}

    async def final() -> bool:
        shown = next(one for one in await admin.messages() if one["message_id"] == card["message_id"])
        return "100 %" in shown["text"] and "done" in shown["text"]

    await eventually(final, "the card shows the end")
    await admin.sees("has gone out", f"{READERS + 1} people")
