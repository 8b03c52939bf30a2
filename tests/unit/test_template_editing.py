"""Texts as admins work on them: looked at, proposed, saved, reset, brought back, tried out, remembered."""

import pytest

from core.errors import AppError, NotFound
from core.i18n import speaking
from core.model import Account, Channel, Kind, StoredTemplate, TemplateId, Texts
from core.rendering.editing import NO_ADDRESS, a_row, is_changed, known_parts
from core.rendering.previews import own_source
from core.rendering.renderer import PREPARED
from core.rendering.variables import KEYS, RSVP_INVITATION, channels_of
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock
from tests.templates import TextDesk, a_text_desk

SMS = TemplateId(Kind.REMINDER, Channel.SMS, "en")
MAIL = TemplateId(Kind.REMINDER, Channel.EMAIL, "en")
CHAT = TemplateId(Kind.REMINDER, Channel.TELEGRAM, "en")
RSVP = TemplateId(RSVP_INVITATION, Channel.WHATSAPP, "fr")


@pytest.fixture
async def texts(any_database: Database, clock: SteppedClock, keys: Keys) -> TextDesk:
    return a_text_desk(any_database, clock, keys, await saved(any_database, an_account()))


@pytest.mark.parametrize("key", KEYS)
async def test_every_text_can_be_looked_at(database: Database, clock: SteppedClock, keys: Keys, key: str):
    """With example values, in every language and on every channel."""
    texts = a_text_desk(database, clock, keys, await saved(database, an_account()))
    for channel in channels_of(key):
        for language in ("en", "es", "fr"):
            view = await texts.editor.look(TemplateId(key, channel, language), texts.admin)
            assert view.preview
            assert view.preview.text.strip()
            assert (view.is_changed, view.version, view.stored) == (False, 0, None)


@pytest.mark.parametrize(
    "template_id",
    [
        TemplateId("nothing", Channel.SMS, "en"),
        TemplateId(Kind.REMINDER, Channel.SMS, "tlh"),
        TemplateId(Kind.REMINDER, Channel.WEBHOOK, "en"),
        TemplateId(Kind.CODE, Channel.PUSH, "en"),
        TemplateId(Kind.DRAFT, Channel.TELEGRAM, "en"),
        TemplateId(RSVP_INVITATION, Channel.SMS, "en"),
    ],
)
async def test_what_there_is_no_text_of_is_not_found(texts: TextDesk, template_id: TemplateId):
    """A forged button does nothing."""
    with pytest.raises(NotFound):
        known_parts(template_id)
    with pytest.raises(NotFound):
        await texts.editor.look(template_id, texts.admin)
    with pytest.raises(NotFound):
        await texts.editor.reset(texts.admin, template_id)


async def test_our_own_text_is_shown_as_one_would_write_it(texts: TextDesk):
    """So that a small change needs no guessing."""
    view = await texts.editor.look(SMS, texts.admin)
    assert (view.sources["text"] or "").startswith("{{ sender_name }}: time for a post.")
    assert "Postrider: time for a post." in (view.preview.text if view.preview else "")


async def test_a_text_is_saved_and_in_force_at_once(texts: TextDesk):
    """And says what it would before it is."""
    proposal = await texts.editor.propose(SMS, "text", "  Hi {{ reader_name }},\r\nwrite!  ", texts.admin)
    assert (proposal.text, proposal.preview.text) == ("Hi {{ reader_name }},\nwrite!", "Hi Ada,\nwrite!")
    assert texts.book.find(*_parts(SMS)) is None
    await texts.editor.save(texts.admin, SMS, "text", proposal.text, proposal.version)
    assert texts.book.find(*_parts(SMS)) == await texts.stored(SMS)
    view = await texts.editor.look(SMS, texts.admin)
    assert (view.is_changed, view.sources["text"], view.version) == (True, "Hi {{ reader_name }},\nwrite!", 1)
    assert (await texts.editor.states())[SMS].invitation_type == "reminders"


