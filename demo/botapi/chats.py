"""Asking about chats and their members, and leaving them."""

from demo.botapi.errors import bad_request
from demo.botapi.registry import Call, method
from demo.state import Chat, JsonObject

ADMIN_RIGHTS = {
    "can_be_edited": False, "is_anonymous": False, "can_manage_chat": True, "can_delete_messages": True,
    "can_manage_video_chats": True, "can_restrict_members": True, "can_promote_members": False,
    "can_change_info": True, "can_invite_users": True, "can_post_stories": True, "can_edit_stories": True,
    "can_delete_stories": True, "can_post_messages": True, "can_edit_messages": True, "can_pin_messages": True,
    "can_send_welcome_messages": True,
}  # fmt: skip
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


@method("getChat")
def get_chat(call: Call) -> JsonObject:
    """A ChatFullInfo."""
    chat = call.chat()
    full: JsonObject = {
        **call.state.chat_json(chat),
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    if chat.pinned and chat.pinned[-1] in chat.messages:
        full["pinned_message"] = chat.messages[chat.pinned[-1]]
    return full


def bot_member(call: Call, chat: Chat) -> JsonObject:
    """The bot as a ChatMember of a chat."""
    return member_json(call.state.bot.user(), chat.bot_status)


def member_json(user: JsonObject, status: str) -> JsonObject:
    """A ChatMember with the fields its status asks for."""
    extra: dict[str, JsonObject] = {
        "administrator": dict(ADMIN_RIGHTS),
        "creator": {"is_anonymous": False},
        "kicked": {"until_date": 0},
    }
    return {"user": user, "status": status, **extra.get(status, {})}


@method("getChatMember")
def get_chat_member(call: Call) -> JsonObject:
    """How somebody belongs to a chat; the first member of a group is its creator."""
    chat, user_id = call.chat(), call.params.integer("user_id")
    if user_id == call.state.bot.id:
        return bot_member(call, chat)
    person = call.state.people.get(user_id)
    if person is None:
        raise bad_request("invalid user_id specified")
    if user_id not in chat.members:
        return member_json(person.user(), "left")
    is_creator = chat.type != "private" and chat.members[0] == user_id
    return member_json(person.user(), "creator" if is_creator else "member")


@method("getChatAdministrators")
def get_chat_administrators(call: Call) -> list[JsonObject]:
    """The creator, and the bot where it is an administrator."""
    chat = call.chat()
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    creator = call.state.people[chat.members[0]].user()
    bots = [bot_member(call, chat)] if chat.bot_status == "administrator" else []
    return [member_json(creator, "creator"), *bots]


@method("getChatMemberCount")
def get_chat_member_count(call: Call) -> int:
    """How many belong to the chat, the bot included."""
    chat = call.chat()
    return len(chat.members) + (chat.bot_status in {"member", "administrator"})


@method("leaveChat")
def leave_chat(call: Call) -> bool:
    """The bot goes by itself."""
    chat = call.writable()
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.bot_status = "left"
    call.state.events.send("chats")
    return True
