"""Being somebody, over HTTP: what the chat page does and what the e2e tests do."""

import mimetypes
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, UploadFile
from pydantic import BaseModel, Field

from demo import people
from demo.botapi.errors import ApiError
from demo.botapi.media import content_json
from demo.botapi.params import Params, Upload
from demo.botapi.profile import commands_for
from demo.people import NotAllowedError
from demo.state import JsonObject, State

UPLOAD_LIMIT = 20_000_000


class NewPerson(BaseModel):
    """Somebody to add."""

    first_name: str = Field(min_length=1, max_length=64)
    last_name: str = Field(default="", max_length=64)
    language_code: str = Field(default="en", pattern=r"^[a-z]{2}(-[a-z]+)?$")


class InChat(BaseModel):
    """`chat_id` is the person's own chat with the bot where it is missing."""

    chat_id: int | None = None


class Text(InChat):
    """A message to write."""

    text: str = Field(max_length=100_000)
    reply_to: int | None = None


class Start(BaseModel):
    """Opening the bot, perhaps by a deep link."""

    payload: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$")


class Press(InChat):
    """A button by its data or by its place."""

    message_id: int
    data: str | None = None
    row: int = 0
    col: int = 0


class Location(InChat):
    """A place on Earth."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    reply_to: int | None = None


class Contact(InChat):
    """A phone number; the person's own where it is missing."""

    phone_number: str = ""
    first_name: str = ""


class Edit(InChat):
    """A corrected text."""

    message_id: int
    text: str


class Forward(InChat):
    """A message to pass on; `to_chat` is the person's own chat where it is missing."""

    message_id: int
    to_chat: int | None = None


class NewChat(BaseModel):
    """A group or channel to make, with the bot in it."""

    title: str = Field(min_length=1, max_length=128)
    members: list[int] = []
    type: Literal["group", "supergroup", "channel"] = "supergroup"
    privacy: bool = True


class BotStatus(BaseModel):
    """What becomes of the bot in a group or channel."""

    by: int
    status: Literal["member", "administrator", "left", "kicked"]


class Age(BaseModel):
    """Seconds to make a message older by."""

    seconds: int


def people_router(state: State) -> APIRouter:
    """Routes under /demo/api/users and /demo/api/chats."""
    router = APIRouter(prefix="/demo/api", tags=["people"])
    _writing(router, state)
    _acting(router, state)
    _chats(router, state)
    _sending_files(router, state)
    return router


def _writing(router: APIRouter, state: State) -> None:
    @router.post("/users")
    async def add(new: NewPerson) -> JsonObject:
        return people.add_person(state, new.first_name, new.language_code, new.last_name).user()

    @router.post("/users/{person_id}/messages")
    async def write(person_id: int, given: Text) -> JsonObject:
        person = people.person_of(state, person_id)
        return people.write(state, person, people.chat_of(state, person, given.chat_id), given.text, given.reply_to)

    @router.post("/users/{person_id}/start")
    async def start(person_id: int, given: Start) -> JsonObject:
        person = people.person_of(state, person_id)
        chat = people.chat_of(state, person, None)
        if chat.bot_status == "kicked":
            people.set_bot_status(state, person, chat, "member")
        return people.write(state, person, chat, f"/start {given.payload}".strip())

    @router.post("/users/{person_id}/edit")
    async def edit(person_id: int, given: Edit) -> JsonObject:
        person = people.person_of(state, person_id)
        return people.edit(state, person, people.chat_of(state, person, given.chat_id), given.message_id, given.text)

    @router.post("/users/{person_id}/location")
    async def location(person_id: int, given: Location) -> JsonObject:
        person = people.person_of(state, person_id)
        place = {"latitude": given.latitude, "longitude": given.longitude}
        chat = people.chat_of(state, person, given.chat_id)
        return people.say(state, person, chat, {"location": place}, given.reply_to)

    @router.post("/users/{person_id}/contact")
    async def contact(person_id: int, given: Contact) -> JsonObject:
        person = people.person_of(state, person_id)
        card: JsonObject = {
            "phone_number": given.phone_number or person.phone,
            "first_name": given.first_name or person.first_name,
        }
        if not given.phone_number:
            card["user_id"] = person.id
        return people.say(state, person, people.chat_of(state, person, given.chat_id), {"contact": card})


