"""From an idea to a draft: one writer at a time, nothing made twice, nothing lost."""

import asyncio
from datetime import timedelta

import pytest

from core.errors import AppError, NotFound
from core.model import Account, ConversationStyle, NotificationType, PostState, Rule
from core.posts.approvals import Approvals
from core.posts.drafts import Busy, Drafts, NotWritten
from core.posts.posts import Stale
from core.posts.writing import Direction, WriterErrorKind
from core.secrets import Keys
from core.settings import DailySettings, Settings
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock
from tests.unit.outbox import queued
from tests.writers import ScriptedWriter

IDEA = "We cut our release time from 3 weeks to 2 days"


@pytest.fixture
def writer() -> ScriptedWriter:
    return ScriptedWriter()


@pytest.fixture
def drafts(database: Database, clock: SteppedClock, keys: Keys, writer: ScriptedWriter) -> Drafts:
    return Drafts(database, clock, keys, writer, Settings.model_construct())


@pytest.fixture
def approvals(database: Database, clock: SteppedClock, keys: Keys) -> Approvals:
    return Approvals(database, clock, keys)


@pytest.fixture
async def author(database: Database) -> Account:
    return await saved(database, an_account())


async def test_an_idea_becomes_a_draft_and_its_card_is_queued(
    drafts: Drafts, author: Account, database: Database
) -> None:
    """The card and the mail are in the same commit as the text."""
    view = await drafts.start(author, f"  {IDEA} ", source_key="update:1")
    assert (view.post.idea, view.post.state, view.post.latest) == (IDEA, PostState.DRAFT, 1)
    assert (view.version.number, view.version.text, view.version.writer) == (1, "Text 1: first", "scripted")
    assert await queued(database) == [
        (f"post:{view.post.id}:v1:email", {"version": 1}),
        (f"post:{view.post.id}:v1:telegram", {"version": 1}),
    ]


async def test_a_replayed_update_makes_nothing_twice(
    drafts: Drafts, author: Account, database: Database, writer: ScriptedWriter
) -> None:
    """The post and its card are those of the first time."""
    first = await drafts.start(author, IDEA, source_key="update:1")
    assert await drafts.start(author, IDEA, source_key="update:1") == first
    assert len(writer.briefs) == 1
    assert len(await queued(database)) == 2


async def test_a_replay_finishes_what_a_crash_left(
    drafts: Drafts, author: Account, database: Database, writer: ScriptedWriter
) -> None:
    """The idea was kept before the writer was asked, and the same update may take its lease over."""
    writer.meanwhile = _crash
    with pytest.raises(asyncio.CancelledError):
        await drafts.start(author, IDEA, source_key="update:1")
    writer.meanwhile = None
    view = await drafts.start(author, IDEA, source_key="update:1")
    assert (view.post.id, view.post.state, view.version.number) == (1, PostState.DRAFT, 1)
    assert len(await queued(database)) == 2


async def _crash() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("idea", ["", "   ", "hi", "👍👍👍👍👍👍👍", "x" * 4_001])
async def test_an_idea_that_can_t_be_drafted_is_refused_with_an_example(
    drafts: Drafts, author: Account, idea: str, writer: ScriptedWriter
) -> None:
    """Too short and too long are told apart from each other, before anything is kept."""
    with pytest.raises(AppError, match=r"Example: \w+"):
        await drafts.start(author, idea, source_key="update:1")
    assert writer.briefs == []


async def test_the_daily_limit_says_when_it_ends(
    database: Database, clock: SteppedClock, keys: Keys, writer: ScriptedWriter
) -> None:
    """It counts new versions too, ends at midnight UTC, and leaves no half-made post."""
    settings = Settings.model_construct(daily=DailySettings(draft_limit=2))
    drafts = Drafts(database, clock, keys, writer, settings)
    author = await saved(database, an_account(timezone="Europe/Madrid"))
    view = await drafts.start(author, IDEA, source_key="update:1")
    await regenerated(drafts, author, view.post.id, 1, "update:2")
    with pytest.raises(AppError, match=r"used up: 2 a day.*01:00 your time"):
        await drafts.start(author, IDEA, source_key="update:3")
    with pytest.raises(AppError, match="used up: 2 a day"):
        await regenerated(drafts, author, view.post.id, 2, "update:4")
    clock.now = NOW + timedelta(hours=15)
    assert (await drafts.start(author, IDEA, source_key="update:3")).post.id == view.post.id + 1