async def test_a_bad_text_is_neither_proposed_nor_saved(texts: TextDesk):
    """Whatever way it comes."""
    with pytest.raises(AppError, match="Line 1"):
        await texts.editor.propose(SMS, "text", "Hi {{ nobody }}", texts.admin)
    with pytest.raises(AppError, match="Line 1"):
        await texts.editor.save(texts.admin, SMS, "text", "Hi {{ nobody }}", 0)
    with pytest.raises(NotFound):
        await texts.editor.propose(SMS, "subject", "Hello", texts.admin)
    assert await texts.editor.states() == {}


async def test_two_admins_at_once(texts: TextDesk):
    """The second hears that somebody was quicker, and overwrites nothing."""
    first = await texts.editor.propose(SMS, "text", "First", texts.admin)
    second = await texts.editor.propose(SMS, "text", "Second", texts.admin)
    await texts.editor.save(texts.admin, SMS, "text", first.text, first.version)
    with pytest.raises(AppError, match="in the meantime"):
        await texts.editor.save(texts.admin, SMS, "text", second.text, second.version)
    assert (await texts.stored(SMS)).texts.text == "First"


async def test_parts_of_a_mail_are_changed_one_by_one(texts: TextDesk):
    """A new subject leaves the text, and a new text gets an HTML part within the layout."""
    await texts.saves(MAIL, "Write today, {{ reader_name }}", "subject")
    view = await texts.editor.look(MAIL, texts.admin)
    assert view.preview
    assert view.preview.subject == "Write today, Ada"
    assert "What did you learn" in view.preview.text
    await texts.saves(MAIL, "It is {{ day_text }}.\n\nSee https://example.org/a?b=1&c=2 & <write>")
    mail = (await texts.editor.look(MAIL, texts.admin)).preview
    assert mail
    assert mail.text.startswith("It is Monday, March 2, 2026.\n\nSee https://example.org/a?b=1&c=2 & <write>\n\n-- \n")
    assert '<a href="https://example.org/a?b=1&amp;c=2"' in (mail.html or "")
    assert "&amp; &lt;write&gt;" in (mail.html or "")
    assert "<h1" in (mail.html or "")
    await texts.saves(MAIL, "<p>Hello <b>{{ reader_name }}</b></p>", "html")
    mail = (await texts.editor.look(MAIL, texts.admin)).preview
    assert mail
    assert "<b>Ada</b>" in (mail.html or "")
    assert "It is Monday" in mail.text
    assert (await texts.stored(MAIL)).version == 3


async def test_values_in_html_are_escaped(texts: TextDesk, any_database: Database):
    """A reader may be called <script>."""
    mail = TemplateId(Kind.ACCESS_REQUEST, Channel.EMAIL, "en")
    await texts.saves(mail, "<p>{{ reader_name }}</p>", "html")
    view = await texts.editor.look(mail, an_account(name="<script>x</script>"))
    assert view.preview
    assert "<script>" not in (view.preview.html or "")
    assert "&lt;script&gt;" in (view.preview.html or "")


async def test_a_card_in_the_chat_keeps_its_buttons(texts: TextDesk):
    """Only its text is the admin's, as plain text."""
    await texts.saves(CHAT, "Write, {{ reader_name }} <now>!")
    card = (await texts.editor.look(CHAT, texts.admin)).preview
    assert card
    assert (card.text, card.html) == ("Write, Ada <now>!", "Write, Ada &lt;now&gt;!")
    assert card.buttons[0][0].text == "✍️ Draft now"


async def test_a_text_too_long_for_one_message_goes_out_in_parts(texts: TextDesk):
    """The adapter cuts it; the buttons stand below the last part."""
    await texts.saves(TemplateId(Kind.KEPT, Channel.TELEGRAM, "en"), "{{ post }}" * 100)
    card = (await texts.editor.look(TemplateId(Kind.KEPT, Channel.TELEGRAM, "en"), texts.admin)).preview
    assert card
    assert (len(card.text) > 4096, card.html, bool(card.buttons)) == (True, None, True)


async def test_reset_and_undo(texts: TextDesk):
    """Ours stands again; what was written is kept and comes back."""
    await texts.saves(SMS, "Mine")
    await texts.editor.reset(texts.admin, SMS)
    assert texts.book.find(*_parts(SMS)) is None
    view = await texts.editor.look(SMS, texts.admin)
    assert (view.is_changed, view.stored is not None) == (False, True)
    await texts.editor.reset(texts.admin, SMS)
    await texts.editor.restore(texts.admin, SMS)
    await texts.editor.restore(texts.admin, SMS)
    assert (await texts.editor.look(SMS, texts.admin)).sources["text"] == "Mine"
    changes = await texts.editor.history(SMS)
    assert [one.action for one in changes] == ["template.restored", "template.reset", "template.saved"]


