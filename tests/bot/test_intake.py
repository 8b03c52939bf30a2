"""Updates are kept before they are acknowledged, handled in order, and handled again after a crash."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.intake import LEASE, MAX_TRIES, RETRY_AFTER, Intake
from core.errors import DatabaseAway
from core.updates import incoming
from storage.database import Database
from storage.tables import telegram_updates
from tests.conftest import NOW, SteppedClock


def an_update(update_id: int, chat_id: int = 1, text: str = "an idea") -> dict[str, Any]:
    return {"update_id": update_id, "message": {"chat": {"id": chat_id, "type": "private"}, "text": text}}


class Hands:
    """Handlers that note what they saw; `block` holds them, `failures` says how often each id raises first."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.given_up: list[int] = []
        self.running = 0
        self.most = 0
        self.block: asyncio.Event | None = None
        self.failures: dict[int, int] = {}

    async def handle(self, payload: Mapping[str, Any]) -> None:
        self.seen.append(payload["update_id"])
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if self.block:
                await self.block.wait()
            await asyncio.sleep(0)
            if self.failures.get(payload["update_id"], 0) > 0:
                self.failures[payload["update_id"]] -= 1
                raise ConnectionError
        finally:
            self.running -= 1

    async def give_up(self, payload: Mapping[str, Any]) -> None:
        self.given_up.append(payload["update_id"])


@pytest.fixture
def hands() -> Hands:
    return Hands()


def an_intake(database: Database, clock: SteppedClock, hands: Hands, *, alone: bool = True) -> Intake:
    return Intake(database, clock, hands.handle, hands.give_up, alone=alone, look_every=0.01, settle=0.05)


class Running:
    """An intake at work; leaving the block stops it, `crash` ends it as a power cut would."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake

    async def __aenter__(self) -> "Running":
        self.task = asyncio.create_task(self.intake.run())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *error: object) -> None:
        self.intake.stop()
        if not self.task.done():
            await self.task


async def crash(database: Database, clock: SteppedClock, hands: Hands, *updates: dict[str, Any]) -> None:
    """Store updates and begin them as a process does that dies before it can mark any: nothing is let go."""
    owner = f"dead {id(hands)}"
    async with database.begin() as uow:
        await uow.updates.add([incoming(u) for u in updates], clock(), owner=owner, until=clock() + LEASE)


async def rows(database: Database) -> dict[int, Any]:
    async with database.engine.connect() as connection:
        found = (await connection.execute(select(telegram_updates))).all()
        await connection.rollback()
    return {row.update_id: row for row in found}


async def until(check: Callable[[], Any], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not check():  # noqa: ASYNC110 - the conditions are rows and lists
            await asyncio.sleep(0.005)


async def all_handled(database: Database) -> bool:
    return all(row.handled_at for row in (await rows(database)).values())


async def test_an_update_is_committed_before_store_returns(database, clock, hands):
    """Telegram is told that it arrived right after: from there on it is ours to keep."""
    hands.block = asyncio.Event()
    intake = an_intake(database, clock, hands)
    await intake.store([an_update(1)])
    row = (await rows(database))[1]
    assert row.payload["message"]["text"] == "an idea"
    assert row.handled_at is None


async def test_what_was_handled_is_marked_and_its_text_erased(database, clock, hands):
    """People's words don't lie around in the table of updates."""
    async with Running(an_intake(database, clock, hands)) as running:
        await running.intake.store([an_update(1), an_update(2)])
        await until(lambda: len(hands.seen) == 2)
        await until(lambda: not running.intake.in_hand)
    for row in (await rows(database)).values():
        assert row.handled_at == NOW
        assert (row.payload, row.chat_key, row.leased_by) == (None, None, None)


async def test_the_same_update_twice_is_handled_once(database, clock, hands):
    """Telegram repeats what it does not know to have arrived."""
    async with Running(an_intake(database, clock, hands)) as running:
        await running.intake.store([an_update(1)])
        await running.intake.store([an_update(1), an_update(2)])
        await until(lambda: not running.intake.in_hand)
    assert hands.seen == [1, 2]


async def test_a_chat_is_served_in_order_and_chats_side_by_side(database, clock, hands):
    """A slow draft for one person holds up nobody else."""
    hands.block = asyncio.Event()
    async with Running(an_intake(database, clock, hands)) as running:
        await running.intake.store([an_update(1, 7), an_update(2, 7), an_update(3, 8)])
        await until(lambda: hands.seen == [1, 3])
        hands.block.set()
        await until(lambda: not running.intake.in_hand)
    assert hands.seen == [1, 3, 2]
    assert hands.most == 2


async def test_after_a_crash_the_next_start_handles_what_was_left(database, clock, hands):
    """Alone on the machine, it need not wait for the dead process's lease to end."""
    await crash(database, clock, hands, an_update(1), an_update(2))
    async with Running(an_intake(database, clock, hands)) as running:
        await until(lambda: len(hands.seen) == 2)
        await until(lambda: not running.intake.in_hand)
    assert hands.seen == [1, 2]
    assert await all_handled(database)