async def test_a_replay_counts_once(
    database: Database, clock: SteppedClock, keys: Keys, writer: ScriptedWriter
) -> None:
    """The last draft of the day may be finished after a crash."""
    drafts = Drafts(database, clock, keys, writer, Settings.model_construct(daily=DailySettings(draft_limit=2)))
    author = await saved(database, an_account())
    await drafts.start(author, IDEA, source_key="update:1")
    writer.meanwhile = _crash
    with pytest.raises(asyncio.CancelledError):
        await regenerated(drafts, author, 1, 1, "update:2")
    writer.meanwhile = None
    assert (await regenerated(drafts, author, 1, 1, "update:2")).version.number == 2


async def test_many_ideas_at_once_don_t_pass_the_limit(
    database: Database, clock: SteppedClock, keys: Keys, writer: ScriptedWriter
) -> None:
    """Drafts that are being written count already."""
    drafts = Drafts(database, clock, keys, writer, Settings.model_construct(daily=DailySettings(draft_limit=3)))
    author = await saved(database, an_account())
    ideas = [drafts.start(author, IDEA, source_key=f"update:{number}") for number in range(8)]
    results = await asyncio.gather(*ideas, return_exceptions=True)
    assert sum(isinstance(result, AppError) for result in results) == 5


async def regenerated(drafts: Drafts, author: Account, post_id: int, version: int, key: str, **more: object):
    wanted = {"direction": Direction.SHORTER, **more}
    return await drafts.regenerate(author, post_id, from_version=version, source_key=key, **wanted)


async def test_regenerate_adds_a_version_and_mails_it(
    drafts: Drafts, author: Account, database: Database, writer: ScriptedWriter
) -> None:
    """The writer gets the earlier text; the card is edited by whoever shows it, so only the mail is queued."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    view = await regenerated(drafts, author, post_id, 1, "update:2")
    assert (view.version.number, view.version.text, view.post.latest) == (2, "Text 2: shorter", 2)
    assert (writer.briefs[1].previous, writer.briefs[1].seed) == (("Text 1: first",), 2)
    assert [key for key, content in await queued(database) if ":v2" in key] == [f"post:{post_id}:v2:email"]


async def test_without_email_a_new_version_queues_nothing(drafts: Drafts, database: Database) -> None:
    """Neither without an address nor with mails switched off."""
    for number, changes in enumerate(({"email": None}, {"receive_email_notifications": False})):
        person = an_account(telegram_id=number, public_id=str(number), **{"email": f"{number}@example.org", **changes})
        author = await saved(database, person)
        view = await drafts.start(author, IDEA, source_key=f"update:1{number}")
        await regenerated(drafts, author, view.post.id, 1, f"update:2{number}")
    assert [key for key, _content in await queued(database)] == ["post:1:v1:telegram", "post:2:v1:telegram"]


async def test_a_double_tap_writes_once(drafts: Drafts, author: Account, writer: ScriptedWriter) -> None:
    """The second is told that the first is at it."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    taps = [regenerated(drafts, author, post_id, 1, f"update:{number}") for number in (2, 3)]
    results = await asyncio.gather(*taps, return_exceptions=True)
    assert [type(result) for result in results if isinstance(result, Exception)] == [Busy]
    assert len(writer.briefs) == 2


async def test_a_stale_press_shows_the_newest_version(drafts: Drafts, author: Account) -> None:
    """A press, or its replay, that comes after the version was made."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    await regenerated(drafts, author, post_id, 1, "update:2")
    with pytest.raises(Stale) as stale:
        await regenerated(drafts, author, post_id, 1, "update:2")
    assert stale.value.view.version.number == 2


async def test_an_older_version_can_be_the_base(drafts: Drafts, author: Account, writer: ScriptedWriter) -> None:
    """`seen` tells a page turned back from a stale press; the base is the last that the writer reads."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    await regenerated(drafts, author, post_id, 1, "update:2")
    view = await regenerated(drafts, author, post_id, 1, "update:3", seen=2)
    assert view.version.number == 3
    assert writer.briefs[2].previous == ("Text 2: shorter", "Text 1: first")


