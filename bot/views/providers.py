"""/providers: who carries messages, how they do, what they take, and changes of that. Credentials are never shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from bot.callbacks import ProviderButton
from bot.views.pages import in_rows, page_buttons
from core.delivery.reasons import channel_name
from core.i18n import N_
from core.i18n import gettext as _
from core.localized import moment, money, number, percent
from core.model import Button, Card, Circuit, HealthMetric, Page, ProviderRow
from core.operations.provider_words import Edit, Topic
from core.operations.providers import Portrait
from core.paging import place
from core.rendering.telegram_text import bold, escape, shorten
from core.routing.book import PERIODS, Standing
from core.routing.health import waits_until

PAGE = 8  # providers of the list
LIGHT = Decimal("0.995")  # a weight below this has moved away
COUNTRIES = 12  # of a card; more are counted
TOPICS = {
    Topic.PRICE: N_("price"),
    Topic.LIMITS: N_("limits"),
    Topic.COVERAGE: N_("coverage"),
    Topic.SHARE: N_("share"),
    Topic.PRIORITY: N_("priority"),
}
EXAMPLES = (
    "price 0.0079", "price FR 0.065", "limit 60/min 1000/day", "limit none", "coverage FR, DE, ES",
    "coverage everywhere", "share 70", "priority 2", "priority default",
)  # fmt: skip
CALLS = {"minute": N_("{count} a minute"), "hour": N_("{count} an hour"), "day": N_("{count} a day")}


def list_card(everybody: Sequence[Standing], asked_for: int, now: datetime) -> Card:
    """A line for each provider, by channel; each can be opened."""
    head = f"🔌 {bold(_('Providers'))} · {number(len(everybody))}"
    if not everybody:
        return Card(f"{head}\n\n{escape(_('None is set up: EMAIL_PROVIDERS and the like name them.'))}")
    shown, pages = place(asked_for, len(everybody), PAGE)
    first = (shown - 1) * PAGE
    page = Page(tuple(everybody[first : first + PAGE]), shown, pages, len(everybody))
    lines = [f"<b>{index}.</b> {escape(_line(one, now))}" for index, one in enumerate(page.items, start=first + 1)]
    opens = [Button(str(index), data=_data("open", one.row)) for index, one in enumerate(page.items, start=first + 1)]
    turns = page_buttons(page, lambda to: ProviderButton(action="list", value=str(to)).pack())
    return Card("\n".join([head, "", *lines]), (*in_rows(opens, 4), turns))


def _line(one: Standing, now: datetime) -> str:
    icon, word = _state(one.row, now)
    parts = [f"{icon} {channel_name(one.row.provider_type)} · {one.row.provider_name}", word]
    if one.row.success_rate is not None:
        parts.append(percent(float(one.row.success_rate) / 100))
    if one.spent_today:
        parts.append(money(one.spent_today, one.currency))
    return " · ".join(parts)


def _state(row: ProviderRow, now: datetime) -> tuple[str, str]:
    """Whether it is called, as an icon and in words; what is worst first."""
    if not row.is_enabled:
        return "⚪", _("switched off")
    if until := waits_until(row.circuit_state, row.probe_at, now):
        return "🔴", _("left alone after failures until {time} UTC").format(time=f"{until:%H:%M}")
    if row.circuit_state is not Circuit.CLOSED:
        return "🟠", _("being tried again after failures")
    if row.paused_until and row.paused_until > now:
        return "🟠", _("asked us to wait until {time} UTC").format(time=f"{row.paused_until:%H:%M}")
    if not row.is_healthy:
        return "🟠", _("its check failed")
    if row.weight < LIGHT:
        return "🟡", _("recovering, weight {weight}").format(weight=f"{row.weight:.2f}")
    return "🟢", _("in use")


def provider_card(portrait: Portrait, now: datetime, timezone: str, *, note: str = "") -> Card:
    """All that is known of one provider, and what can be done about it. `note` is said first."""
    row = portrait.row
    icon, word = _state(row, now)
    head = f"🔌 {bold(row.provider_name)} · {escape(channel_name(row.provider_type))}\n{icon} {escape(word)}"
    blocks = [_health(portrait, timezone), _money(portrait), _terms(portrait)]
    text = "\n\n".join(filter(None, (escape(note), head, *(escape("\n".join(block)) for block in blocks))))
    return Card(text, _actions(portrait))


def _health(portrait: Portrait, timezone: str) -> list[str]:
    row, latest = portrait.row, portrait.standing.latest
    lines = []
    if latest:
        lines.append(_checked(latest, timezone))
        spans = (("1 h", latest.success_rate_1h), ("24 h", latest.success_rate_24h), ("7 d", latest.success_rate_7d))
        rates = " · ".join(f"{span} {_rate(rate)}" for span, rate in spans)
        lines.append(_("Calls that went well: {rates}").format(rates=rates))
    if row.latency_ms is not None:
        lines.append(_("A call takes {ms} ms").format(ms=number(row.latency_ms)))
    if performance := portrait.performance:
        rate = _rate(performance.success_rate)
        line = _("Delivered or read: {rate} of {total}, failed {failed}")
        if performance.success_rate is None:
            line = _("Handed over: {total}, failed {failed}; it does not report arrival")
        total, failed = number(performance.total_deliveries), number(performance.failed_deliveries)
        lines.append(line.format(rate=rate, total=total, failed=failed))
    return lines


def _checked(latest: HealthMetric, timezone: str) -> str:
    at = moment(latest.health_check_timestamp, timezone)
    if latest.is_healthy:
        return _("Checked {time}: well, {ms} ms").format(time=at, ms=latest.response_time_ms or 0)
    why = ": ".join(filter(None, (latest.error_code, shorten(latest.error_message or "", 80))))
    return _("Checked {time}: {why}").format(time=at, why=why)


def _rate(rate: Decimal | None) -> str:
    return "–" if rate is None else percent(float(rate) / 100)


def _money(portrait: Portrait) -> list[str]:
    """Price, and what was spent today and this month, against the cap of the channel."""
    row, standing = portrait.row, portrait.standing
    today, month = money(standing.spent_today, standing.currency), portrait.month
    parts = [_("today {amount}").format(amount=today)]
    if month:
        paid = " + ".join(money(month[name], name) for name in sorted(month))
        parts.append(_("this month {amount}").format(amount=paid))
    lines = [_("Price: {price}").format(price=price_words(row, standing.currency))]
    lines.append(_("Spent: {amounts} (UTC)").format(amounts=", ".join(parts)))
    if portrait.cap is not None:
        share = percent(float(portrait.channel_spent / portrait.cap)) if portrait.cap else "–"
        spent, cap = money(portrait.channel_spent), money(portrait.cap, standing.currency)
        lines.append(_("Cap of the channel: {spent} of {cap} today, {share}").format(spent=spent, cap=cap, share=share))
    return lines


def _terms(portrait: Portrait) -> list[str]:
    row = portrait.row
    limits = {name: getattr(row, f"rate_limit_per_{name}") for name in PERIODS}
    lines = [
        _("Priority: {priority}").format(priority=portrait.standing.priority),
        _("Limits: {limits}").format(limits=limit_words(limits)),
        _("Coverage: {countries}").format(countries=coverage_words(row.geographic_coverage)),
    ]
    if row.priority_override is not None:
        lines[0] += " " + _("(the settings say {priority})").format(priority=row.priority)
    if row.weight < LIGHT:
        lines.append(_("Weight: {weight}").format(weight=f"{row.weight:.2f}"))
    if (share := (row.configuration or {}).get("share")) is not None:
        lines.append(_("Share: {share} %").format(share=share))
    return lines


def price_words(row: ProviderRow, currency: str) -> str:
    """What a message costs, and where it costs something else."""
    general = _("not known") if row.cost_per_message is None else money(row.cost_per_message, currency)
    others = [f"{country} {money(Decimal(price))}" for country, price in sorted((row.prices or {}).items())]
    return ", ".join([general, *others])


def limit_words(limits: Mapping[str, int | None]) -> str:
    """How many calls it gets."""
    said = [_(CALLS[period]).format(count=number(count)) for period in PERIODS if (count := limits.get(period))]
    return ", ".join(said) or _("none")


def coverage_words(countries: Sequence[str] | None) -> str:
    """Where it is used."""
    if not countries:
        return _("everywhere")
    more = len(countries) - COUNTRIES
    named = ", ".join(countries[:COUNTRIES])
    return _("{countries} and {count} more").format(countries=named, count=more) if more > 0 else named


def _actions(portrait: Portrait) -> tuple[tuple[Button, ...], ...]:
    row, priority = portrait.row, portrait.standing.priority
    switch = ("off", _("⚪ Disable")) if row.is_enabled else ("on", _("🟢 Enable"))
    up = (Button(_("▲ Priority {number}").format(number=priority - 1), data=_data("ask", row, str(priority - 1))),)
    down = Button(_("▼ Priority {number}").format(number=priority + 1), data=_data("ask", row, str(priority + 1)))
    return (
        (Button(switch[1], data=_data("ask", row, switch[0])), Button(_("🩺 Probe now"), data=_data("probe", row))),
        (*(up if priority > 1 else ()), down),
        (Button(_("✏️ Price, limits, coverage"), data=_data("edit", row)),),
        (back(),),
    )


def ask_card(row: ProviderRow, priority: int, value: str) -> Card:
    """What will be changed; then Confirm or Back."""
    who = f"{row.provider_name} · {channel_name(row.provider_type)}"
    said = {
        "on": _("Use {who} again?"),
        "off": _("Use {who} no more? What it may have sent already stays with it; the others take over the rest."),
    }.get(value, _("Priority of {who}: {before} → {after}?"))
    text = said.format(who=who, before=priority, after=value)
    confirm = Button(_("✅ Confirm"), data=_data("go", row, value))
    return Card(f"🔌 {escape(text)}", ((confirm, Button(_("‹ Back"), data=_data("open", row))),))


def edit_card(row: ProviderRow) -> Card:
    """How to write a change."""
    head = f"✏️ {bold(row.provider_name)} · {escape(channel_name(row.provider_type))}"
    how = escape(_("Send me one line, such as:"))
    examples = "\n".join(f"<code>{one}</code>" for one in EXAMPLES)
    more = _("A price is for one message, of an SMS for one segment. /cancel leaves everything as it is.")
    back_to = Button(_("‹ Back"), data=_data("open", row))
    return Card(f"{head}\n\n{how}\n{examples}\n\n{escape(more)}", ((back_to,),))


def confirm_edit_card(portrait: Portrait, edit: Edit) -> Card:
    """Before and after of what was written; then Confirm or Back."""
    row = portrait.row
    was, becomes = changed(portrait, edit)
    head = f"✏️ {bold(row.provider_name)} · {escape(channel_name(row.provider_type))}"
    topic = _(TOPICS[edit.topic]) + (f" {edit.country}" if edit.country else "")
    if was == becomes:
        same = _("{topic} is {value} already.").format(topic=topic, value=was)
        return Card(f"{head}\n\n{escape(same)}", ((Button(_("‹ Back"), data=_data("open", row)),),))
    confirm = Button(_("✅ Confirm"), data=_data("save", row))
    lines = escape(f"{topic}: {was} → {becomes}")
    return Card(f"{head}\n\n{lines}", ((confirm, Button(_("‹ Back"), data=_data("open", row))),))


def changed(portrait: Portrait, edit: Edit) -> tuple[str, str]:
    """A value as it is and as it will be, in words."""
    row, currency = portrait.row, portrait.standing.currency
    if edit.topic is Topic.PRICE:
        known = (row.prices or {}).get(edit.country) if edit.country else row.cost_per_message
        return _price(None if known is None else Decimal(known), currency), _price(edit.value, currency)
    if edit.topic is Topic.LIMITS:
        return limit_words({name: getattr(row, f"rate_limit_per_{name}") for name in PERIODS}), limit_words(edit.value)
    if edit.topic is Topic.COVERAGE:
        return coverage_words(row.geographic_coverage), coverage_words(edit.value)
    before = (row.configuration or {}).get("share") if edit.topic is Topic.SHARE else portrait.standing.priority
    by_default = _("as the settings say")
    if edit.topic is Topic.PRIORITY and edit.value is None:
        by_default = str(row.priority)
    return (by_default if before is None else str(before)), (by_default if edit.value is None else str(edit.value))


def _price(price: Decimal | None, currency: str) -> str:
    return _("not known") if price is None else money(price, currency)


def probed_note(found: HealthMetric) -> str:
    """What a probe found."""
    if found.is_healthy:
        return _("✅ It answers: {ms} ms.").format(ms=found.response_time_ms or 0)
    why = ": ".join(filter(None, (found.error_code, shorten(found.error_message or "", 80))))
    return _("❌ It does not work: {why}").format(why=why)


def back() -> Button:
    """To all providers."""
    return Button(_("‹ Providers"), data=ProviderButton(action="list", value="1").pack())


def _data(action: str, row: ProviderRow, value: str = "") -> str:
    return ProviderButton(action=action, provider_id=row.id, value=value).pack()
