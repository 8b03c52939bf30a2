"""The shared send budget, on a clock that sleeping moves."""

import pytest

from core.delivery.budget import Budget, NoBudget


class Time:
    """Seconds that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def budget(time: Time) -> Budget:
    return Budget(25, time, time.sleep)


async def test_paces_from_the_first_call_on(budget: Budget, time: Time):
    """50 calls at 25 a second take their two seconds; no burst goes through at first."""
    for _ in range(51):
        await budget.take()
    assert time.now - 100 == pytest.approx(2)


async def test_an_idle_budget_saves_nothing_up(budget: Budget, time: Time):
    """A minute of silence does not pay for a burst."""
    await budget.take()
    time.now += 60
    began = time.now
    for _ in range(26):
        await budget.take()
    assert time.now - began == pytest.approx(1)


async def test_a_turn_too_far_away_is_refused_and_not_taken(budget: Budget, time: Time):
    """A delivery goes back into the outbox instead of holding its row."""
    budget.pause(30)
    with pytest.raises(NoBudget) as refused:
        await budget.take(patience=10)
    assert refused.value.wait == pytest.approx(30)
    await budget.take()
    assert time.now - 100 == pytest.approx(30)


async def test_a_pause_holds_everybody(budget: Budget, time: Time):
    """Telegram asked the whole bot to wait."""
    budget.pause(5)
    budget.pause(3)
    await budget.take(patience=10)
    assert time.now - 100 == pytest.approx(5)


@pytest.mark.parametrize("seconds", [float("inf"), float("nan")])
async def test_no_pause_is_for_ever(budget: Budget, time: Time, seconds: float):
    """Whatever number came over the network."""
    budget.pause(seconds)
    await budget.take()
    assert time.now - 100 <= 86_400
