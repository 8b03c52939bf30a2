"""The texts that admins changed, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model import Channel, StoredTemplate, TemplateId, Texts
from core.rendering import book as books
from core.rendering.book import TemplateBook
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW

REMINDER = TemplateId("reminder", Channel.SMS, "en")
TEXT = StoredTemplate(REMINDER, Texts("Time for a post!"), display_name="Reminder", invitation_type="reminders")


async def put(database: Database, template: StoredTemplate) -> bool:
    async with database.begin() as uow:
        return await uow.templates.put(template, NOW)


async def one(database: Database, template_id: TemplateId = REMINDER) -> StoredTemplate:
    async with database.read() as uow:
        found = await uow.templates.one(template_id)
    assert found
    return found


async def test_a_text_is_kept_with_all_its_parts(any_database: Database):
    """As it was written, with its approval."""
    mail = StoredTemplate(
        TemplateId("reminder", Channel.EMAIL, "fr"), Texts("Texte", "Objet", "<p>Texte</p>"), version=0,
        display_name="Rappel", description="d", invitation_type="reminders", provider_template_id="HX1",
        is_approved=True, approval_status="approved", approval_reason="r", approval_checked_at=NOW,
    )  # fmt: skip
    assert await put(any_database, mail)
    assert await one(any_database, mail.id) == replace(mail, version=1, updated_at=NOW)


async def test_a_part_that_was_not_written_is_none(any_database: Database):
    """The product's own stands in its place."""
    await put(any_database, replace(TEXT, texts=Texts(subject="Only the subject")))
    assert (await one(any_database)).texts == Texts(None, "Only the subject", None)


async def test_two_admins_don_t_overwrite_each_other(any_database: Database):
    """Who read an older version hears of it."""
    assert await put(any_database, TEXT)
    assert not await put(any_database, TEXT)
    first = await one(any_database)
    assert await put(any_database, replace(first, texts=Texts("Mine")))
    assert not await put(any_database, replace(first, texts=Texts("Theirs")))
    assert ((await one(any_database)).texts.text, (await one(any_database)).version) == ("Mine", 2)


async def test_only_active_texts_are_in_use(any_database: Database):
    """One that was reset is kept, to come back."""
    await put(any_database, TEXT)
    await put(any_database, replace(await one(any_database), is_active=False))
    async with any_database.read() as uow:
        assert await uow.templates.active() == []
        assert [found.texts.text for found in await uow.templates.all()] == ["Time for a post!"]


async def test_the_stamp_grows_with_every_change(any_database: Database):
    """A book that knows it need not read anything else."""

    async def stamp() -> tuple[int, int]:
        async with any_database.read() as uow:
            return await uow.templates.stamp()

    stamps = [await stamp()]
    await put(any_database, TEXT)
    stamps.append(await stamp())
    await put(any_database, replace(await one(any_database), is_active=False))
    stamps.append(await stamp())
    assert stamps == [(0, 0), (1, 1), (1, 2)]


async def test_what_is_there_is_not_added_again(any_database: Database):
    """The product's own rows come at the first start, and leave later ones alone."""
    french = replace(TEXT, id=replace(REMINDER, language="fr"))
    async with any_database.begin() as uow:
        assert await uow.templates.add_new([TEXT], NOW) == 1
        assert await uow.templates.add_new([replace(TEXT, texts=Texts("Other")), french], NOW) == 1
        assert await uow.templates.add_new([], NOW) == 0
    assert (await one(any_database)).texts.text == "Time for a post!"


async def test_the_history_of_one_text(any_database: Database):
    """The newest first, by name, and nothing of other texts or other acts."""
    ada = await saved(any_database, an_account())
    async with any_database.begin() as uow:
        for action, text, template_id in (
            ("template.saved", "one", "reminder/sms/en"),
            ("template.saved", "two", "reminder/sms/fr"),
            ("other.thing", "three", "reminder/sms/en"),
            ("template.reset", None, "reminder/sms/en"),
        ):
            await uow.audit.write(ada.user.id, action, NOW, {"text": "before"}, {"template": template_id, "text": text})
        found = await uow.templates.history(REMINDER, 10)
        newest = await uow.templates.history(REMINDER, 1)
    assert [(change.action, change.by) for change in found] == [("template.reset", "Ada"), ("template.saved", "Ada")]
    assert found[1].after == {"template": "reminder/sms/en", "text": "one"}
    assert (found[1].before, found[1].at) == ({"text": "before"}, NOW)
    assert newest == found[:1]


async def test_a_book_learns_of_changes_made_elsewhere(any_database: Database, monkeypatch: pytest.MonkeyPatch):
    """After a few seconds; between them nothing is read."""
    book = TemplateBook()
    await book.keep_fresh(any_database)
    await put(any_database, TEXT)
    await book.keep_fresh(any_database)
    assert book.find("reminder", Channel.SMS, "en") is None
    monkeypatch.setattr(books, "FRESH", 0)
    await book.keep_fresh(any_database)
    assert book.find("reminder", Channel.SMS, "en") == await one(any_database)
    assert book.find("reminder", Channel.SMS, "fr") is None
    await put(any_database, replace(await one(any_database), is_active=False))
    await book.keep_fresh(any_database)
    assert book.find("reminder", Channel.SMS, "en") is None


async def test_a_change_made_here_is_read_at_once(any_database: Database):
    """Whoever saved it sees it in the next message."""
    book = TemplateBook()
    await book.keep_fresh(any_database)
    await put(any_database, TEXT)
    await book.refresh(any_database)
    assert book.find("reminder", Channel.SMS, "en")


async def test_a_database_that_is_away_leaves_the_book_as_it_is(
    database: Database, monkeypatch: pytest.MonkeyPatch, clock: object
):
    """Texts of a minute ago are better than none."""
    await put(database, TEXT)
    book = TemplateBook()
    await book.keep_fresh(database)
    await database.close()
    monkeypatch.setattr(books, "FRESH", 0)
    monkeypatch.setattr(database, "read", lambda: (_ for _ in ()).throw(ConnectionError()))
    await book.keep_fresh(database)
    assert book.find("reminder", Channel.SMS, "en")


def test_a_preview_changes_nothing():
    """The book of a preview is another one."""
    book = TemplateBook()
    assert book.with_one(TEXT).find("reminder", Channel.SMS, "en") == TEXT
    assert book.find("reminder", Channel.SMS, "en") is None
    assert TemplateBook([TEXT]).without(REMINDER).find("reminder", Channel.SMS, "en") is None


async def test_what_expired_is_looked_at_again(database: Database, monkeypatch: pytest.MonkeyPatch):
    """The clock of a book is its own: it counts seconds, whatever the time is."""
    book, seconds = TemplateBook(), [100.0]
    monkeypatch.setattr(books, "monotonic", lambda: seconds[0])
    await book.keep_fresh(database)
    await put(database, TEXT)
    seconds[0] += timedelta(seconds=books.FRESH).total_seconds() - 0.1
    await book.keep_fresh(database)
    assert book.find("reminder", Channel.SMS, "en") is None
    seconds[0] += 0.1
    await book.keep_fresh(database)
    assert book.find("reminder", Channel.SMS, "en")
