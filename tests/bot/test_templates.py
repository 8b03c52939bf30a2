"""/templates in the chat: admins alone look at texts, change them, try them out and have them approved."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.callbacks import TemplatesButton
from bot.desk import Desk
from core.model import LANGUAGES, Channel, Kind, TemplateId, UserAddress
from core.rendering.telegram_text import html_units
from core.rendering.variables import KEYS, channels_of, parts_of
from tests.bot.authoring import now
from tests.bot.conftest import ADMIN, AUTHOR, ChatDriver, Shown
from tests.templates import FakeContents

SMS = TemplateId(Kind.REMINDER, Channel.SMS, "en")


@pytest.fixture
async def chat(make_chat: Any) -> AsyncIterator[ChatDriver]:
    """An admin in the chat, over a WhatsApp that is a fake."""
    driver: ChatDriver = make_chat()
    driver.person = dict(ADMIN)
    await driver.says("/start")
    return driver


@pytest.fixture
def contents(chat: ChatDriver) -> FakeContents:
    fake, desk = FakeContents(), chat.desk
    chat.dispatcher["template_approvals"] = replace(desk.template_approvals, contents=fake.opened)
    return fake


async def opened(chat: ChatDriver, template_id: TemplateId) -> Shown:
    """The card of one text, the way a person gets there."""
    await chat.says("/templates")
    shown = chat.last
    label = {Kind.REMINDER: "A reminder", Kind.ALERT: "An alert", Kind.CODE: "A confirmation code"}[
        Kind(template_id.key)
    ]
    await chat.presses(label, on=shown)
    icon = {Channel.SMS: "💬", Channel.WHATSAPP: "🟢", Channel.EMAIL: "✉️", Channel.TELEGRAM: "📱", Channel.PUSH: "🔔"}
    await chat.presses(f"{icon[template_id.channel]} {template_id.language.upper()}", on=now(chat, shown))
    return now(chat, shown)


async def changed(chat: ChatDriver, template_id: TemplateId, text: str, part: str = "Text") -> Shown:
    """The same after a text was sent and saved."""
    await chat.presses(part, on=await opened(chat, template_id))
    await chat.says(text)
    await chat.presses("Save", on=chat.last)
    return chat.last


async def actions(chat: ChatDriver) -> list[str]:
    from sqlalchemy import select

    from storage.tables import audit_log

    async with chat.database.read() as uow:
        rows = await uow.connection.execute(select(audit_log.c.action).where(audit_log.c.action.like("template.%")))
        return [row[0] for row in rows]


async def test_for_anybody_else_there_is_no_such_command(chat: ChatDriver):
    """The same answer as to a typing error, and dead buttons."""
    await chat.says("/templates", user=AUTHOR)
    assert chat.replies == ["I don&#x27;t know /templates. /help shows what I can do."] or (
        "I don't know /templates" in chat.replies[0]
    )
    for action in ("kinds", "open", "edit", "save", "reset", "restore", "test", "submit", "refresh", "history"):
        data = TemplatesButton(action=action, key="reminder", channel="sms", language="en", part="text").pack()
        await chat.presses_data(data, user=AUTHOR)
        assert chat.alerts == ["This button no longer works. Send /help to see what does."]
    assert await actions(chat) == []


async def test_from_kinds_to_a_text(chat: ChatDriver):
    """Kind, channel, language; what stands there, how it reads, and how long it is."""
    shown = await opened(chat, SMS)
    assert "A reminder · SMS · English" in shown.text
    assert "The product's own text." in shown.text
    assert "{{ sender_name }}: time for a post." in shown.text
    assert "postrider" not in shown.text.casefold().split("as it is written")[0]
    assert "1 SMS, GSM-7: " in shown.text
    await chat.presses("Back", on=shown)
    await chat.presses("Back", on=now(chat, shown))
    assert "Which text?" in now(chat, shown).text


@pytest.mark.parametrize("key", KEYS)
async def test_every_card_fits_into_a_message(chat: ChatDriver, key: str):
    """Its text, and the data of its buttons."""
    for channel in channels_of(key):
        for language in LANGUAGES:
            data = TemplatesButton(action="open", key=key, channel=channel, language=language)
            await chat.presses_data(data.pack())
            assert html_units(chat.last.text) <= 4096
            assert all(len(data.encode()) <= 64 for data in chat.last.buttons.values())
            for part in parts_of(key, channel):
                await chat.presses_data(data.model_copy(update={"action": "edit", "part": part}).pack())
                assert all(html_units(text) <= 4096 for text in chat.replies)


async def test_a_text_is_changed_after_a_look_at_it(chat: ChatDriver):
    """Asked for, checked, shown, confirmed; then it is marked, and in force."""
    shown = await opened(chat, SMS)
    await chat.presses("Text", on=shown)
    assert "{{ day_text }}</code> the day in full words" in chat.replies[0]
    assert chat.replies[1].startswith("<pre>{{ sender_name }}")
    await chat.says("Write, {{ reader_name }}!")
    assert "Write, Root!" in chat.replies[0]
    assert "1 SMS, GSM-7: 12 characters, 148 left" in chat.replies[0]
    assert await actions(chat) == []
    await chat.presses("Save", on=chat.last)
    assert "Saved." in chat.last.text
    assert "✏️ Changed by an admin." in chat.last.text
    assert await actions(chat) == ["template.saved"]
    await chat.says("/templates")
    assert "✏️ A reminder" in chat.last.buttons


async def test_a_saved_text_goes_out_with_the_next_delivery(chat: ChatDriver):
    """Through the outbox and the engine."""
    await changed(chat, replace(SMS, channel=Channel.TELEGRAM), "Up with you, {{ reader_name }}!")
    account = await chat.account()
    from core.delivery.outbox import notify

    async with chat.database.begin() as uow:
        await notify(
            uow, account, Kind.REMINDER, key="r", now=chat.clock(), keys=chat.keys, content={"day": "2026-03-02"},
            channels=[Channel.TELEGRAM],
        )  # fmt: skip
    await chat.deliver()
    assert chat.last.text == "Up with you, Root!"
    assert "✍️ Draft now" in chat.last.buttons


async def test_a_mistake_is_told_and_the_question_stays_open(chat: ChatDriver):
    """With the line and an example."""
    await chat.presses("Text", on=await opened(chat, SMS))
    await chat.says("Write,\n{{ nam }}!")
    assert "Line 2: there is no variable “nam” here" in chat.replies[0]
    await chat.says("Write!")
    await chat.presses("Save", on=chat.last)
    assert await actions(chat) == ["template.saved"]


async def test_only_the_newest_proposal_is_saved(chat: ChatDriver):
    """A button further up belongs to another text."""
    await chat.presses("Text", on=await opened(chat, SMS))
    await chat.says("First")
    first = chat.last
    await chat.says("Second")
    second = chat.last
    await chat.presses("Save", on=first)
    assert "Another text was sent after this one" in chat.alerts[0]
    await chat.presses("Save", on=second)
    await chat.presses("Save", on=second)
    assert "saved already" in chat.alerts[0]
    assert (await chat.desk.templates.states())[SMS].texts.text == "Second"


async def test_a_proposal_can_be_discarded(chat: ChatDriver):
    """And the next text is an idea again."""
    await chat.presses("Text", on=await opened(chat, SMS))
    await chat.says("First")
    await chat.presses("Discard", on=chat.last)
    assert "Nothing was changed." in chat.last.text
    await chat.says("We cut our release time from three weeks to two days")
    assert chat.writer.briefs
    assert await actions(chat) == []


async def test_cancel_leaves_the_question(chat: ChatDriver):
    """Like any other."""
    await chat.presses("Text", on=await opened(chat, SMS))
    await chat.says("/cancel")
    assert "the question for a text" in chat.replies[0]
    await chat.says("We cut our release time from three weeks to two days")
    assert chat.writer.briefs


async def test_a_text_that_somebody_else_changed_meanwhile_is_not_overwritten(chat: ChatDriver):
    """They are sent back to look."""
    await chat.presses("Text", on=await opened(chat, SMS))
    await chat.says("Mine")
    mine = chat.last
    admin = await chat.account()
    await chat.desk.templates.save(admin, SMS, "text", "Theirs", 0)
    await chat.presses("Save", on=mine)
    assert "in the meantime" in chat.alerts[0]
    assert (await chat.desk.templates.states())[SMS].texts.text == "Theirs"


async def test_subject_and_text_of_a_mail_are_changed_apart(chat: ChatDriver):
    """And the HTML where somebody wants to."""
    mail = replace(SMS, channel=Channel.EMAIL)
    await changed(chat, mail, "News for {{ reader_name }}", "Subject")
    await changed(chat, mail, "Good day.\n\nWrite!")
    shown = await changed(chat, mail, "<p>Good <b>day</b></p>", "HTML")
    assert "News for Root" in shown.text
    assert "Good day." in shown.text
    assert await actions(chat) == ["template.saved"] * 3


async def test_reset_is_asked_first_and_can_be_undone(chat: ChatDriver):
    """Twice pressed, once done."""
    shown = await changed(chat, SMS, "Mine")
    await chat.presses("Reset", on=shown)
    assert "can be brought back" in now(chat, shown).text
    question = now(chat, shown)
    await chat.presses("Reset", on=question)
    assert "The product's own text" in now(chat, shown).text
    await chat.presses_data(question.buttons["↩️ Reset"], message=question.raw)
    await chat.presses("Bring my text back", on=now(chat, shown))
    assert "Mine" in now(chat, shown).text
    assert await actions(chat) == ["template.saved", "template.reset", "template.restored"]


async def test_the_history_of_a_text(chat: ChatDriver):
    """Who, when, what before, what after."""
    await changed(chat, SMS, "One")
    shown = await changed(chat, SMS, "Two")
    await chat.presses("History", on=shown)
    history = now(chat, shown).text
    assert "changed · Root\n− One\n+ Two" in history
    assert "− (the product&#x27;s own)\n+ One" in history.replace("'", "&#x27;")
    assert html_units(history) <= 4096


async def test_a_history_of_long_texts_fits_into_a_message(chat: ChatDriver):
    """Only their beginnings are shown."""
    mail = replace(SMS, channel=Channel.EMAIL)
    for number in range(6):
        for part in ("subject", "text", "html"):
            admin, text = await chat.account(), f"{number} " + "<&> word " * 20
            version = (await chat.desk.templates.look(mail, admin)).version
            await chat.desk.templates.save(admin, mail, part, text, version)
    await chat.presses_data(TemplatesButton(action="history", key="reminder", channel="email", language="en").pack())
    assert html_units(chat.last.text) <= 4096


async def test_a_test_goes_to_the_admin_alone(chat: ChatDriver):
    """By its channel, with the text as it stands."""
    chat_text = replace(SMS, channel=Channel.TELEGRAM)
    await chat.presses("Test to me", on=await changed(chat, chat_text, "Just <testing>, {{ reader_name }}."))
    assert "on its way to you. /why " in chat.alerts[0]
    assert await chat.deliver() == 1
    assert (chat.last.chat_id, chat.last.text, chat.last.buttons) == (ADMIN["id"], "Just &lt;testing&gt;, Root.", {})


async def test_a_test_by_mail_needs_an_address(chat: ChatDriver):
    """It says so; with one, the mail is a real one."""
    mail = replace(SMS, channel=Channel.EMAIL)
    await chat.presses("Test to me", on=await opened(chat, mail))
    assert "You have no confirmed mail address" in chat.alerts[0]
    admin = await chat.account()
    async with chat.database.begin() as uow:
        await uow.users.update(
            admin.user.id, {"email": "root@example.org", "email_confirmed_at": chat.clock()}, chat.clock()
        )
    await chat.presses("Test to me", on=await opened(chat, mail))
    await chat.deliver()
    (letter,) = chat.postman.mails
    assert (letter.to, letter.subject) == ("root@example.org", "Time for a LinkedIn post")
    assert "<h1" in (letter.html or "")


async def test_a_test_by_sms_goes_to_the_admins_phone(chat: ChatDriver):
    """Where they have given one."""
    await chat.presses("Test to me", on=await opened(chat, SMS))
    assert "You have no phone number here" in chat.alerts[0]
    admin = await chat.account()
    number = "+14155550123"
    address = UserAddress(0, admin.user.id, Channel.SMS, number, "", chat.clock())
    async with chat.database.begin() as uow:
        await uow.addresses.add(address, chat.keys.address_hash(Channel.SMS, number))
    await chat.presses("Test to me", on=await opened(chat, SMS))
    await chat.deliver()
    (sms,) = chat.postman.mails
    assert (sms.channel, sms.to) == (Channel.SMS, number)
    assert sms.text.startswith("Postrider: time for a post.")


async def test_a_text_is_handed_to_whatsapp_and_its_answer_shown(chat: ChatDriver, contents: FakeContents):
    """Asked first, since what was handed in can't be changed."""
    whatsapp = replace(SMS, channel=Channel.WHATSAPP)
    shown = await opened(chat, whatsapp)
    assert "Not handed to WhatsApp" in shown.text
    await chat.presses("Hand in for approval", on=shown)
    assert "Time for a post, today, {{1}}." in now(chat, shown).text
    assert contents.made == []
    await chat.presses("Hand in", on=now(chat, shown))
    assert "⏳ Handed to WhatsApp" in now(chat, shown).text
    contents.answers[f"HX{1:032}"] = ("approved", "")
    await chat.presses("Ask WhatsApp", on=now(chat, shown))
    assert "✅ Approved by WhatsApp" in now(chat, shown).text
    await chat.presses("Back", on=now(chat, shown))
    assert "🟢 EN ✅" in now(chat, shown).buttons


