"""/why: the story of one delivery, and what is known about an address. No address is shown whole, no text at all."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.callbacks import RetryOneButton, WhyButton
from bot.views.admin_words import route_name, why_dead, why_waiting
from bot.views.pages import page_buttons
from bot.views.suppressions import scope_name
from core.accounts.rules import InForce
from core.addresses import masked
from core.delivery.attempts import FACTORS, ROUTE
from core.delivery.deliveries import Logged
from core.delivery.holds import holds_of
from core.delivery.reasons import STATUSES, channel_name, kind_name
from core.delivery.states import DEAD
from core.i18n import N_, ngettext
from core.i18n import gettext as _
from core.localized import moment, money, time_of_day
from core.model import Attempt, Button, Card, DeliveryStatus, EventType, Page, Period
from core.operations.stories import Correspondence, Story
from core.paging import place
from core.rendering.telegram_text import bold, escape, shorten, units

PAGE = 2_400  # units of a page: what a phone shows without a long way down
WORDS = 90  # units of what a provider said
CALLS = {
    "delivered": N_("taken"),
    "failed": N_("failed for good"),
    "retried": N_("failed, tried further"),
    "unknown": N_("no answer, perhaps taken"),
}
REPORTS = {
    EventType.SENT: N_("passed it on"),
    EventType.DELIVERED: N_("says it arrived"),
    EventType.DEFERRED: N_("says it is delayed"),
    EventType.BOUNCED: N_("says it came back"),
    EventType.FAILED: N_("says it failed"),
    EventType.OPENED: N_("says it was opened"),
    EventType.READ: N_("says it was read"),
    EventType.COMPLAINED: N_("says it was marked as spam"),
    EventType.UNSUBSCRIBED: N_("says the reader unsubscribed"),
}
SETTLED = {
    "event": N_("the provider reported it"),
    "status": N_("the provider was asked"),
    "resend": N_("it was sent again"),
    "late_answer": N_("the lost answer came after all"),
    "gave_up": N_("nobody could tell"),
}
PERIODS = {Period.HOURLY: N_("an hour"), Period.DAILY: N_("a day"), Period.WEEKLY: N_("a week")}


def story_card(story: Story, page: int, timezone: str) -> Card:
    """A page of a delivery's story: how it stands, why, and everything that happened to it, in order."""
    delivery = story.delivery
    icon, word = STATUSES[delivery.status]
    head = f"🔎 {bold(_('Delivery {number}').format(number=delivery.id))} · {icon} {escape(_(word))}"
    parts = _pages([_summary(story, timezone), *_timeline(story, timezone), *_route(story), *_facts(story)])
    number, pages = place(page, len(parts), 1)
    turns = page_buttons(Page((), number, pages, pages), lambda to: WhyButton(delivery_id=delivery.id, page=to).pack())
    return Card(f"{head}\n{parts[number - 1]}", (turns, *_ways(story)))


def _pages(lines: Sequence[str]) -> list[str]:
    """Lines of HTML together, as many as a page holds."""
    pages = [""]
    for line in lines:
        if pages[-1] and units(pages[-1]) + units(line) > PAGE:
            pages.append("")
        pages[-1] += line + "\n"
    return [page.strip("\n") for page in pages]


def _summary(story: Story, timezone: str) -> str:
    delivery, about = story.delivery, story.notification
    where = (channel_name(delivery.delivery_type), masked(delivery.delivery_type, delivery.recipient))
    lines = [_("{what} by {channel}").format(what=kind_name(about.kind), channel=" ".join(filter(None, where)))]
    if story.account:
        user = story.account.user
        lines[0] += " · " + (f"@{user.username}" if user.username else user.public_id)
    if delivery.status in DEAD:
        lines.append(why_dead(delivery.error_code or delivery.status.value))
    if delivery.status is DeliveryStatus.PENDING:
        lines.append(_("Due {time}").format(time=moment(delivery.scheduled_at, timezone)))
        if delivery.hold_reason:
            lines[-1] += ": " + why_waiting(delivery.hold_reason)
    if story.barred and story.barred != delivery.error_code:
        lines.append(_("Its address must not be used now: {why}").format(why=why_dead(story.barred)))
    return escape("\n".join(lines))


def _timeline(story: Story, timezone: str) -> Iterator[str]:
    """Everything that has a time, in order; a day is named where it begins."""
    yield f"\n<b>{escape(_('What happened'))}</b>"
    day = ""
    for at, line in sorted(_happenings(story, timezone), key=lambda one: one[0]):
        today = moment(at, timezone).rpartition(",")[0]
        if today != day:
            day = today
            yield f"<i>{escape(day)}</i>"
        yield f"{time_of_day(at, timezone)} {escape(line)}"


def _happenings(story: Story, timezone: str) -> Iterator[tuple[datetime, str]]:
    delivery, about = story.delivery, story.notification
    yield about.created_at, _made(story)
    for held in holds_of(delivery):
        until = moment(held.until, timezone)
        yield held.since, _("held until {time}: {why}").format(time=until, why=why_waiting(held.reason))
    for attempt in story.attempts:
        yield attempt.created_at, _attempt(attempt)
    for replacement in story.replaced_by:
        by = channel_name(replacement.delivery_type)
        line = _("{channel} takes over: delivery {number}").format(channel=by, number=replacement.id)
        yield replacement.created_at, line


def _made(story: Story) -> str:
    """By what, and on whose wish."""
    made = _("made for {key}").format(key=shorten(story.notification.key, 60))
    if story.notification.interactive:
        made += ", " + _("asked for just then")
    if story.delivery.batch_id:
        made += ", " + _("of batch {number}").format(number=story.delivery.batch_id)
    return made


