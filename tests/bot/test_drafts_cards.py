"""Draft cards in the chat: every button shows what has really happened, and is safe to press twice."""

from datetime import timedelta

import pytest

from core.model import PostState
from core.posts.writing import WriterError, WriterErrorKind
from tests.bot.authoring import IDEA, a_card, now, post
from tests.bot.conftest import AUTHOR, OTHER, ChatDriver
from tests.unit.outbox import queued


async def test_approve_and_its_undo(chat: ChatDriver) -> None:
    """The card is edited in place, and offers what comes next."""
    card = await a_card(chat)
    await chat.presses("Approve", on=card)
    assert (await post(chat)).post.state is PostState.APPROVED
    assert chat.alerts == ["Approved."]
    labels = " ".join(now(chat, card).buttons)
    for label in ("Copy", "email", "LinkedIn", "Posted", "Keep", "Undo approval"):
        assert label in labels
    await chat.presses("Undo approval", on=now(chat, card))
    assert "Approve" in " ".join(now(chat, card).buttons)
    assert (await post(chat)).post.state is PostState.DRAFT


async def test_a_double_tap_changes_nothing_more(chat: ChatDriver) -> None:
    """The second press finds it done, and the card stays right."""
    card = await a_card(chat)
    for _tap in range(2):
        await chat.presses("Approve", on=card)
        assert "Approved" in now(chat, card).text
    assert (await post(chat)).post.approved_version == 1


async def test_a_stale_card_is_refreshed_and_says_so(chat: ChatDriver) -> None:
    """A press on an old card of a post that was deleted elsewhere."""
    card = await a_card(chat)
    await chat.presses("Delete", on=card)
    await chat.presses_data(card.buttons["👍 Approve"], message=now(chat, card).raw)
    assert "was deleted" in chat.alerts[0]
    assert "Undo" in " ".join(now(chat, card).buttons)
    assert (await post(chat)).post.state is PostState.DELETED


async def test_delete_can_be_undone(chat: ChatDriver) -> None:
    """The card says that it is deleted, and what undoes that."""
    card = await a_card(chat)
    await chat.presses("Delete", on=card)
    assert "Deleted" in now(chat, card).text
    await chat.presses("Undo", on=now(chat, card))
    assert (await post(chat)).post.state is PostState.DRAFT


async def test_somebody_else_s_button_does_nothing(chat: ChatDriver) -> None:
    """The answer is that there is no such post; the author's card is untouched."""
    card = await a_card(chat)
    await chat.presses("Approve", on=card, user=OTHER)
    assert "can't find that post" in chat.alerts[0]
    assert chat.edits == []
    assert (await post(chat)).post.state is PostState.DRAFT


async def test_buttons_of_a_card_too_old_to_edit(chat: ChatDriver) -> None:
    """A new card comes instead."""
    card = await a_card(chat)
    await chat.presses_data(card.buttons["👍 Approve"])
    assert "Approved" in chat.replies[0]


@pytest.mark.parametrize(
    "data",
    [
        "d:write:1:1:sideways",
        "d:write:1:1:",
        "d:approve:1:9:",
        "d:approve:99:1:",
        "d:approve:1:4294967296:",
        "d:x:1:1:",
    ],
)
async def test_a_forged_button_is_harmless(chat: ChatDriver, data: str) -> None:
    """It is answered, and nothing changes."""
    await a_card(chat)
    await chat.presses_data(data)
    assert chat.alerts
    assert chat.alerts[0]
    assert "went wrong" not in chat.alerts[0]
    assert (await post(chat)).post.state is PostState.DRAFT


async def test_regenerate_in_a_direction(chat: ChatDriver) -> None:
    """Asked on the card, shown as being written there, and then the new version with what changed."""
    card = await a_card(chat)
    await chat.presses("Regenerate", on=card)
    assert "differently" in now(chat, card).text
    await chat.presses("Shorter", on=now(chat, card))
    assert ["Writing" in text for text in chat.edits] == [True, False]
    assert "shorter text 2" in now(chat, card).text
    assert "version 2/2" in now(chat, card).text
    assert "86 % of the words kept" in now(chat, card).text
    assert chat.writer.briefs[1].previous == (f"first text 1 about {IDEA}",)