def _acting(router: APIRouter, state: State) -> None:
    @router.post("/users/{person_id}/press")
    async def press(person_id: int, given: Press) -> JsonObject:
        person = people.person_of(state, person_id)
        chat = people.chat_of(state, person, given.chat_id)
        data = given.data
        if data is None:
            data = people.button_data(chat, given.message_id, given.row, given.col)
        return {"query_id": people.press(state, person, chat, given.message_id, data).id}

    @router.get("/queries/{query_id}")
    async def query(query_id: str) -> JsonObject:
        found = state.queries.get(query_id)
        if found is None:
            raise NotAllowedError("no such query")
        return {"answered": found.answer is not None, **(found.answer or {})}

    @router.post("/users/{person_id}/forward")
    async def forward(person_id: int, given: Forward) -> JsonObject:
        person = people.person_of(state, person_id)
        source, target = (people.chat_of(state, person, chat) for chat in (given.chat_id, given.to_chat))
        return people.forward(state, person, source, given.message_id, target)

    @router.post("/users/{person_id}/block")
    async def block(person_id: int) -> JsonObject:
        person = people.person_of(state, person_id)
        chat = people.chat_of(state, person, None)
        if chat.bot_status == "left":
            raise NotAllowedError("start the bot first")
        people.set_bot_status(state, person, chat, "kicked")
        return {"bot_status": chat.bot_status}

    @router.post("/users/{person_id}/unblock")
    async def unblock(person_id: int) -> JsonObject:
        person = people.person_of(state, person_id)
        chat = people.chat_of(state, person, None)
        if chat.bot_status == "kicked":
            people.set_bot_status(state, person, chat, "member")
        return {"bot_status": chat.bot_status}

    @router.post("/users/{person_id}/deactivate")
    async def deactivate(person_id: int) -> JsonObject:
        people.person_of(state, person_id).deactivated = True
        state.events.send("people")
        return {"deactivated": True}

    @router.get("/users/{person_id}/commands")
    async def commands(person_id: int, chat_id: int | None = None) -> list[JsonObject]:
        person = people.person_of(state, person_id)
        return commands_for(state, person, people.chat_of(state, person, chat_id))


def _sending_files(router: APIRouter, state: State) -> None:
    @router.post("/users/{person_id}/{kind}")
    async def send(
        person_id: int,
        kind: Literal["photo", "document", "voice", "audio"],
        file: Annotated[UploadFile, File()],
        caption: Annotated[str, Form()] = "",
        chat_id: Annotated[int | None, Form()] = None,
        duration: Annotated[int, Form()] = 1,
        reply_to: Annotated[int | None, Form()] = None,
    ) -> JsonObject:
        person = people.person_of(state, person_id)
        chat = people.chat_of(state, person, chat_id)
        params = Params({"caption": caption, "duration": str(duration)})
        try:
            content = content_json(state, kind, await _upload(file), params)
        except ApiError as refusal:
            raise NotAllowedError(refusal.description.removeprefix("Bad Request: ")) from refusal
        return people.say(state, person, chat, content, reply_to)


async def _upload(file: UploadFile) -> Upload:
    content = await file.read(UPLOAD_LIMIT + 1)
    if not content or len(content) > UPLOAD_LIMIT:
        raise NotAllowedError("a file has between 1 byte and 20 MB")
    name = file.filename or "file"
    return Upload(name, file.content_type or mimetypes.guess_type(name)[0] or "", content)


def _chats(router: APIRouter, state: State) -> None:
    def chat(chat_id: int) -> Any:
        if chat_id not in state.chats:
            raise NotAllowedError("no such chat")
        return state.chats[chat_id]

    @router.post("/users/{person_id}/chats")
    async def create(person_id: int, new: NewChat) -> JsonObject:
        creator = people.person_of(state, person_id)
        made = people.create_chat(state, creator, new.type, new.title, new.members, privacy=new.privacy)
        return state.chat_json(made)

    @router.post("/chats/{chat_id}/bot")
    async def bot_status(chat_id: int, given: BotStatus) -> JsonObject:
        people.set_bot_status(state, people.person_of(state, given.by), chat(chat_id), given.status)
        return {"bot_status": given.status}

    @router.delete("/chats/{chat_id}/messages/{message_id}")
    async def delete(chat_id: int, message_id: int) -> JsonObject:
        state.remove(chat(chat_id), message_id)
        return {"deleted": True}

    @router.post("/chats/{chat_id}/messages/{message_id}/age")
    async def age(chat_id: int, message_id: int, given: Age) -> JsonObject:
        message = chat(chat_id).messages.get(message_id)
        if message is None:
            raise NotAllowedError("no such message")
        return state.store(chat(chat_id), {**message, "date": message["date"] - given.seconds})
