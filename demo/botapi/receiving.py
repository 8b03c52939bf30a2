"""How the bot receives updates: the settings of polling and of its webhook."""

import re
from typing import Any
from urllib.parse import urlsplit

from demo.botapi.errors import OTHER_POLLER, WEBHOOK_ACTIVE, ApiError, bad_request
from demo.botapi.registry import Call, method
from demo.state import JsonObject
from demo.updates import SupersededError, Webhook

KINDS = {
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
    "inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
    "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
    "removed_chat_boost",
}  # fmt: skip


def remember_allowed(call: Call) -> None:
    """Applies `allowed_updates` to updates from now on; without it the last choice stays."""
    if "allowed_updates" not in call.params.values:
        return
    wanted = call.params.json("allowed_updates", "allowed updates")
    if isinstance(wanted, list):
        call.state.updates.allowed = [kind for kind in wanted if kind in KINDS]


async def get_updates(call: Call, gone: Any) -> list[JsonObject]:
    """Long polling; 409 while a webhook is set or when another poller takes over."""
    if call.state.updates.webhook.url:
        raise ApiError(409, WEBHOOK_ACTIVE)
    remember_allowed(call)
    limit = min(max(call.params.integer("limit", 100), 1), 100)
    timeout = min(max(call.params.integer("timeout"), 0), 50)
    try:
        return await call.state.updates.poll(call.params.integer("offset"), limit, timeout, gone)
    except SupersededError:
        reason = "Conflict: terminated by setWebhook request" if call.state.updates.webhook.url else OTHER_POLLER
        raise ApiError(409, reason) from None


@method("setWebhook")
def set_webhook(call: Call) -> bool:
    """Posts updates to a URL from now on. Plain http is allowed, as with a local Bot API server."""
    url, secret = call.params.text("url"), call.params.text("secret_token")
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    remember_allowed(call)
    return _switch(call, Webhook(url, secret, min(max(call.params.integer("max_connections", 40), 1), 100)))


@method("deleteWebhook")
def delete_webhook(call: Call) -> bool:
    """Back to polling."""
    return _switch(call, Webhook())


def _switch(call: Call, webhook: Webhook) -> bool:
    if call.params.flag("drop_pending_updates"):
        call.state.updates.pending.clear()
    call.state.updates.webhook = webhook
    call.state.updates.wake()
    return True


@method("getWebhookInfo")
def get_webhook_info(call: Call) -> JsonObject:
    """The webhook, what waits for it and its last failure."""
    updates = call.state.updates
    webhook = updates.webhook
    waiting = {"has_custom_certificate": False, "pending_update_count": len(updates.pending)}
    info: JsonObject = {"url": webhook.url, **waiting}
    if webhook.url:
        info["max_connections"] = webhook.max_connections
    if webhook.last_error_date:
        info |= {"last_error_date": webhook.last_error_date, "last_error_message": webhook.last_error_message}
    return {**info, **({"allowed_updates": updates.allowed} if updates.allowed else {})}
