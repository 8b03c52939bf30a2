"""Turns of a provider's rate limits: kept in one process, shared through Redis, and without it where it is away."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from core.model import Channel
from core.routing.counting import ALONE_FOR, redis_storage
from core.routing.limiter import Limiter
from core.routing.terms import RateLimits, Terms
from tests.conftest import skip_or_fail

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/8")
NOBODY = "redis://127.0.0.1:1/0"


def limited(name: str = "twilio", **limits: int) -> Terms:
    return Terms(name, Channel.SMS, limits=RateLimits(**limits))


def now() -> datetime:
    return datetime.now(UTC)  # the library asks the real clock


async def taken(limiter: Limiter, one: Terms, times: int) -> int:
    """How many turns of so many were given."""
    return [await limiter.take(one, now()) for _ in range(times)].count(None)


async def test_so_many_calls_a_minute_and_no_more():
    """And it is known when there is a turn again."""
    limiter, one = Limiter(), limited(minute=5)
    assert await taken(limiter, one, 9) == 5
    until = limiter.used_up[Channel.SMS, "twilio"]
    assert timedelta(seconds=50) < until - now() <= timedelta(seconds=60)
    assert await limiter.take(one, now()) == until


async def test_each_of_the_limits_holds():
    """The hour's is used up before the minute's."""
    limiter, one = Limiter(), limited(minute=5, hour=3, day=100)
    assert await taken(limiter, one, 5) == 3
    assert limiter.used_up[Channel.SMS, "twilio"] - now() > timedelta(minutes=55)


async def test_a_provider_without_limits_costs_nothing():
    """Nothing is counted, nothing is remembered."""
    limiter = Limiter()
    assert await taken(limiter, limited(), 1000) == 1000
    assert (limiter.used_up, limiter.left) == ({}, {})


async def test_what_is_left_is_known_and_counted_down():
    """It is one of the figures that a route tells."""
    limiter, one, other = Limiter(), limited(minute=10, hour=4), limited("vonage", minute=2)
    await limiter.look([one, other], now())
    assert await taken(limiter, one, 1) == 1
    assert limiter.left == {(Channel.SMS, "twilio"): 3, (Channel.SMS, "vonage"): 2}


async def test_a_limit_that_was_lifted_holds_nobody_up():
    """An admin raised it while the provider waited."""
    limiter = Limiter()
    assert await taken(limiter, limited(minute=1), 2) == 1
    await limiter.look([limited()], now())
    assert (limiter.used_up, limiter.left) == ({}, {})


@pytest.fixture
async def machines() -> tuple[list[Limiter], str]:
    """Two machines that share a Redis, and a provider of which nobody else knows."""
    try:
        await redis_storage(REDIS).check()
    except Exception:
        skip_or_fail("Redis is not reachable at TEST_REDIS_URL")
    return [Limiter(REDIS) for _ in range(2)], f"twilio-{uuid4().hex}"


async def test_two_machines_share_a_limit_through_redis(machines: tuple[list[Limiter], str]):
    """However they take turns; the one that took none sees what is left."""
    limiters, name = machines
    one = limited(name, minute=7, day=100)
    taking = (limiter.take(one, now()) for limiter in limiters * 6)
    assert (await asyncio.gather(*taking)).count(None) == 7
    third = Limiter(REDIS)
    await third.look([one], now())
    assert third.left == {(Channel.SMS, name): 0}
    assert (Channel.SMS, name) in third.used_up


async def test_without_redis_a_machine_counts_for_itself_and_says_so_once():
    """A delivery must not wait for the counting of deliveries."""
    limiter, one = Limiter(NOBODY), limited(minute=3)
    with capture_logs() as logs:
        assert await taken(limiter, one, 5) == 3
    assert [entry["event"] for entry in logs] == ["limits.redis_away"]


async def test_redis_is_asked_again_after_a_while(machines: tuple[list[Limiter], str]):
    """And the shared counts hold again."""
    (limiter, other), name = machines
    one, back = limited(name, minute=2), limiter.counts.shared
    limiter.counts.shared = redis_storage(NOBODY)
    assert await taken(limiter, one, 2) == 2
    limiter.counts.shared = back
    assert await taken(other, one, 2) == 2
    assert await limiter.take(one, now() + ALONE_FOR + timedelta(seconds=1)) is not None
    assert limiter.left[Channel.SMS, name] == 0
