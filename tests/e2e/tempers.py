"""What vendors do to those who call them: each temper decides by chance and by the time, and says so."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

TIMEOUT = 2.0  # seconds: the PROVIDER_TIMEOUT of whoever calls
LATE = TIMEOUT + 1  # an answer that nobody waits for any more
PHASE = 3.0  # seconds that a flapping vendor is up, then down


@dataclass(frozen=True)
class Fate:
    """What becomes of a call after `after` seconds: an answer with this status, or, without one, a dropped connection.
    `wait`: it asks to be left alone for so many seconds."""

    is_taken: bool = False
    status: int | None = 200
    after: float = 0.02
    wait: int | None = None


TAKEN, DOWN = Fate(is_taken=True), Fate(status=503)
LATE_ANSWER, LOST_ANSWER = Fate(is_taken=True, after=LATE), Fate(is_taken=True, status=None)
TROUBLE = (
    DOWN,
    Fate(status=429, wait=1),
    Fate(status=None),
    Fate(is_taken=True, status=500),
    Fate(is_taken=True, status=500, wait=1),
    LOST_ANSWER,
    LATE_ANSWER,
)
Temper = Callable[[Random, float], Fate]  # from chance, and the seconds since it opened


def failing(chance: Random, elapsed: float) -> Fate:
    """More than half of all calls go wrong, each in another way."""
    return chance.choice(TROUBLE) if chance.random() < 0.55 else TAKEN


def slow(chance: Random, elapsed: float) -> Fate:
    """It takes everything. One answer in four comes when nobody waits for it any more."""
    return LATE_ANSWER if chance.random() < 0.25 else Fate(is_taken=True, after=chance.uniform(0.1, 0.8 * TIMEOUT))


def flapping(chance: Random, elapsed: float) -> Fate:
    """Up, out of service, up, out of reach, and so on."""
    return DOWN if int(elapsed / PHASE) % 4 == 1 else TAKEN


def is_out_of_reach(elapsed: float) -> bool:
    """Whether a flapping vendor refuses connections."""
    return int(elapsed / PHASE) % 4 == 3
