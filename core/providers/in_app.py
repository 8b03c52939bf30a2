"""The inbox: the delivery's own row is the message, so sending it is only saying so."""

from core.model import Channel, DeliveryStatus, Message, Receipt
from core.providers.base import BaseProvider
from core.providers.parts import Parts


class InApp(BaseProvider):
    """Delivers into `/inbox`."""

    name, channel = "in_app", Channel.IN_APP
    reports_arrival = True

    async def send(self, message: Message, key: str) -> Receipt:
        """It has arrived: `/inbox` reads delivered rows."""
        return Receipt(key, DeliveryStatus.DELIVERED)


def build(parts: Parts) -> InApp:
    """It needs nothing."""
    return InApp()