async def test_own_words_reach_the_writer(
    drafts: Drafts, author: Account, writer: ScriptedWriter, database: Database
) -> None:
    """And are kept with the version. Typed far below the card, they get a card of their own."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    own = {"direction": Direction.OWN, "instruction": " drop the numbers ", "in_place": False}
    view = await regenerated(drafts, author, post_id, 1, "update:2", **own)
    assert (writer.briefs[1].instruction, view.version.instruction) == ("drop the numbers", "drop the numbers")
    assert f"post:{post_id}:v2:telegram" in [key for key, _content in await queued(database)]
    with pytest.raises(AppError, match="Example: mention"):
        await regenerated(drafts, author, post_id, 2, "update:3", direction=Direction.OWN, instruction=" ")


@pytest.mark.parametrize("kind", list(WriterErrorKind))
async def test_when_the_writer_gives_up_the_idea_is_kept(
    drafts: Drafts, author: Account, writer: ScriptedWriter, database: Database, kind: WriterErrorKind
) -> None:
    """The user reads why, and can try again at once; nothing was queued."""
    writer.fails = kind
    with pytest.raises(NotWritten) as failure:
        await drafts.start(author, IDEA, source_key="update:1")
    view = failure.value.view
    assert str(failure.value)
    assert (view.post.state, view.version.number, view.version.text) == (PostState.WRITING, 0, IDEA)
    assert await queued(database) == []
    again = await regenerated(drafts, author, view.post.id, 0, "update:2", direction=Direction.FIRST)
    assert (again.version.number, again.post.state) == (1, PostState.DRAFT)


async def test_a_failed_version_leaves_the_draft_as_it_was(
    drafts: Drafts, author: Account, writer: ScriptedWriter
) -> None:
    """Also when the failure is a defect of ours."""
    before = await drafts.start(author, IDEA, source_key="update:1")
    for number, error in enumerate((WriterErrorKind.QUOTA, RuntimeError("a defect"))):
        writer.fails = error
        with pytest.raises((NotWritten, RuntimeError)):
            await regenerated(drafts, author, before.post.id, 1, f"update:2{number}")
    assert (await drafts.view(author, before.post.id)).version == before.version
    assert (await regenerated(drafts, author, before.post.id, 1, "update:30")).version.number == 2


async def test_approved_while_writing(
    drafts: Drafts, approvals: Approvals, author: Account, writer: ScriptedWriter, database: Database
) -> None:
    """What was approved stays shown; the new text is kept beside it and isn't mailed."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    writer.meanwhile = lambda: approvals.approve(author, post_id, 1)
    shown = await regenerated(drafts, author, post_id, 1, "update:2")
    assert (shown.post.state, shown.version.number, shown.post.latest) == (PostState.APPROVED, 1, 2)
    assert not [key for key, _content in await queued(database) if key == f"post:{post_id}:v2:email"]
    assert (await drafts.view(author, post_id, 2)).version.text == "Text 2: shorter"


