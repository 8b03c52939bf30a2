"""The inbox as a provider."""

from core.model import Channel, DeliveryStatus, Message, Receipt
from core.providers.in_app import InApp


async def test_the_row_is_the_message():
    """It has arrived as soon as it is recorded."""
    receipt = await InApp().send(Message(Channel.IN_APP, "1", "Hello"), "gave_up:1:in_app")
    assert receipt == Receipt("gave_up:1:in_app", DeliveryStatus.DELIVERED)
