"""The two client libraries that Postrider uses understand every answer, as they would the real server's."""

from collections.abc import AsyncIterator

import httpx
import pytest
import telegram
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyParameters,
)

from demo import AUTHOR_ID, DEMO_TOKEN, Demo

BUTTONS = [
    [
        InlineKeyboardButton(text="👍 Approve", callback_data="a:1"),
        InlineKeyboardButton(text="In", url="https://example.org"),
    ],
    [InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="text"))],
]


@pytest.fixture
async def http(demo: Demo) -> AsyncIterator[httpx.AsyncClient]:
    """A person at the page, who has started the bot."""
    async with httpx.AsyncClient(base_url=f"{demo.url}/demo/api", trust_env=False) as client:
        await client.post(f"users/{AUTHOR_ID}/start", json={})
        yield client


@pytest.fixture
async def aiogram_bot(demo: Demo) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(demo.api_base))
    async with Bot(DEMO_TOKEN, session=session) as bot:
        yield bot


@pytest.fixture
async def ptb_bot(demo: Demo) -> AsyncIterator[telegram.Bot]:
    bot = telegram.Bot(DEMO_TOKEN, base_url=f"{demo.api_base}/bot", base_file_url=f"{demo.api_base}/file/bot")
    async with bot:
        yield bot


async def test_aiogram_sends_edits_and_reads(aiogram_bot: Bot, http: httpx.AsyncClient):
    bot = aiogram_bot
    assert (await bot.get_me()).id == bot.id
    markup = InlineKeyboardMarkup(inline_keyboard=BUTTONS)
    card = await bot.send_message(AUTHOR_ID, "<b>Draft</b>", parse_mode="HTML", reply_markup=markup)
    assert card.html_text == "<b>Draft</b>"
    assert card.reply_markup
    assert card.reply_markup.model_dump() == markup.model_dump()
    await bot.edit_message_text("two", chat_id=AUTHOR_ID, message_id=card.message_id, reply_markup=markup)
    asking = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Where I am", request_location=True)]])
    replied = await bot.send_message(
        AUTHOR_ID, "?", reply_markup=asking, reply_parameters=ReplyParameters(message_id=card.message_id)
    )
    assert replied.reply_to_message
    assert replied.reply_to_message.reply_markup == card.reply_markup
    document = await bot.send_document(AUTHOR_ID, BufferedInputFile(b"{}", "export.json"), caption="yours")
    media = InputMediaDocument(media=BufferedInputFile(b"[]", "other.json"))
    await bot.edit_message_media(media, chat_id=AUTHOR_ID, message_id=document.message_id)
    await bot.send_chat_action(AUTHOR_ID, "typing")
    await bot.set_my_commands([BotCommand(command="new", description="Write")], BotCommandScopeChat(chat_id=AUTHOR_ID))
    assert (await bot.get_chat(AUTHOR_ID)).first_name == "Author"
    assert (await bot.get_chat_member(AUTHOR_ID, AUTHOR_ID)).status == "member"
    assert await bot.delete_message(AUTHOR_ID, document.message_id)


async def test_aiogram_reads_every_kind_of_update(aiogram_bot: Bot, http: httpx.AsyncClient):
    bot = aiogram_bot
    card = await bot.send_message(AUTHOR_ID, "card", reply_markup=InlineKeyboardMarkup(inline_keyboard=BUTTONS))
    who = f"users/{AUTHOR_ID}"
    await http.post(f"{who}/press", json={"message_id": card.message_id, "row": 0, "col": 0})
    await http.post(f"{who}/voice", files={"file": ("v.ogg", b"OggS", "audio/ogg")})
    await http.post(f"{who}/location", json={"latitude": 1, "longitude": 2})
    await http.post(f"{who}/chats", json={"title": "News", "type": "channel"})
    await http.post(f"{who}/block")
    updates = await bot.get_updates()
    kinds = [update.event_type for update in updates]
    assert kinds == ["message", "callback_query", "message", "message", "my_chat_member", "my_chat_member"]
    query, voice = updates[1].callback_query, updates[2].message
    assert query
    assert query.data == "a:1"
    assert await bot.answer_callback_query(query.id, "Approved")
    assert voice
    assert voice.voice
    downloaded = await bot.download(voice.voice.file_id)
    assert downloaded
    assert downloaded.read() == b"OggS"


async def test_aiogram_recognises_refusals(aiogram_bot: Bot, http: httpx.AsyncClient):
    bot = aiogram_bot
    sent = await bot.send_message(AUTHOR_ID, "same")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("same", chat_id=AUTHOR_ID, message_id=sent.message_id)
    await http.post("faults", json={"method": "sendMessage", "status": 429, "retry_after": 7})
    with pytest.raises(TelegramRetryAfter) as waiting:
        await bot.send_message(AUTHOR_ID, "x")
    assert waiting.value.retry_after == 7
    await http.post(f"users/{AUTHOR_ID}/block")
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(AUTHOR_ID, "x")


async def test_python_telegram_bot_sends_and_recognises_refusals(ptb_bot: telegram.Bot, http: httpx.AsyncClient):
    bot = ptb_bot
    assert bot.username == "postrider_demo_bot"
    markup = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Go", callback_data="go")]])
    card = await bot.send_message(AUTHOR_ID, "<i>x</i>", parse_mode="HTML", reply_markup=markup)
    assert card.reply_markup == markup
    assert card.text_html == "<i>x</i>"
    too_long = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Go", callback_data="x" * 65)]])
    document = await bot.send_document(AUTHOR_ID, b"bytes", filename="a.txt")
    assert document.document
    file = await bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"bytes"
    with pytest.raises(telegram.error.BadRequest, match="Button_data_invalid"):
        await bot.send_message(AUTHOR_ID, "x", reply_markup=too_long)
    with pytest.raises(telegram.error.BadRequest, match="Can't parse entities"):
        await bot.send_message(AUTHOR_ID, "<foo>", parse_mode="HTML")
    await http.post("faults", json={"method": "sendMessage", "status": 429, "retry_after": 3})
    with pytest.raises(telegram.error.RetryAfter):
        await bot.send_message(AUTHOR_ID, "x")
    await http.post(f"users/{AUTHOR_ID}/block")
    with pytest.raises(telegram.error.Forbidden, match="bot was blocked by the user"):
        await bot.send_message(AUTHOR_ID, "x")