async def test_what_was_reset_does_not_come_back_with_the_next_change(texts: TextDesk):
    """A new subject over a text that was reset leaves ours standing below it."""
    await texts.saves(MAIL, "Mine")
    await texts.editor.reset(texts.admin, MAIL)
    await texts.saves(MAIL, "New subject", "subject")
    assert (await texts.stored(MAIL)).texts == Texts(None, "New subject", None)


async def test_the_history_tells_before_and_after(texts: TextDesk):
    """Who, when, and what stood there."""
    await texts.saves(SMS, "One")
    await texts.saves(SMS, "Two")
    newest, oldest = await texts.editor.history(SMS)
    assert (newest.by, newest.at, newest.action) == ("Ada", NOW, "template.saved")
    assert newest.before
    assert newest.after
    assert (newest.before["text"], newest.after["text"], newest.after["template"]) == ("One", "Two", "reminder/sms/en")
    assert oldest.before == {"is_active": False}


async def test_another_text_needs_another_approval(texts: TextDesk):
    """WhatsApp approved other words."""
    row = StoredTemplate(RSVP, Texts("Bonjour {{ guest_name }}, nous vous attendons."), provider_template_id="HX1")
    async with texts.database.begin() as uow:
        await uow.templates.put(row, NOW)
    await texts.saves(RSVP, "Salut {{ guest_name }}, répondez ici : {{ rsvp_link }} Nous vous attendons avec joie.")
    stored = await texts.stored(RSVP)
    assert (stored.provider_template_id, stored.is_approved, stored.approval_status) == (None, False, "unsubmitted")


async def test_a_test_is_a_real_delivery_of_the_preview(texts: TextDesk):
    """To the admin alone, by that channel, once for each press."""
    await texts.saves(MAIL, "Hi {{ reader_name }}")
    delivery = await texts.editor.test(texts.admin, MAIL, "update:1")
    assert (delivery.delivery_type, delivery.recipient) == (Channel.EMAIL, "ada@example.org")
    async with texts.database.read() as uow:
        (outgoing,) = await uow.deliveries.load([delivery.id])
    content = outgoing.notification.content[PREPARED]
    assert content["text"].startswith("Hi Ada\n")
    assert outgoing.notification.interactive
    with pytest.raises(AppError, match="on its way already"):
        await texts.editor.test(texts.admin, MAIL, "update:1")
    assert (await texts.editor.test(texts.admin, MAIL, "update:2")).id != delivery.id


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP, Channel.PUSH])
async def test_without_an_address_it_says_what_is_missing(texts: TextDesk, channel: Channel):
    """Nothing is pretended."""
    with pytest.raises(AppError) as raised:
        await texts.editor.test(texts.admin, TemplateId(Kind.REMINDER, channel, "en"), "update:1")
    assert raised.value.message == NO_ADDRESS[channel]


async def test_a_mailbox_that_was_not_confirmed_gets_no_test(texts: TextDesk):
    """There is none."""
    with pytest.raises(AppError, match="no confirmed mail address"):
        await texts.editor.test(await _without_mail(texts), MAIL, "update:1")


async def _without_mail(texts: TextDesk) -> Account:
    return await saved(texts.database, an_account(email=None, telegram_id=77, public_id="nomail"))


async def test_a_row_that_says_what_we_say_is_no_change(texts: TextDesk):
    """A text that was only handed in for approval."""
    with speaking("en"):
        row = a_row(SMS)
    assert not is_changed(StoredTemplate(SMS, Texts(own_source(SMS, "text")), version=1))
    assert is_changed(StoredTemplate(SMS, Texts("Other"), version=1))
    assert not is_changed(StoredTemplate(SMS, Texts("Other"), version=1, is_active=False))
    assert not is_changed(None)
    assert (row.display_name, row.invitation_type) == ("A reminder", "reminders")


def _parts(template_id: TemplateId) -> tuple[str, Channel, str]:
    return template_id.key, template_id.channel, template_id.language
