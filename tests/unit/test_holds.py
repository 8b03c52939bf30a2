"""What a delivery had to wait for is remembered."""

from dataclasses import replace
from datetime import time, timedelta

from core.delivery.gate import Facts, stop
from core.delivery.holds import HELD, KEPT, WAITED, Hold, holds_of, put_off
from core.delivery.outbox import delivery_of
from core.delivery.planning import Planned
from core.model import Channel, Delivery, Kind, Notification, Outgoing
from tests.accounts import an_account
from tests.conftest import NOW

DELIVERY = Delivery(
    1, Channel.EMAIL, "reader@example.org", "email", NOW, NOW, "k:email", delivery_metadata={"route": []}
)
LATER = NOW + timedelta(hours=9)


def test_a_held_delivery_waits_and_knows_why():
    """What it knew before stays."""
    held = put_off(DELIVERY, "quiet_hours", LATER, NOW)
    assert (held.scheduled_at, held.hold_reason, held.delivery_metadata["route"]) == (LATER, "quiet_hours", [])
    assert holds_of(held) == [Hold("quiet_hours", NOW, LATER)]
    assert holds_of(DELIVERY) == []


def test_a_reader_s_rest_and_a_provider_s_trouble_are_kept_apart():
    """The figures count the one as our slowness, not the other; they are told in the order in which they were."""
    held = put_off(put_off(DELIVERY, "circuit_open", NOW + timedelta(minutes=1), NOW), "daily_limit", LATER, LATER)
    assert {HELD, WAITED} < held.delivery_metadata.keys()
    assert [one.reason for one in holds_of(held)] == ["circuit_open", "daily_limit"]


def test_a_delivery_that_waits_for_ever_does_not_grow_for_ever():
    """The newest waits are kept."""
    held = DELIVERY
    for minute in range(100):
        held = put_off(held, "rate_limited", NOW + timedelta(minutes=minute + 1), NOW + timedelta(minutes=minute))
    assert len(holds_of(held)) == KEPT
    assert holds_of(held)[-1].until == NOW + timedelta(minutes=100)


def test_a_hold_that_was_planned_is_remembered():
    """From the first moment; what goes out at once remembers nothing."""
    about = Notification("k", Kind.REMINDER, NOW, 1, id=7)
    planned = Planned(Channel.EMAIL, "reader@example.org", "email", LATER, hold_reason="quiet_hours")
    made = delivery_of(planned, about, now=NOW)
    assert (made.scheduled_at, made.hold_reason) == (LATER, "quiet_hours")
    assert holds_of(made) == [Hold("quiet_hours", NOW, LATER)]
    assert holds_of(delivery_of(replace(planned, hold_reason=None, scheduled_at=NOW), about, now=NOW)) == []


def test_a_hold_at_the_gate_is_remembered():
    """Quiet hours that have begun since it was planned."""
    account = an_account(quiet_hours_start=time(8), quiet_hours_end=time(10))
    about = Notification("k", Kind.REMINDER, NOW, 1, id=7)
    held = stop(Outgoing(DELIVERY, about, account), Facts(), NOW)
    assert held
    assert holds_of(held) == [Hold("quiet_hours", NOW, NOW + timedelta(hours=1))]
