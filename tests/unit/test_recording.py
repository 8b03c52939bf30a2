"""What several batches write at the same moment is written together, but for what is about the same delivery."""

from datetime import timedelta

from core.delivery.attempts import Wait
from core.delivery.recording import Turn, apart
from core.model import Channel, Delivery
from core.routing.selection import Route
from core.routing.watch import Judged
from tests.conftest import NOW


def a_turn(*ids: int) -> Turn:
    wait = Wait(NOW + timedelta(days=1), "retry", Route((), ()))
    rows = (Delivery(1, Channel.EMAIL, "ada@example.org", "email", NOW, NOW, f"k{n}", id=n) for n in ids)
    return Turn([], [], [(row, wait) for row in rows], Judged())


def test_turns_about_others_are_written_together():
    """One transaction for all of them."""
    turns = [a_turn(1, 2), a_turn(3), a_turn(4)]
    assert apart(turns) == [turns]


def test_two_turns_about_one_delivery_follow_each_other():
    """The second sees what the first has written, and owns nothing of it."""
    first, other, again, last = a_turn(1, 2), a_turn(3), a_turn(2), a_turn(1)
    assert apart([first, other, again, last]) == [[first, other], [again, last]]
    assert apart([]) == []
