"""The parts of one process: run together, stopped in order, and all stopped where one of them fails."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)


class Role(Protocol):
    """A part of the program. `run` returns some time after `stop`; that it ends before is a failure."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...


class RoleError(Exception):
    """A part ended by itself; what it raised is the cause."""


async def supervise(roles: Mapping[str, Role], stopping: asyncio.Event, stop_within: float) -> None:
    """Run until `stopping` is set, then stop the roles one after another in the order given: who takes work in before
    who carries it out. What is not done `stop_within` seconds later is cancelled. Raises `RoleError`."""
    tasks = {name: asyncio.create_task(role.run(), name=name) for name, role in roles.items()}
    waiting = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait((*tasks.values(), waiting), return_when=asyncio.FIRST_COMPLETED)
        failed = [name for name, task in tasks.items() if task.done()]
        deadline = asyncio.get_running_loop().time() + stop_within
        for name, role in roles.items():
            role.stop()
            await _finish(name, tasks[name], deadline)
    finally:
        waiting.cancel()
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    for name in failed or [name for name, task in tasks.items() if not task.cancelled() and task.exception()]:
        raise RoleError(name) from _cause(tasks[name])


async def _finish(name: str, task: asyncio.Task[None], deadline: float) -> None:
    patience = max(0.0, deadline - asyncio.get_running_loop().time())
    done, _ = await asyncio.wait((task,), timeout=patience)
    if not done:
        log.warning("a part did not stop in time and is cut off", part=name)


def _cause(task: asyncio.Task[None]) -> BaseException | None:
    error = None if task.cancelled() else task.exception()
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
