"""What follows a draft: each press is safe to repeat, and each of them can be taken back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest

from core.errors import AppError, NotFound
from core.model import Account, Channel, PostState, PostView
from core.posts.approvals import Approvals
from core.posts.drafts import Drafts
from core.posts.keeping import Keeping
from core.posts.posts import Stale
from core.secrets import Keys
from core.settings import Settings
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock
from tests.unit.outbox import queued
from tests.writers import ScriptedWriter

APPROVED_AT = int(NOW.timestamp())
Press = Callable[[Approvals, Account, int], Awaitable[PostView]]


@pytest.fixture
def drafts(database: Database, clock: SteppedClock, keys: Keys) -> Drafts:
    return Drafts(database, clock, keys, ScriptedWriter(), Settings.model_construct())


@pytest.fixture
def approvals(database: Database, clock: SteppedClock, keys: Keys) -> Approvals:
    return Approvals(database, clock, keys)


@pytest.fixture
def keeping(database: Database, clock: SteppedClock, keys: Keys) -> Keeping:
    return Keeping(database, clock, keys)


@pytest.fixture
async def author(database: Database) -> Account:
    return await saved(database, an_account(timezone="Europe/Madrid"))


@pytest.fixture
async def post_id(drafts: Drafts, author: Account) -> int:
    """A draft with two versions; its first mails are queued."""
    view = await drafts.start(author, "An idea worth a post", source_key="update:1")
    return (await drafts.edit(author, view.post.id, "My own words")).post.id


async def last_posted_on(database: Database, author: Account) -> date | None:
    async with database.read() as uow:
        stored = await uow.users.by_id(author.user.id)
    assert stored
    return stored.preferences.last_posted_on


async def test_approving_locks_the_version_on_the_card(
    approvals: Approvals, drafts: Drafts, author: Account, post_id: int, database: Database
) -> None:
    """Not the latest one; and the final text is mailed."""
    view = await approvals.approve(author, post_id, 1)
    assert (view.post.state, view.post.approved_version, view.version.number) == (PostState.APPROVED, 1, 1)
    assert (await drafts.view(author, post_id)) == view
    assert (f"post:{post_id}:v1:approved:{APPROVED_AT:.6f}:email", {"version": 1}) in await queued(database)


async def test_approving_twice_is_approving_once(
    approvals: Approvals, author: Account, post_id: int, database: Database
) -> None:
    """Also when both presses come at the same moment."""
    views = await asyncio.gather(*(approvals.approve(author, post_id, 2) for _ in range(3)))
    assert {view.post.approved_version for view in views} == {2}
    assert len([key for key, _content in await queued(database) if ":approved:" in key]) == 1


async def test_without_mails_an_approval_queues_nothing(
    approvals: Approvals, drafts: Drafts, database: Database
) -> None:
    """Mails are switched off."""
    author = await saved(database, an_account(receive_email_notifications=False))
    post_id = (await drafts.start(author, "An idea worth a post", source_key="update:1")).post.id
    await approvals.approve(author, post_id, 1)
    assert [key for key, _content in await queued(database)] == [f"post:{post_id}:v1:telegram"]


async def test_undoing_an_approval_stops_its_mail(
    approvals: Approvals, author: Account, post_id: int, database: Database, clock: SteppedClock
) -> None:
    """A mail that waits isn't sent; approving again mails again."""
    await approvals.approve(author, post_id, 1)
    view = await approvals.unapprove(author, post_id)
    assert (view.post.state, view.post.approved_version) == (PostState.DRAFT, None)
    assert await approvals.unapprove(author, post_id)
    assert [key for key, _content in await queued(database, "cancelled")] == [
        f"post:{post_id}:v1:approved:{APPROVED_AT:.6f}:email"
    ]
    clock.now += timedelta(minutes=1)
    await approvals.approve(author, post_id, 2)
    waiting = [key for key, _content in await queued(database, "pending") if ":approved:" in key]
    assert waiting == [f"post:{post_id}:v2:approved:{APPROVED_AT + 60:.6f}:email"]


async def test_an_approval_right_after_its_undo_is_mailed(
    approvals: Approvals, author: Account, post_id: int, database: Database, clock: SteppedClock
) -> None:
    """Fast thumbs: all within one second."""
    await approvals.approve(author, post_id, 1)
    await approvals.unapprove(author, post_id)
    clock.now += timedelta(milliseconds=200)
    await approvals.approve(author, post_id, 1)
    assert len([key for key, _content in await queued(database, "pending") if ":approved:" in key]) == 1


