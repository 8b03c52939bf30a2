"""/phone: one's own number for SMS and WhatsApp, shared as a contact."""

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject, Filter
from aiogram.types import CallbackQuery, KeyboardButton, Message, ReplyKeyboardMarkup, ReplyKeyboardRemove

from bot.callbacks import PhoneButton
from bot.show import say, show
from bot.views import phone as views
from core.accounts.phone import PHONE_CHANNELS, Phone, PhoneBook
from core.accounts.rulewords import CHANNEL_WORDS
from core.errors import AppError
from core.i18n import N_
from core.model import Account, Card, Channel
from core.timewords import parse_switch, plain, shown

router = Router(name="phone")
REMOVE = frozenset(["remove", "delete", "forget", "quitar", "eliminar", "borrar", "supprimer", "enlever", "retirer"])


class OwnContact(Filter):
    """A contact of whoever sends it; Telegram names the owner of a contact."""

    async def __call__(self, message: Message) -> bool:
        contact, sender = message.contact, message.from_user
        return contact is not None and sender is not None and contact.user_id == sender.id


@router.message(Command("phone"))
async def phone(message: Message, command: CommandObject, account: Account, phones: PhoneBook, bot: Bot) -> None:
    """Alone: the number as it stands, or the question for one; sms off, whatsapp on, remove."""
    if not command.args:
        found = await phones.of(account)
        await (say(message, views.card(found, account)) if found.number else _ask(bot, message.chat.id))
        return
    words = plain(command.args).split() or [""]
    channel, is_on = CHANNEL_WORDS.get(words[0]), parse_switch(" ".join(words[1:]))
    if words[0] in REMOVE or parse_switch(" ".join(words)) is False:
        await phones.remove(account)
        await say(message, views.removed())
    elif channel in PHONE_CHANNELS and is_on is not None:
        await say(message, views.card(await phones.switch(account, channel, is_on), account))
    elif any(letter.isdigit() for letter in words[0]):
        await _ask(bot, message.chat.id)
    else:
        raise AppError(
            N_("“{text}” is nothing I can do with a number. Examples: /phone, /phone sms off, /phone remove"),
            {"text": shown(command.args)},
        )


async def _ask(bot: Bot, chat_id: int) -> None:
    button = KeyboardButton(text=views.share_number(), request_contact=True)
    share = ReplyKeyboardMarkup(keyboard=[[button]], resize_keyboard=True, one_time_keyboard=True)
    await bot.send_message(chat_id, views.ask(), reply_markup=share)


@router.message(OwnContact())
async def shared(message: Message, account: Account, phones: PhoneBook) -> None:
    """The own number, at any time. The button that shared it goes away."""
    assert message.contact is not None  # the filter says so
    found = await phones.add(account, message.contact.phone_number, message.contact.user_id)
    await message.answer(views.saved(), reply_markup=ReplyKeyboardRemove())
    await say(message, views.card(found, account))


@router.callback_query(PhoneButton.filter(F.action == "share"))
async def another(query: CallbackQuery, bot: Bot) -> None:
    """Another number is shared like the first."""
    await _ask(bot, query.from_user.id)


@router.callback_query(PhoneButton.filter(F.action == "remove"))
async def remove(query: CallbackQuery, account: Account, phones: PhoneBook) -> None:
    """The number goes; the way to add one is shown."""
    await phones.remove(account)
    await show(query, views.removed())


@router.callback_query(PhoneButton.filter(F.action.in_({"on", "off"})))
async def switch(query: CallbackQuery, callback_data: PhoneButton, account: Account, phones: PhoneBook) -> None:
    """A channel uses the number, or not."""
    channel = next((one for one in PHONE_CHANNELS if one == callback_data.channel), None)
    if channel is None:
        raise AppError(N_("This button no longer works. Send /phone to see yours."))
    await show(query, _after(await phones.switch(account, Channel(channel), callback_data.action == "on"), account))


def _after(phone: Phone, account: Account) -> Card | str:
    return views.card(phone, account) if phone.number else views.removed()
