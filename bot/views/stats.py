"""What /stats says below its chart: at most 1,024 units, so the most wanted first."""

from collections.abc import Iterator

from bot.callbacks import StatsButton
from core.i18n import N_
from core.i18n import gettext as _
from core.localized import moment, money, number, percent, seconds
from core.model import Button, Card
from core.operations.costs import spent
from core.operations.figures import Outcome, Overview, Period, outcomes, success
from core.rendering.telegram_text import CAPTION_UNITS, clip, escape, units

TITLES = {Period.TODAY: N_("Today (UTC)"), Period.WEEK: N_("7 days (UTC)"), Period.MONTH: N_("30 days (UTC)")}
BUTTONS = {Period.TODAY: N_("Today"), Period.WEEK: N_("7 days"), Period.MONTH: N_("30 days")}


def stats_caption(overview: Overview) -> Card:
    """The figures of a period in words, and buttons for the other periods."""
    title = _(TITLES[overview.period])
    text = "\n".join(_lines(overview))
    room = CAPTION_UNITS - units(title) - 6
    told = text if units(text) <= room else clip(text, room)
    return Card(f"📊 <b>{escape(title)}</b>\n\n{escape(told)}", (_periods(overview.period),))


def _lines(overview: Overview) -> Iterator[str]:
    yield from _deliveries(overview)
    if overview.timing:
        yield _("Time to delivery: half within {median}, 95 of 100 within {p95}").format(
            median=seconds(overview.timing.median), p95=seconds(overview.timing.p95)
        )
    if costs := spent(overview.costs):
        yield _("Costs: {costs}").format(costs=" + ".join(money(costs[name], name) for name in sorted(costs)))
    if overview.oldest_due:
        yield _("Longest overdue since {time} UTC").format(time=moment(overview.oldest_due, "UTC"))
    yield ""
    yield from _people(overview)


def _deliveries(overview: Overview) -> Iterator[str]:
    total = sum(one.count for one in overview.volumes)
    if not total:
        yield _("No deliveries in this time.")
        return
    found = outcomes(overview.volumes)
    yield _("Deliveries: {count}").format(count=number(total))
    parts = (
        (Outcome.WAITING, N_("waiting {count}")),
        (Outcome.FAILED, N_("failed {count}, see /failed")),
        (Outcome.NOT_SENT, N_("not to be sent {count}")),
    )
    if told := [_(words).format(count=number(found[one])) for one, words in parts if one in found]:
        yield " · ".join(told)
    yield from _success(overview)


def _success(overview: Overview) -> Iterator[str]:
    """What arrived, and of how many that can be told at all."""
    found = success(overview.volumes)
    if found.rate is None:
        if found.untold:
            yield _("Success: not known, for no provider that was used reports arrival.")
        return
    line = _("Success: {rate} delivered or read, of {told} by providers that report it").format(
        rate=percent(found.rate), told=number(found.told)
    )
    if found.untold:
        line += " · " + _("by others {count}").format(count=number(found.untold))
    yield line


def _people(overview: Overview) -> Iterator[str]:
    counts = {name: number(count) for name, count in overview.counts.items()}
    if not counts:
        return
    yield _("People: {people}, {new_people} new, {blocked} have blocked the bot").format(**counts)
    yield _("Ideas {ideas} · versions {versions} · approved {approved} · posted {posted}").format(**counts)
    yield _("Possible duplicates: {possible_duplicates}").format(**counts)
    yield _("Updates in hand, with this one: {updates_waiting}").format(**counts)


def _periods(chosen: Period) -> tuple[Button, ...]:
    return tuple(
        Button(("• " if period is chosen else "") + _(label), data=StatsButton(period=period).pack())
        for period, label in BUTTONS.items()
    )
