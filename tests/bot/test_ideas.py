"""Ideas in the chat: by message and by /new; what happens when the writer fails; replays."""

import pytest

from core.model import PostState
from core.posts.writing import OnRetry, WriterError, WriterErrorKind, Written
from core.settings import DailySettings, Settings
from tests.bot.authoring import IDEA, now, post
from tests.bot.conftest import ADMIN, AUTHOR, ChatDriver
from tests.unit.outbox import queued


async def test_a_message_is_an_idea(chat: ChatDriver) -> None:
    """The bot shows that it is typing, and the card is left to the outbox."""
    await chat.says(IDEA)
    assert (await post(chat)).post.idea == IDEA
    assert chat.calls == ["sendChatAction"]
    assert [key for key, _content in await queued(chat.database)] == ["post:1:v1:telegram"]


async def test_new_with_text_drafts_it(chat: ChatDriver) -> None:
    """The command isn't part of the idea."""
    await chat.says(f"/new {IDEA}")
    assert (await post(chat)).post.idea == IDEA


async def test_new_alone_asks_for_the_idea(chat: ChatDriver) -> None:
    """The next message is it, and the question is closed."""
    await chat.says("/new")
    assert "Example:" in chat.replies[0]
    await chat.says(IDEA)
    assert (await post(chat)).post.idea == IDEA
    async with chat.database.read() as uow:
        assert await uow.dialogues.get(f"{AUTHOR['id']}:{AUTHOR['id']}") == (None, {})


async def test_a_new_idea_leaves_another_question(chat: ChatDriver) -> None:
    """/new with text is no answer to /new alone."""
    await chat.says("/new")
    await chat.says(f"/new {IDEA}")
    await chat.says("A second idea for a post")
    assert [(await post(chat, number)).post.idea for number in (1, 2)] == [IDEA, "A second idea for a post"]


async def test_an_idea_too_short_gets_an_example(chat: ChatDriver) -> None:
    """And stays the answer to the question."""
    await chat.says("ok")
    assert "too short" in chat.replies[0]
    assert "Example: " in chat.replies[0]


async def test_a_replayed_idea_makes_one_post_and_one_card(chat: ChatDriver) -> None:
    """As after a crash."""
    for _time in range(2):
        await chat.feed(update_id=77, message=chat.message(text=IDEA))
    assert [key for key, _content in await queued(chat.database)] == ["post:1:v1:telegram"]
    assert len(chat.writer.briefs) == 1


async def test_a_second_try_is_visible(chat: ChatDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message tells of it, and goes when the draft is there."""

    async def slowly(brief: object, on_retry: OnRetry | None = None) -> Written:
        assert on_retry
        await on_retry()
        await on_retry()
        return Written("A text", "fake")

    monkeypatch.setattr(chat.writer, "write", slowly)
    await chat.says(IDEA)
    assert [reply for reply in chat.replies if "trying once more" in reply] == chat.replies
    assert len(chat.replies) == 1
    assert chat.calls[-1] == "deleteMessage"
    assert chat.session.messages == {}


@pytest.mark.parametrize(
    ("kind", "words"), [(WriterErrorKind.BAD_KEY, "LLM_API_KEY"), (WriterErrorKind.QUOTA, "quota is used up")]
)
async def test_a_failing_writer_leaves_the_idea_and_a_button(
    chat: ChatDriver, kind: WriterErrorKind, words: str
) -> None:
    """Trying again turns that message into the card."""
    chat.writer.fails = WriterError(kind)
    await chat.says(IDEA)
    shown = chat.last
    assert words in shown.text
    assert IDEA in shown.text
    await chat.presses("Try again")
    assert "Approve" in "".join(now(chat, shown).buttons)
    assert (await post(chat)).post.state is PostState.DRAFT
    assert [key for key, _content in await queued(chat.database)] == [], "the card is here already"


async def test_failing_again_keeps_the_button(chat: ChatDriver) -> None:
    """And the idea can be deleted, and brought back."""
    chat.writer.fails = WriterError(WriterErrorKind.TIMEOUT)
    await chat.says(IDEA)
    chat.writer.fails = WriterError(WriterErrorKind.UNAVAILABLE)
    await chat.presses("Try again")
    assert "can't be reached" in chat.last.text
    await chat.presses("Delete")
    assert (await post(chat)).post.state is PostState.DELETED
    await chat.presses("Undo")
    await chat.presses("Try again")
    assert (await post(chat)).post.state is PostState.DRAFT


async def test_a_defect_leaves_the_idea_too(chat: ChatDriver) -> None:
    """The person reads an apology, and the idea can be written later."""
    chat.writer.fails = RuntimeError("a defect")
    await chat.says(IDEA)
    assert "went wrong" in chat.replies[-1]
    assert (await post(chat)).post.state is PostState.WRITING


class TestLimit:
    """With one draft a day."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings.model_construct(admin_telegram_ids=[ADMIN["id"]], daily=DailySettings(draft_limit=1))

    async def test_the_answer_says_when_there_is_more(self, chat: ChatDriver) -> None:
        """In the user's own time."""
        await chat.says(IDEA)
        await chat.says("A second idea for a post")
        assert "used up: 1 a day" in chat.replies[0]
        assert "00:00" in chat.replies[0]