async def test_a_writer_slower_than_its_lease_overwrites_nobody(
    drafts: Drafts, author: Account, writer: ScriptedWriter, clock: SteppedClock
) -> None:
    """Whoever took over has written; the late text is dropped."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id

    async def overtaken() -> None:
        writer.meanwhile = None
        clock.now += timedelta(minutes=10)
        await regenerated(drafts, author, post_id, 1, "update:3")

    writer.meanwhile = overtaken
    with pytest.raises(Stale) as stale:
        await regenerated(drafts, author, post_id, 1, "update:2")
    assert (stale.value.view.version.number, stale.value.view.version.text) == (2, "Text 3: shorter")


async def test_the_writer_reads_samples_and_approved_posts(
    drafts: Drafts, approvals: Approvals, author: Account, writer: ScriptedWriter, database: Database
) -> None:
    """Both show how the author writes; a draft shows nothing yet."""
    async with database.begin() as uow:
        await uow.samples.add(author.user.id, ["An old post"], NOW)
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    await drafts.start(author, IDEA, source_key="update:2")
    await approvals.approve(author, post_id, 1)
    await drafts.start(author, IDEA, source_key="update:3")
    assert [brief.samples for brief in writer.briefs] == [
        ("An old post",),
        ("An old post",),
        ("An old post", "Text 1: first"),
    ]


async def test_an_edit_is_a_version_by_the_author(drafts: Drafts, author: Account, database: Database) -> None:
    """Its card and mail are queued. The same text again, as a replay sends it, changes nothing."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    view = await drafts.edit(author, post_id, " My own words ")
    assert (view.version.number, view.version.text, view.version.writer) == (2, "My own words", "user")
    with pytest.raises(Stale, match="its text already"):
        await drafts.edit(author, post_id, "My own words")
    keys = [key for key, _content in await queued(database) if ":v2" in key]
    assert keys == [f"post:{post_id}:v2:email", f"post:{post_id}:v2:telegram"]


async def test_an_edit_doesn_t_lose_what_is_being_written(
    drafts: Drafts, author: Account, writer: ScriptedWriter
) -> None:
    """Both become versions, one after the other."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    writer.meanwhile = lambda: drafts.edit(author, post_id, "My own words")
    view = await regenerated(drafts, author, post_id, 1, "update:2")
    assert (view.version.number, (await drafts.view(author, post_id, 2)).version.text) == (3, "My own words")


async def test_a_text_that_linkedin_won_t_take_is_refused_with_its_length(drafts: Drafts, author: Account) -> None:
    """3,000 characters fit, one more doesn't."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    with pytest.raises(AppError, match=r"3001 characters.*3000.*by 1 "):
        await drafts.edit(author, post_id, "x" * 3_001)
    assert (await drafts.edit(author, post_id, "x" * 3_000)).version.number == 2


async def test_an_approved_text_is_locked(drafts: Drafts, approvals: Approvals, author: Account) -> None:
    """Neither edited nor written anew before the approval is undone."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    await approvals.approve(author, post_id, 1)
    with pytest.raises(Stale, match="Undo the approval first"):
        await drafts.edit(author, post_id, "My own words")
    with pytest.raises(Stale, match="Undo the approval first"):
        await regenerated(drafts, author, post_id, 1, "update:2")


async def test_pages_come_with_the_version_before(drafts: Drafts, author: Account) -> None:
    """So that the card can say what has changed."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    await drafts.edit(author, post_id, "Two")
    first, nothing = await drafts.compare(author, post_id, 1)
    second, before = await drafts.compare(author, post_id, 2)
    assert (first.version.number, nothing) == (1, None)
    assert (second.version.text, before and before.number) == ("Two", 1)


async def test_somebody_else_s_post_is_not_found(drafts: Drafts, author: Account, database: Database) -> None:
    """The answer is the same as for a post that never was."""
    post_id = (await drafts.start(author, IDEA, source_key="update:1")).post.id
    other = await saved(database, an_account(telegram_id=2, public_id="other", email=None))
    for attempt in (
        drafts.view(other, post_id),
        drafts.view(author, post_id, 9),
        drafts.edit(other, post_id, "Mine now"),
        regenerated(drafts, other, post_id, 1, "update:2"),
        drafts.view(other, post_id + 1),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_posts_have_a_style_of_their_own(drafts: Drafts, database: Database, writer: ScriptedWriter) -> None:
    """The one of /preferences comes before the general one."""
    rule = Rule(NotificationType.POSTS, style=ConversationStyle.PLAYFUL)
    general = {"conversation_style": ConversationStyle.BUSINESS}
    await drafts.start(await saved(database, an_account(**general)), IDEA, source_key="update:1")
    other = an_account(telegram_id=1002, public_id="other", email=None, rules=(rule,), **general)
    await drafts.start(await saved(database, other), IDEA, source_key="update:2")
    assert [brief.style for brief in writer.briefs] == [ConversationStyle.BUSINESS, ConversationStyle.PLAYFUL]
