"""In which order usable providers are asked: the four strategies. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.routing.terms import Terms

LIGHT = 0.5  # below this weight the next provider is preferred


class Strategy(StrEnum):
    """How usable providers are put in order (`<CHANNEL>_STRATEGY`)."""

    PRIORITY = "priority"
    CHEAPEST = "cheapest"
    BEST = "best"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Field:
    """Who is ranked for whom: the `usable` ones of all `candidates`, for a recipient in `region` whose place in a split
    is `point`, 0 to 1."""

    usable: Sequence[Terms]
    candidates: Sequence[Terms]
    region: str | None
    point: float


Rank = Callable[[Terms], tuple[Any, ...]]  # a sort key


def ranking(
    strategy: Strategy,
    usable: Sequence[Terms],
    candidates: Sequence[Terms],
    *,
    region: str | None,
    point: float,
    preferred: Sequence[str] = (),
) -> Rank:
    """The sort key of a strategy. Before it comes what makes a provider the last resort, and whom the reader prefers;
    after it the priority."""
    by_strategy = ORDERS[strategy](Field(usable, candidates, region, point))
    places = {name: place for place, name in enumerate(preferred)}

    def rank(one: Terms) -> tuple[Any, ...]:
        is_light = strategy is not Strategy.BEST and one.weight < LIGHT  # `best` weighs it anyway
        place = places.get(one.name, len(places))
        return (not one.is_healthy, is_light, place, *by_strategy(one), one.priority, one.name)

    return rank


def _by_priority(field: Field) -> Rank:
    return lambda one: (one.priority,)


def _by_price(field: Field) -> Rank:
    """A price that nobody knows comes after every known one."""

    def rank(one: Terms) -> tuple[bool, Decimal]:
        price = one.price_in(field.region)
        return price is None, price or Decimal(0)

    return rank


def _by_score(field: Field) -> Rank:
    score = scoring(field.usable, field.region)
    return lambda one: (-score(one),)


def _by_share(field: Field) -> Rank:
    chosen = picked(field.candidates, field.point)
    return lambda one: (one.name != chosen,)


ORDERS: dict[Strategy, Callable[[Field], Rank]] = {
    Strategy.PRIORITY: _by_priority,
    Strategy.CHEAPEST: _by_price,
    Strategy.BEST: _by_score,
    Strategy.SPLIT: _by_share,
}


def scoring(usable: Iterable[Terms], region: str | None) -> Callable[[Terms], float]:
    """The score of `best`, 0 to 1: the weight, times the share of good calls, times 0.6 to 1 for price and speed, each
    as good as the best of those there are. What nobody knows yet counts as good."""
    those = list(usable)
    cheapest = min((price for one in those if (price := one.price_in(region))), default=None)
    fastest = min((one.mean_ms for one in those if one.mean_ms), default=None)

    def score(one: Terms) -> float:
        price = one.price_in(region)
        cheapness = float(cheapest / price) if cheapest and price else 1.0
        speed = fastest / one.mean_ms if fastest and one.mean_ms else 1.0
        success = 1.0 if one.success is None else one.success
        return one.weight * success * (0.6 + 0.25 * cheapness + 0.15 * speed)

    return score


def picked(candidates: Sequence[Terms], point: float) -> str | None:
    """Whose share of a split a point falls into. Shares are taken of all candidates, usable or not, so that one that is
    away for a while moves nobody else's recipients; equal ones where none is set."""
    shares = {one.name: one.share or 0 for one in sorted(candidates, key=lambda one: one.name)}
    if not any(shares.values()):
        shares = dict.fromkeys(shares, 1)
    place = point * sum(shares.values())
    for name, share in shares.items():
        place -= share
        if place < 0:
            return name
    return next((name for name in reversed(shares) if shares[name]), None)