async def test_back_leaves_the_directions(chat: ChatDriver) -> None:
    """The card is as it was."""
    card = await a_card(chat)
    await chat.presses("Regenerate", on=card)
    await chat.presses("Back", on=now(chat, card))
    assert now(chat, card).text == card.text


async def test_a_second_tap_on_a_direction_writes_nothing(chat: ChatDriver) -> None:
    """The card shows the version that the first has made."""
    card = await a_card(chat)
    for _tap in range(2):
        await chat.presses_data("d:write:1:1:bolder", message=now(chat, card).raw)
    assert "newer version" in chat.alerts[0]
    assert "bolder text 2" in now(chat, card).text
    assert len(chat.writer.briefs) == 2


async def test_a_press_while_it_is_being_written(chat: ChatDriver) -> None:
    """As when another machine is at it: an alert, and the card is left alone."""
    card = await a_card(chat)
    later = chat.clock.now + timedelta(minutes=1)
    async with chat.database.begin() as uow:
        owner = (await chat.account()).user.id
        await uow.posts.claim_writing(owner, 1, key="update:1", latest=1, until=later, now=chat.clock.now)
    await chat.presses_data("d:write:1:1:bolder", message=card.raw)
    assert "already" in chat.alerts[0]
    assert chat.edits == []


async def test_pages_turn_with_what_changed(chat: ChatDriver) -> None:
    """‹ and › lead through every version; approving takes the one on the card."""
    card = await a_card(chat)
    await chat.presses_data("d:write:1:1:shorter", message=card.raw)
    await chat.presses("‹", on=now(chat, card))
    assert "first text 1" in now(chat, card).text
    assert "version 1/2" in now(chat, card).text
    await chat.presses("Approve", on=now(chat, card))
    assert (await post(chat)).post.approved_version == 1


async def test_an_older_version_can_be_written_anew(chat: ChatDriver) -> None:
    """From a page turned back: that version is what changes."""
    card = await a_card(chat)
    await chat.presses_data("d:write:1:1:shorter", message=card.raw)
    await chat.presses("‹", on=now(chat, card))
    await chat.presses("Regenerate", on=now(chat, card))
    await chat.presses("Bolder", on=now(chat, card))
    assert "version 3/3" in now(chat, card).text
    assert chat.writer.briefs[2].previous[-1] == f"first text 1 about {IDEA}"


async def test_a_writer_that_gives_up_leaves_the_card(chat: ChatDriver) -> None:
    """With the reason on it, and all its buttons."""
    card = await a_card(chat)
    chat.writer.fails = WriterError(WriterErrorKind.QUOTA)
    await chat.presses_data("d:write:1:1:shorter", message=card.raw)
    assert "quota is used up" in now(chat, card).text
    assert now(chat, card).buttons == card.buttons
    chat.writer.fails = RuntimeError("a defect")
    await chat.presses_data("d:write:1:1:shorter", message=card.raw)
    assert now(chat, card).buttons == card.buttons


async def test_own_words(chat: ChatDriver) -> None:
    """Asked for by a question; the new card comes below, and the old one points to it."""
    card = await a_card(chat)
    await chat.presses("Regenerate", on=card)
    await chat.presses("own words", on=now(chat, card))
    assert "/cancel" in chat.replies[0]
    assert chat.last.reply_markup.force_reply
    await chat.says("drop the numbers")
    assert chat.writer.briefs[1].instruction == "drop the numbers"
    assert list(now(chat, card).buttons) == ["⬇️ Version 2 is below"]
    await chat.deliver()
    assert "“drop the numbers”" in chat.last.text
    assert "version 2/2" in chat.last.text
    await chat.says("Another idea worth a post")
    assert (await post(chat, 2)).post.idea == "Another idea worth a post"