async def test_a_change_of_an_approved_text_is_warned_of(chat: ChatDriver, contents: FakeContents):
    """It goes out within the 24 hours only, until it is approved again."""
    whatsapp = replace(SMS, channel=Channel.WHATSAPP)
    admin = await chat.account()
    approvals = chat.dispatcher["template_approvals"]
    await approvals.submit(admin, whatsapp)
    contents.answers[f"HX{1:032}"] = ("approved", "")
    await approvals.refresh(whatsapp)
    await chat.presses("Text", on=await opened(chat, whatsapp))
    assert "plain values only" in chat.replies[0]
    await chat.says("On {{ day_text }} we would like a post from you.")
    assert "needs its approval again" in chat.replies[0]
    assert "For WhatsApp: On {{1}} we would like" in chat.replies[0]
    await chat.presses("Save", on=chat.last)
    assert "Not handed to WhatsApp" in chat.last.text


async def test_a_refusal_of_whatsapp_is_shown_with_its_reason(chat: ChatDriver, contents: FakeContents):
    """So that the text can be changed."""
    whatsapp = replace(SMS, channel=Channel.WHATSAPP)
    admin, approvals = await chat.account(), chat.dispatcher["template_approvals"]
    await approvals.submit(admin, whatsapp)
    contents.answers[f"HX{1:032}"] = ("rejected", "unclear")
    await approvals.refresh(whatsapp)
    assert "⛔ WhatsApp says “rejected”: unclear" in (await opened(chat, whatsapp)).text


