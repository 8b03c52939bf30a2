"""Dialogues live in the database: a restart keeps them."""

from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import StorageKey
from sqlalchemy import func, select

from bot.dialogues import Dialogues, dialogue_key
from storage.tables import dialogues

KEY = StorageKey(bot_id=1, chat_id=7, user_id=7)
OTHER = StorageKey(bot_id=1, chat_id=8, user_id=8)


class Question(StatesGroup):
    asked = State()


async def test_states_and_notes_outlive_the_process(any_database, clock):
    """Another storage over the same database knows them."""
    before = Dialogues(any_database, clock)
    await before.set_state(KEY, Question.asked)
    await before.update_data(KEY, {"post_id": 42})
    after = Dialogues(any_database, clock)
    assert await after.get_state(KEY) == "Question:asked"
    assert await after.get_data(KEY) == {"post_id": 42}
    assert await after.get_value(KEY, "post_id") == 42


async def test_state_and_notes_are_changed_apart(any_database, clock):
    """aiogram writes the one and expects the other to stay."""
    storage = Dialogues(any_database, clock)
    await storage.set_data(KEY, {"a": 1})
    await storage.set_state(KEY, "asked")
    await storage.set_data(KEY, {"b": 2})
    assert (await storage.get_state(KEY), await storage.get_data(KEY)) == ("asked", {"b": 2})
    await storage.set_state(KEY, None)
    assert (await storage.get_state(KEY), await storage.get_data(KEY)) == (None, {"b": 2})


async def test_an_ended_dialogue_leaves_no_row(any_database, clock):
    """Nothing about anybody is kept without a reason."""
    storage = Dialogues(any_database, clock)
    await storage.set_state(KEY, "asked")
    await storage.set_data(KEY, {"a": 1})
    await storage.set_state(KEY, None)
    await storage.set_data(KEY, {})
    async with any_database.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(dialogues)) == 0
        await connection.rollback()


async def test_everybody_has_a_dialogue_of_their_own(any_database, clock):
    """Keys name the chat and the person."""
    storage = Dialogues(any_database, clock)
    await storage.set_state(KEY, "asked")
    assert await storage.get_state(OTHER) is None
    assert dialogue_key(7) == "7:7"
    async with any_database.read() as uow:
        assert await uow.dialogues.get(dialogue_key(7)) == ("asked", {})
