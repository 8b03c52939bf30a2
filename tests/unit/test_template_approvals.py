"""WhatsApp's approval of texts, with WhatsApp as a fake."""

import pytest

from core.errors import AppError, Unavailable
from core.model import LANGUAGES, Channel, Kind, TemplateId
from core.rendering.approvals import can_be_approved
from core.rendering.checks import check_whatsapp
from core.rendering.previews import own_source
from core.rendering.variables import KEYS, RSVP_INVITATION
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import SteppedClock
from tests.templates import TextDesk, a_text_desk

REMINDER = TemplateId(Kind.REMINDER, Channel.WHATSAPP, "en")
RSVP = TemplateId(RSVP_INVITATION, Channel.WHATSAPP, "en")
SID = f"HX{1:032}"


@pytest.fixture
async def texts(database: Database, clock: SteppedClock, keys: Keys) -> TextDesk:
    return a_text_desk(database, clock, keys, await saved(database, an_account()))


async def test_a_text_is_handed_in_with_numbers_and_examples(texts: TextDesk):
    """Ours too: it gets a row of its own, and is in use as soon as it is approved."""
    await texts.approvals.submit(texts.admin, REMINDER)
    ((name, language, body, examples),) = texts.contents.made
    assert (name, language, examples) == ("reminder/whatsapp/en", "en", {"1": "Monday, March 2, 2026"})
    assert body.startswith("Time for a post, today, {{1}}. What did you learn")
    assert texts.contents.submitted == [(SID, f"reminder_en_{SID[-8:]}", "UTILITY")]
    stored = await texts.stored(REMINDER)
    assert (stored.provider_template_id, stored.is_approved, stored.approval_status) == (SID, False, "received")
    view = await texts.editor.look(REMINDER, texts.admin)
    assert not view.is_changed
    assert [change.action for change in await texts.editor.history(REMINDER)] == ["template.submitted"]


async def test_what_whatsapp_decides_is_learnt(texts: TextDesk):
    """By the button or by the hour; an approved text is used at once."""
    await texts.approvals.submit(texts.admin, REMINDER)
    await texts.approvals.refresh(REMINDER)
    assert (await texts.stored(REMINDER)).approval_status == "pending"
    texts.contents.answers[SID] = ("approved", "")
    await texts.approvals.refresh(REMINDER)
    found = texts.book.find(REMINDER.key, REMINDER.channel, "en")
    assert found
    assert (found.is_approved, found.approval_status) == (True, "approved")


async def test_an_approval_that_is_taken_back_counts_no_more(texts: TextDesk):
    """WhatsApp pauses templates that people complain about."""
    await texts.approvals.submit(texts.admin, REMINDER)
    texts.contents.answers[SID] = ("approved", "")
    await texts.approvals.refresh_all()
    version = (await texts.stored(REMINDER)).version
    await texts.approvals.refresh_all()
    assert (await texts.stored(REMINDER)).version == version
    texts.contents.answers[SID] = ("paused", "low quality")
    await texts.approvals.refresh_all()
    stored = await texts.stored(REMINDER)
    assert (stored.is_approved, stored.approval_status, stored.approval_reason) == (False, "paused", "low quality")


async def test_what_was_made_is_not_made_again(texts: TextDesk):
    """The first try broke between making and handing in."""
    texts.contents.fails["submit"] = Unavailable("unavailable", "try later")
    with pytest.raises(AppError, match="Twilio did not take it: unavailable: try later"):
        await texts.approvals.submit(texts.admin, REMINDER)
    assert (await texts.stored(REMINDER)).approval_status == "unsubmitted"
    await texts.approvals.submit(texts.admin, REMINDER)
    assert (len(texts.contents.made), len(texts.contents.submitted)) == (1, 1)


async def test_pressed_twice_it_is_handed_in_once(texts: TextDesk):
    """The second hears that it was."""
    await texts.approvals.submit(texts.admin, REMINDER)
    with pytest.raises(AppError, match="has this text already"):
        await texts.approvals.submit(texts.admin, REMINDER)
    assert len(texts.contents.submitted) == 1


