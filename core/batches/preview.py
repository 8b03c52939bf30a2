"""A broadcast as its readers will get it, before anybody does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.batches.batches import Broadcast
from core.errors import AppError, RenderError, SendError
from core.i18n import N_, speaking
from core.model import Account, Channel, Delivery, Kind, Message, Notification
from core.ports import Clock
from core.rendering.renderer import RenderContext, Renderer


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Renders by the same renderer as real deliveries. `extra` is handed to it with every one."""

    renderer: Renderer
    clock: Clock
    extra: Mapping[str, Any]

    def message(self, account: Account, broadcast: Broadcast) -> Message:
        """What `account` would get on the broadcast's channel, in the chat where it insists on none. Raises `AppError`
        where it can't be written for that channel."""
        now, channel = self.clock(), broadcast.channel or Channel.TELEGRAM
        about = Notification("preview", Kind.ANNOUNCEMENT, now, account.user.id, content=broadcast.content)
        delivery = Delivery(0, channel, "", "", now, now, "preview", user_id=account.user.id)
        try:
            with speaking(account.preferences.language):
                return self.renderer.render(RenderContext(about, delivery, account, None, self.extra))
        except (RenderError, SendError) as error:
            raise AppError(N_("It can't be written for this channel: {error}"), {"error": error}) from error
