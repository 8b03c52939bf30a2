"""/failed and /retry: dead letters by what they died of, and what trying them again would come to."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.callbacks import FailedButton, RetryButton, RetryOneButton, WhyButton, fingerprint
from bot.views.admin_words import route_name, why_dead
from bot.views.pages import in_rows, page_buttons
from core.addresses import masked
from core.delivery.deliveries import Logged
from core.delivery.reasons import kind_name
from core.i18n import N_
from core.i18n import gettext as _
from core.localized import moment, number
from core.model import Button, Card, Page
from core.model.dead_letters import Cause, Which
from core.operations.dead_letters import Fate, Preview
from core.paging import place
from core.rendering.telegram_text import bold, escape

CAUSES = 6  # of a page
FATES = {
    Fate.AGAIN: N_("will be tried again: {count}"),
    Fate.SUPPRESSED: N_("must not be sent to that address: {count}"),
    Fate.EXPIRED: N_("too late to be sent: {count}"),
    Fate.TAKEN_OVER: N_("went by another channel: {count}"),
    Fate.STOPPED: N_("of a batch that was cancelled: {count}"),
}
NOT_AGAIN = {
    Fate.SUPPRESSED: N_("Its address must not be used, so it stays where it is. /suppressions tells why."),
    Fate.EXPIRED: N_("It is too late to send it."),
    Fate.TAKEN_OVER: N_("Its message went by another channel already; the reader would get it twice."),
    Fate.STOPPED: N_("It is of a batch that was cancelled."),
}


def causes_card(causes: Sequence[Cause], asked_for: int, timezone: str) -> Card:
    """A page of the causes, the most frequent first; each can be opened."""
    number_of, pages = place(asked_for, len(causes), CAUSES)
    page = Page(tuple(causes[(number_of - 1) * CAUSES : number_of * CAUSES]), number_of, pages, len(causes))
    head = f"💀 {bold(_('Dead letters'))} · {number(sum(cause.count for cause in causes))}"
    if not page.items:
        return Card(f"{head}\n\n{escape(_('None: no delivery has given up.'))}")
    first = (page.number - 1) * CAUSES + 1
    lines = [_cause(index, cause, timezone) for index, cause in enumerate(page.items, start=first)]
    opens = [Button(str(index), data=_to_cause(cause, 1)) for index, cause in enumerate(page.items, start=first)]
    turns = page_buttons(page, lambda to: FailedButton(action="list", page=to).pack())
    return Card("\n\n".join([head, *lines]), (*in_rows(opens, 6), turns))


def _cause(index: int, cause: Cause, timezone: str) -> str:
    newest = _("{count}, the newest {time}").format(count=number(cause.count), time=moment(cause.newest, timezone))
    about = escape(f"{route_name(cause.channel, cause.provider)}: {why_dead(cause.error_code)}")
    return f"<b>{index}.</b> {about}\n   {escape(newest)}"


def cause_card(cause: Cause, page: Page, timezone: str) -> Card:
    """The dead letters of one cause, the newest first: why each died, and trying them again. The items are `Logged`."""
    head = f"💀 {bold(route_name(cause.channel, cause.provider))} · {number(page.total)}"
    lines = [head, escape(why_dead(cause.error_code)), *(_letter(one, timezone) for one in page.items)]
    rows = [_letter_buttons(one) for one in page.items]
    ask = RetryButton(
        action="ask", code=fingerprint(cause.error_code), channel=cause.channel, provider=fingerprint(cause.provider)
    )  # fmt: skip
    label = _("🔁 Retry all {count}").format(count=number(page.total))
    turns = page_buttons(page, lambda to: _to_cause(cause, to))
    return Card("\n\n".join(lines), (*rows, (Button(label, data=ask.pack()),), turns, (_back(),)))


def _letter(one: Logged, timezone: str) -> str:
    delivery = one.delivery
    at = moment(delivery.failed_at or delivery.updated_at or delivery.created_at, timezone)
    to = masked(delivery.delivery_type, delivery.recipient)
    return f"<b>#{delivery.id}</b> {escape(f'{kind_name(one.notification.kind)} · {at} · {to}')}"


def _letter_buttons(one: Logged) -> tuple[Button, ...]:
    delivery_id = one.delivery.id
    retry = RetryOneButton(action="ask", delivery_id=delivery_id).pack()
    why = WhyButton(delivery_id=delivery_id).pack()
    return Button(f"🔎 #{delivery_id}", data=why), Button(f"🔁 #{delivery_id}", data=retry)


def preview_card(which: Which, preview: Preview, go: RetryButton) -> Card:
    """How many will be tried again, how many can't and why; then Retry or Back."""
    head = f"🔁 {bold(_('Retry these dead letters?'))}"
    lines = [head, escape(meaning(which)), escape(_fates(preview))]
    if not preview[Fate.AGAIN]:
        lines[0] = f"🔁 {bold(_('There is nothing to retry'))}"
        return Card("\n\n".join(lines), ((_back(),),))
    label = _("🔁 Retry {count}").format(count=number(preview[Fate.AGAIN]))
    return Card("\n\n".join(lines), ((Button(label, data=go.pack()),), (_back(),)))


