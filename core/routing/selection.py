"""Which providers may carry a delivery, in which order, and why. Pure.

Six things decide: health, price, the countries a provider serves, how its calls have gone, what is left of its rate
limit, and the share it has in a split. What was decided is kept with the delivery and shown by `/why`, every figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.model import Circuit
from core.routing.health import waits_until
from core.routing.ranking import LIGHT, Strategy, ranking
from core.routing.terms import Candidate as Candidate
from core.routing.terms import Terms

CIRCUIT_OPEN, RATE_LIMITED, SPEND_CAP = "circuit_open", "rate_limited", "spend_cap"  # hold reasons
NO_PROVIDER, NO_COVERAGE, ALL_BLOCKED = "no_provider", "no_coverage", "providers_blocked"  # error codes


@dataclass(frozen=True, slots=True)
class Asked:
    """What a delivery asks for. `region` is the recipient's country, None where nobody knows it; `point`, 0 to 1, is
    the recipient's place in a split, always the same; `pinned` is the only provider that may carry it. `limited` names
    those whose rate limit is used up, and until when; `left` what is left of the others' limits; `budget` what may be
    spent today, None without a cap, and `budget_until` when it begins anew."""

    now: datetime
    region: str | None = None
    point: float = 0.0
    pinned: str | None = None
    why_pinned: str = ""
    blocked: frozenset[str] = frozenset()
    preferred: tuple[str, ...] = ()
    unusable: frozenset[str] = frozenset()  # these can't use this kind of address
    limited: Mapping[str, datetime] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    budget: Decimal | None = None
    budget_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """Why a provider is passed over: for good (`code`), or until a time and held for a reason."""

    words: str
    code: str = NO_PROVIDER
    until: datetime | None = None
    hold_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The ordered providers for one delivery, a sentence for every candidate, and the figures behind them. Where there
    is no provider, `until` and `hold_reason` say when there will be one; without them `code` says what is missing."""

    order: tuple[Terms, ...]
    reasons: tuple[str, ...]
    factors: Mapping[str, Any] = field(default_factory=dict)
    until: datetime | None = None
    hold_reason: str | None = None
    code: str = NO_PROVIDER


def route(candidates: Sequence[Terms], asked: Asked, strategy: Strategy = Strategy.PRIORITY) -> Route:
    """Order the candidates and say why. Only a `pinned` provider is left where one is named."""
    verdicts = [(one, against(one, asked)) for one in sorted(candidates, key=lambda one: (one.priority, one.name))]
    usable = [one for one, why_not in verdicts if why_not is None]
    rank = ranking(strategy, usable, candidates, region=asked.region, point=asked.point, preferred=asked.preferred)
    ranked = sorted(usable, key=rank)
    skipped = [(one, why_not) for one, why_not in verdicts if why_not]
    reasons = [f"{one.name}: {_figures(one, asked, strategy)}" for one in ranked]
    reasons += [f"{one.name}: skipped, {why_not.words}" for one, why_not in skipped]
    if asked.pinned and asked.pinned not in {one.name for one in candidates}:
        reasons.append(f"{asked.pinned}: asked for, but not set up")
    factors = _factors(strategy, asked, ranked, skipped)
    if ranked:
        return Route(tuple(ranked), tuple(reasons), factors)
    return _nobody([why_not for _, why_not in skipped], reasons or ["no provider is set up for this channel"], factors)


def _nobody(why_nots: Sequence[Against], reasons: Sequence[str], factors: Mapping[str, Any]) -> Route:
    """Held until the first of those that will be back; without any, what is missing."""
    waits = [(one.until, one.hold_reason) for one in why_nots if one.until]
    if waits:
        until, hold_reason = min(waits, key=lambda one: one[0])
        return Route((), tuple(reasons), factors, until, hold_reason)
    codes = {one.code for one in why_nots}
    code = next((code for code in (ALL_BLOCKED, NO_COVERAGE) if code in codes), NO_PROVIDER)
    return Route((), tuple(reasons), factors, code=code)


