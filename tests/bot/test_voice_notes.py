"""/voice and voice notes in the chat."""

from typing import Any

import pytest
from aiogram.methods import GetFile

from tests.bot.authoring import IDEA, now, post
from tests.bot.conftest import ChatDriver

POST = "We shipped on a Friday and nobody was called."
OTHER_POST = "I was wrong about estimates for nine long years."


def a_file(chat: ChatDriver, content: bytes, name: str = "posts.txt", size: int | None = None) -> dict[str, Any]:
    chat.session.files["f1"] = content
    return {"file_id": "f1", "file_unique_id": "u", "file_name": name, "file_size": size or len(content)}


async def samples(chat: ChatDriver) -> list[str]:
    return [sample.text for sample in await chat.desk.voice.samples(await chat.account())]


async def test_posts_are_pasted_after_the_command(chat: ChatDriver) -> None:
    """Several at once; then the question is closed, and the next text is an idea."""
    await chat.says("/voice")
    assert "no posts of yours yet" in chat.replies[0]
    assert "/cancel" in chat.replies[1]
    await chat.says(f"{POST}\n---\n{OTHER_POST}")
    assert await samples(chat) == [POST, OTHER_POST]
    await chat.says(IDEA)
    assert (await post(chat)).post.idea == IDEA
    assert chat.writer.briefs[0].samples == (POST, OTHER_POST)


async def test_a_post_right_behind_the_command(chat: ChatDriver) -> None:
    """Without being asked first."""
    await chat.says(f"/voice {POST}")
    assert await samples(chat) == [POST]
    await chat.says(IDEA)
    assert (await post(chat)).post.idea == IDEA


async def test_a_text_that_shows_no_voice_keeps_the_question_open(chat: ChatDriver) -> None:
    """It says what would do."""
    await chat.says("/voice")
    await chat.says("too short")
    assert "Post 1 has 9 characters" in chat.replies[0]
    await chat.says(POST)
    assert await samples(chat) == [POST]


async def test_posts_from_a_file(chat: ChatDriver) -> None:
    """Asked for first, or with the command as its caption."""
    await chat.says("/voice")
    await chat.sends(document=a_file(chat, f"{POST}\r\n---\r\n{OTHER_POST}".encode()))
    assert await samples(chat) == [POST, OTHER_POST]
    await chat.sends(document=a_file(chat, f"One more. {POST}".encode(), "more.MD"), caption="/voice")
    assert len(await samples(chat)) == 3


@pytest.mark.parametrize(
    ("name", "content", "size", "answer"),
    [
        ("cv.pdf", b"%PDF", None, ".txt and .md"),
        ("posts.txt", b"x", 256 * 1024 + 1, "256 KB"),
        ("posts.txt", b"x" * (256 * 1024 + 1), 10, "256 KB"),
        ("posts.txt", b"\0\x01", None, "as text"),
        ("posts.txt", b"", None, "no text"),
    ],
)
async def test_a_file_that_won_t_do(chat: ChatDriver, name: str, content: bytes, size: int | None, answer: str) -> None:
    """Each is told why, whatever Telegram said of its size."""
    await chat.says("/voice")
    await chat.sends(document=a_file(chat, content, name, size))
    assert answer in chat.replies[0]
    assert await samples(chat) == []


async def test_samples_are_looked_at_and_deleted(chat: ChatDriver) -> None:
    """One at once; all of them after a question."""
    await chat.says(f"/voice {POST}\n---\n{OTHER_POST}\n---\nOne more. {POST}")
    shown = chat.last
    await chat.presses("2", on=shown)
    assert OTHER_POST in now(chat, shown).text
    await chat.presses("Delete", on=now(chat, shown))
    assert await samples(chat) == [POST, f"One more. {POST}"]
    await chat.presses("Delete all", on=now(chat, shown))
    assert "all 2 posts" in now(chat, shown).text
    await chat.presses("Back", on=now(chat, shown))
    assert len(await samples(chat)) == 2
    await chat.presses("Delete all", on=now(chat, shown))
    await chat.presses("Delete", on=now(chat, shown))
    assert await samples(chat) == []
    await chat.presses_data("y:ask_all:0", message=now(chat, shown).raw)
    assert "no posts of yours yet" in now(chat, shown).text


async def test_more_can_be_added_by_button(chat: ChatDriver) -> None:
    """The button asks as the command does."""
    await chat.says(f"/voice {POST}")
    await chat.presses("Add posts")
    assert "/cancel" in chat.replies[0]
    await chat.says(OTHER_POST)
    assert await samples(chat) == [POST, OTHER_POST]


async def test_a_voice_note_is_an_idea(chat: ChatDriver) -> None:
    """What was heard is shown, and drafted."""
    chat.writer.heard = IDEA
    await chat.sends(voice=a_file(chat, b"OggS") | {"duration": 3})
    assert IDEA in chat.replies[0]
    assert (await post(chat)).post.idea == IDEA


async def test_without_a_model_a_voice_note_is_answered(chat: ChatDriver) -> None:
    """With what is missing, and what to do instead; it is not fetched in vain."""
    await chat.sends(voice=a_file(chat, b"OggS") | {"duration": 3})
    assert "LLM_TRANSCRIBE_MODEL" in chat.replies[0]
    assert not any(isinstance(call, GetFile) for call in chat.session.calls)
    assert chat.writer.briefs == []


@pytest.mark.parametrize("refused", [False, True])
async def test_a_recording_too_large_is_refused(chat: ChatDriver, refused: bool) -> None:
    """By its size, or by Telegram."""
    chat.writer.heard = IDEA
    note = a_file(chat, b"OggS", size=None if refused else 20 * 1024 * 1024 + 1) | {"duration": 3}
    if refused:
        chat.session.refuse["getFile"] = "Bad Request: file is too big"
    await chat.sends(voice=note)
    assert "20 MB" in chat.replies[0]
    assert chat.writer.briefs == []