async def test_posted_skips_the_reminder_of_the_local_day(
    approvals: Approvals, author: Account, post_id: int, database: Database, clock: SteppedClock
) -> None:
    """At 23:30 UTC it is tomorrow in Madrid; taking it back takes the day back."""
    await approvals.approve(author, post_id, 1)
    clock.now = NOW.replace(hour=23, minute=30)
    view = await approvals.mark_posted(author, post_id)
    assert (view.post.state, view.post.posted_at) == (PostState.POSTED, clock.now)
    assert await last_posted_on(database, author) == date(2026, 3, 3)
    assert await approvals.mark_posted(author, post_id) == view
    undone = await approvals.unmark_posted(author, post_id)
    assert (undone.post.state, undone.post.posted_at) == (PostState.APPROVED, None)
    assert await last_posted_on(database, author) is None


async def test_another_post_of_that_day_still_counts(
    approvals: Approvals, drafts: Drafts, author: Account, post_id: int, database: Database
) -> None:
    """Taking one of two back leaves the day posted on."""
    other = (await drafts.start(author, "An idea worth a post", source_key="update:2")).post.id
    for one in (post_id, other):
        await approvals.approve(author, one, 1)
        await approvals.mark_posted(author, one)
    await approvals.unmark_posted(author, other)
    assert await last_posted_on(database, author) == date(2026, 3, 2)


async def test_delete_can_be_undone_from_every_state(approvals: Approvals, author: Account, post_id: int) -> None:
    """It comes back as it was."""
    steps = (
        (PostState.DRAFT, approvals.delete(author, post_id)),
        (PostState.APPROVED, approvals.approve(author, post_id, 1)),
        (PostState.POSTED, approvals.mark_posted(author, post_id)),
    )
    for state, step in steps:
        await step
        await approvals.delete(author, post_id)
        assert (await approvals.delete(author, post_id)).post.state is PostState.DELETED
        assert (await approvals.restore(author, post_id)).post.state is state
        assert (await approvals.restore(author, post_id)).post.state is state


async def test_delete_cancels_what_waits_to_be_sent(
    approvals: Approvals, author: Account, post_id: int, database: Database
) -> None:
    """Drafts by mail among it."""
    await approvals.delete(author, post_id)
    assert len(await queued(database, "cancelled")) == 4
    assert await queued(database, "pending") == []


async def test_what_isn_t_possible_any_more_says_how_things_stand(
    approvals: Approvals, keeping: Keeping, author: Account, post_id: int
) -> None:
    """A press on an old card changes nothing."""
    await approvals.delete(author, post_id)
    for press in (
        approvals.approve(author, post_id, 1),
        approvals.unapprove(author, post_id),
        approvals.mark_posted(author, post_id),
        approvals.unmark_posted(author, post_id),
        keeping.keep(author, post_id, "tomorrow 9:00"),
        keeping.unkeep(author, post_id),
    ):
        with pytest.raises(Stale, match="was deleted") as stale:
            await press
        assert stale.value.view.post.state is PostState.DELETED


async def test_approving_another_version_needs_the_approval_undone(
    approvals: Approvals, author: Account, post_id: int
) -> None:
    """The approved version is what the answer shows."""
    await approvals.approve(author, post_id, 1)
    assert (await approvals.approve(author, post_id, 2)).version.number == 1


async def test_by_email_is_a_sending_of_its_own(
    approvals: Approvals, author: Account, post_id: int, database: Database
) -> None:
    """One for each request; a replayed request is the same one. Also where mails are switched off."""
    await approvals.approve(author, post_id, 1)
    for request in ("update:7", "update:7", "update:8"):
        await approvals.resend(author, post_id, Channel.EMAIL, version=1, request=request)
    keys = [key for key, _content in await queued(database) if ":update:" in key]
    assert keys == [f"post:{post_id}:v1:email:update:{number}:email" for number in (7, 8)]


async def test_by_email_without_an_address_says_how_to_set_one(
    approvals: Approvals, database: Database, post_id: int
) -> None:
    """With an example."""
    other = await saved(database, an_account(telegram_id=2, public_id="other", email=None))
    with pytest.raises(AppError, match=r"/email me@example.org"):
        await approvals.resend(other, post_id, Channel.EMAIL, version=1, request="update:7")


