"""Samples of the author's voice, and voice notes."""

import pytest

from core.errors import AppError, NotFound
from core.model import Account
from core.posts.voice import MAX_SAMPLES, Voice, decode_file, split_samples
from core.posts.writing import WriterError, WriterErrorKind
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import SteppedClock
from tests.writers import ScriptedWriter

POST = "We shipped on a Friday and nobody was called."
OTHER = "I was wrong about estimates for nine long years."


@pytest.fixture
def writer() -> ScriptedWriter:
    return ScriptedWriter()


@pytest.fixture
def voice(database: Database, clock: SteppedClock, writer: ScriptedWriter) -> Voice:
    return Voice(database, clock, writer)


@pytest.fixture
async def author(database: Database) -> Account:
    return await saved(database, an_account())


def test_a_line_of_dashes_parts_two_posts() -> None:
    """Blank parts and repetitions are left out."""
    assert split_samples(f"{POST}\n---\n\n {OTHER}\n -----  \n---\n{POST}") == [POST, OTHER]
    assert split_samples(f"{POST} --- still the same post") == [f"{POST} --- still the same post"]


@pytest.mark.parametrize("text", ["", "---\n---", "too short", f"{POST}\n---\nshort", "x" * 3_001])
def test_what_shows_no_voice_is_refused(text: str) -> None:
    """With the number of the post that is wrong."""
    with pytest.raises(AppError, match=r"no text|Post \d has \d+ characters"):
        split_samples(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_of_the_usual_editors_are_read(encoding: str) -> None:
    """Whatever saved them."""
    assert decode_file("Un éxito – por fin".encode(encoding)) == "Un éxito – por fin"


def test_what_isn_t_text_is_refused() -> None:
    """A renamed picture, say."""
    with pytest.raises(AppError, match="as text"):
        decode_file(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")


async def test_samples_are_learned_once(voice: Voice, author: Account) -> None:
    """A replayed message adds nothing."""
    await voice.learn(author, POST)
    samples = await voice.learn(author, f"{POST}\n---\n{OTHER}")
    assert [sample.text for sample in samples] == [POST, OTHER]
    assert await voice.samples(author) == samples
    assert (await voice.sample(author, samples[1].id)).text == OTHER


async def test_ten_samples_are_kept_and_no_more(voice: Voice, author: Account) -> None:
    """All of a message or none of it."""
    await voice.learn(author, "\n---\n".join(f"{number} {POST}" for number in range(MAX_SAMPLES - 1)))
    with pytest.raises(AppError, match="up to 10 posts and have 9; 2 more"):
        await voice.learn(author, f"{POST}\n---\n{OTHER}")
    assert len(await voice.samples(author)) == MAX_SAMPLES - 1
    assert len(await voice.learn(author, OTHER)) == MAX_SAMPLES


async def test_samples_are_forgotten(voice: Voice, author: Account, database: Database) -> None:
    """One or all; twice is no error; nobody else's."""
    other = await saved(database, an_account(telegram_id=2, public_id="other", email=None))
    first, second = await voice.learn(author, f"{POST}\n---\n{OTHER}")
    await voice.forget(other, first.id)
    await voice.forget(other)
    assert await voice.samples(author) == [first, second]
    for _press in range(2):
        assert await voice.forget(author, first.id) == [second]
    with pytest.raises(NotFound):
        await voice.sample(author, first.id)
    assert await voice.forget(author) == []


async def test_a_voice_note_is_written_down(voice: Voice, author: Account, writer: ScriptedWriter) -> None:
    """Where the writer can listen."""
    writer.heard = " An idea \n"
    assert await voice.transcribe(author, b"ogg", "note.ogg") == "An idea"


@pytest.mark.parametrize(("heard", "answer"), [(None, "needs a transcription model"), ("  ", "heard no words")])
async def test_a_note_that_can_t_be_written_down_is_answered(
    voice: Voice, author: Account, writer: ScriptedWriter, heard: str | None, answer: str
) -> None:
    """With what to do instead."""
    writer.heard = heard
    with pytest.raises(AppError, match=answer):
        await voice.transcribe(author, b"ogg", "note.ogg")


async def test_a_failing_model_is_told_apart(
    voice: Voice, author: Account, writer: ScriptedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is wrong for writing is wrong for listening."""

    async def refuse(audio: bytes, filename: str, language: str) -> str:
        raise WriterError(WriterErrorKind.BAD_KEY)

    writer.heard = "words"
    monkeypatch.setattr(writer, "transcribe", refuse)
    with pytest.raises(AppError, match="LLM_API_KEY"):
        await voice.transcribe(author, b"ogg", "note.ogg")
