"""Spend caps: what was paid, what is set aside, when it is told, and when it begins anew."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.model import Channel
from core.routing.spending import LOOK_EVERY, Spending, caps_of, next_day
from tests.conftest import NOW

SMS, WHATSAPP = Channel.SMS, Channel.WHATSAPP


@dataclass
class Books:
    """A unit of work that knows what all processes have paid."""

    paid: dict[tuple[Channel, str], Decimal] = field(default_factory=dict)

    @property
    def providers(self) -> "Books":
        return self

    async def spent(self, since) -> dict[tuple[Channel, str], Decimal]:
        return self.paid


async def spending(paid: str = "0", cap: str = "10") -> Spending:
    found = Spending({SMS: Decimal(cap)})
    await found.look(Books({(SMS, "twilio"): Decimal(paid), (WHATSAPP, "twilio"): Decimal(99)}), NOW)
    return found


async def test_what_is_set_aside_counts_as_spent():
    """Until it turns out otherwise."""
    purse = await spending("9.5")
    assert purse.reserve(SMS, Decimal("0.5"))
    assert not purse.reserve(SMS, Decimal("0.1"))
    purse.settle(SMS, Decimal("0.5"), is_paid=False)
    assert (purse.left(SMS), purse.spent(SMS)) == (Decimal("0.5"), Decimal("9.5"))
    assert purse.reserve(SMS, Decimal("0.1"))
    purse.settle(SMS, Decimal("0.1"), is_paid=True)
    assert (purse.left(SMS), purse.spent(SMS)) == (Decimal("0.4"), Decimal("9.6"))


async def test_a_channel_without_a_cap_and_what_costs_nothing_go_freely():
    """Nobody counts them."""
    purse = await spending("10")
    assert purse.left(WHATSAPP) is None
    assert purse.reserve(WHATSAPP, Decimal(100))
    assert purse.reserve(SMS, None)
    assert purse.reserve(SMS, Decimal(0))
    assert not Spending().is_stale(NOW)


async def test_a_code_goes_beyond_the_cap_and_is_counted():
    """Nobody is locked out to save a cent."""
    purse = await spending("10")
    assert purse.reserve(SMS, Decimal(1), always=True)
    purse.settle(SMS, Decimal(1), is_paid=True)
    assert purse.left(SMS) == Decimal(-1)


async def test_a_look_takes_the_place_of_what_was_counted_here():
    """What this process paid is in the books, and is not counted twice."""
    purse = await spending("1")
    purse.settle(SMS, Decimal(2), is_paid=True)
    assert not purse.is_stale(NOW + LOOK_EVERY / 2)
    assert purse.is_stale(NOW + LOOK_EVERY)
    await purse.look(Books({(SMS, "twilio"): Decimal(3), (SMS, "vonage"): Decimal(4)}), NOW + LOOK_EVERY)
    assert purse.spent(SMS) == Decimal(7)


async def test_a_new_day_begins_with_nothing():
    """At midnight UTC, at the first look."""
    purse = await spending("10")
    purse.hold(SMS)
    assert purse.warnings()
    assert purse.is_stale(next_day(NOW))
    await purse.look(Books(), next_day(NOW))
    assert (purse.left(SMS), purse.warnings()) == (Decimal(10), [])
    assert next_day(NOW) - NOW <= timedelta(days=1)


async def test_four_fifths_are_told_once_and_the_end_once():
    """By the same key in every process."""
    purse = await spending("7.9")
    assert purse.warnings() == []
    purse.settle(SMS, Decimal("0.1"), is_paid=True)
    (nearly,) = purse.warnings()
    assert (nearly.key, nearly.spent, nearly.cap) == ("spend:sms:2026-03-02:nearly", Decimal(8), Decimal(10))
    purse.told([nearly])
    assert purse.warnings() == []
    assert not purse.reserve(SMS, Decimal(3))
    (reached,) = purse.warnings()
    assert reached.key == "spend:sms:2026-03-02:reached"


@given(st.lists(st.tuples(st.decimals("0.01", "3", places=2), st.booleans()), max_size=40))
async def test_one_process_never_spends_more_than_the_cap(messages: list[tuple[Decimal, bool]]):
    """However many are in flight, and whatever becomes of them."""
    purse, flying = await spending(), []
    for cost, is_paid in messages:
        if purse.reserve(SMS, cost):
            flying.append((cost, is_paid))
        if len(flying) > 3:
            first, paid = flying.pop(0)
            purse.settle(SMS, first, is_paid=paid)
    for cost, is_paid in flying:
        purse.settle(SMS, cost, is_paid=is_paid)
    left = purse.left(SMS)
    assert left is not None
    assert left >= 0
    assert left == 10 - purse.spent(SMS)


def test_caps_as_the_settings_write_them():
    """channel:amount"""
    assert caps_of(["sms:20", "whatsapp:10.50"]) == {SMS: Decimal(20), WHATSAPP: Decimal("10.50")}
