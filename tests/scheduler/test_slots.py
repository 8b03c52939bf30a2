"""Places for deliveries in flight."""

import asyncio

import pytest

from scheduler.slots import Slots


async def is_waiting(task: asyncio.Task[None]) -> bool:
    await asyncio.sleep(0)
    return not task.done()


async def test_a_batch_waits_until_all_of_it_has_a_place():
    """Half a batch in flight would be two batches."""
    slots = Slots(5)
    await slots.take(3)
    second = asyncio.create_task(slots.take(3))
    assert await is_waiting(second)
    slots.give_back(3)
    await asyncio.wait_for(second, 1)


async def test_a_batch_larger_than_all_places_takes_every_one():
    """Else it would wait for ever."""
    slots = Slots(2)
    await asyncio.wait_for(slots.take(10), 1)
    second = asyncio.create_task(slots.take(1))
    assert await is_waiting(second)
    slots.give_back(10)
    await asyncio.wait_for(second, 1)


async def test_first_come_first_served():
    """A large batch is not passed by small ones until it starves."""
    slots = Slots(3)
    await slots.take(2)
    large = asyncio.create_task(slots.take(3))
    assert await is_waiting(large)
    small = asyncio.create_task(slots.take(1))
    assert await is_waiting(small)
    slots.give_back(2)
    await asyncio.wait_for(large, 1)
    assert await is_waiting(small)
    slots.give_back(3)
    await asyncio.wait_for(small, 1)


@pytest.mark.parametrize("served_first", [False, True])
async def test_who_stops_waiting_takes_nothing(served_first: bool):
    """Also where its turn came in the same moment."""
    slots = Slots(1)
    await slots.take(1)
    waiting = asyncio.create_task(slots.take(1))
    assert await is_waiting(waiting)
    if served_first:
        slots.give_back(1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    if not served_first:
        slots.give_back(1)
    await asyncio.wait_for(slots.take(1), 1)
