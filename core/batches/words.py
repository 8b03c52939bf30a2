"""What the bot says of a batch on its own: that it was stopped, and that it is over. Whoever calls has set the
language."""

from collections.abc import Mapping

from core.i18n import gettext as _
from core.i18n import ngettext
from core.localized import number
from core.model import Batch, DeliveryStatus

CAUSES = 3


def alarm(batch: Batch, failed: int, tried: int, causes: Mapping[str, int]) -> str:
    """It was paused because too many fail."""
    text = _(
        "“{name}” was paused: {failed} of {tried} messages have failed. Nothing more is sent until somebody lets it go "
        "on: /batches."
    ).format(name=batch.name, failed=number(failed), tried=number(tried))
    return "\n".join([text, *cause_lines(causes)])


def summary(batch: Batch, causes: Mapping[str, int]) -> dict[str, str]:
    """It is over: the subject and text of a message."""
    tally = batch.counts
    lines = [
        ngettext("{count} person", "{count} people", batch.processed).format(count=number(batch.processed)),
        _("Sent: {count}").format(count=number(tally.accepted)),
        _("of these known to have arrived: {count}").format(count=number(tally.arrived)),
        _("Failed: {count}").format(count=number(tally.failed)),
        _("Not sent: {count}").format(count=number(tally.of(DeliveryStatus.SUPPRESSED))),
        *cause_lines(causes),
        _("/batches shows it."),
    ]
    return {"subject": _("“{name}” has gone out").format(name=batch.name), "text": "\n".join(lines)}


def cause_lines(causes: Mapping[str, int]) -> list[str]:
    """The most frequent causes by their codes, a line each: words about them speak to the reader of a message."""
    most = sorted(causes.items(), key=lambda one: (-one[1], one[0]))[:CAUSES]
    return [f"· {number(count)} × {code or _('nobody said why')}" for code, count in most]