async def test_without_twilio_nothing_is_handed_in(chat: ChatDriver):
    """The answer names what is missing."""
    shown = await opened(chat, replace(SMS, channel=Channel.WHATSAPP))
    await chat.presses("Hand in for approval", on=shown)
    await chat.presses("Hand in", on=now(chat, shown))
    assert "TWILIO_ACCOUNT_SID" in chat.alerts[0]


async def test_codes_are_never_handed_to_whatsapp(chat: ChatDriver):
    """They have a form of their own there."""
    shown = await opened(chat, TemplateId(Kind.CODE, Channel.WHATSAPP, "en"))
    assert "approves no such text" in shown.text
    assert "📤 Hand in for approval" not in shown.buttons


@pytest.mark.parametrize(
    "button",
    [
        TemplatesButton(action="open", key="nothing", channel="sms", language="en"),
        TemplatesButton(action="open", key="reminder", channel="pigeon", language="en"),
        TemplatesButton(action="open", key="reminder", channel="sms", language="tlh"),
        TemplatesButton(action="edit", key="reminder", channel="sms", language="en", part="subject"),
        TemplatesButton(action="kind", key="nothing"),
        TemplatesButton(action="save", key="reminder", channel="sms", language="en", part="text", mark="e3b0c442"),
    ],
)
async def test_a_forged_button_does_nothing(chat: ChatDriver, button: TemplatesButton):
    """It is told so."""
    await chat.presses_data(button.pack())
    assert chat.alerts[0].startswith(("There is no such text", "Another text was sent"))
    assert await actions(chat) == []


async def test_texts_are_read_in_their_own_language(chat: ChatDriver):
    """Whatever the admin's is."""
    shown = await opened(chat, replace(SMS, language="fr", channel=Channel.EMAIL))
    assert "Français" in shown.text
    assert "lundi 2 mars 2026" in shown.text


def test_the_desk_has_both_use_cases() -> None:
    """Under the names that handlers ask for."""
    assert {"templates", "template_approvals"} <= set(Desk.__dataclass_fields__)
