"""What a delivery had to wait for is remembered."""

from datetime import timedelta

from core.delivery.holds import HELD, KEPT, WAITED, Hold, hold, holds_of
from core.model import Channel, Delivery
from tests.conftest import NOW

DELIVERY = Delivery(
    1, Channel.EMAIL, "reader@example.org", "email", NOW, NOW, "k:email", delivery_metadata={"route": []}
)
LATER = NOW + timedelta(hours=9)


def test_a_held_delivery_waits_and_knows_why():
    """What it knew before stays."""
    held = hold(DELIVERY, "quiet_hours", LATER, NOW)
    assert (held.scheduled_at, held.hold_reason, held.delivery_metadata["route"]) == (LATER, "quiet_hours", [])
    assert holds_of(held) == [Hold("quiet_hours", NOW, LATER)]
    assert holds_of(DELIVERY) == []


def test_a_reader_s_rest_and_a_provider_s_trouble_are_kept_apart():
    """The figures count the one as our slowness, not the other; they are told in the order in which they were."""
    held = hold(hold(DELIVERY, "circuit_open", NOW + timedelta(minutes=1), NOW), "daily_limit", LATER, LATER)
    assert {HELD, WAITED} < held.delivery_metadata.keys()
    assert [one.reason for one in holds_of(held)] == ["circuit_open", "daily_limit"]


def test_a_delivery_that_waits_for_ever_does_not_grow_for_ever():
    """The newest waits are kept."""
    held = DELIVERY
    for minute in range(100):
        held = hold(held, "rate_limited", NOW + timedelta(minutes=minute + 1), NOW + timedelta(minutes=minute))
    assert len(holds_of(held)) == KEPT
    assert holds_of(held)[-1].until == NOW + timedelta(minutes=100)
