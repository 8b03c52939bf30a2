"""WhatsApp's window: for 24 hours after somebody's last word to us it takes any text, later approved templates only.

Pure. It counts where a provider holds us to it (`has_window`); elsewhere nobody knows, and the provider decides. So it
does where an operator has named the provider: they may have opened the window by a way that we don't hear of.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from core.delivery.attempts import PINNED
from core.model import Channel, Delivery
from core.ports.providers import Provider

WINDOW = timedelta(hours=24)
AddressKey = tuple[str, str]  # channel, address hash


def held_to_it(addresses: Iterable[AddressKey]) -> list[AddressKey]:
    """Those of the addresses, by channel and hash, for which it matters when their people last wrote."""
    return [key for key in addresses if key[0] == Channel.WHATSAPP]


def open_windows(
    hashes: Mapping[AddressKey, AddressKey], last_words: Mapping[AddressKey, datetime], now: datetime
) -> set[AddressKey]:
    """The addresses, by channel, whose people wrote within the last 24 hours. `hashes` leads from an address's hash to
    the address itself."""
    return {hashes[key] for key, at in last_words.items() if key in hashes and now - at < WINDOW}


def is_open(delivery: Delivery, provider: Provider, windows: Collection[AddressKey]) -> bool | None:
    """Whether any text may go to this recipient by this provider; None where it asks for no such thing."""
    is_held = delivery.delivery_type is Channel.WHATSAPP and provider.has_window
    if not is_held or PINNED in (delivery.delivery_metadata or {}):
        return None
    return (delivery.delivery_type, delivery.recipient) in windows
