"""Asking a provider about what it may have taken already, before the same is sent again."""

from core.delivery.attempts import Job
from core.delivery.states import BOUNCED, FAILED, REPORTED
from core.errors import Refused
from core.model import DeliveryEvent, DeliveryStatus, Receipt
from core.ports import Provider


async def asked(provider: Provider, job: Job) -> Receipt | None:
    """The message as the provider has it: by our key, else by its own id where we know that; None where it has none, or
    can't tell. Raises `Refused` for one that it has given up, and whatever else asking can raise."""
    delivery = job.delivery
    if provider.can_ask and (found := await provider.find(delivery.recipient, delivery.idempotency_key)):
        return found
    if provider.can_poll and delivery.provider_message_id:
        news = await provider.status(delivery.provider_message_id, delivery.recipient)
        return _receipt(news) if news else Receipt(delivery.provider_message_id)  # an id proves that it was taken
    return None


def _receipt(news: DeliveryEvent) -> Receipt:
    status = REPORTED.get(news.type, DeliveryStatus.SENT)
    if status in (FAILED, BOUNCED):
        raise Refused(news.code or str(news.type), news.detail, hard=news.hard)
    return Receipt(news.provider_message_id, status)