async def test_own_words_too_long_are_asked_for_again(chat: ChatDriver) -> None:
    """The question stays open."""
    card = await a_card(chat)
    await chat.presses_data("d:own:1:1:", message=card.raw)
    await chat.says("x" * 501)
    assert "up to 500" in chat.replies[0]
    await chat.says("shorter, please")
    assert (await post(chat)).version.instruction == "shorter, please"


async def test_a_reply_to_the_card_is_an_edit(chat: ChatDriver) -> None:
    """The new card is delivered below, and the old one points to it; a reply to either is an edit."""
    card = await a_card(chat)
    await chat.says("My <b>own</b> words", reply_to=card)
    view = await post(chat)
    assert (view.version.text, view.version.writer, view.version.number) == ("My <b>own</b> words", "user", 2)
    assert list(now(chat, card).buttons) == ["⬇️ Version 2 is below"]
    await chat.deliver()
    assert "My &lt;b&gt;own&lt;/b&gt; words" in chat.last.text
    await chat.says("Better words", reply_to=now(chat, card))
    assert (await post(chat)).version.text == "Better words"
    await chat.says("Better words", reply_to=now(chat, card))
    assert "its text already" in chat.replies[0]


async def test_a_reply_to_a_delivered_card_without_buttons(chat: ChatDriver) -> None:
    """The delivery that brought it says which post it is."""
    card = await a_card(chat)
    card.raw.pop("reply_markup")
    await chat.says("My own words", reply_to=card)
    assert (await post(chat)).version.text == "My own words"


async def test_a_reply_to_anything_else_is_an_idea(chat: ChatDriver) -> None:
    """The text alone that was sent to be copied, say."""
    await chat.says("/new")
    await chat.says(IDEA, reply_to=chat.last)
    assert (await post(chat)).post.idea == IDEA


async def test_an_edit_too_long_is_refused_with_the_count(chat: ChatDriver) -> None:
    """LinkedIn takes 3,000 characters."""
    card = await a_card(chat)
    await chat.says("x" * 3_001, reply_to=card)
    assert "3001" in chat.replies[0]
    assert (await post(chat)).version.number == 1


async def test_an_edit_after_approval_needs_it_undone(chat: ChatDriver) -> None:
    """The answer has the button for it, and then the same reply works."""
    card = await a_card(chat)
    await chat.presses("Approve", on=card)
    await chat.says("My own words", reply_to=now(chat, card))
    assert "Undo the approval first" in chat.replies[0]
    await chat.presses("Undo approval", on=chat.last)
    await chat.says("My own words", reply_to=now(chat, card))
    assert (await post(chat)).version.text == "My own words"


async def test_copy_sends_the_text_alone(chat: ChatDriver) -> None:
    """Escaped, in a block that copies with one tap; also 3,000 characters of it."""
    card = await a_card(chat)
    text = ("R&D <3 " * 500)[:3_000].strip()
    await chat.says(text, reply_to=card)
    await chat.deliver()
    await chat.presses("Approve", on=chat.last)
    await chat.presses("Copy text")
    assert chat.replies == [f"<pre>{text.replace('&', '&amp;').replace('<', '&lt;')}</pre>"]


async def test_by_email_without_an_address(chat: ChatDriver) -> None:
    """The alert says how to set one."""
    card = await a_card(chat)
    await chat.presses("Approve", on=card)
    await chat.presses("By email", on=now(chat, card))
    assert "/email me@example.org" in chat.alerts[0]