def against(one: Terms, asked: Asked) -> Against | None:
    """Why a provider can't carry it now; None where it can. What lasts is told before what passes."""
    if asked.pinned and one.name != asked.pinned:
        return Against(f"{asked.why_pinned or 'pinned to'} {asked.pinned}")
    if not one.is_enabled:
        return Against("switched off")
    if one.name in asked.blocked:
        return Against("blocked by the reader", ALL_BLOCKED)
    if one.name in asked.unusable:
        return Against("can't use this address")
    if not one.covers(asked.region):
        return Against(f"does not cover {asked.region}", NO_COVERAGE)
    return for_now(one, asked)


def for_now(one: Terms, asked: Asked) -> Against | None:
    """What keeps a provider away that will be back."""
    if why_not := shut(one, asked.now):
        return why_not
    if (until := asked.limited.get(one.name)) and until > asked.now:
        return used_up(until)
    price = one.price_in(asked.region)
    if asked.budget is not None and price and price > asked.budget:
        return beyond_the_cap(asked.budget_until)
    return None


def shut(one: Terms, now: datetime) -> Against | None:
    """Whether its circuit is open, or it asked us to wait."""
    if until := waits_until(one.circuit, one.probe_at, now):
        return Against(f"circuit open {until_words(until)}", until=until, hold_reason=CIRCUIT_OPEN)
    if one.paused_until and one.paused_until > now:
        words = f"paused {until_words(one.paused_until)}"
        return Against(words, until=one.paused_until, hold_reason=RATE_LIMITED)
    return None


def used_up(until: datetime) -> Against:
    """Its rate limit is reached."""
    return Against(f"rate limit reached {until_words(until)}", until=until, hold_reason=RATE_LIMITED)


def beyond_the_cap(until: datetime | None) -> Against:
    """Its price is more than may still be spent today."""
    return Against("today's spend cap is reached", until=until, hold_reason=SPEND_CAP)


def until_words(moment: datetime) -> str:
    """`until 12:30 UTC`; with the seconds where there are some."""
    return f"until {moment:%H:%M:%S} UTC" if moment.second else f"until {moment:%H:%M} UTC"


def _figures(one: Terms, asked: Asked, strategy: Strategy) -> str:
    """What spoke for a provider, and against it."""
    price, left = one.price_in(asked.region), asked.left.get(one.name)
    said = [
        f"priority {one.priority}",
        f"weight {one.weight:.2f}",
        f"price {price.normalize():f} {one.currency}" if price is not None else "",
        f"success {100 * one.success:.1f} %" if one.success is not None else "",
        f"{one.mean_ms} ms" if one.mean_ms is not None else "",
        f"share {one.share} %" if strategy is Strategy.SPLIT and one.share is not None else "",
        f"{left} calls left" if left is not None else "",
        "preferred by the reader" if one.name in asked.preferred else "",
        "one call may try its circuit" if one.circuit is not Circuit.CLOSED else "",
        "after the others, its weight is low" if one.weight < LIGHT and strategy is not Strategy.BEST else "",
        "after the others, its check failed" if not one.is_healthy else "",
    ]
    return ", ".join(part for part in said if part)


def _factors(
    strategy: Strategy, asked: Asked, ranked: Sequence[Terms], skipped: Sequence[tuple[Terms, Against]]
) -> dict[str, Any]:
    """The same for programs: plain JSON values, without those that nobody knows."""
    told = {one.name: _numbers(one, asked) for one in ranked}
    told |= {one.name: {**_numbers(one, asked), "skipped": why_not.words} for one, why_not in skipped}
    return {"strategy": strategy.value, "region": asked.region, "providers": told}


def _numbers(one: Terms, asked: Asked) -> dict[str, Any]:
    price = one.price_in(asked.region)
    found = {
        "priority": one.priority,
        "healthy": one.is_healthy,
        "circuit": one.circuit.value,
        "weight": round(one.weight, 3),
        "price": None if price is None else f"{price.normalize():f}",
        "success": None if one.success is None else round(one.success, 4),
        "ms": one.mean_ms,
        "share": one.share,
        "left": asked.left.get(one.name),
    }
    return {name: value for name, value in found.items() if value is not None}
