"""aiogram's FSM storage over our database: a dialogue outlives a restart."""

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from core.ports import Clock, Database


def dialogue_key(telegram_id: int) -> str:
    """The key of a person's private chat: the chat has the person's id."""
    return f"{telegram_id}:{telegram_id}"


class Dialogues(BaseStorage):
    """States and data in `dialogues`. Handlers of one chat run one after another, so that reading and then writing
    is safe."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        await self._write(key, state=state.state if isinstance(state, State) else state)

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._read(key))[0]

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await self._write(key, data=dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return (await self._read(key))[1]

    async def close(self) -> None:
        """The database is closed by whoever opened it."""

    async def _read(self, key: StorageKey) -> tuple[str | None, dict[str, Any]]:
        async with self._database.read() as uow:
            return await uow.dialogues.get(_key(key))

    async def _write(self, key: StorageKey, **changes: Any) -> None:
        async with self._database.begin() as uow:
            if any(changes.values()):
                await uow.dialogues.put(_key(key), self._clock(), **changes)
            else:
                await uow.dialogues.clear(_key(key), self._clock(), *changes)


def _key(key: StorageKey) -> str:
    return f"{key.chat_id}:{key.user_id}"
