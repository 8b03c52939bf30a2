"""The parts of a process: stopped in order, and all stopped where one fails."""

import asyncio

import pytest

from core.errors import SettingsError
from core.supervisor import RoleError, supervise


class Part:
    """Notes when it stops; `slow` seconds of work are left then; `fails` is raised at once."""

    def __init__(self, name: str, ended: list[str], *, slow: float = 0, fails: BaseException | None = None) -> None:
        self.name, self.ended, self.slow, self.fails = name, ended, slow, fails
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        if self.fails:
            raise self.fails
        await self.stopping.wait()
        await asyncio.sleep(self.slow)
        self.ended.append(self.name)

    def stop(self) -> None:
        self.stopping.set()


@pytest.fixture
def ended() -> list[str]:
    return []


async def test_parts_stop_one_after_another(ended):
    """Who takes work in stops before who carries it out."""
    stopping = asyncio.Event()
    stopping.set()
    await supervise({"bot": Part("bot", ended, slow=0.05), "worker": Part("worker", ended)}, stopping, 5)
    assert ended == ["bot", "worker"]


async def test_a_part_that_fails_stops_the_others(ended):
    """A bot without a worker would say that it delivers, and not do it."""
    fails = ExceptionGroup("group", [SettingsError("X: wrong")])
    parts = {"bot": Part("bot", ended), "worker": Part("worker", ended, fails=fails)}
    with pytest.raises(RoleError, match="worker") as caught:
        await supervise(parts, asyncio.Event(), 5)
    assert isinstance(caught.value.__cause__, SettingsError)
    assert ended == ["bot"]


async def test_a_part_that_just_ends_has_failed_too(ended):
    """Nothing asked it to."""
    part = Part("bot", ended)
    part.stop()
    with pytest.raises(RoleError, match="bot"):
        await supervise({"bot": part}, asyncio.Event(), 5)


async def test_what_does_not_stop_in_time_is_cut_off(ended):
    """The next start goes on with it."""
    stopping = asyncio.Event()
    stopping.set()
    async with asyncio.timeout(2):
        await supervise({"bot": Part("bot", ended, slow=60), "web": Part("web", ended)}, stopping, 0.1)
    assert "bot" not in ended


async def test_a_failure_while_stopping_is_not_lost(ended):
    """It would look like a clean stop."""

    class Breaking(Part):
        async def run(self) -> None:
            await self.stopping.wait()
            raise ValueError

    stopping = asyncio.Event()
    stopping.set()
    with pytest.raises(RoleError, match="worker"):
        await supervise({"worker": Breaking("worker", ended)}, stopping, 5)
