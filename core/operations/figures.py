"""How it goes: deliveries, their success, their speed and their costs over a day, a week or a month. Pure but for
`FiguresDesk`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate, groupby

from core.accounts.limits import day_start
from core.errors import AppError
from core.i18n import N_
from core.model import Channel, DeliveryStatus
from core.model.figures import DayCost, Taken, Timing, Unit, Volume
from core.operations.costs import costs_since, day_end
from core.ports import Clock, Database
from core.timewords import plain, shown

STATUS = DeliveryStatus


class Period(StrEnum):
    """Over what figures are made; each ends now."""

    TODAY = "today"
    WEEK = "7d"
    MONTH = "30d"


DAYS = {Period.TODAY: 1, Period.WEEK: 7, Period.MONTH: 30}
WORDS = {
    Period.TODAY: {"", "1", "1d", "24h", "today", "day", "hoy", "dia", "aujourd'hui", "jour"},
    Period.WEEK: {"7", "7d", "7j", "week", "semana", "semaine"},
    Period.MONTH: {"30", "30d", "30j", "month", "mes", "mois"},
}


class Outcome(StrEnum):
    """What became of a delivery, as far as anybody can tell."""

    ARRIVED = "arrived"
    SENT = "sent"  # handed over; whether it arrived is not known, or not yet
    WAITING = "waiting"
    FAILED = "failed"
    NOT_SENT = "not_sent"  # it was not to be: suppressed, cancelled, too late


OUTCOMES = {
    STATUS.DELIVERED: Outcome.ARRIVED,
    STATUS.READ: Outcome.ARRIVED,
    STATUS.SENT: Outcome.SENT,
    STATUS.PENDING: Outcome.WAITING,
    STATUS.SENDING: Outcome.WAITING,
    STATUS.UNKNOWN: Outcome.WAITING,
    STATUS.FAILED: Outcome.FAILED,
    STATUS.BOUNCED: Outcome.FAILED,
    STATUS.SUPPRESSED: Outcome.NOT_SENT,
    STATUS.CANCELLED: Outcome.NOT_SENT,
    STATUS.EXPIRED: Outcome.NOT_SENT,
}
DECIDED = {Outcome.ARRIVED, Outcome.SENT, Outcome.FAILED}  # handed over, or refused


@dataclass(frozen=True, slots=True)
class Success:
    """Of `told` deliveries handed to providers that can report arrival, so many arrived; `untold` went to others."""

    arrived: int = 0
    told: int = 0
    untold: int = 0

    @property
    def rate(self) -> float | None:
        """0 to 1; None where there was nothing to arrive."""
        return self.arrived / self.told if self.told else None


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of a period, UTC. `timing` is of the whole of it; `counts` are the people's and the posts'."""

    period: Period
    since: datetime
    until: datetime
    volumes: tuple[Volume, ...] = ()
    timing: Timing | None = None
    timings: tuple[Timing, ...] = ()
    costs: tuple[DayCost, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    oldest_due: datetime | None = None

    @property
    def unit(self) -> Unit:
        """A day is cut into hours, more into days."""
        return Unit.HOUR if self.period is Period.TODAY else Unit.DAY

    @property
    def stretches(self) -> list[datetime]:
        """The beginning of every hour or day, those to come today included."""
        step = timedelta(hours=1) if self.unit is Unit.HOUR else timedelta(days=1)
        return [self.since + place * step for place in range(24 if self.unit is Unit.HOUR else DAYS[self.period])]


def parse_period(text: str) -> Period:
    """What stands behind /stats. Raises `AppError`."""
    for period, words in WORDS.items():
        if plain(text) in words:
            return period
    raise AppError(
        N_("“{text}” is no period I know. Examples: /stats, /stats 7d, /stats 30d"), {"text": shown(text)}
    )  # fmt: skip


def outcomes(volumes: Iterable[Volume]) -> dict[Outcome, int]:
    """How many came to what end, in the order of `Outcome`; what did not happen is missing."""
    found = dict.fromkeys(Outcome, 0)
    for one in volumes:
        found[OUTCOMES[one.status]] += one.count
    return {outcome: count for outcome, count in found.items() if count}


def by_channel(volumes: Iterable[Volume]) -> dict[Channel, list[Volume]]:
    """The channels that were used, in the order of `Channel`."""
    found: dict[Channel, list[Volume]] = {}
    for one in volumes:
        found.setdefault(one.channel, []).append(one)
    return {channel: found[channel] for channel in Channel if channel in found}


def success(volumes: Iterable[Volume]) -> Success:
    """Delivered or read, over what was handed to providers that can report that."""
    arrived = told = untold = 0
    for one in volumes:
        outcome = OUTCOMES[one.status]
        if outcome not in DECIDED or one.provider is None:
            continue
        if one.reports:
            told += one.count
            arrived += one.count * (outcome is Outcome.ARRIVED)
        else:
            untold += one.count
    return Success(arrived, told, untold)


def timing(taken: Iterable[Taken], start: datetime) -> Timing | None:
    """The half and 95 of 100, by the nearest rank; None of nothing."""
    times = sorted(taken, key=lambda one: one.seconds)
    count = sum(one.count for one in times)
    return Timing(start, count, _at(times, count, 50), _at(times, count, 95)) if count else None


def _at(times: Sequence[Taken], count: int, percent: int) -> float:
    rank = -(-count * percent // 100)
    reached = accumulate(one.count for one in times)
    return next(one.seconds for one, so_many in zip(times, reached, strict=True) if so_many >= rank)


def timings(taken: Iterable[Taken]) -> tuple[Timing, ...]:
    """The same for each hour or day in which there was anything; they come in order."""
    stretches = groupby(taken, key=lambda one: one.start)
    return tuple(found for start, group in stretches if (found := timing(group, start)))


@dataclass(frozen=True, slots=True)
class FiguresDesk:
    """Figures for admins. Whoever asks has been found to be one. `currency` is that of this installation."""

    database: Database
    clock: Clock
    currency: str = "USD"

    async def overview(self, period: Period) -> Overview:
        """The figures of a period."""
        now = self.clock()
        since, until = day_start(now) - timedelta(days=DAYS[period] - 1), day_end(now)
        empty = Overview(period, since, now)
        async with self.database.read() as uow:
            taken = await uow.figures.taken(since, until, empty.unit)
            return Overview(
                period,
                since,
                now,
                volumes=tuple(await uow.figures.volume(since, until, empty.unit)),
                timing=timing(taken, since),
                timings=timings(taken),
                costs=tuple(await costs_since(uow, since.date(), now, self.currency)),
                counts=await uow.operations.counts(since),
                oldest_due=await uow.delivery_log.oldest_due(now),
            )
