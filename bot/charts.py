"""The chart of /stats, as a PNG that is readable on a phone. matplotlib is imported on use: it takes a second.

Its fonts have no emoji and no Chinese: texts here are plain words. All times are UTC.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any

from core.delivery.reasons import channel_name
from core.i18n import N_
from core.i18n import gettext as _
from core.localized import money, number, percent, seconds, short_day
from core.model.figures import DayCost, Unit
from core.operations.costs import spent
from core.operations.figures import Outcome, Overview, by_channel, outcomes, success

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, DOTS = 7.2, 150  # inches, and dots in one: 1,080 pixels
INK, SOFT, GRID, PAPER = "#1f2933", "#616e7c", "#e4e7eb", "#ffffff"
LABELS = {
    Outcome.ARRIVED: N_("arrived"),
    Outcome.SENT: N_("handed over"),
    Outcome.WAITING: N_("waiting"),
    Outcome.FAILED: N_("failed"),
    Outcome.NOT_SENT: N_("not sent"),
}
COLOURS = {  # told apart also by those who see colours differently
    Outcome.ARRIVED: "#009e73",
    Outcome.SENT: "#56b4e9",
    Outcome.WAITING: "#f0c808",
    Outcome.FAILED: "#d55e00",
    Outcome.NOT_SENT: "#b8c0c8",
}
HUES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7b6d8d", "#8a9ba8")  # of providers
STYLE: dict[Any, Any] = {
    "font.size": 13, "font.family": "DejaVu Sans", "text.color": INK, "text.parse_math": False,
    "axes.edgecolor": GRID, "axes.labelcolor": SOFT, "axes.titlesize": 15, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.titlepad": 12, "axes.spines.top": False, "axes.spines.right": False,
    "axes.spines.left": False, "axes.axisbelow": True, "xtick.color": SOFT, "ytick.color": SOFT,
    "xtick.labelsize": 12, "ytick.labelsize": 12, "legend.frameon": False, "legend.fontsize": 12,
}  # fmt: skip
_one_at_a_time = Lock()  # the styles are the library's own, for the whole process
Panel = tuple[float, Callable[["Axes", Overview], None]]  # its height in inches, and what draws it


async def chart(overview: Overview) -> bytes:
    """The PNG, in the current language; drawn in a thread."""
    return await asyncio.to_thread(draw, overview)


def draw(overview: Overview) -> bytes:
    """The PNG. A panel without anything to show is left out."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = _panels(overview)
    with _one_at_a_time, rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, sum(height for height, _draw in panels)), dpi=DOTS, facecolor=PAPER)
        FigureCanvasAgg(figure)
        _lay_out(figure, panels, overview)
        picture = BytesIO()
        figure.savefig(picture, format="png")
    return picture.getvalue()


def _panels(overview: Overview) -> list[Panel]:
    panels: list[Panel] = []
    if overview.volumes:
        panels.append((1.6 + 0.36 * len(by_channel(overview.volumes)), _channels))
        panels.append((2.3, _success))
    if overview.timings:
        panels.append((2.6, _times))
    if paid := _paid(overview):
        panels.append((1.1 + 0.36 * len(_providers(paid)) if overview.unit is Unit.HOUR else 2.8, _costs))
    return panels or [(3.0, _nothing)]


def _lay_out(figure: "Figure", panels: Sequence[Panel], overview: Overview) -> None:
    grid = figure.subplots(len(panels), 1, height_ratios=[height for height, _draw in panels], squeeze=False)
    for axes, (_height, draw_panel) in zip(grid[:, 0], panels, strict=True):
        draw_panel(axes, overview)
    figure.tight_layout(h_pad=1.4, pad=1.1)


def _nothing(axes: "Axes", overview: Overview) -> None:
    axes.axis("off")
    axes.text(0.5, 0.5, _("Nothing was sent in this time."), ha="center", va="center", fontsize=16, color=SOFT)


def _channels(axes: "Axes", overview: Overview) -> None:
    """A bar for each channel, cut by outcome; beside it how many, and how many of them arrived."""
    channels = by_channel(overview.volumes)
    names = [channel_name(channel) for channel in channels]
    counts = [outcomes(volumes) for volumes in channels.values()]
    left = [0] * len(names)
    for outcome in Outcome:
        widths = [one.get(outcome, 0) for one in counts]
        if any(widths):
            axes.barh(names, widths, left=left, color=COLOURS[outcome], label=_(LABELS[outcome]), height=0.62)
            left = [start + width for start, width in zip(left, widths, strict=True)]
    for place, (total, volumes) in enumerate(zip(left, channels.values(), strict=True)):
        rate = success(volumes).rate
        words = number(total) + (f" · {percent(rate)}" if rate is not None else "")
        axes.text(total + max(left) * 0.015, place, words, va="center", fontsize=12)
    axes.set_title(_("Deliveries by channel"))
    axes.set_xlim(0, max(left) * 1.32)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=13)
    axes.spines["bottom"].set_visible(False)
    _legend(axes, columns=3, below=0.0)