async def test_a_refused_text_must_be_changed(texts: TextDesk):
    """Handing in the same again would be refused again; another one is made anew."""
    await texts.approvals.submit(texts.admin, REMINDER)
    texts.contents.answers[SID] = ("rejected", "unclear")
    await texts.approvals.refresh(REMINDER)
    with pytest.raises(AppError, match="refused this text: unclear"):
        await texts.approvals.submit(texts.admin, REMINDER)
    await texts.saves(REMINDER, "A reminder for {{ day_text }}: please write a post today.")
    await texts.approvals.submit(texts.admin, REMINDER)
    assert [made[2] for made in texts.contents.made][1] == "A reminder for {{1}}: please write a post today."
    assert (await texts.stored(REMINDER)).provider_template_id == f"HX{2:032}"


async def test_without_an_account_it_says_what_is_missing(texts: TextDesk):
    """And writes nothing."""
    texts.contents.is_set_up = False
    with pytest.raises(AppError, match="TWILIO_ACCOUNT_SID"):
        await texts.approvals.submit(texts.admin, REMINDER)
    assert await texts.editor.states() == {}
    await texts.approvals.refresh_all()


@pytest.mark.parametrize(
    "template_id",
    [TemplateId(Kind.CODE, Channel.WHATSAPP, "en"), TemplateId(Kind.MESSAGE, Channel.WHATSAPP, "en"),
     TemplateId(Kind.REMINDER, Channel.SMS, "en")],
)  # fmt: skip
async def test_what_whatsapp_never_approves_is_not_handed_in(texts: TextDesk, template_id: TemplateId):
    """Codes have a form of their own there."""
    assert not can_be_approved(template_id)
    with pytest.raises(AppError, match="approves no such text"):
        await texts.approvals.submit(texts.admin, template_id)


async def test_one_that_can_t_be_asked_about_holds_up_no_other(texts: TextDesk):
    """The next hour asks again."""
    await texts.approvals.submit(texts.admin, REMINDER)
    await texts.approvals.submit(texts.admin, RSVP)
    texts.contents.fails["approval"] = Unavailable("unavailable")
    await texts.approvals.refresh_all()
    states = {one.approval_status for one in (await texts.editor.states()).values()}
    assert states == {"received", "pending"}
    texts.contents.fails["approval"] = Unavailable("unavailable")
    with pytest.raises(AppError, match="did not answer"):
        await texts.approvals.refresh(REMINDER)


async def test_what_was_never_handed_in_is_not_asked_about(texts: TextDesk):
    """It says so."""
    with pytest.raises(AppError, match="not been handed"):
        await texts.approvals.refresh(REMINDER)


async def test_the_documents_own_template_is_there_from_the_start(texts: TextDesk):
    """In every language, not approved; a second start leaves it alone."""
    await texts.approvals.seed()
    await texts.saves(RSVP, "Hello {{ guest_name }}, please answer us here: {{ rsvp_link }} We wait for you.")
    await texts.approvals.seed()
    states = await texts.editor.states()
    assert {one.language for one in states} == set(LANGUAGES)
    french = states[TemplateId(RSVP_INVITATION, Channel.WHATSAPP, "fr")]
    assert (french.is_approved, french.is_active, french.invitation_type) == (False, True, "event")
    assert french.description == "Standard RSVP invitation template for WhatsApp"
    assert "{{ rsvp_link }}" in (french.texts.text or "")
    assert states[RSVP].texts.text == "Hello {{ guest_name }}, please answer us here: {{ rsvp_link }} We wait for you."


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_texts_keep_whatsapps_rules(key: str, language: str):
    """Each could be handed in as it is, in every language."""
    template_id = TemplateId(key, Channel.WHATSAPP, language)
    if can_be_approved(template_id):
        check_whatsapp(own_source(template_id, "text") or "", "")
