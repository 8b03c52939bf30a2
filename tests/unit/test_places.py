"""Places for calls: half are never a broadcast's, and who waits is not overtaken."""

import asyncio

from core.delivery.places import Places


def test_no_more_are_taken_than_there_are():
    """What is given back can be taken again."""
    places = Places(3)
    assert [places.take(2), places.take(2), places.take(1)] == [2, 1, 0]
    places.give_back(2)
    assert places.take(5) == 2


def test_half_of_them_are_never_a_broadcasts():
    """Whoever looks at the chat finds one free."""
    places = Places(4)
    assert places.take(4, for_batch=True) == 2
    assert places.take(1) == 1


def test_a_call_that_goes_on_keeps_its_place_though_there_are_too_few():
    """It is not put off for the next one; the next ones wait until as many are back."""
    places = Places(1)
    places.give_back(-2)
    assert places.take(1) == 0
    places.give_back(2)
    assert places.take(1) == 1


async def test_who_waits_is_not_overtaken():
    """A long batch would take each place as it becomes free."""
    places = Places(1)
    places.take(1)
    waiting = asyncio.create_task(places.freed())
    await asyncio.sleep(0)
    places.give_back(1)
    assert places.take(1) == 0
    await waiting
    assert places.take(1) == 1