def _attempt(attempt: Attempt) -> str:
    """A call, a provider's report, or what we noted ourselves."""
    provider = attempt.provider_name or ""
    if attempt.duration_ms is not None:
        said = f"{attempt.attempt or ''}. {provider}: {_(CALLS.get(attempt.status, attempt.status))}".lstrip(". ")
        said += f", {attempt.duration_ms} ms"
    elif provider and attempt.status in set(EventType):
        said = f"{provider} {_(REPORTS[EventType(attempt.status)])}"
    elif attempt.error_message == "by hand":
        return _("tried again by hand")
    else:
        said = ": ".join(filter(None, (provider, _(CALLS.get(attempt.status, attempt.status)))))
    if attempt.error_code:
        said += f" · {attempt.error_code}"
    if attempt.error_message:
        said += f" · {shorten(attempt.error_message, WORDS)}"
    return said


def _route(story: Story) -> Iterator[str]:
    """The providers in the order in which they were to be asked, and every figure that decided."""
    metadata = story.delivery.delivery_metadata
    reasons = metadata.get(ROUTE, ())
    if not reasons:
        return
    factors = metadata.get(FACTORS) or {}
    how = ", ".join(str(factors[name]) for name in ("strategy", "region") if factors.get(name))
    yield f"\n<b>{escape(_('Route'))}</b>" + (f" ({escape(how)})" if how else "")
    for reason in reasons:
        yield f"· {escape(str(reason))}"


def _facts(story: Story) -> Iterator[str]:
    """Its rules, its price, its chain: what has no time."""
    delivery, lines = story.delivery, list[str]()
    if story.rules:
        lines.append(_("Rules of the reader now: {rules}").format(rules=_rules(story.rules)))
    if delivery.replaces_id:
        lines.append(_("In place of delivery {number}").format(number=delivery.replaces_id))
    if delivery.resolved_by:
        settled = _(SETTLED.get(delivery.resolved_by, delivery.resolved_by))
        lines.append(_("Whether it was sent was not known; how that was settled: {how}").format(how=settled))
    if delivery.cost_per_message is not None:
        cost = money(delivery.cost_per_message, delivery.currency or "")
        lines.append(_("Cost: {cost}").format(cost=cost))
    if delivery.segments:
        parts = ngettext("{count} segment", "{count} segments", delivery.segments)
        lines.append(parts.format(count=delivery.segments))
    if delivery.geographic_region:
        lines.append(_("Country: {country}").format(country=delivery.geographic_region))
    if delivery.possible_duplicates:
        count = delivery.possible_duplicates
        lines.append(_("Possible duplicates: {possible_duplicates}").format(possible_duplicates=count))
    if lines:
        yield f"\n<b>{escape(_('And'))}</b>"
        yield from (escape(line) for line in lines)


def _rules(rules: InForce) -> str:
    said = [_("on") if rules.is_enabled else _("off")]
    if rules.cap:
        said.append(_("at most {count} {period}").format(count=rules.cap.limit, period=_(PERIODS[rules.cap.period])))
    if rules.quiet:
        hours = f"{rules.quiet.start:%H:%M}–{rules.quiet.end:%H:%M}"
        said.append(_("quiet {hours} {timezone}").format(hours=hours, timezone=rules.timezone))
    if rules.preferred:
        said.append(_("prefers {providers}").format(providers=", ".join(rules.preferred)))
    if rules.blocked:
        said.append(_("blocks {providers}").format(providers=", ".join(sorted(rules.blocked))))
    return ", ".join(said)


def _ways(story: Story) -> Iterator[tuple[Button, ...]]:
    """Along the chain, and trying it again."""
    chain = []
    if story.delivery.replaces_id:
        chain.append(_to(f"‹ #{story.delivery.replaces_id}", story.delivery.replaces_id))
    chain += [_to(f"#{one.id} ›", one.id) for one in story.replaced_by[:2]]
    yield tuple(chain)
    if story.delivery.status in DEAD:
        data = RetryOneButton(action="ask", delivery_id=story.delivery.id).pack()
        yield (Button(_("🔁 Retry"), data=data),)


def correspondence_card(found: Correspondence, timezone: str) -> Card:
    """What is suppressed of an address or a person, and the newest deliveries, each with its story behind a button."""
    lines = [f"🔎 {bold(found.label)}", *_barred(found, timezone)]
    lines += [_listed(one, timezone) for one in found.latest]
    if not found.latest:
        lines.append(escape(_("Nothing was sent there, as far as is kept.")))
    buttons = [_to(f"🔎 #{one.delivery.id}", one.delivery.id) for one in found.latest]
    return Card("\n\n".join(lines), tuple(tuple(buttons[start : start + 3]) for start in range(0, len(buttons), 3)))


def _barred(found: Correspondence, timezone: str) -> Iterator[str]:
    if found.suppressed.blocked_at:
        at = moment(found.suppressed.blocked_at, timezone)
        yield escape(_("Has blocked the bot since {time}.").format(time=at))
    for one in found.suppressed.barred:
        row = one.suppression
        line = _("Suppressed for {channel}, {scope}: {why}").format(
            channel=channel_name(row.channel), scope=scope_name(row.scope), why=why_dead(row.reason)
        )
        yield f"🚫 {escape(line)}"


def _listed(one: Logged, timezone: str) -> str:
    delivery = one.delivery
    icon, word = STATUSES[delivery.status]
    at = moment(delivery.created_at, timezone)
    by = route_name(delivery.delivery_type, delivery.provider_name)
    return f"<b>#{delivery.id}</b> {escape(f'{kind_name(one.notification.kind)} · {at} · {by} · {icon} {_(word)}')}"


def _to(label: str, delivery_id: int) -> Button:
    return Button(label, data=WhyButton(delivery_id=delivery_id).pack())
