"""The author's shelf and the samples of their voice, on both databases."""

from datetime import timedelta

from core.model import PostState
from storage.database import Database
from tests.storage.test_posts import AUTHOR, NOW, SOMEBODY, a_draft, an_idea, database

__all__ = ["database"]  # the fixture

ALL = tuple(PostState)


async def titles(database: Database, states: tuple[PostState, ...] = ALL, word: str = "", **slice_of: int) -> list[str]:
    async with database.read() as uow:
        views = await uow.shelf.page(AUTHOR, states, word, **{"offset": 0, "limit": 10, **slice_of})
    return [view.version.text for view in views]


async def test_the_newest_stand_first(database: Database) -> None:
    """Pages follow each other, and an idea not written yet is among them."""
    for number in (1, 2, 3):
        await a_draft(database, f"update:{number}", (f"Text {number}",))
    async with database.begin() as uow:
        await uow.posts.add(an_idea("update:4"))
    assert await titles(database, limit=3) == ["Ship small", "Text 3", "Text 2"]
    assert await titles(database, offset=3) == ["Text 1"]
    async with database.read() as uow:
        assert await uow.shelf.count(AUTHOR, ALL, "") == 4
        assert await uow.shelf.count(SOMEBODY, ALL, "") == 0


async def test_posts_are_found_by_state(database: Database) -> None:
    """Only the states asked for."""
    approved = (await a_draft(database, "update:1", ("Done",))).post
    await a_draft(database, "update:2", ("Open",))
    async with database.begin() as uow:
        await uow.posts.move(approved, (PostState.DRAFT,), NOW, state=PostState.APPROVED, approved_version=1)
    assert await titles(database, (PostState.APPROVED,)) == ["Done"]
    assert await titles(database, (PostState.DRAFT,)) == ["Open"]


async def test_posts_are_found_by_word(database: Database) -> None:
    """In the idea or the text that is shown, whatever the case; % and _ are letters like others."""
    await a_draft(database, "update:1", ("ÉXITO total",))
    await a_draft(database, "update:2", ("100% done", "We grew by 5_0"))
    assert await titles(database, word="éxito") == ["ÉXITO total"]
    assert await titles(database, word="Total") == ["ÉXITO total"]
    assert await titles(database, word="5_0") == ["We grew by 5_0"]
    assert await titles(database, word="%") == [], "the older version isn't shown"
    assert await titles(database, word="ship", limit=1) == ["We grew by 5_0"], "the idea has it"
    async with database.read() as uow:
        assert await uow.shelf.count(AUTHOR, ALL, "ÉXITO") == 1


async def test_what_was_approved_last_shows_how_the_author_writes(database: Database) -> None:
    """The approved version's text, newest first, without the post at hand and without drafts."""
    for number in (1, 2, 3):
        post = (await a_draft(database, f"update:{number}", (f"Good {number}", "Worse"))).post
        approved = {"approved_version": 1, "approved_at": NOW + timedelta(hours=number)}
        async with database.begin() as uow:
            await uow.posts.move(post, (PostState.DRAFT,), NOW, state=PostState.APPROVED, **approved)
    await a_draft(database, "update:4", ("Draft",))
    async with database.read() as uow:
        assert await uow.shelf.recently_approved(AUTHOR, but=post.id, limit=5) == ["Good 2", "Good 1"]
        assert await uow.shelf.recently_approved(AUTHOR, but=0, limit=1) == ["Good 3"]
        assert await uow.shelf.recently_approved(SOMEBODY, but=0, limit=5) == []


async def test_samples_are_kept_and_forgotten(database: Database) -> None:
    """One or all, and only one's own."""
    async with database.begin() as uow:
        await uow.samples.hold(AUTHOR)
        await uow.samples.add(AUTHOR, ["First", "Second", "Third"], NOW)
        first, second, third = await uow.samples.of_user(AUTHOR)
        assert [sample.text for sample in (first, second, third)] == ["First", "Second", "Third"]
        assert await uow.samples.of_user(SOMEBODY) == []
        assert await uow.samples.remove(SOMEBODY, first.id) == 0
        assert await uow.samples.remove(AUTHOR, first.id) == 1
        assert await uow.samples.of_user(AUTHOR) == [second, third]
        assert await uow.samples.remove(AUTHOR) == 2
