"""Several tasks that have something to write at the same moment."""

import asyncio
from collections.abc import Sequence

import pytest

from core.delivery.together import NotWritten, Together


class Paper:
    """Writes when it is let, and keeps what was written together."""

    def __init__(self) -> None:
        self.written: list[list[str]] = []
        self.may_write = asyncio.Event()

    async def write(self, works: Sequence[str]) -> list[str]:
        await self.may_write.wait()
        if "unwritable" in works:
            raise ValueError
        self.written.append(list(works))
        return [work.upper() for work in works]


async def test_who_comes_during_a_write_is_written_together_by_the_next():
    """Each with the answer to their own."""
    paper, together = Paper(), Together[str, str]()
    tasks = [asyncio.create_task(together.write(work, paper.write)) for work in ("a", "b", "c")]
    await asyncio.sleep(0)
    paper.may_write.set()

    assert await asyncio.gather(*tasks) == ["A", "B", "C"]
    assert paper.written == [["a"], ["b", "c"]]


async def test_what_fails_together_fails_for_each_of_them_and_for_nobody_else():
    """Each may then try alone."""
    paper, together = Paper(), Together[str, str]()
    tasks = [asyncio.create_task(together.write(work, paper.write)) for work in ("a", "b", "unwritable")]
    await asyncio.sleep(0)
    paper.may_write.set()

    first, *others = await asyncio.gather(*tasks, return_exceptions=True)

    assert first == "A"
    assert [type(one) for one in others] == [ValueError, ValueError]
    assert await together.write("b", paper.write) == "B"


async def test_who_is_cancelled_while_waiting_is_not_written():
    """Nobody would call for what was marked for them."""
    paper, together = Paper(), Together[str, str]()
    first, second, third = [asyncio.create_task(together.write(work, paper.write)) for work in ("a", "b", "c")]
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    paper.may_write.set()

    assert await asyncio.gather(first, third) == ["A", "C"]
    assert paper.written == [["a"], ["c"]]


async def test_who_relied_on_a_cancelled_writer_is_told():
    """Nobody knows whether it was written."""
    may_write, together = asyncio.Event(), Together[str, str]()

    async def write(works: Sequence[str]) -> Sequence[str]:
        await (may_write if "a" in works else asyncio.Event()).wait()
        return works

    first, second, third = [asyncio.create_task(together.write(work, write)) for work in ("a", "b", "c")]
    await asyncio.sleep(0)
    may_write.set()
    await first
    await asyncio.sleep(0)
    second.cancel()

    with pytest.raises(NotWritten):
        await third
