"""What makes a process ready to work, beside its database."""

from core.delivery.deliveries import Deliveries
from web.parts import Check

LATE = 60.0  # seconds a delivery may have been due before the relay counts as stuck


def no_backlog(deliveries: Deliveries) -> Check:
    """Whether deliveries are carried out, by this process or another."""

    async def check() -> str | None:
        age = await deliveries.oldest_age()
        return f"a delivery has been due for {age:.0f} s" if age > LATE else None

    return check
