"""/templates: admins look at the texts of messages, change them, and have WhatsApp approve them."""

from hashlib import sha256

from aiogram import F
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message, Update

from bot.admins import admin_router
from bot.answers import Text
from bot.callbacks import TemplatesButton
from bot.presses import toast
from bot.show import say, send, show, source_key
from bot.views import templates as views
from core.errors import AppError, NotFound
from core.i18n import N_
from core.i18n import gettext as _
from core.model import Account, Channel, DeliveryStatus, TemplateId
from core.rendering.approvals import TemplateApprovals
from core.rendering.editing import TemplateEditor
from core.rendering.variables import KEYS

router = admin_router("templates")
DRAFT = "template"  # of the dialogue: which text, which part, and what was proposed


class TemplateDialogue(StatesGroup):
    """Waiting for a new text."""

    text = State()


def template_id(button: TemplatesButton) -> TemplateId:
    """What a button is about. Raises `NotFound` for one that nobody made."""
    if button.channel not in set(Channel):
        raise NotFound(N_("There is no such text. Send /templates to see all of them."))
    return TemplateId(button.key, Channel(button.channel), button.language)


def mark_of(own: TemplateId, part: str, text: str) -> str:
    """What tells one proposal from another on its buttons."""
    return sha256(f"{own}/{part}/{text}".encode()).hexdigest()[:8]


@router.message(Command("templates"))
async def templates_(message: Message, templates: TemplateEditor) -> None:
    """All kinds."""
    await say(message, views.keys_card(await templates.states()))


@router.callback_query(TemplatesButton.filter(F.action == "kinds"))
async def kinds(query: CallbackQuery, templates: TemplateEditor) -> None:
    """Back to all of them."""
    await show(query, views.keys_card(await templates.states()))


@router.callback_query(TemplatesButton.filter(F.action == "kind"))
async def kind(query: CallbackQuery, callback_data: TemplatesButton, templates: TemplateEditor) -> None:
    """The channels and languages of one kind."""
    if callback_data.key not in KEYS:
        raise NotFound(N_("There is no such text. Send /templates to see all of them."))
    await show(query, views.kind_card(callback_data.key, await templates.states()))


@router.callback_query(TemplatesButton.filter(F.action == "open"))
async def open_(
    query: CallbackQuery, callback_data: TemplatesButton, templates: TemplateEditor, account: Account
) -> None:
    """One text."""
    await show(query, views.template_card(await templates.look(template_id(callback_data), account)))


@router.callback_query(TemplatesButton.filter(F.action == "edit"))
async def edit(
    query: CallbackQuery, callback_data: TemplatesButton, templates: TemplateEditor, account: Account, state: FSMContext
) -> None:
    """Ask for the new text of a part."""
    view = await templates.look(template_id(callback_data), account)
    if callback_data.part not in view.sources:
        raise NotFound(N_("There is no such text. Send /templates to see all of them."))
    await state.set_state(TemplateDialogue.text)
    await state.update_data({DRAFT: {"button": callback_data.pack()}})
    for text in views.ask_for_text(view, callback_data.part):
        await send(query, text)


@router.message(StateFilter(TemplateDialogue.text), Text())
async def typed(message: Message, templates: TemplateEditor, account: Account, state: FSMContext) -> None:
    """The new text: checked, and shown as it would read. Another one may be sent instead."""
    button = TemplatesButton.unpack((await state.get_data())[DRAFT]["button"])
    own = template_id(button)
    proposal = await templates.propose(own, button.part, message.text or "", account)
    draft = {"button": button.pack(), "text": proposal.text, "version": proposal.version}
    await state.update_data({DRAFT: draft})
    stored = (await templates.look(own, account)).stored
    is_approved = bool(stored and stored.is_active and stored.is_approved)
    mark = mark_of(own, button.part, proposal.text)
    await say(message, views.proposal_card(proposal, mark, is_approved=is_approved))


@router.callback_query(TemplatesButton.filter(F.action == "save"))
async def save(
    query: CallbackQuery, callback_data: TemplatesButton, templates: TemplateEditor, account: Account, state: FSMContext
) -> None:
    """What was proposed on this very card."""
    own, draft = template_id(callback_data), (await state.get_data()).get(DRAFT, {})
    if "text" not in draft or callback_data.mark != mark_of(own, callback_data.part, draft["text"]):
        raise AppError(
            N_("Another text was sent after this one, or it was saved already. /templates shows what stands.")
        )
    await templates.save(account, own, callback_data.part, draft["text"], draft["version"])
    await state.clear()
    await show(query, views.template_card(await templates.look(own, account), note=_("Saved.")))


@router.callback_query(TemplatesButton.filter(F.action == "discard"))
async def discard(
    query: CallbackQuery, callback_data: TemplatesButton, templates: TemplateEditor, account: Account, state: FSMContext
) -> None:
    """Nothing is changed."""
    await state.clear()
    view = await templates.look(template_id(callback_data), account)
    await show(query, views.template_card(view, note=_("Nothing was changed.")))


@router.callback_query(TemplatesButton.filter(F.action.in_({"ask_reset", "ask_submit"})))
async def ask(
    query: CallbackQuery, callback_data: TemplatesButton, templates: TemplateEditor, account: Account
) -> None:
    """Asked before it is done."""
    question = {"ask_reset": views.ask_reset_card, "ask_submit": views.ask_submit_card}[callback_data.action]
    await show(query, question(await templates.look(template_id(callback_data), account)))


@router.callback_query(TemplatesButton.filter(F.action.in_({"reset", "restore"})))
async def reset_or_restore(
    query: CallbackQuery, callback_data: TemplatesButton, templates: TemplateEditor, account: Account
) -> None:
    """The product's own text, or the admin's again."""
    own, is_reset = template_id(callback_data), callback_data.action == "reset"
    await (templates.reset if is_reset else templates.restore)(account, own)
    note = _("Reset.") if is_reset else _("Your text is back.")
    await show(query, views.template_card(await templates.look(own, account), note=note))


@router.callback_query(TemplatesButton.filter(F.action == "test"))
async def test(
    query: CallbackQuery,
    callback_data: TemplatesButton,
    templates: TemplateEditor,
    account: Account,
    event_update: Update,
) -> None:
    """A real delivery of it to the admin."""
    delivery = await templates.test(account, template_id(callback_data), source_key(event_update))
    if delivery.status is DeliveryStatus.SUPPRESSED:
        raise AppError(
            N_("Your address is on the list of those that get nothing: see /why {number}."), {"number": delivery.id}
        )
    await toast(query, _("It is on its way to you. /why {number} tells how it goes.").format(number=delivery.id))


@router.callback_query(TemplatesButton.filter(F.action == "history"))
async def history(
    query: CallbackQuery, callback_data: TemplatesButton, templates: TemplateEditor, account: Account
) -> None:
    """What was done to it."""
    own = template_id(callback_data)
    await show(query, views.history_card(own, await templates.history(own), account.preferences.timezone))


@router.callback_query(TemplatesButton.filter(F.action.in_({"submit", "refresh"})))
async def approval(
    query: CallbackQuery,
    callback_data: TemplatesButton,
    templates: TemplateEditor,
    template_approvals: TemplateApprovals,
    account: Account,
) -> None:
    """Hand it to WhatsApp, or ask what has become of it."""
    own = template_id(callback_data)
    if callback_data.action == "submit":
        await template_approvals.submit(account, own)
    else:
        await template_approvals.refresh(own)
    await show(query, views.template_card(await templates.look(own, account)))