def _success(axes: "Axes", overview: Overview) -> None:
    """What arrived of what could be told, over pale bars of how much there was. Where nothing could be told, no dot."""
    places = range(len(overview.stretches))
    volumes = [[one for one in overview.volumes if one.start == start] for start in overview.stretches]
    totals = [sum(one.count for one in stretch) for stretch in volumes]
    axes.bar(places, totals, color=GRID, width=0.8)
    axes.set_ylim(0, max(totals) * 1.25)
    _whole_numbers(axes)
    axes.set_title(_("Volume (bars) and success (line)"))
    rates = [success(stretch).rate for stretch in volumes]
    line = axes.twinx()
    line.plot(places, [_nan(rate) for rate in rates], color=COLOURS[Outcome.ARRIVED], marker="o", linewidth=2.5)
    line.set_ylim(0, 1.08)
    line.set_yticks([0, 0.5, 1], [percent(0), percent(0.5), percent(1)])
    line.tick_params(length=0)
    line.spines["bottom"].set_visible(False)
    _along_time(axes, overview)


def _times(axes: "Axes", overview: Overview) -> None:
    """Half of the deliveries, and 95 of 100, took no longer. Long and short times are read on the same steps."""
    by_start = {one.start: one for one in overview.timings}
    places = range(len(overview.stretches))
    found = [by_start.get(start) for start in overview.stretches]
    lines = ((_("95 of 100 within"), "p95", HUES[1]), (_("half within"), "median", HUES[0]))
    for label, name, colour in lines:
        values = [max(getattr(one, name), 0.001) if one else float("nan") for one in found]
        axes.plot(places, values, color=colour, marker="o", linewidth=2.5, label=label)
    axes.set_yscale("log")
    _room_on_steps(axes, [value for one in overview.timings for value in (one.median, one.p95)])
    axes.yaxis.set_major_formatter(lambda value, _place: seconds(value))
    axes.minorticks_off()
    axes.grid(axis="y", color=GRID)
    axes.set_title(_("Time to delivery"))
    _along_time(axes, overview)
    _legend(axes, columns=2)


def _costs(axes: "Axes", overview: Overview) -> None:
    """A bar a day, cut by provider; of one day a bar for each provider. One currency: two can't be added up."""
    paid = _paid(overview)
    axes.set_title(_("Costs, {currency}").format(currency=paid[0].currency))
    if overview.unit is Unit.HOUR:
        return _costs_of_a_day(axes, paid)
    bottom = [0.0] * len(overview.stretches)
    for colour, name in zip(_hues(), _providers(paid), strict=False):
        heights = [
            float(sum(one.total_cost for one in paid if one.provider_name == name and one.date == start.date()))
            for start in overview.stretches
        ]
        axes.bar(range(len(heights)), heights, bottom=bottom, color=colour, label=name, width=0.8)
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    axes.yaxis.set_major_formatter(lambda value, _place: money(value))
    axes.grid(axis="y", color=GRID)
    _along_time(axes, overview)
    _legend(axes, columns=4)
    return None


def _costs_of_a_day(axes: "Axes", paid: Sequence[DayCost]) -> None:
    names = _providers(paid)
    amounts = [float(sum(one.total_cost for one in paid if one.provider_name == name)) for name in names]
    axes.barh(names, amounts, color=[colour for colour, _name in zip(_hues(), names, strict=False)], height=0.62)
    for place, amount in enumerate(amounts):
        axes.text(amount + max(amounts) * 0.015, place, money(amount), va="center", fontsize=12)
    axes.set_xlim(0, max(amounts) * 1.25)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=13)
    axes.spines["bottom"].set_visible(False)


def _paid(overview: Overview) -> list[DayCost]:
    """What was paid in the currency in which most was."""
    total = spent(overview.costs)
    main = max(total, key=lambda currency: total[currency], default="")
    return [one for one in overview.costs if one.total_cost and one.currency == main]


def _providers(paid: Iterable[DayCost]) -> list[str]:
    """The dearest first."""
    total: dict[str, float] = {}
    for one in paid:
        total[one.provider_name] = total.get(one.provider_name, 0) + float(one.total_cost)
    return sorted(total, key=lambda name: -total[name])


def _hues() -> Iterable[str]:
    while True:
        yield from HUES


def _along_time(axes: "Axes", overview: Overview) -> None:
    """Few labels, so that none is turned or runs into the next."""
    starts = overview.stretches
    step = max(1, -(-len(starts) // 6))
    chosen = range(0, len(starts), step)
    hours = overview.unit is Unit.HOUR
    axes.set_xticks([*chosen], [f"{starts[place]:%H:%M}" if hours else short_day(starts[place]) for place in chosen])
    axes.set_xlim(-0.7, len(starts) - 0.3)
    axes.tick_params(length=0)


def _whole_numbers(axes: "Axes") -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: number(round(value))))


def _room_on_steps(axes: "Axes", values: Sequence[float]) -> None:
    """Steps that people think in, around what there is."""
    steps = (0.001, 0.01, 0.1, 1, 10, 60, 600, 3_600, 6 * 3_600, 86_400, 7 * 86_400)
    low, high = min(values), max(values)
    first = max((step for step in steps if step <= low), default=steps[0])
    last = min((step for step in steps if step >= high), default=high)
    last = last if last > first else first * 10
    axes.set_yticks([step for step in steps if first <= step <= last])
    axes.set_ylim(first / 1.5, last * 1.6)


def _legend(axes: "Axes", columns: int, below: float = 0.16) -> None:
    """Under the panel, where it covers nothing in any language."""
    axes.legend(
        loc="upper left", bbox_to_anchor=(-0.02, -below), ncols=columns, borderaxespad=0.2, columnspacing=1.2,
        handlelength=1.0, handletextpad=0.5,
    )  # fmt: skip


def _nan(value: float | None) -> Any:
    return float("nan") if value is None else value
