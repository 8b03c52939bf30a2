"""Writing together what several tasks have to write at the same moment: one transaction for all of them costs little
more than for one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Work = TypeVar("Work")
Answer = TypeVar("Answer")


class NotWritten(Exception):
    """Whoever wrote for several was stopped: nobody knows whether it was written."""


@dataclass(slots=True, eq=False)
class _Entry(Generic[Work, Answer]):
    """What somebody waits for."""

    work: Work
    answer: Answer | None = None
    error: Exception | None = None


class Together(Generic[Work, Answer]):
    """One writes at a time, for all who have come since the last."""

    def __init__(self) -> None:
        self._waiting: list[_Entry[Work, Answer]] = []
        self._lock = asyncio.Lock()

    async def write(self, work: Work, write_all: Callable[[Sequence[Work]], Awaitable[Sequence[Answer]]]) -> Answer:
        """The answer to one's own work, written with that of others by one call of `write_all`, whose answers come in
        the order of the works. Raises what it raises, for all of them. Who is cancelled before that takes nothing
        along: their work is not written."""
        entry = _Entry[Work, Answer](work)
        self._waiting.append(entry)
        try:
            async with self._lock:
                if entry in self._waiting:
                    await self._write(write_all)
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)
        if entry.error is not None:
            raise entry.error
        assert entry.answer is not None
        return entry.answer

    async def _write(self, write_all: Callable[[Sequence[Work]], Awaitable[Sequence[Answer]]]) -> None:
        """Everything that waits."""
        entries, self._waiting = self._waiting, []
        for entry in entries:
            entry.error = NotWritten()
        try:
            answers = await write_all([entry.work for entry in entries])
        except Exception as error:
            for entry in entries:
                entry.error = error
            return
        for entry, answer in zip(entries, answers, strict=True):
            entry.answer, entry.error = answer, None