async def test_beside_others_a_lease_is_waited_for(database, clock, hands):
    """The other process may be alive and at work on it."""
    await crash(database, clock, hands, an_update(1))
    async with Running(an_intake(database, clock, hands, alone=False)) as running:
        await asyncio.sleep(0.1)
        assert hands.seen == []
        clock.now += LEASE + timedelta(seconds=1)
        await until(lambda: hands.seen == [1])
        await until(lambda: not running.intake.in_hand)


async def test_an_update_that_brings_the_process_down_again_and_again_is_given_up(database, clock, hands):
    """Else it would do so for ever. The first deaths may be another's doing, three alone are not."""
    await crash(database, clock, hands, an_update(1))
    for number in range(2, MAX_TRIES + 1):
        async with database.begin() as uow:
            owner = f"dead {number}"
            await uow.updates.claim(owner, clock(), clock() + LEASE, 10, leased=True)
            assert await uow.updates.begin(1, owner)
    async with Running(an_intake(database, clock, hands)) as running:
        await until(lambda: hands.given_up == [1])
        await until(lambda: not running.intake.in_hand)
    assert hands.seen == []
    assert await all_handled(database)


async def test_suspects_are_handled_one_at_a_time(database, clock, hands):
    """Whichever brings the process down, the others are not counted with it."""
    updates = [an_update(number, chat_id=number) for number in range(1, 5)]
    await crash(database, clock, hands, *updates)
    async with database.begin() as uow:
        await uow.updates.claim("dead again", clock(), clock() + LEASE, 10, leased=True)
        for update in updates:
            await uow.updates.begin(update["update_id"], "dead again")
    hands.block = asyncio.Event()
    async with Running(an_intake(database, clock, hands)) as running:
        await until(lambda: hands.running == 1)
        await asyncio.sleep(0.05)
        assert sorted(row.tries for row in (await rows(database)).values()) == [2, 2, 2, 3]
        hands.block.set()
        await until(lambda: not running.intake.in_hand)
    assert hands.most == 1
    assert sorted(hands.seen) == [1, 2, 3, 4]


async def test_nothing_suspect_is_handled_by_a_process_that_has_just_begun(database, clock, hands):
    """Killed young, it would prove nothing against the update."""
    await crash(database, clock, hands, an_update(1), an_update(2, chat_id=2))
    async with database.begin() as uow:
        await uow.updates.claim("dead again", clock(), clock() + LEASE, 10, leased=True)
        await uow.updates.begin(1, "dead again")
    intake = Intake(database, clock, hands.handle, hands.give_up, look_every=0.01, settle=0.3)
    async with Running(intake):
        await until(lambda: hands.seen == [2])
        await asyncio.sleep(0.1)
        assert hands.seen == [2]
        await until(lambda: hands.seen == [2, 1])
        await until(lambda: not intake.in_hand)


async def test_a_handler_that_can_not_answer_is_tried_again_later(database, clock, hands):
    """The network was away: the person still waits for an answer."""
    hands.failures = {1: 1}
    async with Running(an_intake(database, clock, hands)) as running:
        await running.intake.store([an_update(1)])
        await until(lambda: hands.seen == [1] and not running.intake.in_hand)
        clock.now += RETRY_AFTER
        await until(lambda: len(hands.seen) == 2)
        await until(lambda: not running.intake.in_hand)
    assert await all_handled(database)


async def test_stopping_waits_for_handlers_and_lets_go_of_the_rest(database, clock, hands):
    """What has begun finishes; what has not is the next start's, and counts as never tried."""
    hands.block = asyncio.Event()
    async with Running(an_intake(database, clock, hands)) as running:
        await running.intake.store([an_update(1, 7), an_update(2, 7)])
        await until(lambda: hands.running == 1)
        running.intake.stop()
        await asyncio.sleep(0.02)
        hands.block.set()
    stored = await rows(database)
    assert stored[1].handled_at
    assert (stored[2].handled_at, stored[2].leased_by, stored[2].tries) == (None, None, 0)
    assert hands.seen == [1]


