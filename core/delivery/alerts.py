"""Words to the admins: each trouble once for its key, each admin in their language."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from core.delivery.outbox import notify
from core.delivery.reasons import CHANNELS
from core.i18n import gettext as _
from core.i18n import speaking
from core.model import Channel, Kind
from core.ports import UnitOfWork
from core.secrets import Keys


@dataclass(frozen=True, slots=True)
class Alert:
    """`key` tells it from every other; `words` are asked for in the language of each admin."""

    key: str
    words: Callable[[], str]


async def tell_admins(
    uow: UnitOfWork, admins: Collection[int], alerts: Collection[Alert], *, now: datetime, keys: Keys
) -> None:
    """Queue alerts in the caller's transaction. `admins` are Telegram ids."""
    if not alerts:
        return
    for admin in await uow.users.by_telegrams(admins):
        for alert in alerts:
            with speaking(admin.preferences.language):
                text = alert.words()
            key = f"{alert.key}:{admin.user.id}"
            await notify(uow, admin, Kind.ALERT, key=key, now=now, keys=keys, content={"text": text})


def circuit_opened(channel: Channel, name: str, calls: int, failures: int, probe_after: float, at: datetime) -> Alert:
    """A provider is left alone from now on."""

    def words() -> str:
        text = _(
            "⚠️ {provider} ({channel}) fails: {failures} of its last {calls} calls. Others take its deliveries, or they "
            "wait; it is tried again every {seconds} seconds. /providers shows how it stands."
        )
        return text.format(
            provider=name, channel=_(CHANNELS[channel]), failures=failures, calls=calls, seconds=round(probe_after)
        )

    return Alert(f"circuit:{channel}:{name}:opened:{at:%Y%m%d%H%M%S}", words)


def circuit_closed(channel: Channel, name: str, at: datetime) -> Alert:
    """A provider works again."""

    def words() -> str:
        return _("✅ {provider} ({channel}) works again.").format(provider=name, channel=_(CHANNELS[channel]))

    return Alert(f"circuit:{channel}:{name}:closed:{at:%Y%m%d%H%M%S}", words)


def cap_nearly_reached(channel: Channel, key: str, spent: str, cap: str) -> Alert:
    """Four fifths of what a channel may cost today are spent. The amounts have their currency."""

    def words() -> str:
        text = _("💶 {channel} has cost {spent} today; at {cap} it waits until tomorrow (UTC). SPEND_CAPS sets that.")
        return text.format(channel=_(CHANNELS[channel]), spent=spent, cap=cap)

    return Alert(key, words)


def cap_reached(channel: Channel, key: str, spent: str, cap: str) -> Alert:
    """A channel waits for tomorrow."""

    def words() -> str:
        text = _(
            "💶 {channel} has cost {spent} today, and may cost {cap}: what would cost more waits until tomorrow (UTC). "
            "Codes still go out."
        )
        return text.format(channel=_(CHANNELS[channel]), spent=spent, cap=cap)

    return Alert(key, words)