async def test_by_email(chat: ChatDriver) -> None:
    """Each press is a mail of its own; the replay of a press isn't."""
    card = await a_card(chat)
    async with chat.database.begin() as uow:
        changes = {"email": "ada@example.org"}
        await uow.users.update((await chat.account()).user.id, changes, chat.clock.now)
    await chat.presses("Approve", on=card)
    for number in (801, 801, 802):
        query = {"id": str(number), "from": AUTHOR, "chat_instance": "1", "data": "d:email:1:1:", "message": card.raw}
        await chat.feed(update_id=number, callback_query=query)
    assert "ada@example.org" in chat.alerts[0]
    mails = [key for key, _content in await queued(chat.database) if ":email:update" in key]
    assert mails == ["post:1:v1:email:update:801:email", "post:1:v1:email:update:802:email"]


async def test_posted_and_its_undo(chat: ChatDriver) -> None:
    """That day's reminder is skipped, until it is taken back."""
    card = await a_card(chat)
    await chat.presses("Approve", on=card)
    await chat.presses("Posted", on=now(chat, card))
    assert (await chat.account()).preferences.last_posted_on == chat.clock.now.date()
    await chat.presses("Not posted", on=now(chat, card))
    assert (await chat.account()).preferences.last_posted_on is None
    assert (await post(chat)).post.state is PostState.APPROVED


async def test_keep_for_a_date_by_button(chat: ChatDriver) -> None:
    """Tomorrow and Monday are one tap away; it can be taken back."""
    card = await a_card(chat)
    await chat.presses("Approve", on=card)
    await chat.presses("Keep for a date", on=now(chat, card))
    assert [label for label in now(chat, card).buttons if "09:00" in label] == ["Tue, Mar 3 09:00", "Mon, Mar 9 09:00"]
    await chat.presses("Tue, Mar 3", on=now(chat, card))
    assert "Kept for Tue, Mar 3" in now(chat, card).text
    await chat.presses("Don't keep", on=now(chat, card))
    assert (await post(chat)).post.keep_until is None
    await chat.says("Another idea worth a post")
    assert (await post(chat, 2)).post.idea == "Another idea worth a post", "the question is closed"


async def test_keep_for_a_date_by_text(chat: ChatDriver) -> None:
    """What can't be read gets examples, and the question stays open."""
    card = await a_card(chat)
    await chat.presses("Approve", on=card)
    await chat.presses("Keep for a date", on=now(chat, card))
    await chat.says("soon")
    assert "fri 18:30" in chat.replies[0]
    assert "/cancel" in chat.replies[0]
    await chat.says("fri 18:30")
    assert "Kept for Fri, Mar 6" in chat.replies[0]
    assert "Kept for Fri, Mar 6" in now(chat, card).text
    assert any("Don't keep" in label for label in now(chat, card).buttons)
    kept = (await post(chat)).post.keep_until
    assert kept
    assert f"{kept:%a %H:%M}" == "Fri 18:30"


async def test_an_idea_in_between_is_an_idea(chat: ChatDriver) -> None:
    """More words than a date has; the question stays open."""
    card = await a_card(chat)
    await chat.presses("Approve", on=card)
    await chat.presses("Keep for a date", on=now(chat, card))
    await chat.says("We hired our first designer and learned to listen")
    assert (await post(chat, 2)).post.state is PostState.DRAFT
    await chat.says("fri 18:30")
    assert (await post(chat)).post.keep_until


async def test_a_date_for_a_post_that_was_deleted_meanwhile(chat: ChatDriver) -> None:
    """The answer offers to bring it back."""
    card = await a_card(chat)
    await chat.presses("Approve", on=card)
    await chat.presses("Keep for a date", on=now(chat, card))
    await chat.presses_data("d:delete:1:1:")
    await chat.says("fri 18:30")
    assert "was deleted" in chat.replies[0]
    assert list(chat.last.buttons) == ["↩️ Undo"]


async def test_a_suggested_date_that_has_passed(chat: ChatDriver) -> None:
    """A button of yesterday."""
    card = await a_card(chat)
    await chat.presses("Approve", on=card)
    await chat.presses_data("d:keep:1:1:202603020859", message=now(chat, card).raw)
    assert "past already" in chat.alerts[0]