async def test_what_the_web_server_stored_is_claimed(database, clock, hands):
    """A webhook's updates come through the table, in another process or in this one."""
    async with database.begin() as uow:
        await uow.updates.add([incoming(an_update(1))], clock())
    async with Running(an_intake(database, clock, hands, alone=False)) as running:
        running.intake.wake()
        await until(lambda: hands.seen == [1])
        await until(lambda: not running.intake.in_hand)
    assert (await rows(database))[1].tries == 1


async def test_a_chat_stays_with_the_process_that_has_its_earlier_update(any_database, clock):
    """Two processes never handle one chat's updates out of order."""
    async with any_database.begin() as uow:
        await uow.updates.add(
            [incoming(an_update(1, 7)), incoming(an_update(2, 7)), incoming(an_update(3, 8))], clock()
        )
    lease = clock() + LEASE
    async with any_database.begin() as uow:
        assert [one.update_id for one in await uow.updates.claim("a", clock(), lease, 1)] == [1]
    async with any_database.begin() as uow:
        assert [one.update_id for one in await uow.updates.claim("b", clock(), lease, 10)] == [3]
    async with any_database.begin() as uow:
        assert [one.update_id for one in await uow.updates.claim("a", clock(), lease, 10)] == [2]


async def test_heartbeats_keep_what_is_in_hand(any_database, clock):
    """A long draft is not begun a second time elsewhere."""
    async with any_database.begin() as uow:
        await uow.updates.add([incoming(an_update(1))], clock(), owner="a", until=clock() + LEASE)
        await uow.updates.beat([1], "a", clock() + 2 * LEASE)
    later = clock() + LEASE + timedelta(seconds=1)
    async with any_database.begin() as uow:
        assert await uow.updates.claim("b", later, later + LEASE, 10) == []
        assert await uow.updates.begin(1, "b") is False


async def test_old_marks_are_purged_and_unhandled_updates_never(any_database, clock):
    """A week is long enough to know an update again."""
    async with any_database.begin() as uow:
        await uow.updates.add([incoming(an_update(1)), incoming(an_update(2))], clock())
        await uow.updates.finish([1], clock())
        assert await uow.updates.purge(clock() + timedelta(seconds=1)) == 1
        assert await uow.updates.waiting() == 1


async def test_what_fails_while_the_database_is_away_is_tried_again_when_it_is_back(
    database, clock, hands, monkeypatch
):
    """It could not be put back then, and nobody else may claim what this process holds."""
    intake = an_intake(database, clock, hands)
    hands.failures = {1: 1}
    begin, troubles = database.begin, [DatabaseAway()]

    def away_once():
        if hands.seen and troubles:
            raise troubles.pop()
        return begin()

    async with Running(intake):
        await intake.store([an_update(1)])
        monkeypatch.setattr(database, "begin", away_once)
        await until(lambda: not troubles and not intake.in_hand)
        clock.now += RETRY_AFTER
        await until(lambda: hands.seen == [1, 1] and not intake.in_hand)
    assert await all_handled(database)


@pytest.mark.parametrize("text", ["nul \x00 inside", "half \ud83d a pair"])
async def test_texts_that_postgres_refuses_are_kept_without_what_it_refuses(any_database, clock, text):
    """One such message would stop the polling for good."""
    async with any_database.begin() as uow:
        await uow.updates.add([incoming(an_update(1, text=text))], clock())
    async with any_database.begin() as uow:
        (kept,) = await uow.updates.claim("a", clock(), clock() + LEASE, 10)
    assert kept.payload["message"]["text"].startswith(text[:3])


@pytest.mark.parametrize("junk", [None, [], "x", {}, {"update_id": "1"}, {"update_id": True}, {"update_id": 2**70}])
def test_what_is_no_update_is_refused(junk):
    """The webhook answers 400 to it."""
    with pytest.raises(ValueError, match="update"):
        incoming(junk)


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        ({"update_id": 1, "message": {"chat": {"id": 7}, "from": {"id": 8}}}, 7),
        ({"update_id": 1, "callback_query": {"from": {"id": 8}, "message": {"chat": {"id": 7}}}}, 7),
        ({"update_id": 1, "inline_query": {"from": {"id": 8}}}, 8),
        ({"update_id": 1, "poll": {"id": "p"}}, 1),
    ],
)
def test_updates_belong_to_their_chat_else_to_their_person(payload, key):
    """What has neither stands alone."""
    assert incoming(payload).chat_key == key
