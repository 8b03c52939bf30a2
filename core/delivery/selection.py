"""Which providers may carry a delivery, in which order, and why. Pure.

One strategy so far: `priority`, the smallest number first. The reasons are kept with the delivery and shown by `/why`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provider of the delivery's channel and its priority, 1 first."""

    name: str
    priority: int = 1


@dataclass(frozen=True, slots=True)
class Route:
    """The ordered providers for one delivery, and a sentence for every candidate."""

    order: tuple[Candidate, ...]
    reasons: tuple[str, ...]


def route(
    candidates: Sequence[Candidate], *, pinned: str | None = None, why_pinned: str = "", blocked: Collection[str] = ()
) -> Route:
    """Order the candidates. Only a `pinned` provider is left where one is named; `blocked` ones are passed over."""
    order: list[Candidate] = []
    reasons: list[str] = []
    for candidate in sorted(candidates, key=lambda one: (one.priority, one.name)):
        against = _against(candidate, pinned, why_pinned, blocked)
        if against is None:
            order.append(candidate)
        reasons.append(f"{candidate.name}: {against or f'priority {candidate.priority}'}")
    if pinned and pinned not in {candidate.name for candidate in candidates}:
        reasons.append(f"{pinned}: asked for, but not set up")
    return Route(tuple(order), tuple(reasons) or ("no provider is set up for this channel",))


def _against(candidate: Candidate, pinned: str | None, why_pinned: str, blocked: Collection[str]) -> str | None:
    if pinned and candidate.name != pinned:
        return f"skipped, {why_pinned or 'pinned to'} {pinned}"
    return "skipped, blocked" if candidate.name in blocked else None