def _fates(preview: Preview) -> str:
    told = [_(FATES[fate]).format(count=number(preview[fate])) for fate in Fate if preview[fate] or fate is Fate.AGAIN]
    return "\n".join(f"· {line}" for line in told)


def meaning(which: Which) -> str:
    """What dead letters are meant, in words."""
    parts = []
    if which.channel:
        parts.append(route_name(which.channel, which.provider))
    elif which.provider:
        parts.append(_("by {provider}").format(provider=which.provider))
    if which.error_code is not None:
        parts.append(why_dead(which.error_code))
    if which.since:
        parts.append(_("since {time} UTC").format(time=moment(which.since, "UTC")))
    return ", ".join(parts) or _("all of them")


def retrying_card(done: int, total: int) -> Card:
    """While many are being queued."""
    return Card(f"🔁 {escape(_('Retrying: {done} of {total}').format(done=number(done), total=number(total)))}")


def retried_card(preview: Preview) -> Card:
    """What came of it."""
    if not preview.total:
        return Card(escape(_("There was nothing left to retry: it is on its way already.")), ((_back(),),))
    done = _("Queued again: {count}. /stats shows how it goes.").format(count=number(preview[Fate.AGAIN]))
    left = [_(FATES[fate]).format(count=number(preview[fate])) for fate in NOT_AGAIN if preview[fate]]
    lines = [escape(done), *(escape(f"· {line}") for line in left)]
    return Card("🔁 " + "\n".join(lines), ((_back(),),))


def one_card(one: Logged, fate: Fate, timezone: str) -> Card:
    """One dead letter: Retry or Back, or why it can't be tried again."""
    delivery = one.delivery
    lines = [
        f"🔁 {bold(_('Retry delivery {number}?').format(number=delivery.id))}",
        _letter(one, timezone),
        escape(f"{route_name(delivery.delivery_type, delivery.provider_name)}: {why_dead(delivery.error_code or '')}"),
    ]
    why = Button(_("🔎 Why"), data=WhyButton(delivery_id=delivery.id).pack())
    if fate in NOT_AGAIN:
        lines.append(escape(_(NOT_AGAIN[fate])))
        return Card("\n\n".join(lines), ((why, _back()),))
    go = Button(_("🔁 Retry"), data=RetryOneButton(action="go", delivery_id=delivery.id).pack())
    return Card("\n\n".join(lines), ((go,), (why, _back())))


def one_retried_card(delivery_id: int, fate: Fate) -> Card:
    """What came of it."""
    said = _(NOT_AGAIN[fate]) if fate in NOT_AGAIN else _("Delivery {number} is on its way again.")
    why = Button(_("🔎 Why"), data=WhyButton(delivery_id=delivery_id).pack())
    return Card(f"🔁 {escape(said.format(number=delivery_id))}", ((why, _back()),))


def how_to() -> Card:
    """What /retry takes."""
    examples = ("/retry 12", "/retry all", "/retry unavailable", "/retry sms", "/retry twilio since 2h")
    text = _("Which dead letters? You will see how many there are before anything is sent. Examples:")
    return Card(f"{escape(text)}\n" + "\n".join(f"<code>{one}</code>" for one in examples), ((_back(),),))


def _to_cause(cause: Cause, page: int) -> str:
    code, provider = fingerprint(cause.error_code), fingerprint(cause.provider)
    return FailedButton(action="cause", page=page, code=code, channel=cause.channel, provider=provider).pack()


def _back() -> Button:
    return Button(_("‹ Dead letters"), data=FailedButton(action="list").pack())


def named(button: FailedButton | RetryButton, causes: Sequence[Cause]) -> Which:
    """What a button means, among the causes that there are now; a word that is not among them any more stays a
    fingerprint, which nothing has died of."""
    codes = {fingerprint(one.error_code): one.error_code for one in causes}
    providers = {fingerprint(one.provider): one.provider for one in causes}
    since, until = (getattr(button, name, 0) for name in ("since", "until"))
    return Which(
        error_code=codes.get(button.code, button.code) if button.code else None,
        channel=button.channel,
        provider=providers.get(button.provider, button.provider) if button.provider else None,
        since=datetime.fromtimestamp(since, UTC) if since else None,
        until=datetime.fromtimestamp(until, UTC) if until else None,
    )