async def test_a_kept_post_is_sent_at_its_time(
    approvals: Approvals, keeping: Keeping, author: Account, post_id: int, database: Database
) -> None:
    """Once, however many schedulers look; quiet hours don't hold what the user chose."""
    await approvals.approve(author, post_id, 1)
    view = await keeping.keep(author, post_id, "tomorrow 9:00")
    at = NOW.replace(day=3, hour=8)
    assert view.post.keep_until == at
    assert await keeping.send_kept(at - timedelta(seconds=1)) == 0
    assert sorted(await asyncio.gather(keeping.send_kept(at), keeping.send_kept(at))) == [0, 1]
    kept = [(key, content) for key, content in await queued(database) if ":kept:" in key]
    assert kept == [(f"post:{post_id}:kept:{at.timestamp():.0f}:telegram", {"version": 1})]


@pytest.mark.parametrize("press", [Approvals.mark_posted, Approvals.unapprove])
async def test_a_kept_text_that_still_waits_is_not_sent_after_all(
    approvals: Approvals, keeping: Keeping, author: Account, post_id: int, database: Database, press: Press
) -> None:
    """Its date has come while Telegram was away, and meanwhile it was posted, or is a draft again."""
    await approvals.approve(author, post_id, 1)
    await keeping.keep(author, post_id, "tomorrow 9:00")
    await keeping.send_kept(NOW + timedelta(days=2))
    await press(approvals, author, post_id)
    assert [key for key, _content in await queued(database, "pending") if ":kept:" in key] == []


async def test_many_kept_posts_are_all_sent(
    approvals: Approvals, keeping: Keeping, drafts: Drafts, author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches, each its own transaction."""
    monkeypatch.setattr("core.posts.keeping.BATCH", 2)
    for number in range(5):
        post_id = (await drafts.start(author, "An idea worth a post", source_key=f"update:{number}")).post.id
        await approvals.approve(author, post_id, 1)
        await keeping.keep(author, post_id, "tomorrow 9:00")
    assert await keeping.send_kept(NOW + timedelta(days=2)) == 5


async def test_a_date_can_be_taken_back(approvals: Approvals, keeping: Keeping, author: Account, post_id: int) -> None:
    """And so can an approval, with its date."""
    await approvals.approve(author, post_id, 1)
    await keeping.keep(author, post_id, "tomorrow 9:00")
    assert (await keeping.unkeep(author, post_id)).post.keep_until is None
    await keeping.keep(author, post_id, "tomorrow 9:00")
    assert (await approvals.unapprove(author, post_id)).post.keep_until is None
    assert await keeping.send_kept(NOW + timedelta(days=2)) == 0


async def test_a_deleted_post_comes_back_with_its_date(
    approvals: Approvals, keeping: Keeping, author: Account, post_id: int
) -> None:
    """As if it had never gone."""
    await approvals.approve(author, post_id, 1)
    kept = await keeping.keep(author, post_id, "tomorrow 9:00")
    await approvals.delete(author, post_id)
    assert (await approvals.restore(author, post_id)).post.keep_until == kept.post.keep_until


@pytest.mark.parametrize("looked", [False, True])
async def test_a_date_that_passes_while_a_post_is_deleted_is_gone(
    approvals: Approvals, keeping: Keeping, author: Account, post_id: int, clock: SteppedClock, looked: bool
) -> None:
    """Nothing is sent then, nor when it comes back; whether or not the scheduler has looked."""
    await approvals.approve(author, post_id, 1)
    await keeping.keep(author, post_id, "tomorrow 9:00")
    await approvals.delete(author, post_id)
    clock.now = NOW + timedelta(days=2)
    if looked:
        assert await keeping.send_kept(clock.now) == 0
    assert (await approvals.restore(author, post_id)).post.keep_until is None
    assert await keeping.send_kept(clock.now) == 0


async def test_presses_of_somebody_else_find_nothing(
    approvals: Approvals, keeping: Keeping, database: Database, author: Account, post_id: int
) -> None:
    """A forwarded card doesn't give its post away."""
    other = await saved(database, an_account(telegram_id=2, public_id="other", email="o@example.org"))
    for press in (
        approvals.approve(other, post_id, 1),
        approvals.unapprove(other, post_id),
        approvals.mark_posted(other, post_id),
        approvals.unmark_posted(other, post_id),
        approvals.delete(other, post_id),
        approvals.restore(other, post_id),
        approvals.resend(other, post_id, Channel.EMAIL, version=1, request="update:7"),
        keeping.keep(other, post_id, "tomorrow 9:00"),
        keeping.unkeep(other, post_id),
    ):
        with pytest.raises(NotFound):
            await press
    assert (await approvals.approve(author, post_id, 1)).post.state is PostState.APPROVED
